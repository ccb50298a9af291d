"""Words of danger in anything typed: the card of help comes at once, the words go where they were meant to.

Nothing is kept: no count, no mark, no line of a log.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import Message, TelegramObject

from bot.clock import local_date
from bot.config import Policy
from bot.db import Database
from bot.messengers.base import MessengerBot, bot_of
from bot.rules.crisis import is_crisis
from bot.screens import wellbeing as screens
from bot.services import wellbeing
from bot.ui.show import send

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


@dataclass(slots=True)
class Crisis:
    """Given to handlers as ``crisis``; one that has nobody to send the words to says so and stays silent."""

    unsent: bool = False


class CrisisCard(BaseMiddleware):
    """Stands before every other middleware of messages: on every channel, in every step."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        assert isinstance(event, Message)
        text = event.text or event.caption or ""
        if not text or not is_crisis(text, wellbeing.instruments.crisis_words()):
            return await handler(event, data)
        bot = bot_of(event)
        crisis = Crisis(unsent=bot.policy is not Policy.full)
        data["crisis"] = crisis
        try:
            # Where nothing personal is heard there is nobody to hand the words to.
            return None if crisis.unsent else await handler(event, data)
        finally:
            await self._show(bot, event.chat.id, crisis, data)

    async def _show(self, bot: MessengerBot, chat_id: int, crisis: Crisis, data: dict[str, Any]) -> None:
        async with self._db.read() as session:
            told = await wellbeing.contacts.help_of(session, today=local_date(data["now"], data["zone"]))
        before = bot.tails.rows(chat_id)
        may_ask = data["caller"].known and bot.policy is Policy.full
        card = screens.crisis(data["t"], told, unsent=crisis.unsent, may_ask=may_ask)
        message = await send(bot, chat_id, card)
        # The step above the card goes on: what it waits for still belongs to it.
        bot.tails.shown(chat_id, message.message_id, (*card.rows, *before))
