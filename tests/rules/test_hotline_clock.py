"""Working time and the promises of the line."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import hotline_clock as clock
from bot.rules.hotline_clock import Slot
from bot.rules.working_time import (
    NoTime,
    Within,
    WorkingTime,
    add,
    between,
    is_open,
    opening,
    read_hours,
    united,
    write_hours,
)

MOSCOW = ZoneInfo("Europe/Moscow")
# A holiday on Wednesday, a working Saturday.
TIME = WorkingTime(MOSCOW, days={date(2026, 11, 4): False, date(2026, 11, 7): True})
HOUR = timedelta(hours=1)


def at(text: str, zone: ZoneInfo = MOSCOW) -> datetime:
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("asked", "hours", "until"),
    [
        ("11-24 10:00", 2, "11-24 12:00"),
        ("11-24 12:00", 2, "11-24 15:00"),  # Over lunch
        ("11-24 17:00", 1, "11-24 18:00"),  # The end of the day is in time
        ("11-24 17:00", 2, "11-25 10:00"),
        ("11-24 19:30", 1, "11-25 10:00"),  # Asked in the evening
        ("11-27 16:30", 1, "11-30 09:30"),  # Friday is shorter, then a weekend
        ("11-03 17:00", 2, "11-05 10:00"),  # A holiday
        ("11-06 16:30", 1, "11-07 09:30"),  # A working Saturday
        ("11-08 12:00", 1, "11-09 10:00"),  # The Sunday after it
        ("11-24 13:20", 1, "11-24 15:00"),  # Asked in the lunch break
    ],
)
def test_time_passes_only_while_people_work(asked: str, hours: int, until: str) -> None:
    assert add(TIME, at(asked), hours * HOUR) == at(until)
    assert between(TIME, at(asked), at(until)) == hours * HOUR


@pytest.mark.parametrize(
    ("asked", "simple", "complex_one"),
    [
        ("11-24 10:00", "11-24 18:00", "11-26 16:00"),
        ("11-24 15:00", "11-25 13:00", "11-27 11:00"),
        ("11-27 16:30", "11-30 16:30", "12-02 14:30"),
        ("11-28 12:00", "11-30 17:00", "12-02 15:00"),
    ],
)
def test_a_working_day_is_the_shortest_of_the_week(asked: str, simple: str, complex_one: str) -> None:
    assert clock.resolve_by(at(asked), TIME) == at(simple)
    assert clock.resolve_by(at(asked), TIME, complex_one=True) == at(complex_one)


def slot(methodist: int, begin: str, end: str, *themes: str, waiting: int = 0) -> Slot:
    return Slot(methodist, (at(begin), at(end)), frozenset(themes), waiting=waiting)


@pytest.mark.parametrize(
    ("asked", "slots", "promised"),
    [
        ("11-24 10:00", [slot(1, "11-24 09:00", "11-24 13:00")], ("11-24 12:00", 1, True)),
        ("11-24 10:02", [slot(1, "11-24 09:00", "11-24 13:00")], ("11-24 12:00", 1, True)),  # Whole steps
        # An hour of duty today, another tomorrow: what is left until the end of the term is nearer.
        (
            "11-24 12:00",
            [slot(1, "11-24 09:00", "11-24 13:00"), slot(1, "11-25 10:00", "11-25 12:00")],
            ("11-25 11:00", 1, True),
        ),
        # Two on duty: whoever has less to do; the theme decides first.
        (
            "11-24 10:00",
            [slot(1, "11-24 09:00", "11-24 13:00", waiting=3), slot(2, "11-24 09:00", "11-24 13:00", waiting=1)],
            ("11-24 12:00", 2, True),
        ),
        (
            "11-24 10:00",
            [slot(1, "11-24 09:00", "11-24 13:00", "exams"), slot(2, "11-24 09:00", "11-24 13:00", "special")],
            ("11-24 12:00", 1, True),
        ),
        # Ten questions before this one take two hours and three quarters.
        ("11-24 09:00", [slot(1, "11-24 09:00", "11-24 13:00", waiting=10)], ("11-24 11:45", 1, True)),
        # A queue that no shift could take ends with the term.
        ("11-24 09:00", [slot(1, "11-24 09:00", "11-24 13:00", waiting=90)], ("11-24 17:00", 1, True)),
        # In the evening: the next morning, and the name of whoever is then on duty.
        ("11-24 19:40", [slot(1, "11-25 10:00", "11-25 13:00")], ("11-25 12:00", 1, False)),
        ("11-28 12:00", [slot(1, "11-30 10:00", "11-30 13:00")], ("11-30 12:00", 1, False)),
        # Duty out of working hours does not count.
        ("11-24 10:00", [slot(1, "11-24 13:00", "11-24 14:00")], ("11-24 18:00", None, False)),
        # Nobody in the roster: the term, and no name.
        ("11-24 10:00", [], ("11-24 18:00", None, False)),
        ("11-28 12:00", [], ("11-30 17:00", None, False)),
    ],
)
def test_what_is_promised(asked: str, slots: list[Slot], promised: tuple[str, int | None, bool]) -> None:
    made = clock.promise(at(asked), TIME, slots, "exams")
    assert (made.at, made.methodist_id, made.on_duty) == (at(promised[0]), promised[1], promised[2])


def test_eighty_percent_of_the_term_in_working_time() -> None:
    assert clock.warn_at(at("11-24 10:00"), at("11-24 12:00"), TIME) == at("11-24 11:36")
    assert clock.warn_at(at("11-24 17:00"), at("11-25 10:00"), TIME) == at("11-25 09:36")


def test_hours_are_read_and_written() -> None:
    hours = read_hours("9:00–13:00, 14.00-17.30")
    assert write_hours(hours) == "9:00–13:00, 14:00–17:30"
    assert hours == ((time(9), time(13)), (time(14), time(17, 30)))
    assert read_hours("") == ()
    for wrong in ("9", "13:00–9:00", "9:00–12:00, 11:00–13:00", "с девяти"):
        with pytest.raises(ValueError, match=r"interval|order|int"):
            read_hours(wrong)


def test_a_calendar_without_time_says_so() -> None:
    never = WorkingTime(MOSCOW, week={})
    with pytest.raises(NoTime):
        add(never, at("11-24 10:00"), HOUR)
    with pytest.raises(NoTime):
        assert never.shortest_day


# --- properties --------------------------------------------------------------------------------------

ZONES = st.sampled_from(["Europe/Moscow", "Asia/Kamchatka", "Europe/Kaliningrad", "Europe/Berlin"])
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 6, 1), timezones=st.just(UTC))
AMOUNTS = st.timedeltas(timedelta(microseconds=1), timedelta(hours=60))


@st.composite
def days_of_hours(draw: st.DrawFn) -> tuple[tuple[time, time], ...]:
    """Up to three intervals between 7:00 and 22:00, in quarters of an hour, not touching."""
    marks = sorted(draw(st.sets(st.integers(28, 88), min_size=2, max_size=6)))
    pairs = list(zip(marks[::2], marks[1::2], strict=False))
    return tuple((time(a // 4, a % 4 * 15), time(b // 4, b % 4 * 15)) for a, b in pairs)


@st.composite
def calendars(draw: st.DrawFn) -> WorkingTime:
    week = {day: draw(days_of_hours()) for day in range(1, 6)}
    days = draw(st.dictionaries(st.dates(date(2026, 1, 1), date(2027, 6, 1)), st.booleans(), max_size=40))
    return WorkingTime(ZoneInfo(draw(ZONES)), week, days)


@st.composite
def rosters(draw: st.DrawFn) -> list[Slot]:
    made = []
    for _ in range(draw(st.integers(0, 6))):
        begin = draw(MOMENTS)
        span = begin, begin + draw(st.timedeltas(timedelta(minutes=15), timedelta(hours=9)))
        themes = frozenset(draw(st.sets(st.sampled_from(["exams", "special", "digital"]), max_size=2)))
        made.append(Slot(draw(st.integers(1, 4)), span, themes, waiting=draw(st.integers(0, 30))))
    return made


def in_time(calendar: WorkingTime, moment: datetime) -> bool:
    """Inside an interval or at its end, told from the plain hours of the local day."""
    local = moment.astimezone(calendar.zone)
    return any(begin <= moment <= end for begin, end in calendar.of_day(local.date()))


@given(calendars(), MOMENTS, AMOUNTS)
def test_never_earlier_and_never_outside(calendar: WorkingTime, moment: datetime, amount: timedelta) -> None:
    until = add(calendar, moment, amount)
    assert until > moment
    assert in_time(calendar, until)
    assert between(calendar, moment, until) == amount


@given(calendars(), MOMENTS, AMOUNTS, AMOUNTS)
def test_adding_twice_is_adding_the_sum(
    calendar: WorkingTime, moment: datetime, one: timedelta, other: timedelta
) -> None:
    assert add(calendar, add(calendar, moment, one), other) == add(calendar, moment, one + other)


@given(calendars(), MOMENTS, MOMENTS, MOMENTS)
def test_measures_add_up(calendar: WorkingTime, a: datetime, b: datetime, c: datetime) -> None:
    first, middle, last = sorted((a, b, c))
    if (last - first).days < 300:
        whole = between(calendar, first, last)
        assert whole == between(calendar, first, middle) + between(calendar, middle, last)
        assert timedelta() <= whole <= last - first


@given(calendars(), MOMENTS)
def test_an_opening_is_open(calendar: WorkingTime, moment: datetime) -> None:
    begin = opening(calendar, moment)
    assert begin >= moment
    assert is_open(calendar, begin)
    assert between(calendar, moment, begin) == timedelta()
    assert is_open(calendar, moment) == (begin == moment)


@given(calendars(), MOMENTS, MOMENTS, AMOUNTS)
def test_who_asks_later_is_not_promised_earlier(
    calendar: WorkingTime, one: datetime, other: datetime, amount: timedelta
) -> None:
    first, last = sorted((one, other))
    assert add(calendar, first, amount) <= add(calendar, last, amount)


@given(calendars(), MOMENTS, rosters(), st.sampled_from(["exams", "other"]), st.integers(0, 40))
def test_a_promise_is_after_the_question_within_the_term_and_in_working_time(
    calendar: WorkingTime, asked: datetime, slots: list[Slot], theme: str, queue: int
) -> None:
    made = clock.promise(asked, calendar, slots, theme, queue=queue)
    assert asked < made.at <= made.resolve_by
    assert in_time(calendar, made.at)
    assert made.resolve_by == add(calendar, asked, calendar.shortest_day)
    if made.methodist_id is not None:
        assert made.methodist_id in {slot.methodist_id for slot in slots}
    if made.on_duty:
        assert any(begin <= asked < end for begin, end in (slot.span for slot in slots))
        assert in_time(calendar, asked)
    warned = clock.warn_at(asked, made.at, calendar)
    assert asked < warned <= made.at
    assert in_time(calendar, warned)
    new = clock.passed_on(made.at, calendar)
    assert new > made.at
    assert in_time(calendar, new)


@given(calendars(), MOMENTS, rosters())
def test_duty_lies_within_slots_and_hours(calendar: WorkingTime, since: datetime, slots: list[Slot]) -> None:
    spans = tuple(slot.span for slot in slots)
    parts = list(Within(calendar, spans).spans(since))
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(parts))
    for begin, end in parts:
        assert since < end
        assert begin < end
        assert in_time(calendar, begin)
        assert in_time(calendar, end)
        assert any(first <= begin and end <= last for first, last in united(spans))
