"""Indicators by themselves: snapshots on their days, the check a week before, the summary of each month."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import structlog

from bot.clock import local_date
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.rules.indicators.periods import period_of
from bot.screens import indicators as screens
from bot.services.indicators import at_hand, completeness, counting, freezing
from bot.services.indicators import wording as words
from bot.services.indicators.at_hand import Month
from bot.ui.screen import Screen

log = structlog.get_logger()

PORTION = 50
"""People in one transaction."""


async def run(db: Database, settings: Settings, *, now: datetime) -> int:
    """On a day of a snapshot, keep the calendar year once; how many were kept."""
    today = local_date(now, settings.zone)
    period = period_of(str(today.year))
    assert period is not None
    async with db.read() as session:
        if completeness.next_date(today, await completeness.dates(session)) != today:
            return 0
        if await freezing.is_there(session, period, as_of=today):
            return 0
        # Counted before, so that nobody waits for the writer meanwhile.
        await counting.report(session, period, as_of=today, now=now, zone=settings.zone)
    async with db.begin() as session:
        if await freezing.is_there(session, period, as_of=today):
            return 0
        row = await freezing.take(session, None, period, as_of=today, now=now, zone=settings.zone)
    log.info("snapshot", number=row.id)
    return 1


async def check(db: Database, texts: Texts, settings: Settings, *, now: datetime) -> int:
    """In the week before a snapshot, tell those who keep the numbers what is not entered; letters queued, each once."""
    today = local_date(now, settings.zone)
    async with db.read() as session:
        on = completeness.next_date(today, await completeness.dates(session))
        if not today < on <= today + timedelta(days=completeness.WEEK):
            return 0
        people = [
            one
            for one in await completeness.keepers(session, today=today)
            if not await completeness.is_asked(session, one.id, on=on)
        ]
        if not people:
            return 0
        report = await counting.report(session, at_hand.year_of(on), now=now, zone=settings.zone)
        missing = await completeness.gaps(session, report)
    address = f"{settings.public_url}/admin/indicators/snapshots"
    written = 0
    for start in range(0, len(people), PORTION):
        async with db.begin() as session:
            for person in people[start : start + PORTION]:
                t = texts.translator(person.locale)
                said = [words.missing(t, one.key, dict(one.args)) for one in missing]
                screen = screens.check(t, on=on, gaps=said, address=address)
                written += await completeness.ask(session, person, screen, on=on, now=now)
    if written:
        log.info("snapshot-check", told=written, missing=len(missing))
    return written


async def month(db: Database, texts: Texts, settings: Settings, *, now: datetime) -> int:
    """In the first days of a month, the summary of the one before it to those who asked; letters queued, each once."""
    today = local_date(now, settings.zone)
    if today.day > at_hand.LATE:
        return 0
    last = today.replace(day=1) - timedelta(days=1)
    async with db.read() as session:
        waiting = await at_hand.subscribers(session, last)
        if not waiting:
            return 0
        report = await counting.report(session, at_hand.year_of(last), now=now, zone=settings.zone)
        told = [
            one
            for person in waiting
            if (one := await at_hand.month_for(session, report, person, last=last, today=today)) is not None
        ]
    until = datetime.combine(today.replace(day=at_hand.LATE + 1), time(), tzinfo=settings.zone)

    def speak(locale: str, of: Month) -> Screen:
        return screens.month(texts.translator(locale), of)

    written = 0
    for start in range(0, len(told), PORTION):
        async with db.begin() as session:
            for one in told[start : start + PORTION]:
                written += await at_hand.tell(session, one, speak, now=now, until=until)
    if written:
        log.info("indicators-month", told=written)
    return written
