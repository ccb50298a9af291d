"""The job that compares: what sources hold now against what «Навигатор» knows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select

from bot.db import Database
from bot.models import NavigatorEntry
from bot.services.navigator import plugged
from bot.services.navigator.index import drop_many, put_many
from bot.services.navigator.sources import SOURCES, Source, portions

PORTION = 500

assert plugged


async def refresh(db: Database, *, today: date, sources: Mapping[str, Source] = SOURCES) -> int:
    """Bring every source up to date in portions, each a transaction of its own; how many entries changed.

    Reading needs no writer: it is taken only where something changed.
    """
    changed = 0
    for source in sources.values():
        after = 0
        while True:
            async with db.read() as session:
                entries = await portions(session, source, after=after, limit=PORTION, today=today)
                last = entries[-1].object_id if len(entries) == PORTION else None
                span = (NavigatorEntry.object_id > after, *((NavigatorEntry.object_id <= last,) if last else ()))
                held = dict(
                    (
                        await session.execute(
                            select(NavigatorEntry.object_id, NavigatorEntry.digest)
                            .where(NavigatorEntry.source == source.slug, *span)
                            .limit(None if last else PORTION * 40)
                        )
                    ).all()
                )
            fresh = [entry for entry in entries if held.get(entry.object_id) != entry.digest]
            gone = list(held.keys() - {entry.object_id for entry in entries})
            if fresh or gone:
                async with db.begin() as session:
                    changed += await put_many(session, source.slug, fresh)
                    for start in range(0, len(gone), PORTION):
                        await drop_many(session, source.slug, gone[start : start + PORTION])
                changed += len(gone)
            if last is None:
                break
            after = last
    return changed
