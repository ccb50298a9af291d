"""Methodists with their load, the teachers of one of them, what was appointed lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from bot.errors import NotFound
from bot.models import (
    Appointment,
    AppointmentKind,
    AppointmentMove,
    Employment,
    Iom,
    IomState,
    MethodistAssignment,
    Municipality,
    Organisation,
    Person,
    PersonState,
    Role,
    RoleAssignment,
    Subject,
)
from bot.rules.iom_assignment import CAP, WARN
from bot.rules.words import folded
from bot.services.access import Right, Scope

SIZE = 25

OF_THE_CENTRE = (
    Role.methodist, Role.duty, Role.tutor, Role.centre_staff, Role.centre_head, Role.analyst, Role.privacy_officer,
    Role.tech_admin,
)  # fmt: skip
"""Roles of people who accompany others, not are accompanied."""


@dataclass(frozen=True, slots=True)
class Load:
    """How many teachers a methodist has; ``warn`` near the cap, ``over`` above it."""

    methodist_id: int
    name: str
    teachers: int
    cap: int = CAP

    @property
    def warn(self) -> bool:
        """True near the cap."""
        return self.teachers >= WARN

    @property
    def over(self) -> bool:
        """True above it."""
        return self.teachers > self.cap


@dataclass(frozen=True, slots=True)
class Teacher:
    """A teacher of a methodist: place, subject of the appointment, its order, the state of her route."""

    person_id: int
    name: str
    organisation: str
    municipality: str
    subject: str
    since: date
    order_no: str
    order_date: date | None
    state: IomState | None


@dataclass(frozen=True, slots=True)
class Line:
    """A page of teachers."""

    lines: tuple[Teacher, ...]
    total: int
    page: int

    @property
    def first(self) -> int:
        """Number of the first line, from 1."""
        return self.page * SIZE + 1

    @property
    def last(self) -> int:
        """Number of the last line."""
        return self.page * SIZE + len(self.lines)

    @property
    def has_next(self) -> bool:
        """True when there is a page after this one."""
        return self.last < self.total


@dataclass(frozen=True, slots=True)
class Made:
    """An appointment as it was made."""

    id: int
    kind: AppointmentKind
    order_no: str
    order_date: date
    made_at: datetime
    by: str
    leaving: str
    teachers: int
    undone_at: datetime | None
    told: bool


def standing(today: date) -> ColumnElement[bool]:
    """The appointment of a teacher is in force."""
    a = MethodistAssignment
    return (a.since <= today) & (a.until.is_(None) | (a.until >= today))


def holds_role(today: date) -> ColumnElement[bool]:
    """The role of a methodist is in force."""
    r = RoleAssignment
    return (
        (r.role == Role.methodist)
        & r.revoked_at.is_(None)
        & (r.since <= today)
        & or_(r.until.is_(None), r.until >= today)
    )


async def loads(session: AsyncSession, *, today: date) -> list[Load]:
    """Methodists with the number of their teachers, the freest first. One query."""
    a, r = MethodistAssignment, RoleAssignment
    count = func.count(func.distinct(a.person_id))
    rows = await session.execute(
        select(Person, count)
        .join(r, r.person_id == Person.id)
        .outerjoin(a, (a.methodist_id == Person.id) & standing(today))
        .where(holds_role(today), Person.state == PersonState.active)
        .group_by(Person.id)
        .order_by(count, Person.sort, Person.id)
    )
    return [Load(person.id, person.full_name, number) for person, number in rows]


async def methodist(session: AsyncSession, scope: Scope, methodist_id: int, *, today: date) -> Load:
    """One methodist, also one who has left but still has teachers. NotFound otherwise."""
    scope.require(Right.iom_assign)
    a = MethodistAssignment
    row = (
        await session.execute(
            select(Person, func.count(func.distinct(a.person_id)))
            .outerjoin(a, (a.methodist_id == Person.id) & standing(today))
            .where(Person.id == methodist_id)
            .group_by(Person.id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound()
    person, count = row
    if not count and not await session.scalar(
        select(RoleAssignment.id).where(RoleAssignment.person_id == methodist_id, holds_role(today)).limit(1)
    ):
        raise NotFound()
    return Load(person.id, person.full_name, count)


async def teachers(
    session: AsyncSession, scope: Scope, methodist_id: int, *, today: date, query: str = "", page: int = 0
) -> Line:
    """A page of the teachers of a methodist, by name. Two queries."""
    scope.require(Right.iom_assign)
    a = MethodistAssignment
    wanted = (a.methodist_id == methodist_id) & standing(today)
    for word in folded(query).split():
        wanted = wanted & Person.search.contains(word, autoescape=True)
    mine = select(a.id).join(Person, Person.id == a.person_id).where(wanted)
    total = await session.scalar(select(func.count()).select_from(mine.subquery()))
    opened = aliased(Iom)
    rows = await session.execute(
        select(a, Person, Organisation.short_name, Municipality.name, Subject.title, opened.state)
        .join(Person, Person.id == a.person_id)
        .outerjoin(Employment, Employment.id == main_job(Person.id))
        .outerjoin(Organisation, Organisation.id == Employment.organisation_id)
        .outerjoin(Municipality, Municipality.id == Organisation.municipality_id)
        .outerjoin(Subject, Subject.slug == a.subject_slug)
        .outerjoin(opened, (opened.person_id == a.person_id) & opened.closed_at.is_(None))
        .where(wanted)
        .order_by(Person.sort, a.id)
        .offset(page * SIZE)
        .limit(SIZE)
    )
    found = tuple(
        Teacher(
            person.id, person.full_name, place or "", town or "", subject or "", row.since, row.order_no,
            row.order_date, state,
        )
        for row, person, place, town, subject, state in rows
    )  # fmt: skip
    return Line(found, int(total or 0), page)


async def without_methodist(session: AsyncSession, scope: Scope, *, today: date) -> int:
    """How many teachers within the scope have nobody."""
    scope.require(Right.iom_assign)
    found = select(func.count(func.distinct(Person.id))).select_from(Person)
    joined = (
        found.join(Employment, (Employment.person_id == Person.id) & Employment.is_main & Employment.until.is_(None))
        .join(Organisation, Organisation.id == Employment.organisation_id)
        .where(teaches(today), ~has_methodist(today))
    )
    return int(await session.scalar(reached(joined, scope, today)) or 0)


async def appointments(session: AsyncSession, scope: Scope, *, limit: int = 10) -> list[Made]:
    """The latest appointments, the newest first. One query."""
    scope.require(Right.iom_assign)
    maker, leaver = aliased(Person), aliased(Person)
    count = (
        select(func.count(func.distinct(AppointmentMove.person_id)))
        .where(AppointmentMove.appointment_id == Appointment.id)
        .scalar_subquery()
    )
    rows = await session.execute(
        select(Appointment, maker, leaver, count)
        .outerjoin(maker, maker.id == Appointment.made_by_id)
        .outerjoin(leaver, leaver.id == Appointment.leaving_id)
        .order_by(Appointment.id.desc())
        .limit(limit)
    )
    return [
        Made(
            row.id, row.kind, row.order_no, row.order_date, row.made_at, by.full_name if by else "",
            left.full_name if left else "", number, row.undone_at, row.told_at is not None,
        )
        for row, by, left, number in rows
    ]  # fmt: skip


# --- conditions shared with the plans ------------------------------------------------------------------


def main_job(person: InstrumentedAttribute[int]) -> ScalarSelect[int | None]:
    """The id of the main job of a person: one, however many are written."""
    return (
        select(func.min(Employment.id))
        .where(Employment.person_id == person, Employment.is_main, Employment.until.is_(None))
        .correlate(Person)
        .scalar_subquery()
    )


def teaches(today: date) -> ColumnElement[bool]:
    """An active person who does not work for the centre herself."""
    r = RoleAssignment
    in_force = r.revoked_at.is_(None) & (r.since <= today) & or_(r.until.is_(None), r.until >= today)
    return (Person.state == PersonState.active) & ~exists(
        select(r.id).where(r.person_id == Person.id, r.role.in_(OF_THE_CENTRE), in_force)
    )


def has_methodist(today: date) -> ColumnElement[bool]:
    """Somebody accompanies her."""
    a = MethodistAssignment
    return exists(select(a.id).where(a.person_id == Person.id, standing(today)))


def reached(statement: Any, scope: Scope, today: date) -> Any:
    """Only people the right to appoint reaches; joined with organisation."""
    return scope.limit(
        statement,
        Right.iom_assign,
        person=Person.id,
        organisation=Organisation.id,
        municipality=Organisation.municipality_id,
        today=today,
    )
