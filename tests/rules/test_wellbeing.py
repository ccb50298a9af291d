"""Index, levels, telephones, what may be published, words of danger."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from bot.rules import wellbeing as rules
from bot.rules.crisis import compiled, is_crisis
from bot.rules.wellbeing import Contacts, Level, Scale
from bot.rules.wellbeing_tables import LEAST, Tables, known_small, share, tables
from bot.services.wellbeing import instruments

OURS = Scale(4, frozenset({2, 5, 6}), (40, 60))
TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("answers", "index", "level"),
    [
        ((0, 0, 4, 0, 0, 4, 4, 0), 0, Level.low),
        ((4, 4, 0, 4, 4, 0, 0, 4), 100, Level.high),
        ((2, 2, 2, 2, 2, 2, 2, 2), 50, Level.mid),
        ((3, 2, 1, 2, 1, 3, 2, 2), 50, Level.mid),
        ((3, 0, 2, 1, 0, 2, 2, 2), 38, Level.low),
        ((3, 0, 2, 2, 0, 2, 2, 2), 41, Level.mid),
        ((4, 3, 1, 2, 2, 2, 2, 2), 63, Level.high),
    ],
)
def test_the_index_and_its_level(answers: tuple[int, ...], index: int, level: Level) -> None:
    assert rules.index(answers, OURS) == index
    assert rules.level(index, OURS) is level


def test_borders_belong_to_the_upper_level() -> None:
    assert [rules.level(n, OURS) for n in (39, 40, 59, 60)] == [Level.low, Level.mid, Level.mid, Level.high]
    with pytest.raises(ValueError, match="outside"):
        rules.index((5,), OURS)


@pytest.mark.parametrize(
    ("ages", "state"),
    [
        ([], Contacts.none),
        ([0], Contacts.fresh),
        ([None], Contacts.stale),
        ([180], Contacts.soon),
        ([181], Contacts.stale),
        ([10, 181], Contacts.stale),
        ([10, 170], Contacts.soon),
        ([-1], Contacts.stale),
        ([158], Contacts.fresh),
        ([160], Contacts.soon),
    ],
)
def test_telephones_live_180_days(ages: list[int | None], state: Contacts) -> None:
    days = [None if age is None else TODAY - timedelta(days=age) for age in ages]
    assert rules.contacts(days, today=TODAY) is state
    assert state.opens == (state in (Contacts.fresh, Contacts.soon))


# --- what may be published ---------------------------------------------------------------------------------

Array = np.ndarray[Any, np.dtype[np.float64]]
Counts = dict[str, dict[str, list[int]]]


@st.composite
def waves(draw: st.DrawFn) -> Counts:
    """Answers of people: each has a place, a stage and a level, so that both tables have the same totals."""
    places, stages = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    place = [[0, 0, 0] for _ in range(places)]
    stage = [[0, 0, 0] for _ in range(stages)]
    for p in range(places):
        for s in range(stages):
            for level in range(3):
                number = draw(st.sampled_from((0, 0, 1, 2, 5, 9, 10, 11, 30)))
                place[p][level] += number
                stage[s][level] += number
    return {
        "place": {f"p{n}": row for n, row in enumerate(place)},
        "stage": {f"s{n}": row for n, row in enumerate(stage)},
    }


def published(made: Tables, counts: Counts) -> tuple[Array, Array, list[tuple[str, str, int]]]:
    """Everything printed, as equations over the unknown cells: matrix, right side, the cells."""
    cells = [(name, value, level) for name, table in counts.items() for value in table for level in range(3)]
    at = {cell: number for number, cell in enumerate(cells)}
    rows: list[Array] = []
    right: list[float] = []

    def equation(
        members: list[tuple[str, str, int]], total: float, minus: tuple[tuple[str, str, int], ...] = ()
    ) -> None:
        row = np.zeros(len(cells))
        for member in members:
            row[at[member]] += 1
        for member in minus:
            row[at[member]] -= 1
        rows.append(row)
        right.append(total)

    first, second = counts
    for level in range(3):
        # Known without any number: both tables count the same people.
        equation([(first, v, level) for v in counts[first]], 0, tuple((second, v, level) for v in counts[second]))
    for name, table in counts.items():
        if made.total is not None:
            equation([(name, v, level) for v in table for level in range(3)], made.total)
        for level, number in enumerate(made.levels):
            if number is not None:
                equation([(name, v, level) for v in table], number)
        for line in made.dimensions[name]:
            if line.total is not None:
                equation([(name, line.value, level) for level in range(3)], line.total)
            for level, number in enumerate(line.cells):
                if number is not None:
                    equation([(name, line.value, level)], number)
    return np.array(rows), np.array(right), cells


def assert_nothing_small_is_known(counts: Counts) -> None:
    made = tables(counts)
    matrix, right, cells = published(made, counts)
    goals: list[tuple[object, list[int]]] = [(cell, [number]) for number, cell in enumerate(cells)]
    for name, table in counts.items():
        goals += [((name, value, "total"), [cells.index((name, value, n)) for n in range(3)]) for value in table]
    goals += [(("level", n), [cells.index(("place", value, n)) for value in counts["place"]]) for n in range(3)]
    for goal, members in goals:
        true = sum(counts[cells[n][0]][cells[n][1]][cells[n][2]] for n in members)
        if true >= LEAST:
            continue
        wish = np.zeros(len(cells))
        wish[members] = -1
        solved = linprog(wish, A_eq=matrix, b_eq=right, bounds=(0, None), method="highs")
        assert solved.status in (0, 3), solved.message
        most = float("inf") if solved.status == 3 else -solved.fun
        assert most >= LEAST - 1e-6, f"{goal} is {true} and is known to be at most {most}"


@settings(max_examples=60, deadline=None)
@given(waves())
def test_a_solver_finds_no_cell_below_ten(counts: Counts) -> None:
    """Linear programming over everything published of a wave, knowing that counts are not negative."""
    assert_nothing_small_is_known(counts)


def a_year(seed: int) -> list[Counts]:
    """Four waves of a region of a size one meets: 25 places, 7 stages, hundreds of answers."""
    chance = np.random.default_rng(seed)
    year: list[Counts] = []
    for size in (40, 160, 600, 2400):
        place = chance.dirichlet(np.ones(25) * 0.4)
        stage = chance.dirichlet(np.ones(7))
        counts: Counts = {
            "place": {f"p{n}": [0, 0, 0] for n in range(25)}, "stage": {f"s{n}": [0, 0, 0] for n in range(7)}
        }  # fmt: skip
        for p, s, level in zip(
            chance.choice(25, size, p=place), chance.choice(7, size, p=stage),
            chance.choice(3, size, p=(0.55, 0.3, 0.15)), strict=True,
        ):  # fmt: skip
            counts["place"][f"p{p}"][level] += 1
            counts["stage"][f"s{s}"][level] += 1
        year.append(counts)
    return year


@pytest.mark.parametrize("seed", range(4))
def test_a_solver_finds_nothing_in_the_tables_of_a_year(seed: int) -> None:
    """Waves share no answer, so their equations fall apart: each is solved with all its tables and margins."""
    for counts in a_year(seed):
        assert_nothing_small_is_known(counts)
    large = tables(a_year(seed)[-1])
    assert large.total == 2400
    shown = [number for lines in large.dimensions.values() for line in lines for number in line.cells]
    assert sum(number is not None for number in shown) >= 12, "something is published at all"
    assert min(number for number in shown if number is not None) >= LEAST


def test_few_looks_like_none() -> None:
    few: Counts = {"place": {"a": [3, 2, 1], "b": [0, 0, 0]}, "stage": {"x": [3, 2, 1], "y": [0, 0, 0]}}
    none: Counts = {"place": {"a": [0, 0, 0], "b": [0, 0, 0]}, "stage": {"x": [0, 0, 0], "y": [0, 0, 0]}}
    assert tables(few) == tables(none)
    assert tables(few).total is None
    some: Counts = {"place": {"a": [20, 20, 20], "b": [30, 30, 30], "c": [9, 0, 0], "d": [0, 0, 0]},
                    "stage": {"x": [59, 50, 50]}}  # fmt: skip
    lines = {line.value: line for line in tables(some).dimensions["place"]}
    assert lines["c"].cells == lines["d"].cells == (None, None, None)
    assert lines["c"].total is lines["d"].total is None


def test_large_groups_are_published_whole() -> None:
    counts: Counts = {"place": {"a": [20, 20, 20], "b": [30, 40, 50]}, "stage": {"x": [25, 30, 35], "y": [25, 30, 35]}}
    made = tables(counts)
    assert (made.total, made.levels) == (180, (50, 60, 70))
    assert [line.cells for line in made.dimensions["place"]] == [(20, 20, 20), (30, 40, 50)]


def test_rounding() -> None:
    assert [share(*pair) for pair in ((53, 100), (1, 3), (0, 9), (9, 9), (1, 0))] == [55, 35, 0, 100, 0]


def test_an_attacker_who_knows_that_counts_are_not_negative() -> None:
    """A ring of hidden cells is no riddle when zeros stand on both its sides: nothing can move."""
    ring = [[0, 10, 20], [20, 10, 0], [10, 20, 10]]
    shown = [[False, False, True], [True, False, False], [False, True, False]]
    assert known_small(ring, shown) == [(0, 0), (1, 2)], "exactly one table has these sums"
    free = [[5, 5, 50], [5, 5, 50]]
    assert known_small(free, [[False, False, True]] * 2) == [], "each may be ten"
    assert known_small([[4, 5, 50], [5, 5, 50]], [[False, False, True]] * 2) == [(0, 0), (0, 1), (1, 0)]


# --- words of danger -----------------------------------------------------------------------------------------

WORDS = instruments.crisis_words()


@pytest.mark.parametrize(
    "text",
    [
        "Я больше не хочу жить",
        "жить не хочется, сил нет",
        "НЕ ХОЧУ ЖИТЬ!!!",
        "Мне не хочется больше жить",
        "думаю покончить с собой",
        "Иногда хочется покончить со всем этим и с собой",
        "Хочу умереть",
        "всем будет лучше без меня",
        "Без меня им всем будет лучше",
        "ученик режет себя, что делать",
        "Девочка пишет про суицид",
        "Он угрожает самоубийством",
        "вчера наглоталась таблеток",
        "Хочу убить время на уроке, а потом убить себя",
        "Не вижу смысла жить дальше",
        "нет больше смысла в жизни",
        "свести счёты с жизнью",
        "муж меня бьёт",
        "думаю, скорее бы умереть",
        "хочу выпрыгнуть из окна",
    ],
)
def test_words_of_danger(text: str) -> None:
    assert is_crisis(text, WORDS)


@pytest.mark.parametrize(
    "text",
    [
        "Как убить время на замене?",
        "чтобы убить лишнее время",
        "Эти отчёты меня убивают",
        "Умираю от усталости, когда каникулы?",
        "Чуть не умерла со смеху",
        "Хочу жить и работать в селе",
        "не хочу жить в городе, есть ли сельский учитель?",
        "Нужна программа профилактики суицидального поведения подростков",
        "вебинар о профилактике самоубийств",
        "Как разобрать самоубийство Катерины в «Грозе»?",
        "Без меня урок не начинайте",
        "Не могу больше терпеть эту программу",
        "Как жить дальше после ВПР?",
        "Резать бумагу на уроке труда",
        "Повесить плакат в коридоре",
        "уйти на пенсию",
        "Смысл жизни в романе «Война и мир»",
        "",
        "🙂",
    ],
)
def test_words_of_work_do_not_alarm(text: str) -> None:
    assert not is_crisis(text, WORDS)


def test_an_empty_phrase_is_a_mistake_of_the_list() -> None:
    with pytest.raises(ValueError, match="empty"):
        compiled(["*"], [])


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    is_crisis(text, WORDS)
