"""The geometry of a course: inside its box whatever the numbers are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin import charts
from admin.charts import FLOOR, LEFT, RIGHT, TOP


@given(st.lists(st.floats(0, 100_000), min_size=1, max_size=60), st.none() | st.floats(0, 100))
def test_everything_lies_inside(values: list[float], target: float | None) -> None:
    made = charts.course([(str(n), value) for n, value in enumerate(values)], target=target, said="x")
    assert made is not None
    heights = [made.end.y, *(mark.y for mark in made.ticks), *([] if made.goal is None else [made.goal])]
    assert all(TOP - 0.1 <= y <= FLOOR + 0.1 for y in heights)
    assert all(LEFT <= mark.x <= RIGHT for mark in made.labels)
    assert made.path.count("L") == len(values) - 1
    assert made.labels[-1].label == str(len(values) - 1), "the last day is always named"
    assert len(made.labels) <= 7


def test_higher_is_higher_and_the_target_has_its_place() -> None:
    made = charts.course([("a", 0.0), ("b", 10.0), ("c", 20.0)], target=25, said="20,0 %", kept=[(0.5, 10.0, "№ 1")])
    assert made is not None
    assert [tick.label for tick in made.ticks] == ["0", "10", "20", "30"]
    assert made.goal == pytest.approx(FLOOR - (FLOOR - TOP) * 25 / 30, abs=0.1)
    assert made.snapshots[0].y == pytest.approx(FLOOR - (FLOOR - TOP) / 3, abs=0.1)
    assert charts.course([], target=1, said="") is None
