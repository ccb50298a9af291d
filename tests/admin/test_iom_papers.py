"""Papers of routes in the admin: filters, files of the right kind, who may take them, what is recorded."""

from __future__ import annotations

import io

import docx
import openpyxl
import pytest
from sqlalchemy import select

from bot.db import Database
from bot.models import Change, IomState, Role, ScopeKind, View
from tests.admin.conftest import SignIn
from tests.routes import Ground, prepared


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.fixture
async def ground(db: Database) -> Ground:
    return await prepared(db)


async def test_the_page_and_its_files(ground: Ground, sign_in: SignIn) -> None:
    route = await ground.route(IomState.active)
    browser = await sign_in(ground.head, Role.centre_head)
    assert await browser.opens("/iom/papers") == 200
    assert browser.sees("В реестре 1 маршрут.", "№ 145-од", "24.11.2026")
    await browser.opens("/iom/papers", state="draft", methodist="1", since="2026-01-01")
    assert browser.sees("Таких маршрутов нет.")
    assert await browser.opens("/iom/papers", since="вчера") == 422
    assert await browser.opens("/iom/papers/register.xlsx") == 200
    sheet = openpyxl.load_workbook(io.BytesIO(browser.last.content)).active
    assert sheet is not None
    assert sheet["B3"].value == route.name
    assert await browser.opens("/iom/papers/order.docx", number="145-од", date="2026-11-24") == 200
    assert docx.Document(io.BytesIO(browser.last.content)).tables[0].rows[1].cells[2].text == route.name
    assert await browser.opens("/iom/papers/order.docx", number="7", date="2026-11-24") == 404
    assert await browser.opens(f"/iom/{route.id}/card.docx") == 200
    assert docx.Document(io.BytesIO(browser.last.content)).tables[0].rows[0].cells[1].text == route.name
    async with ground.db.read() as session:
        made = list(await session.scalars(select(Change.entity_id).where(Change.action == "exported")))
        looked = list(await session.scalars(select(View.person_id)))
    assert sorted(made) == [0, 0, route.id]
    assert looked == [ground.teacher.id]


async def test_a_school_head_has_the_register_of_her_school_and_no_card(ground: Ground, sign_in: SignIn) -> None:
    route = await ground.route(IomState.active)
    director = await sign_in(None, Role.school_head, ScopeKind.organisation, ground.place.id)
    assert await director.opens("/iom/papers") == 200
    assert director.sees("В реестре 1 маршрут.")
    assert await director.opens(f"/iom/{route.id}/card.docx") == 403
    foreign = await sign_in(None, Role.methodist, ScopeKind.assigned)
    assert await foreign.opens("/iom/papers") == 200
    assert foreign.sees("Таких маршрутов нет.")
    assert await foreign.opens(f"/iom/{route.id}/card.docx") == 403
    assert await (await sign_in(None, Role.tech_admin)).opens("/iom/papers") == 403
