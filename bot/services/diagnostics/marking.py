"""Cases and observations: handed in or begun, marked by criteria within the scope, each look recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, NotFound, UserError
from bot.models import (
    Answer,
    Attempt,
    AttemptState,
    Employment,
    Instrument,
    InstrumentKind,
    InstrumentVersion,
    Organisation,
    Person,
    PersonState,
    Purpose,
    StoredFile,
    Submission,
    VersionState,
)
from bot.questions import KINDS
from bot.services import audit, search
from bot.services.access import Right, Scope
from bot.services.diagnostics.content import Content, Item, content_of
from bot.services.diagnostics.finishing import close
from bot.services.diagnostics.taking import WRITE, state_of
from bot.services.people import PERSON

LONGEST = 6000
"""Characters of a typed answer to a case."""

SHORTEST = 20


@dataclass(frozen=True, slots=True)
class Waiting:
    """A work or a sheet that waits for marks."""

    attempt_id: int
    person: str
    title: str
    kind: InstrumentKind
    since: datetime
    rater_id: int | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is marked and how far: ``marks`` are numbers of levels by item, None for a line left out."""

    attempt_id: int
    person_id: int
    person: str
    content: Content
    text: str
    file_id: int | None
    file_name: str
    marks: dict[int, int | None]
    rater_id: int | None

    @property
    def next(self) -> Item | None:
        """The first criterion without a mark."""
        return next((item for item in self.content.items if item.id not in self.marks), None)


@dataclass(frozen=True, slots=True)
class Choice:
    """A person or an instrument to choose from."""

    id: int
    title: str
    place: str = ""


async def submit(
    session: AsyncSession, person_id: int, *, text: str = "", file_id: int | None = None, now: datetime
) -> int:
    """Hand in the open case. Raises UserError for an answer that is too short, NotFound when none is open."""
    step = await state_of(session, person_id)
    if step is None or step.content.kind is not InstrumentKind.case_rubric:
        raise NotFound()
    text = text.replace("\x00", "").strip()[:LONGEST]
    if file_id is None and len(text) < SHORTEST:
        raise UserError("diagnostics-case-short")
    moved = await session.scalar(
        update(Attempt)
        .where(Attempt.id == step.attempt_id, Attempt.state == AttemptState.open)
        .values(state=AttemptState.waiting, touched_at=now)
        .returning(Attempt.id)
    )
    if moved is None:
        raise NotFound()
    session.add(Submission(attempt_id=step.attempt_id, text=text, file_id=file_id, submitted_at=now))
    await session.flush()
    return step.attempt_id


async def waiting(
    session: AsyncSession, scope: Scope, *, today: date, page: int = 0, size: int = 5, person_id: int | None = None
) -> tuple[list[Waiting], int]:
    """Works within the scope that wait for marks, the oldest first; a page of them and how many there are."""
    if not scope.may(Right.results_mark):
        return [], 0
    among = _within(scope, today).where(Attempt.state == AttemptState.waiting)
    if person_id is not None:
        among = among.where(Attempt.person_id == person_id)
    total = await session.scalar(select(func.count()).select_from(among.subquery()))
    p = Person
    rows = await session.execute(
        select(
            Attempt.id, p.last_name, p.first_name, p.middle_name, Instrument.title, Instrument.kind,
            Attempt.touched_at, Attempt.rater_id,
        )
        .join(p, p.id == Attempt.person_id)
        .join(InstrumentVersion, InstrumentVersion.id == Attempt.version_id)
        .join(Instrument, Instrument.id == InstrumentVersion.instrument_id)
        .where(Attempt.id.in_(among))
        .order_by(Attempt.touched_at, Attempt.id)
        .offset(page * size)
        .limit(size)
    )  # fmt: skip
    lines = [
        Waiting(number, _name(last, first, middle), title, kind, since, rater)
        for number, last, first, middle, title, kind, since, rater in rows
    ]
    return lines, int(total or 0)


async def sheet(session: AsyncSession, scope: Scope, attempt_id: int, *, now: datetime, where: str = "chat") -> Sheet:
    """A work with its marks so far; the look is recorded. NotFound outside the scope or when it is closed."""
    attempt = await _attempt(session, scope, attempt_id, now=now)
    person = await session.get_one(Person, attempt.person_id)
    submission = await session.get(Submission, attempt_id)
    file = await session.get(StoredFile, submission.file_id) if submission and submission.file_id else None
    rows = await session.execute(select(Answer.item_id, Answer.given).where(Answer.attempt_id == attempt_id))
    marks = {row.item_id: int(row.given[0]) if row.given else None for row in rows}
    what = "observation" if submission is None else "case"
    await audit.viewed(
        session, scope, person.id, what, right=Right.results_mark, now=now, object_id=attempt_id, where=where
    )
    return Sheet(
        attempt_id=attempt_id,
        person_id=person.id,
        person=person.full_name,
        content=await content_of(session, attempt.version_id),
        text=submission.text if submission else "",
        file_id=file.id if file else None,
        file_name=file.name if file else "",
        marks=marks,
        rater_id=attempt.rater_id,
    )


