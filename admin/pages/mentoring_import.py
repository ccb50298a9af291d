"""Mentors and needs from a table: upload, look at every row, take in what is right."""

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
from bot.services.access import Right
from bot.services.importing import MAX_BYTES
from bot.services.mentoring import table

PURPOSE = "mentoring-import"
KEPT = timedelta(days=1)
"""How long an uploaded table stays: enough to look and to decide."""

SHOWN = 100
"""Rows of one kind on the page."""

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def form(request: Request, staff: Staff) -> Response:
    """Where the table is chosen, and what it may hold."""
    return render(request, "mentoring-import.html", staff, columns=table.columns())


async def sample(request: Request, staff: Staff) -> Response:
    """A table to fill in: of mentors or of needs."""
    kind = request.path_params["kind"]
    content = await asyncio.to_thread(table.sample_workbook, kind)
    headers = {"Content-Disposition": f'attachment; filename="{kind}-sample.xlsx"'}
    return Response(content, media_type=SHEET, headers=headers)


async def take(request: Request, staff: Staff) -> Response:
    """Keep the table for a day and show what it holds."""
    upload = await read_upload(request, most=MAX_BYTES)
    number = await keep_upload(request, staff, upload, purpose=PURPOSE, kept=KEPT)
    return to(request, f"/mentoring/import/{number}")


async def preview(request: Request, staff: Staff) -> Response:
    """What the table would do; nothing is written."""
    number: int = request.path_params["file"]
    name, content = await kept_upload(request, staff, number, purpose=PURPOSE)
    async with request.app.state.db.read() as session:
        looked = await table.preview(session, staff.scope, content, name=name, today=staff.today)
    counts = {status: looked.count(status) for status in ("new", "same", "wrong")}
    return render(
        request, "mentoring-preview.html", staff, number=number, file_name=name, looked=looked, counts=counts,
        ready=counts["new"] + counts["same"],
        rows={status: [row for row in looked.rows if row.status == status][:SHOWN] for status in counts},
    )  # fmt: skip


async def apply(request: Request, staff: Staff) -> Response:
    """Write the rows that are right, looked at once more in the same transaction."""
    name, content = await kept_upload(request, staff, request.path_params["file"], purpose=PURPOSE)
    async with request.app.state.db.begin() as session:
        looked = await table.preview(session, staff.scope, content, name=name, today=staff.today)
        written = await table.apply(session, staff.scope, looked, now=staff.now, today=staff.today)
    if not written:
        raise UserError("catalogue-import-nothing")
    return to(request, "/mentoring/import", done="mentoring-imported")


_run = Right.mentoring_run
ROUTES = [
    Route("/mentoring/import", for_staff(form, _run), methods=["GET"]),
    Route("/mentoring/import", for_staff(take, _run), methods=["POST"]),
    Route("/mentoring/import/{kind}-sample.xlsx", for_staff(sample, _run), methods=["GET"]),
    Route("/mentoring/import/{file:int}", for_staff(preview, _run), methods=["GET"]),
    Route("/mentoring/import/{file:int}", for_staff(apply, _run), methods=["POST"]),
]
