"""``begin()`` writes and is alone, ``read()`` neither writes nor waits; with and without the inline connection."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiosqlite
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot import inline_sqlite
from bot.db import Database, NestedTransaction, touch
from bot.inline_sqlite import InlineConnection
from bot.models import Base, Municipality, Organisation


@pytest.fixture(params=["sqlite", pytest.param("@postgres", marks=pytest.mark.postgres)])
def kind(request: pytest.FixtureRequest) -> str:
    """Which database ``db`` is."""
    return str(request.param)


@pytest.fixture
async def plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """SQLite where aiosqlite has other private names than those we know."""
    monkeypatch.delattr(aiosqlite.Connection, "stop")
    assert not inline_sqlite.can_be_inline()
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'plain.db'}")
    async with database.writer.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield database
    monkeypatch.undo()
    await database.close()


def place(name: str) -> Municipality:
    return Municipality(code=name, name=name, sort=name)


async def places(session: AsyncSession) -> list[str]:
    return list((await session.scalars(select(Municipality.code).order_by(Municipality.id))).all())


async def fails_after_writing(db: Database, name: str) -> None:
    async with db.begin() as session:
        session.add(place(name))
        touch(session, "places", 1)
        await session.flush()
        raise ZeroDivisionError


async def now_in(db: Database) -> list[str]:
    async with db.read() as session:
        return await places(session)


@pytest.mark.usefixtures("kind")
async def test_the_block_commits(db: Database) -> None:
    async with db.begin() as session:
        session.add(place("roslavl"))
    assert await now_in(db) == ["roslavl"]


@pytest.mark.usefixtures("kind")
async def test_an_exception_takes_everything_back(db: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        await fails_after_writing(db, "roslavl")
    assert await now_in(db) == []
    async with db.begin() as session:
        session.add(place("gagarin"))
    assert await now_in(db) == ["gagarin"]


@pytest.mark.usefixtures("kind")
async def test_a_transaction_inside_a_transaction_raises_at_once(db: Database) -> None:
    async def nested() -> None:
        async with db.begin() as outer:
            outer.add(place("roslavl"))
            async with db.begin():
                pass

    with pytest.raises(NestedTransaction):
        await asyncio.wait_for(nested(), 5)
    assert await now_in(db) == []
    async with db.begin() as session:
        session.add(place("gagarin"))
    assert await now_in(db) == ["gagarin"]


@pytest.mark.usefixtures("kind")
async def test_one_after_another_is_not_nested(db: Database) -> None:
    async with db.begin() as session:
        session.add(place("roslavl"))
    async with db.begin() as session:
        session.add(place("gagarin"))
    assert await now_in(db) == ["roslavl", "gagarin"]


@pytest.mark.usefixtures("kind")
async def test_a_reader_does_not_wait_for_the_writer_nor_see_half_of_it(db: Database) -> None:
    async with asyncio.timeout(5), db.begin() as writing:
        writing.add(place("roslavl"))
        await writing.flush()
        async with db.read() as reading:
            assert await places(reading) == []
    assert await now_in(db) == ["roslavl"]


@pytest.mark.usefixtures("kind")
async def test_the_writer_does_not_wait_for_a_reader(db: Database) -> None:
    async with asyncio.timeout(5), db.read() as reading:
        assert await places(reading) == []
        async with db.begin() as writing:
            writing.add(place("roslavl"))
        assert await now_in(db) == ["roslavl"]


@pytest.mark.usefixtures("kind")
async def test_a_reader_cannot_write(db: Database) -> None:
    async with db.read() as session:
        session.add(place("roslavl"))
        with pytest.raises(DBAPIError, match=r"readonly|read-only"):
            await session.commit()
    assert await now_in(db) == []


@pytest.mark.usefixtures("kind")
async def test_references_are_checked(db: Database) -> None:
    with pytest.raises(IntegrityError):
        async with db.begin() as session:
            session.add(Organisation(name="Школа", short_name="Школа", municipality_id=999, sort="школа"))


@pytest.mark.usefixtures("kind")
async def test_who_listens_hears_after_the_commit_only(db: Database) -> None:
    heard: list[int] = []
    db.subscribe("places", heard.append)
    with pytest.raises(ZeroDivisionError):
        await fails_after_writing(db, "roslavl")
    assert heard == []
    async with db.begin() as session:
        touch(session, "places", 2)
        touch(session, "people", 3)
        assert heard == []
    assert heard == [2]


@pytest.mark.usefixtures("kind")
async def test_a_task_given_up_while_it_waits_or_writes_holds_up_nobody(db: Database) -> None:
    inside, stay = asyncio.Event(), asyncio.Event()

    async def write(name: str) -> None:
        async with db.begin() as session:
            session.add(place(name))
            await session.flush()
            inside.set()
            await stay.wait()

    first = asyncio.create_task(write("roslavl"))
    await inside.wait()
    second = asyncio.create_task(write("gagarin"))
    await asyncio.sleep(0)
    for task in (second, first):
        task.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    async with asyncio.timeout(5), db.begin() as session:
        session.add(place("vyazma"))
    assert await now_in(db) == ["vyazma"]


async def test_writers_are_served_in_the_order_they_came(db: Database) -> None:
    """SQLite has one writer; two hundred at once are a queue, not an error."""

    async def write(number: int) -> None:
        async with db.begin() as session:
            session.add(place(f"{number:03}"))
            await asyncio.sleep(0)

    await asyncio.gather(*(write(number) for number in range(200)))
    assert await now_in(db) == [f"{number:03}" for number in range(200)]


@pytest.mark.postgres
@pytest.mark.parametrize("which", ["@postgres"])
async def test_writers_work_side_by_side_on_postgresql(db: Database, which: str) -> None:
    both = asyncio.Barrier(2)

    async def write(name: str) -> None:
        async with db.begin() as session:
            session.add(place(name))
            await session.flush()
            await both.wait()

    async with asyncio.timeout(5):
        await asyncio.gather(write("roslavl"), write("gagarin"))
    assert sorted(await now_in(db)) == ["gagarin", "roslavl"]


async def test_the_writing_connection_has_no_thread(db: Database) -> None:
    before = set(threading.enumerate())
    async with db.begin() as session:
        driver = (await (await session.connection()).get_raw_connection()).driver_connection
        assert isinstance(driver, InlineConnection)
    assert set(threading.enumerate()) == before


async def test_without_the_names_we_know_the_plain_connection_does_the_same(plain: Database) -> None:
    async with plain.begin() as session:
        driver = (await (await session.connection()).get_raw_connection()).driver_connection
        assert isinstance(driver, aiosqlite.Connection)
        assert not isinstance(driver, InlineConnection)
        session.add(place("roslavl"))
        await session.flush()
        async with plain.read() as reading:
            assert await places(reading) == []
    with pytest.raises(ZeroDivisionError):
        await fails_after_writing(plain, "gagarin")
    assert await now_in(plain) == ["roslavl"]
    with pytest.raises(NestedTransaction):
        async with plain.begin(), plain.begin():
            pass


async def test_the_file_is_set_up_for_many_readers(db: Database) -> None:
    for engine in (db.writer, db.reader):
        async with engine.connect() as connection:
            found = [
                await connection.scalar(text(f"PRAGMA {name}"))
                for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
            ]
        assert found == ["wal", 1, 1, 5000]


async def test_another_process_that_writes_is_waited_for(db: Database) -> None:
    """``people import`` beside a running system: SQLite's own lock is waited for, it is not an error."""
    held = threading.Event()

    def other() -> None:
        connection = sqlite3.connect(db.url.database or "", isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO municipalities (code, name, kind, sort) VALUES ('other', '', '', '')")
        held.set()
        time.sleep(0.2)
        connection.execute("COMMIT")
        connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    assert held.wait(5)
    async with db.begin() as session:
        session.add(place("roslavl"))
    thread.join()
    assert await now_in(db) == ["other", "roslavl"]
