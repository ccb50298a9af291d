"""The nearest thing of a route, for the main menu."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Iom, IomState, IomStep
from bot.rules import iom_states
from bot.services.identities import Caller
from bot.services.menu import NextStep


async def next_step(session: AsyncSession, caller: Caller, *, now: datetime) -> NextStep | None:
    """A route to agree to, the next step, the exit diagnosis. One or two queries."""
    row = (
        await session.execute(select(Iom.id, Iom.state).where(Iom.person_id == caller.id, Iom.closed_at.is_(None)))
    ).one_or_none()
    if row is None:
        return None
    if row.state is IomState.offered:
        return NextStep("iom-next-offered", "iom-next-offered.open", "iom:home", {})
    if row.state is IomState.exit_check:
        return NextStep("iom-next-exit", "iom-next-exit.open", "iom:home", {})
    if row.state is not IomState.active:
        return None
    step = (
        await session.execute(
            select(IomStep.id, IomStep.title)
            .where(IomStep.iom_id == row.id, IomStep.state.in_(iom_states.OPEN_STEP))
            .order_by(IomStep.due_on, IomStep.place)
            .limit(1)
        )
    ).one_or_none()
    if step is None:
        return None
    return NextStep("iom-next-step", "iom-next-step.open", f"iom:step:{step.id}", {"title": step.title[:80]})
