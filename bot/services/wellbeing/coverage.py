"""Prevention of burnout counted from attendance: how many people came to events with the tag."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Event, EventState, Fact, FactKind
from bot.rules.events import BURNOUT
from bot.services.access import Right, Scope
from bot.services.events.attending import SOURCE


@dataclass(frozen=True, slots=True)
class Coverage:
    """A period: events with the tag, people who attended at least one, attendances."""

    events: int
    people: int
    attendances: int


async def of_period(session: AsyncSession, scope: Scope, first: date, last: date, *, zone: ZoneInfo) -> Coverage:
    """From ``first`` through ``last``; from the facts of attendance, never from the check."""
    scope.require(Right.wellbeing_see)
    begin = datetime.combine(first, time(), tzinfo=zone)
    end = datetime.combine(last, time.max, tzinfo=zone)
    rows = await session.execute(
        select(Event.id, Event.tags).where(
            Event.starts_at.between(begin, end), Event.state.not_in((EventState.draft, EventState.cancelled))
        )
    )
    ids = [number for number, tags in rows if BURNOUT in tags]
    people, attendances = (
        await session.execute(
            select(func.count(func.distinct(Fact.person_key)), func.count()).where(
                Fact.kind == FactKind.attended,
                Fact.source_type == SOURCE,
                Fact.source_id.in_(ids),
                Fact.voided_at.is_(None),
            )
        )
    ).one()
    return Coverage(len(ids), people, attendances)
