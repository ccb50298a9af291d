"""200 teachers at once, each through the whole questionnaire."""

from __future__ import annotations

import asyncio
from time import perf_counter

from bot.bench.rows import Row, percentile
from bot.bench.world import world

TEACHERS = 200


async def measure() -> list[Row]:
    """p50 and p99 of one answer in ms; no answer lost, none twice."""
    async with world(TEACHERS) as ours:
        waits: list[float] = []
        questions = len(ours.content.items)

        async def teacher(person: int) -> None:
            for item in range(questions):
                started = perf_counter()
                await ours.feed(ours.press(person, item, 1 + (person + item) % 5))
                waits.append((perf_counter() - started) * 1000)

        started = perf_counter()
        await asyncio.gather(*(teacher(person) for person in range(TEACHERS)))
        spent = perf_counter() - started
        written, edited, moved = await ours.truth()
    told = TEACHERS * questions
    return [
        Row("crowd", round(told / spent, 1), "updates/s"),
        Row("crowd-p50", round(percentile(waits, 0.5), 1), "ms", runs=told),
        Row("crowd-p99", round(percentile(waits, 0.99), 1), "ms", runs=told, max=round(max(waits), 1)),
        Row(
            "crowd-answers", float(written), "answers", peer=float(told), ratio=written / told,
            goal="ни один ответ не потерян и не записан дважды", kept=written == edited == moved == told,
        ),
    ]  # fmt: skip
