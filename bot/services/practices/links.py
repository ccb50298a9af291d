"""Links of published practices."""

from __future__ import annotations

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Practice, PracticeState
from bot.services import links
from bot.services.links import AT_ONCE, Asked, mark


async def due(session: AsyncSession, *, today: date, limit: int = AT_ONCE) -> list[Asked]:
    """Links of published practices whose turn it is."""
    return await links.due(session, Practice, Practice.state == PracticeState.published, today=today, limit=limit)


async def settle(session: AsyncSession, answers: dict[int, bool], *, today: date) -> int:
    """Write down what opened and what did not; how many do not open."""
    return await mark(session, Practice, answers, today=today)
