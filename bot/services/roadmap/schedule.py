"""A deadline of a measure as its schedule: read by the grammar, unfolded into days, or a question to a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    DateQuestion,
    Measure,
    MeasureEvent,
    MeasureEvidence,
    Occurrence,
    OccurrenceKind,
    OccurrenceState,
    QuestionState,
    Roadmap,
)
from bot.rules import deadlines, roadmap
from bot.rules.deadlines import Deadline, Note

HORIZON = timedelta(days=400)
"""How far ahead days are written down; the daily job moves it."""

KEPT = timedelta(days=370)
"""A measure unfolded at least this far is left alone."""

ASK_AHEAD = timedelta(days=90)
"""A backstop nearer than this makes the question about its real date."""

TAKEN = "taken_over"
"""In a measure's schedule: from this day on its days are those of the next year's roadmap."""

UNTOUCHED = (OccurrenceState.open, OccurrenceState.cancelled)

Key = tuple[OccurrenceKind, date]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a phrase gives: days (start, due), the class, what has to be asked, sentences about it."""

    phrase: str
    kind: str | None
    days: tuple[tuple[date | None, date], ...]
    rrule: str | None
    tentative: bool
    doubtful: bool
    # What a person has to supply; None when the phrase says it all.
    ask: str | None
    notes: tuple[Note, ...]
    broken: bool

    @property
    def continuous(self) -> bool:
        """No day of its own, but a quarterly word."""
        return not self.days and self.ask is None and not self.broken


def read(phrase: str, year: int, *, until: date) -> Reading:
    """The phrase from the first day of the document's year to ``until``."""
    return _reading(deadlines.read(phrase, year, until=max(until, date(year, 12, 31))))


def _reading(found: Deadline) -> Reading:
    broken = bool(found.error or found.conflict) or found.kind is None
    days = () if broken else tuple(found.occurrences)
    ask = found.date_source
    if broken:
        ask = "reading"
    elif ask is None and not days and found.kind in ("by_plan", "on_request"):
        ask = "plan" if found.kind == "by_plan" else "request"
    elif ask is None and not days and found.kind not in ("continuous", "mixed"):
        ask = "reading"
    notes = [Note(f"deadline-class-{(found.kind or 'none').replace('_', '-')}"), *found.notes]
    notes += [note for note in (found.error, found.conflict) if note and note not in notes]
    if found.date_source:
        notes.append(Note(f"deadline-source-{found.date_source.replace('_', '-')}"))
    return Reading(
        found.phrase, found.kind, days, found.rrule, found.tentative, found.doubtful, ask, tuple(notes), broken
    )


def as_schedule(phrase: str, year: int) -> dict[str, Any]:
    """What the measure keeps of the reading; days live in their own table."""
    found = deadlines.read(phrase, year)
    reading = _reading(found)
    start, end = found.start, found.end
    if found.bounds_by_anchor:
        start, end = start or found.bounds_by_anchor[0], end or found.bounds_by_anchor[1]
    return {
        "phrase": phrase,
        "class": found.kind,
        "rrule": found.rrule,
        "start": start.isoformat() if start else None,
        "end": end.isoformat() if end else None,
        "ask": reading.ask,
        "offset": found.offset,
        "tentative": found.tentative,
        "doubtful": found.doubtful,
        "broken": reading.broken,
        "notes": [[note.key, note.args] for note in reading.notes],
        # Days that people have named: they outlive a new unfolding.
        "named": [],
    }


def notes_of(schedule: Mapping[str, Any]) -> list[Note]:
    """The sentences about a reading, for pages."""
    return [Note(str(key), dict(args)) for key, args in schedule.get("notes", [])]


def put(measure: Measure, year: int) -> None:
    """Read the deadline in force anew; named days stay."""
    kept = {name: measure.schedule[name] for name in ("named", TAKEN) if measure.schedule and name in measure.schedule}
    measure.schedule = {**as_schedule(measure.deadline_own or measure.deadline, year), **kept}
    measure.unfolded_until = None


async def unfold(session: AsyncSession, measure: Measure, plan: Roadmap, *, today: date, now: datetime) -> int:
    """Write down the days up to the horizon and the question that is due; how many days are new.

    Days that left the schedule are cancelled unless somebody has begun with them. Repeating it changes nothing.
    """
    until = today + HORIZON
    wanted = _wanted(measure, plan, until)
    rows = list(await session.scalars(select(Occurrence).where(Occurrence.measure_id == measure.id)))
    have: dict[Key, Occurrence] = {(row.kind, row.key): row for row in rows}
    # A day that was moved onto another day of the schedule stands for it.
    taken = {row.due for row in rows if row.due != row.key and row.state is not OccurrenceState.cancelled}
    proved = set(
        await session.scalars(
            select(MeasureEvidence.occurrence_id)
            .where(MeasureEvidence.occurrence_id.in_([row.id for row in rows]))
            .distinct()
        )
    )
    new = 0
    for key, (start, due, tentative) in wanted.items():
        row = have.get(key)
        if row is None and due not in taken:
            session.add(
                Occurrence(
                    measure_id=measure.id, kind=key[0], key=key[1], start=start, due=due, tentative=tentative,
                    state=OccurrenceState.open,
                )
            )  # fmt: skip
            new += 1
        elif row is not None and row.state is OccurrenceState.cancelled:
            row.state, row.start, row.due, row.tentative = OccurrenceState.open, start, due, tentative
            new += 1
    for key, row in have.items():
        if key not in wanted and row.state is OccurrenceState.open and row.id not in proved and not row.said:
            row.state = OccurrenceState.cancelled
    measure.unfolded_until = until
    await session.flush()
    await ask_if_due(session, measure, plan, today=today, now=now)
    return new


