"""Meetings of a pair: said by one in two taps, confirmed by the other; then a fact, and a line of the route closes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    ActivityKind,
    FactKind,
    MeetFormat,
    MeetingState,
    MentorMeeting,
    MentorNoticeKind,
    MentorPair,
    PairNote,
    PairState,
    Side,
)
from bot.services import facts
from bot.services.iom import following
from bot.services.iom.following import Source
from bot.services.mentoring import common

SHORTEST, LONGEST = 5, 8 * 60
"""Minutes of a meeting."""

WORDS = 300
NOTE = 1000
OLDEST = timedelta(days=60)
"""How far back a meeting may still be said."""

RESULTS = ("reached", "partly", "little")
"""How a programme ended, in the words of the two."""


@dataclass(frozen=True, slots=True)
class Told:
    """A meeting as it stands: whose word it is and whether the other was asked or has confirmed."""

    id: int
    pair_id: int
    state: MeetingState
    side: Side
    # False where the same day was said already.
    new: bool = False


async def say(
    session: AsyncSession,
    person_id: int,
    pair_id: int,
    *,
    held_on: date,
    minutes: int,
    topic: str = "",
    now: datetime,
    today: date,
) -> Told:
    """«Встретились». When the other has said the same day already, this is the confirmation."""
    pair, side = await common.own(session, person_id, pair_id)
    if pair.state not in common.MEETS:
        raise UserError("mentoring-moved-on")
    if held_on > today:
        raise UserError("mentoring-day-ahead")
    if held_on < today - OLDEST or (pair.since is not None and held_on < pair.since):
        raise UserError("mentoring-day-old")
    if not SHORTEST <= minutes <= LONGEST:
        raise UserError("mentoring-minutes", least=SHORTEST, most=LONGEST)
    known = await session.scalar(
        select(MentorMeeting)
        .where(
            MentorMeeting.pair_id == pair_id,
            MentorMeeting.held_on == held_on,
            MentorMeeting.state.in_((MeetingState.said, MeetingState.confirmed)),
        )
        .order_by(MentorMeeting.id)
        .limit(1)
    )
    if known is not None:
        if known.side is not side and known.state is MeetingState.said:
            await _confirm(session, pair, known, now=now)
        return Told(known.id, pair_id, known.state, known.side)
    meeting = MentorMeeting(
        pair_id=pair_id, state=MeetingState.said, held_on=held_on, minutes=minutes, topic=topic.strip()[:WORDS],
        side=side, said_at=now,
    )  # fmt: skip
    session.add(meeting)
    await session.flush()
    common.notify(
        session, common.other_of(pair, side), pair_id, MentorNoticeKind.confirm, now=now, meeting_id=meeting.id
    )
    await session.flush()
    return Told(meeting.id, pair_id, meeting.state, side, new=True)


async def describe(
    session: AsyncSession, person_id: int, meeting_id: int, *, topic: str | None = None, next_step: str | None = None
) -> int:
    """Add the topic or the next step; the number of the pair."""
    meeting, pair, _ = await _own(session, person_id, meeting_id)
    if topic is not None:
        meeting.topic = topic.strip()[:WORDS]
    if next_step is not None:
        meeting.next_step = next_step.strip()[:WORDS]
        pair.next_step = meeting.next_step
    await session.flush()
    return pair.id


async def confirm(session: AsyncSession, person_id: int, meeting_id: int, *, now: datetime) -> int:
    """«Верно» by the other side; said twice, nothing changes. The number of the pair."""
    meeting, pair, side = await _own(session, person_id, meeting_id)
    if meeting.side is side:
        raise UserError("mentoring-other-confirms")
    if meeting.state is MeetingState.said:
        await _confirm(session, pair, meeting, now=now)
    elif meeting.state is not MeetingState.confirmed:
        raise UserError("mentoring-moved-on")
    return pair.id


async def deny(session: AsyncSession, person_id: int, meeting_id: int, *, now: datetime) -> int:
    """«Не было», or taken back by the one who said it: the meeting does not count."""
    meeting, pair, _ = await _own(session, person_id, meeting_id)
    if meeting.state is MeetingState.confirmed:
        raise UserError("mentoring-moved-on")
    meeting.state, meeting.answered_at = MeetingState.denied, now
    await session.flush()
    return pair.id


async def correct(session: AsyncSession, person_id: int, meeting_id: int, *, minutes: int, now: datetime) -> int:
    """«Поправить»: the other side says how long it was, and that is agreed."""
    meeting, pair, side = await _own(session, person_id, meeting_id)
    if meeting.side is side or meeting.state is not MeetingState.said:
        raise UserError("mentoring-moved-on")
    if not SHORTEST <= minutes <= LONGEST:
        raise UserError("mentoring-minutes", least=SHORTEST, most=LONGEST)
    meeting.minutes = minutes
    await _confirm(session, pair, meeting, now=now)
    return pair.id


async def plan(
    session: AsyncSession,
    person_id: int,
    pair_id: int,
    *,
    starts_at: datetime,
    minutes: int = 30,
    how: MeetFormat | None = None,
    now: datetime,
) -> int:
    """Appoint a meeting; the one appointed before goes. Its number."""
    pair, side = await common.own(session, person_id, pair_id)
    if pair.state is not PairState.active:
        raise UserError("mentoring-moved-on")
    if not now < starts_at < now + timedelta(days=180):
        raise UserError("mentoring-day-past")
    for old in await session.scalars(
        select(MentorMeeting).where(MentorMeeting.pair_id == pair_id, MentorMeeting.state == MeetingState.planned)
    ):
        old.state = MeetingState.denied
    meeting = MentorMeeting(
        pair_id=pair_id, state=MeetingState.planned, starts_at=starts_at, minutes=minutes, format=how, side=side,
        said_at=now,
    )  # fmt: skip
    session.add(meeting)
    await session.flush()
    common.notify(
        session, common.other_of(pair, side), pair_id, MentorNoticeKind.planned, now=now, meeting_id=meeting.id
    )
    await session.flush()
    return meeting.id


async def of_pair(session: AsyncSession, pair_id: int, *, limit: int = 20) -> list[MentorMeeting]:
    """Meetings, the newest first; those that were not are left out."""
    rows = await session.scalars(
        select(MentorMeeting)
        .where(MentorMeeting.pair_id == pair_id, MentorMeeting.state != MeetingState.denied)
        .order_by(MentorMeeting.held_on.is_(None).desc(), MentorMeeting.held_on.desc(), MentorMeeting.id.desc())
        .limit(limit)
    )
    return list(rows)


async def one(session: AsyncSession, person_id: int, meeting_id: int) -> MentorMeeting:
    """A meeting of one's own pair. NotFound otherwise."""
    meeting, _, _ = await _own(session, person_id, meeting_id)
    return meeting


