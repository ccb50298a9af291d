"""Links of records: asked at night whether they open; those that do not are marked, never deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Practice, RecordState, RegisterRecord
from bot.services.registers.kinds import kinds

EVERY = timedelta(days=7)
"""A link is asked again after so long; a broken one every night."""

AT_ONCE = 200


Linked = TypeVar("Linked", RegisterRecord, Practice)
"""Tables whose rows carry a link that is looked after."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A link to be asked."""

    record_id: int
    url: str


async def due(session: AsyncSession, *, today: date, limit: int = AT_ONCE) -> list[Asked]:
    """Links nobody asked for a week, and the broken ones; the longest unasked first."""
    fields = {slug: kind.link.name for slug, kind in kinds().items() if kind.link is not None}
    r = RegisterRecord
    rows = await session.scalars(
        select(r)
        .where(
            r.register.in_(fields),
            r.state == RecordState.active,
            turn_of(r, today),
        )
        .order_by(r.link_checked_on.is_not(None), r.link_checked_on, r.id)
        .limit(limit * 5)
    )
    found = [Asked(row.id, str(row.values.get(fields[row.register]) or "")) for row in rows]
    return [one for one in found if one.url][:limit]


async def settle(session: AsyncSession, answers: dict[int, bool], *, today: date) -> int:
    """Write down what opened and what did not; how many do not open."""
    return await mark(session, RegisterRecord, answers, today=today)


def turn_of(table: type[Linked], today: date) -> ColumnElement[bool]:
    """True where a link is to be asked again."""
    return or_(
        table.link_checked_on.is_(None),
        table.link_checked_on <= today - EVERY,
        table.link_broken_on.is_not(None) & (table.link_checked_on < today),
    )


async def mark(session: AsyncSession, table: type[Linked], answers: dict[int, bool], *, today: date) -> int:
    """Since when a link does not open; one that opens again loses the mark."""
    rows = await session.scalars(select(table).where(table.id.in_(list(answers))))
    for row in rows:
        row.link_checked_on = today
        row.link_broken_on = None if answers[row.id] else (row.link_broken_on or today)
    await session.flush()
    return sum(not opens for opens in answers.values())