async def mark(
    session: AsyncSession, scope: Scope, attempt_id: int, item_id: int, level: int | None, *, now: datetime
) -> None:
    """Write the level of one criterion (from 1), None leaves it out. Whoever marks first keeps the work.

    Raises UserError when somebody else is marking it or the level is none of the criterion's.
    """
    attempt = await _attempt(session, scope, attempt_id, now=now)
    content = await content_of(session, attempt.version_id)
    item = content.by_id.get(item_id)
    if item is None or (level is not None and not 1 <= level <= len(item.options)):
        raise UserError("error-stale")
    if attempt.rater_id not in (None, scope.person_id):
        raise UserError("diagnostics-marking-other")
    attempt.rater_id, attempt.touched_at = scope.person_id, now
    given = None if level is None else [level]
    await session.flush()
    await session.execute(
        WRITE[session.get_bind().dialect.name],
        {
            "attempt_id": attempt_id,
            "item_id": item_id,
            "value": None,
            "given": given,
            "points": None if given is None else KINDS[item.kind].points(item, given),
            "answered_at": now,
        },
    )


async def unmark(session: AsyncSession, scope: Scope, attempt_id: int, *, now: datetime) -> None:
    """Take the last mark back («Назад»)."""
    attempt = await _attempt(session, scope, attempt_id, now=now)
    if attempt.rater_id not in (None, scope.person_id):
        raise UserError("diagnostics-marking-other")
    content = await content_of(session, attempt.version_id)
    marked = set(await session.scalars(select(Answer.item_id).where(Answer.attempt_id == attempt_id)))
    last = next((item.id for item in reversed(content.items) if item.id in marked), None)
    if last is not None:
        await session.execute(delete(Answer).where(Answer.attempt_id == attempt_id, Answer.item_id == last))


async def complete(
    session: AsyncSession,
    scope: Scope,
    attempt_id: int,
    *,
    now: datetime,
    on: date,
    comment: str = "",
    where: str = "chat",
) -> int:
    """Close the work: results, fact, trace. The person's id; a second time changes nothing.

    Raises UserError while a criterion has no mark.
    """
    attempt = await _attempt(session, scope, attempt_id, now=now)
    if attempt.rater_id not in (None, scope.person_id):
        raise UserError("diagnostics-marking-other")
    content = await content_of(session, attempt.version_id)
    marked = set(await session.scalars(select(Answer.item_id).where(Answer.attempt_id == attempt_id)))
    if any(item.id not in marked for item in content.items):
        raise UserError("diagnostics-marking-not-all")
    attempt.rater_id = scope.person_id
    submission = await session.get(Submission, attempt_id)
    if submission is not None:
        submission.comment = comment.replace("\x00", "").strip()[:1000]
    await session.flush()
    await close(
        session, attempt_id, content, attempt.purpose, attempt.person_id, now=now, on=on, state=AttemptState.waiting
    )
    audit.changed(session, scope, "attempt", attempt_id, "marked", now=now, where=where)
    return attempt.person_id


async def observe(
    session: AsyncSession, scope: Scope, person_id: int, instrument_id: int, *, now: datetime, today: date
) -> int:
    """Begin a sheet about a person within the scope (or go on with one's own); the attempt's id."""
    await require_person(session, scope, person_id, today=today)
    version_id = await session.scalar(
        select(InstrumentVersion.id)
        .join(Instrument)
        .where(Instrument.id == instrument_id, Instrument.kind == InstrumentKind.observation, *_on_offer())
        .order_by((InstrumentVersion.state == VersionState.verified).desc(), InstrumentVersion.number.desc())
        .limit(1)
    )
    if version_id is None:
        raise NotFound()
    mine = await session.scalar(
        select(Attempt.id).where(
            Attempt.person_id == person_id,
            Attempt.version_id == version_id,
            Attempt.state == AttemptState.waiting,
            Attempt.rater_id == scope.person_id,
        )
    )
    if mine is not None:
        return int(mine)
    attempt = Attempt(
        person_id=person_id,
        version_id=version_id,
        purpose=Purpose.official,
        state=AttemptState.waiting,
        rater_id=scope.person_id,
        started_at=now,
        touched_at=now,
    )
    session.add(attempt)
    await session.flush()
    return attempt.id


