"""Wishes by themselves: enough people ask for one thing, and those who hold events are told, once."""

from __future__ import annotations

from datetime import datetime

import structlog

from bot.clock import local_date
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.screens import wishes as screens
from bot.services import wishes
from bot.services.wishes import Topic
from bot.ui.screen import Screen

log = structlog.get_logger()


async def gathered(db: Database, texts: Texts, settings: Settings, *, now: datetime) -> int:
    """A letter to each of the staff about each group that has gathered; how many were written."""
    today = local_date(now, settings.zone)
    async with db.read() as session:
        ripe = await wishes.ripe(session)
        staff = await wishes.keepers(session, today=today) if ripe else []

    def speak(locale: str, topic: Topic) -> Screen:
        return screens.gathered(texts.translator(locale), topic)

    written = 0
    for person_id, locale in staff:
        async with db.begin() as session:
            written += await wishes.tell(session, person_id, locale, ripe, speak, now=now)
    if written:
        log.info("wishes", told=written)
    return written
