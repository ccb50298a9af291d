"""The methodist's side: the queue, claiming, answering, asking back, returning, giving to another, closing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    ActivityKind,
    DutySlot,
    FactKind,
    MessageClass,
    Ticket,
    TicketMessage,
    TicketState,
    Whose,
)
from bot.rules import hotline_clock
from bot.rules.working_time import NoTime, add
from bot.services import facts, iom, outbox
from bot.services.access import Right, Scope
from bot.services.hotline.desk import IN_QUEUE, colleagues
from bot.services.hotline.ticket import (
    DONE,
    OPEN,
    WAITING,
    Notice,
    NoticeKind,
    Speak,
    add_message,
    locked,
    move,
    names_of,
    promise,
    put_term,
    tell,
    working_time,
)

ANSWER_LENGTH = 8000
"""Characters of one answer."""


async def claim(session: AsyncSession, scope: Scope, ticket_id: int, *, now: datetime) -> None:
    """Take a question: of two who press at once one gets it, the other is told who. One's own again is nothing new."""
    scope.require(Right.hotline_answer)
    taken = await session.execute(
        update(Ticket)
        .where(Ticket.id == ticket_id, Ticket.state == TicketState.new)
        .values(state=TicketState.assigned, methodist_id=scope.person_id)
        .returning(Ticket.id)
        .execution_options(synchronize_session=False)
    )
    if taken.scalar() is None:
        ticket = await locked(session, ticket_id)
        if ticket.state is TicketState.draft:
            raise NotFound()
        if ticket.methodist_id == scope.person_id and ticket.state in OPEN:
            return
        names = await names_of(session, [ticket.methodist_id])
        raise UserError(
            "hotline-taken", name=next(iter(names.values()), ""), buttons=(("hotline-queue.queue", "duty:queue:0"),)
        )
    ticket = await locked(session, ticket_id)
    ticket.state = TicketState.new
    move(session, ticket, "claimed", TicketState.assigned, now=now, actor_id=scope.person_id, to_id=scope.person_id)
    await session.flush()


async def claim_next(session: AsyncSession, scope: Scope, *, now: datetime) -> int | None:
    """Take the question with the nearest hour; her themes of the running shift first. None when the queue is empty."""
    scope.require(Right.hotline_answer)
    themes = await session.scalar(
        select(DutySlot.themes).where(
            DutySlot.methodist_id == scope.person_id, DutySlot.starts_at <= now, DutySlot.ends_at > now
        )
    )
    first = (Ticket.theme.not_in(themes),) if themes else ()
    for ticket_id in await session.scalars(
        select(Ticket.id).where(IN_QUEUE).order_by(*first, Ticket.due_at, Ticket.id).limit(10)
    ):
        try:
            async with session.begin_nested():
                await claim(session, scope, ticket_id, now=now)
        except UserError:
            continue
        return ticket_id
    return None


async def answer(
    session: AsyncSession,
    scope: Scope,
    ticket_id: int,
    text: str,
    *,
    zone: ZoneInfo,
    now: datetime,
    speak: Speak,
    files: Sequence[int] = (),
) -> None:
    """The answer goes to the author, once; the consultation becomes a fact unless it was asked without a name."""
    ticket = await _held(session, scope, ticket_id)
    text = require_answer(text, files)
    await deliver(session, scope, ticket, text, zone=zone, now=now, speak=speak, files=files)


async def is_answered_by(session: AsyncSession, scope: Scope, ticket_id: int) -> bool:
    """True when the answer of this person has gone already: a repeated press is told so, not that others were first."""
    ticket = await locked(session, ticket_id)
    gone = ticket.answered_at is not None and ticket.state not in (*OPEN, TicketState.draft)
    return gone and ticket.methodist_id == scope.person_id


def require_answer(text: str, files: Sequence[int] = ()) -> str:
    """The words of an answer. UserError for none, or for too many."""
    text = text.strip()
    if not text and not files:
        raise UserError("error-needs-text")
    if len(text) > ANSWER_LENGTH:
        raise UserError("hotline-answer-long", n=ANSWER_LENGTH)
    return text


