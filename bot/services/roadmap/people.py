"""Who answers for a measure, who stands above, who may see and touch it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.errors import NotAllowed, NotFound, UserError
from bot.models import (
    Body,
    BodyMembership,
    BodyPost,
    Measure,
    MeasureBody,
    MeasurePart,
    MeasurePerson,
    Person,
    PersonState,
    Roadmap,
    Role,
    RoleAssignment,
    ScopeKind,
)
from bot.services.access import RIGHTS, Right, Scope
from bot.services.roadmap.schedule import note

SPEAKING = (BodyPost.head, BodyPost.deputy, BodyPost.responsible)
"""Posts that may act for their body."""

LADDER = (BodyPost.responsible, BodyPost.deputy, BodyPost.head)
"""Where nobody was appointed: the body's responsible, else its deputy, else its head."""


@dataclass(frozen=True, slots=True)
class Answering:
    """A person who answers for something."""

    id: int
    name: str
    locale: str


@dataclass(slots=True)
class Circle:
    """People of some measures: by measure, those who answer, their heads, the coordinators."""

    own: dict[int, list[Answering]]
    heads: dict[int, list[Answering]]
    coordinators: dict[int, list[Answering]]
    bodies: dict[int, str]


_named, _place, _appointed = aliased(MeasureBody), aliased(Body), aliased(MeasurePerson)
"""Of their own inside the conditions: a query of these very tables must not lend its rows to them."""


def _spoken_for(person_id: int | None, today: date) -> ColumnElement[bool]:
    """Condition over a named body: this person may speak for it."""
    member = select(BodyMembership.body_id).where(
        BodyMembership.person_id == person_id,
        BodyMembership.post.in_(SPEAKING),
        BodyMembership.since <= today,
        or_(BodyMembership.until.is_(None), BodyMembership.until >= today),
    )
    role = select(RoleAssignment.scope_id).where(
        RoleAssignment.person_id == person_id,
        RoleAssignment.role == Role.responsible,
        RoleAssignment.scope_kind == ScopeKind.body,
        RoleAssignment.revoked_at.is_(None),
        RoleAssignment.since <= today,
        or_(RoleAssignment.until.is_(None), RoleAssignment.until >= today),
    )
    return or_(_named.body_id.in_(member), _named.body_id.in_(role))


def touchable(person_id: int | None, today: date) -> ColumnElement[bool]:
    """Condition over ``Measure``: what a person may answer for: appointed, or speaking for a responsible body."""
    appointed = exists().where(
        _appointed.measure_id == Measure.id,
        _appointed.person_id == person_id,
        _appointed.part != MeasurePart.checker,
    )
    speaks = exists().where(
        _named.measure_id == Measure.id,
        _named.part == MeasurePart.responsible,
        _spoken_for(person_id, today),
    )
    return or_(appointed, speaks)


def mine(person_id: int | None, today: date) -> ColumnElement[bool]:
    """Condition over ``Measure``: what is hers: appointed, or her body's with nobody appointed."""
    appointed = exists().where(
        _appointed.measure_id == Measure.id,
        _appointed.person_id == person_id,
        _appointed.part == MeasurePart.responsible,
    )
    somebody = exists().where(_appointed.measure_id == Measure.id, _appointed.part == MeasurePart.responsible)
    return or_(appointed, and_(~somebody, touchable(person_id, today)))


def reach(scope: Scope, today: date) -> ColumnElement[bool]:
    """Condition over ``Measure``: what the scope may look at; one's own always, nothing without a role else."""
    found: list[ColumnElement[bool]] = [touchable(scope.person_id, today)]
    for grant in scope.grants:
        if Right.roadmap_see not in RIGHTS[grant.role]:
            continue
        if grant.kind is ScopeKind.region:
            return true()
        if grant.kind is ScopeKind.body:
            found.append(exists().where(_named.measure_id == Measure.id, _named.body_id == grant.id))
        elif grant.kind is ScopeKind.municipality:
            found.append(
                exists().where(
                    _named.measure_id == Measure.id,
                    _named.body_id == _place.id,
                    _place.municipality_id == grant.id,
                )
            )
    return or_(*found)


