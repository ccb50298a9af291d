"""Answers do not wait for the pace, but they are counted, so that broadcasts give way to them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import TelegramRetryAfter
from aiogram.methods import Response, SendDocument, SendMessage, SendPhoto, TelegramMethod

from bot.messengers.base import MessengerBot
from bot.rules.pace import Pace

COUNTED = (SendMessage, SendPhoto, SendDocument)
PATIENCE = 15
"""Seconds a person's answer waits in all when the messenger asks for it; longer, and the update fails."""

SHORTEST = 0.5
"""Seconds of the first pause at least; each further one is at least twice the one before."""


delivering: ContextVar[bool] = ContextVar("delivering", default=False)
"""True inside the delivery, which counts and waits by itself."""


class Patience(BaseRequestMiddleware):
    """When the messenger says «too many», waits as long as it says, longer each time, and tries again.

    Such an answer surely was not shown, so nothing is said twice.
    """

    async def __call__(
        self, make_request: NextRequestMiddlewareType[Any], bot: Bot, method: TelegramMethod[Any]
    ) -> Response[Any] | Any:
        waited, least = 0.0, SHORTEST
        while True:
            try:
                return await make_request(bot, method)
            except TelegramRetryAfter as refusal:
                pause = max(float(refusal.retry_after), least)
                if delivering.get() or waited + pause > PATIENCE:
                    raise
            await asyncio.sleep(pause)
            waited += pause
            least = pause * 2


class Counting(BaseRequestMiddleware):
    """Takes a token for each answer; a refused answer slows the broadcasts down."""

    def __init__(self, pace: Pace, clock: Callable[[], float]) -> None:
        self._pace = pace
        self._clock = clock

    async def __call__(
        self, make_request: NextRequestMiddlewareType[Any], bot: Bot, method: TelegramMethod[Any]
    ) -> Response[Any] | Any:
        if not delivering.get() and isinstance(method, COUNTED) and isinstance(method.chat_id, int):
            self._pace.take(method.chat_id, self._clock())
        try:
            return await make_request(bot, method)
        except TelegramRetryAfter as refusal:
            # The delivery notes its own refusals.
            if not delivering.get():
                self._pace.refused(refusal.retry_after, self._clock())
            raise


def note_sends(bot: MessengerBot, pace: Pace, clock: Callable[[], float]) -> None:
    """Count everything this bot sends in this process."""
    bot.session.middleware(Counting(pace, clock))
