"""The bank of practices in the admin: register, one practice with its experts, an expert's own sheet."""

from __future__ import annotations

import asyncio
import io
from datetime import date
from pathlib import Path

import xlsxwriter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, form_of, number_of, page_of, render, to
from bot.errors import UserError
from bot.models import PracticeState, ReviewVerdict
from bot.rules.practices import BEST, CRITERIA
from bot.screens.practices_experts import Says
from bot.services import audit, catalogue, files, people_list
from bot.services.access import Right
from bot.services.practices import expertise, looking, register
from bot.services.practices.register import Filters, Row

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FOUND = 8


def says(staff: Staff) -> Says:
    """The bank's voice for what this page makes it tell others."""
    return Says(staff.t, staff.today)


async def listing(request: Request, staff: Staff) -> Response:
    """The register with the share of products that experts have seen."""
    filters, page = _filters(request), page_of(request)
    async with request.app.state.db.read() as session:
        rows, total = await register.page(session, staff.scope, filters, number=page)
        counts = await register.counts(session, staff.scope)
        since = date(staff.today.year, 1, 1)
        share = await register.share(session, staff.scope, since=since, until=staff.today)
        tasks = await expertise.tasks(session, staff.id)
        _, subjects = await catalogue.lists(session)
    return render(
        request, "practices.html", staff, rows=rows, total=total, page=page, size=register.SIZE, counts=counts,
        share=share, filters=filters, asked=_asked(filters), states=register.STATES, subjects=subjects, tasks=tasks,
    )  # fmt: skip


async def sheet(request: Request, staff: Staff) -> Response:
    """The same list as XLSX; making it is recorded."""
    filters = _filters(request)
    async with request.app.state.db.read() as session:
        rows = await register.everything(session, staff.scope, filters)
    async with request.app.state.db.begin() as session:
        audit.changed(session, staff.scope, "practice", 0, "exported", now=staff.now, after={"lines": str(len(rows))})
    content = await asyncio.to_thread(_xlsx, staff, rows)
    name = f"practices-{staff.today:%Y-%m-%d}.xlsx"
    return Response(content, media_type=SHEET, headers={"Content-Disposition": f'attachment; filename="{name}"'})


async def card(request: Request, staff: Staff) -> Response:
    """One practice: its words, its experts, what may be done."""
    number: int = request.path_params["id"]
    query = request.query_params.get("who", "").replace("\x00", "")[:100].strip()
    async with request.app.state.db.read() as session:
        found = await register.card(session, staff.scope, number)
        looks = await expertise.looks(session, staff.scope, number)
        groups, _ = await catalogue.lists(session)
        offers, people = [], []
        if staff.may("practices.assign") and found.row.state is PracticeState.review:
            offers = await expertise.candidates(session, staff.scope, number, today=staff.today)
            if query and staff.may("people.see"):
                filters = people_list.Filters(query=query)
                shown = await people_list.page(session, staff.scope, filters, today=staff.today, size=FOUND)
                people = [line for line in shown.lines if line.id != found.author_id]
    return render(
        request, "practice.html", staff, found=found, looks=looks, groups=groups, offers=offers, people=people,
        query=query,
    )  # fmt: skip


async def act(request: Request, staff: Staff) -> Response:
    """What the centre does with a practice."""
    number: int = request.path_params["id"]
    async with request.form(max_files=0, max_fields=50) as raw:
        experts = [int(one) for one in raw.getlist("expert") if isinstance(one, str) and number_of(one) is not None]
        form = {name: value for name, value in raw.items() if isinstance(value, str)}
    do, reason = form.get("do", ""), form.get("reason", "")
    speak, now = says(staff), staff.now
    async with request.app.state.db.begin() as session:
        if do == "assign":
            if not experts:
                raise UserError("practices-pick")
            await expertise.assign(session, staff.scope, number, experts, now=now, speak=speak)
            done = "practices-assigned"
        elif do == "let-go":
            await expertise.relieve(session, staff.scope, number_of(form.get("review")) or 0, now=now)
            done = "practices-let-go"
        elif do == "topic":
            await expertise.set_topic(session, staff.scope, number, form.get("group", "")[:32], now=now)
            done = "practices-topic"
        elif do == "publish":
            await expertise.publish_without(session, staff.scope, number, reason, now=now, speak=speak)
            done = "practices-published"
        elif do == "down":
            await expertise.take_down(session, staff.scope, number, reason, now=now, speak=speak)
            done = "practices-down"
        else:
            raise UserError("error-stale")
    return to(request, f"/practices/{number}", done=done)


async def file(request: Request, staff: Staff) -> Response:
    """A file of a practice, offered for download only."""
    number, file_id = request.path_params["id"], request.path_params["file"]
    async with request.app.state.db.read() as session:
        found = await register.card(session, staff.scope, number)
        if file_id not in {one.id for one in found.files}:
            await looking.file_of(session, number, 0)
        path = await files.path_of(session, request.app.state.settings, file_id)
    return await _download(path, f"practice-{number}-{file_id}")