async def deliver(
    session: AsyncSession,
    scope: Scope,
    ticket: Ticket,
    text: str,
    *,
    zone: ZoneInfo,
    now: datetime,
    speak: Speak,
    files: Sequence[int] = (),
) -> None:
    """The answer becomes part of the question and goes to its author; the caller holds the question."""
    message = await add_message(session, ticket.id, Whose.answer, text, author_id=scope.person_id, now=now, files=files)
    assert message is not None
    _responded(ticket, now)
    move(session, ticket, "answered", TicketState.answered, now=now, actor_id=scope.person_id)
    ticket.answered_at = now
    if ticket.author_id is not None and not ticket.anonymous:
        await facts.add(
            session, ticket.author_id, FactKind.consulted, occurred_on=_day(now, zone), source=("hotline", ticket.id),
            now=now, evidence={"theme": ticket.theme.value, "subject": ticket.subject_slug or ""},
        )  # fmt: skip
        # A step «консультация методиста» of her route is done by this, without a paper.
        source = iom.Source("hotline", ticket.id, _day(now, zone), kind=ActivityKind.consult)
        await iom.close_by(session, ticket.author_id, source, now=now)
    name = (await names_of(session, [scope.person_id])).get(scope.person_id or 0, "")
    notice = Notice(NoticeKind.answer, no=ticket.id, text=text, name=name)
    await tell(session, ticket.author_id, speak(notice), kind=notice.kind, dedupe=f"answer:{message.id}", now=now)
    for place, file_id in enumerate(files):
        await _file_to(session, ticket.author_id, file_id, f"file:{message.id}:{place}", notice, speak, now=now)


async def ask_back(
    session: AsyncSession, scope: Scope, ticket_id: int, text: str, *, now: datetime, speak: Speak
) -> None:
    """«Уточнить»: the clock of the question stops until its author answers."""
    ticket = await _held(session, scope, ticket_id)
    if not text.strip():
        raise UserError("error-needs-text")
    message = await add_message(session, ticket_id, Whose.clarify, text.strip(), author_id=scope.person_id, now=now)
    assert message is not None
    _responded(ticket, now)
    move(session, ticket, "asked-back", TicketState.clarify, now=now, actor_id=scope.person_id)
    name = (await names_of(session, [scope.person_id])).get(scope.person_id or 0, "")
    notice = Notice(NoticeKind.clarify, no=ticket.id, text=text.strip(), name=name)
    await tell(session, ticket.author_id, speak(notice), kind=notice.kind, dedupe=f"clarify:{message.id}", now=now)


async def put_back(session: AsyncSession, scope: Scope, ticket_id: int, *, now: datetime) -> None:
    """«В очередь»: anybody may take it; the hour stays."""
    ticket = await _held(session, scope, ticket_id)
    move(session, ticket, "returned", TicketState.new, now=now, actor_id=scope.person_id)
    ticket.methodist_id = None
    await session.flush()


async def give(
    session: AsyncSession,
    scope: Scope,
    ticket_id: int,
    to_id: int,
    reason: str,
    *,
    now: datetime,
    speak: Speak,
) -> None:
    """To another methodist, with a reason; both sides are told. A head may give anybody's question."""
    ticket = await _held(session, scope, ticket_id, or_new=True)
    reason = " ".join(reason.split())
    if not reason:
        raise UserError("hotline-reason")
    if to_id not in {one.id for one in await colleagues(session, scope, ticket_id, now=now)}:
        raise NotFound()
    move(session, ticket, "given", TicketState.assigned, now=now, actor_id=scope.person_id, to_id=to_id, reason=reason)
    ticket.methodist_id = to_id
    await session.flush()
    stamp = int(now.timestamp())
    names = await names_of(session, [to_id, scope.person_id])
    given = Notice(
        NoticeKind.given, no=ticket.id, text=reason, name=names.get(scope.person_id or 0, ""), at=ticket.due_at
    )
    await tell(
        session, to_id, speak(given), kind=given.kind, dedupe=f"given:{ticket.id}:{to_id}:{stamp}", now=now,
        message_class=MessageClass.staff,
    )  # fmt: skip
    passed = Notice(NoticeKind.passed, no=ticket.id, name=names.get(to_id, ""), at=ticket.due_at)
    await tell(
        session, ticket.author_id, speak(passed), kind=passed.kind, dedupe=f"passed:{ticket.id}:{to_id}:{stamp}",
        now=now,
    )  # fmt: skip


