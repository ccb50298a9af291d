"""The life of a route and of a step: every move that exists, and that no other does."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models import Advice, DeficitLevel, IomState, StepState
from bot.rules import iom_states
from bot.rules.iom_states import Line

TODAY = date(2026, 11, 24)

ALLOWED = """
draft offered, draft stopped, offered agreed, offered stopped, agreed offered, agreed approved, agreed stopped,
approved active, approved stopped, active paused, active exit_check, active stopped, paused active, paused stopped,
exit_check completed, exit_check completed_partly, exit_check stopped
"""
STEPS = """
planned in_work, planned submitted, planned accepted, planned replaced, planned cancelled, in_work submitted,
in_work accepted, in_work replaced, in_work cancelled, submitted in_work, submitted accepted, submitted returned,
returned submitted, returned accepted, returned replaced, returned cancelled, cancelled planned
"""


def pairs(words: str) -> set[tuple[str, str]]:
    return {(before, after) for before, after in (pair.split() for pair in words.replace("\n", " ").split(",") if pair)}


@pytest.mark.parametrize("before", IomState)
@pytest.mark.parametrize("after", IomState)
def test_moves_of_a_route(before: IomState, after: IomState) -> None:
    assert iom_states.may(before, after) is ((before.value, after.value) in pairs(ALLOWED))


@pytest.mark.parametrize("before", StepState)
@pytest.mark.parametrize("after", StepState)
def test_moves_of_a_step(before: StepState, after: StepState) -> None:
    assert iom_states.step_may(before, after) is ((before.value, after.value) in pairs(STEPS))


@pytest.mark.parametrize("state", StepState)
def test_late_is_what_nobody_has_sent(state: StepState) -> None:
    late = Line(state, True, 2, TODAY - timedelta(days=1))
    waits = state in (StepState.planned, StepState.in_work, StepState.returned)
    assert iom_states.overdue(late, TODAY) is waits
    assert not iom_states.overdue(Line(state, True, 2, TODAY), TODAY), "the day itself is not late"


def test_progress_weighs_mandatory_hours() -> None:
    lines = [
        Line(StepState.accepted, True, 6, TODAY),
        Line(StepState.planned, True, 2, TODAY - timedelta(days=3)),
        Line(StepState.accepted, False, 40, TODAY),
        Line(StepState.replaced, True, 16, TODAY),
    ]
    found = iom_states.progress(lines, TODAY)
    assert (found.done, found.total, found.share, found.overdue) == (2, 3, 0.75, 1)


lines = st.builds(
    Line, st.sampled_from(StepState), st.booleans(), st.integers(0, 80), st.dates(date(2026, 1, 1), date(2027, 12, 31))
)


@given(st.lists(lines, max_size=12))
def test_progress_stays_within_bounds(found: list[Line]) -> None:
    progress = iom_states.progress(found, TODAY)
    assert 0 <= progress.share <= 1
    assert 0 <= progress.done <= progress.total <= len(found)
    assert progress.overdue + progress.done <= progress.total


@pytest.mark.parametrize(
    ("share", "state"),
    [(1.0, IomState.completed), (0.8, IomState.completed_partly), (0.79, None), (0.0, None)],
)
def test_outcome(share: float, state: IomState | None) -> None:
    assert iom_states.outcome(share) is state


@pytest.mark.parametrize(
    ("before", "after", "level", "word"),
    [
        (30.0, 75.0, DeficitLevel.minimal, "overcome"),
        (48.0, 52.0, DeficitLevel.low, "overcome"),
        (20.0, 30.0, DeficitLevel.middle, "reduced"),
        (20.0, 29.9, DeficitLevel.high, "same"),
        (None, 40.0, DeficitLevel.middle, "same"),
        (20.0, None, None, "unknown"),
    ],
)
def test_effect(before: float | None, after: float | None, level: DeficitLevel | None, word: str) -> None:
    assert iom_states.effect(before, after, level) == word


@pytest.mark.parametrize(
    ("effects", "advice"),
    [
        ([], Advice.enough),
        (["overcome", "overcome"], Advice.enough),
        (["overcome", "reduced"], Advice.another),
        (["same"], Advice.another),
        (["unknown"], Advice.another),
    ],
)
def test_another_route_while_a_deficit_stays(effects: list[str], advice: Advice) -> None:
    assert iom_states.advice(effects) is advice
