"""5 000 events and 100 000 registrations: the calendar and a sign-up beside a table with forty events."""

from __future__ import annotations

import asyncio
import secrets
import statistics
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from zoneinfo import ZoneInfo

from sqlalchemy import event, insert

from bot.bench import databases
from bot.bench.rows import Row, median_row, memory_mb, percentile
from bot.clock import utcnow
from bot.config import ROOT, FilesSettings, Settings
from bot.db import Database
from bot.i18n import Texts
from bot.models import (
    ActivityForm,
    Attendance,
    AttendanceMethod,
    Base,
    Confidence,
    Employment,
    Event,
    EventKind,
    EventState,
    Municipality,
    Organisation,
    Person,
    Position,
    Registration,
    RegistrationState,
    Role,
    ScopeKind,
)
from bot.services import certificates
from bot.services.access import Grant, Scope
from bot.services.certificates import Of
from bot.services.documents import certificate
from bot.services.events import after, looking, signing
from bot.services.events.signing import Result

MANY, FEW = 5_000, 40
LISTED, PEOPLE = 100_000, 2_000
RUNS, GOAL = 5, 1.5
CROWD = 200
PAPERS, FLAT = 20, 30
ZONE = ZoneInfo("Europe/Moscow")


async def measure() -> list[Row]:
    """Times with many over times with few, and that the number of queries is the same."""
    rows: list[Row] = []
    now = utcnow()
    with TemporaryDirectory() as folder:
        large, small = await _filled(folder, "large", MANY, LISTED, now), await _filled(folder, "small", FEW, 0, now)
        for name, step in (("events-month", _month), ("events-fit", _fit), ("events-sign", _sign)):
            few, asked_few = await _times(small, step, now)
            many, asked_many = await _times(large, step, now)
            ratio = round(statistics.median(many) / statistics.median(few), 2)
            rows.append(
                median_row(
                    name, "ms", many, peer=round(statistics.median(few), 2), ratio=ratio, goal=f"≤ {GOAL} ×",
                    kept=ratio <= GOAL,
                )
            )  # fmt: skip
            same = "запросов столько же"
            rows.append(
                Row(f"{name}-queries", asked_many, "queries", peer=asked_few, goal=same, kept=asked_many == asked_few)
            )
        rows += await _certificates(large, now)
        rows += await _archive(large, Path(folder) / "files", now)
        await large.close()
        await small.close()
    async for name, db in databases.each():
        rows.append(await _crowd(name, db, now))
    return rows


