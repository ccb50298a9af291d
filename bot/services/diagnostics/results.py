"""Results as values: for the person herself, for those whose scope holds her (each look recorded)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from bot.errors import NotAllowed, NotFound, UserError
from bot.models import (
    Answer,
    Attempt,
    AttemptState,
    DeficitLevel,
    Employment,
    InstrumentKind,
    InstrumentVersion,
    Organisation,
    Person,
    Purpose,
)
from bot.models import GroupResult as Row
from bot.questions import KINDS, SCALE
from bot.rules import scoring
from bot.services import audit
from bot.services.access import Right, Scope
from bot.services.diagnostics.content import Content, Group, Item, content_of, fresh
from bot.services.diagnostics.taking import COUNTED


@dataclass(frozen=True, slots=True)
class GroupResult:
    """One group: percent of competence, level of DEFICIT, what is strong and where to begin."""

    group_id: int
    title: str
    pct: float | None
    sem: float | None
    level: DeficitLevel | None
    is_deficit: bool
    border: bool
    answered: int
    total: int
    strong: tuple[str, ...]
    growth: tuple[str, ...]
    slug: str = ""


@dataclass(frozen=True, slots=True)
class Growth:
    """A growth point: the statement, shortly, its group and the answer given."""

    item_id: int
    text: str
    short: str
    group: str
    answer: str


@dataclass(frozen=True, slots=True)
class Result:
    """A finished attempt."""

    attempt_id: int
    person_id: int
    content: Content
    purpose: Purpose
    finished_at: datetime
    total_pct: float | None
    groups: tuple[GroupResult, ...]
    growth: tuple[Growth, ...]
    best: tuple[str, ...]

    def with_level(self, level: DeficitLevel) -> list[GroupResult]:
        """Groups of a level, most mastered first; for the highest deficit the lowest first."""
        found = [group for group in self.groups if group.level is level]
        sign = 1 if level is DeficitLevel.high else -1
        return sorted(found, key=lambda group: sign * (group.pct or 0))


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same groups of two attempts of one version, or of two parallel forms of a test."""

    before: Result
    after: Result
    changes: Mapping[int, scoring.Change]


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """A finished attempt in a list."""

    attempt_id: int
    title: str
    purpose: Purpose
    finished_at: datetime
    total_pct: float | None


async def own_result(session: AsyncSession, person_id: int, attempt_id: int) -> Result:
    """A result of one's own; another's looks as if it never was."""
    attempt = await _attempt(session, attempt_id)
    if attempt is None or attempt.person_id != person_id:
        raise NotFound()
    return await _result(session, attempt)


async def latest(session: AsyncSession, person_id: int, *, counted_only: bool = False) -> Result | None:
    """The newest result of a person."""
    statement = (
        select(Attempt.id)
        .where(Attempt.person_id == person_id, Attempt.state == AttemptState.finished)
        .order_by(Attempt.finished_at.desc(), Attempt.id.desc())
        .limit(1)
    )
    if counted_only:
        statement = statement.where(Attempt.purpose.in_(COUNTED))
    attempt_id = await session.scalar(statement)
    if attempt_id is None:
        return None
    attempt = await _attempt(session, attempt_id)
    return await _result(session, attempt) if attempt else None


async def history(session: AsyncSession, person_id: int, *, counted_only: bool = False) -> list[HistoryLine]:
    """Finished attempts, newest first."""
    statement = (
        select(Attempt)
        .where(Attempt.person_id == person_id, Attempt.state == AttemptState.finished)
        .order_by(Attempt.finished_at.desc(), Attempt.id.desc())
        .limit(100)
    )
    if counted_only:
        statement = statement.where(Attempt.purpose.in_(COUNTED))
    lines: list[HistoryLine] = []
    for attempt in await session.scalars(statement):
        content = await content_of(session, attempt.version_id)
        assert attempt.finished_at is not None
        lines.append(HistoryLine(attempt.id, content.title, attempt.purpose, attempt.finished_at, attempt.total_pct))
    return lines


