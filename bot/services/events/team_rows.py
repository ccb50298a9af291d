"""Rows of teams: who is in one, who gathers it, when it is no more. The event is locked by the caller."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Event, EventTeam, Registration, RegistrationState
from bot.rules.event_teams import term
from bot.services.events.reserve import HELD


async def standing(session: AsyncSession, event_id: int, organisation_id: int) -> EventTeam | None:
    """The team of a school for an event."""
    return await session.scalar(
        select(EventTeam).where(
            EventTeam.event_id == event_id,
            EventTeam.organisation_id == organisation_id,
            EventTeam.dissolved_at.is_(None),
        )
    )


async def places(session: AsyncSession, team_id: int) -> list[Registration]:
    """Places the team holds, in the order in which they were agreed to."""
    r = Registration
    rows = await session.scalars(select(r).where(r.team_id == team_id, r.state.in_(HELD)).order_by(r.changed_at, r.id))
    return list(rows)


async def settle(session: AsyncSession, team_id: int, *, now: datetime) -> None:
    """After somebody has gone: the next who agreed gathers the team; with none left it is no more."""
    team = await session.get(EventTeam, team_id)
    if team is None or team.dissolved_at is not None:
        return
    signed = [row for row in await places(session, team_id) if row.state is RegistrationState.signed]
    if not signed:
        await dissolve(session, team, now=now)
    elif all(row.person_id != team.organiser_id for row in signed):
        team.organiser_id = signed[0].person_id
    await session.flush()


async def dissolve(session: AsyncSession, team: EventTeam, *, now: datetime) -> None:
    """Every place is free again; the rows keep the team until their people have been told of it."""
    for row in await places(session, team.id):
        row.state, row.changed_at, row.held_until = RegistrationState.cancelled, now, None
    team.dissolved_at = now
    await session.flush()


async def new_terms(session: AsyncSession, event: Event, *, now: datetime) -> None:
    """The event has another time or another end of sign-up: so have its teams."""
    for team in await session.scalars(
        select(EventTeam).where(EventTeam.event_id == event.id, EventTeam.dissolved_at.is_(None))
    ):
        until = term(event.starts_at, event.closes_at, ZoneInfo(event.zone), made_at=now)
        if until != team.until:
            team.until, team.told_at = until, None
