"""The arithmetic of a school team: a table of cases, and what holds whatever the moments are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.event_teams import LEAST, MOST, Size, hold, may_be, size, term

ZONE = ZoneInfo("Europe/Moscow")
STARTS = datetime(2026, 12, 10, 15, 0, tzinfo=ZONE)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
spans = st.timedeltas(timedelta(0), timedelta(days=60))


@pytest.mark.parametrize(
    ("least", "most", "seats", "right"),
    [
        (None, None, None, True),
        (None, None, 10, True),
        (3, 8, None, True),
        (3, 8, 8, True),
        (2, 2, 2, True),
        (3, 8, 7, False),
        (1, 8, None, False),
        (0, 0, None, False),
        (8, 3, None, False),
        (3, None, None, False),
        (None, 8, None, False),
        (2, MOST, None, True),
        (2, MOST + 1, None, False),
    ],
)
def test_bounds(least: int | None, most: int | None, seats: int | None, right: bool) -> None:
    assert may_be(least, most, seats) is right


@pytest.mark.parametrize(("people", "expected"), [(2, Size.few), (3, Size.right), (8, Size.right), (9, Size.many)])
def test_size(people: int, expected: Size) -> None:
    assert size(people, 3, 8) is expected


def test_the_term_is_the_evening_two_days_before() -> None:
    early = STARTS - timedelta(days=20)
    assert term(STARTS, None, ZONE, made_at=early) == datetime(2026, 12, 8, 23, 59, tzinfo=ZONE)
    closes = datetime(2026, 12, 7, 0, 0, tzinfo=ZONE)
    assert term(STARTS, closes, ZONE, made_at=early) == closes
    # Gathered the day before: half a day to answer, not a term that is over already.
    late = STARTS - timedelta(days=1)
    assert term(STARTS, None, ZONE, made_at=late) == late + LEAST
    # The last hours: never after the beginning.
    assert term(STARTS, None, ZONE, made_at=STARTS - timedelta(hours=1)) == STARTS


def test_an_invitation_waits_to_the_term_but_never_a_night_only() -> None:
    begins = datetime(2026, 12, 8, 8, 0, tzinfo=ZONE)
    usual = begins + timedelta(days=3)
    assert hold(begins, usual, datetime(2026, 12, 9, 23, 59, tzinfo=ZONE), STARTS) == datetime(
        2026, 12, 9, 23, 59, tzinfo=ZONE
    )
    assert hold(begins, usual, begins - timedelta(hours=8), STARTS) == begins + LEAST
    assert hold(begins, usual, STARTS, STARTS) == STARTS


@given(moments, spans, st.none() | spans)
def test_a_term_lies_before_the_end_of_sign_up(starts: datetime, before: timedelta, closed: timedelta | None) -> None:
    closes = starts - closed if closed is not None else None
    made = starts - before
    found = term(starts, closes, ZONE, made_at=made)
    assert found <= starts
    assert closes is None or found <= closes
    assert found >= min(made + LEAST, starts, closes or starts)


@given(moments, spans, spans, spans)
def test_a_hold_gives_time_and_never_outlasts_the_beginning(
    begins: datetime, ahead: timedelta, to_term: timedelta, usual: timedelta
) -> None:
    starts, until = begins + ahead, begins + to_term - timedelta(days=10)
    found = hold(begins, begins + usual, until, starts)
    assert begins <= found <= starts
    assert found >= min(begins + LEAST, begins + usual, starts)
    assert found <= begins + usual
