"""The catalogue from a table in the admin: mistakes in words before anything is written, then what is right goes in."""

from __future__ import annotations

import io

import openpyxl
import pytest
from sqlalchemy import func, select

from bot.db import Database
from bot.models import Activity, Role
from bot.services.catalogue import table
from tests.admin.conftest import SITE, Browser, SignIn
from tests.services.test_catalogue_table import GOOD, book


@pytest.fixture
def in_region() -> bool:
    return True


async def uploads(browser: Browser, content: bytes, name: str = "каталог.xlsx") -> int:
    browser.answer = await browser.client.post(
        "/admin/catalogue/import",
        files={"file": (name, content)},
        headers={"Origin": SITE},
        follow_redirects=True,
    )
    return browser.answer.status_code


async def count(db: Database) -> int:
    async with db.read() as session:
        return int(await session.scalar(select(func.count()).select_from(Activity)) or 0)


async def test_a_table_is_looked_at_then_taken_in(db: Database, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_staff)
    assert await browser.opens("/catalogue") == 200
    assert browser.sees("Загрузить таблицу")
    assert await browser.opens("/catalogue/import/sample.xlsx") == 200
    sheet = openpyxl.load_workbook(io.BytesIO(browser.last.content)).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == [column.title for column in table.columns()]
    await browser.opens("/catalogue/import")
    assert browser.sees("Группы компетенций пишутся так:", "Методические")
    wrong = ["z-2", *GOOD[1:5], "Методические, Астрология"]
    assert await uploads(browser, book(GOOD, wrong, more=("Любимый цвет",))) == 200
    assert browser.sees("Новых: 1, обновятся: 0, с ошибками: 1", "Астрология", "Любимый цвет", "Урок вопросов")
    assert browser.sees("Строки с ошибками не загрузятся")
    page = browser.path.removeprefix("/admin")
    assert await count(db) == 0
    assert await browser.sends(page) == 200
    assert browser.sees("Строки таблицы в каталоге", "Урок вопросов")
    assert await browser.sends(page) == 200
    assert await count(db) == 1, "the same table again doubles nothing"
    await browser.opens(page)
    assert browser.sees("Новых: 0, обновятся: 1")


async def test_what_cannot_be_taken_in(db: Database, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_staff)
    assert await uploads(browser, book(["z-2", *GOOD[1:5], "Астрология"])) == 200
    assert browser.sees("Загружать нечего")
    page = browser.path.removeprefix("/admin")
    assert await browser.sends(page) == 422
    assert await uploads(browser, b"%PDF-1.7", "план.pdf") == 422
    assert await browser.sends("/catalogue/import") == 422
    other = await sign_in(None, Role.centre_staff)
    assert await other.opens(page) == 404, "an uploaded table is its owner's"
    methodist = await sign_in(None, Role.methodist)
    assert await methodist.opens("/catalogue/import") == 403
    assert await uploads(methodist, book(GOOD)) == 403
    assert await count(db) == 0