async def review(request: Request, staff: Staff) -> Response:
    """An expert's own sheet."""
    async with request.app.state.db.read() as session:
        found = await expertise.sheet(session, staff.id, request.path_params["id"])
    return render(request, "practice-review.html", staff, sheet=found, criteria=CRITERIA, best=BEST)


async def review_file(request: Request, staff: Staff) -> Response:
    """A file for its expert."""
    async with request.app.state.db.read() as session:
        found = await expertise.sheet(session, staff.id, request.path_params["id"])
        stored = await looking.file_of(session, found.practice_id, request.path_params["file"], staff.id)
        path = await files.path_of(session, request.app.state.settings, stored.id)
    return await _download(path, f"practice-{found.practice_id}-{stored.id}")


async def conclude(request: Request, staff: Staff) -> Response:
    """Five marks and the word, in one form."""
    number: int = request.path_params["id"]
    form = await form_of(request)
    said = form.get("verdict", "")
    if said not in set(ReviewVerdict):
        raise UserError("practices-marks-missing")
    async with request.app.state.db.begin() as session:
        for name in CRITERIA:
            value = number_of(form.get(name), most=BEST)
            if value is not None:
                await expertise.mark(session, staff.id, number, name, value)
        await expertise.conclude(
            session, staff.id, number, ReviewVerdict(said), form.get("comment", ""), now=staff.now, speak=says(staff)
        )
    return to(request, f"/practices/reviews/{number}", done="practices-said")


async def _download(path: Path, name: str) -> Response:
    content = await asyncio.to_thread(Path.read_bytes, path)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type="application/octet-stream", headers=headers)


def _filters(request: Request) -> Filters:
    asked = request.query_params
    state = asked.get("state", "")
    return Filters(
        query=asked.get("q", "").replace("\x00", "")[:100].strip(),
        state=PracticeState(state) if state in register.STATES else None,
        subject=asked.get("subject", "")[:32].replace("\x00", ""),
    )


def _asked(filters: Filters) -> dict[str, str]:
    return {"q": filters.query, "state": filters.state.value if filters.state else "", "subject": filters.subject}


def _xlsx(staff: Staff, rows: list[Row]) -> bytes:
    t = staff.t
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    page = book.add_worksheet(t("admin-practices.sheet"))
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    when = book.add_format({"num_format": "dd.mm.yyyy"})
    columns = (
        ("name", 50), ("author", 34), ("school", 34), ("municipality", 28), ("subject", 24), ("grades", 10),
        ("topic", 28), ("state", 18), ("sent", 12), ("due", 12), ("published", 14), ("reviewed", 14), ("experts", 14),
        ("applied", 12), ("number", 18),
    )  # fmt: skip
    for column, (name, width) in enumerate(columns):
        page.set_column(column, column, width)
        page.write_string(0, column, t(f"admin-practices.{name}"), head)
    for place, row in enumerate(rows, start=1):
        words = (
            row.title, row.author, row.school, row.municipality, row.subject, row.grades, row.group,
            t(f"practices-state.{row.state.value}"),
        )  # fmt: skip
        for column, text in enumerate(words):
            page.write_string(place, column, text)
        sent = row.sent_at.astimezone(staff.zone).date() if row.sent_at else None
        published = row.published_at.astimezone(staff.zone).date() if row.published_at else None
        for column, value in ((8, sent), (9, row.due_on), (10, published)):
            if value is not None:
                page.write_datetime(place, column, value, when)
        page.write_string(place, 11, t("admin-practices.yes" if row.reviewed else "admin-practices.no"))
        page.write_string(place, 12, f"{row.done}/{row.asked}")
        page.write_number(place, 13, row.applied)
        page.write_string(place, 14, row.number)
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, max(1, len(rows)), len(columns) - 1)
    book.close()
    return out.getvalue()


ROUTES = [
    Route("/practices", for_staff(listing, Right.practices_see), methods=["GET"]),
    Route("/practices.xlsx", for_staff(sheet, Right.practices_see), methods=["GET"]),
    Route("/practices/reviews/{id:int}", for_staff(review, Right.admin_open), methods=["GET"]),
    Route("/practices/reviews/{id:int}", for_staff(conclude, Right.admin_open), methods=["POST"]),
    Route("/practices/reviews/{id:int}/files/{file:int}", for_staff(review_file, Right.admin_open), methods=["GET"]),
    Route("/practices/{id:int}", for_staff(card, Right.practices_see), methods=["GET"]),
    Route("/practices/{id:int}", for_staff(act, Right.practices_assign), methods=["POST"]),
    Route("/practices/{id:int}/files/{file:int}", for_staff(file, Right.practices_see), methods=["GET"]),
]
