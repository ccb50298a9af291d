"""Conversation state in our database; only where typed text is awaited. Empty records disappear."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from copy import deepcopy
from datetime import datetime
from typing import Any
from zlib import crc32

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseEventIsolation, BaseStorage, StateType, StorageKey
from aiogram.fsm.storage.memory import SimpleEventIsolation
from sqlalchemy import delete, select, text

from bot.clock import utcnow
from bot.db import Database
from bot.models import DialogState

Record = tuple[str | None, dict[str, Any]]
EMPTY: Record = (None, {})


class DatabaseStorage(BaseStorage):
    """aiogram's storage over ``dialog_states``.

    SQLite is served by one process, which therefore may remember what it wrote; with PostgreSQL
    another process may have answered the last message, so every look is a fresh one.
    """

    def __init__(self, db: Database, *, now: Callable[[], datetime] = utcnow, size: int = 20_000) -> None:
        self._db = db
        self._now = now
        self._size = size if db.is_sqlite else 0
        self._held: OrderedDict[StorageKey, Record] = OrderedDict()

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        name = state.state if isinstance(state, State) else state
        await self._write(key, lambda record: (name, record[1]))

    async def get_state(self, key: StorageKey) -> str | None:
        return (await self._record(key))[0]

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        await self._write(key, lambda record: (record[0], deepcopy(dict(data))))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        return deepcopy((await self._record(key))[1])

    async def update_data(self, key: StorageKey, data: Mapping[str, Any]) -> dict[str, Any]:
        record = await self._write(key, lambda held: (held[0], {**held[1], **deepcopy(dict(data))}))
        return deepcopy(record[1])

    async def close(self) -> None:
        """The database is closed by whoever opened it."""

    async def _record(self, key: StorageKey) -> Record:
        held = self._held.get(key)
        if held is not None:
            return held
        async with self._db.read() as session:
            row = (await session.execute(select(DialogState.state, DialogState.data).where(*_of(key)))).one_or_none()
        return self._hold(key, (row[0], row[1]) if row else EMPTY)

    async def _write(self, key: StorageKey, change: Callable[[Record], Record]) -> Record:
        async with self._db.begin() as session:
            row = await session.get(DialogState, (key.bot_id, key.chat_id, key.user_id))
            state, data = change((row.state, row.data) if row else EMPTY)
            if state is None and not data:
                await session.execute(delete(DialogState).where(*_of(key)))
            elif row is None:
                session.add(
                    DialogState(
                        bot_id=key.bot_id,
                        chat_id=key.chat_id,
                        user_id=key.user_id,
                        state=state,
                        data=data,
                        updated_at=self._now(),
                    )
                )
            else:
                row.state, row.data, row.updated_at = state, data, self._now()
        return self._hold(key, (state, data))

    def _hold(self, key: StorageKey, record: Record) -> Record:
        if self._size:
            self._held[key] = record
            if len(self._held) > self._size:
                self._held.popitem(last=False)
        return record


class DatabaseIsolation(BaseEventIsolation):
    """One event of a person at a time, over all processes on one PostgreSQL (advisory locks).

    The lock has a connection of its own; how many events wait for one is bounded by the pool.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._inside = SimpleEventIsolation()

    @asynccontextmanager
    async def lock(self, key: StorageKey) -> AsyncIterator[None]:
        number = crc32(f"{key.bot_id}:{key.chat_id}:{key.user_id}".encode())
        async with self._inside.lock(key), self._db.locks.connect() as connection:
            await connection.execute(text("SELECT pg_advisory_lock(71, :number)"), {"number": number - 2**31})
            try:
                yield
            finally:
                await connection.execute(text("SELECT pg_advisory_unlock(71, :number)"), {"number": number - 2**31})

    async def close(self) -> None:
        await self._inside.close()


def isolation_for(db: Database) -> BaseEventIsolation:
    """In memory for one process, in the database for several."""
    return SimpleEventIsolation() if db.is_sqlite else DatabaseIsolation(db)


def _of(key: StorageKey) -> tuple[Any, ...]:
    return (
        DialogState.bot_id == key.bot_id,
        DialogState.chat_id == key.chat_id,
        DialogState.user_id == key.user_id,
    )
