"""Teams of a school: who gathers one, whom she may call, all of them or nothing, and the way out.

A narrow door beside ``Right.events_enrol``: any teacher with a confirmed current job may call colleagues of that
school to a team event, and each of them answers herself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import local_date
from bot.errors import NotFound, UserError
from bot.models import (
    Employment,
    Event,
    EventTeam,
    Organisation,
    Person,
    PersonState,
    Position,
    Registration,
    RegistrationSource,
    RegistrationState,
)
from bot.rules.event_teams import Size, size, term
from bot.rules.events import admits
from bot.rules.words import folded
from bot.services.access import Right, Scope
from bot.services.events import team_rows
from bot.services.events.reading import EventLine, lines_of, place_of, visible
from bot.services.events.reserve import HELD
from bot.services.events.signing import Result, doubt, lock, must_take, new_row, pass_on, sign_up, wanted_by, whom

PAGE = 4
"""Colleagues of a screen: with the ways on, ten buttons."""

WORDS = 4
"""Words of a search that are looked at."""


@dataclass(frozen=True, slots=True)
class School:
    """Where a person works, as her team is called."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the same school: a name and a position, nothing else of her."""

    id: int
    name: str
    position: str


@dataclass(frozen=True, slots=True)
class Member:
    """A colleague in the team; ``signed``: she has agreed."""

    name: str
    position: str
    signed: bool


@dataclass(frozen=True, slots=True)
class TeamView:
    """What a person sees of her school's team; ``members`` only when she gathers it."""

    line: EventLine
    school: School | None
    exists: bool = False
    organiser: str = ""
    mine: bool = False
    within: bool = False
    confirmed: int = 0
    pending: int = 0
    until: datetime | None = None
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class Colleagues:
    """A page of whom she may call; ``within`` are in the team already, she among them."""

    line: EventLine
    people: tuple[Colleague, ...]
    number: int
    total: int
    query: str
    within: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom she has chosen, before they are called; ``clash`` is what she herself has at that time."""

    line: EventLine
    people: tuple[Colleague, ...]
    within: int
    size: Size
    clash: EventLine | None = None

    @property
    def total(self) -> int:
        """The team as it would be."""
        return self.within + len(self.people)


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team on the page of the event."""

    organisation: str
    organiser: str
    confirmed: int
    pending: int
    until: datetime


async def look(session: AsyncSession, person_id: int, event_id: int, *, now: datetime) -> TeamView:
    """Her school's team for an event. NotFound where teams are not asked for."""
    event = await _team_event(session, event_id)
    line = (await lines_of(session, [event]))[0]
    school = await school_of(session, person_id, on=_day(event, now))
    team = await team_rows.standing(session, event_id, school.id) if school else None
    if team is None:
        return TeamView(line, school)
    rows = await team_rows.places(session, team.id)
    signed = {row.person_id for row in rows if row.state is RegistrationState.signed}
    mine = team.organiser_id == person_id
    members: list[Member] = []
    if mine:
        states = {row.person_id: row for row in rows}
        found = await session.execute(_people(team.organisation_id, _day(event, now)).where(Person.id.in_(states)))
        members = [Member(one.name, one.position, one.id in signed) for one in map(_colleague, found)]
    organiser = await session.get(Person, team.organiser_id) if team.organiser_id is not None else None
    return TeamView(
        line,
        school,
        exists=True,
        organiser=organiser.short_name if organiser else "",
        mine=mine,
        within=any(row.person_id == person_id for row in rows),
        confirmed=len(signed),
        pending=len(rows) - len(signed),
        until=team.until,
        members=tuple(members),
    )


