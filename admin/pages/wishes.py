"""What teachers ask for: topics, how many wait, an event to invite them to."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, form_of, number_of, render, to
from bot.models import Event
from bot.screens import wishes as screens
from bot.services import wishes
from bot.services.access import Right
from bot.ui.screen import Screen


async def listing(request: Request, staff: Staff) -> Response:
    """The most wanted first."""
    async with request.app.state.db.read() as session:
        topics = await wishes.topics(session, staff.scope)
        events = await wishes.events_ahead(session, now=staff.now)
        least = await wishes.enough(session)
    return render(request, "wishes.html", staff, topics=topics, events=events, least=least)


async def invite(request: Request, staff: Staff) -> Response:
    """Tell those who wait of an event."""
    form = await form_of(request)
    texts = request.app.state.texts

    def speak(locale: str, topic: str, event: Event) -> Screen:
        day = event.starts_at.astimezone(staff.zone).date()
        return screens.invited(texts.translator(locale), topic, event_id=event.id, title=event.title, day=day)

    async with request.app.state.db.begin() as session:
        await wishes.invite(
            session, staff.scope, form.get("key", "")[:255], number_of(form.get("event")) or 0, speak, now=staff.now
        )
    return to(request, "/wishes", done="wishes-invited")


ROUTES = [
    Route("/wishes", for_staff(listing, Right.events_edit), methods=["GET"]),
    Route("/wishes", for_staff(invite, Right.events_edit), methods=["POST"]),
]
