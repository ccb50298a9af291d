"""The teacher's side: a question is written, sent, added to, taken back, graded, opened again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    Employment,
    EmploymentSubject,
    MessageClass,
    Messenger,
    Subject,
    Ticket,
    TicketEvent,
    TicketFile,
    TicketGrade,
    TicketMessage,
    TicketMessageVersion,
    TicketState,
    TicketTheme,
    Whose,
)
from bot.rules import hotline_clock
from bot.rules.hotline_words import Found, guess_theme, is_empty, personal, without
from bot.services import facts
from bot.services.hotline import sessions
from bot.services.hotline.ticket import (
    DONE,
    OPEN,
    REOPEN_FOR,
    SHORT,
    Notice,
    NoticeKind,
    Piece,
    Speak,
    add_message,
    locked,
    move,
    names_of,
    pieces,
    promise,
    put_term,
    tell,
    texts_of,
    words_of,
    working_time,
)
from bot.ui.screen import cut

BURST = timedelta(seconds=20)
"""Messages that follow one another within this time are one thought: acknowledged once."""

FILES = 20
"""Files of one question."""

PAGE = 5

ASK_ANEW = (("hotline-home.ask", "hotline:ask"), ("button-menu", "menu:home"))


@dataclass(frozen=True, slots=True)
class Draft:
    """A question that is being written."""

    id: int
    text: str
    files: int
    messages: int
    anonymous: bool
    theme: TicketTheme
    found: tuple[str, ...]
    """Pieces that look like somebody's data."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A question that was sent, and what is promised."""

    no: int
    at: datetime
    methodist: str
    on_duty: bool
    anonymous: bool
    gathered: bool = False
    """Asked for a session: one post answers it."""


@dataclass(frozen=True, slots=True)
class Mine:
    """A question in the list of its author."""

    no: int
    text: str
    state: TicketState
    due_at: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """A question for its author."""

    no: int
    state: TicketState
    theme: TicketTheme
    due_at: datetime | None
    methodist: str
    talk: tuple[Piece, ...]
    grade: TicketGrade | None
    may_reopen: bool


@dataclass(frozen=True, slots=True)
class Added:
    """What adding to a question did. ``quiet``: one of a burst that was acknowledged already."""

    no: int
    state: TicketState
    methodist: str
    at: datetime | None
    quiet: bool
    reopened: bool = False


# --- writing -----------------------------------------------------------------------------------------


async def draft(session: AsyncSession, person_id: int) -> Draft | None:
    """The question being written, None when there is none."""
    ticket = await _draft(session, person_id)
    if ticket is None:
        return None
    found = await pieces(session, ticket.id)
    text = words_of(found)
    return Draft(
        id=ticket.id,
        text=text,
        files=sum(len(piece.files) for piece in found),
        messages=len(found),
        anonymous=ticket.anonymous,
        theme=ticket.theme,
        found=tuple(text[one.start : one.end] for one in personal(text)),
    )


async def begin(
    session: AsyncSession,
    person_id: int,
    messenger: Messenger,
    *,
    now: datetime,
    anonymous: bool | None = None,
    session_id: int | None = None,
) -> int:
    """The draft, made when there is none; the number of the ticket. ``session_id``: for a session of questions."""
    ticket = await _draft(session, person_id)
    if ticket is None:
        ticket = Ticket(author_id=person_id, messenger=messenger, created_at=now)
        session.add(ticket)
    if anonymous is not None:
        ticket.anonymous = anonymous
    if session_id is not None:
        ticket.session_id = session_id
    await session.flush()
    return ticket.id


async def write(
    session: AsyncSession,
    person_id: int,
    messenger: Messenger,
    text: str,
    *,
    source: str | None,
    now: datetime,
    files: Sequence[int] = (),
) -> bool:
    """Words and files go to the draft. True when they deserve an answer: the first of a burst."""
    if not files and is_empty(text) and await _draft_is_bare(session, person_id):
        raise UserError("error-needs-text")
    ticket_id = await begin(session, person_id, messenger, now=now)
    held = await session.scalar(
        select(func.count())
        .select_from(TicketFile)
        .join(TicketMessage, TicketMessage.id == TicketFile.message_id)
        .where(TicketMessage.ticket_id == ticket_id)
    )
    if files and (held or 0) >= FILES:
        raise UserError("hotline-files-enough", n=FILES)
    before = await session.scalar(
        select(func.max(TicketMessage.created_at)).where(TicketMessage.ticket_id == ticket_id)
    )
    await add_message(session, ticket_id, Whose.asker, text, author_id=person_id, now=now, source=source, files=files)
    ticket = await session.get_one(Ticket, ticket_id)
    ticket.theme = guess_theme(words_of(await pieces(session, ticket_id)))
    return before is None or now - before > BURST


