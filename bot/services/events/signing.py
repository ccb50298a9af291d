"""Signing up: one press in, one press out, a waiting list in order, never a seat given twice.

Every change of a list happens under the lock of its event (the writer of SQLite, the row of PostgreSQL).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    Activity,
    DeficitLevel,
    Employment,
    EmploymentSubject,
    Event,
    EventState,
    Person,
    Position,
    Registration,
    RegistrationSource,
    RegistrationState,
)
from bot.rules.event_seats import next_in_turn
from bot.rules.events import LOAD, Wanted, Whom, admits, week_of
from bot.rules.people import is_young
from bot.services import diagnostics
from bot.services.events import reserve, team_rows
from bot.services.events.reading import EventLine, ahead_of, line_of, lines_of, place_of
from bot.services.events.reserve import HELD

INVITED_FOR = timedelta(days=3)
"""How long a seat proposed by a school waits for the teacher's word."""

GROWTH = (DeficitLevel.high, DeficitLevel.middle)


class Result(StrEnum):
    """What came of a press."""

    signed = "signed"
    already = "already"
    waiting = "waiting"
    full = "full"
    clash = "clash"
    load = "load"
    # Only teams sign up here.
    team = "team"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a press, with what the next screen says."""

    result: Result
    line: EventLine
    ahead: int = 0
    waiting: int = 0
    left: int | None = None
    hold_hours: int = 0
    other: EventLine | None = None
    load: int = 0
    got: int | None = None
    has_link: bool = False


async def sign_up(
    session: AsyncSession,
    person_id: int,
    event_id: int,
    *,
    now: datetime,
    sure: bool = False,
    instead: int | None = None,
    team_id: int | None = None,
) -> Outcome:
    """A seat for the person; ``sure`` after she was told of a clash or a full week, ``instead`` of another event.

    ``team_id`` of the team she gathers: to an event of teams nobody comes alone, only by a seat held for her.

    UserError where sign-up is not open or the event is for others.
    """
    if instead is not None and instead < event_id:
        await lock(session, instead)  # Two lists at once: in order, or two people could wait for each other.
    event = await lock(session, event_id)
    own = await place_of(session, event_id, person_id)
    line = (await lines_of(session, [event]))[0]
    if event.state is EventState.cancelled:
        must_take(line, now)
    if own is None and event.members_only:
        raise NotFound()
    if own is not None and own.state is RegistrationState.signed:
        own.team_id = team_id or own.team_id
        return Outcome(Result.already, line, has_link=bool(event.link))
    if own is not None and own.state is RegistrationState.waiting:
        return await _waiting(session, event, own)
    holds = own is not None and own.state in HELD
    if event.team_from is not None and team_id is None and not holds:
        return _by_team(own, line)
    # A seat held for her is hers until it is taken back, even after sign-up has closed.
    if not holds:
        must_take(line, now)
        if not admits(wanted_by(event), await whom(session, person_id, on=now)):
            raise UserError("events-not-for-you", buttons=(("events-suiting.button", "events:fit:0"),))
    elif now >= event.starts_at:
        must_take(line, now)
    left = await left_for(session, line, person_id, now=now)
    if not sure and instead is None:
        unsure = await doubt(session, person_id, line, left)
        if unsure is not None:
            return unsure
    if not holds and left == 0:
        return await _full(session, event, line)
    if instead is not None:
        await leave(session, person_id, instead, now=now)
    own = own or new_row(event_id, person_id, now=now)
    own.state, own.source = RegistrationState.signed, own.source if holds else RegistrationSource.own
    own.team_id = team_id or (own.team_id if holds else None)
    # ``queued_at`` stays with a seat that was waited for: the next full event tells how many got one.
    own.queued_at, own.held_until = own.queued_at if holds else None, None
    own.changed_at, own.told_no = now, event.notice_no
    session.add(own)
    await session.flush()
    return Outcome(Result.signed, (await lines_of(session, [event]))[0], has_link=bool(event.link))


async def wait(session: AsyncSession, person_id: int, event_id: int, *, now: datetime) -> Outcome:
    """The end of the waiting list; a seat that is free meanwhile is given at once."""
    event = await lock(session, event_id)
    own = await place_of(session, event_id, person_id)
    if own is None and event.members_only:
        raise NotFound()
    if own is not None and own.state is RegistrationState.waiting:
        return await _waiting(session, event, own)
    line = (await lines_of(session, [event]))[0]
    if await left_for(session, line, person_id, now=now) != 0 or (own is not None and own.state in HELD):
        return await sign_up(session, person_id, event_id, now=now, sure=True)
    if event.team_from is not None:
        return _by_team(own, line)
    must_take(line, now)
    if not admits(wanted_by(event), await whom(session, person_id, on=now)):
        raise UserError("events-not-for-you", buttons=(("events-suiting.button", "events:fit:0"),))
    own = own or new_row(event_id, person_id, now=now)
    own.team_id = None
    own.state, own.queued_at, own.held_until, own.changed_at = RegistrationState.waiting, now, None, now
    own.source, own.reason, own.told_no = RegistrationSource.own, "", event.notice_no
    session.add(own)
    await session.flush()
    return await _waiting(session, event, own)


async def leave(session: AsyncSession, person_id: int, event_id: int, *, now: datetime) -> EventLine:
    """Out of the list (or «не смогу», «уступить место»): the seat goes to the first who waits."""
    event = await lock(session, event_id)
    own = await place_of(session, event_id, person_id)
    if own is None:
        raise NotFound()
    gone = (RegistrationState.cancelled, RegistrationState.declined)
    if own.state not in gone and now < event.ends_at:
        refused = own.state in (RegistrationState.invited, RegistrationState.offered)
        own.state = RegistrationState.declined if refused else RegistrationState.cancelled
        own.changed_at, own.held_until, own.queued_at = now, None, None
        team_id, own.team_id = own.team_id, None
        await session.flush()
        if team_id is not None:
            await team_rows.settle(session, team_id, now=now)
        await pass_on(session, event, now=now)
    return (await lines_of(session, [event]))[0]


async def left_for(session: AsyncSession, line: EventLine, person_id: int, *, now: datetime) -> int | None:
    """Free seats for a person: one that is kept for people like her counts."""
    kept = line.places(now).kept > 0
    return line.left(now, routed=kept and bool(await reserve.steps_of(session, person_id, [line.id])))


async def pass_on(session: AsyncSession, event: Event, *, now: datetime) -> list[Registration]:
    """Offer the free seats to the first who wait; a kept one to the first whose ИОМ has the event.

    The event is locked by the caller.
    """
    if event.state is not EventState.open or now >= event.starts_at:
        return []
    r = Registration
    places = (await lines_of(session, [event]))[0].places(now)
    if places.free == 0:
        return []
    queue = {
        row.person_id: row
        for row in await session.scalars(
            select(r)
            .where(r.event_id == event.id, r.state == RegistrationState.waiting)
            .order_by(r.queued_at, r.id)
            .limit(places.free if not places.kept else None)
        )
    }
    routed = await reserve.routed(session, event.id, queue) if places.kept else set()
    first = [queue[person] for person in next_in_turn(places, ((person, person in routed) for person in queue))]
    for row in first:
        row.state, row.changed_at, row.held_until = RegistrationState.offered, now, None
    await session.flush()
    return first


async def lapse(session: AsyncSession, event_id: int, *, now: datetime) -> list[Registration]:
    """Offers of one event that nobody took in time: passed, and the seat goes on. Rows that lapsed."""
    event = await lock(session, event_id)
    r = Registration
    over = list(
        await session.scalars(
            select(r)
            .where(
                r.event_id == event_id,
                r.state.in_((RegistrationState.offered, RegistrationState.invited)),
                r.held_until <= now,
            )
            .order_by(r.id)
        )
    )
    for row in over:
        row.state = RegistrationState.passed if row.state is RegistrationState.offered else RegistrationState.declined
        row.changed_at, row.queued_at, row.team_id = now, None, None
    await session.flush()
    if over:
        await pass_on(session, event, now=now)
    return over


async def lock(session: AsyncSession, event_id: int) -> Event:
    """The event, held until the end of the transaction. NotFound for what nobody may see."""
    event = await session.scalar(
        select(Event).where(Event.id == event_id).with_for_update().execution_options(populate_existing=True)
    )
    if event is None or event.state is EventState.draft:
        raise NotFound()
    return event


async def whom(session: AsyncSession, person_id: int, *, on: datetime) -> Whom:
    """The person as the audience rules see her, on the day."""
    day = on.date()
    person = await session.get_one(Person, person_id)
    jobs = await session.execute(
        select(Employment.id, Employment.position_slug, Position.is_manager)
        .join(Position, Position.slug == Employment.position_slug)
        .where(
            Employment.person_id == person_id,
            Employment.since <= day,
            or_(Employment.until.is_(None), Employment.until >= day),
        )
    )
    held = jobs.all()
    subjects = await session.scalars(
        select(EmploymentSubject.subject_slug).where(EmploymentSubject.employment_id.in_([job.id for job in held]))
    )
    standing = await diagnostics.last_official(session, person_id)
    return Whom(
        positions=frozenset(job.position_slug for job in held),
        subjects=frozenset(subjects),
        growth=frozenset(group for group, one in standing.items() if one.level in GROWTH),
        young=is_young(person.birth_year, person.teach_since_year, person.teach_since, on=day),
        manager=any(job.is_manager for job in held),
    )


def wanted_by(
    event: Event, *, groups: frozenset[str] = frozenset(), subjects: frozenset[str] = frozenset(), in_iom: bool = False
) -> Wanted:
    """Whom an event is for."""
    return Wanted(
        positions=frozenset(event.positions),
        subjects=subjects,
        groups=groups,
        young_only=event.young_only,
        managers_only=event.managers_only,
        in_iom=in_iom,
    )


async def activity_of(session: AsyncSession, event_id: int) -> int | None:
    """The line of the catalogue (what an ИОМ is made of) behind which the event stands."""
    return await session.scalar(select(Activity.id).where(Activity.event_id == event_id))


def new_row(event_id: int, person_id: int, *, now: datetime) -> Registration:
    """A place on a list, not yet added."""
    return Registration(
        event_id=event_id,
        person_id=person_id,
        state=RegistrationState.signed,
        token=secrets.token_urlsafe(18),
        created_at=now,
        changed_at=now,
    )


def must_take(line: EventLine, now: datetime) -> None:
    """UserError with the reason when one may not sign up now."""
    if line.takes(now):
        return
    fitting = (("events-suiting.button", "events:fit:0"), ("button-menu", "menu:home"))
    if line.state is EventState.cancelled:
        raise UserError("events-was-cancelled", buttons=fitting)
    soon = line.opens_at is not None and line.opens_at > now
    if line.state in (EventState.announced, EventState.open) and soon:
        raise UserError("events-not-yet", buttons=fitting)
    raise UserError("events-closed", buttons=fitting)


def _by_team(own: Registration | None, line: EventLine) -> Outcome:
    if own is not None and own.state is RegistrationState.declined:
        # She asks herself now: her «no» is taken back, and the team may call her again.
        own.state = RegistrationState.cancelled
    return Outcome(Result.team, line)


async def _waiting(session: AsyncSession, event: Event, own: Registration) -> Outcome:
    return Outcome(
        Result.waiting,
        (await lines_of(session, [event]))[0],
        ahead=await ahead_of(session, own),
        hold_hours=event.hold_hours,
    )


async def _full(session: AsyncSession, event: Event, line: EventLine) -> Outcome:
    return Outcome(
        Result.full,
        line,
        waiting=line.numbers.waiting,
        hold_hours=event.hold_hours,
        got=await got_before(session, event),
    )


async def got_before(session: AsyncSession, event: Event) -> int | None:
    """How many got a seat from the waiting list of the last meeting of the series; None without history."""
    if event.series_id is None:
        return None
    last = await session.scalar(
        select(Event.id)
        .where(Event.series_id == event.series_id, Event.starts_at < event.starts_at, Event.seats.is_not(None))
        .order_by(Event.starts_at.desc())
        .limit(1)
    )
    if last is None:
        return None
    r = Registration
    return await session.scalar(
        select(func.count()).where(r.event_id == last, r.state == RegistrationState.signed, r.queued_at.is_not(None))
    )


async def doubt(session: AsyncSession, person_id: int, line: EventLine, left: int | None) -> Outcome | None:
    """Another event at that time, or a week that is full already."""
    zone = ZoneInfo(line.zone)
    monday, end = week_of(line.day())
    begin, finish = (datetime.combine(day, time(), tzinfo=zone) for day in (monday, end))
    rows = await session.scalars(
        select(Event)
        .join(Registration, Registration.event_id == Event.id)
        .where(
            Registration.person_id == person_id,
            Registration.state == RegistrationState.signed,
            Event.state != EventState.cancelled,
            Event.id != line.id,
            Event.starts_at < max(finish, line.ends_at),
            Event.ends_at > min(begin, line.starts_at),
        )
        .order_by(Event.starts_at, Event.id)
    )
    others = list(rows)
    for other in others:
        if other.starts_at < line.ends_at and line.starts_at < other.ends_at:
            return Outcome(Result.clash, line, other=line_of(other))
    same = [other for other in others if begin <= other.starts_at < finish]
    return Outcome(Result.load, line, load=len(same), left=left) if len(same) >= LOAD else None
