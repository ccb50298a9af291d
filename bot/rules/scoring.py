"""Answers → percent, level of deficit, growth points, change (domain.md §1.3). Direction is kept in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from bot.models.diagnostics import DeficitLevel

MIN_SHARE = 2 / 3
"""A group is valid when at least this share of its items is answered."""

TOP = 5
"""Highest answer of the scale 1…5."""

GROWTH = 2
"""An answer this low makes its item a growth point."""

TEST_CUTS: Mapping[str, float] = {"minimal": 80, "low": 60, "middle": 40}
"""Lower bounds of the levels for a test or a rubric (domain.md §1.3); an instrument may have its own."""

SELF_CUTS: Mapping[str, float] = {"minimal": 70, "low": 50, "middle": 30}
"""The same for a self-assessment."""

DEFICITS = (DeficitLevel.middle, DeficitLevel.high)
"""Levels of a deficit that ask for support."""

WIDE_GAP = 25.0
"""Percent points between self-assessment and test that the methodist is told of."""

REAL_CHANGE = 1.96
"""A change is real beyond this many standard errors of a difference."""


@dataclass(frozen=True, slots=True)
class GroupScore:
    """One group of one attempt. ``pct`` has the direction competence: more is better mastered."""

    pct: float | None
    sem: float | None
    deficit_level: DeficitLevel | None
    is_deficit: bool
    growth: tuple[int, ...]
    answered: int
    total: int

    @property
    def valid(self) -> bool:
        """False when too little was answered for a conclusion."""
        return self.pct is not None


@dataclass(frozen=True, slots=True)
class Change:
    """A difference of two attempts with what it is worth: ``up``, ``same`` or ``down``."""

    delta: float
    margin: float

    @property
    def kind(self) -> str:
        if abs(self.delta) <= self.margin:
            return "same"
        return "up" if self.delta > 0 else "down"


def score_group(
    answers: Mapping[int, int | None],
    items: Sequence[int],
    cuts: Mapping[str, float],
    *,
    known_sem: float | None = None,
) -> GroupScore:
    """Score the items of a group; ``answers`` maps item → 1…5 or None for «не моя практика».

    Raises ValueError on a value outside the scale.
    """
    values = {item: answers[item] for item in items if answers.get(item) is not None}
    if any(not 1 <= value <= TOP for value in values.values() if value is not None):
        raise ValueError("an answer outside the scale 1…5")
    given = [value for value in values.values() if value is not None]
    growth = tuple(item for item in items if (value := values.get(item)) is not None and value <= GROWTH)
    if not items or len(given) < MIN_SHARE * len(items) - 1e-9:
        return GroupScore(None, None, None, False, growth, len(given), len(items))
    pct = sum(value - 1 for value in given) / ((TOP - 1) * len(given)) * 100
    level = level_of(pct, cuts)
    is_deficit = level in (DeficitLevel.middle, DeficitLevel.high) or len(growth) >= 2
    sem = known_sem if known_sem is not None else provisional_sem(given)
    return GroupScore(pct, sem, level, is_deficit, growth, len(given), len(items))


def score_points(
    points: Mapping[int, float | None],
    most: Mapping[int, float],
    cuts: Mapping[str, float],
    *,
    known_sem: float | None = None,
) -> GroupScore:
    """Score the tasks or criteria of a group; ``most`` maps item → its points, None is a skipped task.

    What was skipped counts nothing and its points stay in the whole; a group nobody touched has no result.
    Raises ValueError for points outside 0…most.
    """
    given = {item: value for item in most if (value := points.get(item)) is not None}
    if any(not -1e-9 <= value <= most[item] + 1e-9 for item, value in given.items()):
        raise ValueError("points outside 0…max")
    whole = sum(most.values())
    weak = tuple(item for item in most if (points.get(item) or 0.0) < most[item] / 2)
    if not given or whole <= 0:
        return GroupScore(None, None, None, False, (), 0, len(most))
    pct = sum(given.values()) / whole * 100
    level = level_of(pct, cuts)
    is_deficit = level in (DeficitLevel.middle, DeficitLevel.high)
    shares = [(given.get(item) or 0.0) / most[item] for item in most]
    sem = known_sem if known_sem is not None else _share_sem(shares)
    return GroupScore(pct, sem, level, is_deficit, weak, len(given), len(most))


def gap(own: float | None, tested: float | None) -> float | None:
    """Self-assessment minus test, in percent points; None unless both are known."""
    return None if own is None or tested is None else own - tested


def is_wide(difference: float | None) -> bool:
    """True when the methodist should know that the two do not agree."""
    return difference is not None and abs(difference) >= WIDE_GAP


def level_of(pct: float, cuts: Mapping[str, float]) -> DeficitLevel:
    """Level of DEFICIT of a percent of competence; ``cuts`` are lower bounds, in percent."""
    for level in (DeficitLevel.minimal, DeficitLevel.low, DeficitLevel.middle):
        if pct >= cuts[level.value]:
            return level
    return DeficitLevel.high


def provisional_sem(values: Sequence[int]) -> float:
    """Standard error in percent points before item analysis knows better (docs/decisions/0004).

    Within the person: the error of the mean of her own answers, never less than half of what one
    answer moved by one step would change.
    """
    n = len(values)
    step = 100 / (TOP - 1)
    floor = step / (2 * n)
    if n < 2:
        return step
    mean = sum(values) / n
    variance = sum((value - mean) ** 2 for value in values) / (n - 1)
    return max(sqrt(variance / n) * step, floor)


def _share_sem(shares: Sequence[float]) -> float:
    """The same for tasks: each is a share 0…1 of its points, one task more or less is the step."""
    n = len(shares)
    step = 100.0 / n
    if n < 2:
        return step / 2
    mean = sum(shares) / n
    variance = sum((share - mean) ** 2 for share in shares) / (n - 1)
    return max(sqrt(variance / n) * 100, step / 2)


def total_pct(groups: Sequence[tuple[float | None, float]]) -> float | None:
    """Weighted mean of valid groups, each (pct, weight); None when no group is valid."""
    known = [(pct, weight) for pct, weight in groups if pct is not None]
    weights = sum(weight for _, weight in known)
    return sum(pct * weight for pct, weight in known) / weights if weights else None


def on_border(pct: float, sem: float, cuts: Mapping[str, float]) -> bool:
    """True when the level could as well be the next one: a cut lies within one SEM."""
    return any(abs(pct - cut) < sem for cut in cuts.values())


def change(before: float, sem_before: float, after: float, sem_after: float) -> Change:
    """Difference in percent points against its margin 1.96·√(SEM₁² + SEM₂²)."""
    return Change(after - before, REAL_CHANGE * sqrt(sem_before**2 + sem_after**2))


def strengths(answers: Mapping[int, int | None], items: Sequence[int]) -> tuple[int, ...]:
    """Items answered 4 or 5, best first, in the order of the questionnaire."""
    good = [(item, value) for item in items if (value := answers.get(item)) is not None and value >= TOP - 1]
    return tuple(item for item, value in sorted(good, key=lambda pair: -pair[1]))
