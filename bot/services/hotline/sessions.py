"""«Задайте вопросы до четверга»: questions on one theme are gathered, and one post answers them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import FaqEntry, FaqState, HotlineSession, MessageClass, Ticket, TicketState, TicketTheme
from bot.rules import hotline_clock
from bot.rules.hotline_words import nameless
from bot.services import audit
from bot.services.access import Right, Scope
from bot.services.hotline.desk import require_manager
from bot.services.hotline.duty import deliver, require_answer
from bot.services.hotline.roster import staff
from bot.services.hotline.ticket import (
    DONE,
    OPEN,
    Notice,
    NoticeKind,
    Piece,
    Speak,
    names_of,
    news_readers,
    pieces_of,
    promise,
    put_term,
    tell,
    words_of,
)

TITLE = (5, 60)
"""Characters of a title."""


@dataclass(frozen=True, slots=True)
class Gathering:
    """A session in a list, or its head."""

    id: int
    title: str
    theme: TicketTheme
    closes_at: datetime
    answer_by: datetime
    methodist_id: int | None
    methodist: str
    questions: int
    waiting: int
    answered_at: datetime | None
    cancelled_at: datetime | None
    answer: str

    def takes(self, now: datetime) -> bool:
        """True while questions may be asked."""
        return self.answered_at is None and self.cancelled_at is None and now < self.closes_at

    @property
    def is_open(self) -> bool:
        """True until it is answered or called off."""
        return self.answered_at is None and self.cancelled_at is None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a session, without its author's name."""

    no: int
    text: str
    state: TicketState
    talk: tuple[Piece, ...]


async def save(
    session: AsyncSession,
    scope: Scope,
    *,
    title: str,
    theme: TicketTheme,
    closes_at: datetime | None,
    answer_by: datetime | None,
    methodist_id: int | None,
    now: datetime,
    speak: Speak,
    number: int | None = None,
) -> int:
    """A new session, or other words and hours for one that is not answered. Its number."""
    scope.require(Right.hotline_answer)
    title = " ".join(title.split())
    if not TITLE[0] <= len(title) <= TITLE[1]:
        raise UserError("hotline-session-title", n=TITLE[1])
    if closes_at is None or answer_by is None or closes_at <= now or answer_by < closes_at:
        raise UserError("hotline-session-term")
    if methodist_id not in {one for one, _ in await staff(session, today=now.date())}:
        raise UserError("hotline-session-methodist")
    if number is None:
        row = HotlineSession(created_by_id=scope.person_id, created_at=now)
        session.add(row)
    else:
        row = await _open(session, number)
    row.title, row.theme, row.methodist_id = title, theme, methodist_id
    row.closes_at, row.answer_by, row.told_at = closes_at, answer_by, None
    await session.flush()
    names = await names_of(session, [methodist_id])
    for ticket in await session.scalars(
        select(Ticket).where(Ticket.session_id == row.id, Ticket.state.in_(OPEN)).with_for_update()
    ):
        if ticket.due_at != answer_by:
            ticket.due_at = ticket.resolve_by = answer_by
            notice = Notice(NoticeKind.passed, no=ticket.id, name=names.get(methodist_id or 0, ""), at=answer_by)
            await tell(
                session, ticket.author_id, speak(notice), kind=notice.kind,
                dedupe=f"session-term:{ticket.id}:{answer_by:%Y%m%d%H%M}", now=now,
            )  # fmt: skip
    audit.changed(session, scope, "hotline-session", row.id, "saved", now=now)
    await session.flush()
    return row.id


async def cancel(session: AsyncSession, scope: Scope, number: int, *, zone: ZoneInfo, now: datetime) -> int:
    """Called off: its questions stand in the usual queue, with hours of their own. How many."""
    scope.require(Right.hotline_answer)
    row = await _open(session, number)
    row.cancelled_at = now
    moved = list(
        await session.scalars(
            select(Ticket).where(Ticket.session_id == number, Ticket.state.in_(OPEN)).with_for_update()
        )
    )
    for ticket in moved:
        ticket.session_id = None
        await put_term(session, ticket, await promise(session, ticket.theme, zone, now=now), zone, now=now)
    await session.execute(
        update(Ticket).where(Ticket.session_id == number, Ticket.state == TicketState.draft).values(session_id=None)
    )
    audit.changed(session, scope, "hotline-session", number, "cancelled", now=now)
    await session.flush()
    return len(moved)


