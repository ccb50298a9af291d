"""Registers whose lines other subjects hold: read from them, copied nowhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed
from bot.models import (
    Activity,
    ActivityKind,
    Employment,
    Event,
    EventState,
    Iom,
    IomState,
    MentorPair,
    MentorProfile,
    MethodistAssignment,
    Municipality,
    Organisation,
    Person,
    PersonState,
    Position,
    Role,
    RoleAssignment,
)
from bot.services.access import Right, Scope
from bot.services.registers.kinds import Kind

Cell = str | int | date | None


@dataclass(frozen=True, slots=True)
class View:
    """What a view shows: names of columns (keys of ``registers-column``), rows, a path of the admin for each."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    paths: Sequence[str] = ()
    public: tuple[str, ...] = ()


Reader = Callable[[AsyncSession, Scope, date, ZoneInfo], Awaitable[View]]

RIGHT: Mapping[str, Right] = {
    "methodists": Right.people_see,
    "mentors": Right.people_see,
    "programmes": Right.registers_see,
    "sites": Right.registers_see,
    "routes": Right.iom_see,
    "events": Right.registers_see,
}
"""What one must be allowed besides registers."""


async def view(session: AsyncSession, scope: Scope, kind: Kind, *, on: date, zone: ZoneInfo) -> View:
    """The lines as they are on a day, within the scope."""
    scope.require(Right.registers_see)
    if not scope.may(RIGHT[kind.view]):
        raise NotAllowed()
    return await READERS[kind.view](session, scope, on, zone)


async def public(session: AsyncSession, kind: Kind, *, on: date, zone: ZoneInfo) -> View:
    """The lines of a public view, the public columns only."""
    whole = await READERS[kind.view](session, Scope(), on, zone)
    places = [whole.columns.index(name) for name in whole.public]
    return View(whole.public, [tuple(row[place] for place in places) for row in whole.rows])


async def _staff(
    session: AsyncSession, scope: Scope, role: Role, on: date, zone: ZoneInfo
) -> list[tuple[int, tuple[Cell, ...]]]:
    """People who hold a role on a day: name, post, place, since when."""
    r = RoleAssignment
    reach = scope.where(
        Right.people_see,
        person=Person.id,
        organisation=Employment.organisation_id,
        municipality=Organisation.municipality_id,
        today=on,
    )
    rows = await session.execute(
        select(
            Person, Position.title, Employment.position_title, Organisation.short_name, Municipality.name,
            func.min(r.since),
        )
        .join(r, r.person_id == Person.id)
        .outerjoin(
            Employment, (Employment.person_id == Person.id) & Employment.is_main & Employment.until.is_(None)
        )
        .outerjoin(Position, Position.slug == Employment.position_slug)
        .outerjoin(Organisation, Organisation.id == Employment.organisation_id)
        .outerjoin(Municipality, Municipality.id == Organisation.municipality_id)
        .where(
            r.role == role,
            r.since <= on,
            or_(r.until.is_(None), r.until >= on),
            or_(r.revoked_at.is_(None), r.revoked_at > datetime.combine(on, time.max, zone)),
            Person.state == PersonState.active,
            reach,
        )
        .group_by(Person.id, Position.title, Employment.position_title, Organisation.short_name, Municipality.name)
        .order_by(Person.sort, Person.id)
    )  # fmt: skip
    found: dict[int, tuple[Cell, ...]] = {}
    for person, post, own, place, district, since in rows:
        found.setdefault(person.id, (person.full_name, own or post or "", place or "", district or "", since))
    return list(found.items())


async def _methodists(session: AsyncSession, scope: Scope, on: date, zone: ZoneInfo) -> View:
    people = await _staff(session, scope, Role.methodist, on, zone)
    a = MethodistAssignment
    loads = dict(
        (
            await session.execute(
                select(a.methodist_id, func.count())
                .where(a.since <= on, or_(a.until.is_(None), a.until >= on))
                .group_by(a.methodist_id)
            )
        ).all()
    )
    return View(
        ("name", "post", "organisation", "municipality", "load", "since"),
        [(*row[:4], loads.get(number, 0), row[4]) for number, row in people],
        [f"/people/{number}" for number, _ in people],
    )


