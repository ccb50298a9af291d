"""The roadmap by itself: the horizon moves, people are told what is due, once a day and once a stage."""

from __future__ import annotations

from datetime import datetime

import structlog

from bot.clock import local_date
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.screens import roadmap as screens
from bot.services import delivery, roadmap
from bot.services.roadmap import Digest, reminding, schedule
from bot.ui.screen import Screen

log = structlog.get_logger()

FROM_HOUR = 9
"""Digests are written from this hour of the region on; delivery keeps the quiet hours of its own."""


async def run(db: Database, texts: Texts, settings: Settings, *, now: datetime) -> int:
    """The days first, then who is told of them; how many digests were written."""
    await unfold(db, settings, now=now)
    return await remind(db, texts, settings, now=now)


async def unfold(db: Database, settings: Settings, *, now: datetime) -> int:
    """Write down the days that have come into sight, in portions; how many measures were looked at."""
    today = local_date(now, settings.zone)
    done = 0
    while True:
        async with db.begin() as session:
            some = await schedule.roll(session, today=today, now=now)
        done += some
        if not some:
            break
    async with db.begin() as session:
        await reminding.ask_again(session, today=today)
    return done


async def remind(db: Database, texts: Texts, settings: Settings, *, now: datetime) -> int:
    """Everybody's digest of today; how many were written. Each is a transaction of its own."""
    async with db.read() as session:
        hours = await delivery.hours_of(session, settings, now=now)
    local = now.astimezone(settings.zone)
    if hours.is_quiet(now) or local.hour < FROM_HOUR:
        return 0
    today = local.date()
    async with db.read() as session:
        known = await reminding.standing(session, today=today)
        days = await roadmap.days_off(session, today=today)
    written = 0
    for digest in reminding.digests(known, today=today, days=days):
        async with db.begin() as session:
            written += await reminding.tell(session, digest, _speaker(texts), now=now)
    if written:
        log.info("roadmap", digests=written)
    return written


def _speaker(texts: Texts) -> reminding.SpeakDigest:
    def speak(locale: str, told: Digest) -> Screen:
        return screens.digest(texts.translator(locale), told)

    return speak