async def leave_out(session: AsyncSession, person_id: int) -> None:
    """«Убрать и отправить»: what looks like somebody's data is taken out of the draft, and not kept."""
    ticket = await _need_draft(session, person_id)
    for message in await session.scalars(select(TicketMessage).where(TicketMessage.ticket_id == ticket.id)):
        found: list[Found] = personal(message.text)
        if found:
            message.text = without(message.text, found)
    await session.flush()


async def rewrite(session: AsyncSession, person_id: int) -> None:
    """«Исправить текст»: the words go, files stay; new ones are awaited."""
    ticket = await _need_draft(session, person_id)
    await session.execute(update(TicketMessage).where(TicketMessage.ticket_id == ticket.id).values(text=""))


async def choose_theme(session: AsyncSession, person_id: int, theme: TicketTheme) -> None:
    """«Другая тема»."""
    (await _need_draft(session, person_id)).theme = theme


async def cancel(session: AsyncSession, person_id: int) -> None:
    """Let the draft go."""
    await session.execute(delete(Ticket).where(Ticket.author_id == person_id, Ticket.state == TicketState.draft))


async def send(
    session: AsyncSession,
    person_id: int,
    *,
    zone: ZoneInfo,
    now: datetime,
    speak: Speak | None = None,
) -> Receipt:
    """The draft becomes a question with a number and an hour. NotFound when nothing is written."""
    ticket = await locked(session, (await _need_draft(session, person_id)).id)
    if ticket.state is not TicketState.draft:
        raise UserError("hotline-nothing-written", buttons=ASK_ANEW)
    found = await pieces(session, ticket.id)
    if not any(piece.text or piece.files for piece in found):
        raise UserError("error-needs-text")
    gathered = await sessions.join(session, ticket, now=now)
    made = gathered or await promise(session, ticket.theme, zone, now=now)
    await put_term(session, ticket, made, zone, now=now)
    ticket.asked_at = now
    ticket.promised_id = made.methodist_id
    _, ticket.municipality_id = await facts.place_of(session, person_id, on=now.astimezone(zone).date())
    ticket.subject_slug = await _subject(session, person_id)
    move(session, ticket, "asked", TicketState.new, now=now, actor_id=person_id)
    await session.flush()
    if made.on_duty and speak is not None:
        notice = Notice(
            NoticeKind.question, no=ticket.id, text=cut(words_of(found), SHORT), at=made.at, theme=ticket.theme
        )
        await tell(
            session, made.methodist_id, speak(notice), kind=notice.kind, dedupe=f"question:{ticket.id}", now=now,
            message_class=MessageClass.staff, expires_at=made.at,
        )  # fmt: skip
    names = await names_of(session, [made.methodist_id])
    name = names.get(made.methodist_id or 0, "")
    return Receipt(ticket.id, made.at, name, made.on_duty, ticket.anonymous, gathered is not None)


# --- afterwards --------------------------------------------------------------------------------------


async def add(
    session: AsyncSession,
    person_id: int,
    ticket_id: int,
    text: str,
    *,
    source: str | None,
    zone: ZoneInfo,
    now: datetime,
    speak: Speak,
    files: Sequence[int] = (),
) -> Added:
    """More words to a question: an answer to a clarification, an addition, a question opened again."""
    ticket = await _own(session, person_id, ticket_id)
    if not files and is_empty(text):
        raise UserError("error-needs-text")
    if ticket.state in DONE:
        return await _again(session, ticket, text, source=source, zone=zone, now=now, speak=speak, files=files)
    if ticket.state not in OPEN:
        raise UserError(
            "hotline-over-late", buttons=(("hotline-home.ask", "hotline:ask"), ("button-menu", "menu:home"))
        )
    last = await session.scalar(
        select(func.max(TicketMessage.created_at)).where(
            TicketMessage.ticket_id == ticket_id, TicketMessage.whose == Whose.asker
        )
    )
    added = await add_message(
        session, ticket_id, Whose.asker, text, author_id=person_id, now=now, source=source, files=files
    )
    clarified = ticket.state is TicketState.clarify
    if clarified and added is not None:
        move(session, ticket, "clarified", TicketState.assigned, now=now, actor_id=person_id)
        time = await working_time(session, zone, now=now)
        ticket.due_at = hotline_clock.passed_on(now, time)
        ticket.warn_at, ticket.warned_at = hotline_clock.warn_at(now, ticket.due_at, time), None
    if ticket.methodist_id is not None and added is not None:
        notice = Notice(NoticeKind.more, no=ticket.id, text=cut(text, SHORT), at=ticket.due_at)
        await tell(
            session, ticket.methodist_id, speak(notice), kind=notice.kind, dedupe=f"more:{added.id}", now=now,
            message_class=MessageClass.staff,
        )  # fmt: skip
    names = await names_of(session, [ticket.methodist_id or ticket.promised_id])
    quiet = not clarified and last is not None and now - last <= BURST
    name = next(iter(names.values()), "")
    return Added(ticket.id, ticket.state, name, ticket.due_at, quiet)


