"""The best pairs for everybody at once: one optimum with the mentors' places, and why it is as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from bot.rules.mentoring import arrays
from bot.rules.mentoring.fitting import explain, obstacle
from bot.rules.mentoring.model import ENOUGH, PREFERRED_EXPERIENCE, WEIGHTS, Match, Mentee, Mentor, Obstacle, Weights

COVER = 1000.0
"""More than any score: in «nobody forgotten» one pair more is worth more than better pairs."""

SPREAD = 1e-7
"""Of two equal plans the one that spreads the load is taken."""


class Mode(StrEnum):
    """What is best: the sum of good pairs, or first of all that nobody is left out."""

    quality = "quality"
    nobody_forgotten = "nobody_forgotten"


class Reason(StrEnum):
    """Why a mentee has no mentor in the plan."""

    nobody = "nobody"
    nobody_allowed = "nobody_allowed"
    no_subject_near = "no_subject_near"
    too_far_from_enough = "too_far_from_enough"
    places_taken = "places_taken"


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A mentee without a mentor: the reason, the filter that forbids most, the best that there would be."""

    mentee: int
    reason: Reason
    obstacle: Obstacle | None = None
    best: Match | None = None
    # Allowed mentors of the subject elsewhere who work remotely: the way out, if any.
    remote: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """Proposed pairs by mentee, who is left and why; ``total`` is the sum of the scores."""

    pairs: tuple[Match, ...]
    unmatched: tuple[Unmatched, ...]
    total: float


@dataclass(frozen=True, slots=True)
class Fixed:
    """A pair that stands already: it takes a place and is not solved again."""

    mentee: int
    mentor: int


def solve(
    mentees: Sequence[Mentee],
    mentors: Sequence[Mentor],
    *,
    mode: Mode = Mode.quality,
    weights: Weights = WEIGHTS,
    enough: float = ENOUGH,
    fixed: Sequence[Fixed] = (),
) -> Plan:
    """The plan of the greatest total. The order of the people does not matter, the same people give the same plan.

    With ``fixed`` only the others are solved, on the places that are left; the fixed pairs are not in the plan.
    """
    settled, taken = {pair.mentee for pair in fixed}, Counter(pair.mentor for pair in fixed)
    mentees = sorted((one for one in mentees if one.id not in settled), key=lambda one: one.id)
    mentors = sorted(mentors, key=lambda one: one.id)
    scores = arrays.scores(mentees, mentors, weights)
    free = arrays.allowed(mentees, mentors)
    good = free & (scores >= enough) if mode is Mode.quality else free
    # The load in a score is the load before the plan: fixed pairs take places and change no score.
    places = np.array([max(0, one.free - taken[one.id]) for one in mentors], int)
    found = _assigned(scores - _untried(mentors), good & (places > 0), places, mode)
    pairs = tuple(explain(mentees[row], mentors[column], weights) for row, column in found.items())
    unmatched = tuple(
        _why(mentee, mentors, scores[row], free[row], weights, enough if mode is Mode.quality else 0.0)
        for row, mentee in enumerate(mentees)
        if row not in found
    )
    return Plan(pairs, unmatched, float(sum(pair.score for pair in pairs)))


def cost_of(
    mentee: int,
    mentor: int,
    mentees: Sequence[Mentee],
    mentors: Sequence[Mentor],
    *,
    mode: Mode = Mode.quality,
    weights: Weights = WEIGHTS,
    enough: float = ENOUGH,
) -> float | None:
    """What all together would lose, in points, if these two were a pair; None where a filter forbids it."""
    by_mentee, by_mentor = {one.id: one for one in mentees}, {one.id: one for one in mentors}
    if obstacle(by_mentee[mentee], by_mentor[mentor]) is not None:
        return None
    best = solve(mentees, mentors, mode=mode, weights=weights, enough=enough)
    rest = solve(mentees, mentors, mode=mode, weights=weights, enough=enough, fixed=[Fixed(mentee, mentor)])
    return best.total - rest.total - explain(by_mentee[mentee], by_mentor[mentor], weights).score


def _untried(mentors: Sequence[Mentor]) -> NDArray[np.float64]:
    """A hair less for mentors of few years: it decides between equal plans only."""
    return np.array([SPREAD / 2 if one.experience < PREFERRED_EXPERIENCE else 0.0 for one in mentors])


def _assigned(
    scores: NDArray[np.float64], allowed: NDArray[np.bool_], places: NDArray[np.int_], mode: Mode
) -> Mapping[int, int]:
    """Row → column of the optimum: each mentor stands as many times as it has places."""
    if not allowed.any():
        return {}
    # Loaded only when matching: it costs half a second.
    from scipy.optimize import linear_sum_assignment

    rows = np.flatnonzero(allowed.any(axis=1))
    expanded = [
        (column, place)
        for column in np.flatnonzero(allowed.any(axis=0)).tolist()
        # More places than people who could take them would only make the table larger.
        for place in range(min(int(places[column]), int(allowed[:, column].sum())))
    ]
    columns = np.array([column for column, _ in expanded])
    later = np.array([place for _, place in expanded]) * SPREAD
    gain = scores[np.ix_(rows, columns)]
    gain -= later
    if mode is Mode.nobody_forgotten:
        gain += COVER
    open_pairs = allowed[np.ix_(rows, columns)]
    # Where there is no pair nothing is gained: such a row is left out of the plan.
    gain[~open_pairs] = 0.0
    chosen_rows, chosen_columns = linear_sum_assignment(gain, maximize=True)
    return {
        int(rows[row]): int(columns[column])
        for row, column in zip(chosen_rows, chosen_columns, strict=True)
        if open_pairs[row, column]
    }


def _why(
    mentee: Mentee,
    mentors: Sequence[Mentor],
    scores: NDArray[np.float64],
    allowed: NDArray[np.bool_],
    weights: Weights,
    enough: float,
) -> Unmatched:
    """The reason that binds: no mentors, nobody allowed, none of the subject near, none good enough, or no places."""
    if not mentors:
        return Unmatched(mentee.id, Reason.nobody)
    if not allowed.any():
        met = Counter(found for one in mentors if (found := obstacle(mentee, one)) is not None)
        worst = max(met, key=lambda one: (met[one], one.value), default=None)
        return Unmatched(mentee.id, Reason.nobody_allowed, worst)
    candidates = np.flatnonzero(allowed)
    best_column = int(candidates[np.argmax(scores[candidates])])
    best = explain(mentee, mentors[best_column], weights)
    of_subject = [mentors[column] for column in candidates.tolist() if mentors[column].subjects & mentee.subjects]
    near = [one for one in of_subject if one.municipality == mentee.municipality]
    remote = sum(one.remote for one in of_subject if one.municipality != mentee.municipality)
    if best.score >= enough:
        return Unmatched(mentee.id, Reason.places_taken, best=best, remote=remote)
    reason = Reason.too_far_from_enough if near else Reason.no_subject_near
    return Unmatched(mentee.id, reason, best=best, remote=remote)
