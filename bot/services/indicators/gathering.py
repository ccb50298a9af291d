"""What the справка says beside the numbers: deficits, routes, events, mentoring, the line, wellbeing (domain.md §7.4).

Groups under five are not published, nor anything that would betray them; of wellbeing only closed waves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from statistics import fmean, median
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.models import (
    Attempt,
    AttemptState,
    Attendance,
    Employment,
    EmploymentSubject,
    Event,
    EventState,
    Fact,
    FactKind,
    GroupResult,
    InstrumentVersion,
    Municipality,
    Organisation,
    Person,
    Position,
    Registration,
    Subject,
    Ticket,
    TicketState,
    VersionGroup,
)
from bot.rules.indicators.periods import Period
from bot.rules.suppression import LEAST, publish
from bot.services import region
from bot.services.access import Right, Scope
from bot.services.campaigns.progress import COUNTED, Difficulty, difficulties
from bot.services.diagnostics import analysis
from bot.services.wellbeing import waves

TOP = 10
HELD = (EventState.closed, EventState.held, EventState.reported)
MOST = 6
"""Versions of materials whose quality is told."""


@dataclass(frozen=True, slots=True)
class Share:
    """People of a line and how many of them have a deficit; None where few are hidden."""

    title: str
    n: int | None
    weak: int | None


@dataclass(frozen=True, slots=True)
class EventLine:
    """Events of a kind: how many, places taken, came, met the rule."""

    kind: str
    held: int
    registered: int
    attended: int
    completed: int


@dataclass(frozen=True, slots=True)
class Hotline:
    """Questions of the period; themes with few questions are left out."""

    total: int
    answered: int
    in_term: int
    median_minutes: int | None
    themes: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Material:
    """The quality of a version: people, and of each group its title, people, α."""

    title: str
    number: int
    is_demo: bool
    n: int
    groups: tuple[tuple[str, int, float | None], ...]


@dataclass(slots=True)
class Gathered:
    """Everything beside the numbers; None where the role may not see it or there is nothing."""

    groups: list[Share] = field(default_factory=list)
    cuts: list[tuple[str, list[Share]]] = field(default_factory=list)
    top: list[Difficulty] = field(default_factory=list)
    quality: list[Material] = field(default_factory=list)
    facts: dict[str, int] = field(default_factory=dict)
    # People by kind of fact and municipality: routes, pairs.
    places: dict[str, dict[int, int | None]] = field(default_factory=dict)
    # People with a repeat diagnosis after the route was done: how many, points (0…100) before and after.
    effect: tuple[int, float, float] | None = None
    events: list[EventLine] = field(default_factory=list)
    hotline: Hotline | None = None
    wellbeing: waves.Report | None = None


async def gather(session: AsyncSession, scope: Scope, period: Period, *, as_of: date, zone: ZoneInfo) -> Gathered:
    """Read it all for the days of a period up to ``as_of``."""
    scope.require(Right.indicators_see)
    last = min(period.last, as_of)
    begin, end = _moments(period.first, last, zone)
    made = Gathered()
    done = and_(
        Attempt.state == AttemptState.finished, Attempt.purpose.in_(COUNTED), Attempt.finished_at >= begin,
        Attempt.finished_at < end,
    )  # fmt: skip
    made.groups = await _groups(session, done)
    made.cuts = await _cuts(session, done, last)
    if scope.may(Right.campaigns_see):
        made.top = (await difficulties(session, scope, period.first, last, zone=zone))[:TOP]
    if scope.may(Right.instruments_see):
        made.quality = await _quality(session, scope, done)
    made.facts, made.places = await _facts(session, period.first, last)
    made.effect = await _effect(session, period.first, last)
    made.events = await _events(session, begin, end)
    made.hotline = await _hotline(session, begin, end)
    if scope.may(Right.wellbeing_see):
        made.wellbeing = await _wave(session, scope, period, last)
    return made


async def _groups(session: AsyncSession, done: ColumnElement[bool]) -> list[Share]:
    weak = func.count(func.distinct(case((GroupResult.is_deficit, Attempt.person_id))))
    rows = await session.execute(
        select(VersionGroup.title, func.count(func.distinct(Attempt.person_id)), weak)
        .select_from(GroupResult)
        .join(Attempt, Attempt.id == GroupResult.attempt_id)
        .join(VersionGroup, VersionGroup.id == GroupResult.group_id)
        .where(done, GroupResult.pct.is_not(None))
        .group_by(VersionGroup.title)
    )
    found = [Share(title, int(n), int(low)) for title, n, low in rows]
    found = [one for one in found if (one.n or 0) >= LEAST]
    return sorted(found, key=lambda one: (-(one.weak or 0) / (one.n or 1), one.title))


async def _cuts(session: AsyncSession, done: ColumnElement[bool], last: date) -> list[tuple[str, list[Share]]]:
    marked = [
        number
        for number, flags in await session.execute(select(Organisation.id, Organisation.flags))
        if "low_results" in (flags or [])
    ]
    limits = {"age": 35, "years": 3, **await region.setting(session, "young")}
    young = and_(
        last.year - Person.birth_year <= int(limits["age"]), last.year - Person.teach_since_year <= int(limits["years"])
    )
    return [
        ("position", await _cut(session, done, Position.title, Position.place)),
        ("subject", await _cut(session, done, Subject.title, Subject.place)),
        ("municipality", await _cut(session, done, Municipality.name, Municipality.sort)),
        ("low", await _pair(session, done, Employment.organisation_id.in_(marked)) if marked else []),
        ("young", await _pair(session, done, young)),
    ]


def _statement(*columns: Any) -> Any:
    """Attempts with results and the main job of their people today."""
    weak = func.count(func.distinct(case((GroupResult.is_deficit, Attempt.person_id))))
    return (
        select(*columns, func.count(func.distinct(Attempt.person_id)), weak)
        .select_from(Attempt)
        .join(GroupResult, GroupResult.attempt_id == Attempt.id)
        .join(Person, Person.id == Attempt.person_id)
        .join(
            Employment,
            and_(Employment.person_id == Attempt.person_id, Employment.is_main, Employment.until.is_(None)),
        )
    )


async def _cut(
    session: AsyncSession,
    done: ColumnElement[bool],
    title: InstrumentedAttribute[str],
    sort: InstrumentedAttribute[Any],
) -> list[Share]:
    statement = _statement(title)
    if title is Position.title:
        statement = statement.join(Position, Position.slug == Employment.position_slug)
    elif title is Subject.title:
        statement = statement.join(EmploymentSubject, EmploymentSubject.employment_id == Employment.id).join(
            Subject, Subject.slug == EmploymentSubject.subject_slug
        )
    else:
        statement = statement.join(Organisation, Organisation.id == Employment.organisation_id).join(
            Municipality, Municipality.id == Organisation.municipality_id
        )
    rows = (
        await session.execute(
            statement.where(done, GroupResult.pct.is_not(None)).group_by(title, sort).order_by(sort, title)
        )
    ).all()
    shown = publish([int(row[1]) for row in rows]).lines
    return [
        Share(row[0], int(row[1]), _weak(int(row[1]), int(row[2]))) if ok else Share(row[0], None, None)
        for row, ok in zip(rows, shown, strict=True)
    ]


async def _pair(session: AsyncSession, done: ColumnElement[bool], mark: ColumnElement[bool]) -> list[Share]:
    """Those with a mark and the others; a side under five hides both."""
    asked = case((mark, 1), else_=0)
    rows = {
        int(mine): (int(n), int(weak))
        for mine, n, weak in await session.execute(
            _statement(asked).where(done, GroupResult.pct.is_not(None)).group_by(asked)
        )
    }
    both = [rows.get(1, (0, 0)), rows.get(0, (0, 0))]
    if any(n < LEAST for n, _ in both):
        return []
    return [Share(name, n, _weak(n, weak)) for name, (n, weak) in zip(("in", "out"), both, strict=True)]


def _weak(n: int, weak: int) -> int | None:
    """Nobody or everybody would tell of each one of a small group."""
    return None if n < 2 * LEAST and weak in (0, n) else weak


async def _quality(session: AsyncSession, scope: Scope, done: ColumnElement[bool]) -> list[Material]:
    versions = await session.scalars(
        select(Attempt.version_id)
        .join(InstrumentVersion, InstrumentVersion.id == Attempt.version_id)
        .where(done)
        .group_by(Attempt.version_id)
        .order_by(func.count().desc(), Attempt.version_id)
        .limit(MOST)
    )
    judged = [await analysis.analyse(session, scope, number) for number in list(versions)]
    return [
        Material(
            one.title, one.number, one.is_demo, one.n,
            tuple((group.title, group.statistics.n, group.statistics.alpha) for group in one.groups),
        )
        for one in judged
    ]  # fmt: skip


async def _facts(
    session: AsyncSession, first: date, last: date
) -> tuple[dict[str, int], dict[str, dict[int, int | None]]]:
    """Different people of each kind of fact; by municipality for routes and pairs."""
    rows = (
        await session.execute(
            select(Fact.kind, Fact.municipality_id, func.count(func.distinct(Fact.person_key)))
            .where(Fact.occurred_on >= first, Fact.occurred_on <= last, Fact.voided_at.is_(None))
            .group_by(Fact.kind, Fact.municipality_id)
        )
    ).all()
    whole = {
        str(kind): int(n)
        for kind, n in await session.execute(
            select(Fact.kind, func.count(func.distinct(Fact.person_key)))
            .where(Fact.occurred_on >= first, Fact.occurred_on <= last, Fact.voided_at.is_(None))
            .group_by(Fact.kind)
        )
    }
    places: dict[str, dict[int, int | None]] = {}
    for kind in (FactKind.iom_received, FactKind.iom_completed, FactKind.paired, FactKind.attended):
        mine = [(place, int(n)) for name, place, n in rows if name == kind and place is not None]
        shown = publish([n for _, n in mine]).lines
        places[str(kind)] = {place: n if ok else None for (place, n), ok in zip(mine, shown, strict=True)}
    return whole, places


async def _effect(session: AsyncSession, first: date, last: date) -> tuple[int, float, float] | None:
    """Points before the route was done and after it, of those who were diagnosed again; None under five people."""
    rows = await session.execute(
        select(Person.id, func.max(Fact.occurred_on))
        .join(Person, Person.key == Fact.person_key)
        .where(
            Fact.kind == FactKind.iom_completed,
            Fact.voided_at.is_(None),
            Fact.occurred_on >= first,
            Fact.occurred_on <= last,
        )
        .group_by(Person.id)
    )
    ended: dict[int, date] = dict(rows.all())
    if len(ended) < LEAST:
        return None
    before: dict[int, float] = {}
    after: dict[int, float] = {}
    numbers = list(ended)
    for start in range(0, len(numbers), 1000):
        attempts = await session.execute(
            select(Attempt.person_id, Attempt.finished_at, Attempt.total_pct)
            .where(
                Attempt.person_id.in_(numbers[start : start + 1000]), Attempt.state == AttemptState.finished,
                Attempt.total_pct.is_not(None),
            )
            .order_by(Attempt.finished_at)
        )  # fmt: skip
        for person, at, total in attempts:
            if at is not None and total is not None:
                (before if at.date() < ended[person] else after)[person] = float(total)
    both = [person for person in after if person in before]
    if len(both) < LEAST:
        return None
    return len(both), fmean(before[one] for one in both), fmean(after[one] for one in both)


async def _events(session: AsyncSession, begin: datetime, end: datetime) -> list[EventLine]:
    inside = and_(Event.state.in_(HELD), Event.starts_at >= begin, Event.starts_at < end)
    held = dict((await session.execute(select(Event.kind, func.count()).where(inside).group_by(Event.kind))).all())
    signed = dict(
        (
            await session.execute(
                select(Event.kind, func.count(Registration.id))
                .join(Registration, Registration.event_id == Event.id)
                .where(inside)
                .group_by(Event.kind)
            )
        ).all()
    )
    came = {
        kind: (int(n), int(done or 0))
        for kind, n, done in await session.execute(
            select(Event.kind, func.count(Attendance.id), func.sum(case((Attendance.completed, 1), else_=0)))
            .join(Attendance, and_(Attendance.event_id == Event.id, Attendance.voided_at.is_(None)))
            .where(inside)
            .group_by(Event.kind)
        )
    }
    lines = [EventLine(kind.value, n, signed.get(kind, 0), *came.get(kind, (0, 0))) for kind, n in held.items()]
    return sorted(lines, key=lambda one: (-one.held, one.kind))


async def _hotline(session: AsyncSession, begin: datetime, end: datetime) -> Hotline:
    inside = and_(
        Ticket.asked_at >= begin, Ticket.asked_at < end,
        Ticket.state.not_in((TicketState.draft, TicketState.withdrawn, TicketState.merged)),
    )  # fmt: skip
    rows = (
        await session.execute(
            select(Ticket.theme, Ticket.asked_at, Ticket.first_answer_at, Ticket.in_term).where(inside)
        )
    ).all()
    themes: dict[str, int] = {}
    waited = []
    for row in rows:
        themes[row.theme.value] = themes.get(row.theme.value, 0) + 1
        if row.first_answer_at is not None:
            waited.append((row.first_answer_at - row.asked_at) / timedelta(minutes=1))
    large = sorted(((name, n) for name, n in themes.items() if n >= LEAST), key=lambda one: (-one[1], one[0]))
    return Hotline(
        len(rows), len(waited), sum(bool(row.in_term) for row in rows if row.first_answer_at is not None),
        round(median(waited)) if waited else None, tuple(large),
    )  # fmt: skip


async def _wave(session: AsyncSession, scope: Scope, period: Period, last: date) -> waves.Report | None:
    """The last wave of the period that was closed by then."""
    for wave in await waves.listing(session, scope):
        if wave.state(last) == "closed" and period.first <= wave.closes_on <= period.last:
            return await waves.report(session, scope, wave.id, today=last)
    return None


def _moments(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    return datetime.combine(first, time(), tzinfo=zone), datetime.combine(last + timedelta(days=1), time(), tzinfo=zone)


__all__ = ["EventLine", "Gathered", "Hotline", "Material", "Share", "gather"]
