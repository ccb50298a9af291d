"""The end of a questionnaire: answers become results and, where it counts, a fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.models import Answer, Attempt, AttemptState, FactKind, GroupResult, InstrumentKind, Messenger, Purpose
from bot.rules import scoring
from bot.services import facts, outbox
from bot.services.diagnostics import adaptive
from bot.services.diagnostics import content as contents
from bot.services.diagnostics.content import Content, Group
from bot.services.diagnostics.taking import COUNTED, answers, reminder, review, state_of


async def finish(session: AsyncSession, person_id: int, *, now: datetime, on: date) -> int | None:
    """Send the answers: results and, for a counted purpose, the fact. The attempt's id, None if nothing is open.

    Raises UserError while a question is unanswered, unless the time of the test is over.
    """
    step = await state_of(session, person_id)
    if step is None or step.content.kind is InstrumentKind.case_rubric:
        return None
    given = await review(session, step.attempt_id)
    missing = [item.id for item in step.content.items if item.id not in given]
    enough = step.asked is not None and step.item is None
    if missing and not enough and not step.late(now):
        raise UserError("diagnostics-not-all", buttons=(("button-continue", "diagnostics:resume"),))
    await close(session, step.attempt_id, step.content, step.purpose, person_id, now=now, on=on)
    return step.attempt_id


async def close(
    session: AsyncSession,
    attempt_id: int,
    content: Content,
    purpose: Purpose,
    person_id: int,
    *,
    now: datetime,
    on: date,
    state: AttemptState = AttemptState.open,
) -> bool:
    """An attempt in this state becomes a result; False when somebody else closed it a moment ago.

    What was not answered is written as skipped, so that every item has its row.
    """
    closed = await session.execute(
        update(Attempt)
        .where(Attempt.id == attempt_id, Attempt.state == state)
        .values(state=AttemptState.finished, finished_at=now, touched_at=now)
        .returning(Attempt.id)
    )
    if closed.one_or_none() is None:
        return False
    await outbox.take_back(session, reminder(attempt_id))
    rows = {
        row.item_id: (row.value, row.points)
        for row in await session.execute(
            select(Answer.item_id, Answer.value, Answer.points).where(Answer.attempt_id == attempt_id)
        )
    }
    missing = [item.id for item in content.items if item.id not in rows]
    if missing:
        await session.execute(
            insert(answers),
            [
                {"attempt_id": attempt_id, "item_id": item_id, "value": None, "points": None, "answered_at": now}
                for item_id in missing
            ],
        )
    shortened = await session.scalar(select(Attempt.adaptive).where(Attempt.id == attempt_id))
    await _write_results(session, attempt_id, content, rows, shortened=bool(shortened))
    if purpose in COUNTED:
        await facts.add(
            session,
            person_id,
            FactKind.diagnosed,
            occurred_on=on,
            source=("attempt", attempt_id),
            now=now,
            evidence={"version": content.version_id, "kind": content.kind.value},
        )
    return True


async def record_finished(
    session: AsyncSession,
    person_id: int,
    content: Content,
    given: Mapping[int, int | None],
    *,
    purpose: Purpose,
    started_at: datetime,
    finished_at: datetime,
    messenger: Messenger,
    audience: str = "teacher",
) -> int:
    """A whole attempt at once (demonstration, imports), by the same rules."""
    attempt = Attempt(
        person_id=person_id,
        version_id=content.version_id,
        purpose=purpose,
        state=AttemptState.finished,
        position=len(content.items),
        audience=audience,
        messenger=messenger,
        started_at=started_at,
        touched_at=finished_at,
        finished_at=finished_at,
    )
    session.add(attempt)
    await session.flush()
    await session.execute(
        insert(answers),
        [
            {
                "attempt_id": attempt.id,
                "item_id": item.id,
                "value": (value := given.get(item.id)),
                "points": None if value is None else value - 1,
                "answered_at": finished_at,
            }
            for item in content.items
        ],
    )
    rows = {item: (value, None if value is None else value - 1.0) for item, value in given.items()}
    await _write_results(session, attempt.id, content, rows)
    if purpose in COUNTED:
        await facts.add(
            session,
            person_id,
            FactKind.diagnosed,
            occurred_on=finished_at.date(),
            source=("attempt", attempt.id),
            now=finished_at,
            evidence={"version": content.version_id, "kind": content.kind.value},
        )
    return attempt.id


def score(content: Content, group: Group, rows: Mapping[int, tuple[int | None, float | None]]) -> scoring.GroupScore:
    """A group by the rule of its kind; ``rows`` are value and points by item."""
    if content.kind is InstrumentKind.self_likert:
        given = {item: value for item, (value, _) in rows.items()}
        return scoring.score_group(given, group.item_ids, content.cuts, known_sem=group.sem)
    points = {item: found for item, (_, found) in rows.items()}
    most = {item.id: item.max_points for item in group.items}
    return scoring.score_points(points, most, content.cuts, known_sem=group.sem)


async def _write_results(
    session: AsyncSession,
    attempt_id: int,
    content: Content,
    rows: Mapping[int, tuple[int | None, float | None]],
    *,
    shortened: bool = False,
) -> None:
    # Item analysis may have learnt the error since this process read the content.
    errors = await contents.known_errors(session, content.version_id)
    scored = [(group, score(content, replace(group, sem=errors.get(group.id)), rows)) for group in content.groups]
    plan = await adaptive.plan_of(session, content.version_id) if shortened else None
    if plan is not None:
        solved = {item_id: adaptive.solved(content.by_id[item_id], points) for item_id, (_, points) in rows.items()}
        scored = [
            (group, found if set(group.item_ids) <= set(solved) else adaptive.score(plan, solved, group, content.cuts))
            for group, found in scored
        ]
    await session.execute(
        insert(GroupResult),
        [
            {
                "attempt_id": attempt_id,
                "group_id": group.id,
                "pct": found.pct,
                "sem": found.sem,
                "deficit_level": found.deficit_level,
                "is_deficit": found.is_deficit,
                "answered": found.answered,
                "total": found.total,
            }
            for group, found in scored
        ],
    )
    total = scoring.total_pct([(found.pct, group.weight) for group, found in scored])
    await session.execute(update(Attempt).where(Attempt.id == attempt_id).values(total_pct=total))
