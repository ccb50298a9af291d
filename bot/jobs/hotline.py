"""The line by itself: forgotten questions, answers asked about, shifts announced."""

from __future__ import annotations

from datetime import datetime

import structlog

from bot.clock import local_date
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.screens.hotline_notices import Says
from bot.services.hotline import digest, sessions, timers

log = structlog.get_logger()


async def tick(db: Database, texts: Texts, settings: Settings, *, now: datetime) -> int:
    """Every minute: what the tables say is due, each kind in a transaction of its own. How many questions moved."""
    zone = settings.zone
    speak = Says(texts.translator(), zone, local_date(now, zone))
    async with db.begin() as session:
        warned = await timers.warn(session, now=now, speak=speak)
    async with db.begin() as session:
        passed = await timers.escalate(session, zone=zone, now=now, speak=speak)
    if warned or passed:
        log.info("hotline-clock", warned=warned, passed=passed)
    return warned + passed


async def days(db: Database, texts: Texts, settings: Settings, *, now: datetime) -> int:
    """Every quarter of an hour: «получилось применить?», closing, shifts, sessions of questions, digests."""
    zone = settings.zone
    speak = Says(texts.translator(), zone, local_date(now, zone))
    async with db.begin() as session:
        asked = await timers.follow_up(session, now=now, speak=speak)
    async with db.begin() as session:
        closed = await timers.close_old(session, now=now)
    async with db.begin() as session:
        announced = await timers.announce(session, zone=zone, now=now, speak=speak)
        await timers.remind_shifts(session, zone=zone, now=now, speak=speak)
    async with db.begin() as session:
        announced += await sessions.announce(session, now=now, speak=speak)
        announced += await sessions.gathered(session, now=now, speak=speak)
    async with db.begin() as session:
        announced += await digest.weekly(session, zone=zone, now=now, speak=speak)
    async with db.begin() as session:
        announced += await digest.morning(session, zone=zone, now=now, speak=speak)
    return asked + closed + announced
