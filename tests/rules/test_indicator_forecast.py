"""The pace of late: whole people, never a fall foretold, never more than the pace gives."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.indicators.forecast import ahead

ENDS = [date(2026, 7, 31), date(2026, 8, 31), date(2026, 9, 30)]


@pytest.mark.parametrize(
    ("numbers", "on", "found"),
    [
        # 61 days brought 122 people: two a day.
        ([100, 160, 222], date(2026, 10, 30), 282), ([100, 100, 100], date(2026, 12, 1), 100),
        # Only the last three: what was slow in spring says nothing of autumn.
        ([0, 100, 160, 222], date(2026, 10, 30), 282),
        # Half a person is not promised.
        ([0, 0, 1], date(2026, 10, 30), 1), ([5, 4, 3], date(2026, 12, 1), None), ([1, 2], date(2026, 12, 1), None),
        ([1, 2, 3], date(2026, 9, 30), None), ([], date(2026, 12, 1), None),
    ],
)  # fmt: skip
def test_a_number_goes_on_as_it_went(numbers: list[int], on: date, found: int | None) -> None:
    days = [date(2026, 6, 30), *ENDS] if len(numbers) == 4 else ENDS
    assert ahead(list(zip(days, numbers, strict=False)), on) == found


@given(st.lists(st.integers(0, 900), min_size=3, max_size=8).map(sorted), st.integers(1, 300))
def test_it_never_falls_and_keeps_to_the_pace(numbers: list[int], days: int) -> None:
    points = [(date(2026, 1, 1) + timedelta(days=30 * n), number) for n, number in enumerate(numbers)]
    found = ahead(points, points[-1][0] + timedelta(days=days))
    assert found is not None
    grown = numbers[-1] - numbers[-3]
    assert numbers[-1] <= found <= numbers[-1] + grown * days / 60
