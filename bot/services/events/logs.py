"""The log of a webinar platform: names and minutes. What is certain is marked, the rest waits for a person."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, NotFound, UserError
from bot.models import (
    Event,
    LogAddress,
    LogRow,
    Person,
    PersonState,
    Registration,
    RegistrationSource,
    RegistrationState,
)
from bot.rules.words import folded
from bot.services import audit, people
from bot.services.access import Right, Scope
from bot.services.events.attending import mark_from_log
from bot.services.events.log_files import LogLine
from bot.services.events.reading import place_of
from bot.services.events.signing import lock, new_row

MOST = 5_000
SHOWN = 50
"""Doubtful lines on the page at a time."""

_line = re.compile(r"^\s*(?P<name>[^;\t,\d]{2,200}?)\s*[;\t,]\s*(?P<minutes>\d{1,4})\s*(?:мин\w*\.?)?\s*$")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A line nobody could be found for, or several."""

    id: int
    name: str
    minutes: int
    candidates: tuple[tuple[int, str], ...]
    email: str = ""
    # Candidates who had not signed up.
    off_list: frozenset[int] = frozenset()


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
    """A pasted log: lines «имя; минуты»."""
    lines, unread = read(text)
    found = tuple(LogLine(name, "", minutes) for name, minutes in lines.values())
    return await take_lines(session, scope, event_id, found, unread=unread, now=now)


async def take_lines(
    session: AsyncSession,
    scope: Scope,
    event_id: int,
    lines: Sequence[LogLine],
    *,
    unread: int = 0,
    now: datetime,
) -> Taken:
    """Mark whom an e-mail known here names, or whose full name stands on the list once; keep the rest for a look.

    A log taken again replaces what waited from the one before.
    """
    scope.require(Right.events_mark)
    event = await lock(session, event_id)
    if event.ends_at > now:
        raise UserError("events-not-over")
    listed = await _on_list(session, event_id)
    homonyms = Counter(sort for _, sort, _ in listed)
    by_name = {sort: person for person, sort, _ in listed if homonyms[sort] == 1}
    by_address = await _addresses(session, [line.email for line in lines if line.email])
    strangers = await _by_sort(session, [folded(line.name) for line in lines if line.name])
    await session.execute(delete(LogRow).where(LogRow.event_id == event_id))
    marked = waiting = 0
    for line in lines:
        key = folded(line.name)
        known = by_address.get(line.email)
        # An address of a school is used by several people: another surname is a question, not an answer.
        person = known[0] if known and (not key or set(key.split()) & set(known[1].split())) else by_name.get(key)
        if person is not None:
            marked += await _mark(session, scope, event, person, line.minutes, now=now)
            continue
        # «Мария Иванова», «Иванова М.» and the like: the surname or the words in another order.
        parts = set(key.split())
        alike = [p for p, sort, _ in listed if parts and len(parts & set(sort.split())) >= min(2, len(parts))]
        whose = list(dict.fromkeys([*alike, *([known[0]] if known else []), *strangers.get(key, ())]))
        session.add(
            LogRow(
                event_id=event_id, name=line.name[:200], email=line.email, minutes=line.minutes, candidates=whose[:5],
                created_at=now,
            )
        )  # fmt: skip
        waiting += 1
    audit.changed(session, scope, "event", event_id, "log", now=now, after={"marked": marked, "waiting": waiting})
    await session.flush()
    return Taken(marked, waiting, unread)


async def doubts(session: AsyncSession, scope: Scope, event_id: int) -> list[Doubt]:
    """Lines that wait for a look; a candidate who is not on the list is a candidate too."""
    scope.require(Right.events_mark)
    rows: Sequence[LogRow] = (
        await session.scalars(select(LogRow).where(LogRow.event_id == event_id).order_by(LogRow.id).limit(SHOWN))
    ).all()
    ids = {person for row in rows for person in row.candidates}
    people = await session.scalars(select(Person).where(Person.id.in_(ids), Person.state == PersonState.active))
    names = {person.id: person.full_name for person in people}
    listed = {person for person, _, _ in await _on_list(session, event_id)}
    return [
        Doubt(
            row.id,
            row.name,
            row.minutes,
            tuple((p, names[p]) for p in row.candidates if p in names),
            row.email,
            frozenset(names) - listed,
        )
        for row in rows
    ]


async def waiting(session: AsyncSession, event_id: int) -> int:
    """How many lines wait."""
    return await session.scalar(select(func.count()).where(LogRow.event_id == event_id)) or 0


async def settle(
    session: AsyncSession, scope: Scope, event_id: int, row_id: int, person_id: int | None, *, now: datetime
) -> None:
    """A line is this person's (her e-mail is remembered for the next log), or nobody's: either way it goes."""
    scope.require(Right.events_mark)
    event = await lock(session, event_id)
    row = await session.get(LogRow, row_id)
    if row is None or row.event_id != event_id:
        raise NotFound()
    if person_id is not None:
        if person_id not in row.candidates and person_id not in {p for p, _, _ in await _on_list(session, event_id)}:
            try:
                await people.require(session, scope, Right.people_see, person_id, today=now.date())
            except NotAllowed:
                raise NotFound() from None
        await _mark(session, scope, event, person_id, row.minutes, now=now)
        if row.email:
            known = await session.get(LogAddress, row.email)
            if known is None:
                session.add(LogAddress(email=row.email, person_id=person_id, learned_at=now))
            else:
                known.person_id, known.learned_at = person_id, now
    await session.delete(row)
    await session.flush()


async def _mark(
    session: AsyncSession, scope: Scope, event: Event, person_id: int, minutes: int, *, now: datetime
) -> bool:
    """Marked by the log; who came without signing up gets her line in the list («с улицы»)."""
    if await session.get(Person, person_id) is None:
        raise NotFound()
    if await place_of(session, event.id, person_id) is None:
        row = new_row(event.id, person_id, now=now)
        row.state, row.source, row.by_id = RegistrationState.cancelled, RegistrationSource.door, scope.person_id
        session.add(row)
        await session.flush()
    return await mark_from_log(session, scope, event, person_id, minutes, now=now)


async def _addresses(session: AsyncSession, emails: Sequence[str]) -> dict[str, tuple[int, str]]:
    """E-mail → person and her folded name."""
    rows = await session.execute(
        select(LogAddress.email, Person.id, Person.sort)
        .join(Person, Person.id == LogAddress.person_id)
        .where(LogAddress.email.in_(emails), Person.state == PersonState.active)
    )
    return {email: (person_id, sort) for email, person_id, sort in rows}


async def _by_sort(session: AsyncSession, names: Sequence[str]) -> dict[str, list[int]]:
    """Folded full name → people of the region who are called so."""
    found: dict[str, list[int]] = {}
    rows = await session.execute(
        select(Person.sort, Person.id)
        .where(Person.sort.in_(set(names)), Person.state == PersonState.active)
        .order_by(Person.id)
    )
    for sort, person_id in rows:
        found.setdefault(sort, []).append(person_id)
    return found


async def _on_list(session: AsyncSession, event_id: int) -> list[tuple[int, str, str]]:
    rows = await session.execute(
        select(Person.id, Person.last_name, Person.first_name, Person.middle_name)
        .join(Registration, Registration.person_id == Person.id)
        .where(Registration.event_id == event_id, Registration.state == RegistrationState.signed)
    )
    return [
        (number, folded(name), name) for number, *parts in rows for name in [" ".join(part for part in parts if part)]
    ]
