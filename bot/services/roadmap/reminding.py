"""Who is told what today: one message a person a day, every stage once, whatever happened in between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    DateQuestion,
    Measure,
    MeasureEvidence,
    MessageClass,
    Occurrence,
    OccurrenceKind,
    OccurrenceState,
    Person,
    PersonState,
    ProofState,
    QuestionState,
    ReminderOf,
    Roadmap,
    RoadmapReminder,
    RoadmapState,
)
from bot.rules import calendar, roadmap
from bot.rules.roadmap import Days, Stage
from bot.services import outbox
from bot.services.roadmap.people import Answering, Circle, circle
from bot.ui.screen import Screen

OPEN = (OccurrenceState.open, OccurrenceState.partly)
WORD = frozenset({Stage.before7, Stage.today})
"""Stages of a quarterly word: it is asked for, nobody is hurried."""

ROUGH = frozenset({Stage.before7, Stage.today})
"""Stages of a day that stands in for an unknown date."""

ASKED_FOR = timedelta(days=3)
"""A question stays put this long before its next date is set: whoever had a message already is asked tomorrow."""

LATEST_SCREENS = timedelta(days=5)
"""A digest that found no way in this time is stale; Monday's says all of it again."""

SpeakDigest = Callable[[str, "Digest"], Screen]
Told = set[tuple[int, ReminderOf, int, str]]
"""(person, about, object, stage) that were told or passed over."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing a person is told."""

    about: ReminderOf
    id: int
    stage: str
    measure_id: int
    title: str
    result: str
    bodies: str
    start: date | None = None
    due: date | None = None
    word: bool = False
    tentative: bool = False
    phrase: str = ""
    # Whose measure it is, where somebody above is told.
    person: str = ""
    # Stages that passed unsaid before this one.
    passed: tuple[str, ...] = ()

    @property
    def raised(self) -> bool:
        """True for the steps above the people of the measure."""
        return self.stage in (Stage.head, Stage.coordinator)


@dataclass(frozen=True, slots=True)
class Digest:
    """What one person is told on one day. ``weekly`` says how everything stands, not only what is new."""

    person: Answering
    today: date
    lines: tuple[Line, ...]
    weekly: bool

    @property
    def late(self) -> int:
        """Lines whose day has passed."""
        return sum(line.due is not None and line.due < self.today for line in self.lines)

    @property
    def undated(self) -> int:
        """Lines that ask for a date."""
        return sum(line.about is ReminderOf.question for line in self.lines)

    @property
    def soon(self) -> int:
        """Lines whose day is ahead."""
        return len(self.lines) - self.late - self.undated


@dataclass(frozen=True, slots=True)
class Open:
    """An open day with what is said of it."""

    id: int
    measure_id: int
    title: str
    result: str
    kind: OccurrenceKind
    start: date | None
    due: date
    tentative: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """An open question about a date."""

    id: int
    measure_id: int
    title: str
    phrase: str
    ask_on: date
    person_id: int | None


@dataclass(slots=True)
class Standing:
    """Everything that may be told, read once."""

    days: list[Open]
    questions: list[Asked]
    people: Circle
    named: dict[int, Answering]
    told: Told
    had_today: set[int] = field(default_factory=set)


async def standing(session: AsyncSession, *, today: date, ahead: int = 0) -> Standing:
    """Open days and questions near today, their people and what was told already."""
    far = today + timedelta(days=roadmap.FARTHEST + roadmap.LONGEST_REST + ahead)
    o = Occurrence
    rows = await session.execute(
        select(o.id, o.measure_id, Measure.title, Measure.result, o.kind, o.start, o.due, o.tentative)
        .join(Measure, Measure.id == o.measure_id)
        .join(Roadmap, Roadmap.id == Measure.roadmap_id)
        .where(
            o.state.in_(OPEN),
            or_(o.due <= far, o.start <= today + timedelta(days=ahead)),
            Roadmap.state == RoadmapState.running,
            Measure.dropped_at.is_(None),
        )
        .order_by(o.due, o.id)
    )
    days = [Open(*row) for row in rows]
    asked = await session.execute(
        select(
            DateQuestion.id, DateQuestion.measure_id, Measure.title, Measure.deadline_own, Measure.deadline,
            DateQuestion.ask_on, DateQuestion.person_id,
        )
        .join(Measure, Measure.id == DateQuestion.measure_id)
        .join(Roadmap, Roadmap.id == Measure.roadmap_id)
        .where(
            DateQuestion.state == QuestionState.open,
            DateQuestion.ask_on <= today + timedelta(days=ahead),
            Roadmap.state == RoadmapState.running,
            Measure.dropped_at.is_(None),
        )
        .order_by(DateQuestion.id)
    )  # fmt: skip
    questions = [
        Asked(number, measure_id, title, own or phrase, ask_on, person_id)
        for number, measure_id, title, own, phrase, ask_on, person_id in asked
    ]
    measures = {one.measure_id for one in days} | {one.measure_id for one in questions}
    people = await circle(session, measures, today=today)
    named = await _named(session, {q.person_id for q in questions if q.person_id is not None})
    return Standing(days, questions, people, named, await _told(session), await _had(session, today))


