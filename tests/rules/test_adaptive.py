"""Shortening: the estimate against numerical integration, stops with their reasons, the promised saving."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest
from scipy import integrate, stats

from bot.rules import adaptive
from bot.rules.adaptive import Bank, Stop


def bank(items: int = 40, seed: int = 1) -> Bank:
    rng = np.random.default_rng(seed)
    return adaptive.bank_of({i: (float(rng.uniform(0.8, 2)), float(rng.normal(0, 1.2))) for i in range(items)})


def test_the_estimate_is_the_mean_of_the_posterior() -> None:
    ours = adaptive.bank_of({1: (1.2, -0.5), 2: (0.8, 0.3), 3: (1.7, 1.1)})
    answers = {1: True, 2: False, 3: True}

    def weight(theta: float) -> float:
        product = float(stats.norm.pdf(theta))
        for item, (a, b) in {1: (1.2, -0.5), 2: (0.8, 0.3), 3: (1.7, 1.1)}.items():
            p = 1 / (1 + exp(-a * (theta - b)))
            product *= p if answers[item] else 1 - p
        return product

    whole = integrate.quad(weight, -8, 8)[0]
    mean = integrate.quad(lambda x: x * weight(x), -8, 8)[0] / whole
    spread = integrate.quad(lambda x: (x - mean) ** 2 * weight(x), -8, 8)[0] / whole
    found = adaptive.estimate(ours, answers)
    assert found.theta == pytest.approx(mean, abs=1e-3)
    assert found.error == pytest.approx(spread**0.5, abs=1e-3)


def test_nothing_answered_is_the_middle() -> None:
    found = adaptive.estimate(bank(), {})
    assert found.theta == pytest.approx(0, abs=1e-9)
    assert found.error == pytest.approx(1, abs=0.01)


def test_the_next_task_is_the_one_that_tells_most() -> None:
    ours = adaptive.bank_of({10: (1.0, 3.0), 11: (1.0, 0.1), 12: (1.0, -3.0)})
    assert adaptive.decide(ours, {}, target=0.3).item == 11
    assert adaptive.decide(ours, {11: True}, target=0.3).item == 10
    assert adaptive.decide(ours, {11: False}, target=0.3).item == 12


def test_every_stop_has_its_reason() -> None:
    ours = bank(40)
    assert adaptive.decide(ours, {}, target=0.01).stop is None
    everything = dict.fromkeys(range(40), True)
    assert adaptive.decide(ours, everything, target=0.01).stop is Stop.all_asked
    given: dict[int, bool] = {}
    while (found := adaptive.decide(ours, given, target=0.45)).item is not None:
        given[found.item] = len(given) % 2 == 0
    assert found.stop is Stop.precise
    assert found.estimate.error <= 0.45
    assert len(given) >= adaptive.LEAST_ITEMS
    while (found := adaptive.decide(ours, given, target=0.0)).item is not None:
        given[found.item] = len(given) % 2 == 0
    assert found.stop is Stop.little_to_gain


def test_percent_counts_points_and_expects_the_rest() -> None:
    ours = adaptive.bank_of({1: (1.5, -1.0), 2: (1.5, 0.0), 3: (1.5, 1.0)})
    whole = adaptive.expected_pct(ours, {1: True, 2: True, 3: False}, [1, 2, 3])
    assert whole is not None
    assert whole[0] == pytest.approx(200 / 3)
    assert whole[1] == 0
    part = adaptive.expected_pct(ours, {1: True, 2: True}, [1, 2, 3])
    assert part is not None
    assert 200 / 3 < part[0] < 100
    assert part[1] > 0
    assert adaptive.expected_pct(ours, {1: True}, [99]) is None


@pytest.mark.parametrize(("items", "seed"), [(40, 1), (50, 2), (60, 3)])
def test_the_same_error_with_sixty_percent_of_the_tasks(items: int, seed: int) -> None:
    """The promise: within a tenth of the error of the whole test, and on average at most 60 % of the tasks."""
    found = adaptive.simulate(bank(items, seed), np.random.default_rng(2026), target=0.25, persons=300)
    assert found.share <= 0.60
    assert found.loss <= 0.10
    assert found.mean_asked < found.fixed_for_same, "a fixed order needs more tasks for the same error"
    assert sum(found.stops.values()) == 300


def test_the_same_seed_gives_the_same_report() -> None:
    one, two = (adaptive.simulate(bank(20), np.random.default_rng(5), target=0.4, persons=50) for _ in range(2))
    assert one == two
