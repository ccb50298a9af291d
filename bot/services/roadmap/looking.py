"""Lists and calendars of measures, within reach."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    DateQuestion,
    Measure,
    MeasureBody,
    Occurrence,
    OccurrenceKind,
    OccurrenceState,
    QuestionState,
    Roadmap,
    RoadmapFormat,
    RoadmapSection,
    RoadmapState,
)
from bot.rules.words import folded
from bot.services.access import Right, Scope
from bot.services.roadmap import people
from bot.services.roadmap.people import mine, reach

OPEN = (OccurrenceState.open, OccurrenceState.partly)
STANDING = (*OPEN, OccurrenceState.sent)


class Standing(StrEnum):
    """How a measure stands, the most pressing first."""

    late = "late"
    nodate = "nodate"
    check = "check"
    work = "work"
    ahead = "ahead"
    closed = "closed"
    quiet = "quiet"  # nothing is asked of it now


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a measure."""

    id: int
    kind: OccurrenceKind
    start: date | None
    due: date
    state: OccurrenceState
    tentative: bool
    said: str = ""
    closed_at: datetime | None = None
    move_to: date | None = None
    move_reason: str = ""
    sent_by_id: int | None = None

    def standing(self, today: date) -> Standing:
        """As of a day."""
        if self.state is OccurrenceState.closed:
            return Standing.closed
        if self.state is OccurrenceState.sent:
            return Standing.check
        if self.due < today:
            return Standing.late
        begun = self.start is not None and self.start <= today
        return Standing.work if begun or self.state is OccurrenceState.partly else Standing.ahead


@dataclass(frozen=True, slots=True)
class Line:
    """A measure in a list: its nearest day and how it stands."""

    id: int
    roadmap_id: int
    code: str
    title: str
    section: str
    section_title: str
    deadline: str
    result: str
    result_kind: str
    bodies: str
    persons: str
    standing: Standing
    day: Day | None
    question: bool
    doubtful: bool
    days: tuple[Day, ...] = ()


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to."""

    roadmap_id: int | None = None
    section: int | None = None
    body: int | None = None
    standing: Standing | None = None
    query: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A roadmap in a choice."""

    id: int
    title: str
    year: int
    order_no: str
    order_date: date | None
    version: int
    state: RoadmapState
    runs_since: date
    measures: int = 0


# --- lists for pages ------------------------------------------------------------------------------


async def roadmaps(session: AsyncSession, scope: Scope, *, today: date) -> list[Heading]:
    """Roadmaps with a measure within reach, the newest first; drafts for those who run them."""
    rows = await session.execute(
        select(Roadmap, func.count(Measure.id))
        .outerjoin(Measure, (Measure.roadmap_id == Roadmap.id) & Measure.dropped_at.is_(None))
        .where(or_(reach(scope, today), Measure.id.is_(None)))
        .group_by(Roadmap.id)
        .order_by(Roadmap.state != RoadmapState.running, Roadmap.id.desc())
    )
    run = scope.may(Right.roadmap_run)
    return [heading(plan, n) for plan, n in rows if run or (n and plan.state is not RoadmapState.draft)]


async def lines(session: AsyncSession, scope: Scope, filters: Filters, *, today: date) -> list[Line]:
    """Measures within reach and filters, in the order of the document; a fixed number of queries."""
    condition: list[ColumnElement[bool]] = [reach(scope, today), Measure.dropped_at.is_(None)]
    if filters.roadmap_id is not None:
        condition.append(Measure.roadmap_id == filters.roadmap_id)
    if filters.section is not None:
        condition.append(Measure.section_id == filters.section)
    if filters.body is not None:
        condition.append(exists().where(MeasureBody.measure_id == Measure.id, MeasureBody.body_id == filters.body))
    rows = (
        await session.execute(
            select(Measure, RoadmapSection)
            .join(RoadmapSection, RoadmapSection.id == Measure.section_id)
            .where(*condition)
            .order_by(Measure.roadmap_id, RoadmapSection.place, Measure.place, Measure.id)
        )
    ).all()
    words = folded(filters.query).split()
    kept = [
        (m, s)
        for m, s in rows
        if all(word in folded(f"{m.code} {m.title} {m.text} {m.result} {m.deadline}") for word in words)
    ]
    found = await lines_of(session, kept, today)
    return [line for line in found if filters.standing is None or line.standing is filters.standing]


