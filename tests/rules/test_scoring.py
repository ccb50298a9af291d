"""Answers into percent, level of deficit, growth points and change (domain.md §1.3)."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models import DeficitLevel
from bot.rules import scoring

SELF = {"minimal": 70, "low": 50, "middle": 30}
TEST = {"minimal": 80, "low": 60, "middle": 40}
ORDER = [DeficitLevel.high, DeficitLevel.middle, DeficitLevel.low, DeficitLevel.minimal]

answers = st.lists(st.integers(1, 5) | st.none(), min_size=1, max_size=12)


def score(*values: int | None) -> scoring.GroupScore:
    return scoring.score_group(dict(enumerate(values)), range(len(values)), SELF)


@pytest.mark.parametrize(
    ("values", "pct", "level", "is_deficit", "growth"),
    [
        ((4, 3, 2, 5, 4, 3), 62.5, DeficitLevel.low, False, 1),
        ((2, 2, 3, 1, 2, 3), 29.17, DeficitLevel.high, True, 4),
        ((5, 5, 5, 5, 5, 5), 100, DeficitLevel.minimal, False, 0),
        ((1, 1, 1, 1, 1, 1), 0, DeficitLevel.high, True, 6),
        ((3, 3, 3, 3, 3, 3), 50, DeficitLevel.low, False, 0),
        # A good mean with two low answers is a deficit all the same.
        ((5, 5, 5, 5, 2, 2), 75, DeficitLevel.minimal, True, 2),
        # «Не моя практика» is missing, not zero: 4 of 6 are enough, 3 are not.
        ((4, 4, 4, 4, None, None), 75, DeficitLevel.minimal, False, 0),
    ],
)
def test_check_values(
    values: tuple[int | None, ...], pct: float, level: DeficitLevel, is_deficit: bool, growth: int
) -> None:
    found = score(*values)
    assert found.pct == pytest.approx(pct, abs=0.005)
    assert (found.deficit_level, found.is_deficit, len(found.growth)) == (level, is_deficit, growth)


@pytest.mark.parametrize("values", [(4, 4, 4, None, None, None), (None,) * 6, (5, None)])
def test_too_few_answers_are_no_conclusion(values: tuple[int | None, ...]) -> None:
    found = score(*values)
    assert not found.valid
    assert (found.pct, found.sem, found.deficit_level, found.is_deficit) == (None, None, None, False)


def test_growth_points_are_named_even_without_a_conclusion() -> None:
    assert score(1, 2, None, None, None, None).growth == (0, 1)


@pytest.mark.parametrize(
    ("pct", "of_self", "of_test"),
    [
        (100, DeficitLevel.minimal, DeficitLevel.minimal),
        (80, DeficitLevel.minimal, DeficitLevel.minimal),
        (79.99, DeficitLevel.minimal, DeficitLevel.low),
        (70, DeficitLevel.minimal, DeficitLevel.low),
        (69.99, DeficitLevel.low, DeficitLevel.low),
        (60, DeficitLevel.low, DeficitLevel.low),
        (59.99, DeficitLevel.low, DeficitLevel.middle),
        (50, DeficitLevel.low, DeficitLevel.middle),
        (49.99, DeficitLevel.middle, DeficitLevel.middle),
        (40, DeficitLevel.middle, DeficitLevel.middle),
        (39.99, DeficitLevel.middle, DeficitLevel.high),
        (30, DeficitLevel.middle, DeficitLevel.high),
        (29.99, DeficitLevel.high, DeficitLevel.high),
        (0, DeficitLevel.high, DeficitLevel.high),
    ],
)
def test_the_table_of_levels(pct: float, of_self: DeficitLevel, of_test: DeficitLevel) -> None:
    assert scoring.level_of(pct, SELF) is of_self
    assert scoring.level_of(pct, TEST) is of_test


@pytest.mark.parametrize("value", [0, 6, -1, 100])
def test_an_answer_outside_the_scale_is_refused(value: int) -> None:
    with pytest.raises(ValueError, match="scale"):
        score(value, 3, 3)


@pytest.mark.parametrize(
    ("before", "after", "kind"), [(40, 60, "up"), (60, 40, "down"), (50, 55, "same"), (50, 50, "same")]
)
def test_a_change_is_real_beyond_its_uncertainty(before: float, after: float, kind: str) -> None:
    assert scoring.change(before, 5, after, 5).kind == kind


def test_the_margin_of_a_change() -> None:
    assert scoring.change(40, 3, 60, 4).margin == pytest.approx(1.96 * 5)
    assert scoring.change(40, 3, 40 + 1.96 * 5, 4).kind == "same"


def test_the_whole_is_the_weighted_mean_of_valid_groups() -> None:
    assert scoring.total_pct([(50, 1), (100, 1)]) == 75
    assert scoring.total_pct([(50, 3), (100, 1), (None, 5)]) == 62.5
    assert scoring.total_pct([(None, 1)]) is None
    assert scoring.total_pct([]) is None


def test_a_border_lies_within_one_error() -> None:
    assert scoring.on_border(48, 3, SELF)
    assert not scoring.on_border(48, 2, SELF)
    assert not scoring.on_border(60, 9, SELF)


def test_strengths_come_best_first() -> None:
    given_answers = dict(enumerate((4, 5, 3, None, 5, 4)))
    assert scoring.strengths(given_answers, range(6)) == (1, 4, 0, 5)


@given(answers)
def test_percents_stay_within_bounds_and_nothing_contradicts(values: list[int | None]) -> None:
    found = score(*values)
    assert found.answered + values.count(None) == found.total == len(values)
    if found.pct is None or found.sem is None:
        assert found.answered < len(values) * 2 / 3
        return
    assert 0 <= found.pct <= 100
    assert 0 < found.sem <= 100
    assert found.deficit_level is scoring.level_of(found.pct, SELF)
    if found.deficit_level in (DeficitLevel.middle, DeficitLevel.high):
        assert found.is_deficit
    assert set(found.growth).isdisjoint(scoring.strengths(dict(enumerate(values)), range(len(values))))


@given(answers, st.randoms(use_true_random=False))
def test_the_order_of_questions_does_not_matter(values: list[int | None], random) -> None:  # type: ignore[no-untyped-def]
    mixed = list(values)
    random.shuffle(mixed)
    one, other = score(*values), score(*mixed)
    assert (one.pct, one.deficit_level, one.is_deficit) == (other.pct, other.deficit_level, other.is_deficit)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=12), st.data())
def test_a_better_answer_never_lowers_the_result(values: list[int], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(values) - 1))
    better = [min(5, value + 1) if i == place else value for i, value in enumerate(values)]
    one, other = score(*values), score(*better)
    assert one.pct is not None
    assert other.pct is not None
    assert other.pct >= one.pct
    assert one.deficit_level is not None
    assert other.deficit_level is not None
    assert ORDER.index(other.deficit_level) >= ORDER.index(one.deficit_level)
    assert len(other.growth) <= len(one.growth)


@given(st.floats(0, 100, allow_nan=False), st.floats(0, 100, allow_nan=False))
def test_levels_do_not_turn_back(first: float, second: float) -> None:
    low, high = sorted((first, second))
    assert ORDER.index(scoring.level_of(low, SELF)) <= ORDER.index(scoring.level_of(high, SELF))


@given(*[st.floats(0, 100, allow_nan=False)] * 2, *[st.floats(0.1, 30, allow_nan=False)] * 2)
def test_a_change_and_its_reverse(before: float, after: float, sem_before: float, sem_after: float) -> None:
    one = scoring.change(before, sem_before, after, sem_after)
    back = scoring.change(after, sem_after, before, sem_before)
    assert {"up": "down", "down": "up", "same": "same"}[one.kind] == back.kind


def test_more_answers_are_known_more_exactly() -> None:
    errors = [scoring.provisional_sem([2, 4] * n) for n in range(1, 6)]
    assert all(more < fewer for fewer, more in pairwise(errors))
    assert scoring.provisional_sem([3] * 6) > 0, "equal answers are not certainty"


@pytest.mark.parametrize(
    ("points", "pct", "level", "is_deficit"),
    [
        ([1, 1, 1, 1, 1], 100, "minimal", False),
        ([1, 1, 1, 1, 0], 80, "minimal", False),
        ([1, 1, 1, 0, 0], 60, "low", False),
        ([1, 1, 0, 0, 0], 40, "middle", True),
        ([1, 0, 0, 0, 0], 20, "high", True),
        ([1, 1, 1, 1, None], 80, "minimal", False),
        ([1, None, None, None, None], 20, "high", True),
    ],
)
def test_a_test_counts_points_of_all_tasks(
    points: list[float | None], pct: float, level: str, is_deficit: bool
) -> None:
    found = scoring.score_points(dict(enumerate(points)), dict.fromkeys(range(5), 1.0), TEST)
    assert found.pct == pytest.approx(pct)
    assert found.deficit_level is not None
    assert (found.deficit_level.value, found.is_deficit) == (level, is_deficit)


def test_a_group_nobody_touched_has_no_result() -> None:
    found = scoring.score_points({0: None, 1: None}, {0: 1.0, 1: 2.0}, TEST)
    assert (found.pct, found.deficit_level, found.is_deficit, found.answered) == (None, None, False, 0)


def test_points_outside_are_an_error() -> None:
    with pytest.raises(ValueError, match="points"):
        scoring.score_points({0: 2.0}, {0: 1.0}, TEST)


@given(st.lists(st.tuples(st.floats(0, 1), st.sampled_from([1.0, 2.0, 4.0])), min_size=1, max_size=12))
def test_a_test_is_between_nothing_and_all(tasks: list[tuple[float, float]]) -> None:
    points = {n: share * most for n, (share, most) in enumerate(tasks)}
    found = scoring.score_points(points, {n: most for n, (_, most) in enumerate(tasks)}, TEST)
    assert found.pct is not None
    assert found.sem is not None
    assert -1e-6 <= found.pct <= 100 + 1e-6
    assert found.sem > 0


@pytest.mark.parametrize(
    ("own", "tested", "wide"),
    [(80, 55, True), (55, 80, True), (79.9, 55, False), (None, 50, False), (50, None, False), (60, 60, False)],
)
def test_a_gap_is_wide_from_twenty_five_points(own: float | None, tested: float | None, wide: bool) -> None:
    assert scoring.is_wide(scoring.gap(own, tested)) is wide
