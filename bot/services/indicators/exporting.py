"""The workbook with lists of people, made beside the request and kept a day for whom it was made."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import Settings
from bot.db import Database
from bot.errors import UserError
from bot.i18n import Translator
from bot.models import StoredFile
from bot.services import exports
from bot.services.access import Scope
from bot.services.documents.indicator_book import XLSX
from bot.services.exports import STALE, Clock, Errand, Standing
from bot.services.indicators import edition as editions
from bot.services.indicators import papers
from bot.services.indicators.edition import Edition

__all__ = ["PURPOSE", "STALE", "begin", "ready", "run", "standing"]

PURPOSE = "indicator-lists"


async def standing(session: AsyncSession, scope: Scope, *, now: datetime) -> Standing | None:
    """How far the export of this person is; None when none is under way."""
    return await exports.standing(session, _errand(scope), now=now)


async def ready(session: AsyncSession, scope: Scope, *, now: datetime) -> list[StoredFile]:
    """Files that wait for this person, newest first."""
    return await exports.ready(session, _errand(scope), now=now)


async def begin(session: AsyncSession, scope: Scope, edition: Edition, *, now: datetime) -> None:
    """Mark that it is under way. UserError while another one is, or when there is nobody to list."""
    size = editions.size(edition)
    if not size:
        raise UserError("indicator-export-empty")
    await exports.begin(session, _errand(scope), size, now=now)


async def run(
    db: Database, settings: Settings, scope: Scope, edition: Edition, t: Translator, *, name: str, clock: Clock
) -> None:
    """Write the file a portion at a time and keep it for its owner."""
    errand = _errand(scope)
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "lists.xlsx"

            async def moved(session: AsyncSession, done: int, total: int) -> None:
                await exports.mark(session, errand, done, total, now=clock())

            await papers.write_book(db, scope, edition, path, t, lists=True, now=clock(), moved=moved)
            await exports.keep(db, settings, errand, path, name=name, media_type=XLSX, clock=clock)
    except BaseException:
        await exports.fail(db, errand, now=clock())
        raise


def _errand(scope: Scope) -> Errand:
    return Errand(PURPOSE, scope.person_id)
