"""Broadcasts and rubrics by themselves: they begin at their hour, are written into the outbox, end."""

from __future__ import annotations

from datetime import datetime

import structlog

from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.screens import broadcasts as screens
from bot.services import broadcasts, staff_overview
from bot.services.broadcasts import Post
from bot.ui.screen import Screen

log = structlog.get_logger()


async def run(db: Database, texts: Texts, settings: Settings, *, now: datetime) -> int:
    """What is due; how many people got a row of their own."""
    messengers = [messenger for messenger, on, _ in staff_overview.installed(settings) if on]
    async with db.read() as session:
        waiting = await broadcasts.anything(session, now=now)
    if not waiting:
        return 0

    def speak(locale: str, said: Post) -> Screen:
        return screens.post(texts.translator(locale), said)

    async with db.begin() as session:
        await broadcasts.begin_due(session, now=now)
    async with db.read() as session:
        running = await broadcasts.under_way(session, now=now)
    written = 0
    for broadcast_id, folded in running:
        while folded:
            async with db.begin() as session:
                made = await broadcasts.unfold(session, broadcast_id, speak, messengers, now=now)
            written += made
            folded = made > 0
        async with db.begin() as session:
            await broadcasts.settle(session, broadcast_id, now=now)
    if written:
        log.info("broadcasts", written=written)
    return written
