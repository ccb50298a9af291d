"""A region that is set up: lists, the Smolensk pack, instruments; as after the first start."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import create_engine

from bot.config import ROOT
from bot.db import Database
from bot.models import Base
from bot.services import diagnostics, packs
from tests.factories import NOW


def prepare(folder: Path) -> Path:
    """A SQLite file to copy for every test."""
    path = folder / "region.db"
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    engine.dispose()
    # In a thread: a fixture may be asked for while a loop is running already.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _load(path)).result()
    return path


async def _load(path: Path) -> None:
    db = Database(f"sqlite+aiosqlite:///{path}")
    async with db.begin() as session:
        await packs.load_common(session, now=NOW)
        await packs.load_pack(session, "smolensk", now=NOW)
        await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=NOW)
    await db.close()
