"""What an appointment would do, before anything is written."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound
from bot.models import (
    Attempt,
    AttemptState,
    Employment,
    EmploymentSubject,
    MethodistAssignment,
    Municipality,
    Organisation,
    Person,
    Purpose,
    RoleAssignment,
    ScopeKind,
)
from bot.rules import iom_assignment
from bot.rules.iom_assignment import CAP, Desk, Seeker
from bot.services.access import Right, Scope
from bot.services.iom.appointing.lists import (
    Load,
    has_methodist,
    holds_role,
    loads,
    reached,
    standing,
    teaches,
)

MOST = 5_000
"""Teachers of one appointment: more than any order lists."""


@dataclass(frozen=True, slots=True)
class Group:
    """Whom an appointment is about; empty values narrow nothing."""

    subject: str = ""
    municipality_id: int | None = None
    alone: bool = True  # only those who have nobody
    diagnosed: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """One teacher and where she goes; ``old`` is who has her now."""

    person_id: int
    name: str
    place: str
    subject: str
    old: str
    to_id: int


@dataclass(frozen=True, slots=True)
class Share:
    """A methodist of a plan: what she had, what she gets."""

    load: Load
    more: int

    @property
    def after(self) -> Load:
        """Her load when it is done."""
        return replace(self.load, teachers=self.load.teachers + self.more)


@dataclass(frozen=True, slots=True)
class Plan:
    """Who goes to whom; ``left`` have no place with anybody."""

    moves: tuple[Move, ...]
    shares: tuple[Share, ...]
    left: int
    leaving_id: int | None = None

    @property
    def over(self) -> bool:
        """True when somebody would have more than the cap."""
        return any(share.after.over for share in self.shares)

    @property
    def token(self) -> str:
        """The same for the same plan: what was looked at is what is carried out."""
        pairs = ";".join(f"{move.person_id}>{move.to_id}" for move in self.moves)
        return hashlib.sha256(f"{self.leaving_id}|{pairs}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _Found:
    """A teacher as the rule needs her."""

    id: int
    name: str
    place: str
    municipality_id: int | None
    subjects: tuple[str, ...]
    old: str


async def plan(session: AsyncSession, scope: Scope, group: Group, *, to: int | None, today: date) -> Plan:
    """The group to one methodist, or (``to`` is None) by subject, district and load within the cap."""
    scope.require(Right.iom_assign)
    known = await loads(session, today=today)
    people = await _group(session, scope, group, today)
    if to is None:
        return _spread(people, known, await _desks(session, known, today), group.subject)
    if to not in {load.methodist_id for load in known}:
        raise NotFound()
    held = set(
        await session.scalars(
            select(MethodistAssignment.person_id).where(MethodistAssignment.methodist_id == to, standing(today))
        )
    )
    given = {one.id: to for one in people if one.id not in held and one.id != to}
    return _plan([one for one in people if one.id in given], given, known, group.subject)


async def plan_leaving(session: AsyncSession, scope: Scope, leaving_id: int, *, today: date) -> Plan:
    """Where the teachers of a methodist who leaves would go."""
    scope.require(Right.iom_assign)
    a = MethodistAssignment
    known = [load for load in await loads(session, today=today) if load.methodist_id != leaving_id]
    mine = select(a.person_id).where(a.methodist_id == leaving_id, standing(today))
    people = await _people(session, scope, today, Person.id.in_(mine))
    made = _spread(people, known, await _desks(session, known, today), "")
    return replace(made, leaving_id=leaving_id)


def _spread(people: Collection[_Found], known: list[Load], desks: Collection[Desk], subject: str) -> Plan:
    seekers = [Seeker(one.id, frozenset(one.subjects), one.municipality_id) for one in people]
    return _plan(people, iom_assignment.distribute(seekers, desks), known, subject)


def _plan(people: Collection[_Found], given: Mapping[int, int], known: list[Load], subject: str) -> Plan:
    more = Counter(given.values())
    moves = tuple(
        Move(one.id, one.name, one.place, subject or (one.subjects[0] if one.subjects else ""), one.old, given[one.id])
        for one in people
        if one.id in given
    )
    shares = tuple(Share(load, more[load.methodist_id]) for load in known if more[load.methodist_id])
    return Plan(moves, shares, len(people) - len(moves))


async def _group(session: AsyncSession, scope: Scope, group: Group, today: date) -> list[_Found]:
    wanted = teaches(today)
    if group.subject:
        wanted = wanted & exists(
            select(EmploymentSubject.subject_slug)
            .join(Employment, Employment.id == EmploymentSubject.employment_id)
            .where(
                Employment.person_id == Person.id,
                Employment.until.is_(None),
                EmploymentSubject.subject_slug == group.subject,
            )
        )
    if group.municipality_id is not None:
        wanted = wanted & (Organisation.municipality_id == group.municipality_id)
    if group.alone:
        wanted = wanted & ~has_methodist(today)
    if group.diagnosed:
        wanted = wanted & exists(
            select(Attempt.id).where(
                Attempt.person_id == Person.id,
                Attempt.state == AttemptState.finished,
                Attempt.purpose.in_((Purpose.official, Purpose.entry, Purpose.campaign)),
            )
        )
    return await _people(session, scope, today, wanted)


async def _people(session: AsyncSession, scope: Scope, today: date, wanted: ColumnElement[bool]) -> list[_Found]:
    """Teachers with place and subjects, by name: two queries, and one for who has them now."""
    rows = (
        await session.execute(
            reached(
                select(Person, Organisation.short_name, Organisation.municipality_id, Municipality.name, Employment.id)
                .outerjoin(
                    Employment,
                    (Employment.person_id == Person.id) & Employment.is_main & Employment.until.is_(None),
                )
                .outerjoin(Organisation, Organisation.id == Employment.organisation_id)
                .outerjoin(Municipality, Municipality.id == Organisation.municipality_id)
                .where(wanted)
                .order_by(Person.sort, Person.id, Employment.id)
                .limit(MOST),
                scope,
                today,
            )
        )
    ).all()
    subjects: dict[int, list[str]] = {}
    now_with: dict[int, str] = {}
    ids = list({row[0].id for row in rows})
    for start in range(0, len(ids), 500):
        portion = ids[start : start + 500]
        for person_id, slug in await session.execute(
            select(Employment.person_id, EmploymentSubject.subject_slug)
            .join(EmploymentSubject, EmploymentSubject.employment_id == Employment.id)
            .where(Employment.person_id.in_(portion), Employment.until.is_(None))
            .order_by(EmploymentSubject.subject_slug)
        ):
            subjects.setdefault(person_id, []).append(slug)
        a = MethodistAssignment
        for person_id, by in await session.execute(
            select(a.person_id, Person)
            .join(Person, Person.id == a.methodist_id)
            .where(a.person_id.in_(portion), standing(today))
            .order_by(a.id)
        ):
            now_with[person_id] = by.full_name
    found: dict[int, _Found] = {}
    for person, place, municipality_id, town, _ in rows:
        found.setdefault(
            person.id,
            _Found(
                person.id,
                person.full_name,
                ", ".join(part for part in (place, town) if part),
                municipality_id,
                tuple(subjects.get(person.id, ())),
                now_with.get(person.id, ""),
            ),
        )
    return list(found.values())


async def _desks(session: AsyncSession, known: Collection[Load], today: date) -> list[Desk]:
    """Methodists with the subjects they teach or taught, and the districts they work in or have teachers of."""
    ids = [load.methodist_id for load in known]
    subjects: dict[int, set[str]] = {}
    towns: dict[int, set[int]] = {}
    e, r, a = Employment, RoleAssignment, MethodistAssignment
    for person_id, slug in await session.execute(
        select(e.person_id, EmploymentSubject.subject_slug)
        .join(EmploymentSubject, EmploymentSubject.employment_id == e.id)
        .where(e.person_id.in_(ids))
    ):
        subjects.setdefault(person_id, set()).add(slug)
    for person_id, town in await session.execute(
        select(r.person_id, r.scope_id).where(
            r.person_id.in_(ids), holds_role(today), r.scope_kind == ScopeKind.municipality
        )
    ):
        if town is not None:
            towns.setdefault(person_id, set()).add(town)
    for methodist_id, town in await session.execute(
        select(a.methodist_id, Organisation.municipality_id)
        .join(e, (e.person_id == a.person_id) & e.is_main & e.until.is_(None))
        .join(Organisation, Organisation.id == e.organisation_id)
        .where(a.methodist_id.in_(ids), standing(today))
        .distinct()
    ):
        towns.setdefault(methodist_id, set()).add(town)
    return [
        Desk(
            load.methodist_id,
            frozenset(subjects.get(load.methodist_id, ())),
            frozenset(towns.get(load.methodist_id, ())),
            load.teachers,
            CAP,
        )
        for load in known
    ]
