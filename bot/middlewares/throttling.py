"""Patience with impatient fingers: a flood of messages is answered once (E22)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import Message, TelegramObject

from bot.errors import UserError

A_MINUTE = 60
"""Messages of one person within a minute that are answered one by one. Presses are never held back."""


class Throttling(BaseMiddleware):
    """Counts by minutes; the first message too many is told so, the others of that minute are silent."""

    def __init__(self, limit: int = A_MINUTE, *, clock: Callable[[], float] = monotonic, size: int = 20_000) -> None:
        self._limit = limit
        self._clock = clock
        self._size = size
        self._counts: OrderedDict[int, tuple[float, int]] = OrderedDict()

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        assert isinstance(event, Message)
        count = self._count(event.chat.id)
        if count <= self._limit:
            return await handler(event, data)
        data["outcome"] = "throttled"
        if count == self._limit + 1:
            raise UserError("error-too-many")
        return None

    def _count(self, chat_id: int) -> int:
        now = self._clock()
        since, count = self._counts.get(chat_id, (now, 0))
        if now - since >= 60:
            since, count = now, 0
        self._counts[chat_id] = since, count + 1
        self._counts.move_to_end(chat_id)
        if len(self._counts) > self._size:
            self._counts.popitem(last=False)
        return count + 1
