"""Valid by default, one line each."""

from __future__ import annotations

import itertools
import secrets
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    ActivityForm,
    Employment,
    EmploymentSubject,
    Event,
    EventKind,
    EventState,
    Identity,
    Messenger,
    Municipality,
    Organisation,
    Person,
    Position,
    Role,
    RoleAssignment,
    ScopeKind,
    Subject,
)
from bot.rules.words import folded

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
_numbers = itertools.count(1)


async def make_municipality(session: AsyncSession, name: str = "Вяземский округ") -> Municipality:
    number = next(_numbers)
    municipality = Municipality(code=f"m{number}", name=name, sort=folded(name))
    session.add(municipality)
    await session.flush()
    return municipality


async def make_organisation(
    session: AsyncSession, name: str = "Гимназия № 4", *, municipality: Municipality | None = None
) -> Organisation:
    municipality = municipality or await make_municipality(session)
    organisation = Organisation(
        code=f"o{next(_numbers)}",
        name=name,
        short_name=name,
        municipality_id=municipality.id,
        settlement="Вязьма",
        approved_at=NOW,
        search=folded(name),
        sort=folded(name),
    )
    session.add(organisation)
    await session.flush()
    return organisation


async def make_person(
    session: AsyncSession,
    name: str = "Иванова Мария Петровна",
    *,
    organisation: Organisation | None = None,
    position: str = "teacher",
    subjects: tuple[str, ...] = ("math",),
    birth_year: int = 1984,
    teach_since_year: int = 2008,
    confirmed: bool = True,
    accounts: dict[Messenger, int] | None = None,
) -> Person:
    """A registered, confirmed teacher; ``accounts`` are coded ids by messenger."""
    last, first, middle = (*name.split(), "", "")[:3]
    person = Person(
        key=secrets.token_hex(16),
        last_name=last,
        first_name=first,
        middle_name=middle,
        birth_year=birth_year,
        teach_since_year=teach_since_year,
        confirmed_at=NOW if confirmed else None,
        confirmed_how="coordinator" if confirmed else "",
        registered_at=NOW,
        search=folded(name),
        sort=folded(name),
        created_at=NOW,
    )
    session.add(person)
    await session.flush()
    organisation = organisation or await make_organisation(session)
    if await session.get(Position, position) is None:
        session.add(Position(slug=position, title=position, audience="teacher"))
    for slug in subjects:
        if await session.get(Subject, slug) is None:
            session.add(Subject(slug=slug, title=slug))
    await session.flush()
    job = Employment(
        person_id=person.id, organisation_id=organisation.id, position_slug=position, since=date(2020, 9, 1)
    )
    session.add(job)
    await session.flush()
    session.add_all(EmploymentSubject(employment_id=job.id, subject_slug=slug) for slug in subjects)
    for messenger, user_id in (accounts or {}).items():
        session.add(Identity(person_id=person.id, messenger=messenger, user_id=user_id, chat_id=user_id, linked_at=NOW))
    await session.flush()
    return person


async def give_role(
    session: AsyncSession,
    person: Person,
    role: Role,
    kind: ScopeKind = ScopeKind.region,
    scope_id: int | None = None,
    *,
    since: date = date(2026, 1, 1),
    until: date | None = None,
) -> RoleAssignment:
    assignment = RoleAssignment(
        person_id=person.id, role=role, scope_kind=kind, scope_id=scope_id, since=since, until=until
    )
    session.add(assignment)
    await session.flush()
    return assignment


def new_event(
    title: str = "Критерии, понятные ученику",
    *,
    starts_at: datetime = NOW + timedelta(days=7),
    minutes: int = 90,
    **more: Any,
) -> Event:
    """An open webinar a week ahead, in Moscow time; not yet added."""
    given: dict[str, Any] = {
        "kind": EventKind.webinar, "state": EventState.open, "zone": "Europe/Moscow", "hours": minutes / 60,
        "form": ActivityForm.distance, "link": "https://room.example/1", "speakers": "Мещерякова Ирина Олеговна",
        "organiser": "ЦНППМ", "secret": secrets.token_hex(16), "search": folded(title), "created_at": NOW,
        "updated_at": NOW, **more,
    }  # fmt: skip
    return Event(title=title, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes), **given)


async def make_event(session: AsyncSession, title: str = "Критерии, понятные ученику", **more: Any) -> Event:
    """``new_event``, added."""
    event = new_event(title, **more)
    session.add(event)
    await session.flush()
    return event
