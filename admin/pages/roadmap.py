"""The roadmap: quarter, table and calendar of measures, the card, evidence that waits, who is told what, the report."""

from __future__ import annotations

import asyncio
import calendar
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, day_of, form_of, number_of, render, to
from bot.errors import NotAllowed, NotFound, UserError
from bot.models import MeasurePart, OccurrenceState
from bot.rules.roadmap_registers import Register
from bot.rules.roadmap_results import KINDS
from bot.screens import roadmap as screens
from bot.services import audit, files, roadmap
from bot.services.access import Right
from bot.services.roadmap import cards, checking, doing, editing, looking, papers, people, reminding, report, snapshots
from bot.services.roadmap.doing import Handed
from bot.services.roadmap.looking import Day, Filters, Heading, Line, Standing

VIEWS = ("quarter", "table", "calendar", "formats")
SIZE = 20
UPLOAD = 20 * 2**20


@dataclass(frozen=True, slots=True)
class Mark:
    """A bar or a dot of the quarter strip, in per cent of its width."""

    x: float
    width: float
    css: str


async def listing(request: Request, staff: Staff) -> Response:
    """Measures of one roadmap within the scope: the quarter, all of them, or the days of a month."""
    query = request.query_params
    view = query.get("view", "") if query.get("view", "") in VIEWS else "quarter"
    standing = query.get("state", "")
    async with request.app.state.db.read() as session:
        known = await looking.roadmaps(session, staff.scope, today=staff.today)
        chosen = _chosen(known, number_of(query.get("roadmap")))
        filters = Filters(
            chosen.id if chosen else None, number_of(query.get("section")), number_of(query.get("body")),
            query=query.get("q", "")[:100],
        )  # fmt: skip
        everything = await looking.lines(session, staff.scope, filters, today=staff.today) if chosen else []
        sections = await looking.sections(session, chosen.id) if chosen else []
        bodies = await looking.bodies(session, staff.scope, today=staff.today)
        formats = await looking.formats(session, chosen.id) if chosen and view == "formats" else []
        _, waiting = await checking.queue(session, staff.scope, size=1)
        transfers = len(await checking.transfers(session, staff.scope))
    counts = Counter(line.standing for line in everything)
    shown = [line for line in everything if not standing or line.standing.value == standing]
    first, last = _quarter(staff.today)
    month = _month(query.get("month", ""), staff.today)
    if view == "quarter" and not standing:
        shown = [line for line in shown if _in(line, first, last, staff.today)]
    asked = {
        "roadmap": query.get("roadmap"), "section": filters.section, "body": filters.body, "q": filters.query,
    }  # fmt: skip
    return render(
        request, "roadmap.html", staff, known=known, chosen=chosen, lines=shown, total=len(everything), counts=counts,
        standings=list(Standing), state=standing, view=view, views=VIEWS, filters=filters, sections=sections,
        bodies=bodies, asked=asked, waiting=waiting, transfers=transfers, first=first,
        months=[first.month, first.month + 1, first.month + 2], today_at=_share(staff.today, first, last),
        strip=lambda line: _strip(line, first, last, staff.today), month=month, before=_shift(month, -1),
        after=_shift(month, 1), agenda=_agenda(everything, month) if view == "calendar" else [],
        css=_css, quarter=(first.month + 2) // 3, formats=formats, by_code={line.code: line for line in everything},
    )  # fmt: skip


async def card(request: Request, staff: Staff) -> Response:
    """One measure: the quote, the reading, days, evidence, history; a phrase is tried before it is put."""
    return await _card(request, staff, request.path_params["id"])


