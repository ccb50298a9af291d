"""The log of a webinar as a file: e-mails and names, several entries, people nobody expected."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime, timedelta

import openpyxl
import pytest
from sqlalchemy import select

from bot.db import Database
from bot.errors import NotAllowed, NotFound, UserError
from bot.models import (
    Attendance,
    AttendanceMethod,
    Confidence,
    EventRule,
    LogAddress,
    Registration,
    RegistrationSource,
    RegistrationState,
    Role,
    ScopeKind,
)
from bot.services.access import NOBODY, Grant, Scope
from bot.services.events import log_files, logs, reading, signing
from bot.services.events.log_files import LogLine
from tests.factories import NOW, make_event, make_person

HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
BEGIN = NOW - timedelta(hours=3)


@pytest.fixture
def in_region() -> bool:
    return True


def book(*rows: Sequence[object]) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_files_of_several_platforms_are_understood() -> None:
    csv = (
        "Отчёт площадки;;;\nФамилия;Имя;E-mail;Время присутствия\nПетрова;Анна;A@x.ru;1:10\nГость;;;час\n;;b@x.ru;20\n"
    )
    assert log_files.read(csv.encode(), "log.csv") == log_files.Log(
        (LogLine("Петрова Анна", "a@x.ru", 70), LogLine("", "b@x.ru", 20)), (4,)
    )
    zoom = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes)\n"
    zoom += "Анна Петрова,a@x.ru,09.12.2026 15:00,09.12.2026 15:40,40\n"
    zoom += "Анна Петрова,a@x.ru,09.12.2026 15:30,09.12.2026 16:00,30\n"
    assert log_files.read(zoom.encode(), "zoom.csv").lines == (LogLine("Анна Петрова", "a@x.ru", 60),)
    begin = datetime(2026, 12, 9, 15)
    table = book(["Участник", "Вход", "Выход"], ["Вера Сидорова", begin, begin + timedelta(minutes=50)])
    assert log_files.read(table, "log.xlsx").lines == (LogLine("Вера Сидорова", "", 50),)


def test_a_line_without_an_email_joins_the_one_that_has_it() -> None:
    table = book(["ФИО", "Почта", "Минут"], ["Петрова Анна", "a@x.ru", 40], ["Петрова Анна", "", 30])
    assert log_files.read(table, "log.xlsx").lines == (LogLine("Петрова Анна", "a@x.ru", 70),)


@pytest.mark.parametrize(
    "content",
    [
        book(["Участник", "Балл"], ["Анна", 5]),
        book(["Минут", "Балл"], [5, 5]),
        book(["Участник", "Вход"], ["Анна", 5]),
        b"%PDF-1.7",
        b"",
    ],
)
def test_a_file_without_names_or_times_says_so(content: bytes) -> None:
    with pytest.raises(UserError):
        log_files.read(content, "log.xlsx")


async def test_an_email_settled_once_is_known_by_the_next_log(db: Database) -> None:
    async with db.begin() as session:
        first = await make_event(session, rule=EventRule.log, starts_at=BEGIN)
        second = await make_event(session, rule=EventRule.log, starts_at=BEGIN, title="Вторая встреча")
        anna = (await make_person(session, "Петрова Анна Львовна")).id
        for event in (first, second):
            session.add(signing.new_row(event.id, anna, now=NOW))
        line = LogLine("Анна", "anna@x.ru", 80)
        taken = await logs.take_lines(session, HEAD, first.id, [line], now=NOW)
        assert (taken.marked, taken.waiting) == (0, 1)
        (doubt,) = await logs.doubts(session, HEAD, first.id)
        assert doubt.email == "anna@x.ru"
        await logs.settle(session, HEAD, first.id, doubt.id, anna, now=NOW)
        taken = await logs.take_lines(session, HEAD, second.id, [line], now=NOW)
        assert (taken.marked, taken.waiting) == (1, 0)
        mark = (await session.scalars(select(Attendance).where(Attendance.event_id == second.id))).one()
        assert (mark.method, mark.confidence, mark.minutes, mark.completed) == (
            AttendanceMethod.log_import, Confidence.high, 80, True,
        )  # fmt: skip


async def test_an_address_of_a_school_is_a_question_when_the_surname_is_another(db: Database) -> None:
    async with db.begin() as session:
        event = await make_event(session, rule=EventRule.log, starts_at=BEGIN)
        anna, vera = [(await make_person(session, n)).id for n in ("Петрова Анна Львовна", "Сидорова Вера Ивановна")]
        session.add(LogAddress(email="school@x.ru", person_id=anna, learned_at=NOW))
        session.add_all(signing.new_row(event.id, one, now=NOW) for one in (anna, vera))
        lines = [LogLine("Вера Сидорова", "school@x.ru", 80)]
        assert (await logs.take_lines(session, HEAD, event.id, lines, now=NOW)).marked == 0
        (doubt,) = await logs.doubts(session, HEAD, event.id)
        assert [person for person, _ in doubt.candidates] == [vera, anna]


async def test_who_had_not_signed_up_and_who_is_nobody(db: Database) -> None:
    async with db.begin() as session:
        event = await make_event(session, rule=EventRule.log, starts_at=BEGIN)
        anna = (await make_person(session, "Петрова Анна Львовна")).id
        lines = [LogLine("Петрова Анна Львовна", "", 75), LogLine("Гость 12", "", 90)]
        taken = await logs.take_lines(session, HEAD, event.id, lines, unread=2, now=NOW)
        assert taken == logs.Taken(0, 2, 2), "a full name alone does not sign anybody up"
        known, stranger = await logs.doubts(session, HEAD, event.id)
        assert (known.candidates, known.off_list) == (((anna, "Петрова Анна Львовна"),), frozenset({anna}))
        assert (stranger.name, stranger.candidates) == ("Гость 12", ())
        await logs.settle(session, HEAD, event.id, known.id, anna, now=NOW)
        own = (await session.scalars(select(Registration).where(Registration.person_id == anna))).one()
        assert (own.state, own.source) == (RegistrationState.cancelled, RegistrationSource.door)
        numbers = (await reading.numbers_of(session, [event.id]))[event.id]
        assert (numbers.registered, numbers.attended, numbers.completed) == (0, 1, 1)
        with pytest.raises(NotFound):
            await logs.settle(session, HEAD, event.id, stranger.id, 10**6, now=NOW)
        with pytest.raises(NotAllowed):
            await logs.take_lines(session, NOBODY, event.id, lines, now=NOW)
        assert await logs.waiting(session, event.id) == 1


async def test_too_little_time_is_presence_without_the_rule(db: Database) -> None:
    async with db.begin() as session:
        event = await make_event(session, rule=EventRule.log, starts_at=BEGIN)
        anna = (await make_person(session, "Петрова Анна Львовна")).id
        session.add(signing.new_row(event.id, anna, now=NOW))
        await logs.take_lines(session, HEAD, event.id, [LogLine("Петрова Анна Львовна", "", 10)], now=NOW)
        numbers = (await reading.numbers_of(session, [event.id]))[event.id]
        assert (numbers.attended, numbers.completed) == (1, 0)
