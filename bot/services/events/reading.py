"""What the chat and the pages know of an event: values, read with a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound
from bot.models import (
    ActivityForm,
    Attendance,
    CompetenceGroup,
    Confidence,
    Event,
    EventGroup,
    EventKind,
    EventRule,
    EventState,
    EventSubject,
    EventTeam,
    Registration,
    RegistrationState,
    Subject,
)
from bot.rules.event_quiz import window
from bot.rules.event_seats import Seats, given_up_on
from bot.services.events import reserve
from bot.services.events.reserve import HELD

SHOWN = (EventState.announced, EventState.open, EventState.closed, EventState.held, EventState.reported)
"""States everybody may see."""

COUNTED = (Confidence.high, Confidence.medium)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Registered, attended, completed: three numbers, never one."""

    registered: int = 0
    waiting: int = 0
    attended: int = 0
    completed: int = 0
    # Marks that somebody has to look at.
    doubtful: int = 0
    # Seats taken: registered and those held for others; those of them whose ИОМ has the event, where seats are kept.
    held: int = 0
    routed: int = 0
    # Of the waiting: those to whom nothing has been offered yet.
    queued: int = 0


@dataclass(frozen=True, slots=True)
class EventLine:
    """A line of the calendar."""

    id: int
    title: str
    kind: EventKind
    state: EventState
    form: ActivityForm
    starts_at: datetime
    ends_at: datetime
    zone: str
    seats: int | None
    opens_at: datetime | None
    closes_at: datetime | None
    speakers: str
    hours: float
    place: str
    young_only: bool
    tags: tuple[str, ...]
    is_demo: bool
    reserved: int = 0
    release_on: date | None = None
    numbers: Numbers = field(default_factory=Numbers)
    # Signed up to by teams of a school, of so many people.
    team_from: int | None = None
    team_to: int | None = None

    def places(self, now: datetime) -> Seats:
        """The seats as they stand."""
        kept = 0 if self.given_up(now) else self.reserved
        return Seats(self.seats, kept, self.numbers.held, self.numbers.routed)

    def left(self, now: datetime, *, routed: bool = False) -> int | None:
        """Free seats for a person; None without a limit. Somebody who waits comes before a free seat.

        ``routed``: the event is in her ИОМ. A kept seat is hers even while others wait: they wait for other seats.
        """
        places = self.places(now)
        if routed and places.kept:
            return places.kept if self.numbers.queued else places.free
        if places.free is None:
            return None
        return 0 if self.numbers.queued else places.open

    def release_day(self) -> date:
        """From this local day on the kept seats are everybody's."""
        return given_up_on(self.day(), self.release_on)

    def given_up(self, now: datetime) -> bool:
        """True when no seat is kept any more."""
        return not self.reserved or now.astimezone(ZoneInfo(self.zone)).date() >= self.release_day()

    def local(self, zone: ZoneInfo | None = None) -> tuple[datetime, datetime]:
        """Beginning and end on the clock of the event."""
        mine = zone or ZoneInfo(self.zone)
        return self.starts_at.astimezone(mine), self.ends_at.astimezone(mine)

    def day(self) -> date:
        """The local day of the beginning."""
        return self.local()[0].date()

    def takes(self, now: datetime) -> bool:
        """True while one may sign up: state, window, and that it has not begun."""
        begun = now >= self.starts_at
        opened = self.opens_at is None or self.opens_at <= now
        closed = self.closes_at is not None and self.closes_at <= now
        return self.state is EventState.open and opened and not closed and not begun

    @property
    def minutes(self) -> int:
        """Length."""
        return round((self.ends_at - self.starts_at).total_seconds() / 60)


@dataclass(frozen=True, slots=True)
class QuizTerms:
    """The quiz of an event as everybody may know it."""

    size: int
    opens: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class TeamNumbers:
    """The team she is in: who has agreed, whose word is awaited, whether she gathers it."""

    confirmed: int
    pending: int
    until: datetime
    mine: bool = False