async def _card(
    request: Request, staff: Staff, number: int, *, error: UserError | None = None, phrase: str | None = None
) -> Response:
    run = staff.scope.may(Right.roadmap_run)
    phrase = request.query_params.get("phrase", "") if phrase is None else phrase
    trying = run and ("phrase" in request.query_params or bool(phrase))
    async with request.app.state.db.read() as session:
        found = await cards.card(session, staff.scope, number, today=staff.today)
        tried = await editing.preview(session, staff.scope, number, phrase, today=staff.today) if trying else None
        acting = run or await cards.may_act(session, staff.scope, number, today=staff.today)
        choices = await editing.choices(session, staff.scope, number, today=staff.today) if acting else []
        checkers = await editing.checkers(session, today=staff.today) if run else []
        ready = await _ready(request, session, staff, found.line.day) if acting else None
    days = [day for day in found.days if day.due >= staff.today - timedelta(days=400)]
    open_days = [day for day in days if day.state in looking.STANDING]
    return render(
        request, "measure.html", staff, status=422 if error else 200, card=found, line=found.line, tried=tried,
        phrase=phrase or found.deadline_own, acting=acting, run=run, check=staff.scope.may(Right.roadmap_check),
        choices=choices, checkers=checkers, ready=ready, registers=list(Register), kinds=KINDS, days=days[-24:],
        open_days=open_days, css=_css,
        notes=roadmap.notes_of(found.schedule), moves=[day for day in open_days if day.move_to is not None],
        can_open=lambda proof: proof.by_id == staff.id or staff.scope.may(Right.roadmap_check),
        error=staff.t(error.key, **error.args_for_text) if error else "",
        now_day=next((day for day in open_days if found.line.day and day.id == found.line.day.id), None),
    )  # fmt: skip


async def _ready(request: Request, session: AsyncSession, staff: Staff, day: Day | None) -> snapshots.Offer | None:
    """Registers of ours that may prove the day the card shows."""
    if day is None or day.state not in looking.STANDING:
        return None
    zone = request.app.state.settings.zone
    return await snapshots.offer(session, staff.scope, day.id, today=staff.today, zone=zone)


async def snapshot(request: Request, staff: Staff) -> Response:
    """One press: a register of ours becomes a file that never changes and goes to be checked."""
    number = request.path_params["id"]
    settings = request.app.state.settings
    form = await form_of(request)
    day, register = number_of(form.get("day")), form.get("register", "")
    if day is None:
        raise NotFound()
    try:
        async with request.app.state.db.read() as session:
            title = (await cards.own_day(session, staff.scope, day, today=staff.today)).title
            found = await snapshots.read(session, staff.scope, day, register, today=staff.today, zone=settings.zone)
        content = await asyncio.to_thread(snapshots.book, staff.t, found, measure=title, now=staff.now)
        blob = await files.put(settings, content)
        async with request.app.state.db.begin() as session:
            stored = await files.add(
                session, blob, name=snapshots.file_name(staff.t, found), media_type=papers.XLSX, owner_id=staff.id,
                purpose="roadmap-evidence", now=staff.now,
            )  # fmt: skip
            given = Handed(snapshots.said(staff.t, found), stored.id, snapshot=found.about(staff.now))
            await _put_in(session, staff, day, given)
    except UserError as error:
        if isinstance(error, NotFound | NotAllowed):
            raise
        return await _card(request, staff, number, error=error)
    return to(request, f"/roadmap/{number}", done="roadmap-sent")


async def _put_in(session: AsyncSession, staff: Staff, day: int, given: Handed) -> None:
    """Evidence is written, and the second pair of eyes is told, at once."""
    evidence = await doing.hand_in(session, staff.scope, day, given, today=staff.today, now=staff.now)
    await checking.call(
        session, evidence, lambda one: screens.check_asked(staff.t, one, today=staff.today), today=staff.today,
        now=staff.now,
    )  # fmt: skip


async def links(request: Request, staff: Staff) -> Response:
    """Which indicators slip with the measure, which register proves it."""
    number = request.path_params["id"]
    form = await form_of(request)
    try:
        async with request.app.state.db.begin() as session:
            await editing.put_links(
                session, staff.scope, number, form.get("indicators", ""), form.get("register", ""), form.get("kind"),
                today=staff.today, now=staff.now,
            )  # fmt: skip
    except UserError as error:
        if isinstance(error, NotFound | NotAllowed):
            raise
        return await _card(request, staff, number, error=error)
    return to(request, f"/roadmap/{number}", done="roadmap-links")


