"""Answering a test: keys are compared here, on the server, and points are written beside the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.models import (
    Answer,
    Attempt,
    AttemptState,
    Employment,
    EmploymentSubject,
    Instrument,
    InstrumentKind,
    InstrumentVersion,
    VersionState,
)
from bot.questions import KINDS, SCALE, NotUnderstood, Way
from bot.services.diagnostics import adaptive
from bot.services.diagnostics.content import Content, Item, content_of, version_of_item
from bot.services.diagnostics.finishing import close
from bot.services.diagnostics.taking import (
    ADVANCE,
    WRITE,
    Step,
    audience_of,
    closes_at,
    review,
    state_of,
)

OFFERED = 8
"""With the way back they are ten buttons."""


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A test or a case on offer."""

    instrument_id: int
    title: str
    kind: InstrumentKind


async def offers(session: AsyncSession, person_id: int) -> list[TaskLine]:
    """Tests and cases for a person: of her audience, of her subjects or of none."""
    audience = await audience_of(session, person_id)
    subjects = (
        select(EmploymentSubject.subject_slug)
        .join(Employment, Employment.id == EmploymentSubject.employment_id)
        .where(Employment.person_id == person_id, Employment.until.is_(None))
    )
    wanted = ("teacher", audience) if audience == "preschool" else (audience,)
    rows = await session.execute(
        select(Instrument.id, Instrument.title, Instrument.kind)
        .where(
            Instrument.kind.in_((InstrumentKind.test_key, InstrumentKind.case_rubric)),
            Instrument.audience.in_(wanted),
            or_(Instrument.subject == "", Instrument.subject.in_(subjects)),
            Instrument.id.in_(
                select(InstrumentVersion.instrument_id).where(
                    InstrumentVersion.state.in_((VersionState.verified, VersionState.trial)),
                    InstrumentVersion.published_at.is_not(None),
                )
            ),
        )
        .order_by(Instrument.subject == "", Instrument.kind.desc(), Instrument.title)
        .limit(OFFERED)
    )
    return [TaskLine(*row) for row in rows]


async def given_now(session: AsyncSession, step: Step) -> list[Any]:
    """What is chosen so far in the task on the screen; empty for every other question."""
    if step.item is None or step.item.kind == SCALE:
        return []
    found = await session.scalar(
        select(Answer.given).where(Answer.attempt_id == step.attempt_id, Answer.item_id == step.item.id)
    )
    return list(found or [])


async def choose(session: AsyncSession, person_id: int, item_id: int, raw: Any, *, now: datetime) -> Step | None:
    """A whole answer: a press, typed words, or what was picked. ``moved=False`` for another question.

    Raises UserError when it is no answer to this task.
    """
    step, item = await _at(session, person_id, item_id, now)
    if step is None or item is None:
        return step
    kind = KINDS[item.kind]
    try:
        given = kind.read(item, raw)
    except NotUnderstood as failure:
        raise UserError(str(failure)) from failure
    return await _advance(session, person_id, step, item, given, kind.points(item, given), now)


async def skip(session: AsyncSession, person_id: int, item_id: int, *, now: datetime) -> Step | None:
    """Leave a task without an answer; it counts nothing."""
    step, item = await _at(session, person_id, item_id, now)
    if step is None or item is None:
        return step
    return await _advance(session, person_id, step, item, None, None, now)


async def pick(session: AsyncSession, person_id: int, item_id: int, option: int, *, now: datetime) -> Step | None:
    """Turn one option on or off (several right), or put it next (order); the question stays."""
    step, item = await _at(session, person_id, item_id, now)
    if step is None or item is None:
        return step
    if KINDS[item.kind].way not in (Way.pick, Way.order) or not 1 <= option <= len(item.options):
        raise UserError("error-stale")
    chosen = await given_now(session, step)
    if option in chosen:
        # In an order what was put after it goes too: its place has changed.
        chosen = chosen[: chosen.index(option)] if item.kind == "order" else [n for n in chosen if n != option]
    else:
        chosen = [*chosen, option]
    await _write(session, step.attempt_id, item, chosen, None, now)
    await session.execute(update(Attempt).where(Attempt.id == step.attempt_id).values(touched_at=now))
    return step


async def confirm(session: AsyncSession, person_id: int, item_id: int, *, now: datetime) -> Step | None:
    """«Дальше»: what was picked is the answer."""
    step, item = await _at(session, person_id, item_id, now)
    if step is None or item is None:
        return step
    return await choose(session, person_id, item_id, await given_now(session, step), now=now)


