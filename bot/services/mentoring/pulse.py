"""Four questions to both after every half a year: answers stay private, only what needs help is pointed at."""

from __future__ import annotations

from datetime import date, datetime

from dateutil.relativedelta import relativedelta
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, NotFound, UserError
from bot.models import MentorNoticeKind, MentorPair, PairAnswer, PairState, Side
from bot.rules.mentoring import pulse as rules
from bot.services.access import Right, Scope
from bot.services.mentoring import common


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
    hindrance: rules.Hindrance | None = None,
    goes_on: rules.GoesOn | None = None,
    now: datetime,
) -> PairAnswer:
    """A grade 1…5 or a word to the newest questions of this side; the row with what is known now."""
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
    row.hindrance = hindrance.value if hindrance is not None else row.hindrance
    row.goes_on = goes_on.value if goes_on is not None else row.goes_on
    row.answered_at = now
    await session.flush()
    return row


async def concerns(session: AsyncSession, scope: Scope, *, today: date) -> dict[int, tuple[rules.Concern, ...]]:
    """Working pairs of the scope that need the coordinator by their newest answers: why, never whose word it was."""
    if not scope.may(Right.mentoring_run):
        raise NotAllowed()
    statement = scope.limit(
        select(PairAnswer).join(MentorPair, MentorPair.id == PairAnswer.pair_id).where(MentorPair.closed_at.is_(None)),
        Right.mentoring_run,
        organisation=MentorPair.organisation_id,
        municipality=MentorPair.municipality_id,
        today=today,
    )
    newest: dict[int, dict[Side, PairAnswer]] = {}
    for row in await session.scalars(statement.order_by(PairAnswer.id)):
        told = newest.setdefault(row.pair_id, {})
        if any(one.half != row.half for one in told.values()):
            told.clear()
        told[row.side] = row
    found = {}
    for pair_id, told in sorted(newest.items()):
        if why := rules.concerns(*(_word(told.get(side)) for side in TWO)):
            found[pair_id] = why
    return found


def _word(row: PairAnswer | None) -> rules.Word:
    if row is None:
        return rules.Word()
    return rules.Word(
        row.usefulness, row.progress, rules.Hindrance(row.hindrance) if row.hindrance else None,
        rules.GoesOn(row.goes_on) if row.goes_on else None,
    )  # fmt: skip