def _wanted(measure: Measure, plan: Roadmap, until: date) -> dict[Key, tuple[date | None, date, bool]]:
    """Key → (start, due, tentative) of every day the schedule gives."""
    if measure.dropped_at is not None:
        return {}
    since = plan.runs_since
    reading = read(measure.deadline_own or measure.deadline, plan.year, until=until)
    found: dict[Key, tuple[date | None, date, bool]] = {}
    for start, due in reading.days:
        if since <= due <= until:
            found[OccurrenceKind.due, due] = (start, due, reading.tentative or reading.ask is not None)
    for raw in measure.schedule.get("named", []):
        day = date.fromisoformat(raw)
        found.setdefault((OccurrenceKind.due, day), (None, day, False))
    if reading.continuous:
        first = _day(measure.schedule.get("start")) or date(plan.year, 1, 1)
        last = _day(measure.schedule.get("end")) or until
        for day in roadmap.quarter_ends(max(first, since), min(last, until)):
            found[OccurrenceKind.word, day] = (None, day, False)
    ends = _day(measure.schedule.get(TAKEN))
    return {key: value for key, value in found.items() if ends is None or key[1] < ends}


async def ask_if_due(session: AsyncSession, measure: Measure, plan: Roadmap, *, today: date, now: datetime) -> bool:
    """Open the question about a date that only people know, when it is time for it. True when one was opened."""
    about = measure.schedule.get("ask")
    ends = _day(measure.schedule.get(TAKEN))
    if ends is not None and today >= ends:
        about = None
    standing = list(
        await session.scalars(
            select(DateQuestion).where(DateQuestion.measure_id == measure.id).order_by(DateQuestion.id.desc())
        )
    )
    still = [q for q in standing if q.state is QuestionState.open]
    if about is None or measure.dropped_at is not None:
        for question in still:
            question.state = QuestionState.dropped
        return False
    if still:
        still[0].about = about
        return False
    nearest = await session.scalar(
        select(func.min(Occurrence.due)).where(
            Occurrence.measure_id == measure.id,
            Occurrence.tentative,
            Occurrence.state == OccurrenceState.open,
            Occurrence.due >= today,
        )
    )
    answered = any(q.state is QuestionState.answered for q in standing)
    if answered and (nearest is None or nearest > today + ASK_AHEAD):
        return False
    first = today if nearest is None else max(today, nearest - ASK_AHEAD)
    session.add(DateQuestion(measure_id=measure.id, about=about, ask_on=max(first, plan.runs_since), created_at=now))
    await session.flush()
    return True


async def roll(session: AsyncSession, *, today: date, now: datetime, portion: int = 200) -> int:
    """Move the horizon of measures of running roadmaps; how many measures were looked at."""
    rows = await session.execute(
        select(Measure, Roadmap)
        .join(Roadmap, Roadmap.id == Measure.roadmap_id)
        .where(
            Roadmap.state == "running",
            Measure.dropped_at.is_(None),
            Measure.unfolded_until.is_(None) | (Measure.unfolded_until < today + KEPT),
        )
        .order_by(Measure.id)
        .limit(portion)
    )
    found = [(measure, plan) for measure, plan in rows]
    for measure, plan in found:
        await unfold(session, measure, plan, today=today, now=now)
    return len(found)


def note(
    session: AsyncSession,
    measure_id: int,
    kind: str,
    *,
    by_id: int | None,
    now: datetime,
    occurrence_id: int | None = None,
    **details: Any,
) -> None:
    """A line of the measure's history."""
    session.add(
        MeasureEvent(
            measure_id=measure_id, occurrence_id=occurrence_id, kind=kind, details=details, by_id=by_id, at=now
        )
    )


def days_of(reading: Reading, *, since: date, most: int = 12) -> Sequence[tuple[date | None, date]]:
    """The first days of a reading from ``since`` on, for a preview."""
    return [pair for pair in reading.days if pair[1] >= since][:most]


def _day(raw: str | None) -> date | None:
    return date.fromisoformat(raw) if raw else None
