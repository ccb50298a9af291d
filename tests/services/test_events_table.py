"""Events from a table: the sample goes in, mistakes are said row by row, a repeat updates and doubles nothing."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from sqlalchemy import func, select

from bot.db import Database
from bot.errors import NotAllowed, UserError
from bot.models import Activity, Event, EventKind, EventState, Registration, Role, ScopeKind
from bot.services.access import Grant, Scope
from bot.services.events import keeping, signing, table
from bot.services.events.table import EventsPreview
from tests.factories import NOW, make_person

STAFF = Scope(None, (Grant(Role.centre_staff, ScopeKind.region),))
ZONE = ZoneInfo("Europe/Moscow")
GOOD = {
    "Код": "м-1", "Название": "Урок вопросов", "Вид": "Вебинар", "Дата": "09.12.2026", "Время": "15:00",
    "Длится, минут": "90", "Форма": "дистанционно", "Мест": "40", "Группы компетенций": "Методические, Цифровые",
}  # fmt: skip


@pytest.fixture
def in_region() -> bool:
    return True


def book(*rows: Mapping[str, object]) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    heads = list(dict.fromkeys(name for row in rows for name in row))
    sheet.append(heads)
    for row in rows:
        sheet.append([row.get(name, "") for name in heads])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


async def takes(db: Database, *rows: Mapping[str, object], now: datetime = NOW) -> EventsPreview:
    async with db.begin() as session:
        looked = await table.preview(session, STAFF, book(*rows), name="план.xlsx", zone=ZONE, now=now)
        await table.apply(session, STAFF, looked, now=now)
    return looked


async def by_code(db: Database, code: str) -> Event:
    async with db.read() as session:
        return (await session.scalars(select(Event).where(Event.code == code))).one()


async def test_the_sample_goes_in_and_a_repeat_changes_nothing(db: Database) -> None:
    for status in ("new", "same"):
        async with db.begin() as session:
            content = table.sample_workbook()
            looked = await table.preview(session, STAFF, content, name="образец.xlsx", zone=ZONE, now=NOW)
            assert [(row.status, row.problems) for row in looked.rows] == [(status, ())] * 3
            assert looked.unknown == ()
            assert len(await table.apply(session, STAFF, looked, now=NOW)) == (3 if status == "new" else 0)
    event = await by_code(db, "м-102")
    assert (event.kind, event.hours, event.seats, event.state) == (EventKind.workshop, 4, 40, EventState.draft)
    assert event.starts_at.astimezone(ZONE).time() == time(14, 30)
    assert event.closes_at is not None
    assert event.closes_at.astimezone(ZONE).date().isoformat() == "2027-01-20", "the last day is a day of sign-up"
    assert (await by_code(db, "м-101")).state is EventState.announced


async def test_an_opened_event_is_a_line_of_the_catalogue(db: Database) -> None:
    await takes(db, {**GOOD, "Состояние": "запись открыта"})
    async with db.read() as session:
        line = (await session.scalars(select(Activity).where(Activity.event_id.is_not(None)))).one()
    assert (line.title, line.active) == ("Урок вопросов", True)


async def test_a_repeat_updates_what_it_names_and_leaves_the_rest(db: Database) -> None:
    await takes(db, {**GOOD, "Ведут": "Анна Ветрова", "Состояние": "запись открыта"})
    kept = {"Мест для ИОМ": "5", "Держим места до": "01.12.2026"}
    looked = await takes(db, {**GOOD, "Название": "Урок хороших вопросов", "Мест": "50", **kept})
    assert [row.status for row in looked.rows] == ["changed"]
    event = await by_code(db, "м-1")
    assert (event.reserved, event.release_on) == (5, date(2026, 12, 1))
    assert (event.title, event.seats, event.speakers, event.state) == (
        "Урок хороших вопросов", 50, "Анна Ветрова", EventState.open,
    )  # fmt: skip


async def test_a_new_time_of_an_open_event_is_told_to_its_people(db: Database) -> None:
    await takes(db, {**GOOD, "Состояние": "запись открыта"})
    event = await by_code(db, "м-1")
    async with db.begin() as session:
        person = await make_person(session)
        await signing.sign_up(session, person.id, event.id, now=NOW)
    looked = await takes(db, {**GOOD, "Дата": "16.12.2026"})
    assert [(row.status, row.moved) for row in looked.rows] == [("changed", True)]
    moved = await by_code(db, "м-1")
    assert (moved.notice, moved.was_at) == ("moved", event.starts_at)
    assert moved.starts_at - event.starts_at == timedelta(days=7)
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Registration)) == 1


async def test_without_a_code_title_and_beginning_tell_which_it_is(db: Database) -> None:
    row = {**GOOD, "Код": ""}
    await takes(db, row)
    looked = await takes(db, {**row, "Мест": "70"}, {**row, "Время": "17.00"})
    assert [one.status for one in looked.rows] == ["changed", "new"]
    async with db.read() as session:
        assert set(await session.scalars(select(Event.seats))) == {40, 70}


@pytest.mark.parametrize(
    ("wrong", "column", "key"),
    [
        ({"Название": ""}, "Название", "import-needed"),
        ({"Вид": "пикник"}, "Вид", "import-word-unknown"),
        ({"Дата": "31.02.2026"}, "Дата", "import-day-wrong"),
        ({"Время": "25:00"}, "Время", "import-time-wrong"),
        ({"Время": "после уроков"}, "Время", "import-time-wrong"),
        ({"Длится, минут": "0"}, "Длится, минут", "catalogue-wrong-number"),
        ({"Мест": "много"}, "Мест", "catalogue-wrong-number"),
        ({"Группы компетенций": "Астрология"}, "Группы компетенций", "catalogue-unknown-group"),
        ({"Ссылка": "javascript:alert(1)"}, "", "catalogue-wrong-link"),
        ({"Сертификат": "да", "Название": "Удостоверение о повышении квалификации"}, "", "events-wrong-words"),
        ({"Запись с": "08.12.2026", "Запись по": "01.12.2026"}, "", "events-wrong-window"),
        ({"Часов в сертификате": "часик"}, "Часов в сертификате", "events-wrong-hours"),
        ({"Название": "=1+1"}, "Название", "import-formula"),
        ({"Код": "к" * 65}, "Код", "import-code-long"),
    ],
)  # fmt: skip
async def test_a_wrong_row_says_what_to_put_right_and_the_others_go_in(
    db: Database, wrong: dict[str, object], column: str, key: str
) -> None:
    looked = await takes(db, {**GOOD, **wrong}, {**GOOD, "Код": "м-2"})
    assert [row.status for row in looked.rows] == ["wrong", "new"]
    assert (column, key) in {(one.column, one.key) for one in looked.rows[0].problems}


async def test_cells_of_excel_are_read_as_people_see_them(db: Database) -> None:
    looked = await takes(db, {**GOOD, "Дата": datetime(2026, 12, 9), "Время": time(9, 30), "Длится, минут": 45})
    assert [row.status for row in looked.rows] == ["new"]
    assert (await by_code(db, "м-1")).starts_at.astimezone(ZONE).time() == time(9, 30)


async def test_a_row_twice_a_settled_event_and_the_past(db: Database) -> None:
    assert [row.status for row in (await takes(db, GOOD, GOOD)).rows] == ["new", "wrong"]
    event = await by_code(db, "м-1")
    async with db.begin() as session:
        await keeping.to_state(session, STAFF, event.id, EventState.open, now=NOW)
    looked = await takes(db, {**GOOD, "Дата": "01.09.2026"})
    assert [one.key for one in looked.rows[0].problems] == ["events-into-the-past"]
    async with db.begin() as session:
        await keeping.cancel(session, STAFF, event.id, reason="Болезнь ведущего", now=NOW)
    looked = await takes(db, {**GOOD, "Мест": "10"})
    assert [one.key for one in looked.rows[0].problems] == ["events-settled"]


async def test_who_may_not_and_what_is_no_table(db: Database) -> None:
    async with db.begin() as session:
        curator = Scope(None, (Grant(Role.curator, ScopeKind.organisation, 1),))
        with pytest.raises(NotAllowed):
            await table.preview(session, curator, book(GOOD), name="план.xlsx", zone=ZONE, now=NOW)
        with pytest.raises(UserError):
            await table.preview(session, STAFF, b"%PDF-1.7", name="план.xlsx", zone=ZONE, now=NOW)


async def test_a_pair_of_columns_makes_it_a_team_event(db: Database) -> None:
    await takes(db, {**GOOD, "Командой, от": "3", "Командой, до": "8"})
    event = await by_code(db, "м-1")
    assert (event.team_from, event.team_to) == (3, 8)
    # Columns that are not in the table leave it as it was.
    assert (await takes(db, GOOD)).count("same") == 1
    for least, most in (("3", ""), ("8", "3"), ("3", "41"), ("1", "3")):
        assert (await takes(db, {**GOOD, "Командой, от": least, "Командой, до": most})).count("wrong") == 1
    async with db.begin() as session:
        await keeping.publish(session, event.id, state=EventState.open, now=NOW)
        session.add(signing.new_row(event.id, (await make_person(session)).id, now=NOW))
    looked = await takes(db, {**GOOD, "Командой, от": "", "Командой, до": ""})
    assert [problem.key for row in looked.rows for problem in row.problems] == ["events-team-registered"]
