"""What the menu says of the roadmap to those who answer for measures."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Measure, Occurrence, OccurrenceKind, Roadmap, RoadmapState, Role
from bot.rules.roadmap import SOON
from bot.services.identities import Caller
from bot.services.menu import NextStep
from bot.services.roadmap.looking import OPEN
from bot.services.roadmap.people import mine
from bot.ui.screen import cut

HAVING = (Role.responsible, Role.municipal_coordinator, Role.centre_head, Role.centre_staff)
"""Roles whose menu has the section."""


async def next_step(session: AsyncSession, caller: Caller, *, now: datetime) -> NextStep | None:
    """For the menu of those who have the section: the nearest day of their own within two weeks, or one that passed."""
    if not caller.scope.has(*HAVING):
        return None
    today = now.date()
    row = (
        await session.execute(
            select(Occurrence.id, Occurrence.due, Measure.title)
            .join(Measure, Measure.id == Occurrence.measure_id)
            .join(Roadmap, Roadmap.id == Measure.roadmap_id)
            .where(
                Occurrence.state.in_(OPEN),
                Occurrence.kind == OccurrenceKind.due,
                ~Occurrence.tentative,
                Occurrence.due <= today + timedelta(days=SOON),
                mine(caller.id, today),
                Measure.dropped_at.is_(None),
                Roadmap.state == RoadmapState.running,
            )
            .order_by(Occurrence.due, Occurrence.id)
            .limit(1)
        )
    ).one_or_none()
    if row is None:
        return None
    number, due, title = row
    words = {"title": cut(title, 60), "date": f"{due:%d.%m.%Y}"}
    key = "roadmap-next.late" if due < today else "roadmap-next"
    return NextStep(key, "roadmap-next.button", f"roadmap:day:{number}", words)