async def _again(
    session: AsyncSession,
    ticket: Ticket,
    text: str,
    *,
    source: str | None,
    zone: ZoneInfo,
    now: datetime,
    speak: Speak,
    files: Sequence[int],
) -> Added:
    """Opened again by its author, within seven days; whoever answered goes on."""
    if not _may_reopen(ticket, now):
        raise UserError(
            "hotline-over-late", buttons=(("hotline-home.ask", "hotline:ask"), ("button-menu", "menu:home"))
        )
    added = await add_message(
        session, ticket.id, Whose.asker, text, author_id=ticket.author_id, now=now, source=source, files=files
    )
    to_id = ticket.methodist_id
    after = TicketState.assigned if to_id is not None else TicketState.new
    move(session, ticket, "reopened", after, now=now, actor_id=ticket.author_id, to_id=to_id)
    ticket.reopened += 1
    ticket.closed_at = ticket.grade = None
    made = await promise(session, ticket.theme, zone, now=now)
    await put_term(session, ticket, made, zone, now=now)
    await session.flush()
    if to_id is not None and added is not None:
        notice = Notice(NoticeKind.more, no=ticket.id, text=cut(text, SHORT), at=ticket.due_at)
        await tell(
            session, to_id, speak(notice), kind=notice.kind, dedupe=f"more:{added.id}", now=now,
            message_class=MessageClass.staff,
        )  # fmt: skip
    names = await names_of(session, [to_id])
    return Added(ticket.id, ticket.state, next(iter(names.values()), ""), ticket.due_at, quiet=False, reopened=True)


async def recall(session: AsyncSession, person_id: int, ticket_id: int, *, now: datetime, speak: Speak) -> None:
    """«Отозвать вопрос», «Уже не нужно»; again changes nothing."""
    ticket = await _own(session, person_id, ticket_id)
    if ticket.state is TicketState.withdrawn:
        return
    if ticket.state not in OPEN:
        raise UserError("hotline-recall-late", buttons=(("hotline-home.mine", "hotline:mine:0"),))
    move(session, ticket, "withdrawn", TicketState.withdrawn, now=now, actor_id=person_id)
    ticket.closed_at = now
    if ticket.methodist_id is not None:
        notice = Notice(NoticeKind.withdrawn, no=ticket.id)
        await tell(
            session, ticket.methodist_id, speak(notice), kind=notice.kind, dedupe=f"withdrawn:{ticket.id}", now=now,
            message_class=MessageClass.staff,
        )  # fmt: skip
    await session.flush()


async def grade(
    session: AsyncSession, person_id: int, ticket_id: int, given: TicketGrade, *, now: datetime
) -> datetime:
    """«Помогло»: the question is closed; the day until which it may be opened again. A later press is the last word."""
    ticket = await _own(session, person_id, ticket_id)
    if ticket.state not in DONE or ticket.answered_at is None:
        raise UserError("hotline-grade-early", buttons=(("hotline-home.mine", "hotline:mine:0"),))
    ticket.grade = given
    if ticket.state is TicketState.answered:
        move(session, ticket, "closed", TicketState.closed, now=now, actor_id=person_id)
        ticket.closed_at = now
    await session.flush()
    return (ticket.closed_at or now) + REOPEN_FOR


async def applied(session: AsyncSession, person_id: int, ticket_id: int, given: TicketGrade) -> None:
    """«Получилось применить?»."""
    (await _own(session, person_id, ticket_id)).applied = given
    await session.flush()


async def edited(session: AsyncSession, source: str, text: str, *, now: datetime) -> bool:
    """The author changed a message: what stood before is kept. False when the message is none of ours."""
    message = await session.scalar(select(TicketMessage).where(TicketMessage.source == source))
    if message is None:
        return False
    if message.text != text:
        session.add(TicketMessageVersion(message_id=message.id, text=message.text, until=now))
        message.text = text
        await session.flush()
    return True


