"""How the bot itself is used: by week, from registration to a finished route, times of the line, messages; no names.

Seven queries whatever the size of the region; groups of fewer than five people are not shown to anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, String, and_, case, cast, exists, func, select, type_coerce, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    Attempt,
    Employment,
    Fact,
    FactKind,
    Identity,
    Municipality,
    Organisation,
    Outbox,
    OutboxState,
    Person,
    Registration,
    RegistrationSource,
    Ticket,
)
from bot.rules.suppression import LEAST, publish
from bot.services.access import Scope
from bot.services.indicators import drilling

WEEKS = 12
STAGES = (FactKind.diagnosed, FactKind.iom_received, FactKind.attended, FactKind.iom_completed)
"""The way of a person after registration; at each stage only those who passed all before it."""
FAILED = (OutboxState.failed, OutboxState.blocked, OutboxState.unknown)


@dataclass(frozen=True, slots=True)
class Week:
    """A week from Monday; ``people`` None is a small number that is not shown."""

    first: date
    people: int | None


@dataclass(frozen=True, slots=True)
class Funnel:
    """Registered, diagnosed, with a route, attended, completed. None: too few to show."""

    title: str
    counts: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """How many were asked, answered, in term; minutes within which half of the first answers came."""

    asked: int
    answered: int
    in_term: int
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Sent:
    """Messages of a channel: delivered and not."""

    messenger: str
    delivered: int
    failed: int


@dataclass(frozen=True, slots=True)
class Engagement:
    """All of it, of the last ``WEEKS`` weeks where it is about time."""

    since: date
    weeks: tuple[Week, ...]
    whole: Funnel
    channels: tuple[Funnel, ...]
    places: tuple[Funnel, ...]
    line: Line
    sent: tuple[Sent, ...]


async def engagement(session: AsyncSession, scope: Scope, *, now: datetime, zone: ZoneInfo) -> Engagement:
    """The use of the bot. NotAllowed without the right; municipalities within its reach."""
    reach = await drilling.reach_of(session, scope)
    today = now.astimezone(zone).date()
    mondays = [today - timedelta(days=today.weekday(), weeks=n) for n in range(WEEKS - 1, -1, -1)]
    since = datetime.combine(mondays[0], time(), tzinfo=zone)
    places = (await session.execute(select(Municipality.id, Municipality.name).order_by(Municipality.sort))).all()
    by_place = await _funnels(session, Organisation.municipality_id)
    by_channel = await _funnels(session, cast(type_coerce(Identity.messenger, String), String))
    whole = await _funnels(session, None)
    mine = [(row.name, by_place.get(row.id, _none())) for row in places if reach.sees(row.id)]
    return Engagement(
        since=mondays[0],
        weeks=tuple(
            Week(monday, count if count >= LEAST or not count else None)
            for monday, count in zip(mondays, await _weeks(session, mondays, zone), strict=True)
        ),
        whole=_shown([("", whole.get(None, _none()))])[0],
        channels=tuple(_shown([(str(name), counts) for name, counts in sorted(by_channel.items(), key=str)])),
        places=tuple(_shown(mine)),
        line=await _line(session, since),
        sent=await _sent(session, since),
    )


def _none() -> tuple[int, ...]:
    return (0,) * (len(STAGES) + 1)


def _shown(rows: Sequence[tuple[str, tuple[int, ...]]]) -> list[Funnel]:
    """Small groups hidden, column by column; nobody at all stays a nought only for a row without people."""
    columns = [publish([counts[n] for _, counts in rows]).lines for n in range(len(STAGES) + 1)] if rows else []
    return [
        Funnel(title, tuple(count if columns[n][row] else None for n, count in enumerate(counts)))
        for row, (title, counts) in enumerate(rows)
    ]


async def _weeks(session: AsyncSession, mondays: Sequence[date], zone: ZoneInfo) -> list[int]:
    """People who did something that is kept: a diagnosis, a place at an event, a question."""
    begins = [datetime.combine(monday, time(), tzinfo=zone) for monday in mondays]
    done = union_all(
        select(Attempt.person_id.label("person"), Attempt.touched_at.label("at")),
        select(Registration.person_id, Registration.created_at).where(Registration.source == RegistrationSource.own),
        select(Ticket.author_id, Ticket.asked_at).where(Ticket.author_id.is_not(None), Ticket.asked_at.is_not(None)),
    ).subquery()
    week = case(
        *[(done.c.at >= begin, number) for number, begin in reversed(list(enumerate(begins)))], else_=-1
    ).label("week")  # fmt: skip
    rows = await session.execute(
        select(week, func.count(done.c.person.distinct())).where(done.c.at >= begins[0]).group_by(week)
    )
    found: dict[int, int] = dict(rows.all())
    return [found.get(number, 0) for number in range(len(begins))]


async def _funnels(session: AsyncSession, by: object | None) -> dict[object, tuple[int, ...]]:
    """Confirmed people with an account, and how many of them went how far, by a column of theirs."""
    kind = type_coerce(Fact.kind, String)
    reached = (
        select(
            Fact.person_key,
            *[func.max(case((kind == one.value, 1), else_=0)).label(one.value) for one in STAGES],
        )
        .where(kind.in_([one.value for one in STAGES]), Fact.voided_at.is_(None))
        .group_by(Fact.person_key)
        .subquery()
    )
    steps: list[ColumnElement[int]] = []
    passed: ColumnElement[bool] | None = None
    for one in STAGES:
        here = func.coalesce(reached.c[one.value], 0) == 1
        passed = here if passed is None else and_(passed, here)
        steps.append(func.sum(case((passed, 1), else_=0)))
    group: list[Any] = [] if by is None else [by]
    statement = select(*group, func.count(), *steps).select_from(Person).outerjoin(
        reached, reached.c.person_key == Person.key
    )  # fmt: skip
    if by is Organisation.municipality_id:
        # One main job is open at a time; its place is the person's.
        statement = statement.join(
            Employment, and_(Employment.person_id == Person.id, Employment.is_main, Employment.until.is_(None))
        ).join(Organisation, Organisation.id == Employment.organisation_id)
    account = exists().where(Identity.person_id == Person.id)
    if by is not None and by is not Organisation.municipality_id:
        statement = statement.join(Identity, Identity.person_id == Person.id)
    else:
        statement = statement.where(account)
    statement = statement.where(Person.confirmed_at.is_not(None))
    if group:
        statement = statement.group_by(*group)
    found: dict[object, tuple[int, ...]] = {}
    for row in await session.execute(statement):
        cells: list[Any] = list(row)
        found[cells[0] if group else None] = tuple(int(count or 0) for count in cells[len(group) :])
    return found


async def _line(session: AsyncSession, since: datetime) -> Line:
    t = Ticket
    rows = (
        await session.execute(
            select(t.asked_at, t.first_answer_at, t.in_term).where(t.asked_at >= since, t.merged_into_id.is_(None))
        )
    ).all()
    answered = [row for row in rows if row.first_answer_at is not None]
    waited = sorted((row.first_answer_at - row.asked_at).total_seconds() / 60 for row in answered)
    middle = round(waited[len(waited) // 2]) if waited else None
    return Line(len(rows), len(answered), sum(row.in_term is True for row in answered), middle)


async def _sent(session: AsyncSession, since: datetime) -> tuple[Sent, ...]:
    o = Outbox
    rows = await session.execute(
        select(
            cast(type_coerce(o.messenger, String), String),
            func.sum(case((o.state == OutboxState.sent, 1), else_=0)),
            func.sum(case((o.state.in_(FAILED), 1), else_=0)),
        )
        .where(o.created_at >= since, o.messenger.is_not(None))
        .group_by(o.messenger)
        .order_by(o.messenger)
    )
    return tuple(Sent(messenger, int(ok or 0), int(bad or 0)) for messenger, ok, bad in rows)
