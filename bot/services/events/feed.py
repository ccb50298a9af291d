"""Events as a calendar file (RFC 5545): one for a person, or the open feed. icalendar is loaded when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.models import EventState
from bot.services.events.reading import EventLine

SEQUENCE_OF = {EventState.cancelled: "CANCELLED"}


def calendar(lines: Sequence[EventLine], *, name: str, host: str, now: datetime, url: str = "") -> bytes:
    """The file. Moments are in UTC: every calendar shows them on its own clock. Nobody's name is inside."""
    from icalendar import Calendar, Event

    made = Calendar()
    made.add("prodid", "-//Marshrut//events//RU")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", name)
    for line in lines:
        event = Event()
        event.add("uid", f"event-{line.id}@{host}")
        event.add("dtstamp", now.astimezone(UTC))
        event.add("dtstart", line.starts_at.astimezone(UTC))
        event.add("dtend", line.ends_at.astimezone(UTC))
        event.add("summary", line.title)
        if line.place:
            event.add("location", line.place)
        if url:
            event.add("url", f"{url}{line.id}")
        event.add("status", SEQUENCE_OF.get(line.state, "CONFIRMED"))
        made.add_component(event)
    content: bytes = made.to_ical()
    return content
