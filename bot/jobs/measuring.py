"""Nightly: the error of measurement of versions that got new answers."""

from __future__ import annotations

from datetime import datetime

import structlog

from bot.db import Database
from bot.services.diagnostics import analysis

log = structlog.get_logger()


async def errors(db: Database, *, now: datetime) -> int:
    """Analyse each version that is due and keep its errors; how many versions. Reading holds nobody up."""
    async with db.read() as session:
        due = await analysis.due_for_errors(session)
    for version_id in due:
        async with db.read() as session:
            found = await analysis.analysed(session, version_id)
        async with db.begin() as session:
            known = await analysis.store_errors(session, found, now=now)
        log.info("errors-computed", version=version_id, persons=found.n, groups=known)
    return len(due)
