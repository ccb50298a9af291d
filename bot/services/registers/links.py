"""Links of records of registers, each in the field its kind names."""

from __future__ import annotations

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import RecordState, RegisterRecord
from bot.services.links import AT_ONCE, Asked, in_turn, mark
from bot.services.registers.kinds import kinds


async def due(session: AsyncSession, *, today: date, limit: int = AT_ONCE) -> list[Asked]:
    """Links of active records whose turn it is."""
    fields = {slug: kind.link.name for slug, kind in kinds().items() if kind.link is not None}
    r = RegisterRecord
    turn = in_turn(r, r.register.in_(fields), r.state == RecordState.active, today=today)
    rows = await session.scalars(turn.limit(limit * 5))
    found = [Asked(row.id, str(row.values.get(fields[row.register]) or "")) for row in rows]
    return [one for one in found if one.url][:limit]


async def settle(session: AsyncSession, answers: dict[int, bool], *, today: date) -> int:
    """Write down what opened and what did not; how many do not open."""
    return await mark(session, RegisterRecord, answers, today=today)
