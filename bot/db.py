"""The database: ``begin()`` writes, ``read()`` reads, and the network stays outside both."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from bot.inline_sqlite import open_inline

_writing: ContextVar[asyncio.Task[Any] | None] = ContextVar("writing", default=None)


Listener = Callable[[int], None]


def touch(session: AsyncSession, topic: str, key: int = 0) -> None:
    """Say that something changed; those who ``subscribe`` hear of it after the commit."""
    session.info.setdefault("touched", []).append((topic, key))


class NestedTransaction(RuntimeError):
    """``begin()`` inside ``begin()``: a service opened a transaction of its own."""


class Database:
    """One schema on SQLite (a single writing connection) or PostgreSQL (a pool)."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            path = self.url.database or ""
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            self.writer = create_async_engine(
                url, pool_size=1, max_overflow=0, pool_reset_on_return=None, async_creator=lambda: open_inline(path)
            )
            _set_up_sqlite(self.writer, begin="BEGIN IMMEDIATE")
            self.reader = create_async_engine(url, pool_size=4, max_overflow=4, connect_args={"isolation_level": None})
            _set_up_sqlite(self.reader, begin="BEGIN", query_only=True)
        else:
            self.writer = create_async_engine(url, pool_size=pool_size, max_overflow=5, pool_pre_ping=True)
            self.reader = self.writer.execution_options(postgresql_readonly=True)
            # Advisory locks hold a connection while the network answers: never one of the workers'.
            self.locks = create_async_engine(url, pool_size=24, max_overflow=0, isolation_level="AUTOCOMMIT")
        # FIFO, so that twenty waiting presses are served in the order they came; the pool's queue is not.
        self._turn = asyncio.Lock() if self.is_sqlite else None
        self._listeners: defaultdict[str, list[Listener]] = defaultdict(list)
        self._writing = async_sessionmaker(self.writer, expire_on_commit=False)
        self._reading = async_sessionmaker(self.reader, expire_on_commit=False, autoflush=False)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """One writing transaction: commits at the end of the block, rolls back on an exception."""
        task = asyncio.current_task()
        if _writing.get() is task:
            raise NestedTransaction("db.begin() inside db.begin(): pass the session on instead")
        if self._turn is not None:
            await self._turn.acquire()
        token = _writing.set(task)
        try:
            async with self._writing.begin() as session:
                yield session
        finally:
            _writing.reset(token)
            if self._turn is not None:
                self._turn.release()
        for topic, key in session.info.get("touched", ()):
            for listener in self._listeners[topic]:
                listener(key)

    def subscribe(self, topic: str, listener: Listener) -> None:
        """Call ``listener(key)`` after each commit that touched the topic (this process only)."""
        self._listeners[topic].append(listener)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that cannot write and does not hold up those who do."""
        async with self._reading() as session:
            yield session

    async def empty_journal(self) -> bool:
        """On SQLite, end the write-ahead journal: what was written in which order is no longer on the disk.

        Does not wait for readers: False while one of them still needs the journal.
        """
        if self._turn is None:
            return True
        async with self._turn, self.writer.connect() as connection:
            return await connection.run_sync(_empty_journal)

    async def close(self) -> None:
        """Close every connection."""
        await self.writer.dispose()
        await (self.reader if self.is_sqlite else self.locks).dispose()


def _set_up_sqlite(engine: AsyncEngine, *, begin: str, query_only: bool = False) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def pragmas(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA busy_timeout=5000")
        if query_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(begin)


def _empty_journal(connection: Connection) -> bool:
    cursor = connection.connection.cursor()
    try:
        cursor.execute("PRAGMA busy_timeout=0")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        row = cursor.fetchone()
        cursor.execute("PRAGMA busy_timeout=5000")
    finally:
        cursor.close()
    return row is not None and row[0] == 0
