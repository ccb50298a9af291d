"""Candidates for the methodical active: only finished routes that left nothing, only within reach, looks recorded."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from bot.db import Database
from bot.models import DeficitLevel, IomDeficit, IomState, Role, ScopeKind, View
from tests.admin.conftest import SignIn
from tests.routes import Ground, prepared


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.fixture
async def ground(db: Database) -> Ground:
    return await prepared(db)


async def test_who_is_a_candidate(ground: Ground, sign_in: SignIn) -> None:
    done = await ground.route(IomState.completed)
    await ground.route(IomState.active, await ground.colleague("Берестова Анна Ильинична"))
    browser = await sign_in(ground.head, Role.centre_head)
    assert await browser.opens("/iom/candidates") == 200
    assert browser.sees("Иванова Мария Петровна", "24.11.2026", "Методические", "Маршрут пройден целиком.")
    assert not browser.sees("Берестова")
    async with ground.db.begin() as session:
        assert list(await session.scalars(select(View.person_id))) == [ground.teacher.id]
        left = update(IomDeficit).where(IomDeficit.iom_id == done.id, IomDeficit.group_slug == "method")
        await session.execute(left.values(after_level=DeficitLevel.middle))
    await browser.opens("/iom/candidates")
    assert browser.sees("Пока никого"), "one deficit that is left is enough"


async def test_only_within_reach(ground: Ground, sign_in: SignIn) -> None:
    await ground.route(IomState.completed)
    foreign = await sign_in(None, Role.methodist, ScopeKind.assigned)
    assert await foreign.opens("/iom/candidates") == 200
    assert foreign.sees("Пока никого")
    director = await sign_in(None, Role.school_head, ScopeKind.organisation, ground.place.id)
    assert await director.opens("/iom/candidates") == 403
    async with ground.db.read() as session:
        assert list(await session.scalars(select(View.id))) == []
