"""Certificates of an event or a group as one archive: begun, watched, taken."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from admin.aside import Aside
from admin.auth import for_staff
from admin.rendering import Staff, render, to
from bot.errors import NotFound
from bot.services import certificates, exports, files
from bot.services.access import Right
from bot.services.certificates import Batch, Of

_aside = Aside("certificates-archive-stopped")


async def page(request: Request, staff: Staff) -> Response:
    """How many there are, how far the archive is, what waits; asks again by itself while it is made."""
    async with request.app.state.db.read() as session:
        made = await _batch(request, staff)
        under_way = await exports.standing(session, made.errand(staff.scope), now=staff.now)
        ready = await exports.ready(session, made.errand(staff.scope), now=staff.now)
    return render(request, "certificates.html", staff, made=made, under_way=under_way, ready=ready)


async def begin(request: Request, staff: Staff) -> Response:
    """Begin to draw; the page shows how far it is."""
    made, db = await _batch(request, staff), request.app.state.db
    async with db.begin() as session:
        await certificates.begin(session, staff.scope, made, now=staff.now)
    work = certificates.run(
        db, request.app.state.settings, staff.scope, made, staff.t,
        name=f"certificates-{made.of.name}-{made.id}.zip", clock=request.app.state.clock,
    )  # fmt: skip
    _aside.begin(made.errand(staff.scope).name, work)
    return to(request, f"/{made.of.value}/{made.id}/archive")


async def stored(request: Request, staff: Staff) -> Response:
    """An archive that waits; only for whom it was made."""
    made = await _batch(request, staff)
    async with request.app.state.db.read() as session:
        purpose = made.errand(staff.scope).purpose
        file = await files.uploaded(session, request.path_params["file"], owner_id=staff.id, purpose=purpose)
        if file.expires_at is None or file.expires_at <= staff.now:
            raise NotFound()
        path = await files.path_of(session, request.app.state.settings, file.id)
    return FileResponse(path, media_type=certificates.ZIP, filename=file.name)


async def _batch(request: Request, staff: Staff) -> Batch:
    of = Of(request.url.path.rsplit("/archive", 1)[0].split("/")[-2])
    async with request.app.state.db.read() as session:
        return await certificates.batch(session, staff.scope, of, request.path_params["id"], today=staff.today)


ROUTES = [
    route
    for of, right in ((Of.event, Right.events_edit), (Of.cohort, Right.programmes_edit))
    for route in (
        Route(f"/{of.value}/{{id:int}}/archive", for_staff(page, right), methods=["GET"]),
        Route(f"/{of.value}/{{id:int}}/archive", for_staff(begin, right), methods=["POST"]),
        Route(f"/{of.value}/{{id:int}}/archive/{{file:int}}", for_staff(stored, right), methods=["GET"]),
    )
]
