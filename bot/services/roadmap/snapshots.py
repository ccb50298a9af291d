"""Registers we hold, frozen as evidence: how many there are of something in a period, and its rows without names."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.i18n import Words, date_ru
from bot.models import (
    Activity,
    Attendance,
    Body,
    Event,
    EventState,
    Fact,
    FactKind,
    Measure,
    MeasureBody,
    MeasurePart,
    MeetingState,
    MentorMeeting,
    MentorPair,
    Municipality,
    Occurrence,
    PairState,
    Person,
    ScopeKind,
    Ticket,
    TicketState,
)
from bot.rules import roadmap_registers
from bot.rules.roadmap_registers import Register
from bot.services.access import Right, Scope
from bot.services.roadmap import doing, people

MOST_ROWS = 20_000
"""More is counted, not listed."""

FACTS = {
    Register.routes: FactKind.iom_received,
    Register.diagnosed: FactKind.diagnosed,
    Register.attendance: FactKind.attended,
}
REGIONAL = frozenset((Register.events, Register.catalogue))
"""Registers that know no municipality: they are offered to those who answer for the region."""

UNASKED = (TicketState.draft, TicketState.withdrawn, TicketState.merged)


@dataclass(frozen=True, slots=True)
class Period:
    """Days of a snapshot, both inclusive, and the municipalities it is narrowed to; None is the region."""

    since: date
    until: date
    zone: ZoneInfo
    towns: frozenset[int] | None = None

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """From the first moment to before the last."""
        after = self.until + timedelta(days=1)
        return datetime.combine(self.since, time(), self.zone), datetime.combine(after, time(), self.zone)


@dataclass(frozen=True, slots=True)
class Offer:
    """Registers that may be taken for a day, with their counts; ``first`` is the one its words name."""

    period: Period
    first: tuple[Register, int] | None
    every: tuple[tuple[Register, int], ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A register as it stands. ``people`` are different persons, where the register is of persons."""

    register: Register
    period: Period
    total: int
    people: int | None
    unconfirmed: int | None
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    places: tuple[tuple[str, int], ...]

    def about(self, now: datetime) -> dict[str, Any]:
        """What evidence keeps of it."""
        return {
            "register": self.register.value, "since": self.period.since.isoformat(),
            "until": self.period.until.isoformat(), "total": self.total, "people": self.people,
            "at": now.isoformat(),
        }  # fmt: skip


async def offer(session: AsyncSession, scope: Scope, occurrence_id: int, *, today: date, zone: ZoneInfo) -> Offer:
    """What of ours may prove a day; nothing where the document wants a signed paper."""
    day = await doing.own_day(session, scope, occurrence_id, today=today)
    measure = await session.get_one(Measure, day.measure_id)
    period = await _period(session, scope, day, today=today, zone=zone)
    if not roadmap_registers.may_prove(measure.result_kind):
        return Offer(period, None, ())
    every = []
    for register in Register:
        if period.towns is None or register not in REGIONAL:
            number = await _count(session, register, period)
            every += [(register, number)] if number else []
    wanted = roadmap_registers.suggested(
        measure.register, measure.result_kind, measure.title, measure.text, measure.result
    )
    first = next((pair for pair in every if pair[0] is wanted), None)
    return Offer(period, first, tuple(every))


async def read(
    session: AsyncSession, scope: Scope, occurrence_id: int, register: str, *, today: date, zone: ZoneInfo
) -> Snapshot:
    """The register of this moment for a day one answers for. UserError where it may not or cannot prove it."""
    day = await doing.own_day(session, scope, occurrence_id, today=today)
    measure = await session.get_one(Measure, day.measure_id)
    if register not in [one.value for one in Register]:
        raise NotFound()
    if not roadmap_registers.may_prove(measure.result_kind):
        raise UserError("error-roadmap-needs-paper")
    chosen = Register(register)
    period = await _period(session, scope, day, today=today, zone=zone)
    if period.towns is not None and chosen in REGIONAL:
        raise NotFound()
    total = await _count(session, chosen, period)
    if not total:
        raise UserError("error-roadmap-empty-register")
    if chosen in FACTS:
        return await _of_facts(session, chosen, period, total)
    if chosen is Register.events:
        return await _of_events(session, period, total)
    if chosen is Register.hotline:
        return await _of_hotline(session, period, total)
    if chosen is Register.pairs:
        return await _of_pairs(session, period, total)
    return await _of_catalogue(session, period, total)


