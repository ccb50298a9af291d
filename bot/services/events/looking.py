"""The calendar: pages by month, what suits a person, her own list; what the menu offers first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    Event,
    EventGroup,
    EventState,
    EventSubject,
    Registration,
    RegistrationState,
)
from bot.rules.events import ORDER, Why, suits
from bot.services.events.reading import SHOWN, EventLine, line_of, lines_of
from bot.services.events.reserve import HELD, steps_of
from bot.services.events.signing import wanted_by, whom
from bot.services.identities import Caller
from bot.services.menu import NextStep

PAGE = 4
"""Events on a page of the chat (conversation.md §3.7)."""

AHEAD = timedelta(days=90)
CANDIDATES = 300
"""Events looked at for «Мне подходит»: the nearest of the next three months."""

SOON = timedelta(days=2)
"""An event this near is the nearest thing of the main menu."""


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """A page of one month."""

    lines: tuple[EventLine, ...]
    month: date
    number: int
    total: int
    earlier: date | None
    later: date | None


@dataclass(frozen=True, slots=True)
class Suiting:
    """A page of what suits, with the reason of each."""

    lines: tuple[tuple[EventLine, Why], ...]
    number: int
    total: int


@dataclass(frozen=True, slots=True)
class Mine:
    """A line of «Мои записи»."""

    line: EventLine
    state: RegistrationState


async def month(session: AsyncSession, month: date, *, number: int = 0, now: datetime, zone: ZoneInfo) -> CalendarPage:
    """Events of a calendar month that are still ahead; a month of the past shows nothing."""
    first = month.replace(day=1)
    begin, end = _span(first, zone)
    ahead = _ahead(max(begin, now))
    rows = await session.scalars(
        select(Event)
        .where(*ahead, Event.starts_at < end)
        .order_by(Event.starts_at, Event.id)
        .limit(PAGE)
        .offset(number * PAGE)
    )
    total = await session.scalar(select(func.count()).where(*ahead, Event.starts_at < end)) or 0
    earlier = await session.scalar(
        select(Event.starts_at)
        .where(*_ahead(now), Event.starts_at < begin)
        .order_by(Event.starts_at.desc(), Event.id.desc())
        .limit(1)
    )
    later = await session.scalar(
        select(Event.starts_at).where(*_ahead(max(end, now))).order_by(Event.starts_at, Event.id).limit(1)
    )
    return CalendarPage(
        tuple(await lines_of(session, list(rows))),
        first,
        number,
        total,
        _month_of(earlier, zone),
        _month_of(later, zone),
    )


async def suiting(session: AsyncSession, person_id: int, *, number: int = 0, now: datetime) -> Suiting:
    """Open events for this person: steps of her ИОМ first, then growth, then her subject and post.

    The number of queries does not depend on how many events there are.
    """
    rows = list(
        await session.scalars(
            select(Event)
            .where(
                Event.state == EventState.open,
                Event.members_only.is_(False),
                Event.starts_at > now,
                Event.starts_at < now + AHEAD,
            )
            .order_by(Event.starts_at, Event.id)
            .limit(CANDIDATES)
        )
    )
    ids = [event.id for event in rows]
    groups: dict[int, set[str]] = {}
    for event_id, slug in await session.execute(
        select(EventGroup.event_id, EventGroup.group_slug).where(EventGroup.event_id.in_(ids))
    ):
        groups.setdefault(event_id, set()).add(slug)
    subjects: dict[int, set[str]] = {}
    for event_id, slug in await session.execute(
        select(EventSubject.event_id, EventSubject.subject_slug).where(EventSubject.event_id.in_(ids))
    ):
        subjects.setdefault(event_id, set()).add(slug)
    taken = set(
        await session.scalars(
            select(Registration.event_id).where(
                Registration.person_id == person_id, Registration.state.in_((*HELD, RegistrationState.waiting))
            )
        )
    )
    steps = await steps_of(session, person_id, ids)
    person = await whom(session, person_id, on=now)
    found: list[tuple[int, Event, Why]] = []
    for event in rows:
        if event.id in taken:
            continue
        wanted = wanted_by(
            event,
            groups=frozenset(groups.get(event.id, ())),
            subjects=frozenset(subjects.get(event.id, ())),
            in_iom=event.id in steps,
        )
        why = suits(wanted, person)
        if why is not None:
            found.append((ORDER.index(why), event, why))
    found.sort(key=lambda one: (one[0], one[1].starts_at, one[1].id))
    page = found[number * PAGE : (number + 1) * PAGE]
    lines = await lines_of(session, [event for _, event, _ in page])
    return Suiting(tuple((line, why) for line, (_, _, why) in zip(lines, page, strict=True)), number, len(found))


async def mine(session: AsyncSession, person_id: int, *, now: datetime) -> list[Mine]:
    """Her list: what is ahead, nearest first."""
    rows = await session.execute(
        select(Event, Registration.state)
        .join(Registration, Registration.event_id == Event.id)
        .where(
            Registration.person_id == person_id,
            Registration.state.in_((*HELD, RegistrationState.waiting)),
            Event.state != EventState.cancelled,
            Event.ends_at > now,
        )
        .order_by(Event.starts_at, Event.id)
        .limit(5)
    )
    return [Mine(line_of(event), state) for event, state in rows]


async def next_step(session: AsyncSession, caller: Caller, *, now: datetime) -> NextStep | None:
    """For the main menu: her event of the next two days."""
    row = (
        await session.execute(
            select(Event.id, Event.title, Event.starts_at, Event.zone)
            .join(Registration, Registration.event_id == Event.id)
            .where(
                Registration.person_id == caller.id,
                Registration.state == RegistrationState.signed,
                Event.state.in_((EventState.open, EventState.closed)),
                Event.ends_at > now,
                Event.starts_at < now + SOON,
            )
            .order_by(Event.starts_at, Event.id)
            .limit(1)
        )
    ).one_or_none()
    if row is None:
        return None
    at = row.starts_at.astimezone(ZoneInfo(row.zone))
    given = {"title": _short(row.title), "day": f"{at:%d.%m}", "time": f"{at:%H:%M}"}
    return NextStep("events-next", "events-next.button", f"events:card:{row.id}", given)


async def public(
    session: AsyncSession, *, now: datetime, limit: int = 60, tag: str = "", young: bool = False, live: bool = False
) -> list[EventLine]:
    """What the open page and the feed show: nothing personal, two queries."""
    statement = select(Event).where(*_ahead(now))
    if young:
        statement = statement.where(Event.young_only)
    if live:
        statement = statement.where(Event.form != "distance")
    rows = list(await session.scalars(statement.order_by(Event.starts_at, Event.id).limit(500 if tag else limit)))
    if tag:
        rows = [event for event in rows if tag in event.tags][:limit]
    return await lines_of(session, rows)


def _ahead(since: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Event.state.in_(SHOWN[:3]), Event.members_only.is_(False), Event.starts_at >= since)


def _span(first: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    following = (first + timedelta(days=32)).replace(day=1)
    return datetime.combine(first, time(), tzinfo=zone), datetime.combine(following, time(), tzinfo=zone)


def _month_of(moment: datetime | None, zone: ZoneInfo) -> date | None:
    return moment.astimezone(zone).date().replace(day=1) if moment else None


def _short(title: str) -> str:
    return title if len(title) <= 60 else title[:59].rstrip() + "…"
