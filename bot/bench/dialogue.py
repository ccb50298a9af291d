"""One full step of the questionnaire beside the minimal bot, interleaved in one process."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Any

from bot.bench.peer import peer
from bot.bench.rows import Row, median_row
from bot.bench.world import World, world

RUNS = 5
PRESSES = 600
WARM = 200
GOAL = 1.7


async def measure() -> list[Row]:
    """Updates per second of both and their ratio (goal: at least 1.7); nothing lost, nothing twice."""
    async with world(1_000) as ours, peer(ours.folder) as theirs:
        source = _presses(ours)
        await ours.run([next(source) for _ in range(WARM)])
        await theirs.run([ours.press(n, 0) for n in range(WARM)])
        mine: list[float] = []
        other: list[float] = []
        for _ in range(RUNS):
            presses = [next(source) for _ in range(PRESSES)]
            mine.append(PRESSES / await ours.run(presses))
            other.append(PRESSES / await theirs.run(presses))
        written, edited, moved = await ours.truth()
    ratio = round(statistics.median(mine) / statistics.median(other), 2)
    told = WARM + RUNS * PRESSES
    return [
        median_row(
            "dialogue", "updates/s", mine, peer=round(statistics.median(other), 2), ratio=ratio,
            goal=f"≥ {GOAL} ×", kept=ratio >= GOAL,
        ),
        Row(
            "dialogue-truth", float(written), "answers", peer=float(told), ratio=written / told,
            goal="ответов в таблице = правок = сумме позиций = нажатий",
            kept=written == edited == moved == told,
        ),
    ]  # fmt: skip


def _presses(ours: World) -> Iterator[dict[str, Any]]:
    """Every person answers question after question; neighbours in time are different people."""
    for item in range(len(ours.content.items)):
        for person in range(len(ours.people)):
            yield ours.press(person, item)
