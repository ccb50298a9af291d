"""Candidates for the methodical active: whose route is done and has left no deficit."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, page_of, render
from bot.services.access import Right
from bot.services.iom.candidates import candidates


async def listing(request: Request, staff: Staff) -> Response:
    """A page of them; each look is recorded, as that of a route."""
    zone = request.app.state.settings.zone
    async with request.app.state.db.begin() as session:
        found = await candidates(
            session, staff.scope, zone=zone, now=staff.now, today=staff.today, page=page_of(request)
        )
    return render(request, "iom-candidates.html", staff, found=found)


ROUTES = [Route("/iom/candidates", for_staff(listing, Right.iom_open), methods=["GET"])]
