"""Events of the staff: list, form, copy, rhythm, move, cancel; the list of an event and its attendance; the screen."""

from __future__ import annotations

import asyncio
import io
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import segno
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Html, Staff, day_of, form_of, number_of, page_of, render, to
from admin.uploads import read_upload
from bot.errors import NotFound, UserError
from bot.models import ActivityForm, EventKind, EventLevel, EventRule, EventState
from bot.services import audit
from bot.services.access import Right
from bot.services.events import after, attending, keeping, lists, log_files, logs, reports, teams
from bot.services.events.keeping import EventDraft
from bot.services.events.quiz import rule_words
from bot.services.importing import MAX_BYTES

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NAMES = 300
"""Lines of a list of names taken at a time."""

TEMPLATES: dict[str, dict[str, object]] = {
    "webinar": {"kind": EventKind.webinar, "form": ActivityForm.distance, "minutes": 90, "rule": EventRule.code},
    "seminar": {"kind": EventKind.seminar, "form": ActivityForm.in_person, "minutes": 180, "rule": EventRule.sheet},
    "young": {"kind": EventKind.young_school, "form": ActivityForm.mixed, "minutes": 120, "rule": EventRule.any},
    "forum": {"kind": EventKind.forum, "form": ActivityForm.in_person, "minutes": 420, "rule": EventRule.any},
}
"""What a new event begins with."""


async def listing(request: Request, staff: Staff) -> Response:
    """What is ahead, or what was."""
    asked = request.query_params
    state = asked.get("state", "")
    query = asked.get("q", "").replace("\x00", "")[:100].strip()
    past = asked.get("past") == "yes"
    number = page_of(request)
    async with request.app.state.db.read() as session:
        lines, total = await keeping.page(
            session,
            staff.scope,
            query=query,
            state=EventState(state) if state in set(EventState) else None,
            past=past,
            number=number,
            now=staff.now,
        )
    return render(
        request,
        "events.html",
        staff,
        lines=lines,
        total=total,
        page=number,
        first=number * keeping.SIZE + 1,
        last=number * keeping.SIZE + len(lines),
        has_next=(number + 1) * keeping.SIZE < total,
        asked={"q": query, "state": state, "past": "yes" if past else ""},
        states=[one.value for one in EventState],
        templates=list(TEMPLATES),
    )


async def card(request: Request, staff: Staff) -> Response:
    """One event: its life, its three numbers, its list."""
    number: int = request.path_params["id"]
    async with request.app.state.db.read() as session:
        row = await keeping.row(session, staff.scope, number)
        people = await lists.people(session, staff.scope, number, today=staff.today)
        written, done = await after.progress(session, number)
        doubts = await logs.doubts(session, staff.scope, number) if staff.scope.may(Right.events_mark) else []
        waiting = await logs.waiting(session, number) if doubts else 0
        gathered = await teams.of_event(session, staff.scope, number, today=staff.today) if row.draft.team_from else []
    unknown = request.query_params.get("unknown", "")[:500]
    rule = rule_words(staff.t, row.draft.rule, row.draft.log_share, quiz=row.quiz is not None, staff=True)
    took = [number_of(one) for one in request.query_params.get("took", "").split("-")]
    return render(
        request, "event.html", staff, row=row, rule=rule, people=people, teams=gathered,
        state_words=reports.state_words,
        written=written, done=done, unknown=unknown, doubts=doubts, most=lists.LISTED, waiting=waiting,
        took=took if len(took) == 3 and None not in took else None,
    )  # fmt: skip