async def _period(session: AsyncSession, scope: Scope, day: Occurrence, *, today: date, zone: ZoneInfo) -> Period:
    """From the opening of the window, else from the beginning of the year of the day, to today."""
    since = min(day.start or date(min(day.due.year, today.year), 1, 1), today)
    towns = await _towns(session, scope, day.measure_id, today)
    return Period(since, today, zone, towns)


async def _towns(session: AsyncSession, scope: Scope, measure_id: int, today: date) -> frozenset[int] | None:
    """The municipalities of the bodies she speaks for; None for the region or whoever runs the roadmap."""
    if scope.covers(Right.roadmap_run, ScopeKind.region, None):
        return None
    rows = await session.execute(
        select(MeasureBody.body_id, Body.municipality_id)
        .join(Body, Body.id == MeasureBody.body_id)
        .where(MeasureBody.measure_id == measure_id, MeasureBody.part == MeasurePart.responsible)
    )
    places = {body_id: town for body_id, town in rows if body_id is not None}
    own = await people.bodies_of(session, scope.person_id, today=today)
    spoken = {town for body_id, town in places.items() if body_id in own} or set(places.values())
    if not spoken or None in spoken:
        return None
    return frozenset(town for town in spoken if town is not None)


# --- counting and reading ----------------------------------------------------------------------------


def _facts(register: Register, period: Period) -> tuple[ColumnElement[bool], ...]:
    found: list[ColumnElement[bool]] = [
        Fact.kind == FACTS[register], Fact.voided_at.is_(None), Fact.occurred_on >= period.since,
        Fact.occurred_on <= period.until,
    ]  # fmt: skip
    if period.towns is not None:
        found.append(Fact.municipality_id.in_(period.towns))
    return tuple(found)


def _tickets(period: Period) -> tuple[ColumnElement[bool], ...]:
    first, last = period.moments
    found: list[ColumnElement[bool]] = [
        Ticket.asked_at >= first, Ticket.asked_at < last, Ticket.state.not_in(UNASKED),
    ]  # fmt: skip
    if period.towns is not None:
        found.append(Ticket.municipality_id.in_(period.towns))
    return tuple(found)


def _events(period: Period) -> tuple[ColumnElement[bool], ...]:
    first, last = period.moments
    silent = (EventState.draft, EventState.cancelled)
    return (Event.starts_at >= first, Event.starts_at < last, Event.state.not_in(silent))


def _pairs(period: Period) -> tuple[ColumnElement[bool], ...]:
    """Pairs that have an order and work today; what has ended is no evidence of what is."""
    p = MentorPair
    found: list[ColumnElement[bool]] = [
        p.state.in_((PairState.active, PairState.paused)), p.since <= period.until,
    ]  # fmt: skip
    if period.towns is not None:
        found.append(p.municipality_id.in_(period.towns))
    return tuple(found)


async def _count(session: AsyncSession, register: Register, period: Period) -> int:
    chosen: Select[int]
    if register in FACTS:
        chosen = select(func.count(Fact.id)).where(*_facts(register, period))
    elif register is Register.events:
        chosen = select(func.count(Event.id)).where(*_events(period))
    elif register is Register.hotline:
        chosen = select(func.count(Ticket.id)).where(*_tickets(period))
    elif register is Register.pairs:
        chosen = select(func.count(MentorPair.id)).where(*_pairs(period))
    else:
        chosen = select(func.count(Activity.id)).where(Activity.active)
    return int(await session.scalar(chosen) or 0)


