"""The workbook with lists of people, made beside the request: how far it is lies in the database, the file waits a day.

One at a time for a person; what was cut off by a stop may be begun again after ``STALE``.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import Settings
from bot.db import Database
from bot.errors import UserError
from bot.i18n import Translator
from bot.models import RegionSetting, StoredFile
from bot.services import files, region
from bot.services.access import Scope
from bot.services.documents.indicator_book import XLSX
from bot.services.indicators import edition as editions
from bot.services.indicators import papers
from bot.services.indicators.edition import Edition

Clock = Callable[[], datetime]
PURPOSE = "indicator-lists"
KEPT = timedelta(days=1)
STALE = timedelta(minutes=10)
"""An export that has not moved for so long was cut off."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An export that is under way: lines written, lines in all; ``failed`` ended without a file."""

    done: int
    total: int
    moved_at: datetime
    failed: bool = False


async def standing(session: AsyncSession, scope: Scope, *, now: datetime) -> Standing | None:
    """How far the export of this person is; None when none is under way."""
    kept = await region.setting(session, _name(scope))
    if not kept:
        return None
    moved = datetime.fromisoformat(str(kept["moved_at"]))
    failed = bool(kept.get("failed")) or now - moved > STALE
    return Standing(int(kept["done"]), int(kept["total"]), moved, failed)


async def ready(session: AsyncSession, scope: Scope, *, now: datetime) -> list[StoredFile]:
    """Files that wait for this person, newest first."""
    f = StoredFile
    return list(
        await session.scalars(
            select(f)
            .where(f.owner_id == scope.person_id, f.purpose == PURPOSE, f.expires_at > now)
            .order_by(f.id.desc())
        )
    )


async def begin(session: AsyncSession, scope: Scope, edition: Edition, *, now: datetime) -> None:
    """Mark that it is under way. UserError while another one is, or when there is nobody to list."""
    under_way = await standing(session, scope, now=now)
    if under_way is not None and not under_way.failed:
        raise UserError("indicator-export-going")
    if not editions.size(edition):
        raise UserError("indicator-export-empty")
    await _mark(session, scope, 0, editions.size(edition), now=now)


async def run(
    db: Database, settings: Settings, scope: Scope, edition: Edition, t: Translator, *, name: str, clock: Clock
) -> None:
    """Write the file a portion at a time and keep it for its owner."""
    now = clock()
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "lists.xlsx"

            async def moved(session: AsyncSession, done: int, total: int) -> None:
                await _mark(session, scope, done, total, now=clock())

            await papers.write_book(db, scope, edition, path, t, lists=True, now=now, moved=moved)
            blob = await files.put(settings, await asyncio.to_thread(path.read_bytes))
    except BaseException:
        async with db.begin() as session:
            await _mark(session, scope, 0, 0, now=clock(), failed=True)
        raise
    async with db.begin() as session:
        await files.add(
            session, blob, name=name, media_type=XLSX, owner_id=scope.person_id, purpose=PURPOSE, now=now,
            expires_at=clock() + KEPT,
        )  # fmt: skip
        await session.execute(delete(RegionSetting).where(RegionSetting.name == _name(scope)))


async def _mark(
    session: AsyncSession, scope: Scope, done: int, total: int, *, now: datetime, failed: bool = False
) -> None:
    value = {"done": done, "total": total, "moved_at": now.isoformat(), "failed": failed}
    await region.set_setting(session, _name(scope), value)


def _name(scope: Scope) -> str:
    return f"{PURPOSE}:{scope.person_id}"
