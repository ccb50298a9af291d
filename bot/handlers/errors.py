"""UserError → its text; anything else → the log and an apology with a number."""

from __future__ import annotations

from typing import Any

import structlog
from aiogram import Router
from aiogram.exceptions import TelegramForbiddenError, TelegramNetworkError
from aiogram.types import ErrorEvent, Update

from bot.errors import StaleButton, UserError
from bot.handlers.fallback import is_home, open_fresh
from bot.i18n import Texts
from bot.screens import errors as screens
from bot.ui.show import show

log = structlog.get_logger()
router = Router(name="errors")

GARBLED = (StaleButton, ValueError, LookupError)
"""What a handler raises over a press it cannot read. The last two are ours to repair, but the person need not know."""


@router.errors()
async def errors(event: ErrorEvent, texts: Texts, **data: Any) -> bool:
    """The last word on a failed update: the person always gets an answer."""
    update = event.update
    assert isinstance(update, Update)
    t = data.get("t") or texts.translator()
    failure = event.exception
    press = update.callback_query
    target = press or update.message
    number = data.get("trace", "")
    if press is not None and isinstance(failure, GARBLED) and not is_home(press.data or ""):
        if not isinstance(failure, StaleButton):
            log.error("press-not-understood", number=number, exc_info=failure)
        try:
            await open_fresh(press, {**data, "texts": texts})
            return True
        except Exception as second:
            failure = second
    if isinstance(failure, UserError):
        if target is not None:
            await show(target, screens.user_error(t, failure))
        return True
    if isinstance(failure, TelegramForbiddenError | TelegramNetworkError):
        log.warning("not-delivered", number=number, error=type(failure).__name__)
        return True
    log.error("update-failed", number=number, exc_info=failure)
    if target is not None:
        await show(target, screens.our_failure(t, number))
    return True
