"""Persons: registration, profile, confirmation, deletion."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from bot.errors import NotAllowed, NotFound
from bot.models import (
    ConsentKind,
    Employment,
    EmploymentSubject,
    Identity,
    Messenger,
    Organisation,
    Person,
    PersonState,
)
from bot.rules.profile import Name, Years
from bot.rules.words import folded
from bot.services import audit, consents, identities, search
from bot.services.access import Right, Scope

PERSON = "person"


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything typed during registration."""

    name: Name
    organisation_id: int
    position: str
    position_title: str
    subjects: tuple[str, ...]
    years: Years
    consents: tuple[tuple[ConsentKind, int], ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as she sees herself."""

    id: int
    full_name: str
    short_name: str
    organisation: str
    municipality: str
    position: str
    subjects: tuple[str, ...]
    birth_year: int | None
    since_year: int | None
    state: PersonState
    confirmed: bool
    window: str
    delete_after: datetime | None


async def register(
    session: AsyncSession,
    draft: Draft,
    *,
    messenger: Messenger,
    user_id: int,
    chat_id: int,
    now: datetime,
    today: date,
) -> int:
    """A profile from a draft: the imported person where it surely is her, else a new one. Her id.

    The same account registering twice gets the profile it has.
    """
    known = await session.scalar(
        select(Identity.person_id).where(Identity.messenger == messenger, Identity.user_id == user_id)
    )
    if known is not None:
        return known
    person = await _imported(session, draft)
    if person is None:
        person = Person(key=secrets.token_hex(16), created_at=now, last_name="", first_name="")
        session.add(person)
        put_name(person, draft.name)
    person.birth_year, person.teach_since_year = draft.years.birth, draft.years.since
    person.registered_at = now
    await session.flush()
    session.add(
        Identity(
            person_id=person.id,
            messenger=messenger,
            user_id=user_id,
            chat_id=chat_id,
            linked_at=now,
            last_seen_at=now,
        )
    )
    await set_job(
        session,
        person.id,
        draft.organisation_id,
        draft.position,
        draft.subjects,
        position_title=draft.position_title,
        today=today,
    )
    for kind, text_id in draft.consents:
        await consents.give(session, person.id, kind, messenger=messenger, now=now, text_id=text_id)
    await index(session, person)
    identities.changed(session, person.id)
    return person.id


async def set_job(
    session: AsyncSession,
    person_id: int,
    organisation_id: int,
    position: str,
    subjects: Sequence[str],
    *,
    position_title: str = "",
    today: date,
) -> None:
    """The main job from today on; the one before ends yesterday, an equal one stays as it is."""
    current = await session.scalar(
        select(Employment)
        .where(Employment.person_id == person_id, Employment.is_main, Employment.until.is_(None))
        .options(selectinload(Employment.subjects))
        .limit(1)
    )
    if current is not None:
        same = current.organisation_id == organisation_id and current.position_slug == position
        if same and {s.subject_slug for s in current.subjects} == set(subjects):
            current.position_title = position_title
            return
        if current.since >= today:
            await session.delete(current)
        else:
            current.until = today - timedelta(days=1)
        await session.flush()
    job = Employment(
        person_id=person_id,
        organisation_id=organisation_id,
        position_slug=position,
        position_title=position_title,
        since=today,
    )
    session.add(job)
    await session.flush()
    session.add_all(EmploymentSubject(employment_id=job.id, subject_slug=slug) for slug in dict.fromkeys(subjects))
    await session.flush()


async def profile(session: AsyncSession, person_id: int) -> Profile:
    """The profile of a person; NotFound when she is gone."""
    person = await session.get(Person, person_id)
    if person is None:
        raise NotFound()
    job = await session.scalar(
        select(Employment)
        .where(Employment.person_id == person_id, Employment.is_main, Employment.until.is_(None))
        .options(
            joinedload(Employment.organisation).joinedload(Organisation.municipality),
            joinedload(Employment.position),
            selectinload(Employment.subjects).joinedload(EmploymentSubject.subject),
        )
        .order_by(Employment.since.desc(), Employment.id.desc())
        .limit(1)
    )
    return Profile(
        id=person.id,
        full_name=person.full_name,
        short_name=person.short_name,
        organisation=job.organisation.short_name if job else "",
        municipality=job.organisation.municipality.name if job else "",
        position=(job.position_title or job.position.title) if job else "",
        subjects=_titles(job.subjects) if job else (),
        birth_year=person.birth_year,
        since_year=person.teach_since_year,
        state=person.state,
        confirmed=person.confirmed_at is not None,
        window=person.writing_window,
        delete_after=person.delete_after,
    )


async def job_of(session: AsyncSession, person_id: int) -> tuple[int, str, str, tuple[str, ...]] | None:
    """(organisation, position, its own title, subjects) of the main job."""
    job = await session.scalar(
        select(Employment)
        .where(Employment.person_id == person_id, Employment.is_main, Employment.until.is_(None))
        .options(selectinload(Employment.subjects))
        .limit(1)
    )
    if job is None:
        return None
    return job.organisation_id, job.position_slug, job.position_title, tuple(s.subject_slug for s in job.subjects)


async def rename(session: AsyncSession, person_id: int, name: Name) -> None:
    """Correct the name."""
    person = await session.get_one(Person, person_id)
    put_name(person, name)
    await index(session, person)
    identities.changed(session, person_id)


async def set_years(session: AsyncSession, person_id: int, years: Years) -> None:
    """Correct the years; an exact first day that no longer fits is dropped."""
    person = await session.get_one(Person, person_id)
    person.birth_year, person.teach_since_year = years.birth, years.since
    if person.teach_since is not None and person.teach_since.year != years.since:
        person.teach_since = None
    await session.flush()


async def set_window(session: AsyncSession, person_id: int, window: str) -> None:
    """«Когда писать»: "8-10", "14-18", "18-20" or "answers"; empty is the usual time."""
    await session.execute(update(Person).where(Person.id == person_id).values(writing_window=window))


async def confirm(session: AsyncSession, scope: Scope, person_id: int, *, how: str, now: datetime) -> None:
    """Confirm that this is a member of staff; NotAllowed outside the scope. Twice is once."""
    await require(session, scope, Right.people_confirm, person_id, today=now.date())
    person = await session.get_one(Person, person_id)
    if person.confirmed_at is None:
        person.confirmed_at, person.confirmed_by_id, person.confirmed_how = now, scope.person_id, how
        audit.changed(session, scope, "person", person_id, "confirmed", now=now, after={"how": how})
        await session.flush()


async def require(session: AsyncSession, scope: Scope, right: Right, person_id: int, *, today: date) -> None:
    """Raise NotAllowed unless the scope reaches this person with this right."""
    statement = (
        select(Person.id)
        .outerjoin(Employment, (Employment.person_id == Person.id) & Employment.is_main & Employment.until.is_(None))
        .outerjoin(Organisation, Organisation.id == Employment.organisation_id)
        .where(Person.id == person_id)
        .limit(1)
    )
    reached = scope.limit(
        statement,
        right,
        person=Person.id,
        organisation=Organisation.id,
        municipality=Organisation.municipality_id,
        today=today,
    )
    if await session.scalar(reached) is None:
        raise NotAllowed()


# --- inside ------------------------------------------------------------------------------------------


def _titles(subjects: Sequence[EmploymentSubject]) -> tuple[str, ...]:
    return tuple(s.subject.title for s in sorted(subjects, key=lambda s: (s.subject.place, s.subject_slug)))


async def _imported(session: AsyncSession, draft: Draft) -> Person | None:
    """The imported person who surely is the one registering: name, place of work and year of birth agree."""
    rows = await session.scalars(
        select(Person)
        .join(Employment, Employment.person_id == Person.id)
        .where(
            Person.registered_at.is_(None),
            Person.state == PersonState.active,
            Person.sort == folded(draft.name.full),
            Person.birth_year == draft.years.birth,
            Employment.organisation_id == draft.organisation_id,
            Employment.until.is_(None),
        )
        .limit(2)
    )
    found = rows.unique().all()
    return found[0] if len(found) == 1 else None


def put_name(person: Person, name: Name) -> None:
    """The name, and what it is sorted and found by."""
    person.last_name, person.first_name, person.middle_name = name.last, name.first, name.middle
    person.search = person.sort = folded(name.full)


async def index(session: AsyncSession, person: Person) -> None:
    """Make the person findable by her name as it is now."""
    await session.flush()
    await search.index(session, PERSON, person.id, person.full_name, trigrams_too=False)
