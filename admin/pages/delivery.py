"""Messengers and delivery: what works, what waits, what nobody is sure about."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.pages.start import state_of
from admin.rendering import Staff, form_of, render, to
from bot.services import people_list, staff_overview
from bot.services.access import Right


async def listing(request: Request, staff: Staff) -> Response:
    """The state of every messenger, and unsure messages without their words."""
    settings = request.app.state.settings
    async with request.app.state.db.read() as session:
        channels = await staff_overview.channels(session, settings, now=staff.now)
        waiting = await staff_overview.unassigned(session)
        unsure = await staff_overview.unsure(session, staff.scope)
        names = (
            await people_list.names_of(session, [one.person_id for one in unsure])
            if staff.may(Right.people_see)
            else {}
        )
        institution = await staff_overview.institution(session)
    return render(
        request,
        "delivery.html",
        staff,
        channels=[(channel, state_of(channel.messenger, on=channel.on)) for channel in channels],
        waiting=waiting,
        unsure=unsure,
        names=names,
        institution=institution,
        quiet=settings.delivery.quiet_hours.replace("-", "–"),
    )


async def settle(request: Request, staff: Staff) -> Response:
    """Send an unsure message again, or take it as delivered."""
    form = await form_of(request)
    async with request.app.state.db.begin() as session:
        await staff_overview.settle(
            session, staff.scope, request.path_params["id"], again=form.get("do") == "again", now=staff.now
        )
    return to(request, "/delivery", done="settled")


ROUTES = [
    Route("/delivery", for_staff(listing, Right.delivery_see), methods=["GET"]),
    Route("/delivery/{id:int}", for_staff(settle, Right.delivery_see), methods=["POST"]),
]
