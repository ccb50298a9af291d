"""One measure: its card with evidence and history, and its days as the chat shows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, or_, select
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
    OccurrenceState,
    Person,
    ProofKind,
    ProofState,
    QuestionState,
    Roadmap,
    RoadmapFormat,
    RoadmapReminder,
    RoadmapSection,
    StoredFile,
)
from bot.services.access import Scope
from bot.services.roadmap import people
from bot.services.roadmap.looking import Day, Heading, Line, as_day, formats, heading, lines_of
from bot.services.roadmap.people import Answering, reach, touchable


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
    (line,) = await lines_of(session, [(measure, section)], today)
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
        roadmap=heading(plan, 0),
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