async def form(request: Request, staff: Staff) -> Response:
    """A new event from a template, or one to be changed."""
    number: int | None = request.path_params.get("id")
    async with request.app.state.db.read() as session:
        groups, subjects, positions = await keeping.choices(session)
        draft = await keeping.draft_of(session, number) if number is not None else None
    if draft is None:
        draft = _begin(staff, request.query_params.get("template", "webinar"))
    zone = ZoneInfo(draft.zone)
    return render(
        request, "event-form.html", staff, draft=draft, number=number, groups=groups, subjects=subjects,
        positions=positions, kinds=[one.value for one in EventKind], levels=[one.value for one in EventLevel],
        forms=[one.value for one in ActivityForm], rules=[one.value for one in EventRule],
        local=lambda moment: moment.astimezone(zone) if moment else None,
    )  # fmt: skip


async def save(request: Request, staff: Staff) -> Response:
    """What the form holds."""
    number: int | None = request.path_params.get("id")
    async with request.form(max_files=0, max_fields=300) as raw:
        fields = {name: str(value).strip() for name, value in raw.items()}
        several = {name: tuple(map(str, raw.getlist(name))) for name in ("groups", "subjects", "positions")}
    draft = _draft(staff, fields, several)
    async with request.app.state.db.begin() as session:
        saved = await keeping.save(session, staff.scope, draft, event_id=number, now=staff.now)
    return to(request, f"/events/{saved}", done="event")


async def act(request: Request, staff: Staff) -> Response:
    """One step of an event's life: state, move, cancel, copy, rhythm, certificates."""
    number: int = request.path_params["id"]
    what: str = request.path_params["what"]
    fields = await form_of(request)
    goal = number
    async with request.app.state.db.begin() as session:
        match what:
            case "state":
                if fields.get("state") not in set(EventState):
                    raise UserError("error-stale")
                await keeping.to_state(session, staff.scope, number, EventState(fields["state"]), now=staff.now)
            case "move":
                row = await keeping.row(session, staff.scope, number)
                starts = _moment(staff, fields, "day", "time")
                ends = starts + (row.line.ends_at - row.line.starts_at)
                await keeping.move(session, staff.scope, number, starts_at=starts, ends_at=ends, now=staff.now)
            case "cancel":
                await keeping.cancel(session, staff.scope, number, reason=fields.get("reason", ""), now=staff.now)
            case "copy":
                starts = _moment(staff, fields, "day", "time")
                goal = await keeping.copy(session, staff.scope, number, starts_at=starts, now=staff.now)
            case "repeat":
                until = day_of(fields.get("until", ""))
                if until is None:
                    raise UserError("catalogue-wrong-day", value=fields.get("until", "")[:40])
                await keeping.repeat(
                    session, staff.scope, number, rule=fields.get("rule", "")[:200], until=until, now=staff.now
                )
            case "responsible":
                person = await _one_by_name(session, staff, fields)
                await keeping.entrust(session, staff.scope, number, person, now=staff.now)
            case "certificates":
                await after.wish_certificates(session, staff.scope, number, now=staff.now)
            case _:
                raise NotFound()
    return to(request, f"/events/{goal}", done=f"event-{what}")


async def enrol(request: Request, staff: Staff) -> Response:
    """A list of names: each is proposed the event, and answers herself."""
    number: int = request.path_params["id"]
    names = (await form_of(request)).get("names", "").splitlines()[:NAMES]
    async with request.app.state.db.begin() as session:
        ids, unknown = await lists.by_names(session, staff.scope, names, today=staff.today)
        await lists.enrol(session, staff.scope, number, ids, now=staff.now)
    return to(request, f"/events/{number}", done="event-enrol", unknown="; ".join(unknown)[:500])


async def seat(request: Request, staff: Staff) -> Response:
    """A seat out of turn for one teacher, with a reason everybody may read; she answers herself."""
    number: int = request.path_params["id"]
    fields = await form_of(request)
    async with request.app.state.db.begin() as session:
        person = await _one_by_name(session, staff, fields)
        await lists.out_of_turn(session, staff.scope, number, person, reason=fields.get("reason", ""), now=staff.now)
    return to(request, f"/events/{number}", done="event-enrol")


