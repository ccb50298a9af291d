"""Presses made uniform: typed labels become presses, kept messages are marked, double taps are one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

from aiogram import BaseMiddleware, Dispatcher
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message, TelegramObject

from bot.i18n import Translator
from bot.messengers.base import bot_of
from bot.rules.words import folded
from bot.ui.screen import Row
from bot.ui.show import TYPED, answer

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]

WORDS: dict[str, str] = {
    "меню": "menu:home",
    "помощь": "menu:help",
    "отмена": "menu:cancel",
    "мои данные": "people:data",
    "стоп": "people:mute",
    "диагностика": "diagnostics:home",
    "мой иом": "iom:home",
    "мероприятия": "events:home",
    "горячая линия": "hotline:home",
    "наставничество": "mentoring:home",
    "самочувствие": "wellbeing:home",
    "профиль": "people:home",
    "каталог": "catalogue:home",
    "дежурство": "duty:home",
    "рубрики": "broadcasts:rubrics:0",
    "навигатор": "navigator:home",
    "практики": "practices:home",
    "закладки": "navigator:saved:0",
}
"""Words that work everywhere (conversation.md §2), whatever stands on the screen."""

DOUBLE_TAP = 2.0
"""Seconds within which a second press of the same button is the same press."""


class TypedLabels(BaseMiddleware):
    """«Every button can be typed»: exact while text is awaited, else a unique beginning is enough."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        assert isinstance(event, Message)
        bot = bot_of(event)
        bot.tails.heard(event.chat.id, event.message_id)
        if not event.text or event.text.startswith("/"):
            return await handler(event, data)
        state: FSMContext = data["state"]
        waiting = await state.get_state() is not None
        action = find_action(event.text, bot.tails.rows(event.chat.id), exact=waiting, t=data["t"])
        if action is None:
            return await handler(event, data)
        press = typed_press(event, action)
        root: Dispatcher = data["root"]
        return await root.propagate_event(update_type="callback_query", event=press, **data)


class DoubleTaps(BaseMiddleware):
    """Swallows the second press of one button within two seconds, spinner included."""

    def __init__(self, seconds: float = DOUBLE_TAP, size: int = 5_000) -> None:
        self._seconds = seconds
        self._size = size
        self._last: OrderedDict[int, tuple[int, str, float]] = OrderedDict()

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        assert isinstance(event, CallbackQuery)
        message_id = event.message.message_id if event.message else 0
        moment, user_id, action = monotonic(), event.from_user.id, event.data or ""
        # Only the press right before: «Дальше», another button and «Дальше» again are three steps.
        before = self._last.get(user_id)
        if before is not None and before[:2] == (message_id, action) and moment - before[2] < self._seconds:
            await answer(event)
            return None
        self._last[user_id] = (message_id, action, moment)
        self._last.move_to_end(user_id)
        if len(self._last) > self._size:
            self._last.popitem(last=False)
        return await handler(event, data)


def typed_press(message: Message, action: str) -> CallbackQuery:
    """A message as the press it means."""
    return CallbackQuery.model_validate(
        {
            "id": f"{TYPED}{message.message_id}",
            "from": message.from_user,
            "chat_instance": "typed",
            "message": message,
            "data": action,
        },
        context={"bot": message.bot},
    )


def find_action(text: str, rows: tuple[Row, ...], *, exact: bool, t: Translator) -> str | None:
    """The action of the button that the text names, or of a word that works everywhere."""
    said = folded(text)
    if not said:
        return None
    labels = {folded(button.label): button.action for row in rows for button in row if button.action}
    if said in labels:
        return labels[said]
    if said in WORDS:
        return WORDS[said]
    if said == "назад":
        return next((action for label, action in labels.items() if label.startswith("назад")), "menu:home")
    if exact or len(said) < 3:
        return None
    meant = {action for label, action in labels.items() if label.startswith(said)}
    return meant.pop() if len(meant) == 1 else None
