"""Wellbeing of the demonstration: telephones as if checked, a wave that is over, one that runs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import HelpContact, Role, ScopeKind, WellbeingCounter
from bot.rules.wellbeing import Level
from bot.services.access import Grant, Scope
from bot.services.wellbeing import waves
from bot.services.wellbeing.waves import DIMENSIONS

CHECKED = timedelta(days=23)
PAST, PAST_DAYS = timedelta(days=70), timedelta(days=20)
RUNS, RUN_DAYS = timedelta(days=6), timedelta(days=14)
ANSWERS = 640, 90


async def add(session: AsyncSession, rng: Random, head_id: int, *, now: datetime, today: date) -> None:
    """Invented numbers; nobody has answered anything."""
    scope = Scope(head_id, (Grant(Role.centre_head, ScopeKind.region),))
    rows = list(await session.scalars(select(HelpContact)))
    if not any(not row.for_children for row in rows):
        return
    for title, begins, days, answers in (
        ("Осень", PAST, PAST_DAYS, ANSWERS[0]),
        ("Конец года", RUNS, RUN_DAYS, ANSWERS[1]),
    ):
        first = today - begins
        for row in rows:
            row.checked_on = first
        await session.flush()
        number = await waves.open_wave(
            session, scope, title=title, instrument="express-1", opens_on=first, closes_on=first + days, today=first,
            now=now - begins,
        )  # fmt: skip
        await _count(session, rng, number, answers)
    for row in rows:
        row.checked_on = today - CHECKED
    await session.flush()


async def _count(session: AsyncSession, rng: Random, wave_id: int, answers: int) -> None:
    known = await waves.choices(session, wave_id)
    weights = {name: [rng.random() ** 2 + 0.02 for _ in known[name]] for name in DIMENSIONS}
    cells: dict[tuple[str, str, Level], int] = {}
    for _ in range(answers):
        level = rng.choices(list(Level), (55, 30, 15))[0]
        for name in DIMENSIONS:
            value = rng.choices(known[name], weights[name])[0]
            cells[name, value, level] = cells.get((name, value, level), 0) + 1
    c = WellbeingCounter
    for (name, value, level), number in cells.items():
        await session.execute(
            update(c)
            .where(c.wave_id == wave_id, c.dimension == name, c.value == value, c.level == level.value)
            .values(count=number)
        )
