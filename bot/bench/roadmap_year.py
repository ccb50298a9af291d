"""A year of every region's roadmap, day by day: each reminder that is due comes once, none twice.

What is due is reckoned here anew from the deadlines of the pack, without the code that reminds.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import func, select

from bot.bench.rows import Row
from bot.config import ROOT, Settings
from bot.db import Database
from bot.i18n import Texts
from bot.jobs import roadmap as job
from bot.models import (
    Base,
    Body,
    BodyMembership,
    BodyPost,
    DateQuestion,
    Measure,
    MeasureBody,
    MeasurePart,
    Occurrence,
    OccurrenceKind,
    Outbox,
    Person,
    ReminderOf,
    Roadmap,
    RoadmapReminder,
    Role,
    RoleAssignment,
    ScopeKind,
    WorkingDay,
)
from bot.rules import deadlines
from bot.services import packs, roadmap
from bot.services.access import Grant, Scope
from bot.services.roadmap import checking, doing
from bot.services.roadmap.doing import Handed
from bot.services.roadmap_import import load_measures

YEAR_DAYS = 365
BEFORE = (("before30", 30), ("before14", 14), ("before7", 7), ("before1", 1), ("today", 0))
HOLIDAYS = ((1, 1, 8), (2, 23, 1), (3, 8, 1), (5, 1, 1), (5, 9, 1), (6, 12, 1), (11, 4, 1))
"""Month, first day and length of the days off of a made-up calendar: a year of a pack may have none."""

Told = tuple[str, str, date, str, date]
"""Who (post and body), the measure's code, its day, the stage, and the day it was told on."""


@dataclass(slots=True)
class Year:
    """What a simulated year came to. ``passed`` are stages that a later one of the same morning said too."""

    region: str
    measures: int
    due: int = 0
    expected: int = 0
    told: int = 0
    passed: int = 0
    missing: list[Told] = field(default_factory=list)
    extra: list[Told] = field(default_factory=list)
    twice: int = 0
    messages: int = 0
    most_a_day: int = 0
    asked: int = 0
    unasked: int = 0

    @property
    def fine(self) -> bool:
        return not (self.missing or self.extra or self.twice or self.unasked) and self.most_a_day <= 1


async def measure() -> list[Row]:
    """Reminders of a year in the five regions: told, missing, told twice."""
    rows = []
    for name in sorted(packs.names_of()):
        with tempfile.TemporaryDirectory() as folder:
            db = Database(f"sqlite+aiosqlite:///{Path(folder) / 'year.db'}")
            async with db.writer.begin() as connection:
                await connection.run_sync(Base.metadata.create_all)
            found = await live(db, name)
            await db.close()
        rows += [
            Row(f"{name}-told", found.told, "напоминаний", goal=f"= {found.expected}", kept=found.fine),
            Row(f"{name}-missing", len(found.missing) + found.unasked, "нет", goal="= 0", kept=not found.missing),
            Row(f"{name}-twice", found.twice + len(found.extra), "лишних", goal="= 0", kept=not found.twice),
            Row(f"{name}-messages", found.messages, "сообщений"),
        ]
    return rows


async def live(
    db: Database, region: str, *, away: Collection[int] = (), back: Mapping[int, int] | None = None, twice: float = 0.0
) -> Year:
    """One year of a region's pack from 1 January of its year.

    ``away`` are numbers of days on which no process ran, ``back`` tells on which days the clock of the machine stood
    how many days behind after the morning's work, ``twice`` is the share of days on which two processes came at once.
    """
    world = await _world(db, region)
    settings = Settings(_env_file=None, web={"secret": "0" * 40})
    texts = Texts(ROOT / "locales")
    rng = Random(region)
    running = []

    async def morning(day: date, hour: int = 10) -> None:
        await job.run(db, texts, settings, now=datetime.combine(day, time(hour), tzinfo=settings.zone))

    for number in range(YEAR_DAYS):
        day = world.first + timedelta(days=number)
        if number not in away:
            running.append(day)
            await (asyncio.gather(morning(day), morning(day)) if rng.random() < twice else morning(day))
            if back and number in back:
                await morning(day - timedelta(days=back[number]))
                await morning(day, hour=12)
        await _close(db, world, datetime.combine(day, time(15), tzinfo=settings.zone))
    return await _count(db, world, region, running)


# --- the people and the roadmap ---------------------------------------------------------------------


@dataclass(slots=True)
class World:
    """The region as the simulation knows it. Persons are named by post and body."""

    first: date
    people: dict[int, str]
    responsible: dict[str, int]
    phrases: dict[str, tuple[str, tuple[str, ...]]]
    codes: dict[int, str]
    holidays: frozenset[date]
    checker: int
    closes: dict[tuple[str, date], date] = field(default_factory=dict)


