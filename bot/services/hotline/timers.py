"""What happens by itself: a forgotten question is noticed, an answer asked about, a shift announced."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    DutySlot,
    MessageClass,
    Role,
    RoleAssignment,
    Ticket,
    TicketState,
)
from bot.rules import hotline_clock
from bot.rules.working_time import is_open
from bot.services.hotline.ticket import (
    REOPEN_FOR,
    SHORT,
    WAITING,
    Notice,
    NoticeKind,
    Speak,
    move,
    names_of,
    news_readers,
    tell,
    texts_of,
    working_time,
)
from bot.ui.screen import cut

FOLLOW_AFTER = timedelta(days=5)
PORTION = 100
SHIFT_TOLD_AT = 16
"""The hour of the day before at which a methodist is told of her shift."""


async def warn(session: AsyncSession, *, now: datetime, speak: Speak) -> int:
    """80 % of the term is over: whoever has the question (or is on duty), and her substitute, are told."""
    rows = list(
        await session.scalars(
            select(Ticket)
            .where(Ticket.state.in_(WAITING), Ticket.warn_at <= now, Ticket.warned_at.is_(None), Ticket.due_at > now)
            .order_by(Ticket.due_at)
            .limit(PORTION)
            .with_for_update(skip_locked=True)
        )
    )
    for ticket in rows:
        ticket.warned_at = now
        assert ticket.due_at is not None
        minutes = max(1, int((ticket.due_at - now).total_seconds() // 60))
        holder = ticket.methodist_id or ticket.promised_id
        slot = await _slot_of(session, holder, now)
        for person_id in dict.fromkeys((holder, slot.substitute_id if slot else None)):
            notice = Notice(NoticeKind.soon, no=ticket.id, at=ticket.due_at, minutes=minutes)
            await tell(
                session, person_id, speak(notice), kind=notice.kind,
                dedupe=f"soon:{ticket.id}:{person_id}:{int(ticket.due_at.timestamp())}", now=now,
                message_class=MessageClass.staff, expires_at=ticket.due_at,
            )  # fmt: skip
    await session.flush()
    return len(rows)


async def escalate(session: AsyncSession, *, zone: ZoneInfo, now: datetime, speak: Speak) -> int:
    """The named hour went by: to the substitute, then to the head; the author hears it first, with a new hour."""
    time = await working_time(session, zone, now=now)
    rows = list(
        await session.scalars(
            select(Ticket)
            .where(Ticket.state.in_(WAITING), Ticket.due_at <= now)
            .order_by(Ticket.due_at)
            .limit(PORTION)
            .with_for_update(skip_locked=True)
        )
    )
    # Outside working hours nobody could take it over, and no new hour begins to run.
    if not rows or not is_open(time, now):
        return 0
    for ticket in rows:
        before, old_due = ticket.methodist_id or ticket.promised_id, ticket.due_at
        slot = await _slot_of(session, before, now)
        to_id = slot.substitute_id if slot is not None and ticket.escalated == 0 else None
        if to_id is None or to_id == before:
            to_id = await _head(session, now) or before
        if ticket.first_answer_at is None:
            ticket.in_term = False
        ticket.escalated += 1
        ticket.due_at = hotline_clock.passed_on(now, time)
        ticket.warn_at, ticket.warned_at = hotline_clock.warn_at(now, ticket.due_at, time), None
        after = TicketState.assigned if to_id is not None else TicketState.new
        move(session, ticket, "escalated", after, now=now, actor_id=None, to_id=to_id)
        ticket.methodist_id = to_id
        await session.flush()
        names = await names_of(session, [before, to_id])
        late = Notice(NoticeKind.late, no=ticket.id, at=old_due, until=ticket.due_at, name=names.get(to_id or 0, ""))
        await tell(
            session, ticket.author_id, speak(late), kind=late.kind, dedupe=f"late:{ticket.id}:{ticket.escalated}",
            now=now,
        )  # fmt: skip
        over = Notice(
            NoticeKind.over, no=ticket.id, at=old_due, until=ticket.due_at, name=names.get(before or 0, ""),
            other=names.get(to_id or 0, ""),
        )  # fmt: skip
        for person_id in dict.fromkeys((to_id, before)):
            await tell(
                session, person_id, speak(over), kind=over.kind,
                dedupe=f"over:{ticket.id}:{person_id}:{ticket.escalated}", now=now,
                message_class=MessageClass.staff,
            )  # fmt: skip
    await session.flush()
    return len(rows)


async def follow_up(session: AsyncSession, *, now: datetime, speak: Speak) -> int:
    """«Получилось применить?» five days after the answer; an ungraded question is told when it will be closed."""
    rows = list(
        await session.scalars(
            select(Ticket)
            .where(
                Ticket.state.in_((TicketState.answered, TicketState.closed, TicketState.faq)),
                Ticket.answered_at <= now - FOLLOW_AFTER,
                Ticket.answered_at > now - timedelta(days=30),
                Ticket.asked_applied_at.is_(None),
                Ticket.author_id.is_not(None),
            )
            .order_by(Ticket.id)
            .limit(PORTION)
            .with_for_update(skip_locked=True)
        )
    )
    texts = await texts_of(session, [row.id for row in rows])
    for ticket in rows:
        ticket.asked_applied_at = now
        assert ticket.answered_at is not None
        closes = ticket.answered_at + REOPEN_FOR if ticket.state is TicketState.answered else None
        notice = Notice(NoticeKind.follow, no=ticket.id, text=cut(texts.get(ticket.id, ""), SHORT), at=closes)
        await tell(
            session, ticket.author_id, speak(notice), kind=notice.kind, dedupe=f"follow:{ticket.id}", now=now,
            message_class=MessageClass.nudge, expires_at=now + timedelta(days=7),
        )  # fmt: skip
    await session.flush()
    return len(rows)


async def close_old(session: AsyncSession, *, now: datetime) -> int:
    """Answered a week ago, asked about and not graded: closed on the day that was named."""
    rows = list(
        await session.scalars(
            select(Ticket)
            .where(
                Ticket.state == TicketState.answered,
                Ticket.answered_at <= now - REOPEN_FOR,
                or_(Ticket.asked_applied_at.is_not(None), Ticket.author_id.is_(None)),
            )
            .limit(PORTION)
            .with_for_update(skip_locked=True)
        )
    )
    for ticket in rows:
        move(session, ticket, "closed", TicketState.closed, now=now, actor_id=None)
        ticket.closed_at = now
    await session.flush()
    return len(rows)


async def announce(session: AsyncSession, *, zone: ZoneInfo, now: datetime, speak: Speak) -> int:
    """«Сегодня на связи» to those who agreed to news, once a slot, on its morning. How many slots."""
    day_end = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), datetime.min.time(), zone)
    slots = list(
        await session.scalars(
            select(DutySlot)
            .where(DutySlot.announced_at.is_(None), DutySlot.starts_at < day_end, DutySlot.ends_at > now)
            .order_by(DutySlot.starts_at)
            .with_for_update(skip_locked=True)
        )
    )
    if not slots:
        return 0
    names = await names_of(session, [slot.methodist_id for slot in slots])
    readers = await news_readers(session)
    for slot in slots:
        slot.announced_at = now
        notice = Notice(
            NoticeKind.today, name=names.get(slot.methodist_id, ""), at=slot.starts_at, until=slot.ends_at,
            themes=tuple(slot.themes),
        )  # fmt: skip
        screen = speak(notice)
        for person_id in readers:
            if person_id != slot.methodist_id:
                await tell(
                    session, person_id, screen, kind=notice.kind, dedupe=f"today:{slot.id}:{person_id}", now=now,
                    message_class=MessageClass.news, expires_at=slot.ends_at,
                )  # fmt: skip
    await session.flush()
    return len(slots)


async def remind_shifts(session: AsyncSession, *, zone: ZoneInfo, now: datetime, speak: Speak) -> int:
    """«Ваша смена завтра», from 16:00 of the day before."""
    local = now.astimezone(zone)
    if local.hour < SHIFT_TOLD_AT:
        return 0
    begin = datetime.combine(local.date() + timedelta(days=1), datetime.min.time(), zone)
    slots = list(
        await session.scalars(
            select(DutySlot).where(DutySlot.starts_at >= begin, DutySlot.starts_at < begin + timedelta(days=1))
        )
    )
    names = await names_of(session, [slot.substitute_id for slot in slots])
    for slot in slots:
        notice = Notice(
            NoticeKind.shift, no=slot.id, at=slot.starts_at, until=slot.ends_at, themes=tuple(slot.themes),
            name=names.get(slot.substitute_id or 0, ""),
        )  # fmt: skip
        await tell(
            session, slot.methodist_id, speak(notice), kind=notice.kind,
            dedupe=f"shift:{slot.id}:{slot.methodist_id}", now=now, message_class=MessageClass.staff,
            expires_at=slot.starts_at,
        )  # fmt: skip
    return len(slots)


async def _slot_of(session: AsyncSession, person_id: int | None, now: datetime) -> DutySlot | None:
    """The slot of a methodist that runs, or else ran last."""
    if person_id is None:
        return None
    return await session.scalar(
        select(DutySlot)
        .where(DutySlot.methodist_id == person_id, DutySlot.starts_at <= now)
        .order_by(DutySlot.ends_at.desc())
        .limit(1)
    )


async def _head(session: AsyncSession, now: datetime) -> int | None:
    """The head of the centre."""
    r = RoleAssignment
    return await session.scalar(
        select(r.person_id)
        .where(
            r.role == Role.centre_head, r.revoked_at.is_(None), r.since <= now.date(),
            or_(r.until.is_(None), r.until >= now.date()),
        )
        .order_by(r.id)
        .limit(1)
    )  # fmt: skip
