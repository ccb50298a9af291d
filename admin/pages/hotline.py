"""The line in the admin: the inbox beside its talk and its author, ready answers, the roster, the register."""

from __future__ import annotations

import asyncio
import io
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, day_of, form_of, number_of, page_of, render, to
from bot.errors import NotAllowed, NotFound, UserError
from bot.models import FaqState, TicketState, TicketTheme
from bot.rules.words import folded
from bot.rules.working_time import write_hours
from bot.screens.hotline_notices import Says
from bot.services import audit, files, people
from bot.services.access import Right
from bot.services.documents import problems
from bot.services.hotline import asking, desk, duty, faq, hours_of_week, register, roster, set_hours
from bot.services.hotline.ticket import names_of

AHEAD = timedelta(days=31)
BIGGEST = 2 * 2**20
SHORT = 200

ATTACHED, HEAVIEST = 3, 20 * 2**20
"""Files of one answer, and the bytes of each that every messenger still carries."""


def says(staff: Staff) -> Says:
    """The line's voice for what this page makes it tell others."""
    return Says(staff.t, staff.zone, staff.today)


async def inbox(request: Request, staff: Staff) -> Response:
    """The queue, the chosen question and its author side by side; a fixed number of statements."""
    tab = request.query_params.get("tab", "wait")
    tab = tab if tab in desk.TABS else "wait"
    page, chosen = page_of(request), number_of(request.query_params.get("no"))
    sheet = card = None
    events: list[Any] = []
    names: dict[int, str] = {}
    similar: list[faq.Offer] = []
    colleagues: list[desk.Colleague] = []
    canned: list[Any] = []
    asked = 0
    async with request.app.state.db.begin() as session:
        lines, counts = await desk.inbox(session, staff.scope, tab, page)
        if chosen is not None:
            sheet = await desk.sheet(session, staff.scope, chosen)
            events = await asking.history(session, chosen)
            names = await names_of(
                session,
                [piece.author_id for piece in sheet.notes + sheet.talk if piece.author_id != sheet.author_id]
                + [event.actor_id for event in events if event.actor_id != sheet.author_id or not sheet.anonymous]
                + [event.to_id for event in events],
            )
            similar = await faq.similar(session, sheet.text, today=staff.today, limit=3, among=True)
            if sheet.holder_id == staff.id or sheet.state is TicketState.new:
                colleagues = await desk.colleagues(session, staff.scope, chosen, now=staff.now)
                canned = await desk.canned(session, staff.scope, chosen)
            if sheet.author_id is not None:
                asked = await desk.asked_before(session, staff.scope, sheet.author_id)
                card = await _may_see(session, staff, sheet.author_id)
    return render(
        request, "hotline.html", staff, tab=tab, page=page, lines=lines, counts=counts, sheet=sheet, events=events,
        names=names, similar=similar, colleagues=colleagues, canned=canned, asked=asked, may_open=card,
        size=desk.SIZE,
    )  # fmt: skip


async def _may_see(session: Any, staff: Staff, person_id: int) -> bool:
    """True where the author's card is within the scope; the look is recorded."""
    if not staff.scope.may(Right.people_see):
        return False
    try:
        await people.require(session, staff.scope, Right.people_see, person_id, today=staff.today)
    except (NotAllowed, NotFound):
        return False
    await audit.viewed(session, staff.scope, person_id, "hotline", right=Right.people_see, now=staff.now)
    return True


async def act(request: Request, staff: Staff) -> Response:
    """What the methodist does with a question."""
    no: int = request.path_params["id"]
    form, sent = await _filled(request)
    do, text = form.get("do", ""), form.get("text", "")
    speak, zone, now = says(staff), staff.zone, staff.now
    async with request.app.state.db.begin() as session:
        if do == "take":
            await duty.claim(session, staff.scope, no, now=now)
        elif do == "answer":
            attached = [
                (
                    await files.add(
                        session, blob, name=name, media_type=media, owner_id=staff.id, purpose="hotline", now=now
                    )
                ).id
                for blob, name, media in sent
            ]
            await duty.answer(session, staff.scope, no, text, zone=zone, now=now, speak=speak, files=attached)
        elif do == "clarify":
            await duty.ask_back(session, staff.scope, no, text, now=now, speak=speak)
        elif do == "note":
            await duty.note(session, staff.scope, no, text, now=now)
        elif do == "back":
            await duty.put_back(session, staff.scope, no, now=now)
        elif do == "complex":
            await duty.set_complex(session, staff.scope, no, zone=zone, now=now, speak=speak)
        elif do == "reopen":
            await duty.reopen(session, staff.scope, no, zone=zone, now=now)
        elif do == "give":
            to_id = number_of(form.get("to"))
            if to_id is None:
                raise UserError("hotline-reason")
            await duty.give(session, staff.scope, no, to_id, form.get("reason", "")[:300], now=now, speak=speak)
        elif do == "unite":
            into = number_of(form.get("into"))
            if into is None:
                raise UserError("hotline-unite-other")
            await duty.unite(session, staff.scope, no, into, now=now, speak=speak)
        elif do == "ready":
            made = await faq.candidate(session, staff.scope, no, now=now)
            return to(request, f"/hotline/answers/{made.id}")
        else:
            raise UserError("error-stale")
    tab = {"answer": "done", "back": "wait"}.get(do, "mine")
    return to(request, "/hotline", tab=tab, no=no, done=f"hotline-{do}")


