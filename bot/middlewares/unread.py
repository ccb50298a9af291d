"""A «for you» message that may not have arrived is shown after the person's next screen (design.md, decision 7)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime
from time import monotonic
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import CallbackQuery, Message, TelegramObject, Update

from bot.db import Database
from bot.i18n import Translator
from bot.messengers.base import MessengerBot
from bot.services import delivery
from bot.services.identities import Caller
from bot.ui.show import send

LOOK_EVERY = 60.0
"""Seconds between two looks for the same person."""


class Unread(BaseMiddleware):
    """Looks after the handler, so that the answer to the press does not wait for it."""

    def __init__(self, db: Database, *, seconds: float = LOOK_EVERY, size: int = 20_000) -> None:
        self._db = db
        self._seconds = seconds
        self._size = size
        self._looked: OrderedDict[int, float] = OrderedDict()

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        result = await handler(event, data)
        caller: Caller | None = data.get("caller")
        assert isinstance(event, Update)
        if caller is not None and caller.known and isinstance(event.event, Message | CallbackQuery):
            bot: MessengerBot = data["bot"]
            if self._is_time(caller.id):
                await self._show(bot, caller, data["t"], data["now"])
        return result

    def _is_time(self, person_id: int) -> bool:
        now = monotonic()
        if now - self._looked.get(person_id, -self._seconds) < self._seconds:
            return False
        self._looked[person_id] = now
        self._looked.move_to_end(person_id)
        if len(self._looked) > self._size:
            self._looked.popitem(last=False)
        return True

    async def _show(self, bot: MessengerBot, caller: Caller, t: Translator, now: datetime) -> None:
        async with self._db.read() as session:
            waiting = await delivery.unread(session, caller.id, now=now)
        if not waiting:
            return
        for _, screen in waiting:
            await send(bot, caller.chat_id, screen.above(t("unread-line")))
        async with self._db.begin() as session:
            await delivery.seen(session, [row_id for row_id, _ in waiting], now=now)
