"""Quiet hours, days off and the window of invitations."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.quiet_hours import USUAL_WINDOW, Hours, own_window, read_hours

MOSCOW = ZoneInfo("Europe/Moscow")
HOLIDAY = date(2026, 11, 4)  # Wednesday
USUAL = Hours(time(20), time(8), MOSCOW, {HOLIDAY: False, date(2026, 11, 7): True})


def at(text: str, zone: ZoneInfo = MOSCOW) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-11-24 08:00", "2026-11-24 08:00"),
        ("2026-11-24 19:59", "2026-11-24 19:59"),
        ("2026-11-24 20:00", "2026-11-25 08:00"),
        ("2026-11-24 03:30", "2026-11-24 08:00"),
        ("2026-11-27 20:00", "2026-11-30 08:00"),  # Friday evening: Monday morning
        ("2026-11-28 12:00", "2026-11-30 08:00"),
        ("2026-11-03 21:00", "2026-11-05 08:00"),  # A holiday in between
        ("2026-11-06 22:00", "2026-11-07 08:00"),  # A working Saturday
    ],
)
def test_the_end_of_quiet(moment: str, end: str) -> None:
    assert USUAL.end_of_quiet(at(moment)) == at(end)


@pytest.mark.parametrize(
    ("moment", "begins"),
    [
        ("2026-11-24 14:00", "2026-11-24 14:00"),
        ("2026-11-24 17:59", "2026-11-24 17:59"),
        ("2026-11-24 18:00", "2026-11-25 14:00"),
        ("2026-11-24 09:00", "2026-11-24 14:00"),
        ("2026-11-27 18:30", "2026-11-30 14:00"),
        ("2026-11-03 19:00", "2026-11-05 14:00"),
    ],
)
def test_the_window_of_invitations(moment: str, begins: str) -> None:
    assert USUAL.next_window(at(moment), USUAL_WINDOW) == at(begins)


def test_hours_within_one_day_and_no_quiet_hours_at_all() -> None:
    noon = Hours(time(12), time(14), MOSCOW)
    assert noon.end_of_quiet(at("2026-11-24 12:30")) == at("2026-11-24 14:00")
    assert not noon.is_quiet(at("2026-11-24 23:30"))
    assert noon.end_of_quiet(at("2026-11-28 12:30")) == at("2026-11-30 00:00")
    assert not Hours(time(0), time(0), MOSCOW).is_quiet(at("2026-11-24 03:00"))


def test_the_zone_is_the_regions() -> None:
    magadan = Hours(time(20), time(8), ZoneInfo("Asia/Magadan"))
    assert magadan.is_quiet(at("2026-11-24 12:00"))
    assert not magadan.is_quiet(at("2026-11-24 02:00"))


def test_how_hours_are_written() -> None:
    assert read_hours("20:00-08:00") == (time(20), time(8))
    assert read_hours("21:30–07:15") == (time(21, 30), time(7, 15))
    assert own_window("") == USUAL_WINDOW
    assert own_window("8-10") == (time(8), time(10))
    assert own_window("answers") is None
    assert own_window("25-3") == USUAL_WINDOW


times = st.times().map(lambda value: value.replace(second=0, microsecond=0))
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).map(lambda value: value.replace(tzinfo=UTC))
zones = st.sampled_from(["Europe/Kaliningrad", "Europe/Moscow", "Asia/Kamchatka"]).map(ZoneInfo)


@given(times, times, zones, moments)
def test_the_end_of_quiet_is_the_first_moment_that_is_not(
    begin: time, end: time, zone: ZoneInfo, moment: datetime
) -> None:
    hours = Hours(begin, end, zone)
    awake = hours.end_of_quiet(moment)
    assert awake >= moment
    assert not hours.is_quiet(awake)
    if awake > moment:
        assert hours.is_quiet(awake - timedelta(seconds=1))
        step = (awake - moment) / 7
        assert all(hours.is_quiet(moment + step * number) for number in range(7))


@given(zones, moments, st.integers(0, 22))
def test_a_window_is_met_on_a_working_day(zone: ZoneInfo, moment: datetime, start: int) -> None:
    hours = Hours(time(20), time(8), zone)
    window = (time(start), time(start + 1))
    begins = hours.next_window(moment, window)
    assert begins >= moment
    assert hours.in_window(begins, window)
    assert begins - moment < timedelta(days=4)
