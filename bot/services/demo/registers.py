"""Registers of the demonstration: records of places and people that are there already, one changed since."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import ROOT
from bot.models import (
    ContestReminder,
    Employment,
    Identity,
    Organisation,
    Person,
    RecordState,
    Register,
    RegisterRecord,
)
from bot.rules.registers import FieldType, Value
from bot.services.data_files import Entry, read
from bot.services.registers import Draft, Kind, kind_of
from bot.services.registers.editing import Change, write

FILE = ROOT / "data" / "demo" / "registers.yaml"


async def add(session: AsyncSession, head_id: int, *, now: datetime) -> None:
    """Made of the file; nobody is told anything."""
    today = now.date()
    content = read(FILE)
    schools = list(
        await session.scalars(
            select(Organisation.id).where(Organisation.kind == "school").order_by(Organisation.id).limit(12)
        )
    )
    drafts: dict[str, list[Draft]] = {}
    for entry in content.entries("records"):
        kind = kind_of(entry.need("register", str))
        place = schools[entry["school"] % len(schools)] if "school" in entry else None
        drafts.setdefault(kind.slug, []).append(_draft(kind, entry, today, entry.need("title", str), place, None))
    people = (
        await session.execute(
            select(Person, Employment.organisation_id)
            .join(Employment, (Employment.person_id == Person.id) & Employment.is_main)
            .where(Person.id.in_(select(Identity.person_id)))
            .order_by(Person.id)
            .limit(40)
        )
    ).all()
    number = 0
    for entry in content.entries("people"):
        kind = kind_of(entry.need("register", str))
        for n in range(entry.need("count", int)):
            person, place = people[number % len(people)]
            number += 1
            drafts.setdefault(kind.slug, []).append(
                _draft(kind, entry, today, person.full_name, place, person.id, n + 1)
            )
    for slug, made in drafts.items():
        changes: list[Change] = [(None, draft, None) for draft in made]
        await write(session, kind_of(slug), changes, by_id=head_id, now=now, today=today, is_demo=True)
    await session.flush()
    await _reminders(session, [person.id for person, _ in people[:9]], now=now)
    for slug, days in content.need("checked", Entry).items():
        checked_on = today + timedelta(days=days)
        session.add(Register(slug=slug, owner_id=head_id, checked_on=checked_on, checked_by_id=head_id))
    await session.flush()


async def _reminders(session: AsyncSession, people: list[int], *, now: datetime) -> None:
    """Some asked to be told of the terms of contests."""
    open_ones = select(RegisterRecord.id).where(
        RegisterRecord.register == "contests", RegisterRecord.state == RecordState.active
    )
    contests = list(await session.scalars(open_ones.order_by(RegisterRecord.id)))
    for place, number in enumerate(people if contests else ()):
        asked = ContestReminder(person_id=number, record_id=contests[place % len(contests)], at=now - timedelta(days=2))
        session.add(asked)


def _draft(
    kind: Kind, entry: Entry, today: date, title: str, place: int | None, person_id: int | None, number: int = 0
) -> Draft:
    values: dict[str, Value] = {}
    for name, value in entry.need("values", Entry).items():
        field = kind.field(name)
        if field is not None and field.type is FieldType.day:
            value = (today + timedelta(days=value)).isoformat()
        values[name] = value

    def day(name: str) -> date | None:
        return today + timedelta(days=entry[name]) if name in entry else None

    return Draft(
        title=title,
        values=values,
        state=RecordState(entry.maybe("state", str, "active")),
        code=entry.need("code", str) + (f"-{number}" if number else ""),
        person_id=person_id,
        organisation_id=place,
        starts_on=day("from"),
        ends_on=day("until"),
    )
