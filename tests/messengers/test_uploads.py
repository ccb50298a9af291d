"""A file for many people is uploaded once; what a messenger has forgotten is uploaded again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.config import MaxSettings, TelegramSettings, VkSettings
from bot.db import Database
from bot.messengers.base import MessengerBot
from bot.messengers.max.session import max_bot
from bot.messengers.telegram import telegram_bot
from bot.messengers.vk.session import vk_bot
from bot.models import Messenger
from bot.rules.chat_ids import coded
from bot.ui.screen import Attachment, Screen
from bot.ui.show import send
from tests.fakes import max as fake_max
from tests.fakes import telegram as fake_telegram
from tests.fakes import vk as fake_vk

PEOPLE = range(1, 6)
PAPER = Attachment("план.docx", b"content", "application/octet-stream")
PICTURE = Attachment("афиша.png", b"picture", "image/png")


@asynccontextmanager
async def office(messenger: Messenger, db: Database) -> AsyncIterator[tuple[Any, MessengerBot]]:
    match messenger:
        case Messenger.telegram:
            server: Any = fake_telegram.FakeTelegram()
        case Messenger.vk:
            server = fake_vk.FakeVk()
        case _:
            server = fake_max.FakeMax()
    async with server:
        match messenger:
            case Messenger.telegram:
                bot = telegram_bot(TelegramSettings(token=fake_telegram.TOKEN, api_base=server.url))
            case Messenger.vk:
                bot = vk_bot(
                    db, VkSettings(token=fake_vk.TOKEN, group_id=fake_vk.GROUP, api_base=f"{server.url}/method")
                )
            case _:
                bot = max_bot(db, MaxSettings(token=fake_max.TOKEN, api_base=server.url))
        for number in PEOPLE:
            server.meet(number)
        yield server, bot
        await bot.session.close()


def uploads(server: Any) -> int:
    match server:
        case fake_telegram.FakeTelegram():
            return int(server.uploaded)
        case fake_vk.FakeVk():
            return sum(name.endswith("getMessagesUploadServer") for name, _ in server.calls)
    return sum(call[0] == "POST /uploads" for call in server.calls)


@pytest.mark.parametrize("messenger", [Messenger.telegram, Messenger.vk, Messenger.max])
async def test_one_upload_serves_all(messenger: Messenger, db: Database) -> None:
    async with office(messenger, db) as (server, bot):
        for number in PEOPLE:
            for attachment in (PAPER, PICTURE):
                await send(bot, coded(messenger, number), Screen("Смотрите", attachment=attachment))
        assert uploads(server) == 2
        for number in PEOPLE:
            shown = [(message.plain, message.file["id"]) for message in server.chats[number]]
            assert shown == [(message.plain, message.file["id"]) for message in server.chats[1]]
            assert len(shown) == 2

        (server.attachments if messenger is Messenger.vk else server.files).clear()
        await send(bot, coded(messenger, 1), Screen("Ещё раз", attachment=PAPER))
        assert uploads(server) == 3
        assert [message.plain for message in server.chats[1]] == ["Смотрите", "Смотрите", "Ещё раз"]

        changed = Attachment(PAPER.name, b"other content", PAPER.media_type)
        await send(bot, coded(messenger, 1), Screen("Новая редакция", attachment=changed))
        assert uploads(server) == 4
