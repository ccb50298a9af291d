"""What more mentors of one kind would give, and how many of them a share of young people needs. Pure.

Mentors of one kind are equal: each place of theirs either brings a mentor to one mentee more or, when nobody is left
whom they could help even by moving others, to none. So two matchings say it for every number of them at once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil

import numpy as np
from numpy.typing import NDArray

from bot.rules.mentoring import arrays
from bot.rules.mentoring.matching import Mode
from bot.rules.mentoring.model import ENOUGH, WEIGHTS, Mentee, Mentor, Weights


@dataclass(frozen=True, slots=True)
class Cover:
    """Of ``asking`` mentees, how many can have a mentor now, and with any number of places more."""

    asking: int
    now: int
    most: int

    def with_places(self, places: int) -> int:
        """How many can have one with so many places more."""
        return min(self.now + places, self.most)


@dataclass(frozen=True, slots=True)
class Share:
    """An indicator: ``counted`` of ``whole`` already, ``coming`` more when the pairs that are published begin."""

    counted: int
    coming: int
    whole: int

    def percent(self, more: int = 0) -> Fraction:
        """The share with so many more."""
        return Fraction(100 * (self.counted + more), self.whole)


class Way(StrEnum):
    """How far it is to a target, the nearest first."""

    reached = "reached"
    # Nobody new is needed: the pairs that can be made now are enough.
    at_hand = "at_hand"
    mentors = "mentors"
    # Among those who ask are some whom such mentors do not fit.
    other_kind = "other_kind"
    # Even with a mentor for everybody who asks it would not be enough.
    few_ask = "few_ask"


@dataclass(frozen=True, slots=True)
class Step:
    """The way to a target in percent: ``mentors`` more, or the ``missing`` young people whom they would not bring."""

    target: Fraction
    way: Way
    mentors: int = 0
    missing: int = 0


def step(target: Fraction, share: Share, cover: Cover, *, places: int) -> Step:
    """The smallest number of added mentors of so many places with which the share reaches the target."""
    lacking = ceil(target * share.whole / 100) - share.counted
    if lacking <= 0:
        return Step(target, Way.reached)
    lacking -= share.coming
    if lacking <= cover.now:
        return Step(target, Way.at_hand)
    if lacking > cover.asking:
        return Step(target, Way.few_ask, missing=lacking - cover.asking)
    if lacking > cover.most:
        return Step(target, Way.other_kind, missing=lacking - cover.most)
    return Step(target, Way.mentors, mentors=ceil(Fraction(lacking - cover.now, places)))


def cover(
    mentees: Sequence[Mentee],
    mentors: Sequence[Mentor],
    added: Mentor,
    *,
    among: Collection[int] | None = None,
    mode: Mode = Mode.quality,
    weights: Weights = WEIGHTS,
    enough: float = ENOUGH,
) -> tuple[Cover, Cover]:
    """Whom these and any number of mentors like ``added`` could take: of all mentees, and of those ``among``.

    The added one is still to be found: nobody knows her strengths and hours, so where quality counts a subject of the
    same area is what she must have. Both covers at once are possible: whoever has a mentor keeps one when others get
    theirs, only perhaps another.
    """
    there, new = arrays.allowed(mentees, mentors), arrays.allowed(mentees, [added])[:, 0]
    if mode is Mode.quality:
        there &= arrays.scores(mentees, mentors, weights) >= enough
        new &= arrays.akin(mentees, [added])[:, 0]
    places = np.array([one.free for one in mentors], dtype=np.int64)

    def of(rows: NDArray[np.bool_]) -> Cover:
        now = _paired(there[rows], places)
        # The new ones take everybody they can: the places there are remain for the rest.
        rest = rows & ~new
        return Cover(int(rows.sum()), now, int((rows & new).sum()) + _paired(there[rest], places))

    whole = of(np.ones(len(mentees), dtype=np.bool_))
    if among is None:
        return whole, whole
    mine = np.array([one.id in among for one in mentees], dtype=np.bool_)
    return whole, whole if mine.all() else of(mine)


def _paired(good: NDArray[np.bool_], places: NDArray[np.int64]) -> int:
    """The largest number of mentees who can have a mentor at the same time."""
    if not good.any():
        return 0
    # Loaded only when asked: it costs half a second.
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import maximum_bipartite_matching

    # More places than people who could take them would only make the table larger.
    times = np.minimum(places, good.sum(axis=0))
    found = maximum_bipartite_matching(csr_matrix(np.repeat(good, times, axis=1)), perm_type="column")
    return int((found >= 0).sum())
