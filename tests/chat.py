"""Talk: a test reads like the conversation. One class per messenger, the same words."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiogram import Dispatcher
from aiogram.types import Update

from bot.clock import utcnow
from bot.config import MaxSettings, VkSettings
from bot.db import Database
from bot.messengers.base import MessengerBot
from bot.messengers.max.session import MaxSession, max_bot
from bot.messengers.max.updates import Converter as MaxConverter
from bot.messengers.vk.session import VkSession, vk_bot
from bot.messengers.vk.updates import Converter as VkConverter
from bot.models import Messenger
from bot.rules.chat_ids import coded
from tests.fakes.max import TOKEN as MAX_TOKEN
from tests.fakes.max import FakeMax
from tests.fakes.telegram import FakeTelegram, Shown
from tests.fakes.vk import GROUP, FakeVk
from tests.fakes.vk import TOKEN as VK_TOKEN

_numbers = itertools.count(1000)


class Talk:
    """One person in one chat. Subclasses know the wire."""

    messenger = ""
    user_id: int
    """Coded id of the account, as identities keep it."""

    async def says(self, text: str) -> None:
        raise NotImplementedError

    async def presses(self, label: str, *, of: Shown | None = None) -> None:
        """Press the newest button with this label (or the one of a given message)."""
        raise NotImplementedError

    async def press_action(self, action: str, *, of: Shown | None = None) -> None:
        """A press with arbitrary data: last year's button."""
        raise NotImplementedError

    async def sends(self, **content: Any) -> None:
        """Something that is not text: a sticker, voice, contact …"""
        raise NotImplementedError

    async def corrects(self, text: str) -> None:
        """Change the own message that was sent last."""
        raise NotImplementedError

    async def takes_back(self) -> None:
        """Delete the own message that was sent last, for everybody. Only MAX tells of it."""
        raise NotImplementedError

    async def sends_file(self, name: str, content: bytes, media_type: str = "application/pdf") -> None:
        raise NotImplementedError

    @property
    def messages(self) -> list[Shown]:
        """Everything in the chat that still stands."""
        raise NotImplementedError

    # --- what the person sees ------------------------------------------------------------------

    @property
    def screen(self) -> Shown:
        """The newest message of the bot."""
        return [m for m in self.messages if not m.from_person][-1]

    @property
    def text(self) -> str:
        return self.screen.plain

    @property
    def buttons(self) -> list[str]:
        return self.screen.labels

    def sees(self, fragment: str) -> bool:
        """True when the newest screen holds the words (plain spaces, no tags)."""
        return fragment in self.text

    def saw(self, fragment: str) -> bool:
        """True when any message of the chat holds the words."""
        return any(fragment in message.plain for message in self.messages)


class TelegramTalk(Talk):
    """Over the real session and a fake server."""

    messenger = "telegram"

    def __init__(self, dispatcher: Dispatcher, bot: MessengerBot, server: FakeTelegram, user_id: int) -> None:
        self.dispatcher, self.bot, self.server, self.user_id = dispatcher, bot, server, user_id

    @property
    def messages(self) -> list[Shown]:
        return [m for m in self.server.chats.get(self.user_id, []) if not m.deleted]

    async def says(self, text: str) -> None:
        message = self.server.put(self.user_id, text, from_person=True)
        await self._message(message, {"text": text, **_command(text)})

    async def corrects(self, text: str) -> None:
        message = self.server.corrected(self.user_id, text)
        about = {"message_id": message.id, "date": message.date, "edit_date": message.date + 1, "text": text}
        chat = {"id": self.user_id, "type": "private"}
        await self._feed({"edited_message": {**about, "chat": chat, "from": self._user}})

    async def sends(self, **content: Any) -> None:
        """As the Bot API describes it."""
        await self._message(self.server.put(self.user_id, "", from_person=True), content)

    async def sends_file(self, name: str, content: bytes, media_type: str = "application/pdf") -> None:
        number = f"file{next(_numbers)}"
        self.server.files[number] = content
        document = {"file_id": number, "file_unique_id": number, "file_name": name, "mime_type": media_type}
        await self.sends(document={**document, "file_size": len(content)})

    async def presses(self, label: str, *, of: Shown | None = None) -> None:
        for message in [of] if of else reversed(self.messages):
            for row in message.rows:
                for button in row:
                    if button["text"] == label:
                        await self.press_action(button["callback_data"], of=message)
                        return
        raise AssertionError(f"no button {label!r}; the screen has {self.buttons}: {self.text!r}")

    async def press_action(self, action: str, *, of: Shown | None = None) -> None:
        message = of or self.screen
        query = self.server.ask()
        await self._feed(
            {
                "callback_query": {
                    "id": query,
                    "from": self._user,
                    "chat_instance": "1",
                    "message": self.server.as_message(message),
                    "data": action,
                }
            }
        )
        assert query in self.server.answered, f"the press {action!r} was never answered"

    @property
    def _user(self) -> dict[str, Any]:
        return {"id": self.user_id, "is_bot": False, "first_name": "Педагог"}

    async def _message(self, message: Shown, content: dict[str, Any]) -> None:
        raw = {
            "message_id": message.id,
            "date": int(time.time()),
            "from": self._user,
            "chat": {"id": self.user_id, "type": "private", "first_name": "Педагог"},
            **content,
        }
        await self._feed({"message": raw})

    async def _feed(self, raw: dict[str, Any]) -> None:
        update = Update.model_validate({"update_id": next(_numbers), **raw}, context={"bot": self.bot})
        await self.dispatcher.feed_update(self.bot, update)