async def drop(session: AsyncSession, scope: Scope, attempt_id: int, *, now: datetime) -> None:
    """Throw away a sheet of one's own that was begun by mistake; a work of a teacher stays."""
    attempt = await _attempt(session, scope, attempt_id, now=now)
    if attempt.rater_id != scope.person_id or await session.get(Submission, attempt_id) is not None:
        raise NotAllowed()
    await session.execute(delete(Answer).where(Answer.attempt_id == attempt_id))
    attempt.state, attempt.touched_at = AttemptState.abandoned, now
    await session.flush()


async def sheets(session: AsyncSession, scope: Scope) -> list[Choice]:
    """Observation sheets on offer."""
    scope.require(Right.results_mark)
    rows = await session.execute(
        select(Instrument.id, Instrument.title)
        .where(
            Instrument.kind == InstrumentKind.observation,
            Instrument.id.in_(select(InstrumentVersion.instrument_id).where(*_on_offer())),
        )
        .order_by(Instrument.title)
        .limit(5)
    )
    return [Choice(*row) for row in rows]


async def find_people(session: AsyncSession, scope: Scope, query: str, *, today: date, limit: int = 5) -> list[Choice]:
    """People within the scope whose name is like the words."""
    scope.require(Right.results_mark)
    among = _people(scope, today)
    found = [number for number, _ in await search.find(session, PERSON, query, limit=limit, among=among)]
    e, o = Employment, Organisation
    rows = await session.execute(
        select(Person, o.short_name)
        .outerjoin(e, (e.person_id == Person.id) & e.is_main & e.until.is_(None))
        .outerjoin(o, o.id == e.organisation_id)
        .where(Person.id.in_(found))
    )
    made = {person.id: Choice(person.id, person.full_name, place or "") for person, place in rows}
    return [made[number] for number in found if number in made]


async def require_person(session: AsyncSession, scope: Scope, person_id: int, *, today: date) -> None:
    """Raise NotAllowed unless the person is within the scope for marking."""
    if not scope.may(Right.results_mark):
        raise NotAllowed()
    if await session.scalar(_people(scope, today).where(Person.id == person_id)) is None:
        raise NotAllowed()


async def comment_of(session: AsyncSession, person_id: int, attempt_id: int) -> str:
    """What the methodist wrote about one's own work; empty for another's."""
    found = await session.scalar(
        select(Submission.comment)
        .join(Attempt, Attempt.id == Submission.attempt_id)
        .where(Attempt.id == attempt_id, Attempt.person_id == person_id)
    )
    return found or ""


async def file_for(session: AsyncSession, scope: Scope, attempt_id: int, *, now: datetime) -> StoredFile:
    """The file of a work within the scope. NotFound otherwise."""
    await _attempt(session, scope, attempt_id, now=now)
    submission = await session.get(Submission, attempt_id)
    file = await session.get(StoredFile, submission.file_id) if submission and submission.file_id else None
    if file is None:
        raise NotFound()
    return file


def _on_offer() -> tuple[ColumnElement[bool], ...]:
    return (
        InstrumentVersion.state.in_((VersionState.verified, VersionState.trial)),
        InstrumentVersion.published_at.is_not(None),
    )


def _people(scope: Scope, today: date) -> Select[int]:
    e, o = Employment, Organisation
    return scope.limit(
        select(Person.id)
        .outerjoin(e, (e.person_id == Person.id) & e.is_main & e.until.is_(None))
        .outerjoin(o, o.id == e.organisation_id)
        .where(Person.state == PersonState.active, Person.id != (scope.person_id or 0)),
        Right.results_mark,
        person=Person.id,
        organisation=o.id,
        municipality=o.municipality_id,
        today=today,
    )


def _within(scope: Scope, today: date) -> Select[int]:
    return select(Attempt.id).where(Attempt.person_id.in_(_people(scope, today)))


async def _attempt(session: AsyncSession, scope: Scope, attempt_id: int, *, now: datetime) -> Attempt:
    if not scope.may(Right.results_mark):
        raise NotAllowed()
    found: Attempt | None = await session.scalar(
        select(Attempt).where(
            Attempt.id == attempt_id,
            Attempt.state == AttemptState.waiting,
            Attempt.id.in_(_within(scope, now.date())),
        )
    )
    if found is None:
        raise NotFound("diagnostics-marking-gone")
    return found


def _name(last: str, first: str, middle: str) -> str:
    return " ".join(part for part in (last, first, middle) if part)
