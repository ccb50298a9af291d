"""Lists, cards and calendars of measures, within reach."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound
from bot.models import (
    DateQuestion,
    Measure,
    MeasureBody,
    MeasureEvent,
    MeasureEvidence,
    MeasurePart,
    MeasurePerson,
    Occurrence,
    OccurrenceKind,
    OccurrenceState,
    Person,
    ProofKind,
    ProofState,
    QuestionState,
    Roadmap,
    RoadmapFormat,
    RoadmapReminder,
    RoadmapSection,
    RoadmapState,
    StoredFile,
)
from bot.rules.words import folded
from bot.services.access import Right, Scope
from bot.services.roadmap import people
from bot.services.roadmap.people import Answering, mine, reach, touchable

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
class Proof:
    """Evidence on a card."""

    id: int
    occurrence_id: int
    kind: ProofKind
    text: str
    file_id: int | None
    file_name: str
    state: ProofState
    at: datetime
    by_id: int | None
    by: str
    checked_at: datetime | None
    checked_by: str
    comment: str


@dataclass(frozen=True, slots=True)
class Event:
    """A line of history."""

    at: datetime
    kind: str
    by: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """An open question about a date."""

    id: int
    about: str
    times: int
    ask_on: date
    asked_of: str
    offset: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """Everything about one measure."""

    line: Line
    roadmap: Heading
    task: str
    text: str
    quote: str
    source: str
    deadline: str
    deadline_own: str
    schedule: Mapping[str, Any]
    read_confirmed: bool
    targets: tuple[str, ...]
    doubts: tuple[str, ...]
    executors: str
    days: tuple[Day, ...]
    proofs: tuple[Proof, ...]
    events: tuple[Event, ...]
    reminders: tuple[tuple[date, str, str], ...]
    question: Question | None
    answering: tuple[Answering, ...]
    appointed: tuple[Answering, ...]
    checkers: tuple[Answering, ...]
    dropped: bool
    indicators: tuple[str, ...]
    register: str
    formats: tuple[RoadmapFormat, ...]


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


@dataclass(frozen=True, slots=True)
class Own:
    """A day in the chat of whoever answers for it."""

    day: Day
    measure_id: int
    title: str
    code: str
    result: str
    result_kind: str
    bodies: str
    deadline: str
    waiting: int
    mine_waiting: bool
    comment: str


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
    return [_heading(plan, n) for plan, n in rows if run or (n and plan.state is not RoadmapState.draft)]


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
    found = await _lines(session, kept, today)
    return [line for line in found if filters.standing is None or line.standing is filters.standing]


async def _lines(
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


async def card(session: AsyncSession, scope: Scope, measure_id: int, *, today: date) -> Card:
    """One measure with its days, evidence, history; NotFound out of reach."""
    row = (
        await session.execute(
            select(Measure, RoadmapSection, Roadmap)
            .join(RoadmapSection, RoadmapSection.id == Measure.section_id)
            .join(Roadmap, Roadmap.id == Measure.roadmap_id)
            .where(Measure.id == measure_id, reach(scope, today))
        )
    ).one_or_none()
    if row is None:
        raise NotFound()
    measure, section, plan = row
    (line,) = await _lines(session, [(measure, section)], today)
    executors = await session.scalars(
        select(MeasureBody.name)
        .where(MeasureBody.measure_id == measure.id, MeasureBody.part == MeasurePart.executor)
        .order_by(MeasureBody.id)
    )
    appointed: dict[MeasurePart, list[Answering]] = defaultdict(list)
    for part, person in await session.execute(
        select(MeasurePerson.part, Person)
        .join(Person, Person.id == MeasurePerson.person_id)
        .where(MeasurePerson.measure_id == measure.id)
        .order_by(MeasurePerson.id)
    ):
        appointed[part].append(Answering(person.id, person.full_name, person.locale))
    circle = await people.circle(session, [measure.id], today=today)
    return Card(
        line=line,
        roadmap=_heading(plan, 0),
        task=measure.task,
        text=measure.text,
        quote=measure.quote,
        source=measure.source,
        deadline=measure.deadline,
        deadline_own=measure.deadline_own,
        schedule=measure.schedule,
        read_confirmed=measure.read_confirmed_at is not None,
        targets=tuple(measure.targets),
        doubts=tuple(str(doubt) for doubt in measure.doubts),
        executors=", ".join(executors),
        days=line.days,
        proofs=tuple(await _proofs(session, [measure.id])),
        events=tuple(await _events(session, measure.id)),
        reminders=tuple(await _reminders(session, [day.id for day in line.days])),
        question=await _question(session, measure),
        answering=tuple(circle.own[measure.id]),
        appointed=tuple(appointed[MeasurePart.responsible]),
        checkers=tuple(appointed[MeasurePart.checker]),
        dropped=measure.dropped_at is not None,
        indicators=tuple(measure.indicators),
        register=measure.register,
        formats=tuple(f for f in await formats(session, measure.roadmap_id) if measure.code in f.measures),
    )


async def _proofs(session: AsyncSession, measures: Collection[int]) -> list[Proof]:
    rows = await session.execute(
        select(MeasureEvidence, StoredFile.name)
        .join(Occurrence, Occurrence.id == MeasureEvidence.occurrence_id)
        .outerjoin(StoredFile, StoredFile.id == MeasureEvidence.file_id)
        .where(Occurrence.measure_id.in_(measures), MeasureEvidence.state != ProofState.withdrawn)
        .order_by(MeasureEvidence.at.desc(), MeasureEvidence.id.desc())
    )
    found = [(one, name or "") for one, name in rows]
    names = await _names(session, {n for one, _ in found for n in (one.by_id, one.checked_by_id) if n is not None})
    return [
        Proof(
            one.id, one.occurrence_id, one.kind, one.text, one.file_id, name, one.state, one.at, one.by_id,
            names.get(one.by_id or 0, ""), one.checked_at, names.get(one.checked_by_id or 0, ""), one.comment,
        )
        for one, name in found
    ]  # fmt: skip


async def _events(session: AsyncSession, measure_id: int) -> list[Event]:
    rows = list(
        await session.scalars(
            select(MeasureEvent)
            .where(MeasureEvent.measure_id == measure_id)
            .order_by(MeasureEvent.at.desc(), MeasureEvent.id.desc())
            .limit(50)
        )
    )
    wanted = {row.by_id for row in rows if row.by_id is not None}
    wanted |= {int(row.details["to"]) for row in rows if row.kind in ("passed", "date-other") and row.details.get("to")}
    names = await _names(session, wanted)
    return [
        Event(
            row.at,
            row.kind,
            names.get(row.by_id or 0, ""),
            {**row.details, "to": names.get(int(row.details["to"]), "")}
            if row.kind in ("passed", "date-other") and row.details.get("to")
            else row.details,
        )
        for row in rows
    ]


async def _reminders(session: AsyncSession, days: Collection[int]) -> list[tuple[date, str, str]]:
    """(day, stage, name) of what was told."""
    r = RoadmapReminder
    rows = await session.execute(
        select(r.day, r.stage, Person.last_name, Person.first_name)
        .join(Person, Person.id == r.person_id)
        .where(r.about == "occurrence", r.object_id.in_(days), r.told)
        .order_by(r.day.desc(), r.id.desc())
        .limit(20)
    )
    return [(day, stage, f"{last} {first}".strip()) for day, stage, last, first in rows]


async def _question(session: AsyncSession, measure: Measure) -> Question | None:
    found = await session.scalar(
        select(DateQuestion)
        .where(DateQuestion.measure_id == measure.id, DateQuestion.state == QuestionState.open)
        .order_by(DateQuestion.id.desc())
        .limit(1)
    )
    if found is None:
        return None
    names = await _names(session, {found.person_id} if found.person_id else set())
    offset = bool(measure.schedule.get("offset"))
    return Question(found.id, found.about, found.times, found.ask_on, names.get(found.person_id or 0, ""), offset)


async def _names(session: AsyncSession, numbers: Collection[int]) -> dict[int, str]:
    rows = await session.scalars(select(Person).where(Person.id.in_(numbers)))
    return {row.id: row.full_name for row in rows}


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
    found = await _lines(session, rows, today)
    return sorted(found, key=lambda line: (order.index(line.standing), line.day.due if line.day else date.max, line.id))


async def own_day(session: AsyncSession, scope: Scope, occurrence_id: int, *, today: date) -> Own:
    """A day as the chat shows it; NotFound for what is out of reach."""
    row = (
        await session.execute(
            select(Occurrence, Measure)
            .join(Measure, Measure.id == Occurrence.measure_id)
            .where(
                Occurrence.id == occurrence_id,
                Occurrence.state != OccurrenceState.cancelled,
                reach(scope, today),
            )
        )
    ).one_or_none()
    if row is None:
        raise NotFound()
    day, measure = row
    proofs = [p for p in await _proofs(session, [measure.id]) if p.occurrence_id == day.id]
    waiting = [proof for proof in proofs if proof.state is ProofState.waiting]
    circle = await people.circle(session, [measure.id], today=today)
    returned = next((proof.comment for proof in proofs if proof.state is ProofState.returned), "")
    return Own(
        as_day(day), measure.id, measure.title, measure.code, measure.result, measure.result_kind,
        circle.bodies[measure.id], measure.deadline_own or measure.deadline, len(waiting),
        any(proof.by_id == scope.person_id for proof in waiting), returned if not waiting else "",
    )  # fmt: skip


async def may_act(session: AsyncSession, scope: Scope, measure_id: int, *, today: date) -> bool:
    """True for the people of the measure and their heads."""
    found = await session.scalar(select(Measure.id).where(Measure.id == measure_id, touchable(scope.person_id, today)))
    return found is not None


async def question_of(
    session: AsyncSession, scope: Scope, question_id: int, *, today: date
) -> tuple[DateQuestion, Measure]:
    """An open question within reach, with its measure."""
    row = (
        await session.execute(
            select(DateQuestion, Measure)
            .join(Measure, Measure.id == DateQuestion.measure_id)
            .where(
                DateQuestion.id == question_id,
                or_(
                    reach(scope, today),
                    and_(DateQuestion.person_id.is_not(None), DateQuestion.person_id == scope.person_id),
                ),
            )
        )
    ).one_or_none()
    if row is None:
        raise NotFound()
    return row[0], row[1]


async def question_for(session: AsyncSession, measure_id: int) -> int | None:
    """The open question of a measure."""
    return await session.scalar(
        select(DateQuestion.id).where(DateQuestion.measure_id == measure_id, DateQuestion.state == QuestionState.open)
    )


def as_day(row: Occurrence) -> Day:
    """A row as a value."""
    return Day(
        row.id, row.kind, row.start, row.due, row.state, row.tentative, row.said, row.closed_at, row.move_to,
        row.move_reason, row.sent_by_id,
    )  # fmt: skip


def _heading(plan: Roadmap, measures: int) -> Heading:
    return Heading(
        plan.id, plan.title, plan.year, plan.order_no, plan.order_date, plan.version, plan.state, plan.runs_since,
        measures,
    )  # fmt: skip
