"""Adaptive shortening: which task next, how exact the estimate is, when to stop and why. Pure.

The model is the logistic one (2PL; Rasch is all slopes alike): the chance of a right answer is
1/(1+e^(−a(θ−b))). θ is estimated by the mean of its posterior over a grid, the standard normal first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_PERSONS = 200
"""Fewer counted persons give no parameters."""

TWO_PARAMETERS_FROM = 500
"""From here each task has a slope of its own; before, one slope is common (steadier)."""

NEAR_FULL = 1.10
"""Stop when all remaining tasks together could not make the error smaller than this part of it."""

LEAST_ITEMS = 5
"""Nobody is judged by fewer tasks."""

GRID: Floats = np.linspace(-4, 4, 81)
PRIOR: Floats = np.exp(-(GRID**2) / 2) / np.exp(-(GRID**2) / 2).sum()


class Stop(StrEnum):
    """Why no further task is asked; the words are in the locale."""

    precise = "precise"
    little_to_gain = "little_to_gain"
    all_asked = "all_asked"


@dataclass(frozen=True, slots=True)
class Bank:
    """Slopes and difficulties of the tasks, in the order of ``items``."""

    items: tuple[int, ...]
    slopes: Floats
    difficulties: Floats

    def chances(self, theta: Floats) -> Floats:
        """Chance of a right answer: θ × tasks."""
        chances: Floats = 1 / (1 + np.exp(-self.slopes * (theta[:, None] - self.difficulties)))
        return chances

    def information(self, theta: float) -> Floats:
        """What each task would add to the precision at θ (Fisher)."""
        chance = self.chances(np.array([theta]))[0]
        found: Floats = self.slopes**2 * chance * (1 - chance)
        return found


@dataclass(frozen=True, slots=True)
class Estimate:
    """θ and its standard error (the spread of the posterior)."""

    theta: float
    error: float


@dataclass(frozen=True, slots=True)
class Decision:
    """The next task, or why there is none."""

    estimate: Estimate
    item: int | None
    stop: Stop | None


def bank_of(parameters: Mapping[int, tuple[float, float]]) -> Bank:
    """A bank from item → (slope, difficulty)."""
    items = tuple(parameters)
    return Bank(
        items,
        np.array([parameters[item][0] for item in items], dtype=float),
        np.array([parameters[item][1] for item in items], dtype=float),
    )


def estimate(bank: Bank, answers: Mapping[int, bool]) -> Estimate:
    """θ after the answers given so far (item → right or wrong)."""
    places = [place for place, item in enumerate(bank.items) if item in answers]
    right = np.array([answers[bank.items[place]] for place in places], dtype=bool)
    chances = bank.chances(GRID)[:, places]
    likelihood = np.where(right, chances, 1 - chances).prod(axis=1) if places else np.ones_like(GRID)
    posterior = likelihood * PRIOR
    posterior /= posterior.sum()
    mean = float(posterior @ GRID)
    return Estimate(mean, float(np.sqrt(posterior @ (GRID - mean) ** 2)))


def decide(bank: Bank, answers: Mapping[int, bool], *, target: float, least: int = LEAST_ITEMS) -> Decision:
    """The task that tells most at the present θ, or a stop: precise enough, little to gain, all asked."""
    now = estimate(bank, answers)
    left = [place for place, item in enumerate(bank.items) if item not in answers]
    if not left:
        return Decision(now, None, Stop.all_asked)
    information = bank.information(now.theta)
    if len(answers) >= min(least, len(bank.items)):
        if now.error <= target:
            return Decision(now, None, Stop.precise)
        possible = 1 / np.sqrt(1 / now.error**2 + information[left].sum())
        if now.error <= NEAR_FULL * possible:
            return Decision(now, None, Stop.little_to_gain)
    best = max(left, key=lambda place: (information[place], -place))
    return Decision(now, bank.items[best], None)


def expected_pct(bank: Bank, answers: Mapping[int, bool], items: Sequence[int]) -> tuple[float, float] | None:
    """(percent, error) of some items: points where answered, the model's expectation where not."""
    places = [place for place, item in enumerate(bank.items) if item in set(items)]
    if not places:
        return None
    now = estimate(bank, answers)
    below, at, above = (
        bank.chances(np.array([theta]))[0] for theta in (now.theta - now.error, now.theta, now.theta + now.error)
    )
    known = {place: float(answers[bank.items[place]]) for place in places if bank.items[place] in answers}
    score = sum(known.get(place, float(at[place])) for place in places)
    open_places = [place for place in places if place not in known]
    spread = float((above[open_places] - below[open_places]).sum()) / 2
    noise = float((at[open_places] * (1 - at[open_places])).sum())
    error = (spread**2 + noise) ** 0.5
    return score / len(places) * 100, error / len(places) * 100


# --- simulation ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Simulation:
    """What shortening costs: errors (root mean square, in θ) and tasks asked, over invented persons."""

    persons: int
    items: int
    target: float
    mean_asked: float
    least_asked: int
    most_asked: int
    error_short: float
    error_full: float
    # The tasks asked in their printed order that give the same error as the shortened test.
    fixed_for_same: int
    stops: Mapping[Stop, int]

    @property
    def share(self) -> float:
        """Tasks asked of all tasks."""
        return self.mean_asked / self.items

    @property
    def loss(self) -> float:
        """How much larger the error is than with all tasks: 0.05 is five percent."""
        return self.error_short / self.error_full - 1


def simulate(bank: Bank, rng: np.random.Generator, *, target: float, persons: int = 500) -> Simulation:
    """Invented persons take the whole test and the shortened one; the same ``rng`` seed gives the same report."""
    thetas = rng.standard_normal(persons)
    right = rng.random((persons, len(bank.items))) < bank.chances(thetas)
    full = np.zeros(persons)
    short = np.zeros(persons)
    asked = np.zeros(persons, dtype=int)
    stops = dict.fromkeys(Stop, 0)
    for person in range(persons):
        row = dict(zip(bank.items, right[person].tolist(), strict=True))
        full[person] = estimate(bank, row).theta
        given: dict[int, bool] = {}
        while (found := decide(bank, given, target=target)).item is not None:
            given[found.item] = row[found.item]
        short[person], asked[person] = found.estimate.theta, len(given)
        assert found.stop is not None
        stops[found.stop] += 1
    error_short = _error(short, thetas)
    return Simulation(
        persons=persons,
        items=len(bank.items),
        target=target,
        mean_asked=float(asked.mean()),
        least_asked=int(asked.min()),
        most_asked=int(asked.max()),
        error_short=error_short,
        error_full=_error(full, thetas),
        fixed_for_same=_fixed(bank, right, thetas, error_short),
        stops=stops,
    )


def _fixed(bank: Bank, right: NDArray[np.bool_], thetas: Floats, error: float) -> int:
    """How many tasks in printed order reach the error; all of them when none do."""
    log_prior = np.log(PRIOR)
    chances = bank.chances(GRID)
    likelihood = np.tile(log_prior, (len(thetas), 1))
    for place in range(len(bank.items)):
        likelihood += np.where(right[:, place, None], np.log(chances[:, place]), np.log(1 - chances[:, place]))
        posterior = np.exp(likelihood - likelihood.max(axis=1, keepdims=True))
        means = posterior @ GRID / posterior.sum(axis=1)
        if _error(means, thetas) <= error:
            return place + 1
    return len(bank.items)


def _error(found: Floats, true: Floats) -> float:
    return float(np.sqrt(((found - true) ** 2).mean()))
