"""Parts of tests of mentoring: a diagnosis with a result."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    Attempt,
    AttemptState,
    DeficitLevel,
    GroupResult,
    InstrumentVersion,
    Messenger,
    Purpose,
    VersionGroup,
)
from tests.factories import NOW


async def diagnosed(session: AsyncSession, person_id: int, groups: dict[str, float]) -> None:
    """A finished official attempt whose groups are deficits with these percentages."""
    version_id = await session.scalar(
        select(InstrumentVersion.id)
        .join(VersionGroup, VersionGroup.version_id == InstrumentVersion.id)
        .where(VersionGroup.slug == next(iter(groups)))
        .order_by(InstrumentVersion.id)
        .limit(1)
    )
    attempt = Attempt(
        person_id=person_id, version_id=version_id, purpose=Purpose.official, state=AttemptState.finished,
        messenger=Messenger.web, started_at=NOW - timedelta(days=9), touched_at=NOW - timedelta(days=9),
        finished_at=NOW - timedelta(days=9),
    )  # fmt: skip
    session.add(attempt)
    await session.flush()
    for slug, pct in groups.items():
        group_id = await session.scalar(
            select(VersionGroup.id).where(VersionGroup.version_id == version_id, VersionGroup.slug == slug)
        )
        session.add(
            GroupResult(
                attempt_id=attempt.id, group_id=group_id, pct=pct, deficit_level=DeficitLevel.high, is_deficit=True,
                answered=5, total=5,
            )
        )  # fmt: skip
    await session.flush()
