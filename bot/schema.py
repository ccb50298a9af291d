"""The schema of the database: bring it to this version, tell which version it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sqlalchemy import Connection, create_engine, event, text

from bot.config import ROOT
from bot.db import Database
from bot.errors import UserError

if TYPE_CHECKING:
    from alembic.config import Config

LOCK = (73, 1)
"""The advisory lock of the one process that migrates; the others wait for it."""


async def migrate(db: Database, revision: str = "head") -> None:
    """Bring the database to a revision, in one transaction; processes that start together take turns.

    UserError when a newer version of the program made the database.
    """
    from alembic.util import CommandError

    try:
        await _migrate(db, revision)
    except CommandError as failure:
        at, _ = await revisions(db)
        raise UserError("migrate-unknown", revision=at or "") from failure


async def _migrate(db: Database, revision: str) -> None:
    if db.is_sqlite:
        await asyncio.to_thread(_migrate_file, db.url.database or "", revision)
        return
    async with db.writer.begin() as connection:
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK[0]}, {LOCK[1]})"))
        await connection.run_sync(_move, revision)


async def revisions(db: Database) -> tuple[str | None, str | None]:
    """(the database's revision, the newest one); None for an empty database."""
    from alembic.script import ScriptDirectory

    newest = ScriptDirectory.from_config(config()).get_current_head()
    async with db.writer.connect() as connection:
        return await connection.run_sync(_revision), newest


def config() -> Config:
    """Alembic's configuration, wherever the process was started."""
    from alembic.config import Config

    return Config(str(ROOT / "alembic.ini"))


def _migrate_file(path: str, revision: str) -> None:
    """SQLite, over a plain connection: tables are rebuilt, so foreign keys stay unchecked meanwhile."""
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 60, "isolation_level": None})
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            _move(connection, revision)
    finally:
        engine.dispose()


def _move(connection: Connection, revision: str) -> None:
    from alembic import command

    made = config()
    made.attributes["connection"] = connection
    if revision == "base":
        command.downgrade(made, revision)
    else:
        command.upgrade(made, revision)


def _revision(connection: Connection) -> str | None:
    from alembic.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()
