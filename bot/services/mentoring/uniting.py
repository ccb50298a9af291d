"""What becomes of profiles, needs and pairs when two rows turn out to be one person."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import MatchLeft, MenteeNeed, MentorPair, MentorProfile, MentorWish, PairState

Resolver = Callable[[AsyncSession, int, int], Awaitable[None]]


async def _profiles(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """One profile: the kept person's, unless only the other still stands."""
    rows = {
        row.person_id: row
        for row in await session.scalars(select(MentorProfile).where(MentorProfile.person_id.in_((keep_id, gone_id))))
    }
    mine, theirs = rows.get(keep_id), rows.get(gone_id)
    if theirs is None:
        return
    if mine is not None and (mine.withdrawn_at is None or theirs.withdrawn_at is not None):
        await session.delete(theirs)
    else:
        if mine is not None:
            await session.delete(mine)
            await session.flush()
        theirs.person_id = keep_id
    await session.flush()


async def _needs(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """One need: the open one, else the kept person's."""
    rows = {
        row.person_id: row
        for row in await session.scalars(select(MenteeNeed).where(MenteeNeed.person_id.in_((keep_id, gone_id))))
    }
    mine, theirs = rows.get(keep_id), rows.get(gone_id)
    if theirs is None:
        return
    if mine is not None and (mine.closed_at is None or theirs.closed_at is not None):
        await session.delete(theirs)
    else:
        if mine is not None:
            await session.delete(mine)
            await session.flush()
        theirs.person_id = keep_id
    await session.flush()


async def _left(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """Said of both once: the next matching says it anew."""
    if await session.scalar(select(MatchLeft.id).where(MatchLeft.person_id == keep_id)) is not None:
        await session.execute(delete(MatchLeft).where(MatchLeft.person_id == gone_id))
    await session.execute(update(MatchLeft).where(MatchLeft.person_id == gone_id).values(person_id=keep_id))


async def _wishes(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """A wish said twice is one; a wish for oneself is none."""
    w = MentorWish
    seen: set[tuple[int, int, str]] = set()
    rows = await session.scalars(
        select(w).where(w.person_id.in_((keep_id, gone_id)) | w.wanted_id.in_((keep_id, gone_id))).order_by(w.id)
    )
    for row in rows.all():
        person, wanted = (keep_id if number == gone_id else number for number in (row.person_id, row.wanted_id))
        if person == wanted or (person, wanted, row.side.value) in seen:
            await session.delete(row)
            continue
        seen.add((person, wanted, row.side.value))
    await session.flush()
    for row in await session.scalars(select(w).where((w.person_id == gone_id) | (w.wanted_id == gone_id))):
        row.person_id = keep_id if row.person_id == gone_id else row.person_id
        row.wanted_id = keep_id if row.wanted_id == gone_id else row.wanted_id
    await session.flush()


FURTHER = (PairState.proposed, PairState.consent_wait, PairState.to_order, PairState.paused, PairState.active)


async def _pairs(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """One open pair as a mentee: the one that went further; nobody is a pair with herself."""
    p = MentorPair
    found = list(
        await session.scalars(
            select(p).where(p.mentee_id.in_((keep_id, gone_id)), p.closed_at.is_(None)).order_by(p.id)
        )
    )
    found.sort(key=lambda pair: FURTHER.index(pair.state), reverse=True)
    for pair in found[1:]:
        pair.state, pair.closed_at, pair.closed_reason = PairState.refused, pair.created_at, "merge"
    await session.flush()
    await session.execute(update(p).where(p.mentee_id == gone_id).values(mentee_id=keep_id))
    await session.execute(update(p).where(p.mentor_id == gone_id).values(mentor_id=keep_id))
    await session.execute(delete(p).where(p.mentee_id == p.mentor_id))


UNITED: dict[tuple[str, str], Resolver] = {
    ("mentor_profiles", "person_id"): _profiles,
    ("mentee_needs", "person_id"): _needs,
    ("match_left", "person_id"): _left,
    ("mentor_wishes", "person_id"): _wishes,
    ("mentor_wishes", "wanted_id"): _wishes,
    ("mentor_pairs", "mentee_id"): _pairs,
}
