"""The end of a pair: leaving with three working days, pause, change of mentor, and the day on which it happens."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.models import FactKind, MenteeNeed, MentorNoticeKind, MentorPair, PairState, Side
from bot.rules.calendar import add_working_days
from bot.services import packs
from bot.services.mentoring import common

NOTICE_DAYS = 3
"""Working days between the word and the end (ТК РФ ст. 351.8)."""

PAUSE = timedelta(days=30)


async def leave(
    session: AsyncSession, person_id: int, pair_id: int, *, wants_other: bool = False, now: datetime, today: date
) -> date:
    """One tap, no reason: the day the pair ends. The other side and the coordinator are told."""
    pair, side = await common.own(session, person_id, pair_id)
    if pair.state not in common.MEETS:
        raise UserError("mentoring-moved-on")
    return await begin(session, pair, side, wants_other=wants_other, now=now, today=today)


async def begin(
    session: AsyncSession, pair: MentorPair, side: Side, *, wants_other: bool, now: datetime, today: date
) -> date:
    """The term begins to run; saying it twice changes nothing."""
    if pair.leaves_on is not None:
        return pair.leaves_on
    pair.leaves_on, pair.left_by, pair.wants_other = await last_day(session, today), side, wants_other
    common.notify(session, common.other_of(pair, side), pair.id, MentorNoticeKind.left, now=now)
    for person_id in await common.coordinators(session, pair, today=today):
        common.notify(session, person_id, pair.id, MentorNoticeKind.staff_left, now=now)
    await session.flush()
    return pair.leaves_on


async def stay(session: AsyncSession, person_id: int, pair_id: int) -> None:
    """Think again before the day: only who left may."""
    pair, side = await common.own(session, person_id, pair_id)
    if pair.state not in common.MEETS or pair.leaves_on is None or pair.left_by is not side:
        raise UserError("mentoring-moved-on")
    pair.leaves_on, pair.left_by, pair.wants_other = None, None, False
    await session.flush()


async def pause(session: AsyncSession, person_id: int, pair_id: int, *, now: datetime, today: date) -> date:
    """The day until which nobody is reminded; the pair stays."""
    pair, _ = await common.own(session, person_id, pair_id)
    common.move(session, pair, PairState.paused, now=now, actor_id=person_id)
    pair.paused_until = today + PAUSE
    await session.flush()
    return pair.paused_until


async def resume(session: AsyncSession, person_id: int, pair_id: int, *, now: datetime, today: date) -> None:
    """Go on before the day."""
    pair, _ = await common.own(session, person_id, pair_id)
    common.move(session, pair, PairState.active, now=now, actor_id=person_id)
    # The next reminder counts from today, not from before the pause.
    pair.paused_until, pair.nudged_on = None, today
    await session.flush()


async def due(session: AsyncSession, *, now: datetime, today: date) -> int:
    """Pauses that are over go on, terms that are over end the pair. How many pairs moved."""
    p = MentorPair
    moved = 0
    for pair in await session.scalars(
        select(p).where(p.state == PairState.paused, p.paused_until < today).with_for_update(skip_locked=True)
    ):
        common.move(session, pair, PairState.active, now=now, actor_id=None, reason="pause_over")
        pair.paused_until, pair.nudged_on = None, today
        moved += 1
    for pair in await session.scalars(
        select(p).where(p.state.in_(common.MEETS), p.leaves_on <= today).with_for_update(skip_locked=True)
    ):
        reason = "change" if pair.wants_other else "left"
        common.move(session, pair, PairState.broken, now=now, actor_id=None, reason=reason)
        need = await session.scalar(select(MenteeNeed).where(MenteeNeed.person_id == pair.mentee_id))
        if need is not None:
            # Without the wish for another the need rests until the person asks again.
            need.closed_at, need.touched_at = (None, now) if pair.wants_other else (now, None)
        # An indicator of working pairs stops counting it; the order's own fact stays true.
        await common.ended(session, pair, FactKind.mentoring_ended, on=pair.leaves_on or today, now=now)
        for person_id in (pair.mentor_id, pair.mentee_id):
            common.notify(session, person_id, pair.id, MentorNoticeKind.ended, now=now)
        moved += 1
    await session.flush()
    return moved


async def last_day(session: AsyncSession, today: date) -> date:
    """Three working days later by the region's calendar."""
    days = await packs.working_days(session, today, today + timedelta(days=30))
    return add_working_days(today, NOTICE_DAYS, days)