async def removed(session: AsyncSession, person_id: int, source: str, *, now: datetime, speak: Speak) -> bool:
    """The author took a message away: its words are nowhere any more. False when the message is none of ours.

    An open question that has nothing left is recalled.
    """
    message = await session.scalar(select(TicketMessage).where(TicketMessage.source == source))
    if message is None or message.deleted_at is not None:
        return message is not None
    await session.execute(delete(TicketMessageVersion).where(TicketMessageVersion.message_id == message.id))
    await session.execute(delete(TicketFile).where(TicketFile.message_id == message.id))
    message.text, message.deleted_at = "", now
    await session.flush()
    ticket = await locked(session, message.ticket_id)
    left = await pieces(session, ticket.id)
    if ticket.state in OPEN and not any(piece.whose is Whose.asker and (piece.text or piece.files) for piece in left):
        await recall(session, person_id, ticket.id, now=now, speak=speak)
    return True


async def mine(session: AsyncSession, person_id: int, page: int) -> tuple[list[Mine], int]:
    """The author's questions, the newest first, and how many there are; three statements."""
    own = (Ticket.author_id == person_id, Ticket.state != TicketState.draft)
    total = await session.scalar(select(func.count()).select_from(Ticket).where(*own)) or 0
    rows = list(
        await session.scalars(select(Ticket).where(*own).order_by(Ticket.id.desc()).limit(PAGE).offset(page * PAGE))
    )
    texts = await texts_of(session, [row.id for row in rows])
    return [
        Mine(row.id, cut(texts.get(row.id, ""), SHORT), row.state, row.due_at, row.asked_at or row.created_at)
        for row in rows
    ], total


async def card(session: AsyncSession, person_id: int, ticket_id: int, *, now: datetime) -> Card:
    """One's own question with what was said about it."""
    ticket = await session.get(Ticket, ticket_id)
    if ticket is None or ticket.author_id != person_id or ticket.state is TicketState.draft:
        raise NotFound()
    talk = await pieces(session, ticket_id, (Whose.asker, Whose.clarify, Whose.answer))
    names = await names_of(session, [ticket.methodist_id or ticket.promised_id])
    return Card(
        no=ticket.id,
        state=ticket.state,
        theme=ticket.theme,
        due_at=ticket.due_at,
        methodist=next(iter(names.values()), ""),
        talk=tuple(talk),
        grade=ticket.grade,
        may_reopen=ticket.state in DONE and _may_reopen(ticket, now),
    )


async def in_clarification(session: AsyncSession, person_id: int) -> int | None:
    """The newest question whose methodist waits for the author's words."""
    return await session.scalar(
        select(Ticket.id)
        .where(Ticket.author_id == person_id, Ticket.state == TicketState.clarify)
        .order_by(Ticket.id.desc())
        .limit(1)
    )


async def newest_open(session: AsyncSession, person_id: int) -> int | None:
    """The newest question that still waits for its answer."""
    return await session.scalar(
        select(Ticket.id)
        .where(Ticket.author_id == person_id, Ticket.state.in_(OPEN))
        .order_by(Ticket.id.desc())
        .limit(1)
    )


def _may_reopen(ticket: Ticket, now: datetime) -> bool:
    return now <= (ticket.closed_at or ticket.answered_at or now) + REOPEN_FOR


async def _draft(session: AsyncSession, person_id: int) -> Ticket | None:
    return await session.scalar(select(Ticket).where(Ticket.author_id == person_id, Ticket.state == TicketState.draft))


async def _need_draft(session: AsyncSession, person_id: int) -> Ticket:
    ticket = await _draft(session, person_id)
    if ticket is None:
        raise UserError("hotline-nothing-written", buttons=ASK_ANEW)
    return ticket


async def _draft_is_bare(session: AsyncSession, person_id: int) -> bool:
    ticket = await _draft(session, person_id)
    if ticket is None:
        return True
    return not any(piece.text or piece.files for piece in await pieces(session, ticket.id))


async def _own(session: AsyncSession, person_id: int, ticket_id: int) -> Ticket:
    ticket = await locked(session, ticket_id)
    if ticket.author_id != person_id or ticket.state is TicketState.draft:
        raise NotFound()
    return ticket


async def _subject(session: AsyncSession, person_id: int) -> str | None:
    """The subject she teaches, where there is just one."""
    slugs = list(
        await session.scalars(
            select(Subject.slug)
            .join(EmploymentSubject, EmploymentSubject.subject_slug == Subject.slug)
            .join(Employment, Employment.id == EmploymentSubject.employment_id)
            .where(Employment.person_id == person_id, Employment.until.is_(None))
            .distinct()
        )
    )
    return slugs[0] if len(slugs) == 1 else None


async def history(session: AsyncSession, ticket_id: int) -> list[TicketEvent]:
    """The steps of a question, the first one first."""
    rows = await session.scalars(select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id))
    return list(rows)
