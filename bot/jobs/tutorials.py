"""Tutorials by themselves: a booking to the methodist, the day and the hour before, a slot that was taken back."""

from __future__ import annotations

from datetime import datetime

from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.models import MessageClass
from bot.screens import tutorials as screens
from bot.screens.events.wording import When
from bot.services import outbox, tutorials


async def run(db: Database, texts: Texts, settings: Settings, *, now: datetime) -> int:
    """What is due now; how many messages were written."""
    when, written = When(now, settings.zone), 0
    while True:
        async with db.begin() as session:
            told = await tutorials.due(session, now=now)
            for one in told:
                booked = one.what == "booked"
                stamp = f"{one.slot.starts_at:%Y%m%d%H%M}:{one.slot.person_id}"
                written += await outbox.say(
                    session, one.person_id, screens.pushed(texts.translator(one.locale), one, when),
                    message_class=MessageClass.staff if booked else MessageClass.own_clock, kind="tutorial",
                    dedupe=f"tutorial:{one.slot.id}:{one.what}:{stamp}", now=now, expires_at=one.slot.starts_at,
                )  # fmt: skip
        if not told:
            return written