async def told_of(session: AsyncSession, attempt_id: int, content: Content) -> dict[int, str]:
    """Answers in words, skipped ones as an empty string; item → words."""
    rows = await session.execute(select(Answer.item_id, Answer.given).where(Answer.attempt_id == attempt_id))
    told: dict[int, str] = {}
    for row in rows:
        item = content.by_id[row.item_id]
        told[row.item_id] = KINDS[item.kind].told(item, row.given) if row.given else ""
    return told


async def close_late(session: AsyncSession, *, now: datetime, on: date, limit: int = 50) -> int:
    """Close tests whose time is over and whose people have left: what was answered counts. How many."""
    longest = await session.scalar(
        select(func.max(InstrumentVersion.time_limit)).where(InstrumentVersion.time_limit.is_not(None))
    )
    if longest is None:
        return 0
    rows = await session.execute(
        select(Attempt.id, Attempt.person_id, Attempt.version_id, Attempt.purpose, Attempt.started_at)
        .join(InstrumentVersion, InstrumentVersion.id == Attempt.version_id)
        .where(Attempt.state == AttemptState.open, InstrumentVersion.time_limit.is_not(None))
        .where(Attempt.started_at <= now - timedelta(minutes=1))
        .order_by(Attempt.started_at)
        .limit(10 * limit)
    )
    closed = 0
    for row in rows.all():
        content = await content_of(session, row.version_id)
        until = closes_at(content, row.started_at)
        if until is None or until > now or closed >= limit:
            continue
        if await _nothing_given(session, row.id):
            await session.execute(delete(Answer).where(Answer.attempt_id == row.id))
            await session.execute(
                update(Attempt)
                .where(Attempt.id == row.id, Attempt.state == AttemptState.open)
                .values(state=AttemptState.abandoned, touched_at=now)
            )
        else:
            await close(session, row.id, content, row.purpose, row.person_id, now=now, on=on)
        closed += 1
    return closed


async def _nothing_given(session: AsyncSession, attempt_id: int) -> bool:
    given = await session.scalar(
        select(func.count()).select_from(Answer).where(Answer.attempt_id == attempt_id, Answer.points.is_not(None))
    )
    return not given


async def _at(session: AsyncSession, person_id: int, item_id: int, now: datetime) -> tuple[Step | None, Item | None]:
    """The open attempt and the task, if it is the one on the screen and there is time; else only the attempt."""
    version_id = await version_of_item(session, item_id)
    step = await state_of(session, person_id, version_id)
    if step is None or step.item is None or step.item.id != item_id or item_id not in step.content.by_id:
        return step, None
    if step.item.kind == SCALE or step.late(now) or step.content.kind is not InstrumentKind.test_key:
        return step, None
    return step, step.item


async def _advance(
    session: AsyncSession,
    person_id: int,
    step: Step,
    item: Item,
    given: Sequence[Any] | None,
    points: float | None,
    now: datetime,
) -> Step | None:
    to, asked = item.place + 1, None
    if step.asked is not None:
        done = await adaptive.answered(session, step.attempt_id, step.content)
        done[item.id] = adaptive.solved(item, points)
        to, asked = await adaptive.next_place(session, step.content, done), len(done)
    row = (
        await session.execute(
            ADVANCE,
            {
                "person": person_id,
                "version": step.content.version_id,
                "at": item.place,
                "to": to,
                "now": now,
            },
        )
    ).one_or_none()
    if row is None:  # Answered a moment ago from another chat.
        return await state_of(session, person_id, step.content.version_id)
    await _write(session, step.attempt_id, item, given, points, now)
    return Step(step.attempt_id, step.content, to, step.audience, step.purpose, until=step.until, asked=asked)


async def _write(
    session: AsyncSession, attempt_id: int, item: Item, given: Sequence[Any] | None, points: float | None, now: datetime
) -> None:
    value = given[0] if given and item.kind == "single" else None
    await session.execute(
        WRITE[session.get_bind().dialect.name],
        {
            "attempt_id": attempt_id,
            "item_id": item.id,
            "value": value,
            "given": list(given) if given else None,
            "points": points,
            "answered_at": now,
        },
    )


__all__ = [
    "TaskLine", "choose", "close_late", "confirm", "given_now", "offers", "pick", "review", "skip", "told_of",
]  # fmt: skip