async def _mentors(session: AsyncSession, scope: Scope, on: date, zone: ZoneInfo) -> View:
    """The base of mentors: who agreed to be in it, with the pairs that worked on the day."""
    m, p = MentorProfile, MentorPair
    after = datetime.combine(on, time.max, zone)
    reach = scope.where(
        Right.people_see,
        person=Person.id,
        organisation=Employment.organisation_id,
        municipality=Organisation.municipality_id,
        today=on,
    )
    working = dict(
        (
            await session.execute(
                select(p.mentor_id, func.count())
                .where(p.since <= on, or_(p.closed_at.is_(None), p.closed_at > after))
                .group_by(p.mentor_id)
            )
        ).all()
    )
    rows = await session.execute(
        select(Person, Position.title, Employment.position_title, Organisation.short_name, Municipality.name, m)
        .join(m, m.person_id == Person.id)
        .outerjoin(Employment, (Employment.person_id == Person.id) & Employment.is_main & Employment.until.is_(None))
        .outerjoin(Position, Position.slug == Employment.position_slug)
        .outerjoin(Organisation, Organisation.id == Employment.organisation_id)
        .outerjoin(Municipality, Municipality.id == Organisation.municipality_id)
        .where(
            m.created_at <= after, or_(m.withdrawn_at.is_(None), m.withdrawn_at > after),
            Person.state == PersonState.active, reach,
        )
        .order_by(Person.sort, Person.id)
    )  # fmt: skip
    found = [
        (
            person.id,
            (
                person.full_name, own or post or "", place or "", district or "", working.get(person.id, 0),
                profile.max_load, profile.created_at.astimezone(zone).date(),
            ),
        )
        for person, post, own, place, district, profile in rows
    ]  # fmt: skip
    return View(
        ("name", "post", "organisation", "municipality", "pairs", "most", "since"),
        [row for _, row in found],
        [f"/people/{number}" for number, _ in found],
    )


async def _programmes(session: AsyncSession, scope: Scope, on: date, zone: ZoneInfo) -> View:
    a = Activity
    rows = (
        await session.scalars(
            select(a)
            .where(a.active, a.kind.in_((ActivityKind.dpp_register, ActivityKind.dpp_other)))
            .order_by(a.sort, a.id)
        )
    ).all()
    return View(
        ("programme", "organiser", "hours", "federal", "register_number", "register_until"),
        [
            (
                row.title, row.organiser, row.hours, "yes" if row.in_register else "no", row.register_number,
                row.register_until,
            )
            for row in rows
        ],
        [f"/catalogue/{row.id}" for row in rows],
        public=("programme", "organiser", "hours", "federal", "register_number", "register_until"),
    )  # fmt: skip


async def _sites(session: AsyncSession, scope: Scope, on: date, zone: ZoneInfo) -> View:
    a = Activity
    rows = (
        await session.execute(
            select(a, Organisation.short_name, Municipality.name)
            .outerjoin(Organisation, Organisation.id == a.site_id)
            .outerjoin(Municipality, Municipality.id == Organisation.municipality_id)
            .where(a.active, a.kind == ActivityKind.internship)
            .order_by(a.sort, a.id)
        )
    ).all()
    names = ("site", "organisation", "municipality", "hours", "seats", "since", "until")
    return View(
        names,
        [
            (row.title, place or row.organiser, district or "", row.hours, row.seats, row.starts_on, row.ends_on)
            for row, place, district in rows
        ],
        [f"/catalogue/{row.id}" for row, _, _ in rows],
        public=names,
    )


async def _routes(session: AsyncSession, scope: Scope, on: date, zone: ZoneInfo) -> View:
    """Numbers of routes with their states; the whole register with its filters is among the papers of ИОМ."""
    reach = scope.where(
        Right.iom_see,
        person=Iom.person_id,
        organisation=Employment.organisation_id,
        municipality=Organisation.municipality_id,
        today=on,
    )
    rows = (
        await session.execute(
            select(Iom, Person, Organisation.short_name, Municipality.name)
            .join(Person, Person.id == Iom.person_id)
            .outerjoin(
                Employment, (Employment.person_id == Person.id) & Employment.is_main & Employment.until.is_(None)
            )
            .outerjoin(Organisation, Organisation.id == Employment.organisation_id)
            .outerjoin(Municipality, Municipality.id == Organisation.municipality_id)
            .where(Iom.state != IomState.draft, Iom.starts_on <= on, reach)
            .order_by(Person.sort, Iom.id)
        )
    ).all()
    return View(
        ("number", "name", "organisation", "municipality", "since", "until"),
        [
            (row.reg_no or "", person.full_name, place or "", district or "", row.starts_on, row.ends_on)
            for row, person, place, district in rows
        ],
        [f"/people/{person.id}" for _, person, _, _ in rows],
    )


async def _events(session: AsyncSession, scope: Scope, on: date, zone: ZoneInfo) -> View:
    e = Event
    shown = (EventState.draft, EventState.cancelled)
    year = datetime.combine(date(on.year, 1, 1), time(), zone)
    rows = (
        await session.scalars(select(e).where(e.state.not_in(shown), e.starts_at >= year).order_by(e.starts_at, e.id))
    ).all()
    names = ("event", "since", "organiser", "hours")
    return View(
        names,
        [(row.title, row.starts_at.astimezone(zone).date(), row.organiser, round(row.hours)) for row in rows],
        [f"/events/{row.id}" for row in rows],
        public=names,
    )


READERS: Mapping[str, Reader] = {
    "methodists": _methodists,
    "mentors": _mentors,
    "programmes": _programmes,
    "sites": _sites,
    "routes": _routes,
    "events": _events,
}
