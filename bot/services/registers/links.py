"""Links of records: asked at night whether they open; those that do not are marked, never deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import RecordState, RegisterRecord
from bot.services.registers.kinds import kinds

EVERY = timedelta(days=7)
"""A link is asked again after so long; a broken one every night."""

AT_ONCE = 200


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
            or_(
                r.link_checked_on.is_(None),
                r.link_checked_on <= today - EVERY,
                r.link_broken_on.is_not(None) & (r.link_checked_on < today),
            ),
        )
        .order_by(r.link_checked_on.is_not(None), r.link_checked_on, r.id)
        .limit(limit * 5)
    )
    found = [Asked(row.id, str(row.values.get(fields[row.register]) or "")) for row in rows]
    return [one for one in found if one.url][:limit]


async def settle(session: AsyncSession, answers: dict[int, bool], *, today: date) -> int:
    """Write down what opened and what did not; how many do not open."""
    rows = await session.scalars(select(RegisterRecord).where(RegisterRecord.id.in_(list(answers))))
    for row in rows:
        row.link_checked_on = today
        row.link_broken_on = None if answers[row.id] else (row.link_broken_on or today)
    await session.flush()
    return sum(not opens for opens in answers.values())
