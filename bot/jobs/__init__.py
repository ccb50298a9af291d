"""The timetable: a handful of entries that ask tables what is due (design.md, decision 8)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.clock import now_in, utcnow
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.jobs import (
    broadcasts,
    campaigns,
    contests,
    events,
    forms,
    hotline,
    housekeeping,
    indicators,
    iom,
    measuring,
    mentoring,
    navigator,
    programmes,
    registers,
    roadmap,
    tutorials,
    wellbeing,
    wishes,
)
from bot.jobs.outbox import Delivery
from bot.messengers.base import MessengerBot
from bot.models import Messenger
from bot.services.outbox import OUTBOX

log = structlog.get_logger()

LOCK = (72, 1)
"""The advisory lock of the one process that runs the jobs."""

ASK_AGAIN = 5.0
"""Seconds between the tries to lead, and between the looks whether we still do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the timetable."""

    name: str
    trigger: BaseTrigger
    run: Callable[[], Awaitable[object]]


def timetable(
    db: Database, settings: Settings, texts: Texts, bots: Mapping[Messenger, MessengerBot], delivery: Delivery
) -> list[Entry]:
    """Everything that happens by itself, in the region's time."""
    zone = settings.zone
    return [
        Entry("outbox", IntervalTrigger(seconds=5), delivery.run_due),
        Entry("tests", IntervalTrigger(minutes=5), lambda: housekeeping.close_tests(db, settings, now=utcnow())),
        Entry(
            "campaigns",
            IntervalTrigger(minutes=10),
            lambda: campaigns.run(db, texts, settings, now=now_in(zone)),
        ),
        Entry("events", IntervalTrigger(seconds=30), lambda: events.run(db, texts, settings, now=now_in(zone))),
        Entry("programmes", IntervalTrigger(minutes=1), lambda: programmes.run(db, texts, settings, now=now_in(zone))),
        Entry("tutorials", IntervalTrigger(minutes=1), lambda: tutorials.run(db, texts, settings, now=now_in(zone))),
        Entry("broadcasts", IntervalTrigger(seconds=15), lambda: broadcasts.run(db, texts, settings, now=utcnow())),
        Entry("navigator", IntervalTrigger(minutes=5), lambda: navigator.run(db, settings, now=now_in(zone))),
        Entry("iom-tell", IntervalTrigger(seconds=20), lambda: iom.tell(db, texts, zone=zone, now=utcnow())),
        Entry("iom-appointed", IntervalTrigger(minutes=1), lambda: iom.appointed(db, texts, zone=zone, now=utcnow())),
        Entry(
            "iom-remind",
            CronTrigger(hour=7, minute=30, timezone=zone),
            lambda: iom.remind(db, texts, zone=zone, now=utcnow()),
        ),
        Entry("hotline", IntervalTrigger(minutes=1), lambda: hotline.tick(db, texts, settings, now=now_in(zone))),
        Entry("hotline-days", IntervalTrigger(minutes=15), lambda: hotline.days(db, texts, settings, now=now_in(zone))),
        Entry("mentoring", IntervalTrigger(seconds=20), lambda: mentoring.tell(db, texts, settings, now=now_in(zone))),
        Entry("mentoring-days", IntervalTrigger(hours=1), lambda: mentoring.days(db, settings, now=now_in(zone))),
        Entry(
            "roadmap",
            IntervalTrigger(minutes=10),
            lambda: roadmap.run(db, texts, settings, now=now_in(zone)),
        ),
        Entry("forms", IntervalTrigger(minutes=10), lambda: forms.remind(db, texts, settings, now=now_in(zone))),
        Entry("contests", IntervalTrigger(minutes=10), lambda: contests.remind(db, texts, settings, now=now_in(zone))),
        Entry("wishes", IntervalTrigger(minutes=10), lambda: wishes.gathered(db, texts, settings, now=now_in(zone))),
        Entry(
            "registers",
            CronTrigger(hour=9, minute=20, timezone=zone),
            lambda: registers.remind(db, texts, settings, now=now_in(zone)),
        ),
        Entry(
            "snapshots",
            CronTrigger(hour="20-23", minute=15, timezone=zone),
            lambda: indicators.run(db, settings, now=now_in(zone)),
        ),
        Entry(
            "snapshots-check",
            CronTrigger(hour="9-18", minute=40, timezone=zone),
            lambda: indicators.check(db, texts, settings, now=now_in(zone)),
        ),
        Entry(
            "indicators-month",
            CronTrigger(hour="10-18", minute=10, timezone=zone),
            lambda: indicators.month(db, texts, settings, now=now_in(zone)),
        ),
        Entry(
            "links",
            CronTrigger(hour=2, minute=20, timezone=zone),
            lambda: registers.check_links(db, settings, now=now_in(zone)),
        ),
        Entry(
            "wellbeing",
            CronTrigger(hour=8, minute=20, timezone=zone),
            lambda: wellbeing.telephones(db, texts, settings, now=now_in(zone)),
        ),
        Entry(
            "deletions",
            CronTrigger(hour=3, minute=10, timezone=zone),
            lambda: housekeeping.delete_people(db, texts, bots, settings, now=now_in(zone)),
        ),
        Entry(
            "tidy",
            CronTrigger(hour=3, minute=40, timezone=zone),
            lambda: housekeeping.tidy(db, settings, now=now_in(zone)),
        ),
        Entry(
            "analysis", CronTrigger(hour=4, minute=10, timezone=zone), lambda: measuring.errors(db, now=now_in(zone))
        ),
    ]


