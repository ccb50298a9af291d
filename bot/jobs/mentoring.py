"""Mentoring by itself: what happened is told, silent pairs are asked, terms and offers end, the touched are solved."""

from __future__ import annotations

from datetime import datetime

from bot.clock import local_date
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.models import MentorNoticeKind, MessageClass
from bot.screens import mentoring_notices as screens
from bot.services import outbox
from bot.services.mentoring import leaving, matching, pairs, pulse, telling

CLASSES = {
    MentorNoticeKind.nudge: MessageClass.nudge,
    MentorNoticeKind.half: MessageClass.nudge,
    MentorNoticeKind.staff_left: MessageClass.staff,
    MentorNoticeKind.remind_offer: MessageClass.nudge,
    MentorNoticeKind.remind_first: MessageClass.nudge,
    MentorNoticeKind.remind_half: MessageClass.nudge,
}
"""Everything else is «for you»."""


async def tell(db: Database, texts: Texts, settings: Settings, *, now: datetime) -> int:
    """Notices into the outbox, each once. How many."""
    today = local_date(now, settings.zone)
    async with db.begin() as session:
        found = await telling.waiting(session, today=today)
        for one in found:
            screen = screens.notice(texts.translator(one.locale), one, zone=settings.zone, today=today)
            await outbox.say(
                session, one.person_id, screen,
                message_class=CLASSES.get(one.kind, MessageClass.for_you),
                kind=f"mentoring-{one.kind.value}", dedupe=f"mentoring-{one.id}", now=now,
            )  # fmt: skip
        await telling.told(session, [one.id for one in found], now=now)
    return len(found)


async def days(db: Database, settings: Settings, *, now: datetime) -> int:
    """Once an hour: pauses, terms and offers that are over, half-year questions, pairs that have not met for long."""
    today = local_date(now, settings.zone)
    async with db.begin() as session:
        moved = await leaving.due(session, now=now, today=today)
    async with db.begin() as session:
        moved += await pairs.lapse(session, now=now, today=today)
    async with db.begin() as session:
        moved += await pulse.ask(session, now=now, today=today)
    async with db.begin() as session:
        moved += await telling.silent(session, now=now, today=today)
        moved += await telling.over(session, now=now, today=today)
    moved += await matching.rematch(db, now=now, today=today)
    return moved
