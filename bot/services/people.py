"""Persons: registration, profile, confirmation, deletion."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from bot.errors import NotAllowed, NotFound
from bot.models import (
    Attempt,
    ConsentKind,
    Employment,
    EmploymentSubject,
    Fact,
    Identity,
    MessageClass,
    Messenger,
    Organisation,
    Outbox,
    Person,
    PersonState,
    PrivacyRequest,
    Role,
    RoleAssignment,
    View,
)
from bot.rules.profile import Name, Years
from bot.rules.words import folded
from bot.services import audit, consents, identities, outbox, search
from bot.services.access import Right, Scope
from bot.services.identities import Caller
from bot.ui.screen import Screen

PERSON = "person"
DELETE_AFTER = timedelta(days=30)
"""Term of destruction after a withdrawal (152-ФЗ ст. 21)."""

ANSWER_WITHIN = timedelta(days=14)
"""Ten working days to answer a request about data (152-ФЗ ст. 20), counted as two weeks."""


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
        _put_name(person, draft.name)
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
    await _index(session, person)
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
        subjects=tuple(s.subject.title for s in job.subjects) if job else (),
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
    _put_name(person, name)
    await _index(session, person)
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


# --- what is stored, and who looked ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stored:
    """How much there is of a person."""

    attempts: int
    iom_steps: int = 0
    registrations: int = 0
    questions: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody's look at one's results."""

    at: datetime
    name: str
    role: str
    what: str


async def stored(session: AsyncSession, person_id: int) -> Stored:
    """Counts for «Мои данные»."""
    attempts = await session.scalar(select(func.count()).select_from(Attempt).where(Attempt.person_id == person_id))
    return Stored(int(attempts or 0))


async def looks(session: AsyncSession, person_id: int, *, page: int = 0, size: int = 3) -> tuple[list[Look], int]:
    """Who looked at the results, newest first, and how many looks there were."""
    total = await session.scalar(select(func.count()).select_from(View).where(View.person_id == person_id))
    rows = await session.execute(
        select(View, Person)
        .outerjoin(Person, Person.id == View.viewer_id)
        .where(View.person_id == person_id)
        .order_by(View.at.desc(), View.id.desc())
        .offset(page * size)
        .limit(size)
    )
    found = [Look(view.at, viewer.full_name if viewer else "", view.role, view.what) for view, viewer in rows]
    return found, int(total or 0)


async def complain(session: AsyncSession, caller: Caller, *, notice: Screen, now: datetime) -> int:
    """«Сообщить»: a request to the one responsible for data; no name leaves in the notice. Its number."""
    request = PrivacyRequest(person_id=caller.id, kind="look", created_at=now, due_at=now + ANSWER_WITHIN)
    session.add(request)
    await session.flush()
    officers = await session.scalars(
        select(RoleAssignment.person_id)
        .where(
            RoleAssignment.role == Role.privacy_officer,
            RoleAssignment.revoked_at.is_(None),
            or_(RoleAssignment.until.is_(None), RoleAssignment.until >= now.date()),
        )
        .distinct()
    )
    for officer_id in officers.all():
        await outbox.say(
            session,
            officer_id,
            notice,
            message_class=MessageClass.staff,
            kind="privacy-request",
            dedupe=f"privacy:{request.id}:{officer_id}",
            now=now,
        )
    return request.id


# --- deletion ----------------------------------------------------------------------------------------


async def ask_deletion(session: AsyncSession, person_id: int, *, now: datetime) -> datetime:
    """Begin the thirty days; the day by which everything is gone."""
    person = await session.get_one(Person, person_id)
    if person.delete_after is None:
        person.state, person.delete_after = PersonState.deleting, now + DELETE_AFTER
        await consents.withdraw(session, person_id, ConsentKind.news, now=now)
        await session.execute(delete(Outbox).where(Outbox.person_id == person_id, Outbox.sent_at.is_(None)))
        audit.changed(session, Scope(person_id), "person", person_id, "deletion-asked", now=now, where="chat")
    identities.changed(session, person_id)
    await session.flush()
    assert person.delete_after is not None
    return person.delete_after


async def cancel_deletion(session: AsyncSession, person_id: int, *, now: datetime) -> None:
    """Changed her mind in time: everything is as it was, except invitations."""
    person = await session.get_one(Person, person_id)
    person.state, person.delete_after = PersonState.active, None
    audit.changed(session, Scope(person_id), "person", person_id, "deletion-cancelled", now=now, where="chat")
    identities.changed(session, person_id)
    await session.flush()


async def deletions_due(session: AsyncSession, *, now: datetime, limit: int = 20) -> list[int]:
    """Persons whose thirty days are over."""
    rows = await session.scalars(
        select(Person.id)
        .where(Person.state == PersonState.deleting, Person.delete_after <= now)
        .order_by(Person.delete_after)
        .limit(limit)
    )
    return list(rows)


async def delete_person(session: AsyncSession, person_id: int, *, now: datetime) -> int:
    """Destroy a profile: name, accounts, answers, consents go; facts keep date, kind and place
    under a key that leads to nobody. The number of the record of destruction.
    """
    person = await session.get_one(Person, person_id)
    await session.execute(
        update(Fact).where(Fact.person_key == person.key).values(person_key=secrets.token_hex(16), evidence={})
    )
    await search.drop(session, PERSON, person_id)
    identities.changed(session, person_id)
    await session.execute(delete(Person).where(Person.id == person_id))
    record = await audit.record(session, "person", 0, "deleted", now=now)
    await session.flush()
    return record


# --- inside ------------------------------------------------------------------------------------------


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


def _put_name(person: Person, name: Name) -> None:
    person.last_name, person.first_name, person.middle_name = name.last, name.first, name.middle
    person.search = person.sort = folded(name.full)


async def _index(session: AsyncSession, person: Person) -> None:
    await session.flush()
    await search.index(session, PERSON, person.id, person.full_name, trigrams_too=False)
