"""What every part of the line stands on: one question, its steps, its hours, and the words people are told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    Consent,
    ConsentKind,
    ConsentText,
    DutySlot,
    MessageClass,
    Person,
    PersonState,
    StoredFile,
    Ticket,
    TicketEvent,
    TicketFile,
    TicketMessage,
    TicketState,
    TicketTheme,
    Whose,
)
from bot.rules import hotline_clock
from bot.rules.hotline_clock import Promise, Slot
from bot.rules.working_time import USUAL_WEEK, Hours, WorkingTime, read_hours
from bot.services import outbox, packs, region
from bot.ui.screen import Screen

HOURS = "working_hours"
"""The region setting with the hours of the week: number of the day → «9:00–13:00, 14:00–18:00»."""

WAITING = (TicketState.new, TicketState.assigned)
"""The line owes an answer."""

OPEN = (*WAITING, TicketState.clarify)

DONE = (TicketState.answered, TicketState.closed, TicketState.faq_candidate, TicketState.faq)
"""Answered, whatever became of the answer."""

REOPEN_FOR = timedelta(days=7)
SHORT = 80


class NoticeKind(StrEnum):
    """What we write first about."""

    answer = "answer"
    clarify = "clarify"
    late = "late"
    passed = "passed"
    publish = "publish"
    follow = "follow"
    closed = "closed"
    question = "question"
    more = "more"
    withdrawn = "withdrawn"
    soon = "soon"
    over = "over"
    given = "given"
    shift = "shift"
    swap = "swap"
    swapped = "swapped"
    today = "today"
    session = "session"
    gathered = "gathered"
    digest = "digest"
    morning = "morning"


@dataclass(frozen=True, slots=True)
class Notice:
    """What a pushed screen is made of; what is not needed stays empty."""

    kind: NoticeKind
    no: int = 0
    text: str = ""
    name: str = ""
    at: datetime | None = None
    until: datetime | None = None
    theme: TicketTheme | None = None
    themes: tuple[str, ...] = ()
    minutes: int = 0
    other: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    """Of a digest: (what, its words or number)."""


Speak = Callable[[Notice], Screen]
"""The words of a notice: a screen's business, so the caller brings them."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One message of a question."""

    id: int
    whose: Whose
    text: str
    at: datetime
    author_id: int | None
    files: tuple[tuple[int, str], ...] = ()
    edited: bool = False


async def locked(session: AsyncSession, ticket_id: int) -> Ticket:
    """A question for changing; others wait. NotFound when there is none."""
    ticket = await session.scalar(
        select(Ticket).where(Ticket.id == ticket_id).with_for_update().execution_options(populate_existing=True)
    )
    if ticket is None:
        raise NotFound()
    return ticket


def move(
    session: AsyncSession,
    ticket: Ticket,
    action: str,
    after: TicketState,
    *,
    now: datetime,
    actor_id: int | None,
    to_id: int | None = None,
    reason: str = "",
) -> None:
    """A step of the question's life, kept in its history."""
    session.add(
        TicketEvent(
            ticket_id=ticket.id, at=now, actor_id=actor_id, action=action, before=ticket.state, after=after,
            to_id=to_id, reason=reason,
        )
    )  # fmt: skip
    ticket.state = after


async def add_message(
    session: AsyncSession,
    ticket_id: int,
    whose: Whose,
    text: str,
    *,
    author_id: int | None,
    now: datetime,
    source: str | None = None,
    files: Sequence[int] = (),
) -> TicketMessage | None:
    """Words and files of a question, whole. None when this very message is there already."""
    if source is not None:
        known = await session.scalar(select(TicketMessage.id).where(TicketMessage.source == source))
        if known is not None:
            return None
    message = TicketMessage(
        ticket_id=ticket_id, whose=whose, author_id=author_id, text=text, source=source, created_at=now
    )
    session.add(message)
    await session.flush()
    session.add_all(TicketFile(message_id=message.id, file_id=number) for number in files)
    await session.flush()
    return message


async def pieces(session: AsyncSession, ticket_id: int, whose: Collection[Whose] = tuple(Whose)) -> list[Piece]:
    """The messages of a question in order, with their files; two statements."""
    return (await pieces_of(session, [ticket_id], whose))[ticket_id]


async def pieces_of(
    session: AsyncSession, ticket_ids: Collection[int], whose: Collection[Whose] = tuple(Whose)
) -> dict[int, list[Piece]]:
    """The messages of each question; two statements, however many questions there are."""
    rows = list(
        await session.scalars(
            select(TicketMessage)
            .where(
                TicketMessage.ticket_id.in_(ticket_ids),
                TicketMessage.whose.in_(whose),
                TicketMessage.deleted_at.is_(None),
            )
            .order_by(TicketMessage.created_at, TicketMessage.id)
        )
    )
    files: dict[int, list[tuple[int, str]]] = {}
    for message_id, file_id, name in await session.execute(
        select(TicketFile.message_id, StoredFile.id, StoredFile.name)
        .join(StoredFile, StoredFile.id == TicketFile.file_id)
        .join(TicketMessage, TicketMessage.id == TicketFile.message_id)
        .where(TicketMessage.ticket_id.in_(ticket_ids))
        .order_by(StoredFile.id)
    ):
        files.setdefault(message_id, []).append((file_id, name))
    found: dict[int, list[Piece]] = {number: [] for number in ticket_ids}
    for row in rows:
        piece = Piece(row.id, row.whose, row.text, row.created_at, row.author_id, tuple(files.get(row.id, ())))
        found[row.ticket_id].append(piece)
    return found


