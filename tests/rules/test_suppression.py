"""No small group is shown, and nothing shown tells a hidden one: checked by trying every possibility."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.suppression import LEAST, publish, publish_table


def possible(parts: int, total: int) -> Iterator[tuple[int, ...]]:
    """Every way to make the total of so many groups of at least one person."""
    if parts == 1:
        if total >= 1:
            yield (total,)
        return
    for first in range(1, total - parts + 2):
        for rest in possible(parts - 1, total - first):
            yield (first, *rest)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_hidden_lines_cannot_be_computed_from_the_total(counts: list[int]) -> None:
    found = publish(counts)
    hidden = [count for count, ok in zip(counts, found.lines, strict=True) if not ok]
    assert all(count >= LEAST for count, ok in zip(counts, found.lines, strict=True) if ok)
    if not hidden or not found.total:
        return
    rest = sum(counts) - sum(count for count, ok in zip(counts, found.lines, strict=True) if ok)
    assert rest >= LEAST, "those who are hidden together are no small group either"
    ways = list(possible(len(hidden), rest))
    for place in range(len(hidden)):
        assert len({way[place] for way in ways}) > 1, "this line is certain"


@pytest.mark.parametrize(
    ("counts", "lines", "total"),
    [
        ([12, 30, 7], (True, True, True), True),
        ([12, 30, 3], (False, True, False), True),  # One small line: the smallest of the others goes with it.
        ([3, 4, 20], (False, False, True), True),  # Together seven: two lines hide each other.
        ([1, 1, 20, 9], (False, False, True, False), True),  # Together two: not enough.
        ([3], (False,), False),
        ([2, 2], (False, False), False),
        ([3, 4], (False, False), True),
        ([1, 1, 1, 1, 1], (False,) * 5, False),  # Five lines of five persons: each is one.
        ([0, 6, 8], (False, False, True), True),  # Nobody looks like few.
        ([], (), False),
    ],
)
def test_cases(counts: list[int], lines: tuple[bool, ...], total: bool) -> None:
    found = publish(counts)
    assert (found.lines, found.total) == (lines, total)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), min_size=2, max_size=4))
def test_hidden_cells_cannot_be_computed_from_sums_of_rows_and_columns(counts: list[list[int]]) -> None:
    """A cell is certain when its unit vector lies in the space of the sums of hidden cells."""
    shown = publish_table(counts)
    hidden = [(r, c) for r, c in product(range(len(counts)), range(3)) if not shown[r][c]]
    assert all(counts[r][c] >= LEAST for r, c in product(range(len(counts)), range(3)) if shown[r][c])
    everything = len(hidden) == len(counts) * 3
    if not hidden or everything:
        return
    sums = [[float(r == row) for r, _ in hidden] for row in range(len(counts))]
    sums += [[float(c == column) for _, c in hidden] for column in range(3)]
    rank = np.linalg.matrix_rank(np.array(sums))
    for place in range(len(hidden)):
        unit = [float(place == other) for other in range(len(hidden))]
        assert np.linalg.matrix_rank(np.array([*sums, unit])) > rank, "this cell is certain"


def test_a_table_without_small_cells_is_shown_whole() -> None:
    assert publish_table([[5, 6], [7, 8]]) == [[True, True], [True, True]]
    assert publish_table([]) == []
