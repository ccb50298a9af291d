"""A draft of a route from a catalogue of 2 000 lines, and the drafts of 5 000 teachers in one run."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from time import perf_counter

from bot.bench import draft_run
from bot.bench.rows import Row, median_row
from bot.models import ActivityKind
from bot.rules.iom_draft import VARIANTS, Need, Offer, plan

OFFERS = 2_000
RUNS = 5
GOAL = 50
GROUPS = ("subject", "method", "psychology", "communication", "digital", "norms")
START = date(2026, 9, 1)


async def measure() -> list[Row]:
    """Each variant over a usual catalogue, and a crowded one where the search has to use all its steps."""
    needs = [Need(group, weight, (place,)) for place, (group, weight) in enumerate(zip(GROUPS, WEIGHTS, strict=True))]
    found: list[Row] = []
    for name, budget in VARIANTS.items():
        for crowded in (False, True):
            offers = catalogue(Random(7), crowded=crowded)
            times: list[float] = []
            for _ in range(RUNS + 1):
                begun = perf_counter()
                plan(needs, offers, budget=budget, start=START)
                times.append((perf_counter() - begun) * 1e3)
            row = f"draft-{name}{'-crowded' if crowded else ''}"
            kept = sorted(times[1:])[RUNS // 2] <= GOAL
            found.append(median_row(row, "ms", times[1:], goal=f"≤ {GOAL} мс", kept=kept))
    return found + await draft_run.measure()


WEIGHTS = (3.0, 2.5, 2.0, 1.5, 1.0, 0.5)


def catalogue(rng: Random, *, crowded: bool = False, count: int = OFFERS) -> list[Offer]:
    """Invented offers. ``crowded``: dated, long, one group each, so that no cover is found at once."""
    kinds = [kind.value for kind in ActivityKind]
    made: list[Offer] = []
    for number in range(1, count + 1):
        dated = crowded or rng.random() < 0.6
        starts = START + timedelta(days=rng.randrange(20 if crowded else 180)) if dated else None
        ends = starts + timedelta(days=rng.randrange(3, 25) if crowded else rng.randrange(3)) if starts else None
        made.append(
            Offer(
                id=number,
                kind=rng.choice(kinds),
                groups=tuple(rng.sample(GROUPS, 1 if crowded else rng.randint(1, 2))),
                hours=rng.choice((6, 8, 16)) if crowded else rng.choice((1, 2, 4, 8, 16, 24, 36, 72)),
                starts=starts,
                ends=ends,
                seats_left=rng.choice((None, 0, 1, 30)),
                requires=(rng.randrange(1, number),) if number > 1 and rng.random() < 0.1 else (),
                form=rng.choice(("in_person", "mixed") if crowded else ("in_person", "distance", "mixed")),
            )
        )
    return made