async def bodies_of(session: AsyncSession, person_id: int | None, *, today: date) -> set[int]:
    """Bodies this person may speak for."""
    rows = await session.scalars(select(_named.body_id).where(_spoken_for(person_id, today)).distinct())
    return {number for number in rows if number is not None}


async def checkers_of(session: AsyncSession, measure_id: int, *, sender: int | None, today: date) -> list[Answering]:
    """Who is told that evidence has come: the measure's own checkers, else whoever runs its roadmap; never the sender.

    Where nobody of these is left, everybody who may check.
    """
    appointed = await session.scalars(
        select(Person)
        .join(MeasurePerson, MeasurePerson.person_id == Person.id)
        .where(
            MeasurePerson.measure_id == measure_id,
            MeasurePerson.part == MeasurePart.checker,
            Person.state == PersonState.active,
        )
        .order_by(MeasurePerson.id)
    )
    central = (await _central(session, [measure_id], today)).get(measure_id, [])
    every = await with_right(session, Right.roadmap_check, today=today)
    able = {person.id for person in every}
    for group in ([_as(person) for person in appointed], [person for person in central if person.id in able], every):
        found = _unique([person for person in group if person.id != sender])
        if found:
            return found
    return []


def may_check(scope: Scope) -> bool:
    """True with the right over the region."""
    return scope.covers(Right.roadmap_check, ScopeKind.region, None)


async def require(session: AsyncSession, scope: Scope, measure_id: int, *, today: date) -> Measure:
    """A measure within reach, or NotFound: nobody learns what exists."""
    measure = await session.scalar(select(Measure).where(Measure.id == measure_id, reach(scope, today)))
    if measure is None:
        raise NotFound()
    return measure


async def require_own(session: AsyncSession, scope: Scope, measure_id: int, *, today: date) -> Measure:
    """A measure the person answers for (or may run); NotAllowed where she only looks."""
    measure = await require(session, scope, measure_id, today=today)
    if scope.covers(Right.roadmap_run, ScopeKind.region, None):
        return measure
    own = await session.scalar(select(Measure.id).where(Measure.id == measure_id, touchable(scope.person_id, today)))
    if own is None:
        raise NotAllowed()
    return measure


async def circle(session: AsyncSession, measures: Collection[int], *, today: date) -> Circle:
    """The people of these measures, in a fixed number of queries."""
    found = Circle({}, {}, {}, {})
    wanted = list(measures)
    appointed: dict[int, list[Answering]] = defaultdict(list)
    rows = await session.execute(
        select(MeasurePerson.measure_id, Person)
        .join(Person, Person.id == MeasurePerson.person_id)
        .where(
            MeasurePerson.measure_id.in_(wanted),
            MeasurePerson.part == MeasurePart.responsible,
            Person.state == PersonState.active,
        )
        .order_by(MeasurePerson.id)
    )
    for measure_id, person in rows:
        appointed[measure_id].append(_as(person))
    bodies: dict[int, list[int]] = defaultdict(list)
    names: dict[int, list[str]] = defaultdict(list)
    places: dict[int, int | None] = {}
    named = await session.execute(
        select(MeasureBody.measure_id, MeasureBody.name, MeasureBody.body_id, Body.municipality_id)
        .outerjoin(Body, Body.id == MeasureBody.body_id)
        .where(MeasureBody.measure_id.in_(wanted), MeasureBody.part == MeasurePart.responsible)
        .order_by(MeasureBody.id)
    )
    for measure_id, name, body_id, municipality_id in named:
        names[measure_id].append(name)
        if body_id is not None:
            bodies[measure_id].append(body_id)
            places[body_id] = municipality_id
    posts = await _posts(session, set(places), today)
    local = await _local(session, {place for place in places.values() if place is not None}, today)
    central = await _central(session, wanted, today)
    for measure_id in wanted:
        mine_bodies = bodies.get(measure_id, [])
        found.bodies[measure_id] = ", ".join(names.get(measure_id, []))
        found.own[measure_id] = appointed.get(measure_id) or _step(posts, mine_bodies, LADDER)
        found.heads[measure_id] = _step(posts, mine_bodies, (BodyPost.head, BodyPost.deputy))
        above = [p for body in mine_bodies if (town := places[body]) is not None for p in local.get(town, [])]
        found.coordinators[measure_id] = _unique(above) or central.get(measure_id, [])
    return found


