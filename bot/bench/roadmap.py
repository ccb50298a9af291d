"""Reminders of the roadmap out of 100 000 days: the scan of the tables (goal: at most 100 ms), then the digests."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from time import perf_counter
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.bench import databases
from bot.bench.rows import Row, median_row
from bot.db import Database
from bot.models import (
    Body,
    BodyLevel,
    BodyMembership,
    BodyPost,
    Measure,
    MeasureBody,
    MeasurePart,
    Occurrence,
    OccurrenceKind,
    OccurrenceState,
    Person,
    Roadmap,
    RoadmapSection,
    RoadmapState,
)
from bot.services.roadmap import reminding

MEASURES, DAYS = 2_000, 50
RUNS = 5
GOAL = 100
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
TODAY = NOW.date()


async def measure() -> list[Row]:
    """Milliseconds from the tables to the digests of a usual day, on both databases."""
    rows: list[Row] = []
    async for name, db in databases.each():
        rows += await on(db, name)
    return rows


async def on(db: Database, name: str) -> list[Row]:
    """The figures over one empty database."""
    async with db.begin() as session:
        await _fill(session, Random(1))
    await databases.settled(db)
    scans, digests = [], []
    for _ in range(RUNS + 1):
        async with db.read() as session:
            begun = perf_counter()
            known = await reminding.standing(session, today=TODAY)
            read = perf_counter()
            made = reminding.digests(known, today=TODAY, days={})
            digests.append((perf_counter() - read) * 1e3)
            scans.append((read - begun) * 1e3)
        assert made
    kept = sorted(scans[1:])[RUNS // 2] <= GOAL
    return [
        median_row(f"roadmap-scan-{name}", "ms", scans[1:], goal=f"≤ {GOAL} мс", kept=kept),
        median_row(f"roadmap-digests-{name}", "ms", digests[1:]),
    ]


async def _fill(session: AsyncSession, rng: Random) -> None:
    """Four years behind, all closed, a year ahead, all open; ten bodies."""
    plan = Roadmap(
        title="bench", year=2026, runs_since=TODAY, created_at=NOW, imported_at=NOW, state=RoadmapState.running
    )
    session.add(plan)
    await session.flush()
    section = RoadmapSection(roadmap_id=plan.id, number="1")
    session.add(section)
    await session.flush()
    bodies = []
    for number in range(10):
        body = Body(code=f"b{number}", abbreviation=f"b{number}", name="b", level=BodyLevel.regional, aliases=[])
        person = Person(key=f"{number:032x}", last_name="А", first_name="Б", created_at=NOW)
        session.add_all((body, person))
        await session.flush()
        session.add(
            BodyMembership(body_id=body.id, person_id=person.id, post=BodyPost.responsible, since=date(2020, 1, 1))
        )
        bodies.append(body.id)
    common: dict[str, Any] = {
        "roadmap_id": plan.id, "section_id": section.id, "schedule": {}, "targets": [], "doubts": [],
    }  # fmt: skip
    await session.execute(
        insert(Measure),
        [{**common, "id": n, "code": str(n), "title": f"{n}"} for n in range(1, MEASURES + 1)],
    )
    await session.execute(
        insert(MeasureBody),
        [
            {"measure_id": n, "part": MeasurePart.responsible, "name": "b", "body_id": bodies[n % 10]}
            for n in range(1, MEASURES + 1)
        ],
    )
    rows = []
    for number in range(1, MEASURES + 1):
        for place in range(DAYS):
            due = TODAY + timedelta(days=rng.randrange(-1500, 400))
            rows.append(
                {
                    "measure_id": number, "kind": OccurrenceKind.due, "key": date(2000, 1, 1) + timedelta(days=place),
                    "due": due, "state": OccurrenceState.closed if due < TODAY else OccurrenceState.open,
                }
            )  # fmt: skip
    await session.execute(insert(Occurrence), rows)
