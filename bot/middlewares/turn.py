"""Turn: what almost every step of a longer dialogue needs, as one argument."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiogram import BaseMiddleware, Dispatcher
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message, TelegramObject

from bot.clock import local_date
from bot.config import Settings
from bot.db import Database
from bot.i18n import Translator
from bot.middlewares.presses import typed_press
from bot.services.identities import Caller
from bot.ui.screen import Screen
from bot.ui.show import show


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation: the event and everything around it."""

    event: Message | CallbackQuery
    state: FSMContext
    db: Database
    t: Translator
    now: datetime
    zone: ZoneInfo
    caller: Caller
    settings: Settings
    # Everything the middlewares know, to hand a turn on.
    data: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def today(self) -> date:
        """The region's day."""
        return local_date(self.now, self.zone)

    async def show(self, screen: Screen) -> None:
        """Answer with a screen."""
        await show(self.event, screen)

    async def go_to(self, action: str) -> None:
        """Answer as if the button of this action had been pressed."""
        event = self.event
        press = typed_press(event, action) if isinstance(event, Message) else event.model_copy(update={"data": action})
        root: Dispatcher = self.data["root"]
        await root.propagate_event(update_type="callback_query", event=press.as_(event.bot), **self.data)


class Turns(BaseMiddleware):
    """Adds ``turn`` for the routers that ask for it."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        assert isinstance(event, Message | CallbackQuery)
        data["turn"] = Turn(
            event=event,
            state=data["state"],
            db=data["db"],
            t=data["t"],
            now=data["now"],
            zone=data["zone"],
            caller=data["caller"],
            settings=data["settings"],
            data=dict(data),
        )
        return await handler(event, data)
