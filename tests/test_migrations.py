"""The chain goes up, down and up again on both databases, and ends where the models are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from bot.db import Database
from bot.models import Base
from bot.schema import migrate, revisions
from tests.postgres import Postgres


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def empty(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A database without a single table."""
    if request.param == "sqlite":
        db = Database(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")
        yield db
        await db.close()
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = await server.create()
    db = Database(server.url_of(name))
    yield db
    await db.close()
    await server.drop(name)


async def test_up_down_up(empty: Database) -> None:
    await migrate(empty)
    assert await tables(empty) == {*Base.metadata.tables, "alembic_version"}
    at, newest = await revisions(empty)
    assert at == newest is not None
    await migrate(empty, "base")
    assert await tables(empty) == {"alembic_version"}
    await migrate(empty)
    await migrate(empty)
    assert await differences(empty) == []


async def test_processes_that_start_together_take_turns(empty: Database) -> None:
    others = [Database(empty.url.render_as_string(hide_password=False)) for _ in range(3)]
    await asyncio.gather(*(migrate(db) for db in others))
    assert await differences(empty) == []
    for db in others:
        await db.close()


async def tables(db: Database) -> set[str]:
    async with db.writer.begin() as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


async def differences(db: Database) -> list[object]:
    def compare(connection: Connection) -> list[object]:
        return list(
            compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata)
        )

    async with db.writer.begin() as connection:
        return await connection.run_sync(compare)
