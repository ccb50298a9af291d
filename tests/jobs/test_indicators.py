"""Snapshots by themselves: on the days of the monitoring, once."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.config import Settings
from bot.db import Database
from bot.errors import NotAllowed
from bot.jobs import indicators as jobs
from bot.models import Outbox, Role, ScopeKind, Snapshot, SnapshotState
from bot.services.access import Grant, Scope
from bot.services.indicators import completeness
from tests.factories import NOW, give_role, make_person

ZONE = ZoneInfo("Europe/Moscow")
HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
ANALYST = Scope(None, (Grant(Role.analyst, ScopeKind.region),))


@pytest.fixture
def in_region() -> bool:
    return True


async def test_on_the_first_of_december_once(db: Database, settings: Settings) -> None:
    assert await jobs.run(db, settings, now=datetime(2026, 11, 30, 20, 15, tzinfo=ZONE)) == 0
    evening = datetime(2026, 12, 1, 20, 15, tzinfo=ZONE)
    assert await jobs.run(db, settings, now=evening) == 1
    assert await jobs.run(db, settings, now=evening.replace(hour=21)) == 0
    async with db.read() as session:
        row = (await session.scalars(select(Snapshot))).one()
    assert (row.period, row.as_of, row.state) == ("2026", evening.date(), SnapshotState.taken)


def test_the_next_day_of_a_snapshot() -> None:
    days = [datetime(2026, 6, 1), datetime(2026, 6, 2), datetime(2026, 12, 2)]
    assert [completeness.next_date(day.date()).isoformat() for day in days] == [
        "2026-06-01",
        "2026-12-01",
        "2027-06-01",
    ]


async def test_a_week_before_the_keepers_are_asked_once(db: Database, settings: Settings, texts: Any) -> None:
    async with db.begin() as session:
        head = await make_person(session, "Голова Анна Ивановна")
        await give_role(session, head, Role.centre_head)
        analyst = await make_person(session, "Число Вера Ивановна")
        await give_role(session, analyst, Role.analyst, until=date(2026, 10, 1))
        coordinator = await make_person(session, "Край Мария Ивановна")
        await give_role(session, coordinator, Role.municipal_coordinator, ScopeKind.municipality, 1)
    morning = datetime(2026, 11, 24, 9, 40, tzinfo=ZONE)
    assert await jobs.check(db, texts, settings, now=morning - timedelta(days=1)) == 0, "eight days before"
    assert await jobs.check(db, texts, settings, now=morning) == 1
    for later in (timedelta(hours=1), timedelta(days=3)):
        assert await jobs.check(db, texts, settings, now=morning + later) == 0, "once, whatever restarts there are"
    async with db.begin() as session:
        (letter,) = await session.scalars(select(Outbox).where(Outbox.kind == "indicators-check"))
        assert letter.person_id == head.id
        assert "01.12.2026" in letter.screen["text"]
        assert "Не внесено" in letter.screen["text"]
        late = await make_person(session, "Поздняя Ольга Ивановна")
        await give_role(session, late, Role.centre_staff)
    assert await jobs.check(db, texts, settings, now=morning + timedelta(days=4)) == 1, "who came later is asked too"
    assert await jobs.check(db, texts, settings, now=datetime(2026, 12, 1, 9, 40, tzinfo=ZONE)) == 0


async def test_the_region_has_its_own_days(db: Database, settings: Settings) -> None:
    async with db.begin() as session:
        await completeness.set_dates(session, HEAD, ((2, 29), (10, 15)), now=NOW)
    assert await jobs.run(db, settings, now=datetime(2026, 12, 1, 20, 15, tzinfo=ZONE)) == 0
    assert await jobs.run(db, settings, now=datetime(2026, 10, 15, 20, 15, tzinfo=ZONE)) == 1
    assert await jobs.run(db, settings, now=datetime(2027, 2, 28, 20, 15, tzinfo=ZONE)) == 1, "no 29th this year"
    async with db.begin() as session:
        with pytest.raises(NotAllowed):
            await completeness.set_dates(session, ANALYST, ((1, 1),), now=NOW)


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("01.06, 01.12", ((6, 1), (12, 1))),
        ("1.12 1.6; 1.6", ((6, 1), (12, 1))),
        ("29.02", ((2, 29),)),
        ("", None),
        ("31.02", None),
        ("12", None),
        ("1 июня", None),
        ("01.06.2026", None),
        (" ".join(f"{n}.01" for n in range(1, 14)), None),
    ],
)
def test_days_in_words(words: str, days: object) -> None:
    assert completeness.read_dates(words) == days