async def compare(session: AsyncSession, person_id: int, *, counted_only: bool = False) -> Comparison | None:
    """The newest result against the one before it of the same version; None when there is no pair."""
    after = await latest(session, person_id, counted_only=counted_only)
    if after is None:
        return None
    same = Attempt.version_id == after.content.version_id
    if after.content.kind is InstrumentKind.test_key and after.content.form:
        forms = select(InstrumentVersion.id).where(InstrumentVersion.instrument_id == after.content.instrument_id)
        same = Attempt.version_id.in_(forms)
    statement = (
        select(Attempt.id)
        .where(
            Attempt.person_id == person_id,
            Attempt.state == AttemptState.finished,
            same,
            Attempt.finished_at < after.finished_at,
        )
        .order_by(Attempt.finished_at.desc(), Attempt.id.desc())
        .limit(1)
    )
    if counted_only:
        statement = statement.where(Attempt.purpose.in_(COUNTED))
    attempt_id = await session.scalar(statement)
    attempt = await _attempt(session, attempt_id) if attempt_id is not None else None
    if attempt is None:
        return None
    before = await _result(session, attempt)
    return Comparison(before, after, changes_between(before, after))


def changes_between(before: Result, after: Result) -> dict[int, scoring.Change]:
    """What changed by group of the later result, where both are known."""
    old = {group.slug: group for group in before.groups}
    return {
        new.group_id: scoring.change(was.pct, was.sem or 0, new.pct, new.sem or 0)
        for new in after.groups
        if (was := old.get(new.slug)) is not None and was.pct is not None and new.pct is not None
    }


async def results_of(
    session: AsyncSession, scope: Scope, person_id: int, *, now: datetime, where: str = "admin"
) -> list[Result]:
    """Counted results of a person within the scope, newest first; the look is recorded.

    Raises NotAllowed outside the scope. Attempts «для себя» are never here.
    """
    await _require(session, scope, Right.results_see, person_id, now=now)
    rows = await session.scalars(
        select(Attempt)
        .where(Attempt.person_id == person_id, Attempt.state == AttemptState.finished, Attempt.purpose.in_(COUNTED))
        .order_by(Attempt.finished_at.desc(), Attempt.id.desc())
        .limit(20)
    )
    results = [await _result(session, attempt) for attempt in rows]
    if results:
        await audit.viewed(session, scope, person_id, "results", right=Right.results_see, now=now, where=where)
    return results


async def answers_of(
    session: AsyncSession, scope: Scope, person_id: int, attempt_id: int, *, reason: str, now: datetime
) -> Sequence[tuple[str, str, str]]:
    """Item answers (group, statement, answer) with a reason that the person can read; recorded.

    Raises UserError without a reason, NotAllowed outside the scope.
    """
    await _require(session, scope, Right.answers_see, person_id, now=now)
    if len(reason.strip()) < 5:
        raise UserError("diagnostics-reason-needed")
    attempt = await _attempt(session, attempt_id)
    if attempt is None or attempt.person_id != person_id or attempt.purpose not in COUNTED:
        raise NotFound()
    content = await content_of(session, attempt.version_id)
    told = await _told(session, attempt, content)
    await audit.viewed(session, scope, person_id, "answers", right=Right.answers_see, now=now, object_id=attempt_id)
    audit.changed(
        session, scope, "attempt", attempt_id, "answers-opened", now=now, after={"reason": reason.strip()[:200]}
    )
    return [
        (content.group_of(item).title, item.wording(attempt.audience), told.get(item.id) or "—")
        for item in content.items
    ]


async def _require(session: AsyncSession, scope: Scope, right: Right, person_id: int, *, now: datetime) -> None:
    today = now.date()
    statement = scope.limit(
        select(Person.id)
        .outerjoin(Employment, (Employment.person_id == Person.id) & Employment.is_main & Employment.until.is_(None))
        .outerjoin(Organisation, Organisation.id == Employment.organisation_id)
        .where(Person.id == person_id)
        .limit(1),
        right,
        person=Person.id,
        organisation=Organisation.id,
        municipality=Organisation.municipality_id,
        today=today,
    )
    if await session.scalar(statement) is None:
        raise NotAllowed()


