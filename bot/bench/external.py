"""Results from elsewhere: a table of 10 000 rows read, matched to people and written, with progress."""

from __future__ import annotations

import csv
import io
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter

from sqlalchemy import insert

from bot.bench.rows import Row, median_row, memory_mb
from bot.db import Database
from bot.models import Base, CompetenceGroup, Employment, Municipality, Organisation, Person, Position, Role, ScopeKind
from bot.rules.words import folded
from bot.services.access import Grant, Scope
from bot.services.diagnostics import external
from bot.services.people_import.matching import Status

ROWS = 10_000
RUNS = 3
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
STAFF = Scope(None, (Grant(Role.centre_staff, ScopeKind.region),))
HEAD = ("ФИО", "Организация", "Год рождения", "Диагностика", "Группа", "Дата", "Баллы", "Максимум")
LETTERS = "абвгдежзиклмнопрстуф"


async def measure() -> list[Row]:
    """Seconds for the whole import, times told how far it is, memory at the end over that before it."""
    spent: list[float] = []
    told: list[float] = []
    grown: list[float] = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            db = Database(f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}")
            content = await _fill(db)
            before = memory_mb()
            begun = perf_counter()
            told.append(await _take_in(db, content))
            spent.append(perf_counter() - begun)
            grown.append(memory_mb() - before)
            await db.close()
    return [
        median_row("external", "s", spent),
        median_row("external-told", "раз", told),
        median_row("external-memory", "MB", grown),
    ]


async def _take_in(db: Database, content: bytes) -> int:
    """How many times it said how far it is."""
    said: list[int] = []
    async with db.read() as session:
        looked = await external.preview(session, STAFF, content, name="external.csv", today=NOW.date())
    assert looked.count(Status.same) == ROWS
    async with db.begin() as session:
        number = await external.begin(session, STAFF, looked, source="academy", now=NOW)
    await external.apply_all(db, STAFF, number, looked, now=NOW, progress=lambda done, _: said.append(done))
    assert said[-1] == ROWS
    return len(said)


async def _fill(db: Database) -> bytes:
    async with db.writer.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    buffer = io.StringIO()
    table = csv.writer(buffer, delimiter=";")
    table.writerow(HEAD)
    people = []
    for n in range(ROWS):
        surname = f"Ветрова{LETTERS[n // 20 % 20]}{LETTERS[n % 20]}"
        name = f"{surname} Анна Ильинична"
        year = 1960 + n // 400
        people.append(
            {
                "key": f"{n:032}", "last_name": surname, "first_name": "Анна", "middle_name": "Ильинична",
                "birth_year": year, "search": folded(name), "sort": folded(name),
                "created_at": NOW, "category": "", "locale": "ru",
            }
        )  # fmt: skip
        table.writerow([name, "Школа № 7", str(year), "Диагностика", "Предметные", "12.10.2026", "17", "25"])
    async with db.begin() as session:
        session.add(CompetenceGroup(slug="subject", title="Предметные"))
        session.add(Position(slug="teacher", title="Учитель"))
        town = Municipality(code="town", name="Округ", sort="округ")
        session.add(town)
        await session.flush()
        school = Organisation(
            code="school", name="Школа № 7", short_name="Школа № 7", municipality_id=town.id,
            approved_at=NOW, search=folded("Школа № 7"), sort=folded("Школа № 7"),
        )  # fmt: skip
        session.add(school)
        await session.flush()
        ids = list(await session.scalars(insert(Person).returning(Person.id), people))
        await session.execute(
            insert(Employment),
            [
                {"person_id": one, "organisation_id": school.id, "position_slug": "teacher", "since": date(2020, 9, 1)}
                for one in ids
            ],
        )
    return buffer.getvalue().encode()
