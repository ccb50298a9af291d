"""Programmes by themselves: invitations, tasks and their last days, verdicts, the end of a cohort."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import local_date
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.models import MemberState, MessageClass
from bot.screens import programmes as screens
from bot.services import outbox
from bot.services.programmes import telling, young
from bot.services.programmes.telling import Task

log = structlog.get_logger()

Due = Callable[[AsyncSession], Awaitable[Sequence[Task]]]


async def run(db: Database, texts: Texts, settings: Settings, *, now: datetime) -> int:
    """What is due now; how many messages were written. Each portion is a transaction of its own."""
    today = local_date(now, settings.zone)
    written = await _standings(db, texts, now=now)
    for due, message_class in (
        (lambda session: telling.new_tasks(session, now=now, today=today), MessageClass.for_you),
        (lambda session: telling.due_tasks(session, now=now, today=today), MessageClass.nudge),
        (lambda session: telling.verdicts(session, now=now), MessageClass.for_you),
    ):
        written += await _tasks(db, texts, due, message_class, now=now)
    written += await _young(db, texts, now=now, today=today)
    if written:
        log.info("programmes", written=written)
    return written


async def _standings(db: Database, texts: Texts, *, now: datetime) -> int:
    written = 0
    while True:
        async with db.begin() as session:
            told = await telling.standings(session, now=now)
            for one in told:
                t = texts.translator(one.locale)
                invited = one.card.state is MemberState.invited
                screen = screens.start(t, one.card) if invited else screens.end(t, one.card)
                written += await outbox.say(
                    session, one.person_id, screen, message_class=MessageClass.for_you, kind="programme",
                    dedupe=one.key, now=now,
                )  # fmt: skip
        if not told:
            return written


async def _young(db: Database, texts: Texts, *, now: datetime, today: date) -> int:
    """Who is no longer counted as young hears once what remains open."""
    written = 0
    while True:
        async with db.begin() as session:
            told, looked = await young.over(session, now=now, today=today)
            for one in told:
                t, limits = texts.translator(one.locale), one.limits
                screen = screens.young_end(t, one.last, age=limits.age, years=limits.years, school=one.school)
                written += await outbox.say(
                    session, one.person_id, screen, message_class=MessageClass.for_you, kind="programme",
                    dedupe=one.key, now=now,
                )  # fmt: skip
        if not looked:
            return written


async def _tasks(db: Database, texts: Texts, due: Due, message_class: MessageClass, *, now: datetime) -> int:
    written = 0
    while True:
        async with db.begin() as session:
            told = await due(session)
            for one in told:
                screen = screens.task_pushed(texts.translator(one.locale), one.line)
                written += await outbox.say(
                    session, one.person_id, screen, message_class=message_class, kind="programme", dedupe=one.key,
                    now=now,
                )  # fmt: skip
        if not told:
            return written