async def _named(session: AsyncSession, people: Collection[int]) -> dict[int, Answering]:
    rows = await session.scalars(select(Person).where(Person.id.in_(people), Person.state == PersonState.active))
    return {row.id: Answering(row.id, row.full_name, row.locale) for row in rows}


async def _told(session: AsyncSession) -> Told:
    """What was said about things that are still open."""
    r = RoadmapReminder
    by_day = select(r.person_id, r.about, r.object_id, r.stage).join(
        Occurrence, (Occurrence.id == r.object_id) & (r.about == ReminderOf.occurrence)
    )
    by_question = select(r.person_id, r.about, r.object_id, r.stage).join(
        DateQuestion, (DateQuestion.id == r.object_id) & (r.about == ReminderOf.question)
    )
    found: Told = set()
    for statement in (
        by_day.where(Occurrence.state.in_(OPEN)),
        by_question.where(DateQuestion.state == QuestionState.open),
    ):
        found |= {(person, about, number, stage) for person, about, number, stage in await session.execute(statement)}
    return found


async def _had(session: AsyncSession, today: date) -> set[int]:
    r = RoadmapReminder
    return set(await session.scalars(select(r.person_id).where(r.about == ReminderOf.digest, r.day == today)))


def digests(standing: Standing, *, today: date, days: Days) -> list[Digest]:
    """What each person is to be told today; nobody on a day off, nobody twice, nothing when there is nothing."""
    if not calendar.is_working(today, days):
        return []
    weekly = not any(calendar.is_working(today - timedelta(days=back), days) for back in range(1, today.isoweekday()))
    fresh: dict[int, list[Line]] = defaultdict(list)
    rest: dict[int, list[Line]] = defaultdict(list)
    people: dict[int, Answering] = {}

    def put(person: Answering, line: Line, *, new: bool) -> None:
        people[person.id] = person
        (fresh if new else rest)[person.id].append(line)

    # Many measures share their day: its stages are reckoned once.
    come: dict[tuple[date | None, date], tuple[list[Stage], list[Stage]]] = {}
    for one in standing.days:
        key = (one.start, one.due)
        if key not in come:
            come[key] = (roadmap.due_stages(one.start, one.due, today, days), roadmap.raised(one.due, today, days))
        _day(standing, one, today, *come[key], put)
    for question in standing.questions:
        stage = f"ask{question.ask_on}"
        line = Line(
            ReminderOf.question, question.id, stage, question.measure_id, question.title, "",
            standing.people.bodies[question.measure_id], phrase=question.phrase,
        )  # fmt: skip
        known = standing.named.get(question.person_id or 0)
        for person in [known] if known else standing.people.own[question.measure_id]:
            new = question.ask_on <= today and (person.id, line.about, line.id, stage) not in standing.told
            put(person, line, new=new)
    found = []
    for person_id in sorted(people):
        lines = fresh[person_id] + (rest[person_id] if weekly else [])
        if lines and person_id not in standing.had_today:
            found.append(Digest(people[person_id], today, tuple(_sorted(lines, today)), weekly))
    return found


def _day(
    standing: Standing, one: Open, today: date, come: list[Stage], up: list[Stage], put: Callable[..., None]
) -> None:
    if one.kind is OccurrenceKind.word or one.tentative:
        come, up = [stage for stage in come if stage in (WORD if one.kind is OccurrenceKind.word else ROUGH)], []
    own = standing.people.own[one.measure_id]
    soon = one.due <= today + timedelta(days=roadmap.SOON)
    for person in own:
        if come or soon:
            stages = tuple(stage.value for stage in come) or ("",)
            line = _line(standing, one, stages[-1], passed=stages[:-1])
            told = (person.id, line.about, line.id, line.stage) in standing.told
            put(person, line, new=bool(come) and not told)
    above = {Stage.head: standing.people.heads, Stage.coordinator: standing.people.coordinators}
    names = ", ".join(person.name for person in own)
    for stage in up:
        for person in above[stage][one.measure_id]:
            line = _line(standing, one, stage.value, person=names)
            if (person.id, line.about, line.id, line.stage) not in standing.told and person not in own:
                put(person, line, new=True)


