"""Messengers as aiogram sessions, one bot for each that is switched on."""

from __future__ import annotations

from bot.config import Settings
from bot.db import Database
from bot.messengers.base import MessengerBot
from bot.models.people import Messenger


def build_messengers(db: Database, settings: Settings) -> dict[Messenger, MessengerBot]:
    """The web chat always, the others when their token is set."""
    from bot.messengers.web import web_bot

    bots = {Messenger.web: web_bot(db, settings)}
    if settings.telegram.token:
        from bot.messengers.telegram import telegram_bot

        bots[Messenger.telegram] = telegram_bot(settings.telegram)
    if settings.vk.token:
        from bot.messengers.vk.session import vk_bot

        bots[Messenger.vk] = vk_bot(db, settings.vk)
    if settings.max.token:
        from bot.messengers.max.session import max_bot

        bots[Messenger.max] = max_bot(db, settings.max)
    return bots
