"""The same filters and scores for everybody at once, as arrays mentees × mentors."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.rules.mentoring import fitting
from bot.rules.mentoring.model import WEIGHTS, Mentee, Mentor, Weights

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

T = TypeVar("T")

WEEK = 7 * 24


def allowed(mentees: Sequence[Mentee], mentors: Sequence[Mentor]) -> Bools:
    """Where no hard filter forbids the pair."""
    able = np.array([one.consent and one.free > 0 and one.experience >= one.least for one in mentors], dtype=bool)
    found: Bools = _common([one.stages for one in mentees], [one.stages for one in mentors]) & able
    place = {one.id: at for at, one in enumerate(mentors)}
    for row, mentee in enumerate(mentees):
        never = {mentee.id, *mentee.refused}
        if not mentee.superior_wanted:
            never |= mentee.superiors
        for mentor in never & place.keys():
            found[row, place[mentor]] = False
    return found


def scores(mentees: Sequence[Mentee], mentors: Sequence[Mentor], weights: Weights = WEIGHTS) -> Floats:
    """Points of 100 of every pair, whether allowed or not."""
    if not mentees or not mentors:
        return np.zeros((len(mentees), len(mentors)))
    subject = np.where(
        _common([one.subjects for one in mentees], [one.subjects for one in mentors]),
        1.0,
        np.where(
            _common([one.areas for one in mentees], [one.areas for one in mentors]),
            fitting.SAME_AREA,
            fitting.OTHER_SUBJECT,
        ),
    )
    proximity = _proximity(mentees, mentors)
    hours = (
        _incidence([one.slots for one in mentees], range(WEEK))
        @ _incidence([one.slots for one in mentors], range(WEEK)).T
    )
    slots = np.minimum(1.0, hours / fitting.HOURS_ENOUGH)
    status = np.array([fitting.STANDING[one.status] for one in mentors])
    load = np.array([one.free / one.most if one.most else 0.0 for one in mentors])
    sure = (
        weights.subject * subject
        + weights.proximity * proximity
        + weights.slots * slots
        + weights.wish * _wishes(mentees, mentors)
        + weights.status * status
        + weights.load * load
    )
    known = np.array([sum(one.deficits.values()) > 0 for one in mentees], dtype=bool)
    whole = weights.subject + weights.deficits + weights.proximity + weights.slots + weights.wish + weights.status
    whole += weights.load
    rest = whole - weights.deficits
    without = sure * (whole / rest if rest else 0.0)
    found: Floats = np.where(known[:, None], sure + weights.deficits * _deficits(mentees, mentors), without)
    return found


def akin(mentees: Sequence[Mentee], mentors: Sequence[Mentor]) -> Bools:
    """Where the two have a subject, or an area of subjects, in common."""
    same = _common([one.subjects for one in mentees], [one.subjects for one in mentors])
    return same | _common([one.areas for one in mentees], [one.areas for one in mentors])


def _incidence(sets: Sequence[Set[T]], all_of: Sequence[T]) -> NDArray[np.float32]:
    place = {one: at for at, one in enumerate(all_of)}
    found = np.zeros((len(sets), len(place)), dtype=np.float32)
    for row, one in enumerate(sets):
        found[row, [place[value] for value in one]] = 1
    return found


def _common(left: Sequence[Set[str]], right: Sequence[Set[str]]) -> Bools:
    all_of = sorted(set().union(*left, *right))
    found: Bools = (_incidence(left, all_of) @ _incidence(right, all_of).T) > 0
    return found


def _deficits(mentees: Sequence[Mentee], mentors: Sequence[Mentor]) -> Floats:
    groups = sorted(set().union(*(one.deficits for one in mentees)))
    needs = np.array([[one.deficits.get(group, 0.0) for group in groups] for one in mentees]).reshape(len(mentees), -1)
    strengths = _incidence([one.strengths & set(groups) for one in mentors], groups).astype(float)
    whole = needs.sum(axis=1)
    found: Floats = (needs @ strengths.T) / np.where(whole > 0, whole, 1.0)[:, None]
    return found


def _proximity(mentees: Sequence[Mentee], mentors: Sequence[Mentor]) -> Floats:
    def pairs(name: str) -> Bools:
        left = np.array([getattr(one, name) for one in mentees])
        found: Bools = left[:, None] == np.array([getattr(one, name) for one in mentors])
        return found

    both = np.array([one.remote for one in mentees])[:, None] & np.array([one.remote for one in mentors])
    far = np.where(both, fitting.REMOTE, 0.0)
    return np.where(pairs("organisation"), 1.0, np.where(pairs("municipality"), fitting.SAME_MUNICIPALITY, far))


def _wishes(mentees: Sequence[Mentee], mentors: Sequence[Mentor]) -> Floats:
    count = np.zeros((len(mentees), len(mentors)), dtype=np.int8)
    rows = {one.id: at for at, one in enumerate(mentees)}
    columns = {one.id: at for at, one in enumerate(mentors)}
    for row, mentee in enumerate(mentees):
        for mentor in mentee.wishes & columns.keys():
            count[row, columns[mentor]] += 1
    for column, one in enumerate(mentors):
        for wanted in one.wishes & rows.keys():
            count[rows[wanted], column] += 1
    return np.array([fitting.NO_WISH, fitting.ONE_WISH, 1.0])[count]
