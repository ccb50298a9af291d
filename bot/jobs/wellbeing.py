"""Wellbeing by itself: the staff hear that the telephones of help want a check."""

from __future__ import annotations

from datetime import datetime

from bot.clock import local_date
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.screens import wellbeing as screens
from bot.services.wellbeing import telling


async def telephones(db: Database, texts: Texts, settings: Settings, *, now: datetime) -> int:
    """Every morning; a person is told once a week."""
    t = texts.translator()
    async with db.begin() as session:
        return await telling.tell_staff(
            session, lambda state: screens.notice(t, state), today=local_date(now, settings.zone), now=now
        )
