"""Empty databases to measure on: SQLite always, PostgreSQL where one is named."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from sqlalchemy import text

from bot.db import Database
from bot.models import Base

POSTGRES = "BENCH_POSTGRES"
"""Variable with the address of a PostgreSQL database that may be emptied."""


async def each() -> AsyncIterator[tuple[str, Database]]:
    """(name, database with empty tables), one after another."""
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}")
        await _tables(db)
        yield "sqlite", db
        await db.close()
    if address := os.environ.get(POSTGRES):
        db = Database(address)
        await _tables(db)
        yield "postgres", db
        await db.close()


async def settled(db: Database) -> None:
    """The database knows its tables after a great filling; PostgreSQL does it by itself within a minute or so."""
    async with db.begin() as session:
        await session.execute(text("ANALYZE"))


async def _tables(db: Database) -> None:
    async with db.writer.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
