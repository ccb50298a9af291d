"""Campaigns by themselves: invitations in portions, the one reminder, the end."""

from __future__ import annotations

from datetime import date, datetime

import structlog

from bot.clock import local_date
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.screens import campaigns as screens
from bot.services import campaigns
from bot.services.campaigns import Invitation
from bot.ui.screen import Screen

log = structlog.get_logger()


async def run(db: Database, texts: Texts, settings: Settings, *, now: datetime) -> int:
    """What is due today; how many invitations and reminders were written."""
    zone = settings.zone
    today = local_date(now, zone)
    async with db.begin() as session:
        await campaigns.close(session, now=now, today=today)
    async with db.read() as session:
        running = await campaigns.due(session, today=today)
    written = 0
    for campaign_id in running:
        written += await _all(db, texts, campaign_id, today, settings, now)
    if written:
        log.info("campaigns", written=written)
    return written


async def _all(db: Database, texts: Texts, campaign_id: int, today: date, settings: Settings, now: datetime) -> int:
    def speak(locale: str, told: Invitation) -> Screen:
        return screens.invite(texts.translator(locale), told, today=today)

    written = 0
    for step in (campaigns.unfold, campaigns.remind_due):
        while True:
            async with db.begin() as session:
                made = await step(session, campaign_id, speak, now=now, zone=settings.zone)
            written += made
            if not made:
                break
    return written
