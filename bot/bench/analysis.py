"""Item analysis of 50 items × 10 000 attempts: reading and computing (goal: at most 5 s)."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from time import perf_counter

from sqlalchemy import insert

from bot.bench.rows import Row, median_row
from bot.db import Database
from bot.models import (
    Answer,
    Attempt,
    AttemptState,
    Base,
    Instrument,
    InstrumentKind,
    InstrumentVersion,
    Item,
    Messenger,
    Person,
    Purpose,
    VersionGroup,
    VersionState,
)
from bot.services.diagnostics import analysis

ITEMS = 50
PERSONS = 10_000
GROUPS = 5
RUNS = 5
GOAL = 5.0
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


async def measure() -> list[Row]:
    """Seconds from the first statement to the last coefficient."""
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}")
        version_id = await _fill(db)
        spent: list[float] = []
        for _ in range(RUNS):
            begun = perf_counter()
            async with db.read() as session:
                found = await analysis.analysed(session, version_id)
            spent.append(perf_counter() - begun)
            assert found.n == PERSONS
        await db.close()
    worst = max(spent)
    return [median_row("analysis", "s", spent, goal=f"≤ {GOAL:g} с", kept=worst <= GOAL)]


async def _fill(db: Database) -> int:
    rng = Random(1)
    async with db.writer.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with db.begin() as session:
        instrument = Instrument(slug="bench", title="Bench", audience="teacher", kind=InstrumentKind.self_likert)
        session.add(instrument)
        await session.flush()
        version = InstrumentVersion(
            instrument_id=instrument.id,
            number=1,
            state=VersionState.trial,
            cuts={"minimal": 70, "low": 50, "middle": 30},
            scale=["1", "2", "3", "4", "5"],
            content_hash="",
            published_at=NOW,
        )
        session.add(version)
        await session.flush()
        groups = [VersionGroup(version_id=version.id, slug=f"g{n}", title=f"G{n}", place=n) for n in range(GROUPS)]
        session.add_all(groups)
        await session.flush()
        items = [
            Item(version_id=version.id, group_id=groups[n % GROUPS].id, code=f"i{n}", text="?", place=n)
            for n in range(ITEMS)
        ]
        session.add_all(items)
        await session.flush()
        people = [{"key": str(n), "last_name": "L", "first_name": "F", "created_at": NOW} for n in range(PERSONS)]
        ids = list(await session.scalars(insert(Person).returning(Person.id), people))
        attempts = [
            {
                "person_id": person_id,
                "version_id": version.id,
                "purpose": Purpose.official,
                "state": AttemptState.finished,
                "messenger": Messenger.web,
                "started_at": NOW,
                "touched_at": NOW,
                "finished_at": NOW,
            }
            for person_id in ids
        ]
        made = list(await session.scalars(insert(Attempt).returning(Attempt.id), attempts))
        for attempt_id in made:
            level = rng.gauss(3, 1)
            values = [min(5, max(1, round(level + rng.gauss(0, 1)))) for _ in items]
            await session.execute(
                insert(Answer),
                [
                    {"attempt_id": attempt_id, "item_id": i.id, "value": v, "points": v - 1, "answered_at": NOW}
                    for i, v in zip(items, values, strict=True)
                ],
            )
        return version.id