async def _world(db: Database, region: str) -> World:
    """Bodies with a responsible person and a head each, a head of the centre above, the roadmap running."""
    async with db.begin() as session:
        now = datetime.combine(date(2020, 1, 1), time(9), tzinfo=Settings(_env_file=None).zone)
        await packs.load_pack(session, region, now=now)
        await load_measures(session, region, now=now, today=date(2020, 1, 1))
        plan = (await session.scalars(select(Roadmap))).one()
        first = date(plan.year, 1, 1)
        plan.runs_since = first
        holidays = frozenset(
            date(plan.year + more, month, start) + timedelta(days=shift)
            for more in (0, 1)
            for month, start, length in HOLIDAYS
            for shift in range(length)
        )
        known = set(await session.scalars(select(WorkingDay.day)))
        session.add_all(WorkingDay(day=d, is_working=False, title="") for d in sorted(holidays) if d not in known)
        people, responsible = {}, {}
        for number, body in enumerate(await session.scalars(select(Body).order_by(Body.id))):
            for post in (BodyPost.responsible, BodyPost.head):
                name = f"{post.value}:{body.code}"
                person = Person(key=f"{number:028x}{post.value[:4]:>4}", last_name=body.code, first_name=post.value,
                                created_at=now)  # fmt: skip
                session.add(person)
                await session.flush()
                session.add(BodyMembership(body_id=body.id, person_id=person.id, post=post, since=date(2020, 1, 1)))
                people[person.id] = name
                if post is BodyPost.responsible:
                    responsible[body.code] = person.id
        above = Person(key="f" * 32, last_name="Я", first_name="А", created_at=now)
        session.add(above)
        await session.flush()
        session.add(
            RoleAssignment(
                person_id=above.id, role=Role.centre_head, scope_kind=ScopeKind.region, since=date(2020, 1, 1)
            )
        )
        people[above.id] = "above"
        bodies: dict[int, list[str]] = defaultdict(list)
        named = select(MeasureBody.measure_id, Body.code).join(Body, Body.id == MeasureBody.body_id)
        for measure_id, code in await session.execute(
            named.where(MeasureBody.part == MeasurePart.responsible).order_by(MeasureBody.id)
        ):
            bodies[measure_id].append(code)
        measures = list(await session.scalars(select(Measure).order_by(Measure.id)))
        phrases = {one.code: (one.deadline, tuple(bodies[one.id])) for one in measures}
        codes = {one.id: one.code for one in measures}
        begin = datetime.combine(first, time(8), tzinfo=Settings(_env_file=None).zone)
        await roadmap.start(session, _head(above.id), plan.id, now=begin, today=first)
    world = World(first, people, responsible, phrases, codes, holidays, above.id)
    rng = Random(f"closes {region}")
    for code, (kind, _, due, _) in _days(world):
        # A third is done before its day, a third late, a third never: the whole ladder is climbed.
        if kind == "due" and rng.random() < 2 / 3:
            world.closes[code, due] = due + timedelta(days=rng.choice((-10, -3, 0, 1, 2, 4, 6)))
    return world


def _head(person_id: int) -> Scope:
    return Scope(person_id, (Grant(Role.centre_head, ScopeKind.region),))


async def _close(db: Database, world: World, now: datetime) -> None:
    """What is done on this day is handed in by its people and accepted by another person."""
    today = now.date()
    wanted = {key for key, day in world.closes.items() if day == today}
    if not wanted:
        return
    async with db.begin() as session:
        rows = list(await session.scalars(select(Occurrence).where(Occurrence.kind == OccurrenceKind.due)))
        for row in rows:
            code = world.codes[row.measure_id]
            if (code, row.key) in wanted:
                me = Scope(world.responsible[world.phrases[code][1][0]], ())
                given = Handed("Приказ № 5, 100 %, https://example.org/5")
                number = await doing.hand_in(session, me, row.id, given, today=today, now=now)
                await checking.accept(session, _head(world.checker), number, now=now)


# --- what is due, reckoned anew ---------------------------------------------------------------------


