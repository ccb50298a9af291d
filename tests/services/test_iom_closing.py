"""Steps that close themselves, of every kind; what refuses to be closed; the next route after the end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.db import Database
from bot.errors import UserError
from bot.models import Activity, ActivityKind, Iom, IomMove, IomNotice, IomState, IomStep, NoticeKind, StepState
from bot.services import iom
from bot.services.iom import agreeing, drafting, following
from bot.services.iom.following import Source
from tests.factories import NOW
from tests.routes import TODAY, Ground, answered, prepared


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.fixture
async def ground(db: Database) -> Ground:
    return await prepared(db)


async def steps_of(ground: Ground, iom_id: int) -> list[IomStep]:
    async with ground.db.read() as session:
        return list(await session.scalars(select(IomStep).where(IomStep.iom_id == iom_id).order_by(IomStep.place)))


@pytest.mark.parametrize("kind", ActivityKind)
async def test_what_happened_closes_the_earliest_step_of_its_kind(ground: Ground, kind: ActivityKind) -> None:
    route = await ground.route(IomState.active)
    first, second = route.steps[0].id, route.steps[1].id
    async with ground.db.begin() as session:
        for step in await session.scalars(select(IomStep)):
            step.kind = ActivityKind.contest if kind is ActivityKind.webinar else ActivityKind.webinar
        later, sooner = await session.get_one(IomStep, first), await session.get_one(IomStep, second)
        later.kind = sooner.kind = kind
        later.due_on, sooner.due_on = TODAY + timedelta(days=40), TODAY + timedelta(days=20)
        happened = Source("made", 5, TODAY, kind=kind)
        assert await iom.close_by(session, ground.teacher.id, happened, now=NOW) == [second]
        assert await iom.close_by(session, ground.teacher.id, happened, now=NOW) == [], "the same fact again"
        assert await iom.close_by(session, ground.teacher.id, Source("made", 6, TODAY, kind=kind), now=NOW) == [first]
        assert await iom.close_by(session, ground.teacher.id, Source("made", 7, TODAY, kind=kind), now=NOW) == []
    async with ground.db.read() as session:
        closed = await session.get_one(IomStep, second)
        assert (closed.state, closed.accepted_on, closed.accepted_by_id) == (StepState.accepted, TODAY, None)
        assert (closed.source_type, closed.source_id) == ("made", 5)
        moves = select(IomMove.after).where(IomMove.step_id == second)
        assert list(await session.scalars(moves)) == ["accepted"]
        told = select(func.count()).where(IomNotice.kind == NoticeKind.auto)
        assert await session.scalar(told) == 2


async def test_an_activity_closes_exactly_its_step_whatever_was_sent(ground: Ground) -> None:
    route = await ground.route(IomState.active)
    step = route.steps[-1]
    async with ground.db.begin() as session:
        await following.submit(session, ground.teacher.id, step.id, text="Провела урок", now=NOW)
        source = Source("attendance", 3, TODAY, activity_id=step.activity_id)
        assert await iom.close_by(session, ground.teacher.id, source, now=NOW) == [step.id]
        with pytest.raises(UserError):
            await following.submit(session, ground.teacher.id, step.id, text="Ещё раз", now=NOW)
        unknown = Source("attendance", 4, TODAY, activity_id=2**40)
        assert await iom.close_by(session, ground.teacher.id, unknown, now=NOW) == []


@pytest.mark.parametrize("state", [IomState.draft, IomState.agreed, IomState.stopped, IomState.completed])
async def test_a_route_that_is_not_followed_is_left_alone(ground: Ground, state: IomState) -> None:
    route = await ground.route(state)
    before = [(step.id, step.state) for step in await steps_of(ground, route.id)]
    async with ground.db.begin() as session:
        for step in route.steps:
            source = Source("made", step.id + 900, TODAY, activity_id=step.activity_id, kind=step.kind)
            assert await iom.close_by(session, ground.teacher.id, source, now=NOW) == []
        made = Source("made", 1, TODAY, kind=ActivityKind.webinar)
        assert await iom.close_by(session, ground.head.id, made, now=NOW) == []
    assert [(step.id, step.state) for step in await steps_of(ground, route.id)] == before


async def test_a_paused_route_is_closed_by_facts_and_goes_to_its_end_after_the_pause(ground: Ground) -> None:
    route = await ground.route(IomState.paused)
    async with ground.db.begin() as session:
        for step in route.steps:
            source = Source("made", step.id, TODAY, activity_id=step.activity_id)
            await iom.close_by(session, ground.teacher.id, source, now=NOW)
        assert (await session.get_one(Iom, route.id)).state is IomState.paused
        await agreeing.go_on(session, ground.teacher.id, now=NOW)
        assert (await session.get_one(Iom, route.id)).state is IomState.exit_check


async def test_the_next_route_begins_from_the_new_result(ground: Ground) -> None:
    first = await ground.route(IomState.completed)
    async with ground.db.begin() as session:
        with pytest.raises(UserError) as refused:
            await drafting.make(session, ground.teacher.id, "short", now=NOW, today=TODAY)
        assert refused.value.key == "iom-no-needs", "the exit diagnosis left nothing to work on"
    await answered(ground.db, ground.teacher.id, 2, days=0)
    second = await ground.route(IomState.active, order_no="146-од")
    assert second.id != first.id
    assert second.reg_no != first.reg_no
    async with ground.db.begin() as session:
        route = await iom.mine(session, ground.teacher.id)
        assert route is not None
        assert route.id == second.id
        old = await session.get_one(Iom, first.id)
        assert (old.state, old.order_no) == (IomState.completed, "145-од")
        activity = await session.get_one(Activity, second.steps[0].activity_id)
        source = Source("made", 77, TODAY, activity_id=activity.id)
        assert await iom.close_by(session, ground.teacher.id, source, now=NOW) == [second.steps[0].id]
