"""The day of a reminder and the standing of a contest."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.contests import BEFORE, Standing, remind_on, standing

TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("apply_by", "asked_on", "day"),
    [
        (date(2026, 12, 20), TODAY, date(2026, 12, 13)),
        (date(2026, 12, 3), TODAY, date(2026, 11, 26)),
        (date(2026, 12, 2), TODAY, date(2026, 12, 1)),
        (date(2026, 11, 27), TODAY, date(2026, 11, 26)),
        (date(2026, 11, 26), TODAY, None),
        (date(2026, 11, 20), TODAY, None),
    ],
)
def test_the_day_of_the_reminder(apply_by: date, asked_on: date, day: date | None) -> None:
    assert remind_on(apply_by, asked_on) == day


@given(st.integers(-30, 400), st.integers(0, 60))
def test_never_after_the_term_nor_before_it_was_asked(days: int, asked: int) -> None:
    apply_by, asked_on = TODAY + timedelta(days=days), TODAY + timedelta(days=asked)
    day = remind_on(apply_by, asked_on)
    if day is None:
        assert asked_on >= apply_by
    else:
        assert asked_on <= day < apply_by
        assert apply_by - day <= BEFORE


@pytest.mark.parametrize(
    ("apply_by", "ends_on", "expected"),
    [
        (8, None, Standing.open),
        (7, None, Standing.closing),
        (0, None, Standing.closing),
        (-1, None, Standing.over),
        (-1, 5, Standing.running),
        (-1, 0, Standing.running),
        (-9, -1, Standing.over),
        (None, None, Standing.no_term),
        (None, 3, Standing.no_term),
        (None, -1, Standing.over),
    ],
)
def test_standing(apply_by: int | None, ends_on: int | None, expected: Standing) -> None:
    def day(number: int | None) -> date | None:
        return None if number is None else TODAY + timedelta(days=number)

    assert standing(day(apply_by), day(ends_on), TODAY) is expected
