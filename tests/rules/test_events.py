"""Rhythms, clashes, who is let in and what suits, numbers and words of certificates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.events import (
    BadRule,
    Wanted,
    Whom,
    Why,
    admits,
    certificate_number,
    masked,
    may_be_printed,
    occurrences,
    overlap,
    read_number,
    suits,
    week_of,
)

ZONE = ZoneInfo("Europe/Moscow")
FIRST = datetime(2026, 12, 2, 15, 0, tzinfo=ZONE)


def test_every_second_wednesday() -> None:
    found = occurrences("FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", FIRST, date(2027, 1, 31), ZONE)
    assert [f"{m:%d.%m %H:%M}" for m in found] == [
        "02.12 15:00", "16.12 15:00", "30.12 15:00", "13.01 15:00", "27.01 15:00",
    ]  # fmt: skip


def test_the_clock_of_the_region_stands_still() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    found = occurrences("FREQ=WEEKLY", datetime(2027, 3, 22, 15, tzinfo=berlin), date(2027, 4, 6), berlin)
    assert [m.hour for m in found] == [15, 15, 15]
    assert found[1] - found[0] == timedelta(days=7)
    assert found[1].astimezone(UTC) - found[0].astimezone(UTC) == timedelta(days=7, hours=-1)


@pytest.mark.parametrize(
    "rule",
    ["", "каждую среду", "FREQ=MINUTELY", "FREQ=SECONDLY;COUNT=2", "FREQ=DAILY;BYHOUR=1,2", "FREQ=WEEKLY;BYDAY=QQ",
     "FREQ=DAILY;UNTIL=20270101", "FREQ=DAILY", "DTSTART:20260101\nRRULE:FREQ=DAILY"],
)  # fmt: skip
def test_what_is_no_rhythm(rule: str) -> None:
    with pytest.raises(BadRule):
        occurrences(rule, FIRST, date(2027, 12, 31), ZONE)


def test_a_meeting_that_begins_as_the_other_ends_is_no_clash() -> None:
    a, b, c = (FIRST + timedelta(hours=n) for n in range(3))
    assert not overlap((a, b), (b, c))
    assert overlap((a, c), (b, c))
    assert overlap((b, c), (a, c))


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_a_week_holds_its_day(day: date) -> None:
    monday, end = week_of(day)
    assert monday <= day < end
    assert monday.weekday() == 0


@pytest.mark.parametrize(
    ("event", "person", "why"),
    [
        (Wanted(), Whom(), Why.everybody),
        (Wanted(positions=("teacher",)), Whom(positions=("teacher",)), Why.position),
        (Wanted(positions=("teacher",)), Whom(positions=("educator",)), None),
        (Wanted(subjects=("math",)), Whom(subjects=("math",)), Why.subject),
        (Wanted(subjects=("math",)), Whom(subjects=("art",)), None),
        (Wanted(young_only=True), Whom(young=True), Why.young),
        (Wanted(young_only=True), Whom(), None),
        (Wanted(managers_only=True), Whom(), None),
        (Wanted(groups=("digital",), subjects=("math",)), Whom(growth=("digital",)), Why.growth),
        (Wanted(in_iom=True, groups=("digital",)), Whom(growth=("digital",)), Why.iom),
        (Wanted(in_iom=True, young_only=True), Whom(), None),
    ],
)
def test_what_suits_whom(event: Wanted, person: Whom, why: Why | None) -> None:
    assert suits(event, person) is why


def test_subjects_advise_and_do_not_exclude() -> None:
    assert admits(Wanted(subjects=("math",)), Whom(subjects=("art",)))


@given(st.integers(0, 2**50 - 1))
def test_a_number_is_read_back_as_people_type_it(random: int) -> None:
    number = certificate_number(2026, random)
    assert read_number(number) == number
    assert read_number(f" № {number.lower().replace('-', ' ')} ") == number


@pytest.mark.parametrize("typed", ["", "26", "26-ABCDE", "26-ABCDE-FGHIJ", "26-ABCDE-FGHJKL", "'; drop", "x" * 5000])
def test_what_is_no_number(typed: str) -> None:
    assert read_number(typed) is None


def test_letters_that_look_the_same() -> None:
    assert read_number("26-АВСЕН-КМРТХ") == "26-ABCEH-KMPTX"


def test_a_name_is_masked() -> None:
    assert masked("Иванова", "Мария", "Петровна") == "Ив*** М. П."
    assert masked("Ли", "Нина", "") == "Ли*** Н."


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("Методическая среда", True),
        ("Удостоверение о повышении квалификации", False),
        ("Программа повышения квалификации", False),
        ("присвоена квалификация", False),
        ("Профессиональная переподготовка", False),
        ("Урок повышенной сложности", True),
    ],
)
def test_words_a_certificate_must_not_say(text: str, may: bool) -> None:
    assert may_be_printed(text) is may
