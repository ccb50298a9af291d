"""People as staff see them: a page of a list, all of it for a sheet, one card. Always within a Scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed
from bot.models import (
    Attempt,
    AttemptState,
    Body,
    Employment,
    EmploymentSubject,
    Identity,
    Messenger,
    Municipality,
    Organisation,
    Person,
    PersonState,
    Position,
    Role,
    RoleAssignment,
    ScopeKind,
    StaffAccount,
    Subject,
)
from bot.services import search
from bot.services.access import RIGHTS, Right, Scope
from bot.services.diagnostics.taking import COUNTED
from bot.services.people import PERSON, require

SIZE = 15
COUNT_TO = 5_000
"""Beyond this a list says «больше»: counting all of a region for every page is not worth it."""

FOUND = 200
"""A search shows its best this many."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; empty values narrow nothing."""

    query: str = ""
    municipality_id: int | None = None
    organisation_id: int | None = None
    confirmed: bool | None = None
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person in a list: place of work and participation, no results."""

    id: int
    name: str
    organisation_id: int | None
    organisation: str
    municipality: str
    position: str
    confirmed_at: datetime | None
    registered_at: datetime | None
    diagnosed_at: datetime | None
    state: PersonState


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """A page of people; ``total`` stops at COUNT_TO, then ``more`` is True."""

    lines: Sequence[PersonLine]
    total: int
    more: bool
    page: int
    size: int

    @property
    def first(self) -> int:
        """Number of the first line, from 1."""
        return self.page * self.size + 1

    @property
    def last(self) -> int:
        """Number of the last line."""
        return self.page * self.size + len(self.lines)

    @property
    def has_next(self) -> bool:
        """True when there is a page after this one."""
        return self.more or self.last < self.total


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role of a person that has not been taken back."""

    id: int
    role: Role
    kind: ScopeKind
    place: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Account:
    """A messenger of a person, without its numbers."""

    messenger: Messenger
    linked_at: datetime
    blocked: bool


@dataclass(frozen=True, slots=True)
class PersonCard:
    """One person. What the right to contacts does not open is empty."""

    line: PersonLine
    key_known: bool
    subjects: tuple[str, ...]
    birth_year: int | None
    since_year: int | None
    accounts: tuple[Account, ...]
    roles: tuple[RoleLine, ...]
    twins: tuple[PersonLine, ...]
    confirmed_by: str
    confirmed_how: str
    has_account: bool
    full: bool


async def page(
    session: AsyncSession, scope: Scope, filters: Filters, *, number: int = 0, size: int = SIZE, today: date
) -> PeoplePage:
    """One page of people within the scope, by name, or by likeness when something is searched for."""
    scope.require(Right.people_see)
    statement = _within(scope, filters, today)
    if not search.is_blank(filters.query):
        ids = await _found(session, scope, filters, today)
        chosen = ids[number * size : (number + 1) * size]
        return PeoplePage(await _lines(session, chosen), len(ids), False, number, size)
    total = int(await session.scalar(select(func.count()).select_from(statement.limit(COUNT_TO + 1).subquery())) or 0)
    lines = await _lines(session, statement.order_by(Person.sort, Person.id).offset(number * size).limit(size))
    return PeoplePage(lines, min(total, COUNT_TO), total > COUNT_TO, number, size)


async def everyone(session: AsyncSession, scope: Scope, filters: Filters, *, today: date) -> list[PersonLine]:
    """The whole list for a sheet, by name."""
    scope.require(Right.people_see)
    if not search.is_blank(filters.query):
        return await _lines(session, await _found(session, scope, filters, today))
    ids = list(await session.scalars(_within(scope, filters, today).order_by(Person.sort, Person.id)))
    lines: list[PersonLine] = []
    for start in range(0, len(ids), 500):
        lines += await _lines(session, ids[start : start + 500])
    return lines