async def note(session: AsyncSession, scope: Scope, ticket_id: int, text: str, *, now: datetime) -> None:
    """A word among the staff of the line; it never leaves it."""
    scope.require(Right.hotline_answer)
    ticket = await locked(session, ticket_id)
    if ticket.state is TicketState.draft:
        raise NotFound()
    if not text.strip():
        raise UserError("error-needs-text")
    await add_message(session, ticket_id, Whose.note, text.strip(), author_id=scope.person_id, now=now)


async def set_complex(
    session: AsyncSession, scope: Scope, ticket_id: int, *, zone: ZoneInfo, now: datetime, speak: Speak
) -> None:
    """A complex question: three working days, counted from when it was asked; its author is told the new hour."""
    ticket = await _held(session, scope, ticket_id)
    if ticket.complex_one:
        return
    time = await working_time(session, zone, now=now)
    ticket.complex_one = True
    ticket.resolve_by = hotline_clock.resolve_by(ticket.asked_at or now, time, complex_one=True)
    if ticket.resolve_by > now:
        ticket.due_at = ticket.resolve_by
        ticket.warn_at, ticket.warned_at = hotline_clock.warn_at(now, ticket.due_at, time), None
    move(session, ticket, "complex", ticket.state, now=now, actor_id=scope.person_id)
    await session.flush()
    name = (await names_of(session, [scope.person_id])).get(scope.person_id or 0, "")
    notice = Notice(NoticeKind.passed, no=ticket.id, name=name, at=ticket.due_at)
    await tell(session, ticket.author_id, speak(notice), kind=notice.kind, dedupe=f"complex:{ticket.id}", now=now)


async def reopen(session: AsyncSession, scope: Scope, ticket_id: int, *, zone: ZoneInfo, now: datetime) -> None:
    """A methodist may open a question again at any time; it becomes hers."""
    scope.require(Right.hotline_answer)
    ticket = await locked(session, ticket_id)
    if ticket.state in OPEN and ticket.methodist_id == scope.person_id:
        return
    if ticket.state not in (*DONE, TicketState.withdrawn):
        raise NotFound()
    move(session, ticket, "reopened", TicketState.assigned, now=now, actor_id=scope.person_id, to_id=scope.person_id)
    ticket.methodist_id, ticket.closed_at, ticket.grade = scope.person_id, None, None
    ticket.reopened += 1
    await put_term(session, ticket, await promise(session, ticket.theme, zone, now=now), zone, now=now)
    await session.flush()


async def unite(
    session: AsyncSession, scope: Scope, ticket_id: int, into_id: int, *, now: datetime, speak: Speak
) -> None:
    """A question its author has written twice: the words join the other one, and she is told its number."""
    ticket = await _held(session, scope, ticket_id, or_new=True)
    into = await locked(session, into_id)
    if into_id == ticket_id or into.author_id != ticket.author_id or into.author_id is None or into.state not in OPEN:
        raise UserError("hotline-unite-other")
    if ticket.anonymous is not into.anonymous:
        raise UserError("hotline-unite-other")
    await session.execute(update(TicketMessage).where(TicketMessage.ticket_id == ticket_id).values(ticket_id=into_id))
    move(session, ticket, "merged", TicketState.merged, now=now, actor_id=scope.person_id, reason=str(into_id))
    ticket.merged_into_id, ticket.closed_at = into_id, now
    await session.flush()
    notice = Notice(NoticeKind.closed, no=ticket.id, other=str(into_id), at=into.due_at)
    await tell(session, ticket.author_id, speak(notice), kind=notice.kind, dedupe=f"merged:{ticket_id}", now=now)


