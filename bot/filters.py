"""Filters of our own: what was pressed, what this channel may carry."""

from __future__ import annotations

from enum import Enum
from typing import Any, TypeVar

from aiogram.filters import Filter
from aiogram.types import CallbackQuery

from bot.config import Policy
from bot.errors import StaleButton
from bot.messengers.base import MessengerBot
from bot.ui.screen import KEPT

E = TypeVar("E", bound=Enum)

BIGGEST = 2**63 - 1


class Arg(str):
    """A piece of a press. Read as a number it is one, or the button is stale: presses are what others sent."""

    __slots__ = ()

    def __int__(self) -> int:
        text = str(self)
        if not text.isascii() or not text.removeprefix("-").isdigit() or abs(number := int(text)) > BIGGEST:
            raise StaleButton
        return number


class Args(list[str]):
    """The pieces; one that is missing means a stale button too."""

    def __getitem__(self, place: Any) -> Any:
        try:
            return super().__getitem__(place)
        except IndexError:
            raise StaleButton from None


def one_of(choices: type[E], arg: str) -> E:
    """A piece of a press as one of an enumeration, or the button is stale."""
    try:
        return choices(arg)
    except ValueError:
        raise StaleButton from None


class Press(Filter):
    """A press of ``subject:verb[:more]``; gives the handler ``args``, what follows the verb."""

    def __init__(self, action: str) -> None:
        self.action = action
        self._prefix = action + ":"

    async def __call__(self, event: CallbackQuery) -> bool | dict[str, Any]:
        data = event.data or ""
        if data.startswith(KEPT):
            data = data[len(KEPT) :]
        if data == self.action:
            return {"args": Args()}
        if data.startswith(self._prefix):
            return {"args": Args(map(Arg, data[len(self._prefix) :].split(":")))}
        return False


class Allows(Filter):
    """True on a channel that may carry personal data (policy ``full``)."""

    async def __call__(self, event: Any, bot: MessengerBot) -> bool:
        return bot.policy is Policy.full
