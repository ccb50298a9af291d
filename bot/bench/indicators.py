"""All indicators with municipalities over 100 000 people and 1 000 000 facts, beside hand-written SQL."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, text

from bot.bench.rows import Row, median_row
from bot.config import Settings
from bot.db import Database
from bot.models import (
    Base,
    Employment,
    Fact,
    FactKind,
    Municipality,
    Organisation,
    Person,
    Position,
    RegionSetting,
    Role,
    ScopeKind,
    StatFigure,
)
from bot.rules.indicators.periods import Period
from bot.services import places
from bot.services.access import Grant, Scope
from bot.services.indicators import counting, drilling

PEOPLE, PLACES, SCHOOLS, FACTS = 100_000, 44, 880, 1_000_000
RUNS = 3
COLD, WARM, PAGE = 10.0, 1.0, 0.1
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Moscow")
YEAR = Period("2026", date(2026, 1, 1), date(2026, 12, 31))
PORTION = 20_000
HEAD = Scope(1, (Grant(Role.centre_head, ScopeKind.region),))
"""A person of the base: whose opening of names is written down, as on the page."""
BY_HAND = """
SELECT f.municipality_id, count(DISTINCT f.person_key) FROM facts f
JOIN people p ON p.key = f.person_key
WHERE f.kind = 'diagnosed' AND f.voided_at IS NULL AND p.confirmed_at IS NOT NULL
  AND f.occurred_on BETWEEN :first AND :last GROUP BY f.municipality_id
