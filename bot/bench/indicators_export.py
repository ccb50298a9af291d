"""The workbook of indicators with lists of 50 000 people: how long, and that its memory is that of 10 000."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path
from random import Random
from time import perf_counter

from bot.bench.indicators import HEAD, NOW, YEAR, ZONE, fill
from bot.bench.rows import Row, median_row, memory_mb
from bot.config import ROOT
from bot.db import Database
from bot.i18n import Texts
from bot.models import Base
from bot.services.indicators import counting, papers
from bot.services.indicators.edition import Behind, Edition

SMALL, LARGE = 10_000, 50_000
RUNS = 3
GROWTH = 24.0
"""Megabytes that five times the lines may add."""


async def measure() -> list[Row]:
    """Seconds for the large one, megabytes above the beginning for both."""
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}")
        async with db.writer.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        await fill(db, Random(1), people=60_000, facts=400_000)
        counting.forget()
        async with db.read() as session:
            edition = await papers.of_report(session, HEAD, await counting.report(session, YEAR, now=NOW, zone=ZONE))
        path = Path(folder) / "lists.xlsx"
        await _write(db, _cut(edition, SMALL), path)
        small = [await _write(db, _cut(edition, SMALL), path) for _ in range(RUNS)]
        large = [await _write(db, _cut(edition, LARGE), path) for _ in range(RUNS)]
        await db.close()
    grown = [mine - less for (_, mine), (_, less) in zip(large, small, strict=True)]
    middle = sorted(grown)[RUNS // 2]
    return [
        median_row("indicators-export-50000", "s", [seconds for seconds, _ in large]),
        median_row("indicators-export-10000", "s", [seconds for seconds, _ in small]),
        median_row(
            "indicators-export-memory", "MB", [one for _, one in large], peer=sorted(one for _, one in small)[1],
            goal=f"не больше чем на {GROWTH:g} МБ против 10 000 строк", kept=middle <= GROWTH,
        ),
    ]  # fmt: skip


async def _write(db: Database, edition: Edition, path: Path) -> tuple[float, float]:
    """Seconds, and the most megabytes above where it began."""
    t = Texts(ROOT / "locales").translator()
    began, peak = memory_mb(), 0.0
    told: list[int] = []

    def said(done: int, total: int) -> None:
        nonlocal peak
        peak = max(peak, memory_mb() - began)
        told.append(done)
        assert done <= total

    begun = perf_counter()
    written = await papers.write_book(db, HEAD, edition, path, t, lists=True, now=NOW, progress=said)
    spent = perf_counter() - begun
    assert written in (SMALL, LARGE)
    assert told[-1] == written
    assert await asyncio.to_thread(path.stat)
    return spent, peak


def _cut(edition: Edition, size: int) -> Edition:
    """The same with lists of so many lines in all."""
    rows = []
    for row in edition.rows:
        take = min(size, len(row.behind or ()))
        size -= take
        one = row.behind
        behind = None
        if one is not None and take:
            behind = Behind(
                one.fact[:take], one.organisation[:take], one.municipality[:take],
                None if one.person is None else one.person[:take], None if one.day is None else one.day[:take],
            )  # fmt: skip
        rows.append(replace(row, behind=behind))
    assert not size
    return replace(edition, rows=tuple(rows))
