"""Talks with methodists: slots, who has booked them, taking a booking off, closing a slot; both are told."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, page_of, render, to
from bot.errors import NotFound
from bot.models import SlotState
from bot.screens import tutorials as screens
from bot.screens.events.wording import When
from bot.services import tutorials
from bot.services.access import Right
from bot.services.tutorials import Told
from bot.ui.screen import Screen

SIZE = 20


async def listing(request: Request, staff: Staff) -> Response:
    """Slots ahead or past: all of the centre's, or a methodist's own."""
    asked = request.query_params
    state, past, number = asked.get("state", ""), asked.get("past") == "yes", page_of(request)
    async with request.app.state.db.read() as session:
        slots, total = await tutorials.listing(
            session,
            staff.scope,
            state=SlotState(state) if state in set(SlotState) else None,
            past=past,
            number=number,
            size=SIZE,
            now=staff.now,
        )
    return render(
        request,
        "tutorials.html",
        staff,
        slots=slots,
        total=total,
        page=number,
        first=number * SIZE + 1,
        last=number * SIZE + len(slots),
        has_next=(number + 1) * SIZE < total,
        asked={"state": state, "past": "yes" if past else ""},
        states=[one.value for one in SlotState],
    )


async def act(request: Request, staff: Staff) -> Response:
    """Close a slot, or take a booking off; whom it concerns is told."""
    number: int = request.path_params["id"]
    what: str = request.path_params["what"]
    texts = request.app.state.texts
    when = When(staff.now, staff.zone)

    def speak(told: Told) -> Screen:
        return screens.pushed(texts.translator(told.locale), told, when)

    async with request.app.state.db.begin() as session:
        match what:
            case "cancel":
                told = await tutorials.cancel(session, staff.scope, number, now=staff.now)
            case "release":
                told = await tutorials.release(session, staff.scope, number, now=staff.now)
            case _:
                raise NotFound()
        await tutorials.tell(session, told, speak, now=staff.now)
    return to(request, "/tutorials", done=f"tutorial-{what}")


ROUTES = [
    Route("/tutorials", for_staff(listing, Right.programmes_run), methods=["GET"]),
    Route("/tutorials/{id:int}/{what}", for_staff(act, Right.programmes_run), methods=["POST"]),
]
