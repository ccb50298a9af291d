"""Team events in the admin: the form, the block of teams, the papers."""

from __future__ import annotations

import io
from datetime import timedelta

import openpyxl
import pytest
from docx import Document

from bot.db import Database
from bot.models import EventState, Role
from bot.services.events import signing, teams
from tests.admin.conftest import SignIn
from tests.admin.test_events import FORM, only
from tests.factories import NOW, make_event, make_organisation, make_person

NAMES = ("Яковлева Анна Петровна", "Белова Вера Ильинична", "Волкова Галина Олеговна")


@pytest.fixture
def in_region() -> bool:
    return True


async def test_the_form_asks_for_a_team(db: Database, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_staff)
    await browser.sends("/events/new", **FORM, team_from="3", team_to="41")
    assert browser.sees("Команда – от 2 до 30 человек")
    assert await browser.sends("/events/new", **FORM, team_from="3", team_to="8") == 200
    event = await only(db)
    assert (event.team_from, event.team_to) == (3, 8)
    assert browser.sees("Команды", "От 3 до 8 человек от школы", "Команд пока нет")
    await browser.opens(f"/events/{event.id}/edit")
    assert 'name="team_from" type="number" maxlength="255" value="3"' in browser.last.text
    await browser.sends(f"/events/{event.id}/state", state="open")
    assert not browser.sees("Предложить педагогам"), "nobody is put on the list of a team event alone"
    assert (await only(db)).state is EventState.open


async def test_teams_on_the_page_and_in_the_papers(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        event = await make_event(session, team_from=2, team_to=4, starts_at=NOW + timedelta(days=20))
        for name in ("Лицей № 2", "Гимназия № 4"):
            place = await make_organisation(session, name)
            ids = [(await make_person(session, one, organisation=place)).id for one in NAMES]
            await teams.gather(session, ids[0], event.id, ids[1:], now=NOW)
            await signing.sign_up(session, ids[1], event.id, now=NOW)
    browser = await sign_in(None, Role.centre_staff)
    await browser.opens(f"/events/{event.id}")
    assert browser.sees("Собирает", "Лицей № 2", "Яковлева Анна Петровна", "команда: Гимназия № 4")
    await browser.opens(f"/events/{event.id}/papers/list.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(browser.last.content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][-1] == "Команда"
    assert [(row[0], row[-1]) for row in rows[1:]] == [
        (name, place) for place in ("Гимназия № 4", "Лицей № 2") for name in (NAMES[1], NAMES[2], NAMES[0])
    ]
    await browser.opens(f"/events/{event.id}/papers/sheet.docx")
    tables = Document(io.BytesIO(browser.last.content)).tables
    sheets = [[[cell.text for cell in row.cells] for row in table.rows] for table in tables]
    (lines,) = (rows for rows in sheets if rows[0][3:4] == ["Команда"])
    assert [line[3] for line in lines[1:5]] == ["Гимназия № 4"] * 2 + ["Лицей № 2"] * 2
    other = await make_event_alone(db)
    await browser.opens(f"/events/{other}/papers/list.xlsx")
    plain = openpyxl.load_workbook(io.BytesIO(browser.last.content)).active
    assert plain is not None
    assert "Команда" not in [cell.value for cell in plain[1]]


async def make_event_alone(db: Database) -> int:
    async with db.begin() as session:
        return (await make_event(session, "Обычный")).id
