"""Whose ИОМ has an event as an open step: for them some seats are kept."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Activity, Iom, IomState, IomStep, Registration, RegistrationState, StepState

LIVE = (IomState.approved, IomState.active, IomState.paused)
OPEN = (StepState.planned, StepState.in_work, StepState.submitted, StepState.returned)

HELD = (RegistrationState.signed, RegistrationState.offered, RegistrationState.invited)
"""States that take a seat: a seat that is offered or proposed is nobody else's meanwhile."""


async def steps_of(session: AsyncSession, person_id: int, ids: Collection[int]) -> set[int]:
    """Those of the events that are an open step of the person's ИОМ."""
    rows = await session.execute(_steps().where(Iom.person_id == person_id, Activity.event_id.in_(ids)))
    return {event_id for event_id, _ in rows.all() if event_id is not None}


async def routed(session: AsyncSession, event_id: int, people: Collection[int]) -> set[int]:
    """Those of the people who have the event as an open step of their ИОМ."""
    if not people:
        return set()
    rows = await session.execute(_steps().where(Activity.event_id == event_id, Iom.person_id.in_(people)))
    return {person_id for _, person_id in rows.all()}


async def count(
    session: AsyncSession, ids: Collection[int], states: Collection[RegistrationState] = HELD
) -> dict[int, int]:
    """How many people in these states of a list have the event in their ИОМ; one query, for those that keep seats."""
    if not ids:
        return {}
    steps = _steps().where(Activity.event_id.in_(ids)).distinct().subquery()
    r = Registration
    rows = await session.execute(
        select(r.event_id, func.count())
        .join(steps, (steps.c.event_id == r.event_id) & (steps.c.person_id == r.person_id))
        .where(r.state.in_(states))
        .group_by(r.event_id)
    )
    return dict(rows.all())


def _steps() -> Select[int | None, int]:
    return (
        select(Activity.event_id, Iom.person_id)
        .join(IomStep, IomStep.activity_id == Activity.id)
        .join(Iom, Iom.id == IomStep.iom_id)
        .where(Activity.event_id.is_not(None), Iom.state.in_(LIVE), IomStep.state.in_(OPEN))
    )
