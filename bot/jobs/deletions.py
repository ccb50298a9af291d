"""Carries out deletions whose thirty days are over, and says so once, where the person was seen last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import structlog
from aiogram.exceptions import AiogramError

from bot.clock import local_date, utcnow
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.messengers.base import MessengerBot
from bot.models import Messenger
from bot.screens import profile as screens
from bot.services import leaving
from bot.services.leaving import Gone
from bot.ui.show import send

log = structlog.get_logger()


async def carry_out(
    db: Database,
    settings: Settings,
    texts: Texts,
    bots: Mapping[Messenger, MessengerBot],
    *,
    now: Callable[[], datetime] = utcnow,
) -> int:
    """One round, a transaction for each person; how many profiles are gone."""
    moment = now()
    async with db.read() as session:
        persons = await leaving.due(session, now=moment)
    done = 0
    for person_id in persons:
        async with db.begin() as session:
            gone = await leaving.carry_out(session, person_id, now=moment)
        if gone is None:
            continue
        done += 1
        log.info("profile-deleted", number=gone.number)
        await _say(gone, settings, texts, bots, moment)
    return done


async def _say(
    gone: Gone, settings: Settings, texts: Texts, bots: Mapping[Messenger, MessengerBot], moment: datetime
) -> None:
    bot = bots.get(gone.messenger) if gone.messenger else None
    if bot is None:
        return
    screen = screens.deleted(texts.translator(gone.locale), gone.number, local_date(moment, settings.zone))
    try:
        await send(bot, gone.chat_id, screen)
    except AiogramError as refusal:
        # Nothing is left to try again with: the account is forgotten already.
        log.warning("deletion-not-told", number=gone.number, error=type(refusal).__name__)
