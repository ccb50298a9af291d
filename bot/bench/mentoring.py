"""Pairs for 3 000 mentees × 1 000 mentors of three places each: filters, scores, the optimum (goal: at most 10 s)."""

from __future__ import annotations

from random import Random
from time import perf_counter

from bot.bench.rows import Row, median_row, memory_mb
from bot.rules.mentoring import Mentee, Mentor, Mode, Status, solve

MENTEES, MENTORS, PLACES = 3_000, 1_000, 3
RUNS = 5
GOAL = 10.0


async def measure() -> list[Row]:
    """Seconds of a whole plan by mode, and what memory it leaves grown."""
    rng = Random(1)
    mentees = [_mentee(number, rng) for number in range(MENTEES)]
    mentors = [_mentor(MENTEES + number, rng) for number in range(MENTORS)]
    rows = []
    before = memory_mb()
    for mode in Mode:
        spent = []
        for _ in range(RUNS):
            begun = perf_counter()
            plan = solve(mentees, mentors, mode=mode)
            spent.append(perf_counter() - begun)
        assert plan.pairs
        rows.append(median_row(f"mentoring-{mode.value}", "s", spent, goal=f"≤ {GOAL:g} с", kept=max(spent) <= GOAL))
    return [*rows, Row("mentoring-memory", round(memory_mb() - before, 1), "MB")]


def _place(rng: Random) -> tuple[int, int, frozenset[str], frozenset[str], frozenset[str], frozenset[int]]:
    municipality, subject = rng.randrange(44), rng.randrange(20)
    return (
        municipality * 20 + rng.randrange(20),
        municipality,
        frozenset({f"s{subject}"}),
        frozenset({f"a{subject % 6}"}),
        frozenset(rng.sample(["primary", "basic", "senior"], 2)),
        frozenset(rng.sample(range(168), 4)),
    )


def _mentee(number: int, rng: Random) -> Mentee:
    organisation, municipality, subjects, areas, stages, slots = _place(rng)
    deficits = {f"g{one}": rng.random() for one in rng.sample(range(6), 2)} if rng.random() < 0.7 else {}
    return Mentee(
        number, organisation, municipality, subjects, areas, stages, deficits, slots, remote=rng.random() < 0.5
    )


def _mentor(number: int, rng: Random) -> Mentor:
    organisation, municipality, subjects, areas, stages, slots = _place(rng)
    return Mentor(
        number,
        organisation,
        municipality,
        subjects,
        areas,
        stages,
        frozenset(f"g{one}" for one in rng.sample(range(6), 3)),
        slots,
        remote=rng.random() < 0.4,
        status=rng.choice(list(Status)),
        experience=rng.randrange(2, 30),
        most=PLACES,
    )
