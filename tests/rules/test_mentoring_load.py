"""A mentor's load: pairs and a group apart from each other (domain.md §5.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.mentoring.load import Load


@pytest.mark.parametrize(
    ("load", "grouped", "free"),
    [
        (Load(), False, 2), (Load(), True, 5), (Load(2, 0), False, 0), (Load(2, 0), True, 5), (Load(0, 5), True, 0),
        (Load(0, 5), False, 2), (Load(3, 6), False, 0), (Load(3, 6), True, 0),
    ],
)  # fmt: skip
def test_the_table(load: Load, grouped: bool, free: int) -> None:
    """A mentor of two, a region with groups of five."""
    assert load.free(2, 5, grouped=grouped) == free


@given(st.lists(st.booleans(), max_size=20), st.integers(1, 3), st.integers(2, 10))
def test_one_more_takes_a_place_of_its_own_kind_only(kinds: list[bool], most: int, group: int) -> None:
    load = Load()
    for grouped in kinds:
        before = load
        load = load.with_one(grouped=grouped)
        other = not grouped
        assert load.free(most, group, grouped=other) == before.free(most, group, grouped=other)
        assert load.free(most, group, grouped=grouped) == max(0, before.free(most, group, grouped=grouped) - 1)
    assert (load.pairs, load.group) == (kinds.count(False), kinds.count(True))
