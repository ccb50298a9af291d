"""Alembic: one chain for SQLite and PostgreSQL, over the connection it is given."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from bot.models import Base
from bot.models.base import UtcDateTime

target = Base.metadata


def written_as(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Types of ours as plain ones, so that an old migration does not depend on today's code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, sa.Enum):
        return f"sa.String(length={item.length})"
    return False


def upgrade_over(connection: Connection) -> None:
    """Run the wanted steps; SQLite rebuilds tables, because it changes few columns in place."""
    context.configure(
        connection=connection,
        target_metadata=target,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=written_as,
        transactional_ddl=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def by_settings() -> None:
    """From the command line of alembic (``alembic revision --autogenerate``): the configured database."""
    from bot.config import Settings
    from bot.db import Database

    db = Database(Settings().database_url)
    async with db.writer.begin() as connection:
        await connection.run_sync(upgrade_over)
    await db.close()


given = context.config.attributes.get("connection")
if given is not None:
    upgrade_over(given)
else:
    asyncio.run(by_settings())
