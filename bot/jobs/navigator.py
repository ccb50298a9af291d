"""«Навигатор» by itself: what sources hold now is findable, what is gone is not."""

from __future__ import annotations

from datetime import datetime

import structlog

from bot.clock import local_date
from bot.config import Settings
from bot.db import Database
from bot.services.navigator import keeping

log = structlog.get_logger()


async def run(db: Database, settings: Settings, *, now: datetime) -> int:
    """Compare every source with the index; how many entries changed."""
    changed = await keeping.refresh(db, today=local_date(now, settings.zone))
    if changed:
        log.info("navigator", changed=changed)
    return changed
