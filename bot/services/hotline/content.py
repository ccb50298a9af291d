"""Ready answers and pieces of answers from a file of ``data/``."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Canned, FaqEntry, FaqState, TicketTheme
from bot.services import data_files
from bot.services.hotline import faq

THEMES = [theme.value for theme in TicketTheme]


async def load(
    session: AsyncSession, path: Path, *, today: date, now: datetime, owner_id: int | None = None, demo: bool = True
) -> int:
    """Add the answers of a file that are not there yet, published; how many."""
    entry = data_files.read(path)
    known = set(await session.scalars(select(FaqEntry.question)))
    made = 0
    for one in entry.entries("answers"):
        theme, question = TicketTheme(one.one_of("theme", THEMES)), one.need("question", str)
        answer = one.need("answer", str)
        if question in known:
            continue
        session.add(
            FaqEntry(
                theme=theme, question=question, answer=answer, state=FaqState.published, owner_id=owner_id,
                created_at=now, published_at=now, checked_on=today, review_on=today + faq.REVIEW_AFTER, is_demo=demo,
            )
        )  # fmt: skip
        made += 1
    if not await session.scalar(select(func.count()).select_from(Canned)):
        for one in entry.entries("canned", optional=True):
            session.add(Canned(title=one.need("title", str)[:40], text=one.need("text", str), created_at=now))
    await session.flush()
    await faq.index_all(session)
    return made
