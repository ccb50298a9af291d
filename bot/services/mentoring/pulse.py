"""Two questions to both after every half a year: grades stay private, only a mismatch is pointed at."""

from __future__ import annotations

from datetime import date, datetime

from dateutil.relativedelta import relativedelta
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, NotFound, UserError
from bot.models import MentorNoticeKind, MentorPair, PairAnswer, PairState, Side
from bot.services.access import Right, Scope
from bot.services.mentoring import common

WIDE = 2
"""So many grades apart are a mismatch; a grade of 1 or 2 by both is none: they agree and may leave."""


async def ask(session: AsyncSession, *, now: datetime, today: date) -> int:
    """Pairs that have worked another half a year: both are asked. How many pairs."""
    p = MentorPair
    asked = 0
    for pair in await session.scalars(
        select(p)
        .where(p.state == PairState.active, p.since <= today - relativedelta(months=6))
        .order_by(p.id)
        .with_for_update(skip_locked=True)
    ):
        assert pair.since is not None
        lived = relativedelta(today, pair.since)
        half = str((lived.years * 12 + lived.months) // 6)
        known = await session.scalar(
            select(PairAnswer.id).where(PairAnswer.pair_id == pair.id, PairAnswer.half == half)
        )
        if known is not None:
            continue
        session.add_all(PairAnswer(pair_id=pair.id, half=half, side=side, asked_at=now) for side in TWO)
        for person_id in (pair.mentor_id, pair.mentee_id):
            common.notify(session, person_id, pair.id, MentorNoticeKind.half, now=now)
        asked += 1
    await session.flush()
    return asked


TWO = (Side.mentor, Side.mentee)


async def answer(
    session: AsyncSession,
    person_id: int,
    pair_id: int,
    *,
    usefulness: int | None = None,
    progress: int | None = None,
    now: datetime,
) -> PairAnswer:
    """A grade 1…5 of the newest question to this side; the row with what is known now."""
    pair = await session.get(MentorPair, pair_id)
    side = common.side_of(pair, person_id) if pair is not None else None
    if side is None:
        raise NotFound()
    row = await session.scalar(
        select(PairAnswer)
        .where(PairAnswer.pair_id == pair_id, PairAnswer.side == side)
        .order_by(PairAnswer.id.desc())
        .limit(1)
        .with_for_update()
    )
    grades = [grade for grade in (usefulness, progress) if grade is not None]
    if row is None or any(not 1 <= grade <= 5 for grade in grades):
        raise UserError("mentoring-moved-on")
    row.usefulness = usefulness if usefulness is not None else row.usefulness
    row.progress = progress if progress is not None else row.progress
    row.answered_at = now
    await session.flush()
    return row


async def mismatches(session: AsyncSession, scope: Scope, *, today: date) -> list[int]:
    """Pairs whose two sides see it quite differently: the fact, never the grades."""
    if not scope.may(Right.mentoring_run):
        raise NotAllowed()
    statement = scope.limit(
        select(PairAnswer).join(MentorPair, MentorPair.id == PairAnswer.pair_id).where(MentorPair.closed_at.is_(None)),
        Right.mentoring_run,
        organisation=MentorPair.organisation_id,
        municipality=MentorPair.municipality_id,
        today=today,
    )
    newest: dict[tuple[int, Side], PairAnswer] = {}
    for row in await session.scalars(statement.order_by(PairAnswer.id)):
        newest[row.pair_id, row.side] = row
    found = []
    for pair_id in sorted({number for number, _ in newest}):
        one, other = newest.get((pair_id, Side.mentor)), newest.get((pair_id, Side.mentee))
        if one is not None and other is not None and one.half == other.half and _apart(one, other):
            found.append(pair_id)
    return found


def _apart(one: PairAnswer, other: PairAnswer) -> bool:
    pairs = ((one.usefulness, other.usefulness), (one.progress, other.progress))
    return any(a is not None and b is not None and abs(a - b) >= WIDE for a, b in pairs)
