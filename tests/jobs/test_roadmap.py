"""Reminders of the roadmap: each once, whoever was killed and whatever day it is; up the ladder; silence when empty."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select, update

from bot.config import ROOT, Settings
from bot.db import Database
from bot.i18n import Texts
from bot.jobs import roadmap as job
from bot.models import (
    BodyPost,
    DateQuestion,
    Municipality,
    Occurrence,
    OccurrenceState,
    Outbox,
    ReminderOf,
    Roadmap,
    RoadmapReminder,
    Role,
    ScopeKind,
    WorkingDay,
)
from bot.rules import roadmap as rules
from bot.services.roadmap import Named, Row, doing, reminding
from bot.ui.screen import Screen
from tests.roads import give, make_body, make_member, run_roadmap

MONDAY = date(2026, 9, 7)


@dataclass
class Cast:
    """Numbers of people by what they are."""

    body: int
    responsible: int
    head: int
    coordinator: int


@pytest.fixture
def at(settings: Settings) -> Callable[[date], datetime]:
    return lambda day: datetime.combine(day, time(10), tzinfo=settings.zone)


@pytest.fixture
async def cast(db: Database) -> Cast:
    async with db.begin() as session:
        body = await make_body(session)
        me = await make_member(session, body, BodyPost.responsible, "Рябинина Зоя Филипповна")
        head = await make_member(session, body, BodyPost.head, "Луговской Терентий Викентьевич")
        above = await make_member(session, await make_body(session, "РОИВ"), BodyPost.member, "Старшая Анна Львовна")
        await give(session, above.id, Role.centre_head, ScopeKind.region)
    return Cast(body.id, me.id, head.id, above.id)


Run = Callable[[date], Awaitable[int]]


@pytest.fixture
def run(db: Database, settings: Settings, texts: Texts, at: Callable[[date], datetime]) -> Run:
    async def once(day: date) -> int:
        return await job.run(db, texts, settings, now=at(day))

    return once


async def launch(db: Database, cast: Cast, at: Callable[[date], datetime], *rows: Row, day: date = MONDAY) -> None:
    async with db.begin() as session:
        await run_roadmap(session, list(rows), cast.body, now=at(day))


async def ledger(db: Database) -> list[tuple[int, str, str, date]]:
    """(person, about, stage, day) of what was told."""
    async with db.read() as session:
        rows = await session.execute(
            select(RoadmapReminder.person_id, RoadmapReminder.about, RoadmapReminder.stage, RoadmapReminder.day)
            .where(RoadmapReminder.told, RoadmapReminder.about != ReminderOf.digest)
            .order_by(RoadmapReminder.day, RoadmapReminder.id)
        )
        return [(person, about, stage, day) for person, about, stage, day in rows]


async def said(db: Database, person_id: int) -> list[str]:
    async with db.read() as session:
        rows = await session.scalars(select(Outbox).where(Outbox.person_id == person_id).order_by(Outbox.id))
        return [row.screen["text"] for row in rows]


async def days(run: Run, first: date, count: int) -> None:
    for offset in range(count):
        await run(first + timedelta(days=offset))


async def test_a_day_is_counted_down_and_goes_up(
    db: Database, cast: Cast, run: Run, at: Callable[[date], datetime]
) -> None:
    await launch(db, cast, at, Row("Собрать реестр", "до 15 октября 2026 года", code="1"))
    await days(run, MONDAY, 70)
    told = [(person, stage, day.isoformat()) for person, _, stage, day in await ledger(db)]
    assert told == [
        (cast.responsible, "before30", "2026-09-15"),
        (cast.responsible, "before14", "2026-10-01"),
        (cast.responsible, "before7", "2026-10-08"),
        (cast.responsible, "before1", "2026-10-14"),
        (cast.responsible, "today", "2026-10-15"),
        (cast.responsible, "late", "2026-10-16"),
        (cast.head, "head", "2026-10-20"),
        (cast.coordinator, "coordinator", "2026-10-22"),
    ]
    assert "Срок был" in (await said(db, cast.head))[0]
    assert "Рябинина Зоя Филипповна" in (await said(db, cast.head))[0]


async def test_monday_says_how_all_stands_and_an_empty_week_is_silent(
    db: Database, cast: Cast, run: Run, at: Callable[[date], datetime]
) -> None:
    await launch(db, cast, at, Row("Собрать реестр", "до 15 декабря 2026 года", code="1"))
    await days(run, MONDAY, 56)
    assert await said(db, cast.responsible) == [], "nothing near: nobody is written to"
    await days(run, MONDAY + timedelta(days=56), 80)
    mondays = [text for text in await said(db, cast.responsible) if "неделя с" in text]
    assert mondays, "what is late is said every Monday until it is done"
    assert "Срок прошёл: 1" in mondays[-1]


async def test_one_message_a_day_however_much_is_due(
    db: Database, cast: Cast, run: Run, at: Callable[[date], datetime]
) -> None:
    rows = [Row(f"Мера {n}", "до 15 октября 2026 года", code=str(n)) for n in range(1, 9)]
    await launch(db, cast, at, *rows)
    for _ in range(3):
        await days(run, date(2026, 10, 1), 1)
    (text,) = await said(db, cast.responsible)
    assert "И ещё: 3" in text
    assert len(await ledger(db)) == 8


async def test_missed_days_are_one_message_not_a_flood(
    db: Database, cast: Cast, run: Run, at: Callable[[date], datetime]
) -> None:
    await launch(db, cast, at, Row("Собрать реестр", "до 15 октября 2026 года", code="1"))
    await run(date(2026, 10, 9))
    assert [stage for _, _, stage, _ in await ledger(db)] == ["before7"]
    assert len(await said(db, cast.responsible)) == 1
    await days(run, date(2026, 10, 12), 4)
    assert [stage for _, _, stage, _ in await ledger(db)] == ["before7", "before1", "today"]


async def test_no_one_is_written_to_at_night_or_on_a_day_off(
    db: Database, cast: Cast, settings: Settings, texts: Texts, run: Run, at: Callable[[date], datetime]
) -> None:
    async with db.begin() as session:
        session.add(WorkingDay(day=date(2026, 10, 15), is_working=False, title="Праздник"))
    await launch(db, cast, at, Row("Собрать реестр", "до 15 октября 2026 года", code="1"))
    assert await run(date(2026, 10, 15)) == 0
    assert await run(date(2026, 10, 10)) == 0, "Saturday"
    for hour in (3, 8, 21):
        moment = datetime.combine(date(2026, 10, 14), time(hour, 30), tzinfo=settings.zone)
        assert await job.run(db, texts, settings, now=moment) == 0
    await run(date(2026, 10, 14))
    assert [stage for _, _, stage, _ in await ledger(db)] == ["today"], "the holiday's stage is told on its eve"
    assert "До срока 1 день" in (await said(db, cast.responsible))[0], "and the words count the days as they are"


async def test_a_closed_or_moved_day_is_silent_and_a_moved_one_begins_anew(
    db: Database, cast: Cast, run: Run, at: Callable[[date], datetime]
) -> None:
    await launch(
        db, cast, at, Row("Первая", "до 15 октября 2026 года", code="1"), Row("Вторая", "до 15 октября 2026 года")
    )
    await days(run, MONDAY, 30)
    async with db.begin() as session:
        (first, second) = await session.scalars(select(Occurrence).order_by(Occurrence.measure_id))
        first.state = OccurrenceState.closed
        second.due = date(2026, 11, 16)
        await doing.forget_told(session, second.id)
    before = len(await ledger(db))
    await days(run, MONDAY + timedelta(days=30), 60)
    later = (await ledger(db))[before:]
    assert [(stage, day.isoformat()) for _, _, stage, day in later][:2] == [
        ("before30", "2026-10-16"), ("before14", "2026-11-02"),
    ]  # fmt: skip


async def test_a_date_is_asked_for_less_and_less_often(
    db: Database, cast: Cast, run: Run, at: Callable[[date], datetime]
) -> None:
    await launch(db, cast, at, Row("Замер", "по графику ФИОКО", code="1"))
    await days(run, MONDAY, 90)
    asked = [day for _, about, _, day in await ledger(db) if about == ReminderOf.question]
    gaps = [(after - before).days for before, after in itertools.pairwise(asked)]
    assert asked[0] == MONDAY
    assert 5 <= len(asked) <= 9
    assert gaps == sorted(gaps) or max(gaps) >= 28
    async with db.read() as session:
        question = (await session.scalars(select(DateQuestion))).one()
    assert question.times == len(asked) or question.times == len(asked) - 1


async def test_the_municipal_coordinator_hears_of_her_own_bodies(
    db: Database, cast: Cast, run: Run, at: Callable[[date], datetime]
) -> None:
    async with db.begin() as session:
        town = Municipality(code="t", name="Округ", sort="округ")
        session.add(town)
        await session.flush()
        body = await make_body(session, "УО", town)
        chief = await make_member(session, body, BodyPost.deputy, "Заместитель Анна Львовна")
        coordinator = await make_member(session, await make_body(session, "ММС"), BodyPost.member, "Ясенева Р К")
        await give(session, coordinator.id, Role.municipal_coordinator, ScopeKind.municipality, town.id)
        await run_roadmap(session, [Row("Мера", "до 15 октября 2026 года")], body.id, now=at(MONDAY))
    await days(run, MONDAY, 60)
    told: dict[int, list[str]] = defaultdict(list)
    for person, _, stage, _ in await ledger(db):
        told[person].append(stage)
    assert told[chief.id][:1] == ["before30"], "without a responsible the deputy answers"
    assert told[coordinator.id] == ["coordinator"]
    assert cast.coordinator not in told


async def test_a_year_day_by_day_every_stage_once(
    db: Database, cast: Cast, run: Run, at: Callable[[date], datetime]
) -> None:
    """Every expected reminder once, none twice, with the process away on random days in between."""
    phrases = (
        "до 15 октября 2026 года", "ежеквартально", "ноябрь 2026 года", "ежегодно до 20 сентября",
        "до 20 декабря 2026 года", "1 квартал 2027 года", "по плану", "постоянно", "последняя пятница месяца",
    )  # fmt: skip
    await launch(db, cast, at, *(Row(f"Мера {n}", phrase, code=str(n)) for n, phrase in enumerate(phrases)))
    rng = random.Random(7)
    away: set[date] = set()
    for offset in range(366):
        day = MONDAY + timedelta(days=offset)
        if rng.random() < 0.05:
            away.add(day)
            continue
        await run(day)
        if rng.random() < 0.1:
            await run(day)
    async with db.read() as session:
        rows = await session.execute(
            select(RoadmapReminder.person_id, RoadmapReminder.about, RoadmapReminder.object_id, RoadmapReminder.stage)
        )
        counted = Counter(tuple(row) for row in rows)
        occurrences = list(await session.scalars(select(Occurrence)))
        per_day = await session.execute(
            select(Outbox.person_id, Outbox.dedupe, func.count()).group_by(Outbox.person_id, Outbox.dedupe)
        )
        assert all(number == 1 for *_, number in per_day)
    assert max(counted.values()) == 1
    last = MONDAY + timedelta(days=365)
    expected = missing = 0
    for one in occurrences:
        if one.kind != "due" or one.tentative:
            continue
        for stage in rules.due_stages(one.start, one.due, last, {}):
            if one.due - timedelta(days=31) < MONDAY:
                continue
            expected += 1
            missing += not counted[cast.responsible, ReminderOf.occurrence, one.id, stage.value]
    print(f"expected {expected}, missing {missing}, away {len(away)} days")
    assert expected > 100
    assert missing <= expected * 0.02, "only an opening nobody was there to announce may be missing"


async def test_killed_anywhere_nothing_is_lost_or_doubled(
    db: Database, cast: Cast, settings: Settings, texts: Texts, at: Callable[[date], datetime], run: Run
) -> None:
    """Each digest is one transaction of ledger and outbox; a kill between and inside them changes nothing."""
    ids = []
    async with db.begin() as session:
        for n in range(12):
            body = await make_body(session, f"Орган {n}")
            person = await make_member(session, body, BodyPost.responsible, f"Человек{n} Анна Львовна")
            ids.append(person.id)
            await run_roadmap(session, [Row(f"Мера {n}", "до 15 октября 2026 года")], body.id, now=at(MONDAY))

    class Killed(Exception):
        """kill -9."""

    day = date(2026, 10, 1)
    for survived in (0, 1, 5):
        made: list[int] = []

        def speak(locale: str, told: reminding.Digest, left: int = survived, made: list[int] = made) -> Screen:
            made.append(told.person.id)
            if len(made) > left:
                raise Killed
            return job._speaker(texts)(locale, told)

        async with db.read() as session:
            known = await reminding.standing(session, today=day)

        async def work(known: reminding.Standing = known, speak: reminding.SpeakDigest = speak) -> None:
            for digest in reminding.digests(known, today=day, days={}):
                async with db.begin() as session:
                    await reminding.tell(session, digest, speak, now=at(day))

        with pytest.raises(Killed):
            await work()
    await asyncio.gather(run(day), run(day))
    await run(day)
    async with db.read() as session:
        rows = await session.execute(select(Outbox.person_id, func.count()).group_by(Outbox.person_id))
        assert {person: number for person, number in rows if person in ids} == dict.fromkeys(ids, 1)
        told = await session.scalar(
            select(func.count()).select_from(RoadmapReminder).where(RoadmapReminder.stage == "before14")
        )
    assert told == 12


async def test_the_forecast_says_what_then_happens(
    db: Database, cast: Cast, run: Run, at: Callable[[date], datetime]
) -> None:
    await launch(
        db, cast, at, Row("Реестр", "до 15 октября 2026 года", code="1"), Row("Замер", "по графику ФИОКО", code="2"),
        Row("Окно", "октябрь 2026 года", code="3"), Row("Слово", "постоянно", code="4"),
    )  # fmt: skip
    await days(run, MONDAY, 21)
    first = MONDAY + timedelta(days=21)
    async with db.read() as session:
        foreseen = await reminding.forecast(session, today=first, days={}, ahead=7)
    before = {(person, stage, day) for person, _, stage, day in await ledger(db)}
    await days(run, first, 7)
    told = {(person, stage, day) for person, _, stage, day in await ledger(db)} - before
    expected = {
        (digest.person.id, line.stage, digest.today) for digest in foreseen for line in digest.lines if line.stage
    }
    assert told
    assert told <= expected


async def test_a_draft_and_a_closed_roadmap_are_silent(
    db: Database, cast: Cast, run: Run, at: Callable[[date], datetime]
) -> None:
    await launch(db, cast, at, Row("Реестр", "до 15 октября 2026 года", code="1"))
    async with db.begin() as session:
        await session.execute(update(Roadmap).values(state="closed"))
    await days(run, MONDAY, 60)
    assert await ledger(db) == []


async def test_kill_nine_in_the_middle_of_the_morning(
    db: Database, settings: Settings, at: Callable[[date], datetime]
) -> None:
    """The process dies again and again while it writes to forty people; each gets one message, each stage once."""
    count, day = 40, date(2026, 10, 1)
    async with db.begin() as session:
        rows = []
        for n in range(count):
            body = await make_body(session, f"Орган {n}")
            await make_member(session, body, BodyPost.responsible, f"Человек{n} Анна Львовна")
            rows.append(Row(f"Мера {n}", "до 15 октября 2026 года", (Named("орган", body.id),)))
        await run_roadmap(session, rows, 0, now=at(MONDAY))
    environment = {
        **os.environ, "DATABASE_URL": settings.database_url, "WEB__SECRET": settings.web.secret,
        "FILES__DIR": str(settings.files.dir),
    }  # fmt: skip

    async def morning(*, lives: float | None) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.reminder", at(day).isoformat(), env=environment, cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        assert (await process.stdout.readline()).strip() == b"ready"
        if lives is not None:
            await asyncio.sleep(lives)
            process.kill()
        await process.wait()

    async def written() -> int:
        async with db.read() as session:
            return int(await session.scalar(select(func.count()).select_from(Outbox)) or 0)

    seen = []
    for lives in (0.06, 0.1):
        await morning(lives=lives)
        seen.append(await written())
    await morning(lives=None)
    async with db.read() as session:
        told = await session.execute(select(Outbox.person_id, func.count()).group_by(Outbox.person_id))
        assert sorted(number for _, number in told) == [1] * count
        stages = await session.execute(
            select(RoadmapReminder.person_id, RoadmapReminder.object_id, RoadmapReminder.stage).where(
                RoadmapReminder.about == ReminderOf.occurrence, RoadmapReminder.told
            )
        )
        assert sorted(stage for *_, stage in stages) == ["before14"] * count
    print(f"written before each kill: {seen}")
    assert seen == sorted(seen)
