"""Places of work that people added themselves."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, form_of, number_of, render, to
from bot.services import place_review
from bot.services.access import Right


async def listing(request: Request, staff: Staff) -> Response:
    """Places that wait."""
    async with request.app.state.db.read() as session:
        waiting = await place_review.waiting(session, staff.scope, today=staff.today)
    return render(request, "organisations.html", staff, waiting=waiting)


async def approve(request: Request, staff: Staff) -> Response:
    """The place is real."""
    async with request.app.state.db.begin() as session:
        await place_review.approve(session, staff.scope, request.path_params["id"], now=staff.now)
    return to(request, "/organisations", done="approved")


async def join(request: Request, staff: Staff) -> Response:
    """The place was there already under another name."""
    form = await form_of(request)
    into = number_of(form.get("into")) or 0
    async with request.app.state.db.begin() as session:
        await place_review.join(session, staff.scope, request.path_params["id"], into, now=staff.now)
    return to(request, "/organisations", done="joined")


ROUTES = [
    Route("/organisations", for_staff(listing, Right.people_confirm), methods=["GET"]),
    Route("/organisations/{id:int}/approve", for_staff(approve, Right.people_confirm), methods=["POST"]),
    Route("/organisations/{id:int}/join", for_staff(join, Right.people_confirm), methods=["POST"]),
]
