"""The roadmap that runs itself: saving, schedules, people, reminders, evidence, reports."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.roadmap import Days
from bot.services import packs
from bot.services.roadmap.nearest import next_step
from bot.services.roadmap.reminding import Digest
from bot.services.roadmap.saving import Heading, Named, Row, Saved, save, start
from bot.services.roadmap.schedule import notes_of

__all__ = ["Digest", "Heading", "Named", "Row", "Saved", "days_off", "next_step", "notes_of", "save", "start"]


async def days_off(session: AsyncSession, *, today: date) -> Days:
    """Days that differ from their week, as far as reminders look back and ahead."""
    return await packs.working_days(session, today - timedelta(days=370), today + timedelta(days=370))