async def card(session: AsyncSession, scope: Scope, person_id: int, *, today: date) -> PersonCard:
    """One person; NotAllowed outside the scope, also for somebody who does not exist."""
    await require(session, scope, Right.people_see, person_id, today=today)
    full = await _may(session, scope, Right.people_contacts, person_id, today)
    lines = await _lines(session, [person_id])
    person = await session.get_one(Person, person_id)
    subjects = await session.scalars(
        select(Subject.title)
        .join(EmploymentSubject, EmploymentSubject.subject_slug == Subject.slug)
        .join(Employment, Employment.id == EmploymentSubject.employment_id)
        .where(Employment.person_id == person_id, Employment.is_main, Employment.until.is_(None))
        .order_by(Subject.place, Subject.title)
    )
    accounts = await session.scalars(select(Identity).where(Identity.person_id == person_id).order_by(Identity.id))
    confirmer = await session.get(Person, person.confirmed_by_id) if person.confirmed_by_id else None
    return PersonCard(
        line=lines[0],
        key_known=person.import_key is not None,
        subjects=tuple(subjects),
        birth_year=person.birth_year if full else None,
        since_year=person.teach_since_year if full else None,
        accounts=tuple(Account(a.messenger, a.linked_at, a.blocked_at is not None) for a in accounts) if full else (),
        roles=tuple(await roles_of(session, person_id)),
        twins=tuple(await _twins(session, scope, person, today)),
        confirmed_by=confirmer.full_name if confirmer else "",
        confirmed_how=person.confirmed_how,
        has_account=await session.get(StaffAccount, person_id) is not None,
        full=full,
    )


async def name_of(session: AsyncSession, person_id: int) -> str:
    """Full name, for a heading; who may see it was decided before."""
    return (await session.get_one(Person, person_id)).full_name


async def pairs(
    session: AsyncSession, scope: Scope, found: Sequence[tuple[int, int, str]], *, today: date
) -> list[tuple[PersonLine, PersonLine]]:
    """Suspected duplicates as lines; a pair with somebody outside the scope is left out."""
    ids = [number for keep, gone, _ in found for number in (keep, gone)]
    seen = set(await session.scalars(_within(scope, Filters(), today, Right.people_edit).where(Person.id.in_(ids))))
    lines = {line.id: line for line in await _lines(session, [number for number in ids if number in seen])}
    return [(lines[keep], lines[gone]) for keep, gone, _ in found if keep in lines and gone in lines]


async def to_confirm(session: AsyncSession, scope: Scope, *, today: date, limit: int = COUNT_TO) -> int:
    """How many people within the scope wait for confirmation, counted up to ``limit``."""
    statement = _within(scope, Filters(confirmed=False), today, Right.people_confirm).limit(limit)
    return int(await session.scalar(select(func.count()).select_from(statement.subquery())) or 0)


async def roles_of(session: AsyncSession, person_id: int) -> list[RoleLine]:
    """Roles that were not taken back, with the names of their places."""
    r = RoleAssignment
    rows = await session.execute(
        select(r, func.coalesce(Municipality.name, Organisation.short_name, Body.abbreviation, ""))
        .outerjoin(Municipality, (r.scope_kind == ScopeKind.municipality) & (Municipality.id == r.scope_id))
        .outerjoin(Organisation, (r.scope_kind == ScopeKind.organisation) & (Organisation.id == r.scope_id))
        .outerjoin(Body, (r.scope_kind == ScopeKind.body) & (Body.id == r.scope_id))
        .where(r.person_id == person_id, r.revoked_at.is_(None))
        .order_by(r.since, r.id)
    )
    return [RoleLine(row.id, row.role, row.scope_kind, place, row.since, row.until) for row, place in rows]


async def bodies(session: AsyncSession) -> list[tuple[int, str]]:
    """(id, abbreviation) of every body, for choosing the place of a role."""
    rows = await session.execute(select(Body.id, Body.abbreviation).order_by(Body.level, Body.abbreviation, Body.id))
    return [(number, name) for number, name in rows]


async def places_of(session: AsyncSession, pairs: Sequence[tuple[ScopeKind, int | None]]) -> dict[str, str]:
    """Names of the places of roles: ``kind:id`` → name."""
    found: dict[str, str] = {}
    for kind, column, name in (
        (ScopeKind.municipality, Municipality.id, Municipality.name),
        (ScopeKind.organisation, Organisation.id, Organisation.short_name),
        (ScopeKind.body, Body.id, Body.abbreviation),
    ):
        ids = {number for of, number in pairs if of is kind and number is not None}
        if ids:
            rows = await session.execute(select(column, name).where(column.in_(ids)))
            found.update((f"{kind.value}:{number}", title) for number, title in rows)
    return found


async def names_of(session: AsyncSession, ids: Sequence[int]) -> dict[int, str]:
    """Full names for a log; those who are gone are missing."""
    rows = await session.scalars(select(Person).where(Person.id.in_(set(ids))))
    return {row.id: row.full_name for row in rows}


# --- inside ------------------------------------------------------------------------------------------