async def candidates(
    session: AsyncSession, scope: Scope, measure_id: int, *, today: date, limit: int = 20
) -> list[Answering]:
    """People of the measure's bodies to whom it may be passed, without those who have it."""
    await require_own(session, scope, measure_id, today=today)
    answering = (await circle(session, [measure_id], today=today)).own[measure_id]
    rows = await session.scalars(
        select(Person)
        .join(BodyMembership, BodyMembership.person_id == Person.id)
        .join(MeasureBody, MeasureBody.body_id == BodyMembership.body_id)
        .where(
            MeasureBody.measure_id == measure_id,
            Person.state == PersonState.active,
            BodyMembership.since <= today,
            or_(BodyMembership.until.is_(None), BodyMembership.until >= today),
            Person.id.not_in([person.id for person in answering]),
        )
        .distinct()
        .order_by(Person.sort, Person.id)
        .limit(limit)
    )
    return [_as(person) for person in rows]


async def pass_on(
    session: AsyncSession, scope: Scope, measure_id: int, person_id: int, *, today: date, now: datetime
) -> Answering:
    """«Не моё»: the measure goes to another person of its bodies; the transfer stands in the history."""
    found = await candidates(session, scope, measure_id, today=today, limit=200)
    chosen = next((person for person in found if person.id == person_id), None)
    if chosen is None:
        raise NotFound()
    await _replace(session, measure_id, MeasurePart.responsible, [person_id], now=now)
    note(session, measure_id, "passed", by_id=scope.person_id, now=now, to=person_id)
    return chosen


async def appoint(
    session: AsyncSession,
    scope: Scope,
    measure_id: int,
    part: MeasurePart,
    people: Collection[int],
    *,
    today: date,
    now: datetime,
) -> None:
    """Appoint persons to a part of a measure; an empty list gives it back to the bodies."""
    scope.require(Right.roadmap_run)
    await require(session, scope, measure_id, today=today)
    known = set(
        await session.scalars(select(Person.id).where(Person.id.in_(people), Person.state == PersonState.active))
    )
    if known != set(people):
        raise UserError("error-not-found")
    await _replace(session, measure_id, part, sorted(known), now=now)
    note(session, measure_id, "appointed", by_id=scope.person_id, now=now, part=part.value, people=sorted(known))


async def _replace(
    session: AsyncSession, measure_id: int, part: MeasurePart, people: Collection[int], *, now: datetime
) -> None:
    await session.execute(
        delete(MeasurePerson).where(MeasurePerson.measure_id == measure_id, MeasurePerson.part == part)
    )
    session.add_all(MeasurePerson(measure_id=measure_id, part=part, person_id=number, at=now) for number in people)
    await session.flush()


Posts = Mapping[tuple[int, BodyPost], list[Answering]]