async def _of_facts(session: AsyncSession, register: Register, period: Period, total: int) -> Snapshot:
    rows = list(
        await session.execute(
            select(Fact.occurred_on, Municipality.name, Fact.person_key, Person.confirmed_at)
            .outerjoin(Municipality, Municipality.id == Fact.municipality_id)
            .outerjoin(Person, Person.key == Fact.person_key)
            .where(*_facts(register, period))
            .order_by(Fact.occurred_on, Fact.id)
        )
    )
    persons = {key for _, _, key, _ in rows}
    unconfirmed = {key for _, _, key, confirmed in rows if confirmed is None}
    listed = tuple((day, town or "") for day, town, _, _ in rows[:MOST_ROWS])
    places = _places([town or "" for _, town, _, _ in rows])
    return Snapshot(register, period, total, len(persons), len(unconfirmed), ("day", "town"), listed, places)


async def _of_events(session: AsyncSession, period: Period, total: int) -> Snapshot:
    present = (
        select(func.count(Attendance.id))
        .where(Attendance.event_id == Event.id, Attendance.voided_at.is_(None))
        .scalar_subquery()
    )
    rows = await session.execute(
        select(Event.starts_at, Event.title, Event.hours, Event.organiser, present)
        .where(*_events(period))
        .order_by(Event.starts_at, Event.id)
        .limit(MOST_ROWS)
    )
    listed = tuple(
        (at.astimezone(period.zone).date(), title, hours, organiser, number)
        for at, title, hours, organiser, number in rows
    )
    columns = ("day", "event", "hours", "organiser", "present")
    return Snapshot(Register.events, period, total, None, None, columns, listed, ())


async def _of_hotline(session: AsyncSession, period: Period, total: int) -> Snapshot:
    rows = list(
        await session.execute(
            select(Ticket.id, Ticket.asked_at, Municipality.name, Ticket.first_answer_at, Ticket.in_term)
            .outerjoin(Municipality, Municipality.id == Ticket.municipality_id)
            .where(*_tickets(period))
            .order_by(Ticket.asked_at, Ticket.id)
        )
    )
    listed = tuple(
        (number, _day(asked, period.zone), town or "", _day(answered, period.zone), in_term)
        for number, asked, town, answered, in_term in rows[:MOST_ROWS]
    )
    columns = ("number", "day", "town", "answered", "in-term")
    places = _places([town or "" for _, _, town, _, _ in rows])
    return Snapshot(Register.hotline, period, total, None, None, columns, listed, places)


async def _of_pairs(session: AsyncSession, period: Period, total: int) -> Snapshot:
    met = (
        select(func.count(MentorMeeting.id))
        .where(MentorMeeting.pair_id == MentorPair.id, MentorMeeting.state == MeetingState.confirmed)
        .scalar_subquery()
    )
    rows = list(
        await session.execute(
            select(
                MentorPair.since, Municipality.name, MentorPair.until, met, MentorPair.mentor_id, MentorPair.mentee_id
            )
            .outerjoin(Municipality, Municipality.id == MentorPair.municipality_id)
            .where(*_pairs(period))
            .order_by(MentorPair.since, MentorPair.id)
        )
    )
    persons = {number for row in rows for number in row[4:]}
    doubtful = 0
    for start in range(0, len(ids := sorted(persons)), 500):
        part = Person.id.in_(ids[start : start + 500])
        doubtful += await session.scalar(select(func.count(Person.id)).where(part, Person.confirmed_at.is_(None))) or 0
    listed = tuple((since, town or "", until, number) for since, town, until, number, *_ in rows[:MOST_ROWS])
    places = _places([town or "" for _, town, *_ in rows])
    columns = ("since", "town", "until", "met")
    return Snapshot(Register.pairs, period, total, len(persons), doubtful, columns, listed, places)


