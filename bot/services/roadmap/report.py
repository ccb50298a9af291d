"""«Мониторинг реализации дорожной карты» on a day: how every measure stood, what proved it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound
from bot.models import (
    DateQuestion,
    Measure,
    MeasureEvidence,
    Occurrence,
    OccurrenceKind,
    OccurrenceState,
    Person,
    ProofState,
    QuestionState,
    Roadmap,
    RoadmapSection,
    StoredFile,
)
from bot.services.access import Right, Scope
from bot.services.roadmap.people import circle, reach


class Outcome(StrEnum):
    """How a measure stood on the day of the report."""

    done = "done"
    done_late = "done-late"
    check = "check"
    late = "late"
    nodate = "nodate"
    lasting = "lasting"
    ahead = "ahead"


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One measure; ``due`` is the last day that had come, else the next one."""

    code: str
    title: str
    bodies: str
    persons: str
    deadline: str
    due: date | None
    outcome: Outcome
    closed_on: date | None
    evidence: str
    checked_by: str
    said: str
    result: str


@dataclass(frozen=True, slots=True)
class Part:
    """A direction with its measures."""

    number: str
    title: str
    lines: tuple[ReportLine, ...]

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """Measures by how they stood."""
        return Counter(line.outcome for line in self.lines)


@dataclass(frozen=True, slots=True)
class Report:
    """The whole."""

    title: str
    order_no: str
    order_date: date | None
    version: int
    on: date
    made: datetime
    parts: tuple[Part, ...]

    @property
    def total(self) -> int:
        """Measures in all."""
        return sum(len(part.lines) for part in self.parts)

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """Measures by how they stood."""
        found: Counter[Outcome] = Counter()
        for part in self.parts:
            found.update(part.counts)
        return found


async def report(
    session: AsyncSession, scope: Scope, roadmap_id: int, *, on: date, today: date, now: datetime, zone: ZoneInfo
) -> Report:
    """Measures within reach as of the evening of ``on``; a fixed number of queries."""
    scope.require(Right.roadmap_see)
    plan = await session.get(Roadmap, roadmap_id)
    if plan is None:
        raise NotFound()
    rows = (
        await session.execute(
            select(Measure, RoadmapSection)
            .join(RoadmapSection, RoadmapSection.id == Measure.section_id)
            .where(Measure.roadmap_id == roadmap_id, Measure.dropped_at.is_(None), reach(scope, today))
            .order_by(RoadmapSection.place, Measure.place, Measure.id)
        )
    ).all()
    if not rows:
        raise NotFound()
    numbers = [measure.id for measure, _ in rows]
    days: dict[int, list[Occurrence]] = defaultdict(list)
    for row in await session.scalars(
        select(Occurrence)
        .where(Occurrence.measure_id.in_(numbers), Occurrence.state != OccurrenceState.cancelled)
        .order_by(Occurrence.due, Occurrence.id)
    ):
        days[row.measure_id].append(row)
    asked = set(
        await session.scalars(
            select(DateQuestion.measure_id).where(
                DateQuestion.measure_id.in_(numbers), DateQuestion.state == QuestionState.open
            )
        )
    )
    proofs = await _proofs(session, numbers)
    people = await circle(session, numbers, today=today)
    parts: dict[tuple[str, str], list[ReportLine]] = {}
    for measure, section in rows:
        day, outcome = stood(days[measure.id], measure.id in asked, on, zone)
        closed = day.closed_at.astimezone(zone).date() if day and day.closed_at else None
        evidence, checker = proofs.get(day.id, ("", "")) if day and closed and closed <= on else ("", "")
        parts.setdefault((section.number, section.title), []).append(
            ReportLine(
                measure.code, measure.title, people.bodies[measure.id],
                ", ".join(person.name for person in people.own[measure.id]),
                measure.deadline_own or measure.deadline, day.due if day else None, outcome,
                closed if closed and closed <= on else None, evidence, checker, day.said if day else "",
                measure.result,
            )
        )  # fmt: skip
    made = tuple(Part(number, title, tuple(lines)) for (number, title), lines in parts.items())
    return Report(plan.title, plan.order_no, plan.order_date, plan.version, on, now, made)


def stood(days: Sequence[Occurrence], asked: bool, on: date, zone: ZoneInfo) -> tuple[Occurrence | None, Outcome]:
    """The day that tells how a measure stood: the oldest late one, else the last that had come, else the next."""
    real = [day for day in days if day.kind is OccurrenceKind.due]
    found = [(day, _outcome(day, on, zone)) for day in real]
    late = next((pair for pair in found if pair[1] is Outcome.late), None)
    if late is not None:
        return late
    if asked and all(day.tentative for day in real if day.due > on) and not any(day.due <= on for day in real):
        return (real[0] if real else None), Outcome.nodate
    come = [pair for pair in found if pair[0].due <= on or pair[1] in (Outcome.done, Outcome.check)]
    if come:
        return come[-1]
    if found:
        return found[0]
    if asked:
        return None, Outcome.nodate
    words = [day for day in days if day.said]
    return (words[-1] if words else None), Outcome.lasting


def _outcome(day: Occurrence, on: date, zone: ZoneInfo) -> Outcome:
    closed = day.closed_at.astimezone(zone).date() if day.closed_at else None
    sent = day.sent_at.astimezone(zone).date() if day.sent_at else None
    if closed is not None and closed <= on:
        return Outcome.done if (sent or closed) <= day.due else Outcome.done_late
    waiting = day.state in (OccurrenceState.sent, OccurrenceState.closed)
    if waiting and sent is not None and sent <= on:
        return Outcome.check
    return Outcome.late if day.due < on and not day.tentative else Outcome.ahead


async def _proofs(session: AsyncSession, measures: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Day → (accepted evidence in words, who checked it)."""
    rows = await session.execute(
        select(
            MeasureEvidence.occurrence_id, MeasureEvidence.text, StoredFile.name, Person.last_name,
            Person.first_name, Person.middle_name,
        )
        .join(Occurrence, Occurrence.id == MeasureEvidence.occurrence_id)
        .outerjoin(StoredFile, StoredFile.id == MeasureEvidence.file_id)
        .outerjoin(Person, Person.id == MeasureEvidence.checked_by_id)
        .where(Occurrence.measure_id.in_(measures), MeasureEvidence.state == ProofState.accepted)
        .order_by(MeasureEvidence.id)
    )  # fmt: skip
    found: dict[int, tuple[str, str]] = {}
    for number, text, name, *who in rows:
        words = "; ".join(part for part in (text, name) if part)
        before = found.get(number)
        checker = " ".join(part for part in who if part)
        found[number] = (f"{before[0]}; {words}" if before else words, checker)
    return found
