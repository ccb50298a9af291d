"""By what people are chosen for a broadcast: an open list of terms over what the system knows.

A subject that knows something new about people (an ИОМ, a visit) registers a term of its own; pages and the
job find it here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, String, and_, cast, exists, false, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    Attempt,
    AttemptState,
    Attendance,
    Employment,
    EmploymentSubject,
    Event,
    EventState,
    Identity,
    Iom,
    Messenger,
    Organisation,
    Person,
    Position,
    Registration,
    RegistrationState,
)
from bot.services import places
from bot.services.campaigns.targets import LOW_RESULTS, NEW_YEARS, Limits, worked_at_most
from bot.services.places import Choice

Segment = Mapping[str, Sequence[str]]
"""Term → values chosen (any of them); terms are joined by «and»."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What conditions are counted against."""

    on: date
    young: Limits


@dataclass(frozen=True, slots=True)
class Term:
    """One way to choose. Without ``options`` it is a mark: on or off; options in locales are ``words``."""

    slug: str
    where: Callable[[Sequence[str], Ground], ColumnElement[bool]]
    options: Callable[[AsyncSession], Awaitable[list[Choice]]] | None = None
    words: tuple[str, ...] = ()

    @property
    def is_mark(self) -> bool:
        """True for a box to tick."""
        return self.options is None and not self.words


TERMS: dict[str, Term] = {}


def register(term: Term) -> Term:
    """Add a term; a slug is taken once."""
    if term.slug in TERMS:
        raise ValueError(f"the term {term.slug} is there already")
    TERMS[term.slug] = term
    return term


def condition(segment: Segment, ground: Ground) -> ColumnElement[bool]:
    """All terms of a segment. A term this version does not know lets nobody in: it must not widen the circle.

    The query it goes into has the main job (``Employment``) and its ``Organisation`` outer-joined.
    """
    parts: list[ColumnElement[bool]] = []
    for slug, values in sorted(segment.items()):
        if values:
            term = TERMS.get(slug)
            parts.append(term.where(values, ground) if term else false())
    return and_(True, *parts)


def cleaned(raw: Segment) -> dict[str, list[str]]:
    """What a form gave, without terms and marks that are empty or unknown."""
    return {slug: sorted(set(raw[slug])) for slug in TERMS if raw.get(slug)}


def _numbers(values: Sequence[str]) -> list[int]:
    return [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 19]


def _attempt(*states: AttemptState) -> ColumnElement[bool]:
    return exists().where(Attempt.person_id == Person.id, Attempt.state.in_(states))


def _open_iom() -> ColumnElement[bool]:
    return exists().where(Iom.person_id == Person.id, Iom.closed_at.is_(None))


def _live(values: Sequence[str]) -> ColumnElement[bool]:
    known = [Messenger(value) for value in values if value in set(Messenger)]
    return exists().where(Identity.person_id == Person.id, Identity.messenger.in_(known), Identity.blocked_at.is_(None))


EVENTS = 100
"""Events offered to choose by, the latest first."""

TAKING_PLACE = (EventState.announced, EventState.open, EventState.closed, EventState.held, EventState.reported)
PAST = (EventState.held, EventState.reported)


async def _events(session: AsyncSession) -> list[Choice]:
    rows = await session.execute(
        select(Event.id, Event.title, Event.starts_at, Event.zone)
        .where(Event.state.in_(TAKING_PLACE))
        .order_by(Event.starts_at.desc(), Event.id.desc())
        .limit(EVENTS)
    )
    return [
        Choice(str(number), f"{starts_at.astimezone(ZoneInfo(zone)):%d.%m.%Y} · {title}")
        for number, title, starts_at, zone in rows
    ]


def _signed(values: Sequence[str]) -> ColumnElement[bool]:
    return exists().where(
        Registration.person_id == Person.id,
        Registration.event_id.in_(_numbers(values)),
        Registration.state == RegistrationState.signed,
    )


def _attended(values: Sequence[str]) -> ColumnElement[bool]:
    return exists().where(
        Attendance.person_id == Person.id, Attendance.event_id.in_(_numbers(values)), Attendance.voided_at.is_(None)
    )


def _missed(values: Sequence[str]) -> ColumnElement[bool]:
    """Signed up and was not there; an event that is still to come is missed by nobody."""
    was_there = exists().where(
        Attendance.person_id == Registration.person_id,
        Attendance.event_id == Registration.event_id,
        Attendance.voided_at.is_(None),
    )
    return exists().where(
        Registration.person_id == Person.id,
        Registration.event_id.in_(_numbers(values)),
        Registration.state == RegistrationState.signed,
        Registration.event_id == Event.id,
        Event.state.in_(PAST),
        ~was_there,
    )


def _taught(values: Sequence[str]) -> ColumnElement[bool]:
    return Employment.id.in_(select(EmploymentSubject.employment_id).where(EmploymentSubject.subject_slug.in_(values)))


register(
    Term(
        "municipality",
        lambda values, ground: Organisation.municipality_id.in_(_numbers(values)),
        options=places.municipalities,
    )
)
register(Term("subject", lambda values, ground: _taught(values), options=places.subjects))
register(Term("position", lambda values, ground: Employment.position_slug.in_(values), options=places.positions))
register(Term("channel", lambda values, ground: _live(values), words=tuple(m.value for m in Messenger)))
register(
    Term(
        "young",
        lambda values, ground: and_(
            Person.birth_year >= ground.on.year - ground.young.age, worked_at_most(ground.young.years, ground.on)
        ),
    )
)
register(Term("new", lambda values, ground: worked_at_most(NEW_YEARS, ground.on)))
register(Term("low_results", lambda values, ground: cast(Organisation.flags, String).contains(f'"{LOW_RESULTS}"')))
register(
    Term(
        "leader",
        lambda values, ground: Employment.position_slug.in_(select(Position.slug).where(Position.is_manager)),
    )
)
register(Term("diagnosed", lambda values, ground: _attempt(AttemptState.finished)))
register(Term("undiagnosed", lambda values, ground: ~_attempt(AttemptState.finished)))
register(Term("open_attempt", lambda values, ground: _attempt(AttemptState.open)))
register(Term("has_iom", lambda values, ground: _open_iom()))
register(Term("no_iom", lambda values, ground: ~_open_iom()))
register(Term("signed_up", lambda values, ground: _signed(values), options=_events))
register(Term("attended", lambda values, ground: _attended(values), options=_events))
register(Term("missed", lambda values, ground: _missed(values), options=_events))
