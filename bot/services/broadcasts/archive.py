"""The archive of rubrics for everybody: posts that went to the whole region, with no word of who got them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound
from bot.models import Broadcast, BroadcastKind, BroadcastState, Rubric

SIZE = 15


@dataclass(frozen=True, slots=True)
class RubricShelf:
    """A rubric with what its archive holds."""

    slug: str
    title: str
    about: str
    how_often: str
    posts: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class ArchivedPost:
    """A post as it was sent."""

    id: int
    title: str
    body: str
    link_label: str
    link_url: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class ArchivePage:
    """A page of one rubric, the latest first."""

    shelf: RubricShelf
    posts: Sequence[ArchivedPost]
    number: int

    @property
    def has_next(self) -> bool:
        """True when there is an older page."""
        return (self.number + 1) * SIZE < self.shelf.posts


async def shelves(session: AsyncSession, *, now: datetime) -> list[RubricShelf]:
    """Every rubric of the region in its order."""
    b = Broadcast
    counts = {
        slug: (number, last)
        for slug, number, last in await session.execute(
            select(b.rubric_slug, func.count(), func.max(b.starts_at)).where(*_went(now)).group_by(b.rubric_slug)
        )
    }
    return [
        RubricShelf(row.slug, row.title, row.about, row.how_often, *counts.get(row.slug, (0, None)))
        for row in await session.scalars(select(Rubric).order_by(Rubric.place, Rubric.slug))
    ]


async def posts(session: AsyncSession, slug: str, *, number: int = 0, now: datetime) -> ArchivePage:
    """A page of a rubric. NotFound for another word."""
    shelf = next((one for one in await shelves(session, now=now) if one.slug == slug), None)
    if shelf is None:
        raise NotFound()
    b = Broadcast
    rows = await session.scalars(
        select(b)
        .where(*_went(now), b.rubric_slug == slug)
        .order_by(b.starts_at.desc(), b.id.desc())
        .offset(number * SIZE)
        .limit(SIZE)
    )
    found = [ArchivedPost(row.id, row.title, row.body, row.link_label, row.link_url, row.starts_at) for row in rows]
    return ArchivePage(shelf, found, number)


def _went(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Posts that have begun to go; what stays in one district or was stopped is not for the archive."""
    b = Broadcast
    return (
        b.kind == BroadcastKind.rubric,
        b.state.in_((BroadcastState.running, BroadcastState.done)),
        b.municipality_id.is_(None),
        b.starts_at <= now,
    )