@dataclass(frozen=True, slots=True)
class EventCard:
    """An event with everything a person may see; ``own`` is her place on the list."""

    line: EventLine
    about: str
    bring: str
    organiser: str
    groups: tuple[str, ...]
    subjects: tuple[str, ...]
    rule: EventRule
    log_share: int
    has_link: bool
    materials: str
    recording: str
    gives_certificate: bool
    hold_hours: int
    # By when people are asked to say that they will not come.
    cancel_by: datetime | None = None
    own: RegistrationState | None = None
    own_reason: str = ""
    held_until: datetime | None = None
    ahead: int = 0
    token: str = ""
    attended: bool = False
    completed: bool = False
    quiz: QuizTerms | None = None
    # The event is an open step of her ИОМ.
    routed: bool = False
    # Reasons of seats given out of turn: everybody may read them.
    out_of_turn: tuple[str, ...] = ()
    # Of the last full event of the series (or of any): how many of the waiting got a seat.
    got: int | None = None
    team: TeamNumbers | None = None


def line_of(event: Event, numbers: Numbers | None = None) -> EventLine:
    """A row as a line."""
    return EventLine(
        id=event.id,
        title=event.title,
        kind=event.kind,
        state=event.state,
        form=event.form,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        zone=event.zone,
        seats=event.seats,
        opens_at=event.opens_at,
        closes_at=event.closes_at,
        speakers=event.speakers,
        hours=event.hours,
        place=event.place,
        young_only=event.young_only,
        tags=tuple(event.tags),
        is_demo=event.is_demo,
        reserved=event.reserved,
        release_on=event.release_on,
        numbers=numbers or Numbers(),
        team_from=event.team_from,
        team_to=event.team_to,
    )


def cancel_by(event: Event) -> datetime | None:
    """By when people are asked to cancel; they still may later."""
    return event.starts_at - timedelta(hours=event.cancel_hours) if event.cancel_hours else None


def quiz_of(event: Event) -> QuizTerms | None:
    """The quiz, where there is one."""
    return QuizTerms(event.quiz_size, *window(event.ends_at, event.quiz_hours)) if event.quiz_size else None


async def numbers_of(session: AsyncSession, ids: Sequence[int], *, kept: Sequence[int] = ()) -> dict[int, Numbers]:
    """The three numbers (and the seats) of events, in two queries however many they are; one more for those ``kept``.

    ``kept`` are events that keep seats for people whose ИОМ has them.
    """
    if not ids:
        return {}
    r = Registration
    routed = await reserve.count(session, kept)
    lists = await session.execute(
        select(r.event_id, r.state, func.count()).where(r.event_id.in_(ids)).group_by(r.event_id, r.state)
    )
    states: dict[int, dict[RegistrationState, int]] = {}
    for event_id, state, number in lists:
        states.setdefault(event_id, {})[state] = number
    a = Attendance
    marks = await session.execute(
        select(
            a.event_id,
            func.sum(case((a.confidence.in_(COUNTED), 1), else_=0)),
            func.sum(case((a.confidence.in_(COUNTED) & a.completed, 1), else_=0)),
            func.sum(case((a.confidence == Confidence.low, 1), else_=0)),
        )
        .where(a.event_id.in_(ids), a.voided_at.is_(None))
        .group_by(a.event_id)
    )
    present = {event_id: (was, done, doubt) for event_id, was, done, doubt in marks}
    found: dict[int, Numbers] = {}
    for number in ids:
        by_state = states.get(number, {})
        was, done, doubt = present.get(number, (0, 0, 0))
        found[number] = Numbers(
            registered=by_state.get(RegistrationState.signed, 0),
            waiting=by_state.get(RegistrationState.waiting, 0) + by_state.get(RegistrationState.offered, 0),
            attended=was,
            completed=done,
            doubtful=doubt,
            held=sum(by_state.get(state, 0) for state in HELD),
            routed=routed.get(number, 0),
            queued=by_state.get(RegistrationState.waiting, 0),
        )
    return found


async def lines_of(session: AsyncSession, events: Sequence[Event]) -> list[EventLine]:
    """Rows with their numbers."""
    kept = [event.id for event in events if event.reserved]
    counted = await numbers_of(session, [event.id for event in events], kept=kept)
    return [line_of(event, counted.get(event.id)) for event in events]


