"""Links of published practices: asked at night like those of registers, marked and never deleted."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Practice, PracticeState
from bot.services.registers.links import AT_ONCE, Asked, mark, turn_of


async def due(session: AsyncSession, *, today: date, limit: int = AT_ONCE) -> list[Asked]:
    """Links nobody asked for a week, and the broken ones; the longest unasked first."""
    p = Practice
    rows = await session.execute(
        select(p.id, p.link)
        .where(p.state == PracticeState.published, p.link != "", turn_of(p, today))
        .order_by(p.link_checked_on.is_not(None), p.link_checked_on, p.id)
        .limit(limit)
    )
    return [Asked(number, link) for number, link in rows]


async def settle(session: AsyncSession, answers: dict[int, bool], *, today: date) -> int:
    """Write down what opened and what did not; how many do not open."""
    return await mark(session, Practice, answers, today=today)
