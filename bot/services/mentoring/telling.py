"""What is to be said of mentoring, and to whom: notices that wait, and pairs that have not met for long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    MeetingState,
    MenteeNeed,
    MentorMeeting,
    MentorNotice,
    MentorNoticeKind,
    MentorPair,
    MentorProfile,
    PairState,
    Person,
    PersonState,
    Side,
)
from bot.services.mentoring import common

PORTION = 200
FIRST, NEXT = timedelta(days=10), timedelta(days=14)
"""A pair is asked when it has not met ten days after the order, then fourteen after a meeting (product.md §4)."""

AGAIN = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to be said to one person."""

    id: int
    kind: MentorNoticeKind
    person_id: int
    locale: str
    pair: MentorPair
    side: Side | None
    partner: common.Who
    mentor: common.Who
    mentee: common.Who
    curator: str
    meeting: MentorMeeting | None = None
    held: int = 0
    last: date | None = None
    lines: Sequence[dict[str, Any]] = ()
    topics: tuple[str, ...] = ()
    statement: str = ""


async def waiting(session: AsyncSession, *, today: date) -> list[Notice]:
    """Notices nobody has turned into a message yet, the oldest first."""
    rows = list(
        await session.scalars(
            select(MentorNotice)
            .join(Person, Person.id == MentorNotice.person_id)
            .where(MentorNotice.told_at.is_(None), Person.state == PersonState.active)
            .order_by(MentorNotice.id)
            .limit(PORTION)
            .with_for_update(skip_locked=True, of=MentorNotice)
        )
    )
    if not rows:
        return []
    pairs = {
        one.id: one
        for one in await session.scalars(select(MentorPair).where(MentorPair.id.in_({row.pair_id for row in rows})))
    }
    meetings = {
        one.id: one
        for one in await session.scalars(
            select(MentorMeeting).where(MentorMeeting.id.in_({row.meeting_id for row in rows if row.meeting_id}))
        )
    }
    locales = dict(
        (
            await session.execute(
                select(Person.id, Person.locale).where(Person.id.in_({row.person_id for row in rows}))
            )
        ).all()
    )
    ids = {number for pair in pairs.values() for number in (pair.mentor_id, pair.mentee_id)}
    people = await common.who(session, ids, today=today)
    topics = dict(
        (
            await session.execute(
                select(MenteeNeed.person_id, MenteeNeed.topics).where(
                    MenteeNeed.person_id.in_({pair.mentee_id for pair in pairs.values()})
                )
            )
        ).all()
    )
    statements = dict(
        (
            await session.execute(
                select(MentorProfile.person_id, MentorProfile.statement).where(
                    MentorProfile.person_id.in_({pair.mentor_id for pair in pairs.values()})
                )
            )
        ).all()
    )
    last = await last_meetings(session, list(pairs))
    found = []
    for row in rows:
        pair = pairs[row.pair_id]
        side = common.side_of(pair, row.person_id)
        curators = await common.coordinators(session, pair, today=today)
        names = await common.who(session, curators[:1], today=today)
        held, on = last.get(pair.id, (0, None))
        found.append(
            Notice(
                row.id, row.kind, row.person_id, locales[row.person_id], pair, side,
                people[common.other_of(pair, side) if side else pair.mentee_id],
                people[pair.mentor_id], people[pair.mentee_id],
                names[curators[0]].name if curators and curators[0] in names else "",
                meetings.get(row.meeting_id or 0), held, on, pair.lines, tuple(topics.get(pair.mentee_id, ())),
                statements.get(pair.mentor_id, ""),
            )
        )  # fmt: skip
    return found


async def told(session: AsyncSession, ids: Sequence[int], *, now: datetime) -> None:
    """The notices have become messages."""
    await session.execute(update(MentorNotice).where(MentorNotice.id.in_(ids)).values(told_at=now))


async def silent(session: AsyncSession, *, now: datetime, today: date) -> int:
    """Pairs that have not met for long and have appointed nothing: both are asked. How many pairs."""
    p, m = MentorPair, MentorMeeting
    appointed = select(m.pair_id).where(m.state == MeetingState.planned, m.starts_at > now)
    rows = list(
        await session.scalars(
            select(p)
            .where(p.state == PairState.active, p.leaves_on.is_(None), p.since.is_not(None), p.id.not_in(appointed))
            .order_by(p.id)
            .with_for_update(skip_locked=True)
        )
    )
    last = await last_meetings(session, [row.id for row in rows])
    asked = 0
    for pair in rows:
        assert pair.since is not None
        _, on = last.get(pair.id, (0, None))
        overdue = today >= (on + NEXT if on is not None else pair.since + FIRST)
        if not overdue or (pair.nudged_on is not None and today < pair.nudged_on + AGAIN):
            continue
        pair.nudged_on = today
        for person_id in (pair.mentor_id, pair.mentee_id):
            common.notify(session, person_id, pair.id, MentorNoticeKind.nudge, now=now)
        asked += 1
    await session.flush()
    return asked


async def over(session: AsyncSession, *, now: datetime, today: date) -> int:
    """Working pairs whose term is over: both are told once to sum up, or to ask for another order. How many."""
    p, n = MentorPair, MentorNotice
    asked = 0
    for pair in await session.scalars(
        select(p)
        .where(p.state.in_(common.MEETS), p.until <= today, p.leaves_on.is_(None))
        .order_by(p.id)
        .with_for_update(skip_locked=True)
    ):
        assert pair.until is not None
        since = datetime.combine(pair.until, time(), UTC)
        told_of = select(n.id).where(n.pair_id == pair.id, n.kind == MentorNoticeKind.term, n.at >= since).limit(1)
        if await session.scalar(told_of) is not None:
            continue
        for person_id in (pair.mentor_id, pair.mentee_id):
            common.notify(session, person_id, pair.id, MentorNoticeKind.term, now=now)
        asked += 1
    await session.flush()
    return asked


async def last_meetings(session: AsyncSession, pair_ids: Sequence[int]) -> dict[int, tuple[int, date | None]]:
    """Pair → how many meetings both confirmed, and the day of the last (said ones count for the day)."""
    m = MentorMeeting
    rows = await session.execute(
        select(m.pair_id, func.count().filter(m.state == MeetingState.confirmed), func.max(m.held_on))
        .where(m.pair_id.in_(pair_ids), m.state.in_((MeetingState.said, MeetingState.confirmed)))
        .group_by(m.pair_id)
    )
    return {number: (count, on) for number, count, on in rows}
