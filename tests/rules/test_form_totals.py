"""What replies add up to: for the region always, for a municipality only when all of it has answered."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.form_totals import ANSWERED, Said, by_municipality, total

CASES: dict[str, tuple[str, Sequence[Said], int | None, dict[int, int]]] = {
    "nobody": ("q1", [Said(1, None)], None, {}),
    "numbers": ("q1", [Said(1, {"q1": 3}), Said(1, {"q1": 4}), Said(2, {"q1": 0})], 7, {1: 7, 2: 0}),
    "a part of a place": ("q1", [Said(1, {"q1": 3}), Said(1, None)], 3, {}),
    "skipped": ("q1", [Said(1, {"q1": 3}), Said(1, {"q1": None})], 3, {}),
    "yes and no": ("q1", [Said(1, {"q1": True}), Said(1, {"q1": False})], 1, {1: 1}),
    "only no": ("q1", [Said(1, {"q1": False})], 0, {1: 0}),
    "words": ("q1", [Said(1, {"q1": "12"})], None, {}),
    "replies": (ANSWERED, [Said(1, {}), Said(1, None), Said(None, {})], 2, {}),
    "people": ("q1", [Said(None, {"q1": 2})], 2, {}),
}


@pytest.mark.parametrize("case", CASES)
def test_totals(case: str) -> None:
    key, subjects, whole, places = CASES[case]
    assert total(key, subjects) == whole
    assert by_municipality(key, subjects) == places


said = st.builds(Said, st.integers(1, 3), st.one_of(st.none(), st.builds(lambda n: {"q": n}, st.integers(0, 99))))


@given(st.lists(said, max_size=12))
def test_places_never_exceed_the_region(subjects: list[Said]) -> None:
    places = by_municipality("q", subjects)
    assert sum(places.values()) <= (total("q", subjects) or 0)
    if subjects and all(one.answers is not None for one in subjects):
        assert sum(places.values()) == total("q", subjects)