async def _attempt(session: AsyncSession, attempt_id: int) -> Attempt | None:
    found: Attempt | None = await session.scalar(
        select(Attempt).where(Attempt.id == attempt_id, Attempt.state == AttemptState.finished)
    )
    return found


async def _told(session: AsyncSession, attempt: Attempt, content: Content) -> dict[int, str]:
    """Every answer in words; a task with its points, so that a look needs no key."""
    told: dict[int, str] = {}
    for row in await session.scalars(select(Answer).where(Answer.attempt_id == attempt.id)):
        item = content.by_id[row.item_id]
        if item.kind == SCALE:
            told[item.id] = _label(content, row.value)
        elif row.given:
            points = f"{row.points or 0:g} / {item.max_points:g}".replace(".", ",")
            told[item.id] = f"{KINDS[item.kind].told(item, row.given)} ({points})"
    return told


async def _result(session: AsyncSession, attempt: Attempt) -> Result:
    content = await fresh(session, await content_of(session, attempt.version_id))
    answers = {row.item_id: row for row in await session.scalars(select(Answer).where(Answer.attempt_id == attempt.id))}
    rows = {
        row.group_id: row
        for row in await session.scalars(select(Row).where(Row.attempt_id == attempt.id).options(joinedload(Row.group)))
    }
    groups: list[GroupResult] = []
    growth: list[Growth] = []
    for group in content.groups:
        row = rows.get(group.id)
        if row is None:  # A result from elsewhere knows only some groups.
            continue
        low, strong = _weak_and_strong(content, group, answers)
        groups.append(
            GroupResult(
                group_id=group.id,
                title=group.title,
                pct=row.pct,
                sem=row.sem,
                level=row.deficit_level,
                is_deficit=row.is_deficit,
                border=row.pct is not None and scoring.on_border(row.pct, row.sem or 0, content.cuts),
                answered=row.answered,
                total=row.total,
                strong=tuple(item.short for item in strong),
                growth=tuple(item.short for item in low),
                slug=group.slug,
            )
        )
        growth += [
            Growth(
                item.id, _growth_text(item, attempt), item.short, group.title, _label(content, answers[item.id].value)
            )
            for item in low
        ]
    order = {group.group_id: group.pct if group.pct is not None else 101 for group in groups}
    growth.sort(key=lambda point: order[content.by_id[point.item_id].group_id])
    ranked = sorted(
        ((found.points, content.by_id[found.item_id]) for found in answers.values() if found.points is not None),
        key=lambda pair: (-pair[0] / pair[1].max_points, pair[1].place),
    )
    assert attempt.finished_at is not None
    return Result(
        attempt_id=attempt.id,
        person_id=attempt.person_id,
        content=content,
        purpose=attempt.purpose,
        finished_at=attempt.finished_at,
        total_pct=attempt.total_pct,
        groups=tuple(groups),
        growth=tuple(growth),
        best=tuple(item.short for _, item in ranked[:2]),
    )


def _weak_and_strong(content: Content, group: Group, answers: Mapping[int, Answer]) -> tuple[list[Item], list[Item]]:
    """Where to begin, in order; what is well, best first."""
    if content.kind is InstrumentKind.self_likert:
        given = {item: row.value for item, row in answers.items()}
        low = [item for item in group.items if (value := given.get(item.id)) is not None and value <= scoring.GROWTH]
        return low, [content.by_id[number] for number in scoring.strengths(given, group.item_ids)]
    points = {item: row.points or 0.0 for item, row in answers.items()}
    low = [item for item in group.items if item.id in points and points[item.id] < item.max_points / 2]
    return low, [item for item in group.items if points.get(item.id, 0.0) >= item.max_points - 1e-9]


def _growth_text(item: Item, attempt: Attempt) -> str:
    """A statement in full; of a task only what it is about: its text belongs to the next person who takes it."""
    return item.wording(attempt.audience) if item.kind == SCALE else item.short


def _label(content: Content, value: int | None) -> str:
    return content.scale[value - 1] if value and content.scale else "—"
