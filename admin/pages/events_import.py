"""Events from a table: upload, look at every row, take in what is right, the list of mistakes."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, render, to
from admin.uploads import keep_upload, kept_upload, read_upload
from bot.errors import UserError
from bot.models import EventKind
from bot.services import catalogue
from bot.services.access import Right
from bot.services.documents import problems_sheet
from bot.services.events import table
from bot.services.events.table import EventsPreview
from bot.services.importing import MAX_BYTES

PURPOSE = "events-import"
KEPT = timedelta(days=1)
"""How long an uploaded table stays: enough to look and to decide."""

SHOWN = 100
"""Rows of one kind on the page."""

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STATUSES = ("wrong", "new", "changed", "same")


async def form(request: Request, staff: Staff) -> Response:
    """Where the table is chosen, and what it may hold."""
    async with request.app.state.db.read() as session:
        groups, _ = await catalogue.lists(session)
    return render(
        request, "events-import.html", staff, columns=table.columns(), groups=groups, kinds=[k.value for k in EventKind]
    )


async def sample(request: Request, staff: Staff) -> Response:
    """A table to fill in."""
    return _file(await asyncio.to_thread(table.sample_workbook), "events-sample.xlsx")


async def take(request: Request, staff: Staff) -> Response:
    """Keep the table for a day and show what it holds."""
    upload = await read_upload(request, most=MAX_BYTES)
    number = await keep_upload(request, staff, upload, purpose=PURPOSE, kept=KEPT)
    return to(request, f"/events/import/{number}")


async def preview(request: Request, staff: Staff) -> Response:
    """What the table would do; nothing is written."""
    number: int = request.path_params["file"]
    name, looked = await _looked(request, staff, number)
    counts = {status: looked.count(status) for status in STATUSES}
    return render(
        request,
        "events-preview.html",
        staff,
        number=number,
        file_name=name,
        looked=looked,
        counts=counts,
        ready=counts["new"] + counts["changed"],
        statuses=STATUSES,
        rows={status: [row for row in looked.rows if row.status == status][:SHOWN] for status in STATUSES},
    )


async def apply(request: Request, staff: Staff) -> Response:
    """Write the rows that are right, looked at once more in the same transaction."""
    name, content = await kept_upload(request, staff, request.path_params["file"], purpose=PURPOSE)
    async with request.app.state.db.begin() as session:
        looked = await table.preview(session, staff.scope, content, name=name, zone=staff.zone, now=staff.now)
        written = await table.apply(session, staff.scope, looked, now=staff.now)
    if not written:
        raise UserError("events-import-nothing")
    return to(request, "/events", done="events-imported")


async def mistakes(request: Request, staff: Staff) -> Response:
    """The wrong rows as XLSX: row, column, what to put right."""
    _, looked = await _looked(request, staff, request.path_params["file"])
    rows = [
        (row.number, problem.column, staff.t(problem.key, **problem.args))
        for row in looked.rows
        for problem in row.problems
    ]
    heads = {
        "row": staff.t("admin-events-import.mistakes-row"),
        "column": staff.t("admin-events-import.mistakes-column"),
        "why": staff.t("admin-catalogue-import.why"),
    }
    return _file(await asyncio.to_thread(problems_sheet, staff.t, rows, heads), "events-mistakes.xlsx")


async def _looked(request: Request, staff: Staff, number: int) -> tuple[str, EventsPreview]:
    name, content = await kept_upload(request, staff, number, purpose=PURPOSE)
    async with request.app.state.db.read() as session:
        return name, await table.preview(session, staff.scope, content, name=name, zone=staff.zone, now=staff.now)


def _file(content: bytes, name: str) -> Response:
    return Response(content, media_type=SHEET, headers={"Content-Disposition": f'attachment; filename="{name}"'})


_edit = Right.events_edit
ROUTES = [
    Route("/events/import", for_staff(form, _edit), methods=["GET"]),
    Route("/events/import", for_staff(take, _edit), methods=["POST"]),
    Route("/events/import/sample.xlsx", for_staff(sample, _edit), methods=["GET"]),
    Route("/events/import/{file:int}", for_staff(preview, _edit), methods=["GET"]),
    Route("/events/import/{file:int}", for_staff(apply, _edit), methods=["POST"]),
    Route("/events/import/{file:int}/mistakes.xlsx", for_staff(mistakes, _edit), methods=["GET"]),
]
