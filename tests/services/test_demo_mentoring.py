"""Mentoring of the demonstration: every step of a pair's life is there, and nothing waits to be told."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from bot.config import Settings
from bot.db import Database
from bot.models import (
    Fact,
    FactKind,
    MatchLeft,
    MatchRun,
    MentorMeeting,
    MentorNotice,
    MentorPair,
    MentorProfile,
    PairState,
    RunState,
    Side,
)
from bot.services import demo
from bot.services.access import scope_of
from bot.services.mentoring import profiles, pulse, views

TODAY = date(2026, 11, 24)


async def test_pairs_at_every_step(db: Database, settings: Settings) -> None:
    await demo.fill(db, settings, people=200, seed=1, today=TODAY)
    async with db.read() as session:
        people = dict(await demo.staff_links(session))
        states = set(await session.scalars(select(MentorPair.state)))
        assert set(PairState) - states <= {PairState.refused}
        run = (await session.scalars(select(MatchRun))).one()
        assert (run.state, run.going) == (RunState.done, False)
        assert (await session.scalar(select(func.count()).select_from(MatchLeft)) or 0) > 0
        assert await session.scalar(select(func.count()).where(MentorNotice.told_at.is_(None))) == 0
        over = select(func.count()).where(MentorMeeting.held_on > TODAY)
        assert await session.scalar(over) == 0
        head = await scope_of(session, people["centre_head"], today=TODAY)
        rows, count = await profiles.base(session, head, today=TODAY)
        assert count == len(rows) > 10
        assert len(await pulse.concerns(session, head, today=TODAY)) == 1
        (card,) = [one for one in await views.mine(session, people["mentor"], today=TODAY) if one.met]
        assert (card.state, card.side) == (PairState.active, Side.mentor)
        assert card.planned_at is not None
        assert card.met > 2
        assert (await session.scalar(select(func.count()).where(Fact.kind == FactKind.mentored)) or 0) > 20


async def test_a_small_demonstration_has_its_pair_too(db: Database, settings: Settings) -> None:
    await demo.fill(db, settings, people=40, seed=7, today=TODAY)
    async with db.read() as session:
        people = dict(await demo.staff_links(session))
        held = await session.scalar(select(MentorPair.state).where(MentorPair.mentor_id == people["mentor"]))
        assert held is PairState.active
        profile = await profiles.profile_of(session, people["mentor"])
        assert isinstance(profile, MentorProfile)
        assert profile.max_load == 3
