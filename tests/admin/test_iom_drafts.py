"""Drafts for many in the admin: a group counted, a run to its end, what is told of it."""

from __future__ import annotations

import pytest

from admin.pages import iom_drafts
from bot.db import Database
from bot.models import IomState, Role, ScopeKind
from bot.services import iom
from bot.services.iom import bulk
from bot.services.iom.bulk import Target
from tests.admin.conftest import SignIn
from tests.factories import NOW
from tests.routes import TODAY, Ground, prepared


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.fixture
async def ground(db: Database) -> Ground:
    return await prepared(db)


async def test_a_run_from_the_page(ground: Ground, sign_in: SignIn) -> None:
    await ground.colleague("Берестова Анна Ильинична")
    browser = await sign_in(ground.head, Role.centre_head)
    assert await browser.opens("/iom/drafts", subject="math") == 200
    assert browser.sees("Есть результат и нет маршрута: 2 педагога.", "Обычный, до 48 ч")
    assert await browser.sends("/iom/drafts", variant="usual", subject="math", municipality="") == 200
    page = browser.path.removeprefix("/admin")
    await iom_drafts._aside.settled()
    await browser.opens(page)
    assert browser.sees("Готово", "Разобрано 2 из 2")
    assert "every 1s" not in browser.last.text
    async with ground.db.read() as session:
        route = await iom.mine(session, ground.teacher.id)
    assert route is not None
    assert route.state is IomState.draft
    await browser.opens("/iom/drafts")
    assert browser.sees("Готовить не для кого", "2 из 2")
    assert await browser.sends("/iom/drafts", variant="usual") == 422


async def test_a_stopped_run_is_gone_on_with(ground: Ground, sign_in: SignIn) -> None:
    head = await ground.scope(ground.head)
    async with ground.db.begin() as session:
        number = await bulk.begin(session, head, "short", Target(), now=NOW, today=TODAY)
    browser = await sign_in(ground.head, Role.centre_head)
    await browser.opens(f"/iom/drafts/{number}")
    assert browser.sees("Остановилось на полпути", "Разобрано 0 из 1", "Продолжить")
    assert await browser.sends(f"/iom/drafts/{number}") == 200
    await iom_drafts._aside.settled()
    await browser.opens(f"/iom/drafts/{number}")
    assert browser.sees("Готово")


async def test_who_may_not(ground: Ground, sign_in: SignIn) -> None:
    curator = await sign_in(None, Role.curator, ScopeKind.organisation, ground.place.id)
    assert await curator.opens("/iom/drafts") == 403
    methodist = await sign_in(None, Role.methodist, ScopeKind.assigned)
    assert await methodist.opens("/iom/drafts") == 200
    assert methodist.sees("Готовить не для кого")
    assert await methodist.opens("/iom/drafts/777") == 404
