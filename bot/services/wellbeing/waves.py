"""Waves of the check: opened ahead, counted without a trace, read after their end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy import and_, case, insert, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import Database
from bot.errors import NotFound, UserError
from bot.models import Municipality, WellbeingCounter, WellbeingWave
from bot.rules.wellbeing import Level
from bot.rules.wellbeing_tables import Tables, tables
from bot.services import audit
from bot.services.access import Right, Scope
from bot.services.wellbeing import contacts, instruments

log = structlog.get_logger()

PLACE, STAGE = "place", "stage"
DIMENSIONS = (PLACE, STAGE)
"""What is asked of oneself, on the page only; the two are never crossed."""

UNSAID = "none"
"""«Не хочу указывать»."""

LONGEST = 92
"""Days of a wave: a quarter."""


@dataclass(frozen=True, slots=True)
class Wave:
    """A wave as it is on a day. While it runs there is no number in it."""

    id: int
    title: str
    instrument: str
    opens_on: date
    closes_on: date
    closed_early: bool

    def state(self, today: date) -> str:
        """planned, open or closed."""
        if self.closed_early or today > self.closes_on:
            return "closed"
        return "open" if today >= self.opens_on else "planned"


@dataclass(frozen=True, slots=True)
class Report:
    """What is published of a closed wave, with the names of its rows."""

    wave: Wave
    tables: Tables
    names: Mapping[str, Mapping[str, str]]


async def running(session: AsyncSession, *, today: date) -> Wave | None:
    """The wave that counts today."""
    w = WellbeingWave
    row = await session.scalar(
        select(w).where(w.opens_on <= today, w.closes_on >= today, w.closed_early.is_(False)).order_by(w.id).limit(1)
    )
    return _wave(row) if row else None


async def choices(session: AsyncSession, wave_id: int) -> dict[str, list[str]]:
    """Dimension → its values in order, as they were when the wave was made."""
    rows = await session.execute(
        select(WellbeingCounter.dimension, WellbeingCounter.value).where(
            WellbeingCounter.wave_id == wave_id, WellbeingCounter.level == Level.low.value
        )
    )
    found: dict[str, list[str]] = {name: [] for name in DIMENSIONS}
    for dimension, value in rows:
        found[dimension].append(value)
    names = await value_names(session)
    for dimension, values in found.items():
        order = {value: place for place, value in enumerate(names[dimension])}
        values.sort(key=lambda value: order.get(value, len(order)))
    return found


async def value_names(session: AsyncSession) -> dict[str, dict[str, str]]:
    """Dimension → value → its name, in the order of lists; «не указали» is named by the locale."""
    places = await session.execute(
        select(Municipality.id, Municipality.name).order_by(Municipality.sort, Municipality.id)
    )
    return {PLACE: {str(number): name for number, name in places}, STAGE: dict(instruments.stages())}


async def count(session: AsyncSession, wave_id: int, *, chosen: Mapping[str, str], level: Level, today: date) -> bool:
    """One answer: +1 in one cell of each dimension. False (and nothing) when the wave does not count today.

    One statement writes every cell of the wave, so that not even the order of pages tells which one grew.
    """
    row = await session.scalar(select(WellbeingWave).where(WellbeingWave.id == wave_id).with_for_update())
    if row is None or _wave(row).state(today) != "open":
        return False
    c = WellbeingCounter
    known = await choices(session, wave_id)
    mine = {name: chosen.get(name, UNSAID) if chosen.get(name) in known[name] else UNSAID for name in DIMENSIONS}
    grows = or_(*(and_(c.dimension == name, c.value == mine[name]) for name in DIMENSIONS)) & (c.level == level.value)
    await session.execute(
        update(c)
        .where(c.wave_id == wave_id)
        .values(count=c.count + case((grows, 1), else_=0))
        .execution_options(synchronize_session=False)
    )
    return True


async def keep(db: Database, wave_id: int, *, chosen: Mapping[str, str], level: Level, today: date) -> bool:
    """Count one answer in a transaction of its own, and empty the journal that would tell when.

    False when it could not be done: that costs a number, never a result, and is told without a word of the answer.
    """
    try:
        async with db.begin() as session:
            counted = await count(session, wave_id, chosen=chosen, level=level, today=today)
        await db.empty_journal()
    except (SQLAlchemyError, OSError):
        log.error("wellbeing-not-counted")
        return False
    return counted


# --- staff -----------------------------------------------------------------------------------------------


async def listing(session: AsyncSession, scope: Scope) -> list[Wave]:
    """Waves, the latest first."""
    scope.require(Right.wellbeing_see)
    return [_wave(row) for row in await session.scalars(select(WellbeingWave).order_by(WellbeingWave.opens_on.desc()))]


async def open_wave(
    session: AsyncSession,
    scope: Scope,
    *,
    title: str,
    instrument: str,
    opens_on: date,
    closes_on: date,
    today: date,
    now: datetime,
) -> int:
    """A wave with all its cells at zero. UserError for days that cannot be, an overlap, no help contacts."""
    scope.require(Right.wellbeing_run)
    title = title.strip()
    if not title or len(title) > 80:
        raise UserError("wellbeing-wave-title")
    instruments.usable(instrument)
    if opens_on < today or closes_on < opens_on or closes_on - opens_on > timedelta(days=LONGEST):
        raise UserError("wellbeing-wave-days", days=LONGEST)
    if not (await contacts.help_of(session, today=today)).opens:
        raise UserError("wellbeing-wave-contacts")
    w = WellbeingWave
    meets = (w.opens_on <= closes_on) & (w.closes_on >= opens_on) & w.closed_early.is_(False)
    if await session.scalar(select(w.id).where(meets).limit(1)) is not None:
        raise UserError("wellbeing-wave-overlap")
    wave = WellbeingWave(title=title, instrument=instrument, opens_on=opens_on, closes_on=closes_on, created_at=now)
    session.add(wave)
    await session.flush()
    names = await value_names(session)
    await session.execute(
        insert(WellbeingCounter),
        [
            {"wave_id": wave.id, "dimension": dimension, "value": value, "level": level.value, "count": 0}
            for dimension in DIMENSIONS
            for value in (*names[dimension], UNSAID)
            for level in Level
        ],
    )
    audit.changed(session, scope, "wellbeing_wave", wave.id, "opened", now=now)
    return wave.id


async def close_early(session: AsyncSession, scope: Scope, wave_id: int, *, today: date, now: datetime) -> None:
    """A planned wave goes; one that runs counts no more. Whether anybody came is not told by the way it goes."""
    scope.require(Right.wellbeing_run)
    row = await session.get(WellbeingWave, wave_id)
    if row is None:
        raise NotFound()
    state = _wave(row).state(today)
    if state == "closed":
        raise UserError("wellbeing-wave-closed")
    audit.changed(session, scope, "wellbeing_wave", row.id, "closed", now=now)
    if state == "planned":
        await session.delete(row)
    else:
        row.closed_early = True


async def report(session: AsyncSession, scope: Scope, wave_id: int, *, today: date) -> Report:
    """What may be published. UserError while the wave runs: a number that grows tells who came."""
    scope.require(Right.wellbeing_see)
    row = await session.get(WellbeingWave, wave_id)
    if row is None:
        raise NotFound()
    wave = _wave(row)
    if wave.state(today) != "closed":
        raise UserError("wellbeing-wave-open")
    names = await value_names(session)
    known = await choices(session, wave_id)
    counted: dict[tuple[str, str, str], int] = {
        (dimension, value, level): number
        for dimension, value, level, number in await session.execute(
            select(
                WellbeingCounter.dimension, WellbeingCounter.value, WellbeingCounter.level, WellbeingCounter.count
            ).where(WellbeingCounter.wave_id == wave_id)
        )
    }
    counts = {name: {value: _levels(counted, name, value) for value in known[name]} for name in DIMENSIONS}
    return Report(wave, tables(counts), names)


def _levels(counted: Mapping[tuple[str, str, str], int], dimension: str, value: str) -> Sequence[int]:
    return [counted[dimension, value, level.value] for level in Level]


def _wave(row: WellbeingWave) -> Wave:
    return Wave(row.id, row.title, row.instrument, row.opens_on, row.closes_on, row.closed_early)
