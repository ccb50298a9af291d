"""I-CVI and the way of a version."""

from __future__ import annotations

import pytest

from bot.models import VersionState
from bot.rules.expertise import WAYS, Relevance, i_cvi, may_go


@pytest.mark.parametrize(
    ("ratings", "value", "band"),
    [
        ((), None, "none"),
        ((4,), 1.0, "none"),
        ((4, 3), 1.0, "green"),
        ((4, 4, 4, 4, 1), 0.8, "green"),
        ((4, 4, 4, 2), 0.75, "look"),
        ((4, 4, 4, 1, 2), 0.6, "look"),
        ((4, 2), 0.5, "red"),
        ((1, 2), 0.0, "red"),
    ],
)
def test_relevance(ratings: tuple[int, ...], value: float | None, band: str) -> None:
    assert i_cvi(ratings) == value
    assert Relevance(ratings).band == band


def test_ratings_are_one_to_four() -> None:
    for wrong in (0, 5):
        with pytest.raises(ValueError, match="1…4"):
            i_cvi((wrong,))


def test_what_was_published_is_never_a_draft_again() -> None:
    published = (VersionState.trial, VersionState.verified, VersionState.archived)
    reachable = {to for state in published for to in WAYS[state]}
    assert reachable == {VersionState.verified, VersionState.archived}
    assert may_go(VersionState.draft, VersionState.review)
    assert not may_go(VersionState.draft, VersionState.trial)
