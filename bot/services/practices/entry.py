"""A practice in «Навигатор»: what it is found by, and how many tried it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import CompetenceGroup, Practice, PracticeState, PracticeUse, Subject
from bot.services import navigator
from bot.services.navigator import Entry

SOURCE = "practice"
ABOUT = 240


async def refresh(session: AsyncSession, row: Practice) -> None:
    """Findable while it is published, in the transaction that changed it."""
    if row.state is not PracticeState.published:
        await navigator.drop(session, SOURCE, row.id)
        return
    titles = await _titles(session, [row])
    await navigator.put(session, SOURCE, of(row, titles))


async def all_of(session: AsyncSession, *, after: int, limit: int, today: date) -> list[Entry]:
    """Published ones in portions, for the job that compares."""
    rows = list(
        await session.scalars(
            select(Practice)
            .where(Practice.state == PracticeState.published, Practice.id > after)
            .order_by(Practice.id)
            .limit(limit)
        )
    )
    titles = await _titles(session, rows)
    return [of(row, titles) for row in rows]


async def applied(session: AsyncSession, practice_id: int) -> int:
    """How many colleagues tried it."""
    counted = select(func.count()).select_from(PracticeUse).where(PracticeUse.practice_id == practice_id)
    return int(await session.scalar(counted) or 0)


def of(row: Practice, titles: dict[str, str]) -> Entry:
    """What it is found by; no names of people."""
    subject, group = titles.get(f"s:{row.subject_slug}", ""), titles.get(f"g:{row.group_slug}", "")
    return Entry(
        object_id=row.id,
        kind="practice",
        title=row.title,
        about=row.problem[:ABOUT] or row.outcome[:ABOUT],
        text=" ".join((row.problem, row.actions, row.outcome, subject, group, row.grades)),
        subject=row.subject_slug,
        group=row.group_slug,
    )


async def _titles(session: AsyncSession, rows: list[Practice]) -> dict[str, str]:
    subjects = {row.subject_slug for row in rows if row.subject_slug}
    groups = {row.group_slug for row in rows if row.group_slug}
    made = {
        f"s:{slug}": title
        for slug, title in await session.execute(select(Subject.slug, Subject.title).where(Subject.slug.in_(subjects)))
    }
    made |= {
        f"g:{slug}": title
        for slug, title in await session.execute(
            select(CompetenceGroup.slug, CompetenceGroup.title).where(CompetenceGroup.slug.in_(groups))
        )
    }
    return made
