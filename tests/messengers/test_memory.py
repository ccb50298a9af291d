"""What our messages last looked like: at hand, in the table, and in another process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.db import Database
from bot.messengers import memory as module
from bot.messengers.memory import Kept, Memory
from bot.models import Messenger
from bot.services import receiving
from tests.factories import NOW

CHAT = 3 * 10**15 + 7
both = pytest.mark.parametrize("where", ["here", pytest.param("here@postgres", marks=pytest.mark.postgres)])


@pytest.fixture
async def memory(db: Database) -> AsyncIterator[Memory]:
    made = Memory(db, Messenger.max)
    yield made
    await made.close()


async def in_table(db: Database, number: int) -> str | None:
    async with db.read() as session:
        row = await receiving.remembered(session, Messenger.max, CHAT, number)
    return row.text if row else None


@both
async def test_it_is_at_hand_at_once_and_in_the_table_soon(
    memory: Memory, db: Database, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SOON", 0.05)
    for number in range(20):
        memory.keep(CHAT, number, Kept(f"слова {number}", [[{"text": "Да"}]], [{"type": "image"}], NOW))
    memory.keep(CHAT, 5, Kept("другие", sent_at=NOW + timedelta(hours=1)))
    found = await memory.find(CHAT, 5)
    assert found is not None
    assert (found.text, await in_table(db, 5)) == ("другие", None)
    async with asyncio.timeout(5):
        while await in_table(db, 19) is None:
            await asyncio.sleep(0.02)
    assert await in_table(db, 5) == "другие"
    memory.keep(CHAT, 6, Kept("позже", sent_at=NOW + timedelta(days=1)))
    await memory.close()
    async with db.read() as session:
        row = await receiving.remembered(session, Messenger.max, CHAT, 6)
    assert row is not None
    assert (row.text, row.keyboard, row.sent_at) == ("позже", [], NOW), "the moment of sending stays"


async def test_another_process_is_believed_where_it_matters(memory: Memory, db: Database) -> None:
    memory.keep(CHAT, 1, Kept("раз"))
    await memory.write()
    other = Memory(db, Messenger.max)
    other.keep(CHAT, 1, Kept("два"))
    await other.write()
    found, anew = await memory.find(CHAT, 1), await memory.find(CHAT, 1, anew=True)
    assert found is not None
    assert anew is not None
    assert (found.text, anew.text) == ("раз", "два")
    again = await memory.find(CHAT, 1)
    assert again is not None
    assert again.text == "два"
    await other.close()


async def test_what_is_at_hand_is_bounded_and_the_rest_is_found_in_the_table(db: Database) -> None:
    memory = Memory(db, Messenger.max, size=2)
    for number in range(5):
        memory.keep(CHAT, number, Kept(str(number)))
    await memory.close()
    assert len(memory._at_hand) == 2
    found = await memory.find(CHAT, 0)
    assert found is not None
    assert found.text == "0"


async def test_forgotten_is_forgotten_everywhere(memory: Memory, db: Database) -> None:
    memory.keep(CHAT, 1, Kept("раз"))
    await memory.write()
    memory.keep(CHAT, 1, Kept("два"))
    await memory.forget(CHAT, 1)
    await memory.write()
    assert await memory.find(CHAT, 1) is None
    assert await in_table(db, 1) is None


async def test_a_database_that_fails_costs_nobody_an_answer(db: Database) -> None:
    memory = Memory(db, Messenger.max)
    await db.close()
    async with db.writer.begin() as connection:
        await connection.exec_driver_sql("DROP TABLE sent_messages")
    memory.keep(CHAT, 1, Kept("раз"))
    await memory.write()
    found = await memory.find(CHAT, 1)
    assert found is not None
    assert found.text == "раз"
