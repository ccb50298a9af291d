"""Each event once, polling goes on where it stood, a message's last state is kept."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from bot.db import Database
from bot.models import Messenger
from bot.services import receiving

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
both = pytest.mark.parametrize("where", ["sqlite", pytest.param("db@postgres", marks=pytest.mark.postgres)])


@both
async def test_an_event_is_taken_by_one_of_many(db: Database, where: str) -> None:
    async def take() -> bool:
        async with db.begin() as session:
            return await receiving.first_time(session, Messenger.vk, "e1", now=NOW)

    assert sorted(await asyncio.gather(*(take() for _ in range(5)))) == [False] * 4 + [True]
    async with db.begin() as session:
        assert await receiving.first_time(session, Messenger.max, "e1", now=NOW)
        await receiving.not_taken(session, Messenger.vk, "e1")
        assert await receiving.first_time(session, Messenger.vk, "e1", now=NOW)


@both
async def test_the_cursor_is_kept(db: Database, where: str) -> None:
    for value in ("17", "18"):
        async with db.begin() as session:
            await receiving.keep_cursor(session, Messenger.vk, value, now=NOW)
    async with db.read() as session:
        assert await receiving.cursor(session, Messenger.vk) == "18"
        assert await receiving.cursor(session, Messenger.max) == ""


@both
async def test_the_last_state_of_a_message(db: Database, where: str) -> None:
    chat = 2 * 10**15 + 7
    for text in ("раз", "два"):
        async with db.begin() as session:
            row = {"messenger": Messenger.vk, "chat_id": chat, "message_id": 5, "text": text, "sent_at": NOW}
            await receiving.remember(session, [{**row, "keyboard": [[1]], "attachments": ["doc1_2"]}])
    async with db.begin() as session:
        kept = await receiving.remembered(session, Messenger.vk, chat, 5)
        assert kept is not None
        assert (kept.text, kept.keyboard, kept.attachments, kept.sent_at) == ("два", [[1]], ["doc1_2"], NOW)
        await receiving.forget(session, Messenger.vk, chat, 5)
        assert await receiving.remembered(session, Messenger.vk, chat, 5) is None
