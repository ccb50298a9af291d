"""A register from a table: upload, progress, what each row would do, taking in what is right, the list of mistakes."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.aside import Aside
from admin.auth import for_staff
from admin.rendering import Staff, render, to
from admin.uploads import keep_upload, read_upload
from bot.errors import NotFound, UserError
from bot.models import ImportState
from bot.services import registers
from bot.services.access import Right
from bot.services.documents import problems_sheet
from bot.services.importing import MAX_BYTES
from bot.services.registers import Kind, table
from bot.services.registers.table import PURPOSE, ImportLine

KEPT = timedelta(days=2)
SHOWN = 100
"""Wrong rows on the page; the sheet of mistakes has more."""

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_aside = Aside("register-import-stopped")


async def form(request: Request, staff: Staff) -> Response:
    """Where the table is chosen, and what it may hold."""
    kind = _kind(request, staff)
    return render(request, "register-import.html", staff, kind=kind, columns=registers.columns(kind))


async def sample(request: Request, staff: Staff) -> Response:
    """A table to fill in."""
    kind = _kind(request, staff)
    content = await asyncio.to_thread(table.sample_workbook, kind)
    return _file(content, f"{kind.slug}-sample.xlsx")


async def take(request: Request, staff: Staff) -> Response:
    """Keep the table and begin to read it; the next page shows how far it is."""
    kind = _kind(request, staff)
    upload = await read_upload(request, most=MAX_BYTES)
    file_id = await keep_upload(request, staff, upload, purpose=PURPOSE, kept=KEPT)
    async with request.app.state.db.begin() as session:
        number = await table.begin(session, staff.scope, kind.slug, file_id, now=staff.now)
    state = request.app.state
    _aside.begin(number, table.read_all(state.db, state.settings, staff.scope, number, today=staff.today))
    return to(request, f"/registers/{kind.slug}/import/{number}")


async def one(request: Request, staff: Staff) -> Response:
    """How far it is; when it has been read, what it would do."""
    found = await _found(request, staff)
    return render(
        request,
        "register-import-one.html",
        staff,
        found=found,
        going=_aside.is_going(found.id),
        wrong=found.wrong[:SHOWN],
        why=lambda problem: why(staff, problem),
        error=staff.t(found.error["key"], **found.error["args"]) if found.error else "",
    )


async def apply(request: Request, staff: Staff) -> Response:
    """Write the rows that are right; after a stop, go on."""
    found = await _found(request, staff)
    if found.state is ImportState.ready and not found.ready:
        raise UserError("registers-nothing-to-write")
    state = request.app.state
    if found.state is ImportState.reading:
        _aside.begin(found.id, table.read_all(state.db, state.settings, staff.scope, found.id, today=staff.today))
    else:
        work = table.write_all(state.db, state.settings, staff.scope, found.id, now=staff.now, today=staff.today)
        _aside.begin(found.id, work)
    return to(request, f"/registers/{found.kind.slug}/import/{found.id}")


async def mistakes(request: Request, staff: Staff) -> Response:
    """The wrong rows as XLSX: row, column, what to put right."""
    found = await _found(request, staff)
    rows = [
        (int(row["row"]), str(problem["column"]), why(staff, problem, column=False))
        for row in found.wrong
        for problem in row["problems"]
    ]
    heads = {name: staff.t(f"admin-register-import.{name}") for name in ("row", "column", "why")}
    content = await asyncio.to_thread(problems_sheet, staff.t, rows, heads)
    return _file(content, f"{found.kind.slug}-mistakes.xlsx")


def why(staff: Staff, problem: dict[str, Any], *, column: bool = True) -> str:
    """What is wrong, in words."""
    words = staff.t(problem["key"], **problem["args"])
    return f"{problem['column']}: {words}" if column and problem["column"] else words


def _kind(request: Request, staff: Staff) -> Kind:
    kind = registers.require(staff.scope, request.path_params["slug"], Right.registers_edit)
    if kind.is_view:
        raise NotFound()
    return kind


async def _found(request: Request, staff: Staff) -> ImportLine:
    async with request.app.state.db.read() as session:
        found = await table.one(session, staff.scope, request.path_params["import_id"])
    if found.kind.slug != request.path_params["slug"]:
        raise NotFound()
    return found


def _file(content: bytes, name: str) -> Response:
    return Response(content, media_type=SHEET, headers={"Content-Disposition": f'attachment; filename="{name}"'})


_edit = Right.registers_edit
ROUTES = [
    Route("/registers/{slug}/import", for_staff(form, _edit), methods=["GET"]),
    Route("/registers/{slug}/import", for_staff(take, _edit), methods=["POST"]),
    Route("/registers/{slug}/import/sample.xlsx", for_staff(sample, _edit), methods=["GET"]),
    Route("/registers/{slug}/import/{import_id:int}", for_staff(one, _edit), methods=["GET"]),
    Route("/registers/{slug}/import/{import_id:int}", for_staff(apply, _edit), methods=["POST"]),
    Route("/registers/{slug}/import/{import_id:int}/mistakes.xlsx", for_staff(mistakes, _edit), methods=["GET"]),
]
