"""A process that reminds, to be killed: ``python -m tests.reminder MOMENT`` with settings in the environment."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime

from bot.config import ROOT, Settings
from bot.db import Database
from bot.i18n import Texts
from bot.jobs import roadmap


async def run(moment: datetime) -> None:
    """One pass over the roadmap as of a moment."""
    settings = Settings(_env_file=None)
    db = Database(settings.database_url)
    texts = Texts(ROOT / "locales")
    print("ready", flush=True)
    await roadmap.run(db, texts, settings, now=moment)
    await db.close()
    print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(run(datetime.fromisoformat(sys.argv[1])))