async def answer(
    session: AsyncSession, scope: Scope, number: int, text: str, *, zone: ZoneInfo, now: datetime, speak: Speak
) -> int:
    """One post for everybody who asked; for each it is the answer to her own question. How many were told."""
    scope.require(Right.hotline_answer)
    row = await _open(session, number)
    text = require_answer(text)
    tickets = list(
        await session.scalars(
            select(Ticket)
            .where(Ticket.session_id == number, Ticket.state.in_(OPEN))
            .order_by(Ticket.id)
            .with_for_update()
        )
    )
    if not tickets:
        raise UserError("hotline-session-empty")
    row.answer, row.answered_at = text, now
    for ticket in tickets:
        ticket.methodist_id = scope.person_id
        await deliver(session, scope, ticket, text, zone=zone, now=now, speak=speak)
    await session.execute(
        update(Ticket).where(Ticket.session_id == number, Ticket.state == TicketState.draft).values(session_id=None)
    )
    audit.changed(session, scope, "hotline-session", number, "answered", now=now)
    await session.flush()
    return len(tickets)


async def ready(session: AsyncSession, scope: Scope, number: int, *, now: datetime) -> int:
    """The post becomes a ready answer of the centre's own, to be looked through and published. Its number."""
    require_manager(scope)
    row = await _row(session, number)
    if row.answered_at is None:
        raise UserError("hotline-not-answered")
    entry = FaqEntry(
        theme=row.theme, question=row.title, answer=nameless(row.answer).strip(), owner_id=row.methodist_id,
        created_at=now, state=FaqState.agreed,
    )  # fmt: skip
    session.add(entry)
    await session.flush()
    return entry.id


# --- looking -----------------------------------------------------------------------------------------


async def running(session: AsyncSession, *, now: datetime, limit: int = 2) -> list[Gathering]:
    """Sessions that take questions now, the nearest end first; three statements."""
    rows = list(
        await session.scalars(
            select(HotlineSession)
            .where(
                HotlineSession.closes_at > now,
                HotlineSession.answered_at.is_(None),
                HotlineSession.cancelled_at.is_(None),
            )
            .order_by(HotlineSession.closes_at, HotlineSession.id)
            .limit(limit)
        )
    )
    return await _gatherings(session, rows)


async def one(session: AsyncSession, number: int) -> Gathering:
    """What a session is about, for anybody. NotFound when there is none."""
    return (await _gatherings(session, [await _row(session, number)]))[0]


async def listed(
    session: AsyncSession, scope: Scope, page: int = 0, *, size: int = 20, waiting: bool = False
) -> tuple[list[Gathering], int]:
    """Sessions, open ones first; with ``waiting`` only those without an answer. Four statements."""
    scope.require(Right.hotline_answer)
    is_over = HotlineSession.answered_at.is_not(None) | HotlineSession.cancelled_at.is_not(None)
    where = [~is_over] if waiting else []
    total = await session.scalar(select(func.count()).select_from(HotlineSession).where(*where)) or 0
    rows = list(
        await session.scalars(
            select(HotlineSession)
            .where(*where)
            .order_by(is_over, HotlineSession.closes_at.desc(), HotlineSession.id.desc())
            .limit(size)
            .offset(page * size)
        )
    )
    return await _gatherings(session, rows), total


async def questions(session: AsyncSession, scope: Scope, number: int) -> list[Asked]:
    """What was asked, in order, without names; four statements."""
    scope.require(Right.hotline_answer)
    await _row(session, number)
    rows = list(
        await session.scalars(
            select(Ticket)
            .where(Ticket.session_id == number, Ticket.state.in_((*OPEN, *DONE)))
            .order_by(Ticket.asked_at, Ticket.id)
        )
    )
    talks = await pieces_of(session, [row.id for row in rows])
    return [Asked(row.id, words_of(talks[row.id]), row.state, tuple(talks[row.id])) for row in rows]


# --- by itself ---------------------------------------------------------------------------------------


