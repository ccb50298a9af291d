"""What the people of a measure do: hand in, say how far it is, ask for another day, name a date."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    DateQuestion,
    Measure,
    MeasureEvidence,
    Occurrence,
    OccurrenceKind,
    OccurrenceState,
    ProofKind,
    ProofState,
    QuestionState,
    ReminderOf,
    Roadmap,
    RoadmapReminder,
)
from bot.rules import deadlines, roadmap
from bot.rules.roadmap import Days
from bot.services.access import Scope
from bot.services.roadmap import schedule
from bot.services.roadmap.people import require_own
from bot.services.roadmap.schedule import note

OPEN = (OccurrenceState.open, OccurrenceState.partly)
LONGEST = 1000
UNKNOWN_FOR = 14
"""Days of quiet after «пока неизвестна»."""

_link = re.compile(r"https?://\S+\.\S+", re.IGNORECASE)
_split = re.compile(r"\s*[,;\n]\s*|\s+[–—-]\s+")


@dataclass(frozen=True, slots=True)
class Handed:
    """What a person gives as evidence."""

    text: str = ""
    file_id: int | None = None
    photo: bool = False
    # Of a register of ours: what it was frozen of.
    snapshot: Mapping[str, Any] | None = None

    @property
    def kind(self) -> ProofKind:
        """A frozen register, a file, a picture, a link among the words, or words."""
        if self.snapshot is not None:
            return ProofKind.snapshot
        if self.file_id is not None:
            return ProofKind.photo if self.photo else ProofKind.file
        return ProofKind.link if _link.search(self.text) else ProofKind.text


async def own_day(session: AsyncSession, scope: Scope, occurrence_id: int, *, today: date) -> Occurrence:
    """A day of a measure the person answers for."""
    found = await session.get(Occurrence, occurrence_id)
    if found is None or found.state is OccurrenceState.cancelled:
        raise NotFound()
    await require_own(session, scope, found.measure_id, today=today)
    return found


async def hand_in(
    session: AsyncSession, scope: Scope, occurrence_id: int, given: Handed, *, today: date, now: datetime
) -> int:
    """Evidence for a day; from now on it waits for the second pair of eyes. The number of the evidence.

    UserError where it does not prove what the order names.
    """
    day = await own_day(session, scope, occurrence_id, today=today)
    if day.state is OccurrenceState.closed:
        raise UserError("error-roadmap-closed")
    measure = await session.get_one(Measure, day.measure_id)
    text = " ".join(given.text.split())[:LONGEST]
    if not text and given.file_id is None:
        raise UserError("error-needs-text")
    wrong = roadmap.lacks(measure.result_kind, given.kind.value, text)
    if wrong and day.kind is OccurrenceKind.due:
        raise UserError(f"error-roadmap-{wrong}")
    if given.snapshot is not None and (same := await _taken(session, day.id, given.snapshot)) is not None:
        return same
    evidence = MeasureEvidence(
        occurrence_id=day.id, kind=given.kind, text=text, file_id=given.file_id, by_id=scope.person_id, at=now,
        snapshot=dict(given.snapshot or {}),
    )  # fmt: skip
    session.add(evidence)
    day.state, day.sent_at, day.sent_by_id = OccurrenceState.sent, now, scope.person_id
    await session.flush()
    note(session, measure.id, "sent", by_id=scope.person_id, now=now, occurrence_id=day.id, evidence=evidence.id)
    return evidence.id


async def _taken(session: AsyncSession, occurrence_id: int, about: Mapping[str, Any]) -> int | None:
    """The snapshot of the same register and day that waits already: a press delivered twice is harmless."""
    await session.execute(select(Occurrence.id).where(Occurrence.id == occurrence_id).with_for_update())
    rows = await session.scalars(
        select(MeasureEvidence).where(
            MeasureEvidence.occurrence_id == occurrence_id,
            MeasureEvidence.kind == ProofKind.snapshot,
            MeasureEvidence.state == ProofState.waiting,
        )
    )
    mine = (about["register"], about["until"])
    return next((row.id for row in rows if (row.snapshot.get("register"), row.snapshot.get("until")) == mine), None)


async def take_back(session: AsyncSession, scope: Scope, occurrence_id: int, *, today: date, now: datetime) -> bool:
    """«Забрать»: what nobody has looked at yet. False when there is nothing to take back."""
    day = await own_day(session, scope, occurrence_id, today=today)
    taken = await session.execute(
        update(MeasureEvidence)
        .where(
            MeasureEvidence.occurrence_id == day.id,
            MeasureEvidence.state == ProofState.waiting,
            MeasureEvidence.by_id == scope.person_id,
        )
        .values(state=ProofState.withdrawn)
        .returning(MeasureEvidence.id)
    )
    if not taken.all():
        return False
    left = await session.scalar(still_waiting(day.id))
    if left is None and day.state is OccurrenceState.sent:
        day.state = OccurrenceState.partly if day.said else OccurrenceState.open
    note(session, day.measure_id, "withdrawn", by_id=scope.person_id, now=now, occurrence_id=day.id)
    return True


async def partly(
    session: AsyncSession, scope: Scope, occurrence_id: int, text: str, *, today: date, now: datetime
) -> Occurrence:
    """What is done so far; the day stays open. The quarterly word of a lasting measure closes by it."""
    day = await own_day(session, scope, occurrence_id, today=today)
    if day.state not in OPEN:
        raise UserError("error-roadmap-closed")
    said = " ".join(text.split())[:LONGEST]
    if not said:
        raise UserError("error-needs-text")
    day.said = said
    if day.kind is OccurrenceKind.word:
        day.state, day.closed_at, day.closed_by_id = OccurrenceState.closed, now, scope.person_id
    else:
        day.state = OccurrenceState.partly
    kind = "word" if day.kind is OccurrenceKind.word else "partly"
    note(session, day.measure_id, kind, by_id=scope.person_id, now=now, occurrence_id=day.id, text=said)
    return day


async def ask_move(
    session: AsyncSession, scope: Scope, occurrence_id: int, text: str, *, today: date, now: datetime
) -> Occurrence:
    """«20 декабря, ждём протокол»: asks for another day; until it is decided the old one holds."""
    day = await own_day(session, scope, occurrence_id, today=today)
    if day.state not in OPEN:
        raise UserError("error-roadmap-closed")
    to, reason = day_and_reason(text, today)
    if not reason:
        raise UserError("error-roadmap-reason")
    if to == day.due:
        raise UserError("error-roadmap-same-day")
    day.move_to, day.move_reason, day.move_by_id = to, reason[:LONGEST], scope.person_id
    note(
        session, day.measure_id, "move-asked", by_id=scope.person_id, now=now, occurrence_id=day.id,
        to=to.isoformat(), text=day.move_reason,
    )  # fmt: skip
    return day


def day_and_reason(text: str, today: date) -> tuple[date, str]:
    """The date at the beginning of a line and what follows it. UserError where it is not one exact day ahead."""
    parts = _split.split(text.strip(), maxsplit=1)
    day = exact_day(parts[0], today)
    return day, parts[1].strip() if len(parts) > 1 else ""


def names_a_day(text: str, today: date) -> bool:
    """True where a line begins with one exact day."""
    try:
        day_and_reason(text, today)
    except UserError:
        return False
    return True


def exact_day(text: str, today: date) -> date:
    """One day from today on, as people write it: «20 декабря», «20.12.2026», «до 20 декабря 2026 г.»."""
    bare = re.sub(r"^(\d{1,2}\.\d{1,2})\.?$", rf"\1.{today.year}", text.strip()[:80])
    for year in (today.year, today.year + 1):
        found = deadlines.read(bare, year)
        sure = not (found.error or found.conflict) and len(found.occurrences) == 1
        if not sure or found.kind != "by_date":
            raise UserError("error-roadmap-date")
        if found.occurrences[0][1] >= today:
            return found.occurrences[0][1]
    raise UserError("error-roadmap-past")


# --- questions about a date -----------------------------------------------------------------------


async def own_question(session: AsyncSession, scope: Scope, question_id: int, *, today: date) -> DateQuestion:
    """A question the person may answer: put to her, or about her measure."""
    found = await session.get(DateQuestion, question_id)
    if found is None:
        raise NotFound()
    if found.person_id is None or found.person_id != scope.person_id:
        await require_own(session, scope, found.measure_id, today=today)
    return found


async def name_date(
    session: AsyncSession, scope: Scope, question_id: int, day: date, *, days: Days, today: date, now: datetime
) -> date:
    """The date is known: it takes the place of this year's backstop, or becomes a day of its own. The due day.

    For «в течение 10 дней после …» the day named is that of the event.
    """
    question = await own_question(session, scope, question_id, today=today)
    if question.state is not QuestionState.open:
        raise UserError("error-roadmap-answered")
    measure = await session.get_one(Measure, question.measure_id)
    due = roadmap.after_event(day, measure.schedule.get("offset"), days)
    stand_in = await session.scalar(
        select(Occurrence)
        .where(
            Occurrence.measure_id == measure.id,
            Occurrence.tentative,
            Occurrence.state.in_(OPEN),
            Occurrence.key >= date(due.year, 1, 1),
            Occurrence.key <= date(due.year, 12, 31),
        )
        .order_by(Occurrence.key)
        .limit(1)
    )
    if stand_in is not None:
        stand_in.due, stand_in.tentative = due, False
        stand_in.start = stand_in.start if stand_in.start is not None and stand_in.start < due else None
        await forget_told(session, stand_in.id)
    else:
        named = list(measure.schedule.get("named", []))
        if due.isoformat() not in named:
            measure.schedule = {**measure.schedule, "named": [*named, due.isoformat()]}
    question.state, question.answer = QuestionState.answered, day
    question.answered_by_id, question.answered_at = scope.person_id, now
    note(session, measure.id, "date-named", by_id=scope.person_id, now=now, day=day.isoformat(), due=due.isoformat())
    await session.flush()
    plan = await session.get_one(Roadmap, measure.roadmap_id)
    await schedule.unfold(session, measure, plan, today=today, now=now)
    return due


async def unknown_yet(session: AsyncSession, scope: Scope, question_id: int, *, today: date, now: datetime) -> date:
    """«Пока неизвестна»: asked again in two weeks; the day of it."""
    question = await own_question(session, scope, question_id, today=today)
    if question.state is not QuestionState.open:
        raise UserError("error-roadmap-answered")
    question.ask_on = date.fromordinal(today.toordinal() + UNKNOWN_FOR)
    question.times += 1
    note(session, question.measure_id, "date-unknown", by_id=scope.person_id, now=now)
    return question.ask_on


async def other_knows(
    session: AsyncSession, scope: Scope, question_id: int, person_id: int | None, *, today: date, now: datetime
) -> None:
    """The question goes to another person, at the next reminder; None gives it back to the people of the measure."""
    question = await own_question(session, scope, question_id, today=today)
    if question.state is not QuestionState.open:
        raise UserError("error-roadmap-answered")
    question.person_id, question.ask_on = person_id, today
    note(session, question.measure_id, "date-other", by_id=scope.person_id, now=now, to=person_id)


async def forget_told(session: AsyncSession, occurrence_id: int) -> None:
    """A new day of the same term: its countdown begins anew."""
    await session.execute(
        delete(RoadmapReminder).where(
            RoadmapReminder.about == ReminderOf.occurrence, RoadmapReminder.object_id == occurrence_id
        )
    )


def still_waiting(occurrence_id: int) -> Select[int]:
    """Evidence of a day that nobody has looked at."""
    return (
        select(MeasureEvidence.id)
        .where(MeasureEvidence.occurrence_id == occurrence_id, MeasureEvidence.state == ProofState.waiting)
        .limit(1)
    )