async def mark(request: Request, staff: Staff) -> Response:
    """Attendance of chosen people: by the sheet, by hand with a reason, a doubtful one accepted, a wrong one taken."""
    number: int = request.path_params["id"]
    async with request.form(max_files=0, max_fields=500) as raw:
        ids = [one for one in (number_of(str(value)) for value in raw.getlist("person")) if one is not None]
        how, reason = str(raw.get("how", "")), str(raw.get("reason", ""))[:500]
    async with request.app.state.db.begin() as session:
        reached = {line.person_id for line in await lists.people(session, staff.scope, number, today=staff.today)}
        ids = [one for one in ids if one in reached]
        match how:
            case "sheet":
                await attending.mark_by_sheet(session, staff.scope, number, ids, now=staff.now)
            case "manual":
                await attending.mark_by_hand(session, staff.scope, number, ids, reason=reason, now=staff.now)
            case "accept":
                for person_id in ids:
                    await attending.accept_doubtful(session, staff.scope, number, person_id, now=staff.now)
            case "void":
                for person_id in ids:
                    await attending.take_back(session, staff.scope, number, person_id, reason=reason, now=staff.now)
            case "revoke":
                for person_id in ids:
                    await after.revoke(session, staff.scope, number, person_id, reason=reason, now=staff.now)
            case "again":
                for person_id in ids:
                    await after.issue_again(session, staff.scope, number, person_id, now=staff.now)
            case _:
                raise UserError("error-stale")
    return to(request, f"/events/{number}", done="event-marked")


async def log(request: Request, staff: Staff) -> Response:
    """The log of the platform, pasted; or the word of a person about one of its lines."""
    number: int = request.path_params["id"]
    fields = await form_of(request)
    row = number_of(fields.get("row"))
    async with request.app.state.db.begin() as session:
        if row is None:
            taken = await logs.take(session, staff.scope, number, fields.get("log", "")[:500_000], now=staff.now)
            return _taken(request, number, taken)
        person = number_of(fields.get("person"), least=1)
        if fields.get("name", "").strip():
            person = await _one_by_name(session, staff, fields)
        await logs.settle(session, staff.scope, number, row, person, now=staff.now)
    return to(request, f"/events/{number}", done="event-marked")


async def log_file(request: Request, staff: Staff) -> Response:
    """The log of the platform as a file: read, matched, never kept."""
    number: int = request.path_params["id"]
    upload = await read_upload(request, most=MAX_BYTES)
    found = await asyncio.to_thread(log_files.read, upload.content, upload.name)
    async with request.app.state.db.begin() as session:
        taken = await logs.take_lines(
            session, staff.scope, number, found.lines, unread=len(found.unread), now=staff.now
        )
    return _taken(request, number, taken)


def _taken(request: Request, number: int, taken: logs.Taken) -> Response:
    took = f"{taken.marked}-{taken.waiting}-{taken.unread}"
    return to(request, f"/events/{number}", done="event-marked", took=took)


async def screen(request: Request, staff: Staff) -> Response:
    """The presenter's page: the word that changes, the picture, the live count."""
    number: int = request.path_params["id"]
    async with request.app.state.db.read() as session:
        stage = await attending.stage(session, staff.scope, number, now=staff.now)
    link = f"{request.app.state.settings.public_url}/?start=here_{number}_{stage.ticket}"
    out = io.BytesIO()
    segno.make(link, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=0, dark="#000"
    )
    local = staff.now.astimezone(ZoneInfo(stage.zone))
    return render(
        request,
        "event-screen.html",
        staff,
        stage=stage,
        code=Html(out.getvalue().decode()),
        clock=f"{local:%H:%M}",
        over=max(round((stage.ends_at - staff.now).total_seconds() / 60), 0),
        minutes=f"{stage.left // 60}:{stage.left % 60:02d}",
        share=round(100 * stage.left / 300),
    )