async def _posts(session: AsyncSession, bodies: Collection[int], today: date) -> Posts:
    found: dict[tuple[int, BodyPost], list[Answering]] = defaultdict(list)
    rows = await session.execute(
        select(BodyMembership.body_id, BodyMembership.post, Person)
        .join(Person, Person.id == BodyMembership.person_id)
        .where(
            BodyMembership.body_id.in_(bodies),
            BodyMembership.post.in_(SPEAKING),
            BodyMembership.since <= today,
            or_(BodyMembership.until.is_(None), BodyMembership.until >= today),
            Person.state == PersonState.active,
        )
        .order_by(BodyMembership.id)
    )
    for body_id, post, person in rows:
        found[body_id, post].append(_as(person))
    roles = await session.execute(
        select(RoleAssignment.scope_id, Person)
        .join(Person, Person.id == RoleAssignment.person_id)
        .where(
            RoleAssignment.role == Role.responsible,
            RoleAssignment.scope_kind == ScopeKind.body,
            RoleAssignment.scope_id.in_(bodies),
            *_in_force(today),
            Person.state == PersonState.active,
        )
        .order_by(RoleAssignment.id)
    )
    for place, person in roles:
        body_id = place or 0
        # Who holds a post in the body is spoken to by the post.
        held = {one.id for post in (BodyPost.head, BodyPost.deputy) for one in found.get((body_id, post), [])}
        if person.id not in held:
            found[body_id, BodyPost.responsible].append(_as(person))
    return found


async def _local(session: AsyncSession, places: Collection[int], today: date) -> dict[int, list[Answering]]:
    """Municipality → its coordinators."""
    found: dict[int, list[Answering]] = defaultdict(list)
    rows = await session.execute(
        select(RoleAssignment.scope_id, Person)
        .join(Person, Person.id == RoleAssignment.person_id)
        .where(
            RoleAssignment.role == Role.municipal_coordinator,
            RoleAssignment.scope_kind == ScopeKind.municipality,
            RoleAssignment.scope_id.in_(places),
            *_in_force(today),
            Person.state == PersonState.active,
        )
        .order_by(RoleAssignment.id)
    )
    for place, person in rows:
        if place is not None:
            found[place].append(_as(person))
    return found


async def with_right(session: AsyncSession, right: Right, *, today: date) -> list[Answering]:
    """Active people who hold a right over the region."""
    able = [role for role, rights in RIGHTS.items() if right in rights]
    rows = await session.scalars(
        select(Person)
        .join(RoleAssignment, RoleAssignment.person_id == Person.id)
        .where(
            RoleAssignment.role.in_(able),
            RoleAssignment.scope_kind == ScopeKind.region,
            *_in_force(today),
            Person.state == PersonState.active,
        )
        .distinct()
        .order_by(Person.sort, Person.id)
    )
    return [_as(person) for person in rows]


async def _central(session: AsyncSession, measures: Collection[int], today: date) -> dict[int, list[Answering]]:
    """Measure → who loaded its roadmap while she may still run it, else the heads of the centre."""
    running = [role for role, rights in RIGHTS.items() if Right.roadmap_run in rights]
    rows = await session.execute(
        select(RoleAssignment.role, Person)
        .join(Person, Person.id == RoleAssignment.person_id)
        .where(
            RoleAssignment.role.in_(running),
            RoleAssignment.scope_kind == ScopeKind.region,
            *_in_force(today),
            Person.state == PersonState.active,
        )
        .order_by(RoleAssignment.id)
    )
    able = [(role, _as(person)) for role, person in rows]
    heads = _unique([person for role, person in able if role is Role.centre_head])
    owners = await session.execute(
        select(Measure.id, Roadmap.created_by_id)
        .join(Roadmap, Roadmap.id == Measure.roadmap_id)
        .where(Measure.id.in_(measures))
    )
    return {
        measure_id: _unique([person for _, person in able if person.id == owner]) or heads
        for measure_id, owner in owners
    }


def _in_force(today: date) -> tuple[ColumnElement[bool], ...]:
    r = RoleAssignment
    return (r.revoked_at.is_(None), r.since <= today, or_(r.until.is_(None), r.until >= today))


def _step(posts: Posts, bodies: Collection[int], ladder: Collection[BodyPost]) -> list[Answering]:
    """Of each body the first step of the ladder that somebody stands on."""
    found: list[Answering] = []
    for body in bodies:
        found += next((posts[body, post] for post in ladder if posts.get((body, post))), [])
    return _unique(found)


def _unique(people: Collection[Answering]) -> list[Answering]:
    return list({person.id: person for person in people}.values())


def _as(person: Person) -> Answering:
    return Answering(person.id, person.full_name, person.locale)