async def _filled(request: Request) -> tuple[dict[str, str], list[tuple[files.Blob, str, str]]]:
    """Fields, and the files that go with an answer, already on the disk."""
    async with request.form(max_files=ATTACHED, max_fields=50) as form:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        sent = []
        for given in form.getlist("file"):
            if isinstance(given, UploadFile) and given.filename:
                content = await given.read(HEAVIEST + 1)
                if len(content) > HEAVIEST:
                    raise UserError("error-file-big", size=str(HEAVIEST // 2**20))
                sent.append((given.filename, given.content_type or "application/octet-stream", content))
    if fields.get("do") != "answer":
        return fields, []
    return fields, [
        (await files.put(request.app.state.settings, content), name, media) for name, media, content in sent
    ]


async def file(request: Request, staff: Staff) -> Response:
    """A file of a question, offered for download only."""
    no, file_id = request.path_params["id"], request.path_params["file"]
    async with request.app.state.db.read() as session:
        await desk.file_for(session, staff.scope, no, file_id)
        path = await files.path_of(session, request.app.state.settings, file_id)
    content = await asyncio.to_thread(Path.read_bytes, path)
    headers = {"Content-Disposition": f'attachment; filename="question-{no}-{file_id}"'}
    return Response(
        content, media_type="application/octet-stream", headers={**headers, "X-Content-Type-Options": "nosniff"}
    )


# --- ready answers -----------------------------------------------------------------------------------


async def answers(request: Request, staff: Staff) -> Response:
    """Ready answers, those to look at first."""
    raw = request.query_params.get("state", "")
    state = FaqState(raw) if raw in {one.value for one in FaqState} else None
    page = page_of(request)
    async with request.app.state.db.read() as session:
        lines, total = await faq.listed(session, staff.scope, state, page)
    return render(
        request, "hotline-answers.html", staff, lines=lines, total=total, page=page, state=raw if state else "",
        states=list(FaqState), size=50,
    )  # fmt: skip


async def answer(request: Request, staff: Staff) -> Response:
    """One ready answer; «new» is an empty form."""
    number = number_of(request.path_params["id"])
    entry = None
    if number is not None:
        async with request.app.state.db.read() as session:
            entry = await faq.entry(session, staff.scope, number)
    else:
        desk.require_manager(staff.scope)
    return render(request, "hotline-answer.html", staff, entry=entry, themes=list(TicketTheme))


async def save_answer(request: Request, staff: Staff) -> Response:
    """Save, ask the author, publish, check again, withdraw."""
    number = number_of(request.path_params["id"])
    form = await form_of(request)
    do, scope, now, today = form.get("do", "save"), staff.scope, staff.now, staff.today
    async with request.app.state.db.begin() as session:
        if do in ("save", "publish") and "question" in form:
            theme = form.get("theme", "")
            number = await faq.write(
                session, scope, question=form["question"], answer=form.get("answer", ""),
                theme=TicketTheme(theme) if theme in {one.value for one in TicketTheme} else TicketTheme.other,
                today=today, now=now, link=form.get("link", "").strip(), entry_id=number,
                review_on=day_of(form.get("review_on", "")),
            )  # fmt: skip
        if number is None:
            raise NotFound()
        if do == "publish":
            await faq.publish(session, scope, number, today=today, now=now)
        elif do == "ask":
            await faq.ask_author(session, scope, number, now=now, speak=says(staff))
        elif do == "checked":
            await faq.checked(session, scope, number, today=today, now=now)
        elif do == "withdraw":
            await faq.withdraw(session, scope, number, now=now)
    return to(request, f"/hotline/answers/{number}", done=f"hotline-faq-{do}")


# --- roster ------------------------------------------------------------------------------------------


async def shifts(request: Request, staff: Staff) -> Response:
    """The month ahead, a form for a slot, a table to load, the hours of the week."""
    return await _shifts(request, staff)


async def _shifts(request: Request, staff: Staff, rows: list[roster.Row] | None = None) -> Response:
    staff.scope.require(Right.hotline_answer)
    begin = datetime.combine(staff.today, time(0), staff.zone)
    async with request.app.state.db.read() as session:
        found = await roster.shifts(session, since=begin, until=begin + AHEAD)
        line = await roster.staff(session, today=staff.today)
        week = await hours_of_week(session)
    hours = {day: write_hours(week.get(day, ())) for day in range(1, 8)}
    return render(
        request, "hotline-roster.html", staff, shifts=found, line=line, themes=list(TicketTheme), hours=hours,
        rows=rows, zone=staff.zone,
    )  # fmt: skip


async def add_shift(request: Request, staff: Staff) -> Response:
    """One slot, or (``do``) the hours of the week, or a slot taken away."""
    async with request.form(max_files=0, max_fields=60) as form:
        fields = {name: str(value) for name, value in form.items()}
        themes = [str(value) for value in form.getlist("themes")]
    async with request.app.state.db.begin() as session:
        if fields.get("do") == "hours":
            desk.require_manager(staff.scope)
            await set_hours(session, {day: fields.get(f"day{day}", "") for day in range(1, 8)})
            return to(request, "/hotline/roster", done="hotline-hours")
        if fields.get("do") == "remove":
            await roster.remove(session, staff.scope, number_of(fields.get("slot")) or 0, now=staff.now)
            return to(request, "/hotline/roster", done="hotline-removed")
        day = day_of(fields.get("day", ""))
        try:
            begin, end = (time.fromisoformat(fields.get(name, "")) for name in ("from", "to"))
        except ValueError as wrong:
            raise UserError("hotline-slot-hours") from wrong
        if day is None:
            raise UserError("hotline-slot-hours")
        await roster.add(
            session, staff.scope, starts_at=datetime.combine(day, begin, staff.zone),
            ends_at=datetime.combine(day, end, staff.zone), methodist_id=number_of(fields.get("methodist")) or 0,
            substitute_id=number_of(fields.get("substitute")),
            themes=[theme for theme in themes if theme in {one.value for one in TicketTheme}], now=staff.now,
        )  # fmt: skip
    return to(request, "/hotline/roster", done="hotline-slot")


async def load_shifts(request: Request, staff: Staff) -> Response:
    """A table of slots: what can be is made, each other line says why not."""
    desk.require_manager(staff.scope)
    async with request.form(max_files=1, max_fields=5) as form:
        given = form.get("file")
        content = await given.read(BIGGEST + 1) if isinstance(given, UploadFile) else b""
    if not content or len(content) > BIGGEST:
        raise UserError("hotline-import-file")
    table = await asyncio.to_thread(_table, content)
    titles = {folded(staff.t(f"hotline-theme.{theme.value}")): theme.value for theme in TicketTheme}
    async with request.app.state.db.begin() as session:
        rows = await roster.read(session, staff.scope, table, titles, zone=staff.zone, today=staff.today, now=staff.now)
        await roster.apply(session, staff.scope, rows, now=staff.now)
    return await _shifts(request, staff, rows)


def _table(content: bytes) -> list[dict[str, str]]:
    """Rows of the first sheet under their titles."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        lines = [[("" if cell is None else str(cell)).strip() for cell in row] for row in book.worksheets[0].values]
    except Exception as broken:
        raise UserError("hotline-import-file") from broken
    if not lines:
        raise UserError("hotline-import-file")
    names = [roster.TITLES.get(folded(title), "") for title in lines[0]]
    if not {"date", "from", "to", "methodist"} <= set(names):
        raise UserError("hotline-import-columns")
    return [{name: cell for name, cell in zip(names, line, strict=False) if name} for line in lines[1:] if any(line)]


# --- register ----------------------------------------------------------------------------------------


async def problem_register(request: Request, staff: Staff) -> Response:
    """Key problems of a quarter: on the page, as DOCX, as XLSX."""
    year, quarter = register.quarter_of(request.query_params.get("q", ""), today=staff.today)
    async with request.app.state.db.read() as session:
        made = await register.collect(session, staff.scope, year, quarter, zone=staff.zone)
    kind = request.path_params.get("kind")
    if kind is None:
        return render(
            request, "hotline-register.html", staff, made=made, quarters=register.quarters(staff.today),
            chosen=f"{year}-Q{quarter}",
        )  # fmt: skip
    build, media = (problems.docx, problems.DOCX) if kind == "docx" else (problems.xlsx, problems.XLSX)
    content = await asyncio.to_thread(build, staff.t, made, staff.today)
    name = f"hotline-{year}-Q{quarter}.{kind}"
    return Response(content, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})


ROUTES = [
    Route("/hotline", for_staff(inbox, Right.hotline_answer)),
    Route("/hotline/answers", for_staff(answers, Right.hotline_answer)),
    Route("/hotline/answers/{id}", for_staff(answer, Right.hotline_answer)),
    Route("/hotline/answers/{id}", for_staff(save_answer, Right.hotline_answer), methods=["POST"]),
    Route("/hotline/roster", for_staff(shifts, Right.hotline_answer)),
    Route("/hotline/roster", for_staff(add_shift, Right.hotline_manage), methods=["POST"]),
    Route("/hotline/roster/import", for_staff(load_shifts, Right.hotline_manage), methods=["POST"]),
    Route("/hotline/register", for_staff(problem_register, Right.hotline_manage)),
    Route("/hotline/register.{kind:str}", for_staff(problem_register, Right.hotline_manage)),
    Route("/hotline/{id:int}", for_staff(act, Right.hotline_answer), methods=["POST"]),
    Route("/hotline/{id:int}/files/{file:int}", for_staff(file, Right.hotline_answer)),
]