@dataclass(frozen=True)
class Community:
    """VK as it is, and our bot there."""

    server: FakeVk
    bot: MessengerBot
    converter: VkConverter


@asynccontextmanager
async def a_community(db: Database) -> AsyncIterator[Community]:
    """A fake VK with our community."""
    async with FakeVk() as server:
        bot = vk_bot(db, VkSettings(token=VK_TOKEN, group_id=GROUP, api_base=f"{server.url}/method"))
        assert isinstance(bot.session, VkSession)
        yield Community(server, bot, VkConverter(bot, bot.session))
        await bot.session.close()


KNOWS = {"keyboard": True, "inline_keyboard": True, "carousel": True, "button_actions": ["text", "callback"]}
"""What VK says of a client of today."""

DRAWS_BELOW = {"keyboard": True, "inline_keyboard": False, "carousel": False, "button_actions": ["text", "open_link"]}
"""What it says of one that draws no buttons under messages."""


class VkTalk(Talk):
    """Over the real session and conversion, and a fake VK."""

    messenger = "vk"

    def __init__(self, dispatcher: Dispatcher, community: Community, peer: int) -> None:
        self.dispatcher, self.peer = dispatcher, peer
        self.server, self.bot, self.converter = community.server, community.bot, community.converter
        self.user_id = coded(Messenger.vk, peer)
        self.client = KNOWS
        self.server.meet(peer)

    @property
    def messages(self) -> list[Shown]:
        return [m for m in self.server.chats.get(self.peer, []) if not m.deleted]

    async def says(self, text: str) -> None:
        await self._writes({"text": text})

    async def starts(self, ref: str = "") -> None:
        """«Начать», perhaps from a deep link."""
        more = {"ref": ref, "ref_source": "link"} if ref else {}
        await self._writes({"text": "Начать", "payload": '{"command":"start"}', **more})

    async def corrects(self, text: str) -> None:
        message = self.server.corrected(self.peer, text)
        about = {"date": message.date, "from_id": self.peer, "peer_id": self.peer, "text": text, "out": 0}
        await self._feed("message_edit", {**about, "conversation_message_id": message.id, "attachments": []})

    async def sends(self, **content: Any) -> None:
        """Things of the Bot API by their nearest kind in VK."""
        kinds = {"voice": "audio_message", "photo": "photo", "sticker": "sticker", "video": "video"}
        kind = kinds.get(next(iter(content)), "")
        thing = {"id": 1, "owner_id": self.peer, **({"link_ogg": "https://psv4.userapi.com/v.ogg"} if kind else {})}
        place = {"geo": {"type": "point", "coordinates": {"latitude": 54.7, "longitude": 32.0}}}
        await self._writes({"attachments": [{"type": kind, kind: thing}]} if kind else place)

    async def sends_file(self, name: str, content: bytes, media_type: str = "application/pdf") -> None:
        await self._writes({"attachments": [self.server.file(self.peer, name, content)]})

    async def _writes(self, thing: dict[str, Any]) -> None:
        text = thing.get("text", "")
        message = self.server.put(self.peer, text, from_person=True)
        about = {"date": message.date, "from_id": self.peer, "peer_id": self.peer, "text": text, "attachments": []}
        about |= {"conversation_message_id": message.id, **thing}
        await self._feed("message_new", {"message": about, "client_info": self.client})

    async def presses(self, label: str, *, of: Shown | None = None) -> None:
        for message in [of] if of else reversed(self.messages):
            for row in message.rows:
                for button in row:
                    if button["text"] == label:
                        await self.press_action(button["callback_data"], of=message)
                        return
        for row in self.below:
            for button in row:
                if button["text"] == label:
                    await self._writes({"text": label, "payload": json.dumps({"d": button["callback_data"]})})
                    return
        raise AssertionError(f"no button {label!r}; the screen has {self.buttons}: {self.text!r}")

    @property
    def below(self) -> list[list[dict[str, Any]]]:
        """Buttons below the input field."""
        return self.server.below.get(self.peer, [])

    async def press_action(self, action: str, *, of: Shown | None = None) -> None:
        event = self.server.ask(self.peer)
        who = {"user_id": self.peer, "peer_id": self.peer, "event_id": event, "payload": {"d": action}}
        await self._feed("message_event", {**who, "conversation_message_id": (of or self.screen).id})
        assert event in self.server.answered, f"the press {action!r} was never answered"

    async def _feed(self, kind: str, thing: dict[str, Any]) -> None:
        (updates,) = await self.converter.of_each([{"type": kind, "object": thing}], now=utcnow())
        for update in updates:
            await self.dispatcher.feed_update(self.bot, update)


