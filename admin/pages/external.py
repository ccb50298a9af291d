"""Results from elsewhere: upload, look, take in by portions, decide about doubts."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.aside import Aside
from admin.auth import for_staff
from admin.rendering import Staff, form_of, number_of, render, to
from admin.uploads import keep_upload, read_upload
from bot.errors import NotFound, UserError
from bot.services import files
from bot.services.access import Right
from bot.services.diagnostics import external
from bot.services.diagnostics.external_reading import layout
from bot.services.importing import MAX_BYTES
from bot.services.people_import.matching import Status

PURPOSE = "external-import"
KEPT = timedelta(days=1)
"""How long an uploaded table stays: enough to look and to go on after a stop."""

_aside = Aside("external-import-stopped")


async def listing(request: Request, staff: Staff) -> Response:
    """The latest imports and the form for the next."""
    async with request.app.state.db.read() as session:
        lines = await external.imports(session, staff.scope)
    return render(request, "external.html", staff, lines=lines, columns=layout().columns)


async def take(request: Request, staff: Staff) -> Response:
    """Keep the table for a day and show what it holds."""
    upload = await read_upload(request, most=MAX_BYTES)
    number = await keep_upload(request, staff, upload, purpose=PURPOSE, kept=KEPT)
    return to(request, f"/external/files/{number}")


async def _looked(request: Request, staff: Staff, number: int) -> external.ExternalPreview:
    async with request.app.state.db.read() as session:
        stored = await files.uploaded(session, number, owner_id=staff.id, purpose=PURPOSE)
        path = await files.path_of(session, request.app.state.settings, stored.id)
        name = stored.name
    try:
        content = await asyncio.to_thread(Path.read_bytes, path)
    except OSError as failure:
        raise NotFound() from failure
    async with request.app.state.db.read() as session:
        return await external.preview(session, staff.scope, content, name=name, today=staff.today)


async def preview(request: Request, staff: Staff) -> Response:
    """What the table holds, before anything is done."""
    number: int = request.path_params["file"]
    looked = await _looked(request, staff, number)
    return render(
        request,
        "external-preview.html",
        staff,
        number=number,
        looked=looked,
        sure=looked.of(Status.same, 5),
        doubts=looked.of(Status.doubt, 10),
        wrong=looked.of(Status.wrong, 20),
        counts={status.value: looked.count(status) for status in Status},
        sources=layout().sources,
    )


async def apply(request: Request, staff: Staff) -> Response:
    """Begin (or go on); the page of the import shows how far it is."""
    number: int = request.path_params["file"]
    form = await form_of(request)
    looked = await _looked(request, staff, number)
    db = request.app.state.db
    async with db.begin() as session:
        import_id = await external.begin(session, staff.scope, looked, source=form.get("source", ""), now=staff.now)
    _aside.begin(import_id, external.apply_all(db, staff.scope, import_id, looked, now=staff.now))
    return to(request, f"/external/{import_id}")


async def one(request: Request, staff: Staff) -> Response:
    """One import: how far, and the doubts that wait."""
    import_id: int = request.path_params["id"]
    async with request.app.state.db.read() as session:
        line = await external.one(session, staff.scope, import_id)
        doubts = await external.doubts_of(session, staff.scope, import_id) if line.finished else []
    return render(request, "external-import.html", staff, line=line, doubts=doubts)


async def decide(request: Request, staff: Staff) -> Response:
    """Whom a row is about, or nobody of ours."""
    import_id: int = request.path_params["id"]
    form = await form_of(request)
    person = form.get("person", "")
    async with request.app.state.db.begin() as session:
        chosen = None if person == "nobody" else number_of(person)
        if chosen is None and person != "nobody":
            raise UserError("external-not-a-candidate")
        await external.decide(session, staff.scope, number_of(form.get("doubt")) or 0, chosen, now=staff.now)
    return to(request, f"/external/{import_id}", done="settled")


_import = Right.results_import
ROUTES = [
    Route("/external", for_staff(listing, _import), methods=["GET"]),
    Route("/external", for_staff(take, _import), methods=["POST"]),
    Route("/external/files/{file:int}", for_staff(preview, _import), methods=["GET"]),
    Route("/external/files/{file:int}", for_staff(apply, _import), methods=["POST"]),
    Route("/external/{id:int}", for_staff(one, _import), methods=["GET"]),
    Route("/external/{id:int}", for_staff(decide, _import), methods=["POST"]),
]
