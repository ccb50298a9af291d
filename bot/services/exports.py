"""Files made beside the request: how far one is lies in the database, the file waits a day for whom it was made.

One at a time for a name; what was cut off by a stop may be begun again after ``STALE``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import Settings
from bot.db import Database
from bot.errors import UserError
from bot.models import RegionSetting, StoredFile
from bot.services import files, region

Clock = Callable[[], datetime]
Moved = Callable[[AsyncSession, int, int], Awaitable[None]]
"""Says, inside the caller's transaction, how much is done and of how much."""

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


@dataclass(frozen=True, slots=True)
class Errand:
    """What is made and for whom; ``purpose`` (32 signs) also names the thing."""

    purpose: str
    owner_id: int | None

    @property
    def name(self) -> str:
        """Under which it stands in the database."""
        return f"{self.purpose}:{self.owner_id}"


async def standing(session: AsyncSession, errand: Errand, *, now: datetime) -> Standing | None:
    """How far it is; None when none is under way."""
    kept = await region.setting(session, errand.name)
    if not kept:
        return None
    moved = datetime.fromisoformat(str(kept["moved_at"]))
    failed = bool(kept.get("failed")) or now - moved > STALE
    return Standing(int(kept["done"]), int(kept["total"]), moved, failed)


async def ready(session: AsyncSession, errand: Errand, *, now: datetime) -> list[StoredFile]:
    """Files that wait for this person, newest first."""
    f = StoredFile
    return list(
        await session.scalars(
            select(f)
            .where(f.owner_id == errand.owner_id, f.purpose == errand.purpose, f.expires_at > now)
            .order_by(f.id.desc())
        )
    )


async def begin(session: AsyncSession, errand: Errand, total: int, *, now: datetime) -> None:
    """Mark that it is under way. UserError while another one is."""
    under_way = await standing(session, errand, now=now)
    if under_way is not None and not under_way.failed:
        raise UserError("export-going")
    await mark(session, errand, 0, total, now=now)


async def mark(
    session: AsyncSession, errand: Errand, done: int, total: int, *, now: datetime, failed: bool = False
) -> None:
    """Say how far it is."""
    value = {"done": done, "total": total, "moved_at": now.isoformat(), "failed": failed}
    await region.set_setting(session, errand.name, value)


async def fail(db: Database, errand: Errand, *, now: datetime) -> None:
    """Say that it ended without a file."""
    async with db.begin() as session:
        await mark(session, errand, 0, 0, now=now, failed=True)


async def keep(
    db: Database, settings: Settings, errand: Errand, path: Path, *, name: str, media_type: str, clock: Clock
) -> None:
    """The finished file waits for its owner; the errand is done."""
    blob = await files.put_file(settings, path)
    now = clock()
    async with db.begin() as session:
        await files.add(
            session, blob, name=name, media_type=media_type, owner_id=errand.owner_id, purpose=errand.purpose,
            now=now, expires_at=now + KEPT,
        )  # fmt: skip
        await session.execute(delete(RegionSetting).where(RegionSetting.name == errand.name))