async def deadline(request: Request, staff: Staff) -> Response:
    """«Посмотреть даты» changes nothing; «Сохранить» puts the phrase in force."""
    number = request.path_params["id"]
    form = await form_of(request)
    phrase = form.get("phrase", "")
    if form.get("do") == "try":
        return to(request, f"/roadmap/{number}", phrase=phrase or " ")
    if form.get("do") == "right":
        async with request.app.state.db.begin() as session:
            await editing.confirm_reading(session, staff.scope, number, today=staff.today, now=staff.now)
        return to(request, f"/roadmap/{number}", done="roadmap-read")
    try:
        async with request.app.state.db.begin() as session:
            await editing.put_deadline(
                session, staff.scope, number, "" if form.get("do") == "own" else phrase, today=staff.today,
                now=staff.now,
            )  # fmt: skip
    except UserError as error:
        return await _card(request, staff, number, error=error, phrase=phrase)
    return to(request, f"/roadmap/{number}", done="roadmap-deadline")


async def appoint(request: Request, staff: Staff) -> Response:
    """Who answers and who checks; nobody marked gives the measure back to its bodies."""
    number = request.path_params["id"]
    async with request.form(max_files=0, max_fields=200) as form:
        chosen = {
            part: [n for raw in form.getlist(part.value) if (n := number_of(str(raw))) is not None]
            for part in (MeasurePart.responsible, MeasurePart.checker)
        }
    async with request.app.state.db.begin() as session:
        for part, numbers in chosen.items():
            await people.appoint(session, staff.scope, number, part, numbers, today=staff.today, now=staff.now)
    return to(request, f"/roadmap/{number}", done="roadmap-appointed")


async def ask(request: Request, staff: Staff) -> Response:
    """Put the question about a date to somebody, or answer it here."""
    number = request.path_params["id"]
    form = await form_of(request)
    try:
        if form.get("do") == "ask":
            async with request.app.state.db.begin() as session:
                await editing.ask_person(
                    session, staff.scope, number, number_of(form.get("person")), today=staff.today, now=staff.now
                )
            return to(request, f"/roadmap/{number}", done="roadmap-asked")
        day = day_of(form.get("day", ""))
        if day is None:
            raise UserError("error-roadmap-date")
        async with request.app.state.db.begin() as session:
            question = await cards.question_for(session, number)
            if question is None:
                raise UserError("error-roadmap-answered")
            days = await roadmap.days_off(session, today=staff.today)
            await doing.name_date(session, staff.scope, question, day, days=days, today=staff.today, now=staff.now)
    except UserError as error:
        if isinstance(error, NotFound | NotAllowed):
            raise
        return await _card(request, staff, number, error=error)
    return to(request, f"/roadmap/{number}", done="roadmap-date")


