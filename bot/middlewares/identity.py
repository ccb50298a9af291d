"""Caller, translator, scope and the time for every handler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import Chat, TelegramObject, User

from bot.clock import utcnow
from bot.config import Policy
from bot.errors import UserError
from bot.i18n import Texts
from bot.messengers.base import MessengerBot
from bot.services.identities import Caller, Directory

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class Identity(BaseMiddleware):
    """Adds ``caller``, ``t``, ``now`` to what handlers may ask for."""

    def __init__(self, directory: Directory, texts: Texts, *, now: Callable[[], datetime] = utcnow) -> None:
        self._directory = directory
        self._texts = texts
        self._now = now

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        user: User | None = data.get("event_from_user")
        chat: Chat | None = data.get("event_chat")
        bot = data["bot"]
        if user is None or not isinstance(bot, MessengerBot) or (chat is not None and chat.type != "private"):
            return None  # Groups and channels are not for us; nothing is stored of them.
        now = data["now"] = self._now().astimezone(data["zone"])
        chat_id = chat.id if chat else user.id
        if bot.policy is Policy.full:
            caller = await self._directory.find(bot.messenger, user.id, chat_id, now=now)
        else:
            # Nobody is known on a channel that may not carry personal data, not even by a first name.
            caller = Caller(bot.messenger, user.id, chat_id)
        data["caller"] = caller
        data["scope"] = caller.scope
        data["t"] = self._texts.translator(caller.locale)
        return await handler(event, data)


class NeedsProfile(BaseMiddleware):
    """For routers of personal sections: a guest is invited to get acquainted (E13)."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        caller: Caller = data["caller"]
        if not caller.known:
            raise UserError(
                "error-needs-profile",
                buttons=(("button-acquaint", "people:begin"), ("button-not-now", "menu:home")),
            )
        return await handler(event, data)