def calendar(meeting: MentorMeeting, *, title: str, host: str, now: datetime) -> bytes:
    """The appointed meeting as a calendar file (RFC 5545). icalendar is loaded when asked for."""
    from icalendar import Calendar, Event

    assert meeting.starts_at is not None
    made = Calendar()
    made.add("prodid", "-//Marshrut//mentoring//RU")
    made.add("version", "2.0")
    event = Event()
    event.add("uid", f"meeting-{meeting.id}@{host}")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", meeting.starts_at.astimezone(UTC))
    event.add("dtend", (meeting.starts_at + timedelta(minutes=meeting.minutes)).astimezone(UTC))
    event.add("summary", title)
    made.add_component(event)
    content: bytes = made.to_ical()
    return content


async def note(session: AsyncSession, person_id: int, pair_id: int, text: str, *, now: datetime) -> None:
    """A note of the mentor; the mentee sees it."""
    pair, side = await common.own(session, person_id, pair_id)
    if side is not Side.mentor:
        raise UserError("mentoring-mentor-marks")
    if pair.state not in common.MEETS:
        raise UserError("mentoring-moved-on")
    text = text.strip()[:NOTE]
    if len(text) < 3:
        raise UserError("mentoring-line-short")
    session.add(PairNote(pair_id=pair_id, author_id=person_id, text=text, created_at=now))
    await session.flush()


async def notes_of(session: AsyncSession, person_id: int, pair_id: int) -> Sequence[PairNote]:
    """Notes of one's own pair, the newest first: both see the same."""
    await common.own(session, person_id, pair_id)
    rows = await session.scalars(
        select(PairNote).where(PairNote.pair_id == pair_id).order_by(PairNote.id.desc()).limit(20)
    )
    return list(rows)


async def finish(
    session: AsyncSession, person_id: int, pair_id: int, result: str, *, now: datetime, today: date
) -> None:
    """The programme is through: facts for both, the line of the route, thanks. UserError without one meeting."""
    pair, _ = await common.own(session, person_id, pair_id)
    if pair.state not in common.MEETS or result not in RESULTS:
        raise UserError("mentoring-moved-on")
    if await held(session, pair_id) == 0:
        raise UserError("mentoring-no-meetings")
    common.move(session, pair, PairState.finished, now=now, actor_id=person_id, reason="finished")
    pair.result = result
    await common.ended(session, pair, FactKind.mentoring_completed, on=today, now=now, result=result)
    await following.close_by(
        session, pair.mentee_id, Source(common.SOURCE, pair.id, today, kind=ActivityKind.mentoring), now=now
    )
    for number in (pair.mentor_id, pair.mentee_id):
        common.notify(session, number, pair.id, MentorNoticeKind.finished, now=now)
    await session.flush()


async def held(session: AsyncSession, pair_id: int) -> int:
    """How many meetings both confirmed."""
    return (
        await session.scalar(
            select(func.count()).where(MentorMeeting.pair_id == pair_id, MentorMeeting.state == MeetingState.confirmed)
        )
    ) or 0


# --- inside ------------------------------------------------------------------------------------------


async def _own(session: AsyncSession, person_id: int, meeting_id: int) -> tuple[MentorMeeting, MentorPair, Side]:
    pair_id = await session.scalar(select(MentorMeeting.pair_id).where(MentorMeeting.id == meeting_id))
    if pair_id is None:
        raise NotFound()
    pair, side = await common.own(session, person_id, pair_id)
    # Read again under the pair's lock: the other side may have answered meanwhile.
    meeting = await session.get_one(MentorMeeting, meeting_id, populate_existing=True)
    return meeting, pair, side


async def _confirm(session: AsyncSession, pair: MentorPair, meeting: MentorMeeting, *, now: datetime) -> None:
    assert meeting.held_on is not None
    meeting.state, meeting.answered_at = MeetingState.confirmed, now
    for person_id, side in ((pair.mentor_id, Side.mentor), (pair.mentee_id, Side.mentee)):
        await facts.add(
            session, person_id, FactKind.mentored, occurred_on=meeting.held_on, source=("mentor_meeting", meeting.id),
            now=now, evidence={"side": side.value, "pair": pair.id, "minutes": meeting.minutes},
        )  # fmt: skip
    await following.close_by(
        session,
        pair.mentee_id,
        Source("mentor_meeting", meeting.id, meeting.held_on, kind=ActivityKind.mentoring),
        now=now,
    )
    await session.flush()