async def hand_in(request: Request, staff: Staff) -> Response:
    """Evidence from the page: a file, or a link, or a number and a date."""
    number = request.path_params["id"]
    settings = request.app.state.settings
    async with request.form(max_files=1, max_fields=20, max_part_size=UPLOAD) as form:
        text = str(form.get("text") or "")
        day = number_of(str(form.get("day") or ""))
        sent = form.get("file")
        content = b"" if sent is None or isinstance(sent, str) else await sent.read()
        name = "" if sent is None or isinstance(sent, str) else sent.filename or "file"
        media = "" if sent is None or isinstance(sent, str) else sent.content_type or "application/octet-stream"
    if day is None:
        raise NotFound()
    try:
        if len(content) > UPLOAD:
            raise UserError("error-file-big", size=str(UPLOAD // 2**20))
        async with request.app.state.db.read() as session:
            await doing.own_day(session, staff.scope, day, today=staff.today)
        blob = await files.put(settings, content) if content else None
        async with request.app.state.db.begin() as session:
            file_id = None
            if blob is not None:
                stored = await files.add(
                    session, blob, name=name, media_type=media, owner_id=staff.id, purpose="roadmap-evidence",
                    now=staff.now,
                )  # fmt: skip
                file_id = stored.id
            await _put_in(session, staff, day, Handed(text, file_id))
    except UserError as error:
        if isinstance(error, NotFound | NotAllowed):
            raise
        return await _card(request, staff, number, error=error)
    return to(request, f"/roadmap/{number}", done="roadmap-sent")


async def checks(request: Request, staff: Staff) -> Response:
    """Evidence and transfers that wait for this person."""
    async with request.app.state.db.read() as session:
        found, total = await checking.queue(session, staff.scope, size=50)
        asked = await checking.transfers(session, staff.scope)
    return render(request, "roadmap-checks.html", staff, waiting=found, total=total, transfers=asked)


async def verdict(request: Request, staff: Staff) -> Response:
    """Accept, or return with a question."""
    number = request.path_params["evidence"]
    form = await form_of(request)
    async with request.app.state.db.begin() as session:
        if form.get("do") == "accept":
            told = await checking.accept(session, staff.scope, number, now=staff.now)
            screen = screens.closed(staff.t, told, today=staff.today)
            await checking.tell(session, told, screen, f"roadmap-accepted:{number}", now=staff.now)
        else:
            told = await checking.give_back(session, staff.scope, number, form.get("comment", ""), now=staff.now)
            screen = screens.back(staff.t, told)
            await checking.tell(session, told, screen, f"roadmap-returned:{number}", now=staff.now)
    done = "roadmap-accepted" if form.get("do") == "accept" else "roadmap-returned"
    return to(request, "/roadmap/checks", done=done)


async def decide(request: Request, staff: Staff) -> Response:
    """Agree to another day, or keep the old one."""
    number = request.path_params["day"]
    agree = (await form_of(request)).get("do") == "agree"
    async with request.app.state.db.begin() as session:
        told = await checking.decide_move(session, staff.scope, number, agree=agree, now=staff.now)
        screen = screens.moved(staff.t, told, agreed=agree, today=staff.today)
        await checking.tell(session, told, screen, f"roadmap-moved:{number}:{staff.now:%Y%m%d%H%M%S}", now=staff.now)
    return to(request, "/roadmap/checks", done="roadmap-moved" if agree else "roadmap-not-moved")


async def file(request: Request, staff: Staff) -> Response:
    """The file of evidence; opening it is recorded."""
    number = request.path_params["evidence"]
    async with request.app.state.db.begin() as session:
        stored = await checking.file_for(session, staff.scope, number)
        path = await files.path_of(session, request.app.state.settings, stored.id)
        audit.changed(session, staff.scope, "measure_evidence", number, "opened", now=staff.now)
        name, media_type = stored.name, stored.media_type
    content = await asyncio.to_thread(Path.read_bytes, path)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=media_type, headers=headers)


async def week(request: Request, staff: Staff) -> Response:
    """Who will be told what in the next seven days, and why."""
    async with request.app.state.db.read() as session:
        days = await roadmap.days_off(session, today=staff.today)
        found = await reminding.forecast(session, today=staff.today, days=days)
    return render(request, "roadmap-week.html", staff, digests=found)


async def start(request: Request, staff: Staff) -> Response:
    """Let a draft run."""
    number = request.path_params["id"]
    async with request.app.state.db.begin() as session:
        await roadmap.start(session, staff.scope, number, now=staff.now, today=staff.today)
    return to(request, "/roadmap", roadmap=number, done="roadmap-started")


async def paper(request: Request, staff: Staff) -> Response:
    """The monitoring report on a day; making it is recorded."""
    number, kind = request.path_params["id"], request.path_params["kind"]
    on = day_of(request.query_params.get("on", "")) or staff.today
    zone = request.app.state.settings.zone
    async with request.app.state.db.read() as session:
        found = await report.report(session, staff.scope, number, on=on, today=staff.today, now=staff.now, zone=zone)
    build, media_type = (papers.docx, papers.DOCX) if kind == "docx" else (papers.xlsx, papers.XLSX)
    content = await asyncio.to_thread(build, staff.t, found)
    async with request.app.state.db.begin() as session:
        audit.changed(session, staff.scope, "roadmap", number, "exported", now=staff.now)
    name = f"roadmap-{number}-{on:%Y-%m-%d}.{kind}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


# --- how it is drawn ------------------------------------------------------------------------------


def _chosen(known: Sequence[Heading], number: int | None) -> Heading | None:
    return next((one for one in known if one.id == number), known[0] if known else None)


def _quarter(today: date) -> tuple[date, date]:
    first = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    last = first.month + 2
    return first, date(first.year, last, calendar.monthrange(first.year, last)[1])


def _month(raw: str, today: date) -> date:
    year, _, month = raw.partition("-")
    if year.isdigit() and month.isdigit() and 2000 <= int(year) <= 2100 and 1 <= int(month) <= 12:
        return date(int(year), int(month), 1)
    return today.replace(day=1)


def _shift(month: date, by: int) -> date:
    number = month.month - 1 + by
    return date(month.year + number // 12, number % 12 + 1, 1)


def _share(day: date, first: date, last: date) -> float:
    span = (last - first).days + 1
    return round(min(max((day - first).days / span, 0.0), 1.0) * 100, 1)


def _in(line: Line, first: date, last: date, today: date) -> bool:
    """Of this quarter: a day in it, late still, or a date that nobody has named."""
    if line.standing in (Standing.late, Standing.nodate, Standing.check):
        return True
    return any((day.start or day.due) <= last and day.due >= first for day in line.days)


def _strip(line: Line, first: date, last: date, today: date) -> list[Mark]:
    """Windows are bars, days are dots; what is late runs on to today."""
    made = []
    for day in line.days:
        begin = max(day.start or day.due, first)
        end = min(max(day.due, today) if day.standing(today) is Standing.late else day.due, last)
        if end < first or begin > last:
            continue
        x, until = _share(begin, first, last), _share(end + timedelta(days=1), first, last)
        late = day.standing(today) is Standing.late
        wide = day.start is not None or late
        css = "ask" if day.tentative else _css(day.standing(today))
        made.append(Mark(x if wide else min(max(x, 4.0), 96.0), max(until - x, 1.5) if wide else 0.0, css))
    return made


def _css(standing: Standing) -> str:
    return {
        Standing.late: "bad", Standing.nodate: "ask", Standing.check: "run", Standing.work: "run",
        Standing.ahead: "plan", Standing.closed: "ok", Standing.quiet: "plan",
    }[standing]  # fmt: skip


def _agenda(lines: Sequence[Line], month: date) -> list[tuple[date, list[tuple[Line, Day]]]]:
    """Days of a month with what is due on them."""
    found: dict[date, list[tuple[Line, Day]]] = {}
    for line in lines:
        for day in line.days:
            if (day.due.year, day.due.month) == (
                month.year,
                month.month,
            ) and day.state is not OccurrenceState.cancelled:
                found.setdefault(day.due, []).append((line, day))
    return sorted(found.items())


ROUTES = [
    Route("/roadmap", for_staff(listing, Right.roadmap_see), methods=["GET"]),
    Route("/roadmap/checks", for_staff(checks, Right.roadmap_check), methods=["GET"]),
    Route("/roadmap/checks/{evidence:int}", for_staff(verdict, Right.roadmap_check), methods=["POST"]),
    Route("/roadmap/moves/{day:int}", for_staff(decide, Right.roadmap_check), methods=["POST"]),
    Route("/roadmap/files/{evidence:int}", for_staff(file, Right.roadmap_see), methods=["GET"]),
    Route("/roadmap/week", for_staff(week, Right.roadmap_run), methods=["GET"]),
    Route("/roadmap/{id:int}", for_staff(card, Right.roadmap_see), methods=["GET"]),
    Route("/roadmap/{id:int}/deadline", for_staff(deadline, Right.roadmap_run), methods=["POST"]),
    Route("/roadmap/{id:int}/people", for_staff(appoint, Right.roadmap_run), methods=["POST"]),
    Route("/roadmap/{id:int}/date", for_staff(ask, Right.roadmap_see), methods=["POST"]),
    Route("/roadmap/{id:int}/evidence", for_staff(hand_in, Right.roadmap_see), methods=["POST"]),
    Route("/roadmap/{id:int}/snapshot", for_staff(snapshot, Right.roadmap_see), methods=["POST"]),
    Route("/roadmap/{id:int}/links", for_staff(links, Right.roadmap_run), methods=["POST"]),
    Route("/roadmap/{id:int}/start", for_staff(start, Right.roadmap_run), methods=["POST"]),
    Route("/roadmap/{id:int}/report.{kind:str}", for_staff(paper, Right.roadmap_see), methods=["GET"]),
]