async def titles(session: AsyncSession, event_id: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of an event's groups of competences and of its subjects."""
    groups = await session.scalars(
        select(CompetenceGroup.title)
        .join(EventGroup, EventGroup.group_slug == CompetenceGroup.slug)
        .where(EventGroup.event_id == event_id)
        .order_by(CompetenceGroup.place)
    )
    subjects = await session.scalars(
        select(Subject.title)
        .join(EventSubject, EventSubject.subject_slug == Subject.slug)
        .where(EventSubject.event_id == event_id)
        .order_by(Subject.place)
    )
    return tuple(groups), tuple(subjects)


async def visible(session: AsyncSession, event_id: int) -> Event:
    """An event that everybody may see (a cancelled one too: it says so). NotFound otherwise."""
    event = await session.get(Event, event_id)
    if event is None or event.state not in (*SHOWN, EventState.cancelled):
        raise NotFound()
    return event


async def card(session: AsyncSession, event_id: int, person_id: int | None = None) -> EventCard:
    """The card for everybody, or for the person with her place on the list."""
    event = await visible(session, event_id)
    line = (await lines_of(session, [event]))[0]
    groups, subjects = await titles(session, event_id)
    own = await place_of(session, event_id, person_id) if person_id is not None else None
    if event.members_only and own is None:
        raise NotFound()
    was = None
    if person_id is not None:
        was = await session.scalar(
            select(Attendance).where(
                Attendance.event_id == event_id,
                Attendance.person_id == person_id,
                Attendance.voided_at.is_(None),
                Attendance.confidence.in_(COUNTED),
            )
        )
    reasons = await session.scalars(
        select(Registration.reason)
        .where(
            Registration.event_id == event_id, Registration.reason != "", Registration.state == RegistrationState.signed
        )
        .distinct()
        .limit(3)
    )
    return EventCard(
        line=line,
        about=event.about,
        bring=event.bring,
        organiser=event.organiser,
        groups=groups,
        subjects=subjects,
        rule=event.rule,
        log_share=event.log_share,
        has_link=bool(event.link),
        materials=event.materials,
        recording=event.recording,
        gives_certificate=event.gives_certificate,
        hold_hours=event.hold_hours,
        cancel_by=cancel_by(event),
        own=own.state if own else None,
        own_reason=own.reason if own else "",
        held_until=own.held_until if own else None,
        ahead=await ahead_of(session, own) if own and own.state is RegistrationState.waiting else 0,
        token=own.token if own else "",
        attended=was is not None,
        completed=was is not None and was.completed,
        quiz=quiz_of(event),
        routed=person_id is not None and bool(await reserve.steps_of(session, person_id, [event_id])),
        out_of_turn=tuple(sorted(reasons)),
        team=await team_of(session, own) if own else None,
    )


async def place_of(session: AsyncSession, event_id: int, person_id: int) -> Registration | None:
    """Her row on the list of an event."""
    return await session.scalar(
        select(Registration).where(Registration.event_id == event_id, Registration.person_id == person_id)
    )


async def team_of(session: AsyncSession, own: Registration) -> TeamNumbers | None:
    """The team of who has a place on the list through it."""
    if own.team_id is None or own.state not in HELD:
        return None
    team = await session.get_one(EventTeam, own.team_id)
    r = Registration
    rows = await session.execute(
        select(r.state, func.count()).where(r.team_id == team.id, r.state.in_(HELD)).group_by(r.state)
    )
    counts = dict(rows.all())
    signed = counts.get(RegistrationState.signed, 0)
    return TeamNumbers(signed, sum(counts.values()) - signed, team.until, team.organiser_id == own.person_id)


async def ahead_of(session: AsyncSession, own: Registration) -> int:
    """How many stand before her in the waiting list."""
    r = Registration
    earlier = (r.queued_at < own.queued_at) | ((r.queued_at == own.queued_at) & (r.id < own.id))
    number = await session.scalar(
        select(func.count()).where(r.event_id == own.event_id, r.state == RegistrationState.waiting, earlier)
    )
    return number or 0


def by_id(lines: Sequence[EventLine]) -> Mapping[int, EventLine]:
    """Lines by their event."""
    return {line.id: line for line in lines}
