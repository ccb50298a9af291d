"""On a channel with the policy ``info`` nothing personal is shown or heard; the person is sent elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import CallbackQuery, Message, TelegramObject

from bot.config import Policy, Settings
from bot.i18n import Translator
from bot.messengers.base import bot_of, doors_of
from bot.middlewares.presses import find_action
from bot.models import Messenger
from bot.screens import info as screens
from bot.screens.info import Place
from bot.ui.screen import KEPT, Screen
from bot.ui.show import show

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]

OPEN = (
    "menu:help", "menu:how", "events:home", "events:month", "events:card", "events:more", "events:share", "events:ics",
    "hotline:themes", "hotline:of", "hotline:faq", "hotline:find", "diagnostics:try",
    "wellbeing:home", "wellbeing:contacts", "wellbeing:classes", "wellbeing:kept",
    "navigator:home", "navigator:topics", "navigator:topic", "navigator:one", "navigator:share",
    "contests:home", "contests:card", "registers:card",
    "practices:home", "practices:list", "practices:card", "practices:whole",
    # News come here too, so it must be possible to be rid of them here.
    "broadcasts:off", "broadcasts:rubric-off", "people:mute", "indicators:unsubscribe",
)  # fmt: skip
"""Actions (with whatever follows) that carry nothing personal."""

COMMANDS = {
    "/start": "menu:home",
    "/menu": "menu:home",
    "/cancel": "menu:home",
    "/help": "menu:help",
    "/mydata": "people:data",
}

SECTIONS = ("diagnostics", "events", "hotline", "people", "practices", "navigator", "indicators")
"""Subjects that a link may open."""

SECTION_OF = {"people": "profile"}
"""Subject → its name in the menu, where they differ."""


class InfoWall(BaseMiddleware):
    """Stands before every other middleware of messages and presses, so that no state is read or kept."""

    def __init__(self, links: Mapping[Messenger, str]) -> None:
        self._links = links

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        assert isinstance(event, Message | CallbackQuery)
        bot = bot_of(event)
        if bot.policy is Policy.full:
            return await handler(event, data)
        t: Translator = data["t"]
        action = self._action(event, t)
        if action is not None and any(action == known or action.startswith(known + ":") for known in OPEN):
            return await handler(event, data)
        await show(event, self._screen(t, action, bot.messenger, data["settings"]))
        return None

    def _screen(self, t: Translator, action: str | None, messenger: Messenger, settings: Settings) -> Screen:
        subject = "" if action is None else action.partition(":")[0]
        if action is None:
            return screens.text(t, self._place(messenger, settings))
        if subject == "menu":
            return screens.start(t, self._place(messenger, settings))
        return screens.wall(t, SECTION_OF.get(subject, subject), self._place(messenger, settings, subject))

    def _action(self, event: Message | CallbackQuery, t: Translator) -> str | None:
        """What is meant, as a press; None for words that are nothing we know."""
        if isinstance(event, CallbackQuery):
            return (event.data or "").removeprefix(KEPT)
        words = (event.text or "").split()
        if words and words[0].startswith("/"):
            return COMMANDS.get(words[0].partition("@")[0].lower(), "menu:home")
        bot = bot_of(event)
        return find_action(event.text or "", bot.tails.rows(event.chat.id), exact=False, t=t)

    def _place(self, messenger: Messenger, settings: Settings, subject: str = "") -> Place:
        """The doors: messengers that carry it, then the web chat, opened at the section."""
        payload = f"section_{subject}" if subject in SECTIONS else ""
        doors = [(name.value, link) for name, link in doors_of(self._links, messenger, payload)]
        web = f"{settings.public_url}/" + (f"?start={payload}" if payload else "")
        return Place(messenger.value, (*doors, ("web", web)))