async def hand_over(
    session: AsyncSession, scope: Scope, *, zone: ZoneInfo, now: datetime, speak: Speak
) -> tuple[int, str]:
    """«Передать сменщику»: one's open questions go to whoever is next on duty. How many, and to whom."""
    scope.require(Right.hotline_answer)
    rows = list(
        await session.scalars(
            select(Ticket)
            .where(Ticket.methodist_id == scope.person_id, Ticket.state.in_(WAITING))
            .order_by(Ticket.due_at)
            .with_for_update()
        )
    )
    running = await session.scalar(
        select(DutySlot).where(
            DutySlot.methodist_id == scope.person_id, DutySlot.starts_at <= now, DutySlot.ends_at > now
        )
    )
    after = await session.scalar(
        select(DutySlot)
        .where(DutySlot.methodist_id != scope.person_id, DutySlot.ends_at > (running.ends_at if running else now))
        .order_by(DutySlot.starts_at)
        .limit(1)
    )
    if after is None:
        raise UserError("hotline-nobody-after")
    name = (await names_of(session, [after.methodist_id])).get(after.methodist_id, "")
    for ticket in rows:
        move(
            session, ticket, "handed-over", TicketState.assigned, now=now, actor_id=scope.person_id,
            to_id=after.methodist_id,
        )  # fmt: skip
        ticket.methodist_id = after.methodist_id
        await _later(session, ticket, after, zone, now=now)
        notice = Notice(NoticeKind.passed, no=ticket.id, name=name, at=ticket.due_at)
        await tell(
            session, ticket.author_id, speak(notice), kind=notice.kind,
            dedupe=f"handed:{ticket.id}:{after.id}", now=now,
        )  # fmt: skip
    if running is not None:
        running.handed_at = now
    await session.flush()
    return len(rows), name


async def _later(session: AsyncSession, ticket: Ticket, slot: DutySlot, zone: ZoneInfo, *, now: datetime) -> None:
    """A question that goes to a later shift gets an hour of that shift, unless it has a later one."""
    time = await working_time(session, zone, now=now)
    try:
        due = add(time, max(now, slot.starts_at), hotline_clock.FIRST)
    except NoTime:
        return
    if ticket.due_at is None or ticket.due_at < due:
        ticket.due_at = due
        ticket.warn_at, ticket.warned_at = hotline_clock.warn_at(now, due, time), None


async def _held(session: AsyncSession, scope: Scope, ticket_id: int, *, or_new: bool = False) -> Ticket:
    """A question in one's own hands (a head's hands are everywhere); otherwise who has it is told."""
    scope.require(Right.hotline_answer)
    ticket = await locked(session, ticket_id)
    if ticket.state is TicketState.draft:
        raise NotFound()
    if ticket.state not in OPEN:
        raise UserError("hotline-decided", buttons=(("hotline-queue.queue", "duty:queue:0"),))
    mine = ticket.methodist_id == scope.person_id and ticket.state is not TicketState.new
    if mine or (scope.may(Right.hotline_manage) and or_new) or (or_new and ticket.state is TicketState.new):
        return ticket
    if ticket.state is TicketState.new:
        raise UserError("hotline-not-yours", buttons=(("hotline-duty-card.take", f"duty:take:{ticket_id}"),))
    names = await names_of(session, [ticket.methodist_id])
    raise UserError(
        "hotline-taken", name=next(iter(names.values()), ""), buttons=(("hotline-queue.queue", "duty:queue:0"),)
    )


def _responded(ticket: Ticket, now: datetime) -> None:
    """The first response: whether the first named hour was kept is settled here."""
    if ticket.first_answer_at is not None:
        return
    ticket.first_answer_at = now
    if ticket.in_term is None:
        ticket.in_term = ticket.due_at is None or hotline_clock.within_term(now, ticket.due_at)


async def _file_to(
    session: AsyncSession,
    person_id: int | None,
    file_id: int,
    dedupe: str,
    notice: Notice,
    speak: Speak,
    *,
    now: datetime,
) -> None:
    if person_id is None:
        return
    short = Notice(NoticeKind.answer, no=notice.no, name=notice.name)
    await outbox.say(
        session, person_id, speak(short), message_class=MessageClass.for_you, kind="hotline-file",
        dedupe=f"hotline:{dedupe}", now=now, file_id=file_id,
    )  # fmt: skip


def _day(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(zone).date()
