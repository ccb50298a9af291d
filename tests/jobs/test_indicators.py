"""Snapshots by themselves: on the days of the monitoring, once."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.config import Settings
from bot.db import Database
from bot.jobs import indicators as jobs
from bot.models import Snapshot, SnapshotState
from bot.services.indicators import completeness

ZONE = ZoneInfo("Europe/Moscow")


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