async def lines_of(
    session: AsyncSession, rows: Sequence[tuple[Measure, RoadmapSection]] | Sequence[Any], today: date
) -> list[Line]:
    numbers = [measure.id for measure, _ in rows]
    days: dict[int, list[Day]] = defaultdict(list)
    for row in await session.scalars(
        select(Occurrence)
        .where(Occurrence.measure_id.in_(numbers), Occurrence.state != OccurrenceState.cancelled)
        .order_by(Occurrence.due, Occurrence.id)
    ):
        days[row.measure_id].append(as_day(row))
    asked = set(
        await session.scalars(
            select(DateQuestion.measure_id).where(
                DateQuestion.measure_id.in_(numbers), DateQuestion.state == QuestionState.open
            )
        )
    )
    circle = await people.circle(session, numbers, today=today)
    found = []
    for measure, section in rows:
        its = tuple(days[measure.id])
        day, standing = _standing(its, measure.id in asked, today)
        found.append(
            Line(
                id=measure.id,
                roadmap_id=measure.roadmap_id,
                code=measure.code,
                title=measure.title,
                section=section.number,
                section_title=section.title,
                deadline=measure.deadline_own or measure.deadline,
                result=measure.result,
                result_kind=measure.result_kind,
                bodies=circle.bodies[measure.id],
                persons=", ".join(person.name for person in circle.own[measure.id]),
                standing=standing,
                day=day,
                question=measure.id in asked,
                doubtful=bool(measure.schedule.get("doubtful")) and measure.read_confirmed_at is None,
                days=its,
            )
        )
    return found


def _standing(days: Sequence[Day], asked: bool, today: date) -> tuple[Day | None, Standing]:
    """The day to show and how the measure stands: late, no date, on check, in work, ahead, closed."""
    order = list(Standing)
    live = [day for day in days if day.state in STANDING and not (day.kind is OccurrenceKind.word and day.due > today)]
    found = min(live, key=lambda day: (order.index(day.standing(today)), day.due), default=None)
    if found is not None and found.standing(today) is Standing.late:
        return found, Standing.late
    if asked and (found is None or found.tentative):
        return found, Standing.nodate
    if found is not None:
        return found, found.standing(today)
    words = [day for day in days if day.state in STANDING and day.kind is OccurrenceKind.word]
    if words:  # A lasting measure is not over because its quarter was answered for.
        return min(words, key=lambda day: day.due), Standing.quiet
    closed = [day for day in days if day.state is OccurrenceState.closed]
    return (closed[-1], Standing.closed) if closed else (next(iter(days), None), Standing.quiet)


async def sections(session: AsyncSession, roadmap_id: int | None) -> list[tuple[int, str, str]]:
    """(id, number, title) for the filter."""
    condition = RoadmapSection.roadmap_id == roadmap_id if roadmap_id is not None else RoadmapSection.id > 0
    rows = await session.execute(
        select(RoadmapSection.id, RoadmapSection.number, RoadmapSection.title)
        .where(condition)
        .order_by(RoadmapSection.roadmap_id, RoadmapSection.place)
    )
    return [(number, label, title) for number, label, title in rows]


async def bodies(session: AsyncSession, scope: Scope, *, today: date) -> list[tuple[int, str]]:
    """Bodies that stand beside measures within reach, for the filter."""
    rows = await session.execute(
        select(MeasureBody.body_id, func.min(MeasureBody.name))
        .join(Measure, Measure.id == MeasureBody.measure_id)
        .where(MeasureBody.body_id.is_not(None), Measure.dropped_at.is_(None), reach(scope, today))
        .group_by(MeasureBody.body_id)
        .order_by(func.min(MeasureBody.name))
    )
    return [(number, name) for number, name in rows if number is not None]


async def formats(session: AsyncSession, roadmap_id: int) -> list[RoadmapFormat]:
    """Formats that people know by name, in the order of the pack."""
    return list(
        await session.scalars(
            select(RoadmapFormat)
            .where(RoadmapFormat.roadmap_id == roadmap_id)
            .order_by(RoadmapFormat.place, RoadmapFormat.id)
        )
    )


# --- the card ---------------------------------------------------------------------------------------


# --- the chat of the person responsible ---------------------------------------------------------------


async def own(session: AsyncSession, scope: Scope, *, today: date) -> list[Line]:
    """Measures of this person that want something, the most pressing first; then what is ahead and closed."""
    rows = (
        await session.execute(
            select(Measure, RoadmapSection)
            .join(RoadmapSection, RoadmapSection.id == Measure.section_id)
            .join(Roadmap, Roadmap.id == Measure.roadmap_id)
            .where(mine(scope.person_id, today), Measure.dropped_at.is_(None), Roadmap.state == RoadmapState.running)
            .order_by(Measure.id)
        )
    ).all()
    order = list(Standing)
    found = await lines_of(session, rows, today)
    return sorted(found, key=lambda line: (order.index(line.standing), line.day.due if line.day else date.max, line.id))


def as_day(row: Occurrence) -> Day:
    """A row as a value."""
    return Day(
        row.id, row.kind, row.start, row.due, row.state, row.tentative, row.said, row.closed_at, row.move_to,
        row.move_reason, row.sent_by_id,
    )  # fmt: skip


def heading(plan: Roadmap, measures: int) -> Heading:
    return Heading(
        plan.id, plan.title, plan.year, plan.order_no, plan.order_date, plan.version, plan.state, plan.runs_since,
        measures,
    )  # fmt: skip