"""
"""One indicator by municipality, without its traps (managers, the last place): the least that must be read."""


async def measure() -> list[Row]:
    """Cold, remembered, a page of people; SQLite always, PostgreSQL where ``DATABASE_URL`` names one that is empty."""
    with tempfile.TemporaryDirectory() as folder:
        rows = await _measure(f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}", "indicators")
    url = Settings().database_url
    if url.startswith("postgresql"):
        rows += await _measure(url, "indicators-pg")
    return rows


async def _measure(url: str, name: str) -> list[Row]:
    db = Database(url)
    async with db.writer.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await fill(db, Random(1))
    cold, warm, by_hand, pages = [], [], [], []
    for _ in range(RUNS):
        counting.forget()
        cold.append(await _seconds(db))
        warm.append(await _seconds(db))
        async with db.read() as session:
            begun = perf_counter()
            await session.execute(text(BY_HAND), {"first": _day(db, YEAR.first), "last": _day(db, YEAR.last)})
            by_hand.append(perf_counter() - begun)
        pages += [await _page(db, number) * 1e3 for number in range(5)]
    await db.close()
    counting.forget()
    middle = sorted(by_hand)[RUNS // 2]
    ratio = round(sorted(cold)[RUNS // 2] / middle, 1)
    return [
        median_row(
            f"{name}-cold", "s", cold, peer=round(middle, 2), ratio=ratio, goal=f"≤ {COLD:g} с",
            kept=sorted(cold)[RUNS // 2] <= COLD,
        ),
        median_row(f"{name}-warm", "s", warm, goal=f"≤ {WARM:g} с", kept=sorted(warm)[RUNS // 2] <= WARM),
        median_row(f"{name}-page", "ms", pages, goal="≤ 100 мс", kept=sorted(pages)[len(pages) // 2] <= PAGE * 1e3),
    ]  # fmt: skip


def _day(db: Database, day: date) -> Any:
    return day.isoformat() if db.is_sqlite else day


async def _seconds(db: Database) -> float:
    async with db.read() as session:
        begun = perf_counter()
        await counting.report(session, YEAR, now=NOW, zone=ZONE)
        return perf_counter() - begun


async def _page(db: Database, number: int) -> float:
    """All that the page of people does before it is drawn: the remembered report, names, proofs, «Кто смотрел».

    By turns the whole region, a late page of it, a district, a search by a name.
    """
    asked: tuple[dict[str, Any], ...] = (
        {}, {"page": 1_000}, {"municipality": 1 + number}, {"municipality": 1 + number, "page": 3}, {"query": "ф77"},
    )  # fmt: skip
    begun = perf_counter()
    async with db.read() as session:
        made = await counting.report(session, YEAR, now=NOW, zone=ZONE)
        await places.municipalities(session)
    async with db.begin() as session:
        found = await drilling.people(session, HEAD, made, made.line("SMO-I05"), **asked[number], now=NOW)
    spent = perf_counter() - begun
    assert found.lines
    return spent


async def fill(db: Database, rng: Random, *, people: int = PEOPLE, facts: int = FACTS) -> None:
    """A region of the size of the promise; a third of the facts lies in the year."""
    async with db.begin() as session:
        session.add(RegionSetting(name="pack", value={"name": "smolensk"}))
        session.add_all([Position(slug="teacher", title="t"), Position(slug="director", title="d", is_manager=True)])
        await session.flush()
        await session.execute(
            insert(Municipality),
            [{"id": n, "code": f"m{n}", "name": f"m{n}", "sort": f"{n:03}"} for n in range(1, PLACES + 1)],
        )
        await session.execute(
            insert(Organisation),
            [
                {"id": n, "code": f"o{n}", "name": f"o{n}", "short_name": f"o{n}", "sort": f"{n:04}",
                 "municipality_id": 1 + n % PLACES, "flags": ["low_results"] if n % 20 == 0 else []}
                for n in range(1, SCHOOLS + 1)
            ],
        )  # fmt: skip
        await session.execute(
            insert(StatFigure),
            [
                {"slug": slug, "municipality_id": place, "first": YEAR.first, "last": YEAR.last, "source": "x",
                 "value": 90_000 if place is None else 2_100, "entered_at": NOW}
                for slug in ("teachers", "young_teachers") for place in (None, *range(1, PLACES + 1))
            ],
        )  # fmt: skip
    for start in range(0, people, PORTION):
        numbers = range(start + 1, start + PORTION + 1)
        async with db.begin() as session:
            await session.execute(
                insert(Person),
                [
                    {"id": n, "key": f"{n:032x}", "last_name": f"Ф{n}", "first_name": "И", "sort": f"ф{n}",
                     "birth_year": 1960 + n % 45, "teach_since_year": 1985 + n % 42, "created_at": NOW,
                     "confirmed_at": NOW if n % 25 else None}
                    for n in numbers
                ],
            )  # fmt: skip
            await session.execute(
                insert(Employment),
                [
                    {"person_id": n, "organisation_id": 1 + n % SCHOOLS, "since": date(2015, 9, 1),
                     "position_slug": "teacher" if n % 12 else "director"}
                    for n in numbers
                ],
            )  # fmt: skip
    kinds = [FactKind.diagnosed, FactKind.attended, FactKind.iom_received, FactKind.iom_completed, FactKind.consulted,
             FactKind.event_completed]  # fmt: skip
    said = [
        {"kind": kind, "tags": tags, "method": method}
        for kind in ("seminar", "webinar", "contest")
        for tags in ([], ["выгорание"])
        for method in ("sheet", "code_word")
    ]  # fmt: skip
    begin = date(2024, 1, 1)
    for start in range(0, facts, PORTION):
        rows = []
        for n in range(start, start + PORTION):
            person = rng.randrange(1, people + 1)
            school = 1 + person % SCHOOLS
            on = begin + timedelta(days=rng.randrange(1060))
            rows.append(
                {"person_key": f"{person:032x}", "kind": kinds[n % len(kinds)], "occurred_on": on, "recorded_at": NOW,
                 "organisation_id": school, "municipality_id": 1 + school % PLACES, "source_type": "bench",
                 "source_id": n // 6, "evidence": said[n % len(said)]}
            )  # fmt: skip
        async with db.begin() as session:
            await session.execute(insert(Fact), rows)
