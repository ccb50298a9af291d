"""Pairs: the worked example, arrays against the explained rule, the optimum against brute force, reasons."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules import mentoring
from bot.rules.mentoring import Criterion, Fixed, Mentee, Mentor, Mode, Obstacle, Reason, Status, Weights, arrays

MENTEE = Mentee(
    1, organisation=10, municipality=1, subjects=frozenset({"chemistry"}), areas=frozenset({"science"}),
    stages=frozenset({"basic"}), deficits={"method": 1, "psychology": 1, "ict": 1}, slots=frozenset({30, 31}),
    wishes=frozenset({2}),
)  # fmt: skip
MENTOR = Mentor(
    2, organisation=11, municipality=1, subjects=frozenset({"chemistry"}), areas=frozenset({"science"}),
    stages=frozenset({"basic", "senior"}), strengths=frozenset({"method", "ict"}), slots=frozenset({31, 80}),
    status=Status.highest, experience=12, most=2, busy=1,
)  # fmt: skip


def test_the_worked_example() -> None:
    """domain.md §5.3: 25 + 16.67 + 10.5 + 5 + 6 + 8 + 2.5 = 73.7."""
    found = mentoring.explain(MENTEE, MENTOR)
    points = {line.criterion: line.points for line in found.lines}
    assert points == {
        Criterion.subject: 25, Criterion.deficits: pytest.approx(16.667, abs=1e-3),
        Criterion.proximity: pytest.approx(10.5), Criterion.slots: 5, Criterion.wish: 6,
        Criterion.status: 8, Criterion.load: 2.5,
    }  # fmt: skip
    assert found.score == pytest.approx(73.7, abs=0.05)
    assert [line.term for line in found.lines] == [
        "same", "covered", "municipality", "hours", "one", "highest", "free",
    ]  # fmt: skip


def test_without_a_permission_the_deficits_are_left_out_and_the_rest_fills_the_hundred() -> None:
    found = mentoring.explain(replace(MENTEE, deficits={}), MENTOR)
    assert sum(line.most for line in found.lines) == pytest.approx(100)
    deficits = found.lines[1]
    assert (deficits.known, deficits.points) == (False, 0)
    assert found.score == pytest.approx((25 + 10.5 + 5 + 6 + 8 + 2.5) * 100 / 75)


@pytest.mark.parametrize(
    ("mentee", "mentor", "expected"),
    [
        (MENTEE, MENTOR, None),
        (replace(MENTEE, id=2), MENTOR, Obstacle.same_person),
        (MENTEE, replace(MENTOR, consent=False), Obstacle.consent),
        (MENTEE, replace(MENTOR, busy=2), Obstacle.load),
        (MENTEE, replace(MENTOR, experience=2), Obstacle.experience),
        (MENTEE, replace(MENTOR, stages=frozenset({"primary"})), Obstacle.stage),
        (replace(MENTEE, superiors=frozenset({2})), MENTOR, Obstacle.superior),
        (replace(MENTEE, superiors=frozenset({2}), superior_wanted=True), MENTOR, None),
        (replace(MENTEE, refused=frozenset({2})), MENTOR, Obstacle.refused),
    ],
)
def test_filters_are_hard(mentee: Mentee, mentor: Mentor, expected: Obstacle | None) -> None:
    assert mentoring.obstacle(mentee, mentor) is expected
    assert bool(arrays.allowed([mentee], [mentor])[0, 0]) is (expected is None)
    assert bool(mentoring.solve([mentee], [mentor]).pairs) is (expected is None)


SUBJECTS, AREAS, STAGES, GROUPS = ("s1", "s2", "s3"), ("a1", "a2"), ("primary", "basic"), ("g1", "g2", "g3")


def some(values: Sequence[str]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values))


IDS = st.frozensets(st.integers(1, 12), max_size=3)


@st.composite
def people(draw: st.DrawFn, *, most_mentees: int = 5, most_mentors: int = 3) -> tuple[list[Mentee], list[Mentor]]:
    mentees = [
        Mentee(
            number,
            organisation=draw(st.integers(1, 3)), municipality=draw(st.integers(1, 2)),
            subjects=draw(some(SUBJECTS)), areas=draw(some(AREAS)), stages=draw(some(STAGES)),
            deficits=draw(st.dictionaries(st.sampled_from(GROUPS), st.floats(0, 2))),
            slots=draw(st.frozensets(st.integers(0, 5))), wishes=draw(IDS), remote=draw(st.booleans()),
            superiors=draw(IDS), superior_wanted=draw(st.booleans()), refused=draw(IDS),
        )
        for number in range(1, draw(st.integers(0, most_mentees)) + 1)
    ]  # fmt: skip
    mentors = [
        Mentor(
            number,
            organisation=draw(st.integers(1, 3)), municipality=draw(st.integers(1, 2)),
            subjects=draw(some(SUBJECTS)), areas=draw(some(AREAS)), stages=draw(some(STAGES)),
            strengths=draw(some(GROUPS)), slots=draw(st.frozensets(st.integers(0, 5))), wishes=draw(IDS),
            remote=draw(st.booleans()), status=draw(st.sampled_from(Status)), experience=draw(st.integers(2, 5)),
            most=draw(st.integers(0, 3)), busy=draw(st.integers(0, 1)), consent=draw(st.integers(0, 9)) > 0,
        )
        # One person may be both: the numbers overlap.
        for number in range(most_mentees, most_mentees + draw(st.integers(0, most_mentors)))
    ]  # fmt: skip
    return mentees, mentors


WEIGHTS = st.builds(
    Weights, st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 10), st.integers(0, 10),
    st.integers(0, 10), st.integers(1, 10),
)  # fmt: skip


@given(people(), WEIGHTS)
def test_arrays_say_what_the_explained_rule_says(both: tuple[list[Mentee], list[Mentor]], weights: Weights) -> None:
    mentees, mentors = both
    scores, free = arrays.scores(mentees, mentors, weights), arrays.allowed(mentees, mentors)
    for (row, mentee), (column, mentor) in itertools.product(enumerate(mentees), enumerate(mentors)):
        found = mentoring.explain(mentee, mentor, weights)
        assert scores[row, column] == pytest.approx(found.score)
        assert bool(free[row, column]) is (mentoring.obstacle(mentee, mentor) is None)
        assert -1e-9 <= found.score <= sum(weights.of(one) for one in Criterion) + 1e-9
        assert all(0 <= line.value <= 1 for line in found.lines)


def brute(mentees: list[Mentee], mentors: list[Mentor], mode: Mode) -> tuple[float, float]:
    """(pairs, total) of the best of all plans; for quality the first figure is not compared."""
    enough = mentoring.ENOUGH if mode is Mode.quality else -1.0
    options = [
        [None]
        + [
            (mentor.id, found.score)
            for mentor in mentors
            if mentoring.obstacle(mentee, mentor) is None
            and (found := mentoring.explain(mentee, mentor)).score >= enough
        ]
        for mentee in mentees
    ]
    free = {mentor.id: mentor.free for mentor in mentors}
    best = (0.0, 0.0)
    for chosen in itertools.product(*options):
        taken = [one for one in chosen if one is not None]
        load = Counter(mentor for mentor, _ in taken)
        if any(load[mentor] > free[mentor] for mentor in load):
            continue
        total = sum(score for _, score in taken)
        best = max(best, (float(len(taken)) if mode is Mode.nobody_forgotten else 0.0, total))
    return best


@given(people(), st.sampled_from(Mode))
@settings(max_examples=150)
def test_no_plan_is_better(both: tuple[list[Mentee], list[Mentor]], mode: Mode) -> None:
    mentees, mentors = both
    found = mentoring.solve(mentees, mentors, mode=mode)
    pairs, total = brute(mentees, mentors, mode)
    assert found.total == pytest.approx(total, abs=1e-4)
    if mode is Mode.nobody_forgotten:
        assert len(found.pairs) == pairs


@given(people(most_mentees=8, most_mentors=5), st.sampled_from(Mode), st.randoms(use_true_random=False))
def test_a_plan_keeps_its_promises(both: tuple[list[Mentee], list[Mentor]], mode: Mode, chance: object) -> None:
    mentees, mentors = both
    found = mentoring.solve(mentees, mentors, mode=mode)
    by_mentee, by_mentor = {one.id: one for one in mentees}, {one.id: one for one in mentors}
    for pair in found.pairs:
        assert mentoring.obstacle(by_mentee[pair.mentee], by_mentor[pair.mentor]) is None
        assert pair.score == pytest.approx(sum(line.points for line in pair.lines))
        assert mode is Mode.nobody_forgotten or pair.score >= mentoring.ENOUGH
    load = Counter(pair.mentor for pair in found.pairs)
    assert all(load[mentor.id] <= mentor.free for mentor in mentors)
    everybody = sorted([*(pair.mentee for pair in found.pairs), *(one.mentee for one in found.unmatched)])
    assert everybody == [one.id for one in mentees], "each is either paired or told why not"
    chance.shuffle(mentees)  # type: ignore[attr-defined]
    chance.shuffle(mentors)  # type: ignore[attr-defined]
    assert mentoring.solve(mentees, mentors, mode=mode) == found, "the order of the people does not matter"
    taken, total = greedy(mentees, mentors, mode)
    if mode is Mode.quality:
        assert found.total >= total - 1e-4
    else:
        assert len(found.pairs) >= taken
        assert found.total >= total - 1e-4 or len(found.pairs) > taken, "points are given up for one pair more only"


def greedy(mentees: list[Mentee], mentors: list[Mentor], mode: Mode) -> tuple[int, float]:
    """(pairs, total) of the best pair first, and so on: what a person with a table would do."""
    enough = mentoring.ENOUGH if mode is Mode.quality else -1.0
    all_pairs = sorted(
        (
            (found.score, mentee.id, mentor.id)
            for mentee, mentor in itertools.product(mentees, mentors)
            if mentoring.obstacle(mentee, mentor) is None
            and (found := mentoring.explain(mentee, mentor)).score >= enough
        ),
        reverse=True,
    )
    free, done, total = {one.id: one.free for one in mentors}, set[int](), 0.0
    for score, mentee, mentor in all_pairs:
        if mentee not in done and free[mentor]:
            done.add(mentee)
            free[mentor] -= 1
            total += score
    return len(done), total


@given(people(most_mentees=6, most_mentors=4), st.sampled_from(Mode))
def test_after_a_refusal_only_the_touched_are_solved(both: tuple[list[Mentee], list[Mentor]], mode: Mode) -> None:
    mentees, mentors = both
    before = mentoring.solve(mentees, mentors, mode=mode)
    if not before.pairs:
        return
    declined, *kept = before.pairs
    again = [
        replace(one, refused=one.refused | {declined.mentor}) if one.id == declined.mentee else one for one in mentees
    ]
    fixed = [Fixed(pair.mentee, pair.mentor) for pair in kept]
    after = mentoring.solve(again, mentors, mode=mode, fixed=fixed)
    assert {pair.mentee for pair in after.pairs}.isdisjoint(pair.mentee for pair in kept), "the others stay frozen"
    assert (declined.mentee, declined.mentor) not in {(pair.mentee, pair.mentor) for pair in after.pairs}
    load = Counter(pair.mentor for pair in (*kept, *after.pairs))
    assert all(load[mentor.id] <= mentor.free for mentor in mentors)


@given(people(most_mentees=5, most_mentors=3), st.sampled_from(Mode))
@settings(max_examples=60)
def test_why_not_another_pair_is_answered_in_points(both: tuple[list[Mentee], list[Mentor]], mode: Mode) -> None:
    mentees, mentors = both
    plan = {pair.mentee: pair.mentor for pair in mentoring.solve(mentees, mentors, mode=mode).pairs}
    for mentee, mentor in itertools.product(mentees, mentors):
        cost = mentoring.cost_of(mentee.id, mentor.id, mentees, mentors, mode=mode)
        if mentoring.obstacle(mentee, mentor) is not None:
            assert cost is None
        elif plan.get(mentee.id) == mentor.id:
            assert cost == pytest.approx(0, abs=1e-4)
        elif mode is Mode.quality and mentoring.explain(mentee, mentor).score >= mentoring.ENOUGH:
            assert cost is not None
            assert cost >= -1e-4


def test_who_is_left_is_told_why() -> None:
    chemist = MENTOR
    far = replace(chemist, id=3, municipality=9, organisation=90, remote=True, status=Status.none)
    historian = replace(
        chemist, id=4, subjects=frozenset({"history"}), areas=frozenset({"society"}), strengths=frozenset(),
        slots=frozenset(), status=Status.none, municipality=1,
    )  # fmt: skip

    def reason(mentee: Mentee, *mentors: Mentor) -> tuple[Reason, Obstacle | None, int]:
        (one,) = mentoring.solve([mentee], mentors).unmatched
        return one.reason, one.obstacle, one.remote

    plain = replace(MENTEE, wishes=frozenset(), slots=frozenset())
    assert reason(plain) == (Reason.nobody, None, 0)
    assert reason(plain, replace(chemist, busy=2)) == (Reason.nobody_allowed, Obstacle.load, 0)
    assert reason(plain, historian) == (Reason.no_subject_near, None, 0)
    assert reason(plain, historian, replace(far, strengths=frozenset(), slots=frozenset())) == (
        Reason.no_subject_near, None, 1,
    )  # fmt: skip
    two = [plain, replace(plain, id=7)]
    (left,) = mentoring.solve(two, [chemist]).unmatched
    assert left.reason is Reason.places_taken
    assert left.best is not None
    assert left.best.mentor == chemist.id


def test_equal_mentors_share_the_load() -> None:
    mentors = [replace(MENTOR, id=number, busy=0, most=3) for number in (2, 3, 4)]
    young = [replace(MENTEE, id=number, wishes=frozenset()) for number in (20, 21, 22)]
    assert {pair.mentor for pair in mentoring.solve(young, mentors).pairs} == {2, 3, 4}


def test_of_two_equal_mentors_the_experienced_one() -> None:
    """domain.md §5.3: three years are asked for, five are preferred."""
    young = replace(MENTEE, wishes=frozenset())
    new, old = replace(MENTOR, id=3, experience=3), replace(MENTOR, id=4, experience=5)
    assert [pair.mentor for pair in mentoring.solve([young], [new, old]).pairs] == [4]
    better = replace(new, status=Status.mentor)
    assert [pair.mentor for pair in mentoring.solve([young], [better, old]).pairs] == [3], "points come first"


@pytest.mark.parametrize(("experience", "least", "fits"), [(3, 3, True), (2, 3, False), (4, 5, False), (5, 5, True)])
def test_the_region_says_how_many_years_a_mentor_has(experience: int, least: int, fits: bool) -> None:
    mentor = replace(MENTOR, experience=experience, least=least)
    assert (mentoring.obstacle(MENTEE, mentor) is None) is fits
    assert bool(arrays.allowed([MENTEE], [mentor])[0, 0]) is fits


@pytest.mark.parametrize(
    ("change", "criterion", "value"),
    [
        ({"subjects": frozenset({"biology"})}, Criterion.subject, 0.6),
        ({"subjects": frozenset({"art"}), "areas": frozenset({"arts"})}, Criterion.subject, 0.2),
        ({"strengths": frozenset()}, Criterion.deficits, 0.0),
        ({"organisation": 10}, Criterion.proximity, 1.0),
        ({"municipality": 9, "organisation": 90, "remote": True}, Criterion.proximity, 0.5),
        ({"municipality": 9, "organisation": 90}, Criterion.proximity, 0.0),
        ({"slots": frozenset({30, 31, 32})}, Criterion.slots, 1.0),
        ({"slots": frozenset()}, Criterion.slots, 0.0),
        ({"wishes": frozenset({1})}, Criterion.wish, 1.0),
        ({"status": Status.mentor}, Criterion.status, 1.0),
        ({"status": Status.first}, Criterion.status, 0.5),
        ({"status": Status.none}, Criterion.status, 0.0),
        ({"busy": 0}, Criterion.load, 1.0),
    ],
)
def test_every_row_of_the_table(change: dict[str, object], criterion: Criterion, value: float) -> None:
    """The table of domain.md §5.3, row by row: value 0…1 times the points of the criterion."""
    mentee = replace(MENTEE, remote=True)
    found = mentoring.explain(mentee, replace(MENTOR, **change))  # type: ignore[arg-type]
    line = next(one for one in found.lines if one.criterion is criterion)
    assert line.value == pytest.approx(value)
    assert line.points == pytest.approx(value * mentoring.WEIGHTS.of(criterion))


def test_nobody_is_nobody() -> None:
    assert mentoring.solve([], []).pairs == ()
    assert arrays.scores([], [MENTOR]).shape == (0, 1)
    assert np.array_equal(arrays.allowed([MENTEE], []), np.zeros((1, 0), bool))
