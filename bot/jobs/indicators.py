"""Snapshots of indicators on the days of the monitoring: kept by themselves, approved by a person."""

from __future__ import annotations

from datetime import datetime

import structlog

from bot.clock import local_date
from bot.config import Settings
from bot.db import Database
from bot.rules.indicators.periods import period_of
from bot.services.indicators import completeness, freezing

log = structlog.get_logger()


async def run(db: Database, settings: Settings, *, now: datetime) -> int:
    """On a day of a snapshot, keep the calendar year once; how many were kept."""
    today = local_date(now, settings.zone)
    if completeness.next_date(today) != today:
        return 0
    period = period_of(str(today.year))
    assert period is not None
    async with db.begin() as session:
        if await freezing.is_there(session, period, as_of=today):
            return 0
        row = await freezing.take(session, None, period, as_of=today, now=now, zone=settings.zone)
    log.info("snapshot", number=row.id)
    return 1