async def _crowd(name: str, db: Database, now: datetime) -> Row:
    """Two hundred press for fifty seats at once: how long the slowest wait, and that no seat is given twice."""
    await _fill(db, FEW, 0, now)
    values: list[float] = []
    for run in range(RUNS + 1):
        number = 1 + run
        async with db.begin() as session:
            (await session.get_one(Event, number)).seats = CROWD // 4

        async def press(person_id: int, number: int = number) -> tuple[Result, float]:
            began = perf_counter()
            async with db.begin() as session:
                outcome = await signing.sign_up(session, person_id, number, now=now, sure=True)
            return outcome.result, (perf_counter() - began) * 1e3

        done = await asyncio.gather(*(press(1 + n) for n in range(CROWD)))
        found = Counter(result for result, _ in done)
        if found != {Result.signed: CROWD // 4, Result.full: CROWD - CROWD // 4}:
            return Row(f"events-press-p99-{name}", 0, "ms", goal="лишних мест нет", kept=False)
        if run:  # The first run warms.
            values.append(percentile([took for _, took in done], 0.99))
    return median_row(f"events-press-p99-{name}", "ms", values, goal="200 нажатий сразу, лишних мест нет")


async def _certificates(db: Database, now: datetime) -> list[Row]:
    """All of an event at once: written in portions, memory before and after; the time of one page."""
    async with db.begin() as session:
        rows = [
            {
                "event_id": 1, "person_id": n + 1, "method": AttendanceMethod.sheet, "confidence": Confidence.high,
                "completed": True, "at": now,
            }
            for n in range(PEOPLE)
        ]  # fmt: skip
        await session.execute(insert(Attendance), rows)
    before, began, written, most = memory_mb(), perf_counter(), 0, 0.0
    while True:
        async with db.begin() as session:
            made = await after.issue(session, 1, now=now, today=now.date())
        if not made:
            break
        written, most = written + len(made), max(most, memory_mb())
    took = perf_counter() - began
    t = Texts(ROOT / "locales").translator()
    pages: list[float] = []
    for person_id in range(1, PAPERS + 1):
        async with db.read() as session:
            paper = await after.own_paper(session, person_id, 1)
        began = perf_counter()
        certificate.pdf(t, paper, check_url=f"https://marshrut.example/check/{paper.number}")
        pages.append((perf_counter() - began) * 1e3)
    grown = round(most - before, 1)
    goal = f"{PEOPLE} сертификатов частями, память не растёт"
    return [
        Row("events-batch", round(took, 1), "s", goal=goal, kept=written == PEOPLE and grown < FLAT),
        Row("events-batch-memory", grown, "MB", goal=f"< {FLAT} МБ", kept=grown < FLAT),
        median_row("events-pdf", "ms", pages),
    ]


async def _archive(db: Database, folder: Path, now: datetime) -> list[Row]:
    """The same certificates drawn into one archive: how long, and that memory does not follow their number."""
    scope = Scope(1, (Grant(Role.centre_head, ScopeKind.region),))
    settings = Settings(files=FilesSettings(dir=folder))
    t = Texts(ROOT / "locales").translator()
    async with db.begin() as session:
        made = await certificates.batch(session, scope, Of.event, 1, today=now.date())
        await certificates.begin(session, scope, made, now=now)
    marks: list[float] = []

    def clock() -> datetime:
        marks.append(memory_mb())
        return now

    began = perf_counter()
    await certificates.run(db, settings, scope, made, t, name="certificates.zip", clock=clock)
    took = perf_counter() - began
    # The first portion loads the fonts and the library that draws.
    grown = round(max(marks) - marks[0], 1)
    drawn = len(made.numbers)
    return [
        Row("events-archive", round(took, 1), "s", goal=f"{PEOPLE} PDF одним архивом", kept=drawn == PEOPLE),
        Row("events-archive-memory", grown, "MB", goal=f"< {FLAT} МБ после первой части", kept=grown < FLAT),
    ]


Step = Callable[[Database, int, datetime], Awaitable[None]]


async def _month(db: Database, turn: int, now: datetime) -> None:
    async with db.read() as session:
        await looking.month(session, now.date(), number=0, now=now, zone=ZONE)


async def _fit(db: Database, turn: int, now: datetime) -> None:
    async with db.read() as session:
        await looking.suiting(session, 1 + turn % PEOPLE, now=now)


async def _sign(db: Database, turn: int, now: datetime) -> None:
    async with db.begin() as session:
        await signing.sign_up(session, PEOPLE - turn, 1 + turn % FEW, now=now, sure=True)


async def _times(db: Database, step: Step, now: datetime) -> tuple[list[float], float]:
    asked = 0

    def count(*_: object) -> None:
        nonlocal asked
        asked += 1

    engines = {db.writer.sync_engine, db.reader.sync_engine}
    times: list[float] = []
    turns = 20
    for run in range(RUNS + 1):
        if run == RUNS:
            for engine in engines:
                event.listen(engine, "before_cursor_execute", count)
        began = perf_counter()
        for turn in range(turns):
            await step(db, run * turns + turn, now)
        if run:  # The first run warms.
            times.append((perf_counter() - began) / turns * 1e3)
    for engine in engines:
        event.remove(engine, "before_cursor_execute", count)
    return times, asked / turns


async def _filled(folder: str, name: str, events: int, listed: int, now: datetime) -> Database:
    db = Database(f"sqlite+aiosqlite:///{Path(folder) / name}.db")
    async with db.writer.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await _fill(db, events, listed, now)
    return db


async def _fill(db: Database, events: int, listed: int, now: datetime) -> None:
    async with db.begin() as session:
        session.add(Municipality(code="m", name="Округ", sort="округ"))
        session.add(Position(slug="teacher", title="Учитель"))
        await session.flush()
        session.add(Organisation(code="o", name="Школа", short_name="Школа", municipality_id=1, sort="школа"))
        await session.flush()
        await session.execute(
            insert(Person),
            [
                {"key": f"{n:032x}", "last_name": "Иванова", "first_name": "Мария", "sort": str(n), "created_at": now}
                for n in range(PEOPLE)
            ],
        )
        await session.execute(
            insert(Employment),
            [
                {"person_id": n + 1, "organisation_id": 1, "position_slug": "teacher", "since": now.date()}
                for n in range(PEOPLE)
            ],
        )
        # As many events a day in both: what is ahead within three months is what a region has.
        await session.execute(insert(Event), [_event(n, events, now) for n in range(events)])
        if listed:
            await session.execute(
                insert(Registration),
                [
                    {
                        "event_id": 1 + n % events, "person_id": 1 + n // events, "state": RegistrationState.signed,
                        "token": secrets.token_urlsafe(12), "created_at": now, "changed_at": now,
                    }
                    for n in range(listed)
                ],
            )  # fmt: skip


def _event(n: int, total: int, now: datetime) -> dict[str, object]:
    """The first forty lie ahead in both tables; the others of the large one are history and a far future."""
    days = 1 + n if n < FEW else (-(n % 700) - 1 if n % 2 else 100 + n % 300)
    starts = now + timedelta(days=days)
    return {
        "title": f"Вебинар {n}", "kind": EventKind.webinar, "state": EventState.open, "starts_at": starts,
        "ends_at": starts + timedelta(hours=1), "zone": "Europe/Moscow", "hours": 1.0, "form": ActivityForm.distance,
        "secret": f"{n:032x}", "created_at": now, "updated_at": now,
    }  # fmt: skip