def _within(scope: Scope, filters: Filters, today: date, right: Right = Right.people_see) -> Select[int]:
    """Ids of people within the scope that pass the filters (the searched words apart)."""
    statement = select(Person.id).where(Person.state != PersonState.archived)
    if not _everywhere(scope, right):
        there = scope.where(right, organisation=Organisation.id, municipality=Organisation.municipality_id, today=today)
        hers = scope.where(right, person=Person.id, today=today)
        statement = statement.where(or_(hers, Person.id.in_(_working(there))))
    places = []
    if filters.municipality_id is not None:
        places.append(Organisation.municipality_id == filters.municipality_id)
    if filters.organisation_id is not None:
        places.append(Organisation.id == filters.organisation_id)
    if places:
        statement = statement.where(Person.id.in_(_working(*places)))
    if filters.confirmed is not None:
        column = Person.confirmed_at
        statement = statement.where(column.is_not(None) if filters.confirmed else column.is_(None))
    if filters.role is not None:
        r = RoleAssignment
        holders = select(r.person_id).where(
            r.role == filters.role, r.revoked_at.is_(None), r.since <= today, or_(r.until.is_(None), r.until >= today)
        )
        statement = statement.where(Person.id.in_(holders))
    return statement


def _everywhere(scope: Scope, right: Right) -> bool:
    return any(grant.kind is ScopeKind.region and right in RIGHTS[grant.role] for grant in scope.grants)


def _working(*conditions: ColumnElement[bool]) -> Select[int]:
    """Those whose main job is at such a place. A subquery: found from the place, not by walking over everybody."""
    return (
        select(Employment.person_id)
        .join(Organisation, Organisation.id == Employment.organisation_id)
        .where(Employment.is_main, Employment.until.is_(None), *conditions)
    )


async def _found(session: AsyncSession, scope: Scope, filters: Filters, today: date) -> list[int]:
    # Nothing to narrow to is by far the usual case in a centre, and the cheapest.
    everybody = _everywhere(scope, Right.people_see) and filters == Filters(query=filters.query)
    among = None if everybody else _within(scope, filters, today)
    found = await search.find(session, PERSON, filters.query, limit=FOUND, among=among)
    return [object_id for object_id, _ in found]


async def _lines(session: AsyncSession, ids: Sequence[int] | Select[int]) -> list[PersonLine]:
    """Lines in the order of ``ids`` (a select: by name), in one statement."""
    if isinstance(ids, Sequence) and not ids:
        return []
    diagnosed = (
        select(func.max(Attempt.finished_at))
        .where(Attempt.person_id == Person.id, Attempt.state == AttemptState.finished, Attempt.purpose.in_(COUNTED))
        .scalar_subquery()
    )
    statement = (
        select(
            Person.id,
            Person.last_name,
            Person.first_name,
            Person.middle_name,
            Person.confirmed_at,
            Person.registered_at,
            Person.state,
            Organisation.id,
            Organisation.short_name,
            Municipality.name,
            Employment.position_title,
            Position.title,
            diagnosed,
        )
        .outerjoin(Employment, (Employment.person_id == Person.id) & Employment.is_main & Employment.until.is_(None))
        .outerjoin(Organisation, Organisation.id == Employment.organisation_id)
        .outerjoin(Municipality, Municipality.id == Organisation.municipality_id)
        .outerjoin(Position, Position.slug == Employment.position_slug)
    )
    if isinstance(ids, Select):
        statement = statement.where(Person.id.in_(ids)).order_by(Person.sort, Person.id)
    else:
        statement = statement.where(Person.id.in_(ids))
    made: dict[int, PersonLine] = {}
    for (
        number,
        last,
        first,
        middle,
        confirmed,
        registered,
        state,
        place_id,
        place,
        district,
        own,
        post,
        day,
    ) in await session.execute(statement):
        made[number] = PersonLine(
            id=number,
            name=" ".join(part for part in (last, first, middle) if part),
            organisation_id=place_id,
            organisation=place or "",
            municipality=district or "",
            position=own or post or "",
            confirmed_at=confirmed,
            registered_at=registered,
            diagnosed_at=day,
            state=state,
        )
    return list(made.values()) if isinstance(ids, Select) else [made[number] for number in ids if number in made]


async def _twins(session: AsyncSession, scope: Scope, person: Person, today: date) -> list[PersonLine]:
    """Others of the same name whom this scope may correct."""
    if not scope.may(Right.people_edit) or not person.sort:
        return []
    same = _within(scope, Filters(), today, Right.people_edit).where(Person.sort == person.sort, Person.id != person.id)
    return await _lines(session, list(await session.scalars(same.order_by(Person.id).limit(10))))


async def _may(session: AsyncSession, scope: Scope, right: Right, person_id: int, today: date) -> bool:
    try:
        await require(session, scope, right, person_id, today=today)
    except NotAllowed:
        return False
    return True
