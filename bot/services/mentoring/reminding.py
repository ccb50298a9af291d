"""«Напомнить»: the coordinator's one press for whoever a pair waits for, not more often than the person can bear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.models import (
    MeetingState,
    MentorMeeting,
    MentorNotice,
    MentorNoticeKind,
    MentorPair,
    PairAnswer,
    PairConsent,
    PairState,
    Side,
)
from bot.services import audit
from bot.services.access import Right, Scope
from bot.services.mentoring import common

AGAIN = timedelta(days=3)
"""One person is not written to of one pair more often, by whatever hand."""

Kind = MentorNoticeKind
WRITTEN = (
    Kind.offer_mentor, Kind.offer_mentee, Kind.nudge, Kind.half, Kind.active,
    Kind.remind_offer, Kind.remind_first, Kind.remind_half,
)  # fmt: skip
"""What asks a person for something: a reminder counts from the last of these."""

TWO = (Side.mentor, Side.mentee)


@dataclass(frozen=True, slots=True)
class Reminded:
    """How many are written to, and how many were written to a short while ago."""

    told: int
    held: int


async def awaited(session: AsyncSession, pair: MentorPair) -> dict[Side, MentorNoticeKind]:
    """Whom the pair waits for, and what of: a word about the offer, the first meeting, the half-year answers."""
    if pair.state is PairState.consent_wait:
        words = await session.scalars(
            select(PairConsent.side).where(PairConsent.pair_id == pair.id, PairConsent.given_at.is_(None))
        )
        return {side: Kind.remind_offer for side in words if side in TWO}
    if pair.state is not PairState.active or pair.leaves_on is not None:
        return {}
    m, a = MentorMeeting, PairAnswer
    met = select(func.count()).where(m.pair_id == pair.id, m.state.in_((MeetingState.said, MeetingState.confirmed)))
    if not await session.scalar(met):
        return dict.fromkeys(TWO, Kind.remind_first)
    newest = select(func.max(a.half)).where(a.pair_id == pair.id).scalar_subquery()
    silent = await session.scalars(
        select(a.side).where(a.pair_id == pair.id, a.half == newest, a.answered_at.is_(None))
    )
    return dict.fromkeys(silent.all(), Kind.remind_half)


async def remind(
    session: AsyncSession, scope: Scope, pair_id: int, *, zone: ZoneInfo, now: datetime, today: date
) -> Reminded:
    """Write to whoever is awaited. UserError when nobody is, or everybody was written to within three days."""
    pair = await common.reached(session, scope, Right.mentoring_run, pair_id, today=today)
    waits = await awaited(session, pair)
    if not waits:
        raise UserError("mentoring-remind-nobody")
    n = MentorNotice
    rows = await session.execute(
        select(n.person_id, func.max(n.at)).where(n.pair_id == pair_id, n.kind.in_(WRITTEN)).group_by(n.person_id)
    )
    last: dict[int, date] = {person: at.astimezone(zone).date() for person, at in rows}
    told, ago = 0, []
    for side, kind in waits.items():
        person_id = pair.mentor_id if side is Side.mentor else pair.mentee_id
        before = last.get(person_id)
        if before is not None and today < before + AGAIN:
            ago.append((today - before).days)
            continue
        common.notify(session, person_id, pair_id, kind, now=now)
        told += 1
    if not told:
        raise UserError("mentoring-remind-soon", days=min(ago), every=AGAIN.days)
    audit.changed(session, scope, "mentoring", pair_id, "reminded", now=now, after={"people": told})
    await session.flush()
    return Reminded(told, len(ago))
