"""The log of a webinar platform: names and minutes. What is certain is marked, the rest waits for a person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import LogRow, Person, Registration, RegistrationState
from bot.rules.words import folded
from bot.services import audit
from bot.services.access import Right, Scope
from bot.services.events.attending import mark_from_log
from bot.services.events.signing import lock

MOST = 5_000
_line = re.compile(r"^\s*(?P<name>[^;\t,\d]{2,200}?)\s*[;\t,]\s*(?P<minutes>\d{1,4})\s*(?:мин\w*\.?)?\s*$")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A line nobody could be found for, or several."""

    id: int
    name: str
    minutes: int
    candidates: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a log."""

    marked: int
    waiting: int
    unread: int


def read(text: str) -> tuple[dict[str, tuple[str, int]], int]:
    """Lines «имя; минуты» by folded name, minutes of one person added up; how many lines could not be read."""
    found: dict[str, tuple[str, int]] = {}
    unread = 0
    for line in text.splitlines()[:MOST]:
        if not line.strip():
            continue
        match = _line.match(line)
        key = folded(match["name"]) if match else ""
        if match is None or not key:
            unread += 1
            continue
        before = found.get(key, (match["name"], 0))
        found[key] = (before[0], min(before[1] + int(match["minutes"]), 10_000))
    return found, unread


async def take(session: AsyncSession, scope: Scope, event_id: int, text: str, *, now: datetime) -> Taken:
    """Mark the people of the list whose full name stands in the log once; keep the other lines for a look.

    A log taken again replaces what waited from the one before.
    """
    scope.require(Right.events_mark)
    event = await lock(session, event_id)
    if event.ends_at > now:
        raise UserError("events-not-over")
    lines, unread = read(text)
    on_list = await _on_list(session, event_id)
    await session.execute(delete(LogRow).where(LogRow.event_id == event_id))
    marked = waiting = 0
    for key, (name, minutes) in lines.items():
        same = [person for person, sort, _ in on_list if sort == key]
        if len(same) == 1:
            marked += await mark_from_log(session, scope, event, same[0], minutes, now=now)
            continue
        # «Мария Иванова», «Иванова М.» and the like: the surname or the words in another order.
        parts = set(key.split())
        alike = same or [p for p, sort, _ in on_list if len(parts & set(sort.split())) >= min(2, len(parts))]
        session.add(LogRow(event_id=event_id, name=name[:200], minutes=minutes, candidates=alike[:5], created_at=now))
        waiting += 1
    audit.changed(session, scope, "event", event_id, "log", now=now, after={"marked": marked, "waiting": waiting})
    await session.flush()
    return Taken(marked, waiting, unread)


async def doubts(session: AsyncSession, scope: Scope, event_id: int) -> list[Doubt]:
    """Lines that wait for a look."""
    scope.require(Right.events_mark)
    rows: Sequence[LogRow] = (
        await session.scalars(select(LogRow).where(LogRow.event_id == event_id).order_by(LogRow.id).limit(100))
    ).all()
    names = {person: name for person, _, name in await _on_list(session, event_id)}
    return [
        Doubt(row.id, row.name, row.minutes, tuple((p, names[p]) for p in row.candidates if p in names)) for row in rows
    ]


async def settle(
    session: AsyncSession, scope: Scope, event_id: int, row_id: int, person_id: int | None, *, now: datetime
) -> None:
    """A line is this person's, or nobody's: either way it goes."""
    scope.require(Right.events_mark)
    event = await lock(session, event_id)
    row = await session.get(LogRow, row_id)
    if row is None or row.event_id != event_id:
        raise NotFound()
    if person_id is not None:
        if person_id not in {person for person, _, _ in await _on_list(session, event_id)}:
            raise NotFound()
        await mark_from_log(session, scope, event, person_id, row.minutes, now=now)
    await session.delete(row)
    await session.flush()


async def _on_list(session: AsyncSession, event_id: int) -> list[tuple[int, str, str]]:
    rows = await session.execute(
        select(Person.id, Person.last_name, Person.first_name, Person.middle_name)
        .join(Registration, Registration.person_id == Person.id)
        .where(Registration.event_id == event_id, Registration.state == RegistrationState.signed)
    )
    return [
        (number, folded(name), name) for number, *parts in rows for name in [" ".join(part for part in parts if part)]
    ]
