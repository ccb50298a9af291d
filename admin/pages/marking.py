"""Cases and observations: the list of what waits, one sheet with all its criteria."""

from __future__ import annotations

import asyncio
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, form_of, number_of, page_of, render, to
from bot.models import MessageClass
from bot.screens import marking as screens
from bot.services import files, outbox
from bot.services.access import Right
from bot.services.diagnostics import marking

SIZE = 20


async def listing(request: Request, staff: Staff) -> Response:
    """What waits within the scope."""
    page = page_of(request)
    async with request.app.state.db.read() as session:
        lines, total = await marking.waiting(session, staff.scope, today=staff.today, page=page, size=SIZE)
    return render(request, "marking.html", staff, lines=lines, total=total, page=page, size=SIZE)


async def sheet(request: Request, staff: Staff) -> Response:
    """One work; the look is recorded."""
    async with request.app.state.db.begin() as session:
        found = await marking.sheet(session, staff.scope, request.path_params["attempt"], now=staff.now, where="admin")
    return render(request, "sheet.html", staff, sheet=found)


async def save(request: Request, staff: Staff) -> Response:
    """Keep the marks; «Готово» closes the work and tells its author."""
    attempt_id: int = request.path_params["attempt"]
    form = await form_of(request)
    async with request.app.state.db.begin() as session:
        found = await marking.sheet(session, staff.scope, attempt_id, now=staff.now, where="admin")
        for item in found.content.items:
            given = form.get(f"item{item.id}", "")
            if given == "out" or number_of(given, least=1):
                await marking.mark(session, staff.scope, attempt_id, item.id, number_of(given, least=1), now=staff.now)
        if "done" in form:
            person_id = await marking.complete(
                session, staff.scope, attempt_id, now=staff.now, on=staff.today, comment=form.get("comment", ""),
                where="admin",
            )  # fmt: skip
            await outbox.say(
                session, person_id, screens.tell(staff.t), message_class=MessageClass.for_you,
                kind="diagnostics-marked", dedupe=f"diagnostics-marked:{attempt_id}", now=staff.now,
            )  # fmt: skip
    return to(request, "/marking" if "done" in form else f"/marking/{attempt_id}", done="marked")


async def file(request: Request, staff: Staff) -> Response:
    """The file of a work, offered for download only."""
    async with request.app.state.db.begin() as session:
        await marking.sheet(session, staff.scope, request.path_params["attempt"], now=staff.now, where="admin")
        stored = await marking.file_for(session, staff.scope, request.path_params["attempt"], now=staff.now)
        path = await files.path_of(session, request.app.state.settings, stored.id)
        ending = "".join(sign for sign in stored.name.rpartition(".")[2] if sign.isascii() and sign.isalnum())[:8]
    content = await asyncio.to_thread(Path.read_bytes, path)
    name = f"work-{request.path_params['attempt']}.{ending or 'bin'}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type="application/octet-stream", headers=headers)


async def observe(request: Request, staff: Staff) -> Response:
    """Begin a sheet about a person, from her results."""
    person_id: int = request.path_params["id"]
    form = await form_of(request)
    async with request.app.state.db.begin() as session:
        attempt_id = await marking.observe(
            session, staff.scope, person_id, number_of(form.get("sheet")) or 0, now=staff.now, today=staff.today
        )
    return to(request, f"/marking/{attempt_id}")


_mark = Right.results_mark
ROUTES = [
    Route("/marking", for_staff(listing, _mark), methods=["GET"]),
    Route("/marking/{attempt:int}", for_staff(sheet, _mark), methods=["GET"]),
    Route("/marking/{attempt:int}", for_staff(save, _mark), methods=["POST"]),
    Route("/marking/{attempt:int}/file", for_staff(file, _mark), methods=["GET"]),
    Route("/people/{id:int}/observe", for_staff(observe, _mark), methods=["POST"]),
]