def _line(standing: Standing, one: Open, stage: str, *, passed: tuple[str, ...] = (), person: str = "") -> Line:
    return Line(
        ReminderOf.occurrence, one.id, stage, one.measure_id, one.title, one.result,
        standing.people.bodies[one.measure_id], one.start, one.due, word=one.kind is OccurrenceKind.word,
        tentative=one.tentative, person=person, passed=passed,
    )  # fmt: skip


def _sorted(lines: Collection[Line], today: date) -> list[Line]:
    """The late first, then by day, questions last; a thing once."""
    unique = {(line.about, line.id): line for line in reversed(list(lines))}
    return sorted(unique.values(), key=lambda line: (line.due or date.max, line.about, line.id))


async def tell(session: AsyncSession, digest: Digest, speak: SpeakDigest, *, now: datetime) -> bool:
    """Write one digest and what it says into the ledger and the outbox at once; False when it is out of date.

    The unique keys of the ledger hold when two processes or a restart come to the same person.
    """
    person_id, day = digest.person.id, digest.today.toordinal()
    r = RoadmapReminder
    if await session.scalar(
        select(r.id).where(r.person_id == person_id, r.about == ReminderOf.digest, r.object_id == day, r.stage == "day")
    ):
        return False
    lines = await _still(session, digest.lines)
    if not lines:
        return False
    session.add(r(person_id=person_id, about=ReminderOf.digest, object_id=day, stage="day", day=digest.today, at=now))
    have = {
        (about, number, stage)
        for about, number, stage in await session.execute(
            select(r.about, r.object_id, r.stage).where(
                r.person_id == person_id, r.object_id.in_([line.id for line in lines])
            )
        )
    }
    for line in lines:
        for stage, told in (*((stage, False) for stage in line.passed), (line.stage, True)):
            if stage and (line.about, line.id, stage) not in have:
                session.add(
                    r(
                        person_id=person_id, about=line.about, object_id=line.id, stage=stage, day=digest.today,
                        told=told, at=now,
                    )
                )  # fmt: skip
    await session.flush()
    fresh = Digest(digest.person, digest.today, lines, digest.weekly)
    return await outbox.say(
        session,
        person_id,
        speak(digest.person.locale, fresh),
        message_class=MessageClass.staff,
        kind="roadmap-digest",
        dedupe=f"roadmap:{person_id}:{digest.today}",
        now=now,
        expires_at=now + LATEST_SCREENS,
    )


async def _still(session: AsyncSession, lines: Collection[Line]) -> tuple[Line, ...]:
    """Lines whose thing is still open: somebody may have answered since they were read."""
    days = [line.id for line in lines if line.about is ReminderOf.occurrence]
    asked = [line.id for line in lines if line.about is ReminderOf.question]
    rows = await session.execute(
        select(Occurrence.id, Occurrence.due).where(Occurrence.id.in_(days), Occurrence.state.in_(OPEN))
    )
    due = dict(rows.all())
    questions = set(
        await session.scalars(
            select(DateQuestion.id).where(DateQuestion.id.in_(asked), DateQuestion.state == QuestionState.open)
        )
    )
    return tuple(
        line
        for line in lines
        if (line.about is ReminderOf.question and line.id in questions)
        or (line.about is ReminderOf.occurrence and due.get(line.id) == line.due)
    )


async def ask_again(session: AsyncSession, *, today: date) -> int:
    """Set the next date of questions that were put some days ago and are still open."""
    rows = await session.scalars(
        select(DateQuestion).where(DateQuestion.state == QuestionState.open, DateQuestion.ask_on <= today - ASKED_FOR)
    )
    moved = 0
    for question in rows:
        put = await session.scalar(
            select(RoadmapReminder.id)
            .where(
                RoadmapReminder.about == ReminderOf.question,
                RoadmapReminder.object_id == question.id,
                RoadmapReminder.stage == f"ask{question.ask_on}",
            )
            .limit(1)
        )
        if put is not None:
            question.times += 1
            question.ask_on = max(roadmap.next_ask(question.times, question.ask_on), today)
            moved += 1
    return moved


async def forecast(session: AsyncSession, *, today: date, days: Days, ahead: int = 7) -> list[Digest]:
    """Who will be told what in the coming days, if nobody does anything."""
    known = await standing(session, today=today, ahead=ahead)
    found: list[Digest] = []
    for offset in range(ahead):
        day = today + timedelta(days=offset)
        made = digests(known, today=day, days=days)
        found += made
        for digest in made:
            for line in digest.lines:
                known.told |= {(digest.person.id, line.about, line.id, stage) for stage in (line.stage, *line.passed)}
        known.had_today = set()
    return found


async def waiting_checks(session: AsyncSession) -> int:
    """Evidence that nobody has looked at."""
    return int(
        await session.scalar(select(func.count(MeasureEvidence.id)).where(MeasureEvidence.state == ProofState.waiting))
        or 0
    )