async def _of_catalogue(session: AsyncSession, period: Period, total: int) -> Snapshot:
    rows = await session.execute(
        select(Activity.title, Activity.organiser, Activity.hours, Activity.register_number)
        .where(Activity.active)
        .order_by(Activity.sort, Activity.id)
        .limit(MOST_ROWS)
    )
    listed = tuple(tuple(row) for row in rows)
    columns = ("activity", "organiser", "hours", "register-number")
    return Snapshot(Register.catalogue, period, total, None, None, columns, listed, ())


def _day(moment: datetime | None, zone: ZoneInfo) -> date | None:
    return moment.astimezone(zone).date() if moment else None


def _places(names: Collection[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0])))


# --- in words and as a file -----------------------------------------------------------------------------


def said(t: Words, snapshot: Snapshot) -> str:
    """The evidence in one sentence: what, how many, of which days."""
    period = snapshot.period
    words = t(
        "roadmap-snapshot.said", name=t(f"roadmap-register.{snapshot.register.value}"), n=snapshot.total,
        since=date_ru(period.since), until=date_ru(period.until),
    )  # fmt: skip
    if snapshot.people is not None:
        words += " " + t("roadmap-snapshot.people", n=snapshot.people, unconfirmed=snapshot.unconfirmed or 0)
    return words


def file_name(t: Words, snapshot: Snapshot) -> str:
    """«ИОМ на 26.11.2026.xlsx»."""
    name = t(f"roadmap-register.{snapshot.register.value}")
    return t("roadmap-snapshot.file", name=name, date=date_ru(snapshot.period.until))


def book(t: Words, snapshot: Snapshot, *, measure: str, now: datetime) -> bytes:
    """The frozen register: the sum and its municipalities, then every row; dates are dates."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    workbook = xlsxwriter.Workbook(out, options)
    bold = workbook.add_format({"bold": True, "font_size": 13})
    head = workbook.add_format({"bold": True, "border": 1, "text_wrap": True, "bg_color": "#E8EEF7"})
    cell = workbook.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    day = workbook.add_format({"border": 1, "num_format": "dd.mm.yyyy", "valign": "top"})

    def table(sheet: Any, row: int, titles: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        sheet.write_row(row, 0, titles, head)
        for place, values in enumerate(rows, start=row + 1):
            for column, value in enumerate(values):
                if isinstance(value, date):
                    sheet.write_datetime(place, column, datetime.combine(value, time()), day)
                elif isinstance(value, bool):
                    sheet.write(place, column, t("roadmap-snapshot.yes" if value else "roadmap-snapshot.no"), cell)
                else:
                    sheet.write(place, column, "" if value is None else value, cell)

    first = workbook.add_worksheet(t("roadmap-snapshot.sum"))
    first.set_column(0, 0, 60)
    first.set_column(1, 1, 14)
    first.write(0, 0, t(f"roadmap-register.{snapshot.register.value}"), bold)
    first.write(1, 0, said(t, snapshot))
    first.write(2, 0, t("roadmap-snapshot.measure", title=measure))
    frozen = now.astimezone(snapshot.period.zone)
    first.write(3, 0, t("roadmap-snapshot.frozen", date=date_ru(frozen.date()), time=f"{frozen:%H:%M}"))
    first.write(4, 0, t("roadmap-snapshot.nameless"))
    if snapshot.places:
        named = [(name or t("roadmap-snapshot.no-town"), number) for name, number in snapshot.places]
        table(first, 6, (t("roadmap-snapshot.town"), t("roadmap-snapshot.count")), named)
    second = workbook.add_worksheet(t("roadmap-snapshot.rows"))
    second.freeze_panes(1, 0)
    second.set_column(0, 0, 14)
    second.set_column(1, len(snapshot.columns), 32)
    table(second, 0, [t(f"roadmap-snapshot.{name}") for name in snapshot.columns], snapshot.rows)
    if snapshot.total > len(snapshot.rows):
        second.write(len(snapshot.rows) + 1, 0, t("roadmap-snapshot.more", n=snapshot.total - len(snapshot.rows)))
    workbook.close()
    return out.getvalue()
