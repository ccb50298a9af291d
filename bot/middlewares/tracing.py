"""One log line per update, with its number; the same number is told to a person when we fail."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

import structlog
from aiogram import BaseMiddleware
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.types import TelegramObject, Update

from bot import metrics
from bot.messengers.base import MessengerBot

log = structlog.get_logger()


class Tracing(BaseMiddleware):
    """Outermost: measures, counts and writes the line."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        assert isinstance(event, Update)
        bot = data["bot"]
        messenger = bot.messenger.value if isinstance(bot, MessengerBot) else "?"
        number = data["trace"] = secrets.token_hex(2)
        started = perf_counter()
        outcome = "failed"
        try:
            result = await handler(event, data)
            outcome = "unhandled" if result is UNHANDLED else data.get("outcome", "ok")
            return result
        finally:
            spent = perf_counter() - started
            metrics.updates.labels(messenger, outcome).inc()
            metrics.seconds.labels(messenger).observe(spent)
            log.info(
                "update",
                messenger=messenger,
                number=number,
                kind=event.event_type,
                ms=round(spent * 1000, 1),
                outcome=outcome,
            )
