"""Forms by themselves: those who answer for a reply are told at once and as the term comes."""

from __future__ import annotations

from datetime import datetime

import structlog

from bot.clock import local_date
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.screens import forms as screens
from bot.services import forms
from bot.services.forms import Waiting
from bot.ui.screen import Screen

log = structlog.get_logger()

PORTION = 100


async def remind(db: Database, texts: Texts, settings: Settings, *, now: datetime) -> int:
    """Messages of the stages that have come, a portion a transaction; how many were written."""
    today = local_date(now, settings.zone)
    async with db.read() as session:
        found = await forms.waiting(session, today=today)

    def speak(locale: str, told: Waiting) -> Screen:
        return screens.waiting(texts.translator(locale), told)

    written = 0
    for start in range(0, len(found), PORTION):
        async with db.begin() as session:
            for told in found[start : start + PORTION]:
                written += await forms.tell(session, told, speak, now=now, today=today)
    if written:
        log.info("forms", told=written)
    return written
