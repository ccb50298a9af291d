"""Kinds of tasks: what is read, what is counted, what an author has to put right; points stay within bounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.questions import KINDS, NotUnderstood
from bot.questions.typed import number_of


@dataclass
class Task:
    kind: str
    written: Any = None
    options: tuple[str, ...] = ("а", "б", "в", "г")
    max_points: float = 1.0
    answer_key: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.answer_key = KINDS[self.kind].key(self.written)


CASES = [
    (Task("single", 2), 2, 1),
    (Task("single", 2), 3, 0),
    (Task("multiple", [1, 3]), [3, 1], 1),
    (Task("multiple", [1, 3]), [1], 0),
    (Task("multiple", [1, 3], max_points=2), [1], 1),
    (Task("multiple", [1, 3], max_points=2), [1, 2], 0),
    (Task("multiple", [1, 3], max_points=2), [1, 2, 3], 1),
    (Task("multiple", [1, 3], max_points=2), [1, 2, 3, 4], 0),
    (Task("order", [2, 4, 1, 3]), [2, 4, 1, 3], 1),
    (Task("order", [2, 4, 1, 3]), [2, 4, 3, 1], 0),
    (Task("order", [2, 4, 1, 3], max_points=4), [2, 4, 3, 1], 2),
    (Task("number", 4, ()), "4", 1),
    (Task("number", 4, ()), " 4,0 ", 1),
    (Task("number", 4, ()), "4 %", 1),
    (Task("number", 4, ()), "5", 0),
    (Task("number", "-1,5", ()), "−1,5", 1),
    (Task("number", {"value": "1/6", "tolerance": "0,005"}, ()), "0,17", 1),
    (Task("number", {"value": "1/6", "tolerance": "0,005"}, ()), "1/6", 1),
    (Task("number", {"value": "1/6", "tolerance": "0,005"}, ()), "0,2", 0),
    (Task("text", ["подлежащее"], ()), "ПОДЛЕЖАЩЕЕ.", 1),
    (Task("text", "ёж; ежик", ()), "еж", 1),
    (Task("text", ["подлежащее"], ()), "сказуемое", 0),
    (Task("criterion", max_points=3), 1, 0),
    (Task("criterion", max_points=3), 3, 2),
    (Task("criterion", max_points=3), 4, 3),
]


@pytest.mark.parametrize(("task", "raw", "points"), CASES, ids=lambda value: str(value)[:40])
def test_points(task: Task, raw: Any, points: float) -> None:
    kind = KINDS[task.kind]
    assert kind.check(task) == []
    assert kind.points(task, kind.read(task, raw)) == pytest.approx(points)


@pytest.mark.parametrize(
    ("task", "raw"),
    [
        (Task("single", 2), 5),
        (Task("single", 2), 0),
        (Task("single", 2), [1, 2]),
        (Task("multiple", [1]), []),
        (Task("multiple", [1]), [1, 1]),
        (Task("order", [1, 2, 3, 4]), [1, 2]),
        (Task("number", 4, ()), "четыре"),
        (Task("number", 4, ()), "1/0"),
        (Task("number", 4, ()), ""),
        (Task("text", ["да"], ()), "?!"),
        (Task("text", ["да"], ()), "а" * 201),
        (Task("criterion"), 9),
    ],
)
def test_what_is_no_answer_is_refused(task: Task, raw: Any) -> None:
    with pytest.raises(NotUnderstood):
        KINDS[task.kind].read(task, raw)


@given(
    kind=st.sampled_from(["single", "multiple", "order", "criterion"]),
    key=st.permutations([1, 2, 3, 4]),
    answer=st.permutations([1, 2, 3, 4]),
    size=st.integers(1, 4),
    most=st.sampled_from([1.0, 2.0, 3.5]),
)
def test_points_stay_within_bounds_and_the_key_gets_them_all(
    kind: str, key: list[int], answer: list[int], size: int, most: float
) -> None:
    right = key if kind == "order" else key[: 1 if kind == "single" else 2]
    task = Task(kind, right, max_points=most)
    said = answer if kind == "order" else answer[: size if kind == "multiple" else 1]
    one = KINDS[kind]
    assert 0 <= one.points(task, one.read(task, said)) <= most
    if kind != "criterion":
        assert one.points(task, one.read(task, right)) == pytest.approx(most)


@given(st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 6)))
def test_a_number_survives_its_key(value: float) -> None:
    kind = KINDS["number"]
    again = kind.key(kind.written(kind.key(value)))
    assert again["value"] == kind.key(value)["value"]
    task = Task("number", value, ())
    assert kind.points(task, [value]) == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [("1 000", 1000), ("3/4", 0.75), ("−2,50", -2.5), ("50%", 50), ("1e5", None), ("", None), ("12 3", None)],
)
def test_numbers_as_people_write_them(text: str, value: float | None) -> None:
    assert number_of(text) == value