async def run_jobs(
    db: Database,
    settings: Settings,
    texts: Texts,
    bots: Mapping[Messenger, MessengerBot],
    stop: asyncio.Event,
) -> None:
    """Run the timetable while this process leads, until ``stop``."""
    while not stop.is_set():
        async with _lead(db, stop) as led:
            if led is None:
                return
            delivery = Delivery(db, settings, bots, stop=led)
            await delivery.recover()
            await _follow(timetable(db, settings, texts, bots, delivery), db, led)
        log.info("jobs-stopped" if stop.is_set() else "jobs-lost-the-lead")


async def _follow(entries: list[Entry], db: Database, stop: asyncio.Event) -> None:
    """Let the scheduler run the entries; a message put into the outbox does not wait for its turn."""
    under_way: dict[str, asyncio.Task[None]] = {}

    async def run(entry: Entry) -> None:
        task = asyncio.current_task()
        assert task is not None
        under_way[entry.name] = task
        try:
            await entry.run()
        except Exception:
            # One failed night must not end the timetable.
            log.exception("job-failed", job=entry.name)
        finally:
            del under_way[entry.name]

    scheduler = AsyncIOScheduler()
    for entry in entries:
        scheduler.add_job(
            run, entry.trigger, args=[entry], id=entry.name, max_instances=1, coalesce=True, misfire_grace_time=3600
        )

    def wake(_: int) -> None:
        if scheduler.running and "outbox" not in under_way:
            scheduler.modify_job("outbox", next_run_time=utcnow())

    db.subscribe(OUTBOX, wake)
    scheduler.start()
    wake(0)  # What waited while nobody delivered goes at once.
    log.info("jobs-started", jobs=[entry.name for entry in entries])
    await stop.wait()
    scheduler.pause()
    while under_way:
        await asyncio.wait(under_way.values())
    scheduler.shutdown(wait=False)


@asynccontextmanager
async def _lead(db: Database, stop: asyncio.Event) -> AsyncIterator[asyncio.Event | None]:
    """The lead over the jobs: an event that is set when it ends. None when the stop came first.

    SQLite serves one process. On PostgreSQL the lock lives as long as its connection, so a killed process
    gives the lead up by itself.
    """
    led = asyncio.Event()
    watch = asyncio.create_task(_end_with(stop, led))
    try:
        if db.is_sqlite:
            yield led
            return
        async with db.locks.connect() as connection:
            while not await connection.scalar(text("SELECT pg_try_advisory_lock(:a, :b)"), _LOCK):
                if await _stopped_within(stop, ASK_AGAIN):
                    yield None
                    return
            holding = asyncio.create_task(_while_alive(connection.scalar, led))
            try:
                yield led
            finally:
                holding.cancel()
                await asyncio.wait({holding})
                if not connection.invalidated:
                    await connection.execute(text("SELECT pg_advisory_unlock(:a, :b)"), _LOCK)
    finally:
        watch.cancel()


_LOCK = {"a": LOCK[0], "b": LOCK[1]}


async def _while_alive(ask: Callable[..., Awaitable[object]], led: asyncio.Event) -> None:
    """Ends the lead when the connection that holds the lock is gone."""
    try:
        while not led.is_set():
            await asyncio.sleep(ASK_AGAIN)
            await ask(text("SELECT 1"))
    except (DBAPIError, OSError):
        led.set()


async def _end_with(stop: asyncio.Event, led: asyncio.Event) -> None:
    await stop.wait()
    led.set()


async def _stopped_within(stop: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return False
    return True
