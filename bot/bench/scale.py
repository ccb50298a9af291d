"""100 000 people in the tables: how much slower a step becomes, and whether indexes are used."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, text

from bot.bench.rows import Row, median_row
from bot.bench.world import World, world

MANY = 100_000
FEW = 1_000
RUNS = 5
PRESSES = 600
GOAL = 1.4


async def measure() -> list[Row]:
    """Time of a step with many people over its time with few (goal: at most 1.4); full scans of large tables."""
    async with world(FEW) as small, world(MANY) as large:
        # Both read one cache of contents; the larger world filled it last.
        small.content = large.content
        many: list[float] = []
        few: list[float] = []
        # The same number of people answers in both, spread over the whole table in the larger.
        spread = MANY // PRESSES
        for item in range(RUNS + 1):
            there = await large.run([large.press(n * spread, item) for n in range(PRESSES)])
            here = await small.run([small.press(n, item) for n in range(PRESSES)])
            if item:  # The first question warms both.
                many.append(there / PRESSES * 1e3)
                few.append(here / PRESSES * 1e3)
        with statements(large) as seen:
            await large.run([large.press(0, RUNS + 1), large.press(MANY - 1, 0)], at_once=1)
        scans = await full_scans(large, seen)
    ratio = round(statistics.median(many) / statistics.median(few), 2)
    return [
        median_row(
            "scale", "ms", many, peer=round(statistics.median(few), 2), ratio=ratio, goal=f"≤ {GOAL} ×",
            kept=ratio <= GOAL,
        ),
        Row("scale-scans", float(len(scans)), "statements", goal="все запросы шага идут по индексам", kept=not scans),
    ]  # fmt: skip


@contextmanager
def statements(ours: World) -> Iterator[dict[str, Any]]:
    """Every statement (with its values) that is executed meanwhile."""
    seen: dict[str, Any] = {}

    def remember(_c: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        seen[statement] = values

    engines = (ours.db.writer.sync_engine, ours.db.reader.sync_engine)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", remember)
    try:
        yield seen
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", remember)


async def full_scans(ours: World, seen: dict[str, Any]) -> list[str]:
    """Statements whose plan reads a whole table of people's rows."""
    large = ("people", "identities", "attempts", "answers", "employments", "role_assignments", "dialog_states")
    found: list[str] = []
    async with ours.db.read() as session:
        connection = await session.connection()
        for statement, values in seen.items():
            if not statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
                continue
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            lines = [str(row[-1]) for row in plan.all()]
            if any(line.split()[0] == "SCAN" and line.split()[1] in large for line in lines if line):
                found.append(statement)
        await session.execute(text("SELECT 1"))
    return found
