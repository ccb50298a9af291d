"""VK's events, shaped as its documentation shows them, over the real handlers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiogram.types import Update

from bot.config import VkSettings
from bot.db import Database
from bot.messengers.base import MessengerBot
from bot.messengers.vk.session import VkSession, vk_bot
from bot.messengers.vk.updates import Converter
from bot.models import Messenger
from bot.rules.chat_ids import coded
from tests.fakes.vk import GROUP, TOKEN, FakeVk

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
ANNA = coded(Messenger.vk, 555)
OGG = "https://a.userapi.com/o"
SIZE = {"url": "https://a.userapi.com/p", "width": 9, "height": 9}
KNOWS = {"keyboard": True, "inline_keyboard": True, "carousel": True, "button_actions": ["text", "callback"]}


@pytest.fixture
async def vk() -> AsyncIterator[FakeVk]:
    async with FakeVk() as server:
        server.meet(555)
        yield server


@pytest.fixture
async def bot(vk: FakeVk, db: Database) -> AsyncIterator[MessengerBot]:
    made = vk_bot(db, VkSettings(token=TOKEN, group_id=GROUP, api_base=f"{vk.url}/method"))
    yield made
    await made.session.close()


@pytest.fixture
def converter(db: Database, bot: MessengerBot) -> Converter:
    assert isinstance(bot.session, VkSession)
    return Converter(bot, bot.session)


def written(text: str = "", client: dict[str, Any] = KNOWS, **more: Any) -> dict[str, Any]:
    message = {
        "date": 1764000000, "from_id": 555, "id": 91, "out": 0, "version": 10000301, "attachments": [],
        "conversation_message_id": 7, "fwd_messages": [], "important": False, "is_hidden": False,
        "peer_id": 555, "random_id": 0, "text": text, **more,
    }  # fmt: skip
    about = {"message": message, "client_info": client}
    return {"group_id": GROUP, "type": "message_new", "event_id": "e", "v": "5.199", "object": about}


async def one(converter: Converter, event: dict[str, Any]) -> Update:
    (made,) = await converter.of_each([event], now=NOW)
    assert len(made) == 1
    return made[0]


async def test_words(converter: Converter, bot: MessengerBot) -> None:
    message = (await one(converter, written("привет"))).message
    assert message is not None
    assert message.from_user is not None
    assert (message.text, message.chat.id, message.message_id, message.bot) == ("привет", ANNA, 7, bot)
    assert (message.from_user.id, message.from_user.first_name) == (ANNA, "Анна")


async def test_names_are_asked_once_and_never_waited_for(converter: Converter, vk: FakeVk) -> None:
    await converter.of_each([written("а"), written("б")], now=NOW)
    await converter.of_each([written("в")], now=NOW)
    assert [name for name, _ in vk.calls] == ["users.get"]
    vk.faults.append("500")
    unknown = (await one(converter, written("г", from_id=9, peer_id=9))).message
    assert unknown is not None
    assert unknown.from_user is not None
    assert unknown.from_user.first_name == "VK"


@pytest.mark.parametrize(
    ("event", "texts"),
    [
        (written("Начать", payload='{"command":"start"}'), ["/start"]),
        (written("Начать", payload='{"command":"start"}', ref="role_abc"), ["/start role_abc"]),
        (written("привет", ref="event_5"), ["/start event_5", "привет"]),
        (written("привет", ref="не наше; DROP"), ["привет"]),
    ],
)
async def test_start(converter: Converter, event: dict[str, Any], texts: list[str]) -> None:
    (made,) = await converter.of_each([event], now=NOW)
    assert [update.message.text for update in made if update.message] == texts


async def test_a_press_brings_the_message_back(converter: Converter, bot: MessengerBot, vk: FakeVk) -> None:
    sent = await bot.send_message(ANNA, "выбор")
    event = {"user_id": 555, "peer_id": 555, "event_id": vk.ask(555), "conversation_message_id": sent.message_id}
    update = await one(converter, {"type": "message_event", "object": {**event, "payload": {"d": "event:15:2"}}})
    press = update.callback_query
    assert press is not None
    assert press.message is not None
    assert (press.data, press.message.message_id, press.message.text) == ("event:15:2", 1, "выбор")  # type: ignore[union-attr]
    await bot.answer_callback_query(press.id)
    assert vk.answered == {event["event_id"]: ""}


async def test_an_old_client_presses_by_a_message(converter: Converter) -> None:
    press = (
        await one(converter, written("Дальше", {"inline_keyboard": False}, payload=json.dumps({"d": "x:1"})))
    ).callback_query
    assert press is not None
    assert (press.data, press.id) == ("x:1", "typed:7")


@pytest.mark.parametrize(
    ("attachment", "kind"),
    [
        (
            {"type": "doc", "doc": {"id": 1, "owner_id": 555, "title": "а.pdf", "size": 9, "url": "https://vk.com/d"}},
            "document",
        ),
        ({"type": "photo", "photo": {"id": 1, "owner_id": 5, "sizes": [SIZE]}}, "photo"),
        ({"type": "audio_message", "audio_message": {"id": 1, "owner_id": 5, "duration": 3, "link_ogg": OGG}}, "voice"),
        ({"type": "sticker", "sticker": {"sticker_id": 1}}, "sticker"),
    ],
)
async def test_things(converter: Converter, attachment: dict[str, Any], kind: str) -> None:
    message = (await one(converter, written(attachments=[attachment]))).message
    assert message is not None
    assert message.content_type == kind


@pytest.mark.parametrize(("kind", "status"), [("message_deny", "kicked"), ("message_allow", "member")])
async def test_a_dialogue_closed_and_opened(converter: Converter, kind: str, status: str) -> None:
    member = (await one(converter, {"type": kind, "object": {"user_id": 555}})).my_chat_member
    assert member is not None
    assert (member.from_user.id, member.new_chat_member.status) == (ANNA, status)


@pytest.mark.parametrize(
    "event",
    [
        written("в беседе", peer_id=2_000_000_001),
        written("от сообщества", from_id=-5, peer_id=-5),
        written("наше", out=1),
        {"type": "wall_post_new", "object": {"id": 1}},
        {"type": "message_new", "object": {"message": {"from_id": 555, "peer_id": 555}}},
        {"type": "message_new", "object": None},
        {"object": {"user_id": 555}},
    ],
)
async def test_what_is_not_for_us_or_not_readable(converter: Converter, event: dict[str, Any]) -> None:
    assert await converter.of_each([event], now=NOW) == [[]]
