"""Appointing methodists in the admin: a look first, the order, the cap, handing over, undoing."""

from __future__ import annotations

import re

import pytest

from bot.db import Database
from bot.models import Person, Role, ScopeKind
from bot.services.access import Grant, Right, Scope
from bot.services.iom import reach
from tests.admin.conftest import Browser, SignIn
from tests.factories import give_role, make_person
from tests.routes import Ground, prepared
from tests.services.test_iom_appointing import held, second_methodist, small_cap, strangers

ORDER = {"order_no": "12-од", "order_date": "24.11.2026"}


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.fixture
async def ground(db: Database) -> Ground:
    return await prepared(db)


def fields(browser: Browser) -> dict[str, str]:
    """Hidden fields of the plan on the page."""
    plan = browser.last.text.partition('id="plan"')[2]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', plan))


async def test_by_rules_and_back(ground: Ground, sign_in: SignIn) -> None:
    (stranger,) = await strangers(ground, 1)
    browser = await sign_in(ground.head, Role.centre_head)
    assert await browser.opens("/iom/methodists") == 200
    assert browser.sees("1 педагог пока без методиста", "Полянская Вера Лаврентьевна", "1 из 250")
    assert await browser.opens("/iom/methodists/appoint", look="yes") == 200
    assert browser.sees("Новый методист будет у 1 педагога", "Учитель Вера 0", "2 из 250")
    found = fields(browser)
    assert await browser.sends("/iom/methodists/appoint", **found, order_no="", order_date="") == 422
    assert browser.sees("Нужны номер приказа")
    assert await browser.sends("/iom/methodists/appoint", **found, **ORDER) == 200
    assert browser.sees("Назначено", "№ 12-од от 24.11.2026", "2 из 250")
    assert await held(ground, stranger) == ground.methodist.id
    assert await browser.sends("/iom/methodists/appoint", **found, **ORDER) == 422
    assert browser.sees("список изменился"), "a press delivered twice appoints once"
    assert await browser.opens(f"/iom/methodists/{ground.methodist.id}", q="вера 0") == 200
    assert browser.sees("Учитель Вера 0", "№ 12-од")
    assert not browser.sees("Иванова")
    assert await browser.sends("/iom/methodists/undo/1") == 200
    assert browser.sees("Назначение отменено", "1 из 250")
    assert await held(ground, stranger) is None


async def test_without_methodists_the_coordinators_do_their_part(ground: Ground, sign_in: SignIn, db: Database) -> None:
    browser = await sign_in(ground.head, Role.centre_head)
    await browser.opens("/iom/methodists")
    assert browser.sees("Если методистов нет", "Передать координаторам")
    assert await browser.sends("/iom/methodists/without", on="yes") == 200
    assert browser.sees("Часть методиста делают муниципальные координаторы", "Вернуть методистам")
    coordinator = Scope(None, (Grant(Role.municipal_coordinator, ScopeKind.municipality, 1),))
    async with db.read() as session:
        assert (await reach.scope_here(session, coordinator)).may(Right.iom_edit)
    await browser.sends("/iom/methodists/without", on="no")
    async with db.read() as session:
        assert not (await reach.scope_here(session, coordinator)).may(Right.iom_edit)
    other = await sign_in(None, Role.centre_staff)
    assert await other.sends("/iom/methodists/without", on="yes") == 403


async def test_the_cap_asks_for_the_word_of_the_order(
    ground: Ground, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_cap(monkeypatch, 2)
    await strangers(ground, 2)
    browser = await sign_in(ground.head, Role.centre_head)
    await browser.opens("/iom/methodists/appoint", look="yes", to=str(ground.methodist.id))
    assert browser.sees("В приказе сказано, что педагогов может быть больше")
    found = fields(browser)
    assert await browser.sends("/iom/methodists/appoint", **found, **ORDER) == 422
    assert browser.sees("Станет 3 учителей, а больше 2")
    assert await browser.sends("/iom/methodists/appoint", **found, **ORDER, over="yes") == 200


async def test_one_who_leaves(ground: Ground, sign_in: SignIn) -> None:
    browser = await sign_in(ground.head, Role.centre_head)
    page = f"/iom/methodists/{ground.methodist.id}/leave"
    assert await browser.opens(page) == 200
    assert browser.sees("1 педагогу не хватает места")
    other: Person = await second_methodist(ground)
    await browser.opens(page)
    assert browser.sees("Иванова Мария Петровна", "Вторая Лидия Ивановна")
    assert await browser.sends(page, **fields(browser), **ORDER) == 200
    assert browser.sees("передача: Полянская Вера Лаврентьевна")
    assert await held(ground, ground.teacher.id) == other.id
    await browser.opens(page)
    assert browser.sees("Передавать некого")


async def test_who_may_not(ground: Ground, sign_in: SignIn) -> None:
    async with ground.db.begin() as session:
        foreign = await make_person(session, "Чужая Вера Ивановна")
        await give_role(session, foreign, Role.methodist, ScopeKind.assigned)
    for role, kind in ((Role.methodist, ScopeKind.assigned), (Role.curator, ScopeKind.organisation)):
        browser = await sign_in(None, role, kind, ground.place.id if kind is ScopeKind.organisation else None)
        assert await browser.opens("/iom/methodists") == 403
        assert await browser.sends("/iom/methodists/undo/1") == 403
    head = await sign_in(ground.head, Role.centre_head)
    assert await head.opens("/iom/methodists/777") == 404
    assert await head.sends("/iom/methodists/undo/777") == 404
