"""Events from a table in the admin: looked at first, then taken in; mistakes as a sheet."""

from __future__ import annotations

import io
from datetime import timedelta

import openpyxl
import pytest
from sqlalchemy import func, select

from bot.db import Database
from bot.models import Event, EventRule, LogRow, Role, ScopeKind
from bot.services.events import signing, table
from tests.admin.conftest import SITE, Browser, SignIn
from tests.factories import NOW, make_event, make_organisation, make_person
from tests.services.test_events_table import GOOD, book


@pytest.fixture
def in_region() -> bool:
    return True


async def uploads(browser: Browser, content: bytes, name: str = "план.xlsx") -> int:
    browser.answer = await browser.client.post(
        "/admin/events/import", files={"file": (name, content)}, headers={"Origin": SITE}, follow_redirects=True
    )
    return browser.answer.status_code


async def test_a_table_is_looked_at_then_taken_in(db: Database, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_staff)
    await browser.opens("/events")
    assert browser.sees("Загрузить таблицу")
    await browser.opens("/events/import/sample.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(browser.last.content)).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == [column.title for column in table.columns()]
    await browser.opens("/events/import")
    assert browser.sees("Мероприятия из таблицы", "Название", "школа молодого педагога")
    wrong = {**GOOD, "Код": "м-2", "Вид": "пикник", "Любимый цвет": "синий"}
    assert await uploads(browser, book(GOOD, wrong)) == 200
    assert browser.sees("Новых: 1, изменятся: 0, без изменений: 0, с ошибками: 1", "пикник", "Любимый цвет")
    page = browser.path.removeprefix("/admin")
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Event)) == 0
    await browser.opens(f"{page}/mistakes.xlsx")
    cells = [str(c) for row in openpyxl.load_workbook(io.BytesIO(browser.last.content)).active.values for c in row]  # type: ignore[union-attr]
    assert {"3", "Вид"} <= set(cells)
    assert await browser.sends(page) == 200
    assert browser.sees("Строки таблицы записаны", "Урок вопросов")
    assert await browser.sends(page) == 422
    assert browser.sees("Ни одной строки записать нельзя")
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Event)) == 1


async def test_somebody_elses_table_and_role(db: Database, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_staff)
    await uploads(browser, book(GOOD))
    page = browser.path.removeprefix("/admin")
    async with db.begin() as session:
        place = await make_organisation(session)
    other = await sign_in(None, Role.centre_head)
    assert await other.opens(page) == 404
    curator = await sign_in(None, Role.curator, ScopeKind.organisation, place.id)
    assert await curator.opens("/events/import") in (403, 404)


async def test_a_log_is_sent_as_a_file_and_its_doubts_are_settled(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        event = await make_event(session, starts_at=NOW - timedelta(hours=3), rule=EventRule.log)
        people = [(await make_person(session, name)).id for name in ("Иванова Мария Петровна", "Петрова Анна Львовна")]
        session.add(signing.new_row(event.id, people[0], now=NOW))
    browser = await sign_in(None, Role.centre_staff)
    table = book(
        {"Участник": "Иванова Мария Петровна", "Почта": "m@x.ru", "Минут": "80"},
        {"Участник": "Анна", "Почта": "anna@x.ru", "Минут": "80"},
        {"Участник": "Гость", "Почта": "", "Минут": "долго"},
    )

    async def sends(content: bytes) -> None:
        browser.answer = await browser.client.post(
            f"/admin/events/{event.id}/log/file",
            files={"file": ("журнал.xlsx", content)},
            headers={"Origin": SITE},
            follow_redirects=True,
        )

    await sends(b"nothing of a table")
    assert browser.last.status_code == 422
    await sends(table)
    assert browser.sees("Отмечены: 1. Ждут проверки: 1. Не прочитаны: 1.", "Анна, 80 мин", "anna@x.ru", "Засчитано 1")
    async with db.read() as session:
        row = (await session.scalars(select(LogRow.id))).one()
    path = f"/events/{event.id}/log"
    assert await browser.sends(path, row=row, person="", name="Кто-то Неизвестный") == 422
    await browser.sends(path, row=row, person="", name="Петрова Анна Львовна")
    await browser.opens(f"/events/{event.id}")
    assert browser.sees("Участвовали 2", "Засчитано 2")
    assert "Ждут проверки" not in browser.last.text
