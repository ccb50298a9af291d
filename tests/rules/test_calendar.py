"""Working days, by properties and by the days of 2026."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.calendar import (
    add_working_days,
    is_working,
    next_working,
    previous_working,
    working_days_between,
)

days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
exceptions = st.dictionaries(days, st.booleans(), max_size=40)


@given(days, exceptions)
def test_next_working_is_the_nearest(day, known):
    found = next_working(day, known)
    assert found >= day
    assert is_working(found, known)
    assert not any(is_working(day + timedelta(days=n), known) for n in range((found - day).days))


@given(days, exceptions)
def test_previous_working_mirrors_next(day, known):
    found = previous_working(day, known)
    assert found <= day
    assert is_working(found, known)
    assert next_working(found, known) == found


@given(days, st.integers(1, 60), exceptions)
def test_adding_counts_exactly_so_many_working_days(day, count, known):
    found = add_working_days(day, count, known)
    assert is_working(found, known)
    assert working_days_between(day, found, known) == count


@given(days, st.integers(1, 60), exceptions)
def test_going_back_returns_to_a_working_day(day, count, known):
    start = next_working(day, known)
    assert add_working_days(add_working_days(start, count, known), -count, known) == start


@given(days, exceptions)
def test_nothing_added_is_the_same_day(day, known):
    assert add_working_days(day, 0, known) == day


def test_a_year_without_work_is_a_mistake():
    closed = {date(2026, 1, 1) + timedelta(days=n): False for n in range(400)}
    with pytest.raises(ValueError, match="no working day"):
        next_working(date(2026, 1, 1), closed)


def test_a_working_saturday_counts():
    assert is_working(date(2026, 11, 28), {date(2026, 11, 28): True})
    assert not is_working(date(2026, 11, 28), {})