async def screen_act(request: Request, staff: Staff) -> Response:
    """Another word, or no more words."""
    number: int = request.path_params["id"]
    what = (await form_of(request)).get("what", "")
    async with request.app.state.db.begin() as session:
        if what == "word":
            await attending.change_word(session, staff.scope, number, now=staff.now)
        else:
            await attending.close_marking(session, staff.scope, number, again=what == "open", now=staff.now)
    return to(request, f"/events/{number}/screen")


async def paper(request: Request, staff: Staff) -> Response:
    """The report (DOCX), the list (XLSX), the sheet for signatures (DOCX)."""
    number: int = request.path_params["id"]
    kind: str = request.path_params["kind"]
    async with request.app.state.db.read() as session:
        report = await reports.collect(session, staff.scope, number, today=staff.today)
    async with request.app.state.db.begin() as session:
        audit.changed(session, staff.scope, "event", number, f"exported-{kind}", now=staff.now)
    made = now_of(staff)
    match kind:
        case "report.docx":
            content, media = await asyncio.to_thread(reports.docx, staff.t, report, made), DOCX
        case "sheet.docx":
            content, media = await asyncio.to_thread(reports.sheet, staff.t, report), DOCX
        case "list.xlsx":
            content, media = await asyncio.to_thread(reports.xlsx, staff.t, report), XLSX
        case _:
            raise NotFound()
    name = f"event-{number}-{kind}"
    return Response(content, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def now_of(staff: Staff) -> datetime:
    """The moment on the region's clock."""
    return staff.now.astimezone(staff.zone)


def _begin(staff: Staff, template: str) -> EventDraft:
    given = TEMPLATES.get(template, TEMPLATES["webinar"])
    starts = datetime.combine(staff.today + timedelta(days=14), time(15), tzinfo=staff.zone)
    minutes = int(str(given["minutes"]))
    kind, way, rule = given["kind"], given["form"], given["rule"]
    assert isinstance(kind, EventKind)
    assert isinstance(way, ActivityForm)
    assert isinstance(rule, EventRule)
    return EventDraft(
        title="",
        kind=kind,
        starts_at=starts,
        ends_at=starts + timedelta(minutes=minutes),
        zone=str(staff.zone),
        hours=minutes / 60,
        form=way,
        rule=rule,
        young_only=template == "young",
    )


async def _one_by_name(session: AsyncSession, staff: Staff, fields: dict[str, str]) -> int:
    """Whose full name was typed. UserError when it is nobody's within reach, or several people's."""
    typed = fields.get("name", "").strip()[:200]
    ids, _ = await lists.by_names(session, staff.scope, [typed], today=staff.today)
    if not ids:
        raise UserError("events-log-nobody", name=typed)
    return ids[0]


def _moment(staff: Staff, fields: dict[str, str], day: str, clock: str) -> datetime:
    when = _maybe(staff, fields, day, clock)
    if when is None:
        raise UserError("catalogue-wrong-day", value="—")
    return when


def _maybe(staff: Staff, fields: dict[str, str], day: str, clock: str) -> datetime | None:
    if not fields.get(day):
        return None
    on: date | None = day_of(fields[day])
    try:
        at = time.fromisoformat(fields.get(clock) or "00:00")
    except ValueError:
        raise UserError("catalogue-wrong-day", value=fields[clock][:40]) from None
    if on is None:
        raise UserError("catalogue-wrong-day", value=fields[day][:40])
    return datetime.combine(on, at.replace(tzinfo=None), tzinfo=staff.zone)


def _day(fields: dict[str, str], name: str) -> date | None:
    text = fields.get(name, "")
    day: date | None = day_of(text)
    if text and day is None:
        raise UserError("catalogue-wrong-day", value=text[:40])
    return day


def _draft(staff: Staff, fields: dict[str, str], several: dict[str, tuple[str, ...]]) -> EventDraft:
    def number(name: str) -> int | None:
        value = fields.get(name, "")
        if value and number_of(value, most=10**6) is None:
            raise UserError("catalogue-wrong-number", value=value[:40])
        return number_of(value)

    kinds = (("kind", EventKind), ("form", ActivityForm), ("level", EventLevel), ("rule", EventRule))
    if any(fields.get(name, "") not in set(choices) for name, choices in kinds):
        raise UserError("error-stale")
    starts = _moment(staff, fields, "day", "time")
    minutes = number("minutes") or 0
    try:
        hours = float(fields.get("hours", "").replace(",", ".") or minutes / 60)
    except ValueError:
        raise UserError("events-wrong-hours") from None
    return EventDraft(
        title=" ".join(fields.get("title", "").split()),
        kind=EventKind(fields["kind"]),
        starts_at=starts,
        ends_at=starts + timedelta(minutes=minutes),
        zone=str(staff.zone),
        hours=hours,
        form=ActivityForm(fields["form"]),
        level=EventLevel(fields["level"]),
        code=fields.get("code", "")[:64] or None,
        place=fields.get("place", "")[:255],
        link=fields.get("link", "")[:500],
        organiser=fields.get("organiser", "")[:255],
        speakers=fields.get("speakers", "")[:255],
        about=fields.get("about", "")[:2000],
        bring=fields.get("bring", "")[:255],
        positions=several["positions"],
        subjects=several["subjects"],
        groups=several["groups"],
        young_only=bool(fields.get("young_only")),
        managers_only=bool(fields.get("managers_only")),
        tags=tuple(tag.strip()[:40] for tag in fields.get("tags", "").split(",") if tag.strip())[:8],
        seats=number("seats"),
        team_from=number("team_from"),
        team_to=number("team_to"),
        reserved=number("reserved") or 0,
        release_on=_day(fields, "release_on"),
        hold_hours=number("hold_hours") or 12,
        cancel_hours=number("cancel_hours"),
        opens_at=_maybe(staff, fields, "opens_day", "opens_time"),
        closes_at=_maybe(staff, fields, "closes_day", "closes_time"),
        rule=EventRule(fields["rule"]),
        log_share=number("log_share") or 70,
        materials=fields.get("materials", "")[:500],
        recording=fields.get("recording", "")[:500],
        gives_certificate=bool(fields.get("gives_certificate")),
        order_no=fields.get("order_no", "")[:64],
        order_date=_day(fields, "order_date"),
        project=fields.get("project", "")[:255],
    )


ROUTES = [
    Route("/events", for_staff(listing, Right.events_see), methods=["GET"]),
    Route("/events/new", for_staff(form, Right.events_edit), methods=["GET"]),
    Route("/events/new", for_staff(save, Right.events_edit), methods=["POST"]),
    Route("/events/{id:int}", for_staff(card, Right.events_see), methods=["GET"]),
    Route("/events/{id:int}/edit", for_staff(form, Right.events_edit), methods=["GET"]),
    Route("/events/{id:int}/edit", for_staff(save, Right.events_edit), methods=["POST"]),
    Route("/events/{id:int}/enrol", for_staff(enrol, Right.events_enrol), methods=["POST"]),
    Route("/events/{id:int}/seat", for_staff(seat, Right.events_edit), methods=["POST"]),
    Route("/events/{id:int}/mark", for_staff(mark, Right.events_mark), methods=["POST"]),
    Route("/events/{id:int}/log", for_staff(log, Right.events_mark), methods=["POST"]),
    Route("/events/{id:int}/log/file", for_staff(log_file, Right.events_mark), methods=["POST"]),
    Route("/events/{id:int}/screen", for_staff(screen, Right.events_mark), methods=["GET"]),
    Route("/events/{id:int}/screen", for_staff(screen_act, Right.events_mark), methods=["POST"]),
    Route("/events/{id:int}/papers/{kind}", for_staff(paper, Right.events_see), methods=["GET"]),
    Route("/events/{id:int}/{what}", for_staff(act, Right.events_edit), methods=["POST"]),
]
