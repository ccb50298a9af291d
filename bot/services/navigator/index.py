"""The entries of «Навигатор» and their terms in the search index."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import NavigatorEntry
from bot.services import search

KIND = "navigator"
"""Of the search index."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing of some source that may be found. Nothing in it may be personal."""

    object_id: int
    kind: str
    title: str
    about: str = ""
    # More words it is found by.
    text: str = ""
    subject: str | None = None
    group: str | None = None
    until: date | None = None

    @property
    def words(self) -> str:
        """Everything it is found by; the title counts twice, being what people remember."""
        return f"{self.title} {self.title} {self.about} {self.text}"

    @property
    def digest(self) -> str:
        """Changes with anything that is kept."""
        parts = (self.kind, self.title, self.about, self.text, self.subject, self.group, self.until)
        return hashlib.sha256(repr(parts).encode()).hexdigest()


async def put(session: AsyncSession, source: str, entry: Entry) -> None:
    """Make it findable, or findable by its new words."""
    await put_many(session, source, [entry])


async def put_many(session: AsyncSession, source: str, entries: Sequence[Entry]) -> int:
    """``put`` for many; how many were new or had changed."""
    ids = [entry.object_id for entry in entries]
    held = {
        row.object_id: row
        for row in await session.scalars(
            select(NavigatorEntry).where(NavigatorEntry.source == source, NavigatorEntry.object_id.in_(ids))
        )
    }
    changed = [one for one in entries if one.object_id not in held or held[one.object_id].digest != one.digest]
    fresh = [entry for entry in changed if entry.object_id not in held]
    numbers = {number: row.id for number, row in held.items()}
    if fresh:
        rows = await session.execute(
            insert(NavigatorEntry).returning(NavigatorEntry.object_id, NavigatorEntry.id),
            [{"source": source, "object_id": entry.object_id, **_values(entry)} for entry in fresh],
        )
        numbers |= dict(rows.all())
    for entry in changed:
        row = held.get(entry.object_id)
        if row is not None:
            for name, value in _values(entry).items():
                setattr(row, name, value)
    await session.flush()
    await search.index_many(
        session, KIND, {numbers[entry.object_id]: entry.words for entry in changed}, trigrams_too=False
    )
    return len(changed)


async def drop(session: AsyncSession, source: str, object_id: int) -> None:
    """It is found no more."""
    await drop_many(session, source, [object_id])


async def drop_many(session: AsyncSession, source: str, object_ids: Sequence[int]) -> None:
    """``drop`` for many."""
    gone = await session.execute(
        delete(NavigatorEntry)
        .where(NavigatorEntry.source == source, NavigatorEntry.object_id.in_(object_ids))
        .returning(NavigatorEntry.id)
    )
    for number in gone.scalars().all():
        await search.drop(session, KIND, number)


def _values(entry: Entry) -> dict[str, object]:
    return {
        "kind": entry.kind, "title": entry.title[:255], "about": entry.about, "subject_slug": entry.subject,
        "group_slug": entry.group, "until": entry.until, "digest": entry.digest,
    }  # fmt: skip