async def announce(session: AsyncSession, *, now: datetime, speak: Speak) -> int:
    """A new session is told to those who agreed to news, once. How many sessions."""
    rows = list(
        await session.scalars(
            select(HotlineSession)
            .where(
                HotlineSession.announced_at.is_(None),
                HotlineSession.closes_at > now,
                HotlineSession.answered_at.is_(None),
                HotlineSession.cancelled_at.is_(None),
            )
            .with_for_update(skip_locked=True)
        )
    )
    if not rows:
        return 0
    names = await names_of(session, [row.methodist_id for row in rows])
    people = await news_readers(session)
    for row in rows:
        row.announced_at = now
        notice = Notice(
            NoticeKind.session, no=row.id, text=row.title, name=names.get(row.methodist_id or 0, ""), at=row.closes_at,
            until=row.answer_by,
        )  # fmt: skip
        screen = speak(notice)
        for person_id in people:
            if person_id != row.methodist_id:
                await tell(
                    session, person_id, screen, kind=notice.kind, dedupe=f"session:{row.id}:{person_id}", now=now,
                    message_class=MessageClass.news, expires_at=row.closes_at,
                )  # fmt: skip
    await session.flush()
    return len(rows)


async def gathered(session: AsyncSession, *, now: datetime, speak: Speak) -> int:
    """No more questions come: its methodist is told how many there are. How many sessions."""
    rows = list(
        await session.scalars(
            select(HotlineSession)
            .where(
                HotlineSession.told_at.is_(None),
                HotlineSession.closes_at <= now,
                HotlineSession.answered_at.is_(None),
                HotlineSession.cancelled_at.is_(None),
            )
            .with_for_update(skip_locked=True)
        )
    )
    for row, found in zip(rows, await _gatherings(session, rows), strict=True):
        row.told_at = now
        if not found.waiting:
            # Nothing to answer: it is over without a word to anybody.
            row.cancelled_at = now
            continue
        notice = Notice(NoticeKind.gathered, no=row.id, text=row.title, other=str(found.waiting), at=row.answer_by)
        await tell(
            session, row.methodist_id, speak(notice), kind=notice.kind,
            dedupe=f"gathered:{row.id}:{row.closes_at:%Y%m%d%H%M}", now=now, message_class=MessageClass.staff,
        )  # fmt: skip
    await session.flush()
    return len(rows)


async def join(session: AsyncSession, ticket: Ticket, *, now: datetime) -> hotline_clock.Promise | None:
    """The promise for a question that is sent to a session; None (an ordinary question) when it takes no more."""
    row = await session.get(HotlineSession, ticket.session_id) if ticket.session_id else None
    if row is None or row.closes_at <= now or row.answered_at is not None or row.cancelled_at is not None:
        ticket.session_id = None
        return None
    ticket.theme = row.theme
    return hotline_clock.Promise(row.answer_by, row.answer_by, row.methodist_id, on_duty=False)


async def _gatherings(session: AsyncSession, rows: Sequence[HotlineSession]) -> list[Gathering]:
    counts = {
        number: (asked, waiting)
        for number, asked, waiting in await session.execute(
            select(Ticket.session_id, func.count(), func.count().filter(Ticket.state.in_(OPEN)))
            .where(Ticket.session_id.in_([row.id for row in rows]), Ticket.state.in_((*OPEN, *DONE)))
            .group_by(Ticket.session_id)
        )
    }
    names = await names_of(session, [row.methodist_id for row in rows])
    return [
        Gathering(
            row.id, row.title, row.theme, row.closes_at, row.answer_by, row.methodist_id,
            names.get(row.methodist_id or 0, ""), *counts.get(row.id, (0, 0)), row.answered_at, row.cancelled_at,
            row.answer,
        )
        for row in rows
    ]  # fmt: skip


async def _row(session: AsyncSession, number: int) -> HotlineSession:
    row = await session.get(HotlineSession, number)
    if row is None:
        raise NotFound()
    return row


async def _open(session: AsyncSession, number: int) -> HotlineSession:
    """A session that may still be changed; others wait."""
    row = await session.scalar(
        select(HotlineSession)
        .where(HotlineSession.id == number)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound()
    if row.answered_at is not None or row.cancelled_at is not None:
        raise UserError("hotline-session-late")
    return row