async def colleagues(
    session: AsyncSession, person_id: int, event_id: int, *, query: str = "", number: int = 0, now: datetime
) -> Colleagues:
    """A page of her colleagues who may be called, by name; ``query`` are words of their names."""
    event = await _team_event(session, event_id)
    line = (await lines_of(session, [event]))[0]
    must_take(line, now)
    school, team = await _hers(session, person_id, event, now=now)
    statement = _callable(event, school, person_id, _day(event, now))
    for word in folded(query).split()[:WORDS]:
        statement = statement.where(Person.sort.contains(word, autoescape=True))
    total = await session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    number = min(max(number, 0), max(total - 1, 0) // PAGE)
    found = await session.execute(statement.limit(PAGE).offset(number * PAGE))
    within = await _within(session, team, person_id)
    return Colleagues(line, tuple(map(_colleague, found)), number, total, query, within)


async def plan(session: AsyncSession, person_id: int, event_id: int, ids: Sequence[int], *, now: datetime) -> Plan:
    """The team as it would be with the chosen; who cannot be called any more is left out."""
    event = await _team_event(session, event_id)
    line = (await lines_of(session, [event]))[0]
    must_take(line, now)
    school, team = await _hers(session, person_id, event, now=now)
    people = await _chosen(session, event, school, person_id, ids, on=_day(event, now))
    within = await _within(session, team, person_id)
    least, most = _bounds(event)
    own = await place_of(session, event_id, person_id)
    busy = None if own is not None and own.state in HELD else await doubt(session, person_id, line, line.left(now))
    return Plan(
        line, people, within, size(within + len(people), least if team is None else 1, most),
        busy.other if busy is not None else None,
    )  # fmt: skip


async def gather(
    session: AsyncSession, person_id: int, event_id: int, ids: Sequence[int], *, now: datetime
) -> TeamView:
    """Sign the organiser up and call the chosen: all of them, or nothing and why.

    UserError for somebody else's team, a wrong size, too few seats, people who cannot be called.
    """
    event = await lock(session, event_id)
    if event.team_from is None or event.members_only:
        raise NotFound()
    line = (await lines_of(session, [event]))[0]
    must_take(line, now)
    school, team = await _hers(session, person_id, event, now=now)
    wanted = list(dict.fromkeys(ids))
    people = await _chosen(session, event, school, person_id, wanted, on=_day(event, now))
    if len(people) != len(wanted):
        raise UserError("events-team-changed", buttons=(_choose(event_id),))
    await _must_suit(session, event, people, now=now)
    least, most = _bounds(event)
    total = await _within(session, team, person_id) + len(people)
    if team is None and total < least:
        raise UserError("events-team-few", least=least, most=most, n=total, buttons=(_choose(event_id),))
    if total > most:
        raise UserError("events-team-many", most=most, n=total, buttons=(_choose(event_id),))
    own = await place_of(session, event_id, person_id)
    seated = own is not None and own.state in HELD
    needed = len(people) + (0 if seated else 1)
    left = line.left(now)
    if left is not None and needed > left:
        raise UserError("events-team-no-seats", left=left, n=needed, buttons=(_choose(event_id),))
    if team is None:
        team = EventTeam(
            event_id=event_id,
            organisation_id=school.id,
            organiser_id=person_id,
            until=term(event.starts_at, event.closes_at, ZoneInfo(event.zone), made_at=now),
            created_at=now,
        )
        session.add(team)
        await session.flush()
    made = await sign_up(session, person_id, event_id, now=now, sure=True, team_id=team.id)
    if made.result not in (Result.signed, Result.already):
        raise UserError("events-team-no-seats", left=0, n=needed, buttons=(_choose(event_id),))
    for one in people:
        await _call(session, event, team, one.id, by_id=person_id, now=now)
    await session.flush()
    return await look(session, person_id, event_id, now=now)


async def dissolve(session: AsyncSession, person_id: int, event_id: int, *, now: datetime) -> EventLine:
    """«Снять команду»: its places are free, its members will be told. NotFound for who does not gather it."""
    event = await lock(session, event_id)
    team = await session.scalar(
        select(EventTeam).where(
            EventTeam.event_id == event_id, EventTeam.organiser_id == person_id, EventTeam.dissolved_at.is_(None)
        )
    )
    if team is None:
        raise NotFound()
    if now >= event.starts_at:
        raise UserError("events-closed")
    await team_rows.dissolve(session, team, now=now)
    own = await place_of(session, event_id, person_id)
    if own is not None:
        own.team_id = None  # Her own doing: she is not told of it.
    await session.flush()
    await pass_on(session, event, now=now)
    return (await lines_of(session, [event]))[0]


async def of_event(session: AsyncSession, scope: Scope, event_id: int, *, today: date) -> list[TeamRow]:
    """Teams of an event within the reach of the scope, by school."""
    scope.require(Right.events_see)
    r = Registration
    count = (
        select(
            r.team_id,
            func.count().filter(r.state == RegistrationState.signed).label("confirmed"),
            func.count().filter(r.state == RegistrationState.invited).label("pending"),
        )
        .where(r.event_id == event_id, r.team_id.is_not(None))
        .group_by(r.team_id)
        .subquery()
    )
    rows = await session.execute(
        select(EventTeam, Organisation.short_name, Person, count.c.confirmed, count.c.pending)
        .join(Organisation, Organisation.id == EventTeam.organisation_id)
        .outerjoin(Person, Person.id == EventTeam.organiser_id)
        .outerjoin(count, count.c.team_id == EventTeam.id)
        .where(
            EventTeam.event_id == event_id,
            EventTeam.dissolved_at.is_(None),
            scope.where(
                Right.people_see,
                person=EventTeam.organiser_id,
                organisation=EventTeam.organisation_id,
                municipality=Organisation.municipality_id,
                today=today,
            ),
        )
        .order_by(Organisation.sort, EventTeam.id)
    )
    return [
        TeamRow(name, person.full_name if person else "", confirmed or 0, pending or 0, team.until)
        for team, name, person, confirmed, pending in rows
    ]


async def school_of(session: AsyncSession, person_id: int, *, on: date) -> School | None:
    """Where she works on the day, confirmed; the main job before the others."""
    row = (
        await session.execute(
            select(Organisation.id, Organisation.short_name)
            .join(Employment, Employment.organisation_id == Organisation.id)
            .join(Person, Person.id == Employment.person_id)
            .where(
                Person.id == person_id,
                Person.state == PersonState.active,
                Person.confirmed_at.is_not(None),
                _current(on),
            )
            .order_by(Employment.is_main.desc(), Employment.id)
            .limit(1)
        )
    ).one_or_none()
    return School(*row) if row else None


# --- inside ------------------------------------------------------------------------------------------


async def _team_event(session: AsyncSession, event_id: int) -> Event:
    event = await visible(session, event_id)
    if event.team_from is None or event.members_only:
        raise NotFound()
    return event


async def _hers(
    session: AsyncSession, person_id: int, event: Event, *, now: datetime
) -> tuple[School, EventTeam | None]:
    """Her school and its team, which is hers to gather; UserError otherwise."""
    card = (("button-back", f"events:card:{event.id}"), ("button-menu", "menu:home"))
    school = await school_of(session, person_id, on=_day(event, now))
    if school is None:
        raise UserError("events-team-no-school", buttons=card)
    team = await team_rows.standing(session, event.id, school.id)
    if team is not None and team.organiser_id != person_id:
        organiser = await session.get(Person, team.organiser_id) if team.organiser_id is not None else None
        raise UserError("events-team.taken", name=organiser.short_name if organiser else "", buttons=card)
    return school, team


async def _within(session: AsyncSession, team: EventTeam | None, person_id: int) -> int:
    """People of the team, the organiser among them whether she is signed already or not."""
    people = {row.person_id for row in await team_rows.places(session, team.id)} if team is not None else set()
    return len(people | {person_id})


async def _chosen(
    session: AsyncSession, event: Event, school: School, person_id: int, ids: Sequence[int], *, on: date
) -> tuple[Colleague, ...]:
    found = await session.execute(_callable(event, school, person_id, on).where(Person.id.in_(ids)))
    return tuple(map(_colleague, found))


async def _must_suit(session: AsyncSession, event: Event, people: Sequence[Colleague], *, now: datetime) -> None:
    """Whom the event is for holds for each of the team, as it does for who signs up alone."""
    wanted = wanted_by(event)
    if not (wanted.positions or wanted.young_only or wanted.managers_only):
        return
    for one in people:
        if not admits(wanted, await whom(session, one.id, on=now)):
            raise UserError("events-team-not-for", name=one.name, buttons=(_choose(event.id),))


async def _call(
    session: AsyncSession, event: Event, team: EventTeam, person_id: int, *, by_id: int, now: datetime
) -> None:
    row = await place_of(session, event.id, person_id) or new_row(event.id, person_id, now=now)
    row.state, row.source, row.by_id, row.team_id = (
        RegistrationState.invited, RegistrationSource.list, by_id, team.id,
    )  # fmt: skip
    # The time to answer begins when the invitation is told.
    row.held_until, row.queued_at, row.reason = None, None, ""
    row.changed_at, row.told_no = now, event.notice_no
    session.add(row)


def _callable(event: Event, school: School, person_id: int, on: date) -> Select[int, str, str, str, str, str]:
    """Colleagues who are not on the list and have not said no themselves; one line each."""
    r = Registration
    busy = exists().where(
        r.event_id == event.id,
        r.person_id == Person.id,
        or_(
            r.state.in_((*HELD, RegistrationState.waiting)),
            # An invitation whose time ran out keeps it; who said no has none, and is not asked twice.
            (r.state == RegistrationState.declined) & r.held_until.is_(None),
        ),
    )
    return _people(school.id, on).where(
        Person.id != person_id, Person.state == PersonState.active, Person.confirmed_at.is_not(None), ~busy
    )


def _people(organisation_id: int, on: date) -> Select[int, str, str, str, str, str]:
    """People of a school with their first position there, by name."""
    job = (
        select(func.min(Employment.id).label("id"))
        .where(Employment.organisation_id == organisation_id, _current(on))
        .group_by(Employment.person_id)
        .subquery()
    )
    return (
        select(
            Person.id, Person.last_name, Person.first_name, Person.middle_name,
            Employment.position_title, Position.title,
        )
        .join(Employment, Employment.person_id == Person.id)
        .join(job, job.c.id == Employment.id)
        .join(Position, Position.slug == Employment.position_slug)
        .order_by(Person.sort, Person.id)
    )  # fmt: skip


def _current(on: date) -> ColumnElement[bool]:
    return (Employment.since <= on) & or_(Employment.until.is_(None), Employment.until >= on)


def _colleague(row: Row[int, str, str, str, str, str]) -> Colleague:
    number, last, first, middle, own, usual = row
    return Colleague(number, " ".join(part for part in (last, first, middle) if part), own or usual)


def _day(event: Event, now: datetime) -> date:
    return local_date(now, ZoneInfo(event.zone))


def _bounds(event: Event) -> tuple[int, int]:
    assert event.team_from is not None
    assert event.team_to is not None
    return event.team_from, event.team_to


def _choose(event_id: int) -> tuple[str, str]:
    return "events-team.choose", f"events:team-list:{event_id}:0"
