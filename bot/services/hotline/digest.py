"""Digests: new ready answers by theme once a week, what waits for each member of the line on a working morning."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import FaqEntry, FaqState, MessageClass, Ticket, TicketTheme
from bot.services import iom, region
from bot.services.access import scope_of
from bot.services.hotline.desk import IN_QUEUE
from bot.services.hotline.roster import shifts, staff
from bot.services.hotline.ticket import WAITING, Notice, NoticeKind, Speak, news_readers, tell, working_time

TOLD = "hotline_digests"
"""The region setting with the days of the last digests."""

WEEKLY_FROM, MORNING_FROM, UNTIL = time(10), time(8, 30), time(12)
NOON = time(13)
LINES = 6
"""Answers named in a weekly digest; the rest are counted."""


async def weekly(session: AsyncSession, *, zone: ZoneInfo, now: datetime, speak: Speak) -> int:
    """Monday: what was published in seven days, by theme, to those who agreed to news. Nothing new is silence."""
    local = now.astimezone(zone)
    if local.weekday() != 0 or not WEEKLY_FROM <= local.time() < UNTIL:
        return 0
    if not await _first(session, "weekly", local.date().isoformat()):
        return 0
    order = {theme: place for place, theme in enumerate(TicketTheme)}
    rows = (
        await session.execute(
            select(FaqEntry.theme, FaqEntry.question)
            .where(
                FaqEntry.state == FaqState.published,
                FaqEntry.published_at > now - timedelta(days=7),
                FaqEntry.published_at <= now,
                FaqEntry.review_on >= local.date(),
            )
            .order_by(FaqEntry.id)
        )
    ).all()
    if not rows:
        return 0
    lines = tuple((row.theme.value, row.question) for row in sorted(rows, key=lambda row: order[row.theme]))
    notice = Notice(NoticeKind.digest, no=len(lines), lines=lines[:LINES])
    screen = speak(notice)
    told = 0
    for person_id in await news_readers(session):
        told += 1
        await tell(
            session, person_id, screen, kind=notice.kind, dedupe=f"digest:{local:%Y%m%d}:{person_id}", now=now,
            message_class=MessageClass.news, expires_at=now + timedelta(days=4),
        )  # fmt: skip
    return told


async def morning(session: AsyncSession, *, zone: ZoneInfo, now: datetime, speak: Speak) -> int:
    """A working morning: questions until noon, confirmations, routes; one message a person, none when all is done."""
    local = now.astimezone(zone)
    today = local.date()
    if not MORNING_FROM <= local.time() < UNTIL:
        return 0
    if not (await working_time(session, zone, now=now)).hours(today):
        return 0
    if not await _first(session, "morning", today.isoformat()):
        return 0
    noon = datetime.combine(today, NOON, zone)
    on_duty = {one.methodist_id for one in await shifts(session, since=now, until=noon)}
    told = 0
    for person_id, _ in await staff(session, today=today):
        own = and_(Ticket.methodist_id == person_id, Ticket.state.in_(WAITING))
        theirs = or_(own, IN_QUEUE) if person_id in on_duty else own
        questions = await session.scalar(select(func.count()).select_from(Ticket).where(theirs, Ticket.due_at <= noon))
        scope = await scope_of(session, person_id, today=today)
        steps, routes = await iom.staff.waiting(session, scope, today=today)
        counts = {"questions": questions or 0, "steps": steps, "routes": routes}
        if not any(counts.values()):
            continue
        told += 1
        lines = tuple((name, str(count)) for name, count in counts.items() if count)
        notice = Notice(NoticeKind.morning, no=sum(counts.values()), lines=lines)
        await tell(
            session, person_id, speak(notice), kind=notice.kind, dedupe=f"morning:{today:%Y%m%d}:{person_id}",
            now=now, message_class=MessageClass.staff, expires_at=datetime.combine(today, time(18), zone),
        )  # fmt: skip
    return told


async def _first(session: AsyncSession, name: str, day: str) -> bool:
    """True for the first to ask on a day; the answer is remembered with what is sent."""
    told = await region.setting(session, TOLD)
    if told.get(name) == day:
        return False
    await region.set_setting(session, TOLD, {**told, name: day})
    return True
