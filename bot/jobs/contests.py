"""Contests by themselves: those who asked are reminded of the term, once."""

from __future__ import annotations

from datetime import datetime

import structlog

from bot.clock import local_date
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.screens import contests as screens
from bot.services import contests
from bot.services.contests import Contest
from bot.ui.screen import Screen

log = structlog.get_logger()

PORTION = 100


async def remind(db: Database, texts: Texts, settings: Settings, *, now: datetime) -> int:
    """Messages about terms a week ahead (a day, for who asked late); how many were written."""
    today = local_date(now, settings.zone)
    async with db.read() as session:
        due = await contests.due(session, today=today, zone=settings.zone)

    def speak(locale: str, contest: Contest) -> Screen:
        return screens.term(texts.translator(locale), contest, today=today)

    written = 0
    for start in range(0, len(due), PORTION):
        async with db.begin() as session:
            for told in due[start : start + PORTION]:
                written += await contests.tell(session, told, speak, now=now, zone=settings.zone)
    if written:
        log.info("contests", told=written)
    return written