def words_of(found: Sequence[Piece], whose: Whose = Whose.asker) -> str:
    """The texts of one side, one under another."""
    return "\n".join(piece.text for piece in found if piece.whose is whose and piece.text)


async def texts_of(session: AsyncSession, ticket_ids: Collection[int]) -> dict[int, str]:
    """The beginning of each question, for lists; one statement."""
    first = (
        select(func.min(TicketMessage.id))
        .where(
            TicketMessage.ticket_id.in_(ticket_ids),
            TicketMessage.whose == Whose.asker,
            TicketMessage.text != "",
            TicketMessage.deleted_at.is_(None),
        )
        .group_by(TicketMessage.ticket_id)
    )
    rows = await session.execute(select(TicketMessage.ticket_id, TicketMessage.text).where(TicketMessage.id.in_(first)))
    return dict(rows.all())


async def names_of(session: AsyncSession, person_ids: Collection[int | None]) -> dict[int, str]:
    """Имя Отчество of each; one statement."""
    known = {number for number in person_ids if number is not None}
    if not known:
        return {}
    return {
        person.id: person.short_name for person in await session.scalars(select(Person).where(Person.id.in_(known)))
    }


async def news_readers(session: AsyncSession) -> list[int]:
    """Who agreed to news; one statement."""
    return list(
        await session.scalars(
            select(Consent.person_id)
            .join(ConsentText, ConsentText.id == Consent.text_id)
            .join(Person, Person.id == Consent.person_id)
            .where(
                ConsentText.kind == ConsentKind.news,
                Consent.withdrawn_at.is_(None),
                Person.state == PersonState.active,
            )
            .distinct()
        )
    )


async def working_time(session: AsyncSession, zone: ZoneInfo, *, now: datetime) -> WorkingTime:
    """The region's hours and the days that differ, from two months ago to a year ahead."""
    today = now.astimezone(zone).date()
    days = await packs.working_days(session, today - timedelta(days=62), today + timedelta(days=400))
    return WorkingTime(zone, await hours_of_week(session), days)


async def hours_of_week(session: AsyncSession) -> dict[int, Hours]:
    """Number of the weekday → its intervals; the usual ones before a region has set its own."""
    raw = await region.setting(session, HOURS)
    return {int(day): read_hours(str(text)) for day, text in raw.items()} if raw else dict(USUAL_WEEK)


async def set_hours(session: AsyncSession, texts: dict[int, str]) -> None:
    """Set the hours of the week. UserError for what are not hours, or for a week without any."""
    try:
        read = {day: read_hours(text) for day, text in texts.items()}
    except ValueError as wrong:
        raise UserError("hotline-hours-wrong", text=str(wrong)[:60]) from wrong
    if not any(read.values()):
        raise UserError("hotline-hours-none")
    await region.set_setting(session, HOURS, {str(day): text for day, text in texts.items() if read[day]})


async def slots_ahead(session: AsyncSession, *, now: datetime, days: int = 14) -> list[Slot]:
    """The roster from now on, with how many questions each methodist has not answered."""
    rows = list(
        await session.scalars(
            select(DutySlot)
            .where(DutySlot.ends_at > now, DutySlot.starts_at < now + timedelta(days=days))
            .order_by(DutySlot.starts_at, DutySlot.id)
        )
    )
    owner = func.coalesce(Ticket.methodist_id, Ticket.promised_id)
    waiting: dict[int, int] = dict(
        (
            await session.execute(
                select(owner, func.count())
                .where(Ticket.state.in_(WAITING), owner.in_({row.methodist_id for row in rows}))
                .group_by(owner)
            )
        ).all()
    )
    return [
        Slot(
            row.methodist_id, (row.starts_at, row.ends_at), frozenset(row.themes), row.substitute_id,
            waiting.get(row.methodist_id, 0),
        )
        for row in rows
    ]  # fmt: skip


async def promise(session: AsyncSession, theme: TicketTheme, zone: ZoneInfo, *, now: datetime) -> Promise:
    """By when, and by whom, a question of this theme asked now is answered."""
    time = await working_time(session, zone, now=now)
    return hotline_clock.promise(now, time, await slots_ahead(session, now=now), theme.value)


async def put_term(session: AsyncSession, ticket: Ticket, made: Promise, zone: ZoneInfo, *, now: datetime) -> None:
    """Give the question its hour, and the moment when a forgotten one is noticed."""
    time = await working_time(session, zone, now=now)
    ticket.due_at, ticket.resolve_by = made.at, made.resolve_by
    ticket.warn_at = hotline_clock.warn_at(now, made.at, time)
    ticket.warned_at = None


async def tell(
    session: AsyncSession,
    person_id: int | None,
    screen: Screen,
    *,
    kind: NoticeKind,
    dedupe: str,
    now: datetime,
    message_class: MessageClass = MessageClass.for_you,
    expires_at: datetime | None = None,
) -> None:
    """Queue a pushed screen; nobody is told where nobody is left to tell."""
    if person_id is None:
        return
    await outbox.say(
        session, person_id, screen, message_class=message_class, kind=f"hotline-{kind.value}",
        dedupe=f"hotline:{dedupe}"[:120], now=now, expires_at=expires_at,
    )  # fmt: skip
