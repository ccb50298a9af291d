"""Routes of the demonstration: every state is there, and what is stored keeps the rules of routes."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from sqlalchemy import func, select

from bot.config import Settings
from bot.db import Database
from bot.models import Evidence, Fact, FactKind, Iom, IomDeficit, IomMove, IomRevision, IomState, IomStep, StepState
from bot.rules import iom_states
from bot.rules.iom_states import Line
from bot.services import demo, iom
from bot.services.access import scope_of
from bot.services.iom import agreeing, appointing, papers, staff

TODAY = date(2026, 11, 24)


@pytest.fixture
async def filled(db: Database, settings: Settings) -> Database:
    await demo.fill(db, settings, people=200, seed=1, today=TODAY)
    return db


async def test_every_state_and_every_kind_of_work(filled: Database) -> None:
    async with filled.read() as session:
        states = set(await session.scalars(select(Iom.state)))
        steps = set(await session.scalars(select(IomStep.state)))
        assert states == set(IomState)
        assert {StepState.planned, StepState.submitted, StepState.returned, StepState.accepted} <= steps
        assert await session.scalar(select(func.count()).select_from(IomRevision)) == 1
        people = dict(await demo.staff_links(session))
        route = await iom.mine(session, people["teacher"])
        assert route is not None
        assert route.state is IomState.active
        assert route.methodist_id == people["methodist"]
        methodist = await scope_of(session, people["methodist"], today=TODAY)
        _, tasks = await staff.queue(session, methodist, today=TODAY)
        head = await scope_of(session, people["centre_head"], today=TODAY)
        _, waiting = await staff.to_approve(session, head, today=TODAY)
        assert tasks > 2
        assert waiting >= 1
        assert any(load.teachers > 20 for load in await appointing.loads(session, today=TODAY))
        assert len(await papers.orders(session, head, today=TODAY)) > 2


async def test_what_is_stored_keeps_the_rules(filled: Database, settings: Settings) -> None:
    now = datetime.combine(TODAY, time(9), tzinfo=settings.zone)
    async with filled.read() as session:
        for row in await session.scalars(select(Iom)):
            steps = list(await session.scalars(select(IomStep).where(IomStep.iom_id == row.id)))
            moves = list(await session.scalars(select(IomMove).where(IomMove.iom_id == row.id).order_by(IomMove.id)))
            state = IomState.draft
            for move in moves:
                assert move.before == state
                assert iom_states.may(state, IomState(move.after))
                assert move.at <= now
                state = IomState(move.after)
            assert state is row.state
            share = iom_states.progress([Line(s.state, s.mandatory, s.hours, s.due_on) for s in steps], TODAY).share
            if row.state in (IomState.exit_check, IomState.completed):
                assert share == 1
            elif row.state is IomState.completed_partly:
                assert iom_states.PARTLY <= share < 1
            elif steps and row.state in iom_states.FOLLOWED:
                assert share < 1, "a route with every step done is not under way"
            ordered = row.state not in iom_states.PLANNING
            assert bool(row.order_no) is ordered
            assert bool(row.reg_no) is ordered
            if row.state is IomState.agreed:
                assert row.agreed_steps == agreeing.signature(steps)
            if ordered:
                assert row.order_date is not None
                assert row.order_date <= TODAY
            assert (row.closed_at is not None) is (row.state in iom_states.CLOSED)
            assert all(s.accepted_on is None or row.starts_on <= s.accepted_on <= TODAY for s in steps)
        received = await session.scalar(select(func.count()).where(Fact.kind == FactKind.iom_received))
        completed = await session.scalar(select(func.count()).where(Fact.kind == FactKind.iom_completed))
        with_order = await session.scalar(select(func.count()).select_from(Iom).where(Iom.order_no != ""))
        finished = await session.scalar(select(func.count()).select_from(Iom).where(Iom.state == IomState.completed))
        assert (received, completed) == (with_order, finished)
        after = select(IomDeficit.after_pct).join(Iom, Iom.id == IomDeficit.iom_id)
        assert None not in set(await session.scalars(after.where(Iom.state == IomState.completed)))
        assert all(len(text) > 2 for text in await session.scalars(select(Evidence.text)))
