"""What we wait for in a chat is kept in the database, is gone when empty, and one event is handled at a time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import permutations

import pytest
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.base import BaseEventIsolation, StorageKey
from sqlalchemy import func, select

from bot.db import Database
from bot.fsm import DatabaseIsolation, DatabaseStorage, isolation_for
from bot.models import DialogState
from tests.factories import NOW

MARIA = StorageKey(bot_id=42, chat_id=7001, user_id=7001)
OLGA = StorageKey(bot_id=42, chat_id=7002, user_id=7002)
IN_WEB = replace(MARIA, bot_id=5 * 10**15 + 1)

BOTH = ["sqlite", pytest.param("@postgres", marks=pytest.mark.postgres)]


class Form(StatesGroup):
    name = State()
    years = State()


@pytest.fixture(params=BOTH)
def kind(request: pytest.FixtureRequest) -> str:
    """Which database ``db`` is."""
    return str(request.param)


@pytest.fixture
def storage(kind: str, db: Database) -> DatabaseStorage:
    return DatabaseStorage(db, now=lambda: NOW)


async def rows(db: Database) -> int:
    async with db.read() as session:
        return await session.scalar(select(func.count()).select_from(DialogState)) or 0


async def test_state_and_words_are_kept(storage: DatabaseStorage, db: Database) -> None:
    await storage.set_state(MARIA, Form.name)
    await storage.set_data(MARIA, {"name": ["Иванова", "Мария"], "birth": None})
    assert await storage.update_data(MARIA, {"birth": 1968}) == {"name": ["Иванова", "Мария"], "birth": 1968}
    await storage.set_state(MARIA, Form.years)
    async with db.read() as session:
        row = (await session.scalars(select(DialogState))).one()
    assert (row.state, row.data["birth"], row.updated_at) == ("Form:years", 1968, NOW)


async def test_a_restart_goes_on_with_the_question_that_was_asked(storage: DatabaseStorage, db: Database) -> None:
    await storage.set_state(MARIA, Form.name)
    await storage.update_data(MARIA, {"birth": 1968})
    after = DatabaseStorage(db)
    assert await after.get_state(MARIA) == "Form:name"
    assert await after.get_data(MARIA) == {"birth": 1968}


async def test_chats_do_not_mix(storage: DatabaseStorage) -> None:
    await storage.set_state(MARIA, Form.name)
    await storage.set_data(IN_WEB, {"birth": 1968})
    assert [await storage.get_state(key) for key in (MARIA, OLGA, IN_WEB)] == ["Form:name", None, None]
    assert [await storage.get_data(key) for key in (MARIA, OLGA, IN_WEB)] == [{}, {}, {"birth": 1968}]


async def test_an_empty_record_disappears(storage: DatabaseStorage, db: Database) -> None:
    await storage.set_state(MARIA, Form.name)
    await storage.set_state(OLGA, Form.name)
    await storage.set_data(OLGA, {"birth": 1968})
    assert await rows(db) == 2
    await storage.set_state(MARIA, None)
    await storage.set_state(OLGA, None)
    assert await rows(db) == 1
    await storage.set_data(OLGA, {})
    assert await rows(db) == 0
    assert await storage.get_data(OLGA) == {}


async def test_asking_writes_nothing(storage: DatabaseStorage, db: Database) -> None:
    assert await storage.get_state(MARIA) is None
    assert await storage.get_data(MARIA) == {}
    await storage.set_state(MARIA, None)
    assert await rows(db) == 0


async def test_what_a_handler_does_with_its_copy_is_its_own_affair(storage: DatabaseStorage, db: Database) -> None:
    """Words that were not written must not look as if they were: a restart would lose them."""
    given = {"subjects": ["maths"]}
    await storage.set_data(MARIA, given)
    given["birth"] = ["1968"]
    given["subjects"].append("physics")
    (await storage.get_data(MARIA))["birth"] = 1968
    (await storage.get_data(MARIA))["subjects"].append("art")
    (await storage.update_data(MARIA, {}))["subjects"].append("music")
    assert await storage.get_data(MARIA) == await DatabaseStorage(db).get_data(MARIA) == {"subjects": ["maths"]}


@pytest.mark.postgres
@pytest.mark.parametrize("which", ["@postgres"])
async def test_two_processes_see_the_same(db: Database, which: str) -> None:
    here, there = DatabaseStorage(db), DatabaseStorage(db)
    assert await there.get_state(MARIA) is None
    await here.set_state(MARIA, Form.name)
    assert await there.get_state(MARIA) == "Form:name"
    await there.set_state(MARIA, None)
    assert await here.get_state(MARIA) is None


async def test_memory_is_bounded_and_nothing_is_lost_by_it(db: Database) -> None:
    storage = DatabaseStorage(db, size=2)
    keys = [replace(MARIA, chat_id=number, user_id=number) for number in range(1, 6)]
    for key in keys:
        await storage.set_data(key, {"n": key.user_id})
    assert len(storage._held) == 2
    assert [(await storage.get_data(key))["n"] for key in keys] == [1, 2, 3, 4, 5]


async def test_one_event_of_a_person_at_a_time(kind: str, db: Database) -> None:
    """Two processes over one PostgreSQL; one process over SQLite."""
    here = isolation_for(db)
    there = isolation_for(db) if kind == "@postgres" else here
    log: list[str] = []

    async def handle(door: BaseEventIsolation, name: str, key: StorageKey) -> None:
        async with door.lock(key):
            log.append(f"{name} in")
            await asyncio.sleep(0.05)
            log.append(f"{name} out")

    await asyncio.gather(handle(here, "first", MARIA), handle(there, "second", MARIA))
    assert log in ([f"{a} in", f"{a} out", f"{b} in", f"{b} out"] for a, b in permutations(("first", "second")))
    log.clear()
    await asyncio.gather(handle(here, "maria", MARIA), handle(there, "olga", OLGA))
    assert sorted(log[:2]) == ["maria in", "olga in"]


@pytest.mark.usefixtures("kind")
async def test_an_error_inside_opens_the_door_for_the_next(db: Database) -> None:
    door = isolation_for(db)
    with pytest.raises(ZeroDivisionError):
        async with door.lock(MARIA):
            raise ZeroDivisionError
    async with asyncio.timeout(5), door.lock(MARIA):
        pass
    await door.close()


@pytest.mark.postgres
@pytest.mark.parametrize("which", ["@postgres"])
async def test_a_giving_up_process_opens_the_door_for_the_next(db: Database, which: str) -> None:
    here, there = DatabaseIsolation(db), DatabaseIsolation(db)
    inside = asyncio.Event()

    async def handle() -> None:
        async with here.lock(MARIA):
            inside.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(handle())
    await inside.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(5), there.lock(MARIA):
        pass
