"""Which moves a route and its steps may make, progress and delay (domain.md §2.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from bot.models.diagnostics import DeficitLevel
from bot.models.iom import Advice, IomState, StepState

_I, _S = IomState, StepState

MOVES: Mapping[IomState, frozenset[IomState]] = {
    _I.draft: frozenset({_I.offered, _I.stopped}),
    _I.offered: frozenset({_I.agreed, _I.stopped}),
    # Back only when mandatory steps were changed: the teacher agrees anew.
    _I.agreed: frozenset({_I.offered, _I.approved, _I.stopped}),
    _I.approved: frozenset({_I.active, _I.stopped}),
    _I.active: frozenset({_I.paused, _I.exit_check, _I.stopped}),
    _I.paused: frozenset({_I.active, _I.stopped}),
    _I.exit_check: frozenset({_I.completed, _I.completed_partly, _I.stopped}),
    _I.completed: frozenset(),
    _I.completed_partly: frozenset(),
    _I.stopped: frozenset(),
}

STEP_MOVES: Mapping[StepState, frozenset[StepState]] = {
    _S.planned: frozenset({_S.in_work, _S.submitted, _S.accepted, _S.replaced, _S.cancelled}),
    _S.in_work: frozenset({_S.submitted, _S.accepted, _S.replaced, _S.cancelled}),
    # Back to work when the teacher takes the evidence back.
    _S.submitted: frozenset({_S.in_work, _S.accepted, _S.returned}),
    _S.returned: frozenset({_S.submitted, _S.accepted, _S.replaced, _S.cancelled}),
    _S.accepted: frozenset(),
    _S.replaced: frozenset(),
    # «Вернуть», while the route is planned.
    _S.cancelled: frozenset({_S.planned}),
}

PLANNING = frozenset({_I.draft, _I.offered, _I.agreed})
FOLLOWED = frozenset({_I.approved, _I.active, _I.paused})
CLOSED = frozenset({_I.completed, _I.completed_partly, _I.stopped})
GONE = frozenset({_S.replaced, _S.cancelled})
OPEN_STEP = frozenset({_S.planned, _S.in_work, _S.returned})

PARTLY = 0.8
"""So much of the mandatory must be accepted for ``completed_partly``."""

REDUCED = 10.0
"""Percent points by which a deficit counts as reduced."""


@dataclass(frozen=True, slots=True)
class Line:
    """What progress is counted from."""

    state: StepState
    mandatory: bool
    hours: int
    due: date


@dataclass(frozen=True, slots=True)
class Progress:
    """Steps for the teacher, the share of mandatory weight for staff."""

    done: int
    total: int
    share: float
    overdue: int


def may(before: IomState, after: IomState) -> bool:
    """True for a move of the life cycle."""
    return after in MOVES[before]


def step_may(before: StepState, after: StepState) -> bool:
    """True for a move of a step."""
    return after in STEP_MOVES[before]


def overdue(line: Line, today: date) -> bool:
    """Past its day and neither sent nor settled."""
    return line.state in OPEN_STEP and line.due < today


def progress(lines: Iterable[Line], today: date) -> Progress:
    """Weight of a step is its hours, at least one; steps that are gone do not count."""
    kept = [line for line in lines if line.state not in GONE]
    firm = [line for line in kept if line.mandatory]
    weight = sum(max(1, line.hours) for line in firm)
    accepted = sum(max(1, line.hours) for line in firm if line.state is _S.accepted)
    return Progress(
        done=sum(line.state is _S.accepted for line in kept),
        total=len(kept),
        share=accepted / weight if weight else 0.0,
        overdue=sum(overdue(line, today) for line in kept),
    )


def outcome(share: float) -> IomState | None:
    """How a route with this share of mandatory weight may close; None while too little is done."""
    if share >= 1:
        return _I.completed
    return _I.completed_partly if share >= PARTLY else None


def advice(effects: Iterable[str]) -> Advice:
    """What to advise unless the methodist decides otherwise: another route while a deficit stays.

    The methodical active is never advised by a rule: that is said of a person by a person.
    """
    return Advice.enough if set(effects) <= {"overcome"} else Advice.another


def margin(before: float | None, after: float | None) -> int | None:
    """Half of the 95 % interval of a change, from the errors of both results."""
    return None if before is None or after is None else round(1.96 * (before**2 + after**2) ** 0.5)


def effect(before: float | None, after: float | None, level_after: DeficitLevel | None) -> str:
    """``overcome``, ``reduced``, ``same`` or ``unknown`` of a deficit; the error is told beside it."""
    if after is None or level_after is None:
        return "unknown"
    if level_after in (DeficitLevel.minimal, DeficitLevel.low):
        return "overcome"
    return "reduced" if before is not None and after - before >= REDUCED else "same"
