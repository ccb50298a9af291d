"""A region that is set up: lists, the Smolensk pack, instruments."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from bot.config import ROOT
from bot.db import Database
from bot.models import Base
from bot.services import diagnostics, packs
from tests.factories import NOW


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared SQLite file, as after the first start; copying it costs nothing."""
    path = tmp_path_factory.mktemp("region") / "region.db"
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    engine.dispose()
    asyncio.run(set_up(path))
    return path


async def set_up(path: Path) -> None:
    db = Database(f"sqlite+aiosqlite:///{path}")
    async with db.begin() as session:
        await packs.load_common(session, now=NOW)
        await packs.load_pack(session, "smolensk", now=NOW)
        await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=NOW)
    await db.close()