@dataclass(frozen=True)
class Assistant:
    """MAX as it is, and our bot there."""

    server: FakeMax
    bot: MessengerBot
    converter: MaxConverter


@asynccontextmanager
async def an_assistant(db: Database) -> AsyncIterator[Assistant]:
    """A fake MAX with our bot."""
    async with FakeMax() as server:
        bot = max_bot(db, MaxSettings(token=MAX_TOKEN, api_base=server.url))
        assert isinstance(bot.session, MaxSession)
        yield Assistant(server, bot, MaxConverter(bot, bot.session))
        await bot.session.close()


class MaxTalk(Talk):
    """Over the real session and conversion, and a fake MAX."""

    messenger = "max"

    def __init__(self, dispatcher: Dispatcher, assistant: Assistant, user: int) -> None:
        self.dispatcher, self.user = dispatcher, user
        self.server, self.bot, self.converter = assistant.server, assistant.bot, assistant.converter
        self.user_id = coded(Messenger.max, user)
        self.server.meet(user)

    @property
    def messages(self) -> list[Shown]:
        return [m for m in self.server.chats.get(self.user, []) if not m.deleted]

    async def says(self, text: str) -> None:
        await self._feed(self.server.wrote(self.user, text))

    async def corrects(self, text: str) -> None:
        await self._feed(self.server.corrected(self.user, text))

    async def takes_back(self) -> None:
        await self._feed(self.server.removed(self.user))

    async def sends(self, **content: Any) -> None:
        """Things of the Bot API by their nearest kind in MAX."""
        kinds = {"voice": "audio", "photo": "image", "sticker": "sticker", "location": "share"}
        kind = kinds.get(next(iter(content)), "share")
        attachment = self.server.file("", b"content", kind) if kind in ("audio", "image") else {"type": kind}
        await self._feed(self.server.wrote(self.user, "", [attachment]))

    async def sends_file(self, name: str, content: bytes, media_type: str = "application/pdf") -> None:
        await self._feed(self.server.wrote(self.user, "", [self.server.file(name, content)]))

    async def presses(self, label: str, *, of: Shown | None = None) -> None:
        for message in [of] if of else reversed(self.messages):
            for row in message.rows:
                for button in row:
                    if button["text"] == label:
                        await self.press_action(button["callback_data"], of=message)
                        return
        raise AssertionError(f"no button {label!r}; the screen has {self.buttons}: {self.text!r}")

    async def press_action(self, action: str, *, of: Shown | None = None) -> None:
        await self._feed(self.server.pressed(of or self.screen, action))

    async def starts(self, payload: str | None = None) -> None:
        """«Начать», perhaps from a deep link."""
        await self._feed(self.server.started(self.user, payload))

    async def _feed(self, event: dict[str, Any]) -> None:
        for update in await self.converter.updates(event):
            await self.dispatcher.feed_update(self.bot, update)


def _command(text: str) -> dict[str, Any]:
    if not text.startswith("/"):
        return {}
    return {"entities": [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]}
