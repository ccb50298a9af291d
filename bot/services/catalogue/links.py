"""Links of the catalogue: those of lines that are still to come or always there; of what is over nobody needs one."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Activity
from bot.services import links
from bot.services.access import Right, Scope
from bot.services.catalogue.looking import not_over
from bot.services.links import AT_ONCE, Asked, mark


async def due(session: AsyncSession, *, today: date, limit: int = AT_ONCE) -> list[Asked]:
    """Links of open lines whose turn it is."""
    return await links.due(session, Activity, Activity.active.is_(True), not_over(today), today=today, limit=limit)


async def settle(session: AsyncSession, answers: dict[int, bool], *, today: date) -> int:
    """Write down what opened and what did not; how many do not open."""
    return await mark(session, Activity, answers, today=today)


async def broken(session: AsyncSession, scope: Scope, *, today: date) -> int:
    """How many open lines have a link that does not open, for those who may mend it."""
    if not scope.may(Right.catalogue_edit):
        return 0
    where = (Activity.active, Activity.link_broken_on.is_not(None), not_over(today))
    return int(await session.scalar(select(func.count()).select_from(Activity).where(*where)) or 0)
