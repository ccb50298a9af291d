"""What every messenger has in common: coded ids, limits, policy, a closed list of methods."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.base import BaseSession
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.enums import ParseMode
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import (
    AnswerCallbackQuery,
    CopyMessage,
    DeleteMessage,
    EditMessageReplyMarkup,
    EditMessageText,
    GetFile,
    GetMe,
    Response,
    SendChatAction,
    SendDocument,
    SendMessage,
    SendPhoto,
    TelegramMethod,
)
from aiogram.types import CallbackQuery, Message

from bot.config import Policy
from bot.models.people import Messenger
from bot.rules.chat_ids import coded
from bot.ui.tails import Tails
from bot.ui.uploads import Uploads

START_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What a deep link may carry in every messenger."""

ALLOWED: tuple[type[TelegramMethod[Any]], ...] = (
    SendMessage,
    EditMessageText,
    EditMessageReplyMarkup,
    AnswerCallbackQuery,
    SendDocument,
    SendPhoto,
    SendChatAction,
    DeleteMessage,
    GetFile,
    CopyMessage,
    GetMe,
)
"""The Bot API methods handlers may use: each messenger can do every one of them."""


@dataclass(slots=True)
class Repeatable:
    """Numbers for the messages of one outbox row: the same each time the row is sent."""

    row: int
    used: int = 0


sending_row: ContextVar[Repeatable | None] = ContextVar("sending_row", default=None)
"""The outbox row being delivered, for messengers that know a message by our number."""


def next_random_id() -> int:
    """The row's own id, then numbers of its further messages; 0 (not known to the messenger) for an answer."""
    row = sending_row.get()
    if row is None:
        return 0
    number = row.row + (row.used << 27)
    row.used += 1
    return number


def take_back_random_id() -> None:
    """The messenger refused the message: its number was not used."""
    row = sending_row.get()
    if row is not None:
        row.used -= 1


@dataclass(frozen=True, slots=True)
class Limits:
    """What fits into one message of a messenger."""

    text: int = 4000
    caption: int = 1024
    buttons: int = 10
    per_row: int = 5
    label: int = 40
    file_mb: int = 20
    # Rows of three are split, because this messenger would cut their labels.
    whole_labels: bool = True
    # Edits must repeat the whole message, so its last state is remembered in ``sent_messages``.
    edits_whole: bool = False


class ClosedList(BaseRequestMiddleware):
    """Refuses every method outside the closed list (and the receiver's own)."""

    def __init__(self, extra: tuple[type[TelegramMethod[Any]], ...] = ()) -> None:
        self._allowed = (*ALLOWED, *extra)

    async def __call__(
        self, make_request: NextRequestMiddlewareType[Any], bot: Bot, method: TelegramMethod[Any]
    ) -> Response[Any] | Any:
        if type(method) not in self._allowed:
            raise TelegramBadRequest(method, f"{type(method).__name__} is outside the closed list of methods")
        return await make_request(bot, method)


class MessengerBot(Bot):
    """A bot that knows its messenger. Its token is synthetic: the real one lives in the session."""

    def __init__(
        self,
        messenger: Messenger,
        number: int,
        session: BaseSession,
        *,
        limits: Limits,
        policy: Policy = Policy.full,
        link: str = "",
    ) -> None:
        defaults = DefaultBotProperties(parse_mode=ParseMode.HTML, link_preview_is_disabled=True)
        super().__init__(f"{coded(messenger, number)}:{messenger}", session=session, default=defaults)
        self.messenger = messenger
        self.limits = limits
        self.policy = policy
        # Where a person opens this bot, without a deep-link parameter.
        self.link = link
        self.tails = Tails()
        self.uploads = Uploads()

    def start_link(self, payload: str = "") -> str:
        """A link that opens this bot and says where it came from; empty while the bot's address is not known."""
        return start_link(self.messenger, self.link, payload)


def start_link(messenger: Messenger, link: str, payload: str = "") -> str:
    """The address of a bot, opened at what the payload names."""
    if not link or not payload:
        return link
    if not START_PAYLOAD.fullmatch(payload):
        raise ValueError("a deep link carries up to 64 of A-Z a-z 0-9 _ -")
    return f"{link}?{'ref' if messenger is Messenger.vk else 'start'}={payload}"


MET_IN = (Messenger.max, Messenger.vk, Messenger.telegram)
"""Messengers in the order people meet them."""


def doors_of(links: Mapping[Messenger, str], here: Messenger, payload: str = "") -> list[tuple[Messenger, str]]:
    """Links into the other messengers whose addresses are known."""
    return [(one, start_link(one, links[one], payload)) for one in MET_IN if one is not here and links.get(one)]


def bot_of(event: Message | CallbackQuery) -> MessengerBot:
    """The messenger an event came from."""
    bot = event.bot
    if not isinstance(bot, MessengerBot):
        raise TypeError("the event is not bound to a messenger")
    return bot
