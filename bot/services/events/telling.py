"""What has to be said by itself, and to whom: offers, notices, reminders, the end. Words are the job's.

Every question asks tables what is due and marks what was asked, so that a run after a crash goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    Attendance,
    Event,
    EventFeedback,
    EventRule,
    EventState,
    EventTeam,
    Person,
    PersonState,
    Registration,
    RegistrationState,
)
from bot.rules.event_teams import hold
from bot.rules.quiet_hours import Hours
from bot.services.events import reserve, team_rows
from bot.services.events.reading import COUNTED, EventCard, cancel_by, line_of, lines_of, quiz_of, team_of
from bot.services.events.reserve import HELD
from bot.services.events.signing import INVITED_FOR, lapse, lock, pass_on

PORTION = 200
DAY, HOUR, QUIZ, AFTER = 1, 2, 3, 4
SHORTLY = timedelta(hours=3)
"""Nearer than this the day-before reminder is left out: the hour-before one says it all."""

OWN_MARK = timedelta(hours=1)
LATER_MARK = timedelta(hours=24)
"""When we ask after an event: the word marks at once, a log or a sheet needs its day."""

Moment = Callable[[Registration], datetime | None]
Words = Callable[[Registration], str]


@dataclass(frozen=True, slots=True)
class Told:
    """One thing to be said to one person. ``key`` makes it once; ``until`` is the moment of an offer or a change."""

    person_id: int
    locale: str
    card: EventCard
    registration_id: int
    key: str
    token: str
    state: RegistrationState
    until: datetime | None = None
    reason: str = ""


async def lapsing(session: AsyncSession, *, now: datetime) -> list[int]:
    """Events with offers whose time is over."""
    r = Registration
    return list(
        await session.scalars(
            select(r.event_id)
            .where(r.state.in_((RegistrationState.offered, RegistrationState.invited)), r.held_until <= now)
            .distinct()
            .order_by(r.event_id)
        )
    )


async def with_seats(session: AsyncSession, *, now: datetime) -> list[int]:
    """Events where somebody waits though there is a seat for her: the kept seats were given up, a route was written."""
    r = Registration
    events = list(
        await session.scalars(
            select(Event)
            .where(
                Event.state == EventState.open,
                Event.starts_at > now,
                exists().where(r.event_id == Event.id, r.state == RegistrationState.waiting),
            )
            .order_by(Event.id)
        )
    )
    lines = await lines_of(session, events)
    routed = await reserve.count(
        session, [event.id for event in events if event.reserved], (RegistrationState.waiting,)
    )
    places = {line.id: line.places(now) for line in lines}
    return [number for number, seats in places.items() if seats.open != 0 or (seats.kept and routed.get(number))]


async def seated(session: AsyncSession, event_id: int, *, now: datetime) -> int:
    """Offer those seats in the order of the list; how many (``offers`` tells the people)."""
    return len(await pass_on(session, await lock(session, event_id), now=now))


async def lapsed(session: AsyncSession, event_id: int, *, now: datetime) -> list[Told]:
    """Offers of an event that nobody took: the seat has gone on; who is to be told."""
    over = await lapse(session, event_id, now=now)
    passed = [row for row in over if row.state is RegistrationState.passed]
    return await _told(session, passed, "passed", lambda row: row.held_until)


async def offers(session: AsyncSession, hours: Hours, *, now: datetime) -> list[Told]:
    """Offers and proposals that were not told yet: their time begins now, or when the quiet ends."""
    r = Registration
    rows = list(
        await session.scalars(
            select(r)
            .join(Event, Event.id == r.event_id)
            .where(
                r.state.in_((RegistrationState.offered, RegistrationState.invited)),
                r.held_until.is_(None),
                Event.starts_at > now,
            )
            .order_by(r.id)
            .limit(PORTION)
        )
    )
    begins = hours.end_of_quiet(now)
    events = await _events(session, rows)
    ids = {row.team_id for row in rows if row.team_id is not None}
    teams = await session.scalars(select(EventTeam).where(EventTeam.id.in_(ids))) if ids else ()
    terms: dict[int | None, datetime] = {team.id: team.until for team in teams}
    for row in rows:
        event = events[row.event_id]
        lasts = INVITED_FOR if row.state is RegistrationState.invited else timedelta(hours=event.hold_hours)
        # A hold never outlasts the beginning.
        begin = begins if begins < event.starts_at else now
        row.held_until = min(begin + lasts, event.starts_at)
        if row.team_id in terms:
            row.held_until = hold(begin, row.held_until, terms[row.team_id], event.starts_at)
    await session.flush()
    return await _told(session, rows, "offer", lambda row: row.held_until)


async def notices(session: AsyncSession) -> list[Told]:
    """People on a list who have not heard of the last change of its event."""
    r = Registration
    rows = list(
        await session.scalars(
            select(r)
            .join(Event, Event.id == r.event_id)
            .where(
                r.told_no < Event.notice_no,
                Event.notice != "",
                r.state.in_((*HELD, RegistrationState.waiting)),
            )
            .order_by(r.id)
            .limit(PORTION)
        )
    )
    events = await _events(session, rows)
    for row in rows:
        row.told_no = events[row.event_id].notice_no
    await session.flush()
    return await _told(
        session, rows, "notice", lambda row: events[row.event_id].was_at, reason=lambda row: events[row.event_id].reason
    )


async def day_before(session: AsyncSession, *, now: datetime) -> list[Told]:
    """Signed people whose event begins within a day."""
    return await _due(
        session, DAY, "day", Event.starts_at > now + SHORTLY, Event.starts_at <= now + timedelta(hours=24)
    )


async def hour_before(session: AsyncSession, *, now: datetime) -> list[Told]:
    """Signed people whose event begins within an hour."""
    return await _due(session, HOUR, "hour", Event.ends_at > now, Event.starts_at <= now + timedelta(hours=1))


async def quizzes(session: AsyncSession, *, now: datetime) -> list[Told]:
    """Signed people whose event has ended with a quiz, and whose mark does not count yet."""
    a, r = Attendance, Registration
    done = exists().where(
        a.event_id == r.event_id,
        a.person_id == r.person_id,
        a.voided_at.is_(None),
        a.completed,
        a.confidence.in_(COUNTED),
    )
    return await _due(
        session,
        QUIZ,
        "quiz",
        Event.quiz_size > 0,
        Event.marking_closed_at.is_(None),
        Event.ends_at <= now,
        Event.ends_at > now - OWN_MARK,
        ~done,
    )


async def after(session: AsyncSession, *, now: datetime) -> tuple[list[Told], list[Told]]:
    """Events that are over: who was there (asked what it was worth), who has no mark (asked why)."""
    by_word = Event.rule.in_((EventRule.code, EventRule.any))
    due = or_(by_word & (Event.ends_at <= now - OWN_MARK), ~by_word & (Event.ends_at <= now - LATER_MARK))
    # What ended long ago is not asked about: a deployment in the middle of a year stays quiet.
    found = await _due(session, AFTER, "after", due, Event.ends_at > now - timedelta(days=7))
    if not found:
        return [], []
    ids = [one.registration_id for one in found]
    was = set(
        await session.scalars(
            select(Registration.id)
            .where(Registration.id.in_(ids))
            .where(
                exists().where(
                    Attendance.event_id == Registration.event_id,
                    Attendance.person_id == Registration.person_id,
                    Attendance.voided_at.is_(None),
                )
            )
        )
    )
    answered = set(
        await session.scalars(
            select(Registration.id)
            .where(Registration.id.in_(ids))
            .where(
                exists().where(
                    EventFeedback.event_id == Registration.event_id, EventFeedback.person_id == Registration.person_id
                )
            )
        )
    )
    there = [one for one in found if one.registration_id in was and one.registration_id not in answered]
    return there, [one for one in found if one.registration_id not in was]


async def begun(session: AsyncSession, *, now: datetime) -> list[Told]:
    """Events that have begun: the waiting list closes, and those on it are told."""
    r = Registration
    rows = list(
        await session.scalars(
            select(r)
            .join(Event, Event.id == r.event_id)
            .where(
                r.state.in_((RegistrationState.waiting, RegistrationState.offered, RegistrationState.invited)),
                Event.starts_at <= now,
                Event.state != EventState.cancelled,
            )
            .order_by(r.id)
            .limit(PORTION)
        )
    )
    waited = [row for row in rows if row.state is not RegistrationState.invited]
    for row in rows:
        row.state = RegistrationState.declined if row.state is RegistrationState.invited else RegistrationState.passed
        row.changed_at, row.team_id = now, None
    await session.flush()
    return await _told(session, waited, "nobody", lambda row: None)


async def teams_gone(session: AsyncSession, *, now: datetime) -> list[Told]:
    """Members of teams that are no more; a team whose people have all been told is deleted."""
    r = Registration
    rows = list(
        await session.scalars(
            select(r)
            .join(EventTeam, EventTeam.id == r.team_id)
            .join(Event, Event.id == r.event_id)
            .where(EventTeam.dissolved_at.is_not(None))
            .order_by(r.id)
            .limit(PORTION)
        )
    )
    freed = [row for row in rows if row.state is RegistrationState.cancelled]
    told = await _told(session, freed, "team-gone", lambda row: None)
    for row in rows:
        row.team_id = None
    await session.flush()
    await session.execute(
        delete(EventTeam).where(EventTeam.dissolved_at.is_not(None), ~exists().where(r.team_id == EventTeam.id))
    )
    return [one for one in told if one.card.line.starts_at > now and one.card.line.state is not EventState.cancelled]


async def orphans(session: AsyncSession) -> list[tuple[int, int]]:
    """Events and teams whose organiser has no place in them: her profile was deleted, or made one with another."""
    r = Registration
    hers = exists().where(
        r.team_id == EventTeam.id, r.person_id == EventTeam.organiser_id, r.state == RegistrationState.signed
    )
    rows = await session.execute(
        select(EventTeam.event_id, EventTeam.id)
        .where(EventTeam.dissolved_at.is_(None), ~hers)
        .order_by(EventTeam.event_id, EventTeam.id)
    )
    return [(event_id, team_id) for event_id, team_id in rows]


async def adopted(session: AsyncSession, event_id: int, team_id: int, *, now: datetime) -> None:
    """An orphan gets its next organiser, or is no more."""
    event = await lock(session, event_id)
    await team_rows.settle(session, team_id, now=now)
    await pass_on(session, event, now=now)


async def short_teams(session: AsyncSession, *, now: datetime) -> list[Told]:
    """Organisers of teams whose term is over while too few have agreed; each is told once."""
    r = Registration
    agreed = (
        select(func.count())
        .where(r.team_id == EventTeam.id, r.state == RegistrationState.signed)
        .correlate(EventTeam)
        .scalar_subquery()
    )
    found = await session.execute(
        select(EventTeam, r)
        .join(Event, Event.id == EventTeam.event_id)
        .join(r, (r.team_id == EventTeam.id) & (r.person_id == EventTeam.organiser_id))
        .where(
            EventTeam.dissolved_at.is_(None),
            EventTeam.told_at.is_(None),
            EventTeam.until <= now,
            Event.starts_at > now,
            Event.state.in_((EventState.open, EventState.closed)),
            Event.team_from.is_not(None),
            agreed < Event.team_from,
        )
        .order_by(EventTeam.id)
        .limit(PORTION)
    )
    teams = {row.id: (team, row) for team, row in found}
    told = await _told(session, [row for _, row in teams.values()], "team-short", lambda row: None)
    numbers = {number: await team_of(session, row) for number, (_, row) in teams.items()}
    for team, _ in teams.values():
        team.told_at = now
    await session.flush()
    return [replace(one, card=replace(one.card, team=numbers[one.registration_id])) for one in told]


async def over(session: AsyncSession, *, now: datetime) -> int:
    """Events whose time is over are held; how many."""
    done = await session.execute(
        update(Event)
        .where(Event.state.in_((EventState.open, EventState.closed)), Event.ends_at <= now)
        .values(state=EventState.held, updated_at=now)
        .returning(Event.id)
    )
    return len(done.all())


# --- inside ------------------------------------------------------------------------------------------


async def _due(session: AsyncSession, step: int, kind: str, *when: ColumnElement[bool]) -> list[Told]:
    r = Registration
    rows = list(
        await session.scalars(
            select(r)
            .join(Event, Event.id == r.event_id)
            .where(
                r.state == RegistrationState.signed,
                r.reminded < step,
                Event.state.in_((EventState.open, EventState.closed, EventState.held, EventState.reported)),
                *when,
            )
            .order_by(r.id)
            .limit(PORTION)
        )
    )
    for row in rows:
        row.reminded = step
    await session.flush()
    return await _told(session, rows, kind, lambda row: None)


async def _told(
    session: AsyncSession,
    rows: Sequence[Registration],
    kind: str,
    until: Moment,
    *,
    reason: Words | None = None,
) -> list[Told]:
    if not rows:
        return []
    events = await _events(session, rows)
    people = dict(
        (
            await session.execute(
                select(Person.id, Person.locale).where(
                    Person.id.in_({row.person_id for row in rows}), Person.state == PersonState.active
                )
            )
        ).all()
    )
    cards = {number: plain(event) for number, event in events.items()}
    return [
        Told(
            person_id=row.person_id,
            locale=people[row.person_id],
            card=cards[row.event_id],
            registration_id=row.id,
            key=f"event:{row.event_id}:{row.id}:{kind}:{events[row.event_id].notice_no}:{_turn(row, kind)}",
            token=row.token,
            state=row.state,
            until=until(row),
            reason=reason(row) if reason else row.reason,
        )
        for row in rows
        if row.person_id in people
    ]


def _turn(row: Registration, kind: str) -> str:
    """An offer may come twice to one person: each has a key of its own."""
    again = ("offer", "passed", "team-gone", "team-short")
    return f"{row.team_id or ''}.{int(row.changed_at.timestamp())}" if kind in again else ""


async def _events(session: AsyncSession, rows: Sequence[Registration]) -> dict[int, Event]:
    ids = {row.event_id for row in rows}
    return {event.id: event for event in await session.scalars(select(Event).where(Event.id.in_(ids)))}


def plain(event: Event) -> EventCard:
    """A card without what is asked for one person only."""
    return EventCard(
        line=line_of(event),
        about=event.about,
        bring=event.bring,
        organiser=event.organiser,
        groups=(),
        subjects=(),
        rule=event.rule,
        log_share=event.log_share,
        has_link=bool(event.link),
        materials=event.materials,
        recording=event.recording,
        gives_certificate=event.gives_certificate,
        hold_hours=event.hold_hours,
        cancel_by=cancel_by(event),
        quiz=quiz_of(event),
    )
