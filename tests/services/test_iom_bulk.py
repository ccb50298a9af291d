"""Drafts for many at once: the same as one by one, within seats and scope, going on after a stop."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.db import Database
from bot.errors import NotAllowed, NotFound, UserError
from bot.models import (
    Activity,
    ConsentKind,
    Iom,
    IomNotice,
    IomState,
    IomStep,
    NoticeKind,
    Person,
    Role,
    ScopeKind,
)
from bot.services import consents, iom
from bot.services.access import scope_of
from bot.services.iom import bulk, drafting
from bot.services.iom.bulk import Target
from tests.factories import NOW, give_role, make_person
from tests.routes import TODAY, Ground, prepared


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.fixture
async def ground(db: Database) -> Ground:
    return await prepared(db)


async def colleagues(ground: Ground, count: int) -> list[Person]:
    return [await ground.colleague(f"Учитель Вера {number}") for number in range(count)]


async def begun(ground: Ground, target: Target | None = None, variant: str = "short") -> int:
    head = await ground.scope(ground.head)
    async with ground.db.begin() as session:
        return await bulk.begin(session, head, variant, target or Target(), now=NOW, today=TODAY)


async def run(ground: Ground, number: int) -> bulk.Run:
    head = await ground.scope(ground.head)
    await bulk.run_all(ground.db, head, number, now=NOW, today=TODAY)
    async with ground.db.read() as session:
        return await bulk.one(session, head, number)


async def test_everybody_gets_the_draft_she_would_make_herself(ground: Ground) -> None:
    people = await colleagues(ground, 3)
    busy = await ground.route(IomState.active, people[0])
    unwilling = await ground.colleague("Отозвавшая Вера Ильинична")
    content = await ground.colleague("Довольная Вера Ильинична", value=5)
    async with ground.db.begin() as session:
        await consents.withdraw(session, unwilling.id, ConsentKind.data, now=NOW)
    found = await run(ground, await begun(ground))
    assert (found.total, found.made, found.without, found.had, found.finished) == (4, 3, 1, 0, True)
    async with ground.db.begin() as session:
        for person in (ground.teacher, people[1]):
            route = await iom.mine(session, person.id)
            assert route is not None
            assert (route.state, route.agreed_at, route.methodist_id) == (IomState.draft, None, ground.methodist.id)
            steps = [(step.activity_id, step.due, step.mandatory, step.groups, step.reasons) for step in route.steps]
            again = await drafting.make(session, person.id, "short", now=NOW, today=TODAY)
            assert steps == [(s.activity_id, s.due, s.mandatory, s.groups, s.reasons) for s in again.steps]
        assert (await session.get_one(Iom, busy.id)).state is IomState.active
        for person in (unwilling, content):
            assert await iom.mine(session, person.id) is None
        kinds = list(await session.scalars(select(IomNotice.kind).where(IomNotice.iom_id != busy.id)))
        assert kinds == [NoticeKind.offered] * 3


async def test_a_stop_in_the_middle_goes_on_and_doubles_nothing(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    await colleagues(ground, 5)
    monkeypatch.setattr(bulk, "PORTION", 2)
    number = await begun(ground)
    plans, calls = bulk._plans, 0

    def fails(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise OSError("killed")
        return plans(*args)

    monkeypatch.setattr(bulk, "_plans", fails)
    with pytest.raises(OSError, match="killed"):
        await run(ground, number)
    head = await ground.scope(ground.head)
    async with ground.db.read() as session:
        half = await bulk.one(session, head, number)
    assert (half.made, half.finished) == (2, False)
    whole = await run(ground, number)
    assert (whole.total, whole.made, whole.done, whole.finished) == (6, 6, 6, True)
    assert await run(ground, number) == whole, "a finished run changes nothing"
    async with ground.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Iom)) == 6


async def test_seats_are_not_given_twice(ground: Ground) -> None:
    await colleagues(ground, 3)
    number = await begun(ground)
    async with ground.db.begin() as session:
        route = await drafting.make(session, ground.teacher.id, "short", now=NOW, today=TODAY)
        wanted = route.steps[0].activity_id
        (await session.get_one(Activity, wanted)).seats = 2
    found = await run(ground, number)
    assert (found.made, found.done) == (3, 3)
    async with ground.db.read() as session:
        held = await session.scalar(select(func.count()).where(IomStep.activity_id == wanted))
    assert held == 2, "her own seat and one more"


async def test_groups_scopes_and_refusals(ground: Ground) -> None:
    await colleagues(ground, 1)
    head, methodist = await ground.scope(ground.head), await ground.scope(ground.methodist)
    async with ground.db.begin() as session:
        near = Target(ground.place.municipality_id, "math")
        assert await bulk.count(session, head, near, today=TODAY) == 2
        assert await bulk.count(session, head, Target(subject="art"), today=TODAY) == 0
        assert await bulk.count(session, head, Target(ground.place.municipality_id + 999), today=TODAY) == 0
        assert await bulk.count(session, methodist, Target(), today=TODAY) == 2
        foreign = await make_person(session, "Чужая Вера Ивановна")
        await give_role(session, foreign, Role.methodist, ScopeKind.assigned)
        curator = await make_person(session, "Завуч Вера Ивановна")
        await give_role(session, curator, Role.curator, ScopeKind.organisation, ground.place.id)
        strange = await scope_of(session, foreign.id, today=TODAY)
        with pytest.raises(UserError) as refused:
            await bulk.begin(session, strange, "short", Target(), now=NOW, today=TODAY)
        assert refused.value.key == "iom-drafts-nobody"
        with pytest.raises(NotFound):
            await bulk.begin(session, head, "endless", Target(), now=NOW, today=TODAY)
        with pytest.raises(NotAllowed):
            await bulk.count(session, await scope_of(session, curator.id, today=TODAY), Target(), today=TODAY)
        number = await bulk.begin(session, head, "usual", near, now=NOW + timedelta(minutes=1), today=TODAY)
        assert [one.target for one in await bulk.runs(session, head)] == [near]
        assert await bulk.runs(session, methodist) == [], "another's run is not hers"
        with pytest.raises(NotFound):
            await bulk.one(session, methodist, number)
