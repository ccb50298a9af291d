"""Each event once, polling goes on where it stood, a message's last state is kept."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.db import Database
from bot.models import Messenger
from bot.services import receiving
from bot.services.receiving import Claim

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
both = pytest.mark.parametrize("where", ["sqlite", pytest.param("db@postgres", marks=pytest.mark.postgres)])


@both
async def test_an_event_is_taken_by_one_of_many(db: Database, where: str) -> None:
    async def take(messenger: Messenger = Messenger.vk, now: datetime = NOW) -> Claim:
        async with db.begin() as session:
            return await receiving.claim(session, messenger, "e1", now=now, lease=timedelta(minutes=2))

    assert sorted(await asyncio.gather(*(take() for _ in range(5)))) == [Claim.busy] * 4 + [Claim.taken]
    assert await take(Messenger.max) is Claim.taken, "another messenger's event of the same name"
    async with db.begin() as session:
        await receiving.not_taken(session, Messenger.vk, "e1")
    assert await take() is Claim.taken
    later = NOW + timedelta(minutes=3)
    assert await take(now=later) is Claim.taken, "who had it is gone"
    assert await take(now=later) is Claim.busy
    async with db.begin() as session:
        await receiving.done(session, Messenger.vk, ["e1"], now=later)
    assert await take(now=later + timedelta(hours=1)) is Claim.done


@both
async def test_what_is_noted_of_a_chat(db: Database, where: str) -> None:
    chat = 2 * 10**15 + 7
    async with db.begin() as session:
        await receiving.keep_wire(session, Messenger.vk, chat, 0, "below", now=NOW)
        await receiving.keep_wire(session, Messenger.vk, chat + 1, 5, "below", now=NOW)
        await receiving.keep_wire(session, Messenger.max, 3 * 10**15, 0, "77", now=NOW)
        assert await receiving.chats_noted(session, Messenger.vk, "below") == {chat}
        await receiving.forget_wire(session, Messenger.vk, chat)
        assert await receiving.chats_noted(session, Messenger.vk, "below") == set()


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
