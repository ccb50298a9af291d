"""What experts think of a version, and which way it may go next (domain.md §1.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.models.diagnostics import VersionState

RELEVANT = 3
"""A rating of 3 or 4 says that an item belongs here."""

EXPERTS = 2
GREEN, LOOK = 0.8, 0.6

_S = VersionState
WAYS: dict[VersionState, tuple[VersionState, ...]] = {
    _S.draft: (_S.review,),
    _S.review: (_S.trial, _S.draft),
    _S.trial: (_S.verified, _S.archived),
    _S.verified: (_S.archived,),
    _S.archived: (),
}
"""State → where a version may go from it. What was published never becomes a draft again."""


@dataclass(frozen=True, slots=True)
class Relevance:
    """An item in the eyes of experts; ``i_cvi`` is None while nobody has rated it."""

    ratings: tuple[int, ...]

    @property
    def i_cvi(self) -> float | None:
        """Share of ratings 3 and 4."""
        return i_cvi(self.ratings)

    @property
    def band(self) -> str:
        """``none`` below two experts, else ``green``, ``look`` or ``red``."""
        value = self.i_cvi
        if value is None or len(self.ratings) < EXPERTS:
            return "none"
        return "green" if value >= GREEN - 1e-9 else "look" if value >= LOOK - 1e-9 else "red"


def i_cvi(ratings: Sequence[int]) -> float | None:
    """Item content validity index; ratings are 1…4. Raises ValueError outside."""
    if any(not 1 <= rating <= 4 for rating in ratings):
        raise ValueError("a rating outside 1…4")
    return sum(rating >= RELEVANT for rating in ratings) / len(ratings) if ratings else None


def may_go(state: VersionState, to: VersionState) -> bool:
    """True when this step exists."""
    return to in WAYS[state]
