"""20 000 presses offered at once to the polling receiver: all answered, memory stays."""

from __future__ import annotations

import asyncio
from time import perf_counter

from bot.bench.rows import Row, memory_mb
from bot.bench.world import World, world
from bot.messengers.receiver import receive

PRESSES = 20_000
WARM = 1_000
MEMORY_MB = 60.0


async def measure() -> list[Row]:
    """Seconds, MB of growth after the first thousand, presses answered."""
    async with world(1_000) as ours:
        presses = (ours.press(person, item) for item in range(21) for person in range(1_000))
        ours.session.backlog = (next(presses) for _ in range(WARM))
        await _until_empty(ours)
        before = memory_mb()
        ours.session.backlog = presses
        started = perf_counter()
        await _until_empty(ours)
        spent, grown = perf_counter() - started, memory_mb() - before
        written, edited, moved = await ours.truth()
        answered = ours.session.answers
    return [
        Row("flood", round(PRESSES / spent, 1), "updates/s"),
        Row("flood-memory", round(grown, 1), "MB", goal=f"≤ {MEMORY_MB:.0f} МБ", kept=grown <= MEMORY_MB),
        Row(
            "flood-answered", float(answered), "presses", peer=float(PRESSES + WARM),
            ratio=answered / (PRESSES + WARM), goal="каждое нажатие отвечено и записано один раз",
            kept=answered == written == edited == moved == PRESSES + WARM,
        ),
    ]  # fmt: skip


async def _until_empty(ours: World) -> None:
    stop = asyncio.Event()
    ours.session.emptied.clear()
    running = asyncio.create_task(receive(ours.dispatcher, ours.bot, ours.settings, stop))
    await ours.session.emptied.wait()
    stop.set()
    await running
