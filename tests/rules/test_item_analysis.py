"""Statistics against computations written another way, by hand, and by scipy; bands at their edges."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from bot.rules import item_analysis as rules
from bot.rules.item_analysis import Band, Flag

Table = Sequence[Sequence[float]]


def plain_alpha(rows: Table) -> float:
    """α from the mean covariance and the mean variance: k·c̄ / (v̄ + (k−1)·c̄), with plain Python sums."""
    columns = list(zip(*rows, strict=True))
    k = len(columns)
    v = statistics.fmean(statistics.variance(column) for column in columns)
    pairs = [(a, b) for i, a in enumerate(columns) for b in columns[i + 1 :]]
    c = statistics.fmean(statistics.covariance(a, b) for a, b in pairs)
    return k * c / (v + (k - 1) * c)


def answers(seed: int, persons: int = 200, items: int = 6, top: int = 4, noise: float = 1.0) -> np.ndarray:
    """Answers with a common cause, so that coefficients are neither 0 nor 1."""
    rng = np.random.default_rng(seed)
    level = rng.normal(2, 1, persons)[:, None]
    return np.clip(np.rint(level + rng.normal(0, noise, (persons, items))), 0, top).astype(float)


def test_a_table_worked_by_hand() -> None:
    """Four persons, three items. Variances 5/3, 5/3, 1/4·… ; totals 1, 4, 6, 9."""
    rows = np.array([[0, 1, 0], [1, 2, 1], [2, 3, 1], [3, 4, 2]], dtype=float)
    # σ²: 5/3, 5/3, 2/3; totals 1, 4, 6, 9: mean 5, squares 16+1+1+16 = 34, σ² = 34/3.
    assert rules.cronbach(rows) == pytest.approx(3 / 2 * (1 - (5 / 3 + 5 / 3 + 2 / 3) / (34 / 3)))
    assert rules.cronbach(rows) == pytest.approx(33 / 34)


def test_kr20_of_zeros_and_ones() -> None:
    """KR-20 = k/(k−1)·(1 − Σpq/σ²) with σ² of the population gives the same number as α."""
    rows = np.array([[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0], [1, 1, 0, 1]], dtype=float)
    p = rows.mean(axis=0)
    kr20 = 4 / 3 * (1 - (p * (1 - p)).sum() / rows.sum(axis=1).var())
    assert rules.cronbach(rows) == pytest.approx(kr20)


@pytest.mark.parametrize("seed", range(5))
def test_coefficients_are_those_of_plain_python_and_scipy(seed: int) -> None:
    rows = answers(seed)
    table = rows.tolist()
    found = rules.analyse(rows, [4] * 6, chosen=[np.bincount(c.astype(int), minlength=5).tolist() for c in rows.T])
    assert found.alpha == pytest.approx(plain_alpha(table), abs=1e-12)
    totals = [sum(row) / 24 * 100 for row in table]
    assert found.sem == pytest.approx(statistics.stdev(totals) * (1 - plain_alpha(table)) ** 0.5)
    for place, item in enumerate(found.items):
        own = [row[place] for row in table]
        others = [sum(row) - row[place] for row in table]
        assert item.rest == pytest.approx(stats.pearsonr(own, others).statistic)
        without = [[v for i, v in enumerate(row) if i != place] for row in table]
        assert item.alpha_without == pytest.approx(plain_alpha(without))
        assert item.difficulty == pytest.approx(statistics.fmean(own) / 4)
        assert item.options == pytest.approx([own.count(v) / len(own) for v in range(5)])


def plain_discrimination(rows: Table, place: int, top: float) -> float:
    """Ties share the tail: the mean over all orders of equal persons, counted person by person."""
    size = 0.27 * len(rows)

    def tail(sign: int) -> float:
        ordered = sorted(rows, key=lambda row: sign * sum(row))
        left, points = size, 0.0
        while left > 1e-12:
            equal = [row for row in ordered if sum(row) == sum(ordered[0])]
            ordered = [row for row in ordered if sum(row) != sum(ordered[0])]
            take = min(left, len(equal))
            points += take * statistics.fmean(row[place] for row in equal)
            left -= take
        return points / size / top

    return tail(-1) - tail(1)


@pytest.mark.parametrize("persons", [30, 77, 200])
def test_discrimination_takes_equal_persons_alike(persons: int) -> None:
    rows = answers(3, persons)
    found = rules.discrimination(rows, np.full(6, 4.0))
    assert found == pytest.approx([plain_discrimination(rows.tolist(), place, 4) for place in range(6)])
    shuffled = np.random.default_rng(1).permutation(rows)
    assert rules.discrimination(shuffled, np.full(6, 4.0)) == pytest.approx(found), "the order of rows says nothing"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 4), min_size=4, max_size=4), min_size=5, max_size=40))
def test_alpha_of_anything(rows: list[list[int]]) -> None:
    table = np.array(rows, dtype=float)
    assume(table.sum(axis=1).var() > 0)
    assert rules.cronbach(table) == pytest.approx(plain_alpha(rows))
    assert rules.cronbach(table * 10 + 3) == pytest.approx(plain_alpha(rows)), "units do not matter"


def test_below_thirty_nothing_is_shown_and_below_a_hundred_it_is_provisional() -> None:
    for persons, hidden, provisional in ((29, True, False), (30, False, True), (99, False, True), (100, False, False)):
        found = rules.analyse(answers(1, persons), [4] * 6)
        assert (found.hidden, found.provisional) == (hidden, provisional)
        shown = [found.alpha, found.sem, found.mean_pct, *(item.rest for item in found.items)]
        assert all((value is None) == hidden for value in shown)
        assert all(item.bands == {} or not hidden for item in found.items)


def test_persons_without_an_answer_count_only_where_they_answered() -> None:
    rows = answers(5, 120)
    rows[:20, 0] = np.nan
    rows[20:40] = np.nan
    found = rules.analyse(rows, [4] * 6, chosen=[[1] * 5] * 6)
    assert (found.n, found.complete) == (100, 80)
    assert found.items[0].skipped == pytest.approx(0.2)
    assert Flag.skipped in found.items[0].flags
    assert found.alpha == pytest.approx(plain_alpha(rows[40:].tolist()))


def test_a_skipped_task_of_a_test_is_a_wrong_one() -> None:
    rows = (answers(2, 100) > 1).astype(float)
    rows[0, 0] = np.nan
    found = rules.analyse(rows, [1] * 6, is_test=True)
    filled = np.nan_to_num(rows)
    assert found.complete == 100
    assert found.is_kr20
    assert found.alpha == pytest.approx(plain_alpha(filled.tolist()))
    assert found.items[0].difficulty == pytest.approx(filled[:, 0].mean())


def test_bad_items_are_found_and_said() -> None:
    rows = answers(7, 300, noise=0.7)
    rows[:, 1] = 4 - rows[:, 1]  # A reversed statement.
    rows[:, 2] = 4  # Everybody the same.
    rows[:, 3] = np.where(np.arange(300) % 20 == 0, 0, 4)  # A ceiling without a link to the group.
    counts = [np.bincount(column.astype(int), minlength=5).tolist() for column in rows.T]
    found = rules.analyse(rows, [4] * 6, chosen=counts)
    flags = [set(item.flags) for item in found.items]
    assert Flag.reversed in flags[1]
    assert Flag.alpha in flags[1]
    assert Flag.constant in flags[2]
    assert found.items[2].rest is None
    assert Flag.ceiling in flags[3]
    assert flags[3] & {Flag.weak_link, Flag.reversed}
    piled = found.items[3].piled
    assert piled is not None
    assert piled[0] == 5
    assert piled[1] == pytest.approx(0.95)
    assert [item.verdict for item in found.items[1:4]] == [Band.red] * 3
    assert found.items[0].verdict is Band.green


def test_options_nobody_chooses() -> None:
    rows = (answers(9, 200) > 1).astype(float)
    chosen = [[120, 70, 10, 0]] * 6
    found = rules.analyse(rows, [1] * 6, chosen=chosen, keys=[frozenset({1})] * 6, is_test=True)
    assert [(d.option, d.band) for d in found.items[0].distractors] == [
        (2, Band.green), (3, Band.green), (4, Band.red),
    ]  # fmt: skip
    assert Flag.distractor in found.items[0].flags


@pytest.mark.parametrize(
    ("band", "values"),
    [
        (rules.alpha_band, {0.59: "red", 0.60: "look", 0.69: "look", 0.70: "green", 0.95: "green", 0.96: "look"}),
        (rules.link_band, {-0.4: "red", 0.19: "red", 0.20: "look", 0.29: "look", 0.30: "green"}),
        (
            rules.difficulty_band,
            {0.19: "red", 0.20: "look", 0.29: "look", 0.30: "green", 0.80: "green", 0.81: "look", 0.90: "look",
             0.91: "red"},
        ),
        (rules.distractor_band, {0.0: "red", 0.01: "look", 0.049: "look", 0.05: "green"}),
        (rules.pile_band, {0.69: "green", 0.70: "look", 0.80: "look", 0.81: "red"}),
        (rules.skip_band, {0.09: "green", 0.10: "look", 0.25: "look", 0.26: "red"}),
        (rules.cvi_band, {0.59: "red", 0.60: "look", 0.79: "look", 0.80: "green"}),
    ],
)  # fmt: skip
def test_bands_at_their_edges(band: object, values: dict[float, str]) -> None:
    assert callable(band)
    assert {value: band(value).value for value in values} == values


def test_no_persons_and_one_item_are_no_crash() -> None:
    assert rules.analyse(np.empty((0, 3)), [4, 4, 4]).hidden
    one = rules.analyse(answers(1, 50, items=1), [4])
    assert one.alpha is None
    assert one.sem is None
