"""The second pair of eyes: evidence is accepted or returned, transfers are decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Row, Select, exists, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, NotFound, UserError
from bot.models import (
    Measure,
    MeasureEvidence,
    MeasurePart,
    MeasurePerson,
    MessageClass,
    Occurrence,
    OccurrenceState,
    Person,
    ProofKind,
    ProofState,
    StoredFile,
)
from bot.services import audit, outbox
from bot.services.access import Right, Scope
from bot.services.roadmap.doing import OPEN, forget_told, still_waiting
from bot.services.roadmap.people import checkers_of, may_check
from bot.services.roadmap.schedule import note
from bot.ui.screen import Screen

PAGE = 5


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing to look at: evidence of a day."""

    id: int
    occurrence_id: int
    measure_id: int
    code: str
    title: str
    result: str
    due: date
    kind: ProofKind
    text: str
    file_id: int | None
    file_name: str
    by_id: int | None
    by: str
    at: datetime
    state: ProofState


@dataclass(frozen=True, slots=True)
class Transfer:
    """Another day that somebody asks for."""

    occurrence_id: int
    measure_id: int
    code: str
    title: str
    due: date
    to: date
    reason: str
    by_id: int | None
    by: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be told, and to whom."""

    person_id: int | None
    locale: str
    occurrence_id: int
    title: str
    text: str = ""
    due: date | None = None


def checks(scope: Scope) -> ColumnElement[bool]:
    """Condition over ``Measure``: what this person may check: the appointed checker's, or everybody's by right.

    A measure with a checker of its own is the checker's and the head's only in lists; the right still opens it.
    """
    if may_check(scope):
        return true()
    return exists().where(
        MeasurePerson.measure_id == Measure.id,
        MeasurePerson.person_id == scope.person_id,
        MeasurePerson.part == MeasurePart.checker,
    )


async def queue(session: AsyncSession, scope: Scope, *, page: int = 0, size: int = PAGE) -> tuple[list[Waiting], int]:
    """Evidence that waits for this person, the oldest first; her own never."""
    condition = (
        MeasureEvidence.state == ProofState.waiting,
        or_(MeasureEvidence.by_id.is_(None), MeasureEvidence.by_id != scope.person_id),
        checks(scope),
    )
    total = await session.scalar(
        select(func.count())
        .select_from(MeasureEvidence)
        .join(Occurrence, Occurrence.id == MeasureEvidence.occurrence_id)
        .join(Measure, Measure.id == Occurrence.measure_id)
        .where(*condition)
    )
    rows = await session.execute(
        _waiting().where(*condition).order_by(MeasureEvidence.at, MeasureEvidence.id).limit(size).offset(page * size)
    )
    return [_as(row) for row in rows], int(total or 0)


async def evidence(session: AsyncSession, scope: Scope, evidence_id: int) -> Waiting:
    """One piece of evidence this person may check."""
    row = (await session.execute(_waiting().where(MeasureEvidence.id == evidence_id, checks(scope)))).one_or_none()
    if row is None:
        raise NotFound()
    return _as(row)


async def accept(session: AsyncSession, scope: Scope, evidence_id: int, *, now: datetime) -> Verdict:
    """The day is closed, with this evidence and a second name under it."""
    found, day = await _checked(session, scope, evidence_id)
    found.state, found.checked_by_id, found.checked_at = ProofState.accepted, scope.person_id, now
    # More of the same day needs no look of its own any more.
    await session.execute(
        update(MeasureEvidence)
        .where(
            MeasureEvidence.occurrence_id == day.id,
            MeasureEvidence.state == ProofState.waiting,
            MeasureEvidence.by_id != scope.person_id,
        )
        .values(state=ProofState.accepted, checked_by_id=scope.person_id, checked_at=now)
    )
    day.state, day.closed_at, day.closed_by_id = OccurrenceState.closed, now, scope.person_id
    day.move_to, day.move_reason, day.move_by_id = None, "", None
    note(session, day.measure_id, "accepted", by_id=scope.person_id, now=now, occurrence_id=day.id, evidence=found.id)
    audit.changed(session, scope, "measure_evidence", found.id, "accepted", now=now)
    return await _verdict(session, found.by_id, day, found.text)


async def give_back(session: AsyncSession, scope: Scope, evidence_id: int, comment: str, *, now: datetime) -> Verdict:
    """It does not prove the measure yet; the comment goes to whoever sent it."""
    comment = " ".join(comment.split())[:500]
    if not comment:
        raise UserError("error-needs-text")
    found, day = await _checked(session, scope, evidence_id)
    found.state, found.checked_by_id, found.checked_at = ProofState.returned, scope.person_id, now
    found.comment = comment
    await session.flush()
    left = await session.scalar(still_waiting(day.id))
    if left is None:
        day.state = OccurrenceState.partly if day.said else OccurrenceState.open
    note(
        session, day.measure_id, "returned", by_id=scope.person_id, now=now, occurrence_id=day.id,
        evidence=found.id, text=comment,
    )  # fmt: skip
    audit.changed(session, scope, "measure_evidence", found.id, "returned", now=now)
    return await _verdict(session, found.by_id, day, comment)


async def transfers(session: AsyncSession, scope: Scope) -> list[Transfer]:
    """Days somebody asks to move; one's own request is somebody else's to decide."""
    rows = await session.execute(
        select(
            Occurrence.id, Measure.id, Measure.code, Measure.title, Occurrence.due, Occurrence.move_to,
            Occurrence.move_reason, Occurrence.move_by_id, Person.last_name, Person.first_name, Person.middle_name,
        )
        .join(Measure, Measure.id == Occurrence.measure_id)
        .outerjoin(Person, Person.id == Occurrence.move_by_id)
        .where(
            Occurrence.move_to.is_not(None),
            Occurrence.state.in_(OPEN),
            or_(Occurrence.move_by_id.is_(None), Occurrence.move_by_id != scope.person_id),
            checks(scope),
        )
        .order_by(Occurrence.due, Occurrence.id)
    )  # fmt: skip
    found = []
    for number, measure_id, code, title, due, to, reason, by_id, *name in rows:
        assert to is not None
        by = " ".join(part for part in name if part)
        found.append(Transfer(number, measure_id, code, title, due, to, reason, by_id, by))
    return found


async def decide_move(
    session: AsyncSession, scope: Scope, occurrence_id: int, *, agree: bool, now: datetime
) -> Verdict:
    """The new day holds from now on, with a countdown of its own; or the old one stays."""
    day = await session.scalar(
        select(Occurrence)
        .join(Measure, Measure.id == Occurrence.measure_id)
        .where(Occurrence.id == occurrence_id, checks(scope))
    )
    if day is None:
        raise NotFound()
    if day.move_to is None or day.state not in OPEN:
        raise UserError("error-roadmap-decided")
    if day.move_by_id == scope.person_id:
        raise UserError("error-roadmap-own")
    by_id, before = day.move_by_id, day.due
    if agree:
        day.due = day.move_to
        if day.start is not None and day.start >= day.due:
            day.start = None
        await forget_told(session, day.id)
    note(
        session, day.measure_id, "moved" if agree else "not-moved", by_id=scope.person_id, now=now,
        occurrence_id=day.id, was=before.isoformat(), to=day.move_to.isoformat(), text=day.move_reason,
    )  # fmt: skip
    audit.changed(
        session, scope, "measure_occurrence", day.id, "moved" if agree else "not-moved", now=now,
        before={"due": before.isoformat()}, after={"due": day.due.isoformat()},
    )  # fmt: skip
    day.move_to, day.move_reason, day.move_by_id = None, "", None
    return await _verdict(session, by_id, day, "")


async def file_for(session: AsyncSession, scope: Scope, evidence_id: int) -> StoredFile:
    """The file of evidence, for its sender, whoever checks it, and whoever sees the whole roadmap."""
    found = await session.get(MeasureEvidence, evidence_id)
    if found is None or found.file_id is None:
        raise NotFound()
    if found.by_id != scope.person_id and not scope.may(Right.roadmap_check):
        await evidence(session, scope, evidence_id)
    return await session.get_one(StoredFile, found.file_id)


async def tell(session: AsyncSession, verdict: Verdict, screen: Screen, dedupe: str, *, now: datetime) -> None:
    """Send the verdict to whoever waits for it."""
    if verdict.person_id is not None:
        await outbox.say(
            session, verdict.person_id, screen, message_class=MessageClass.staff, kind="roadmap-verdict",
            dedupe=dedupe, now=now,
        )  # fmt: skip


async def call(
    session: AsyncSession, evidence_id: int, speak: Callable[[Waiting], Screen], *, today: date, now: datetime
) -> int:
    """Tell the second pair of eyes that evidence has come; once a day for each day of a measure. How many are told."""
    found = _as((await session.execute(_waiting().where(MeasureEvidence.id == evidence_id))).one())
    told = 0
    for person in await checkers_of(session, found.measure_id, sender=found.by_id, today=today):
        told += await outbox.say(
            session, person.id, speak(found), message_class=MessageClass.staff, kind="roadmap-check",
            dedupe=f"roadmap-check:{person.id}:{found.occurrence_id}:{today}", now=now,
        )  # fmt: skip
    return told


async def _checked(session: AsyncSession, scope: Scope, evidence_id: int) -> tuple[MeasureEvidence, Occurrence]:
    await evidence(session, scope, evidence_id)
    found = await session.get_one(MeasureEvidence, evidence_id, with_for_update=True)
    if found.by_id is not None and found.by_id == scope.person_id:
        raise NotAllowed("error-roadmap-own")
    if found.state is not ProofState.waiting:
        raise UserError("error-roadmap-decided")
    return found, await session.get_one(Occurrence, found.occurrence_id)


async def _verdict(session: AsyncSession, person_id: int | None, day: Occurrence, text: str) -> Verdict:
    title = await session.scalar(select(Measure.title).where(Measure.id == day.measure_id)) or ""
    locale = await session.scalar(select(Person.locale).where(Person.id == person_id)) or "ru"
    return Verdict(person_id, locale, day.id, title, text, day.due)


def _waiting() -> Select[MeasureEvidence, date, int, str, str, str, Person, str]:
    return (
        select(
            MeasureEvidence,
            Occurrence.due,
            Measure.id,
            Measure.code,
            Measure.title,
            Measure.result,
            Person,
            StoredFile.name,
        )
        .join(Occurrence, Occurrence.id == MeasureEvidence.occurrence_id)
        .join(Measure, Measure.id == Occurrence.measure_id)
        .outerjoin(Person, Person.id == MeasureEvidence.by_id)
        .outerjoin(StoredFile, StoredFile.id == MeasureEvidence.file_id)
    )


def _as(row: Row[MeasureEvidence, date, int, str, str, str, Person, str]) -> Waiting:
    found, due, measure_id, code, title, result, person, name = row
    return Waiting(
        found.id, found.occurrence_id, measure_id, code, title, result, due, found.kind, found.text, found.file_id,
        name or "", found.by_id, person.full_name if person else "", found.at, found.state,
    )  # fmt: skip
