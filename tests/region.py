"""A region that is set up: lists, the Smolensk pack, instruments; as after the first start."""

from __future__ import annotations

from bot.config import ROOT
from bot.db import Database
from bot.services import diagnostics, packs
from tests.factories import NOW


async def set_up(db: Database) -> None:
    """Load everything a region starts with."""
    async with db.begin() as session:
        await packs.load_common(session, now=NOW)
        await packs.load_pack(session, "smolensk", now=NOW)
        await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=NOW)
