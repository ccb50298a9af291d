"""Shortening of a verified test: parameters from its answers, a simulation of what it costs, the switch."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import InstrumentKind, InstrumentVersion, ItemParameter, VersionState
from bot.rules import adaptive as rules
from bot.services import audit
from bot.services.access import Right, Scope
from bot.services.diagnostics import analysis
from bot.services.diagnostics.content import Content, content_of

PERSONS = 500
"""Invented persons of the simulation."""

MOST_ITEMS = 0.6
"""The promise: at most this part of the tasks …"""

MOST_LOSS = 0.10
"""… for an error at most this much larger than that of the whole test."""

TARGETS = (0.5, 0.45, 0.4, 0.35, 0.3, 0.25, 0.2)
"""Standard errors to stop at, in standard deviations of the persons: the coarsest that keeps the error is taken."""

STEEPEST, FARTHEST = 5.0, 6.0
"""Parameters beyond are an answer of all or nobody, not a measurement."""


@dataclass(frozen=True, slots=True)
class Shortening:
    """How a version stands: ``reason`` says (locale key) why it cannot be shortened, empty when it can."""

    on: bool
    reason: str
    n: int
    report: dict[str, Any]

    @property
    def keeps_its_promise(self) -> bool:
        """True when the simulation saves what it should at the error it may."""
        return bool(self.report) and self.report["share"] <= MOST_ITEMS and self.report["loss"] <= MOST_LOSS


async def standing(session: AsyncSession, scope: Scope, version_id: int, *, n: int) -> Shortening:
    """For the page; ``n`` is how many persons the analysis counted."""
    scope.require(Right.instruments_see)
    version = await session.get(InstrumentVersion, version_id)
    if version is None:
        raise NotFound()
    content = await content_of(session, version_id)
    return Shortening(version.adaptive, _reason(version.state, content, n), n, dict(version.shortening))


@dataclass(frozen=True, slots=True)
class Answers:
    """What is computed from: tasks and who solved them (persons × tasks of 0 and 1)."""

    version_id: int
    items: tuple[int, ...]
    solved: NDArray[np.int_]


@dataclass(frozen=True, slots=True)
class Computed:
    """Parameters by task, and what the simulation says of the chosen precision."""

    answers: Answers
    parameters: list[tuple[float, float]]
    simulation: rules.Simulation


async def gather(session: AsyncSession, scope: Scope, version_id: int) -> Answers:
    """The answers of a version. UserError where it cannot be shortened."""
    scope.require(Right.instruments_edit)
    version = await session.get(InstrumentVersion, version_id)
    if version is None:
        raise NotFound()
    content = await content_of(session, version_id)
    given = await analysis.responses(session, content)
    if reason := _reason(version.state, content, given.n):
        raise UserError(reason)
    return Answers(version_id, tuple(given.items), _solved(content, given))


def compute(answers: Answers) -> Computed:
    """Parameters and the coarsest precision that keeps the error. Seconds long: off the event loop, no transaction.

    UserError where a task tells nothing.
    """
    parameters = calibrate(answers.solved)
    if parameters is None:
        raise UserError("shortening-flat")
    bank = rules.bank_of(dict(zip(answers.items, parameters, strict=True)))
    for target in TARGETS:
        found = rules.simulate(bank, np.random.default_rng(1), target=target, persons=PERSONS)
        if found.loss <= MOST_LOSS:
            break
    return Computed(answers, parameters, found)


async def keep(session: AsyncSession, scope: Scope, found: Computed, *, now: datetime) -> Shortening:
    """Shorten from the next attempt on; only the report is kept where the promise would not hold."""
    scope.require(Right.instruments_edit)
    answers, simulation = found.answers, found.simulation
    version = await session.get(InstrumentVersion, answers.version_id, with_for_update=True)
    if version is None:
        raise NotFound()
    n = len(answers.solved)
    if version.state is not VersionState.verified:  # Archived while it was computed.
        raise UserError("shortening-unverified")
    report = {
        **{name: value for name, value in asdict(simulation).items() if name != "stops"},
        "stops": {stop.value: number for stop, number in simulation.stops.items()},
        "share": simulation.share,
        "loss": simulation.loss,
        "n": n,
        "at": now.isoformat(),
    }
    outcome = Shortening(True, "", n, report)
    if not outcome.keeps_its_promise:
        # What is shortened already goes on by its own, older parameters.
        if not version.adaptive:
            version.shortening = report
        return Shortening(version.adaptive, "", n, report)
    version.shortening = report
    await session.execute(delete(ItemParameter).where(ItemParameter.item_id.in_(answers.items)))
    await session.execute(
        insert(ItemParameter),
        [
            {"item_id": item, "slope": slope, "difficulty": difficulty, "n": n, "computed_at": now}
            for item, (slope, difficulty) in zip(answers.items, found.parameters, strict=True)
        ],
    )
    version.adaptive = True
    audit.changed(session, scope, "instrument", answers.version_id, "shortened", now=now)
    return outcome


async def switch_off(session: AsyncSession, scope: Scope, version_id: int, *, now: datetime) -> None:
    """Whole tests from the next attempt on; what is open ends as it began."""
    scope.require(Right.instruments_edit)
    await session.execute(update(InstrumentVersion).where(InstrumentVersion.id == version_id).values(adaptive=False))
    audit.changed(session, scope, "instrument", version_id, "whole", now=now)


def calibrate(solved: NDArray[np.int_]) -> list[tuple[float, float]] | None:
    """(slope, difficulty) of each task from persons × tasks of 0 and 1; None where a task tells nothing.

    Slow (a second): call it off the event loop. One slope for all below ``TWO_PARAMETERS_FROM`` persons.
    """
    from girth import onepl_mml, twopl_mml

    share = solved.mean(axis=0)
    if ((share == 0) | (share == 1)).any():
        return None
    enough = len(solved) >= rules.TWO_PARAMETERS_FROM
    found = (twopl_mml if enough else onepl_mml)(solved.T.astype(int))
    difficulties = np.asarray(found["Difficulty"], dtype=float)
    slopes = np.broadcast_to(np.asarray(found["Discrimination"], dtype=float), difficulties.shape)
    if not np.isfinite(difficulties).all() or not np.isfinite(slopes).all() or (slopes <= 0).any():
        return None
    return [
        (min(float(slope), STEEPEST), float(np.clip(difficulty, -FARTHEST, FARTHEST)))
        for slope, difficulty in zip(slopes, difficulties, strict=True)
    ]


def _reason(state: VersionState, content: Content, n: int) -> str:
    if content.kind is not InstrumentKind.test_key:
        return "shortening-kind"
    if len({item.max_points for item in content.items}) > 1:
        return "shortening-weights"
    if state is not VersionState.verified:
        return "shortening-unverified"
    return "shortening-few" if n < rules.LEAST_PERSONS else ""


def _solved(content: Content, given: analysis.Responses) -> NDArray[np.int_]:
    """Solved in full or not; a skipped task is not solved."""
    top = np.array([content.by_id[item].max_points for item in given.items])
    return (np.nan_to_num(given.points) >= top - 1e-9).astype(int)