def _days(world: World) -> Iterator[tuple[str, tuple[str, date | None, date, bool]]]:
    """Code → (due or word, start, day, stands in for an unknown date) of every day that is spoken of in the year."""
    last = world.first + timedelta(days=YEAR_DAYS)
    for code, (phrase, _) in world.phrases.items():
        found = deadlines.read(phrase, world.first.year, until=last + timedelta(days=60))
        if found.error or found.conflict or not found.kind:
            continue
        rough = found.tentative or found.date_source is not None
        for start, due in found.occurrences:
            if due >= world.first:
                yield code, ("due", start, due, rough)
        if found.kind in ("continuous", "mixed") and not found.occurrences and found.date_source is None:
            bounds = found.bounds_by_anchor or (None, None)
            begin, end = found.start or bounds[0] or world.first, found.end or bounds[1] or last
            for quarter in ((3, 31), (6, 30), (9, 30), (12, 31)):
                day = date(world.first.year, *quarter)
                if max(begin, world.first) <= day <= end:
                    yield code, ("word", None, day, False)


def _expected(world: World, running: list[date]) -> set[Told]:
    """What is told: of the stages that have come by a morning, the last one."""
    told: set[Told] = set()
    mornings = [day for day in running if _works(world, day)]
    for code, (kind, start, due, rough) in _days(world):
        closed = world.closes.get((code, due)) if kind == "due" else None
        bodies = world.phrases[code][1]
        own = [f"responsible:{body}" for body in bodies]
        steps = _steps(world, kind, start, due, rough)
        said: set[str] = set()
        for day in mornings:
            if closed is not None and day > closed:
                break
            come = [(stage, on) for stage, on in steps if on <= day and stage not in ("head", "coordinator")]
            if come and not (come[-1][0] == "opens" and day - come[-1][1] > timedelta(days=7)):
                if come[-1][0] not in said:
                    told |= {(who, code, due, come[-1][0], day) for who in own}
                said |= {stage for stage, _ in come}
            for stage, on in steps:
                if stage in ("head", "coordinator") and on <= day and stage not in said:
                    above = ["above"] if stage == "coordinator" else [f"head:{body}" for body in bodies]
                    told |= {(who, code, due, stage, day) for who in above if bodies}
                    said.add(stage)
    return told


def _steps(world: World, kind: str, start: date | None, due: date, rough: bool) -> list[tuple[str, date]]:
    """Stages of one day in their order, with the working day each is told on."""
    steps = []
    if start is not None:
        opens = _working(world, start, 1)
        if opens < _working(world, due, -1):
            steps.append(("opens", opens))
    for stage, days in BEFORE:
        on = _working(world, due - timedelta(days=days), -1)
        if days == 0 or start is None or on > start:
            steps.append((stage, on))
    if kind == "word" or rough:
        return [(stage, on) for stage, on in steps if stage in ("before7", "today")]
    day, working = due, 0
    while working < 5:
        day = _working(world, day + timedelta(days=1), 1)
        working += 1
        if working in (1, 3, 5):
            steps.append(({1: "late", 3: "head", 5: "coordinator"}[working], day))
    return steps


def _works(world: World, day: date) -> bool:
    return day.isoweekday() < 6 and day not in world.holidays


def _working(world: World, day: date, step: int) -> date:
    while not _works(world, day):
        day += timedelta(days=step)
    return day


# --- both side by side ------------------------------------------------------------------------------


async def _count(db: Database, world: World, region: str, running: list[date]) -> Year:
    expected = _expected(world, running)
    found = Year(region, len(world.codes), len(list(_days(world))), len(expected))
    async with db.read() as session:
        r = RoadmapReminder
        rows = await session.execute(
            select(r.person_id, Occurrence.measure_id, Occurrence.key, r.stage, r.day, r.told)
            .join(Occurrence, Occurrence.id == r.object_id)
            .where(r.about == ReminderOf.occurrence)
        )
        told: Counter[Told] = Counter()
        for person_id, measure_id, key, stage, day, spoken in rows:
            line = (world.people[person_id], world.codes[measure_id], key, stage, day)
            if spoken:
                told[line] += 1
            else:
                found.passed += 1
        repeated = Counter((who, code, due, stage) for who, code, due, stage, _ in told.elements())
        found.twice = sum(number - 1 for number in repeated.values())
        found.told = len(told)
        found.missing = sorted(expected - set(told))
        found.extra = sorted(set(told) - expected)
        found.messages = int(await session.scalar(select(func.count(Outbox.id))) or 0)
        per_day = await session.execute(
            select(func.count()).where(r.about == ReminderOf.digest).group_by(r.person_id, r.day)
        )
        found.most_a_day = max((number for (number,) in per_day), default=0)
        asked = Counter(await session.scalars(select(r.object_id).where(r.about == ReminderOf.question)))
        found.asked = asked.total()
        last = running[-1] - timedelta(days=14)
        found.unasked = len(
            [
                number
                for number in await session.scalars(select(DateQuestion.id).where(DateQuestion.ask_on <= last))
                if number not in asked
            ]
        )
    return found
