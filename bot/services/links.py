"""Links that are looked after: asked at night whether they open; those that do not are marked, never deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Activity, AskedLink, Practice, RegisterRecord

EVERY = timedelta(days=7)
"""A link is asked again after so long; a broken one every night."""

AT_ONCE = 200

Linked = TypeVar("Linked", RegisterRecord, Practice, Activity)
"""Tables whose rows carry a link that is looked after."""

Plain = TypeVar("Plain", Practice, Activity)
"""Those of them that keep it in a column of its own."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A link to be asked."""

    record_id: int
    url: str


def in_turn(table: type[Linked], *where: ColumnElement[bool], today: date) -> Select[Linked]:
    """Rows nobody asked for a week, and the broken ones; the longest unasked first."""
    turn = or_(
        table.link_checked_on.is_(None),
        table.link_checked_on <= today - EVERY,
        table.link_broken_on.is_not(None) & (table.link_checked_on < today),
    )
    return (
        select(table).where(*where, turn).order_by(table.link_checked_on.is_not(None), table.link_checked_on, table.id)
    )


async def due(
    session: AsyncSession, table: type[Plain], *where: ColumnElement[bool], today: date, limit: int = AT_ONCE
) -> list[Asked]:
    """Links of such rows whose turn it is."""
    turn = in_turn(table, *where, table.link != "", today=today).with_only_columns(table.id, table.link)
    return [Asked(number, url) for number, url in await session.execute(turn.limit(limit))]


async def mark(session: AsyncSession, table: type[Linked], answers: dict[int, bool], *, today: date) -> int:
    """Since when a link does not open; one that opens again loses the mark. How many do not open."""
    rows = await session.scalars(select(table).where(table.id.in_(list(answers))))
    for row in rows:
        row.link_checked_on = today
        row.link_broken_on = None if answers[row.id] else (row.link_broken_on or today)
    await session.flush()
    return sum(not opens for opens in answers.values())


def forget(row: AskedLink) -> None:
    """The address is another one: nothing is known of it yet."""
    row.link_checked_on = row.link_broken_on = None
