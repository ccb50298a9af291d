"""The personal way into an online meeting: our page first, the room behind it (its address may change)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound
from bot.models import Event, EventState, Registration, RegistrationState
from bot.services.events.reading import EventLine, line_of

EARLY = timedelta(hours=1)
"""The room opens so long before the beginning."""


@dataclass(frozen=True, slots=True)
class Door:
    """What the page says; ``room`` is empty while it is too early, too late or there is none."""

    line: EventLine
    room: str


async def door(session: AsyncSession, token: str, *, now: datetime) -> Door:
    """By the personal address. NotFound for a stranger's, a cancelled place, a cancelled event."""
    row = await _row(session, token)
    event = row[1]
    opened = event.starts_at - EARLY <= now <= event.ends_at
    return Door(line_of(event), event.link if opened else "")


async def enter(session: AsyncSession, token: str, *, now: datetime) -> str:
    """The room; that she went in is remembered once. It is no mark of attendance."""
    own, event = await _row(session, token)
    if not event.link or not event.starts_at - EARLY <= now <= event.ends_at:
        raise NotFound()
    if own.joined_at is None:
        own.joined_at = now
        await session.flush()
    return event.link


async def _row(session: AsyncSession, token: str) -> tuple[Registration, Event]:
    row = (
        await session.execute(
            select(Registration, Event)
            .join(Event, Event.id == Registration.event_id)
            .where(Registration.token == token[:64], Registration.state == RegistrationState.signed)
        )
    ).one_or_none()
    if row is None or row[1].state in (EventState.cancelled, EventState.draft):
        raise NotFound()
    return row[0], row[1]
