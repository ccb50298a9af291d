"""The line of the demonstration: ready answers, shifts around today, questions of months and of this morning."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import ROOT
from bot.models import (
    DutySlot,
    FactKind,
    FaqEntry,
    Identity,
    Messenger,
    Person,
    Ticket,
    TicketEvent,
    TicketGrade,
    TicketMessage,
    TicketState,
    Whose,
)
from bot.rules import hotline_clock
from bot.rules.calendar import is_working
from bot.rules.hotline_clock import Slot
from bot.rules.working_time import WorkingTime
from bot.services import facts
from bot.services.hotline.content import load
from bot.services.hotline.ticket import working_time

LINE = ("duty", "methodist", "centre_staff")
PAST, OPEN = 36, 4
SHIFTS_BACK, SHIFTS_AHEAD = 3, 14


async def add(session: AsyncSession, rng: Random, staff: Sequence[tuple[str, int]], *, now: datetime) -> None:
    """Everything; who asks are registered people, who answers is the staff of the line."""
    zone = now.tzinfo
    assert isinstance(zone, ZoneInfo)
    line = [person_id for role, person_id in staff if role in LINE]
    if not line:
        return
    await load(session, ROOT / "data" / "hotline" / "answers.yaml", today=now.date(), now=now, owner_id=line[0])
    clock = await working_time(session, zone, now=now)
    slots = await _shifts(session, line, clock, now=now)
    registered = select(Identity.person_id).where(Identity.person_id.not_in([person_id for _, person_id in staff]))
    askers = list(
        await session.scalars(select(Person.id).where(Person.id.in_(registered)).order_by(Person.id).limit(60))
    )
    answers = list(await session.scalars(select(FaqEntry).order_by(FaqEntry.id)))
    if not askers or not answers:
        return
    for number in range(PAST):
        entry, asker = rng.choice(answers), rng.choice(askers)
        day = now - timedelta(days=2 + number * 2, hours=rng.randint(0, 5), minutes=rng.randint(0, 59))
        await _asked(session, rng, entry, asker, line, clock, slots, now=day, answered=True)
    for number in range(OPEN):
        moment = now - timedelta(minutes=25 + 30 * number)
        await _asked(
            session, rng, rng.choice(answers), rng.choice(askers), line, clock, slots, now=moment, answered=False
        )
    await session.flush()


async def _shifts(session: AsyncSession, line: Sequence[int], clock: WorkingTime, *, now: datetime) -> list[Slot]:
    """Mornings and afternoons by turns, on working days."""
    made: list[DutySlot] = []
    turn = 0
    for offset in range(-SHIFTS_BACK, SHIFTS_AHEAD):
        day = now.date() + timedelta(days=offset)
        if not is_working(day, clock.days):
            continue
        for begin, end in ((time(9), time(13)), (time(14), time(17))):
            who = line[turn % len(line)]
            instead = line[(turn + 1) % len(line)]
            made.append(
                DutySlot(
                    starts_at=datetime.combine(day, begin, clock.zone), ends_at=datetime.combine(day, end, clock.zone),
                    methodist_id=who, substitute_id=instead if instead != who else None, themes=[],
                    announced_at=now,
                )
            )  # fmt: skip
            turn += 1
    session.add_all(made)
    await session.flush()
    return [Slot(row.methodist_id, (row.starts_at, row.ends_at), substitute_id=row.substitute_id) for row in made]


async def _asked(
    session: AsyncSession,
    rng: Random,
    entry: FaqEntry,
    asker: int,
    line: Sequence[int],
    clock: WorkingTime,
    slots: Sequence[Slot],
    *,
    now: datetime,
    answered: bool,
) -> None:
    """One question with its history."""
    made = hotline_clock.promise(now, clock, [slot for slot in slots if slot.span[1] > now], entry.theme.value)
    methodist = made.methodist_id or rng.choice(line)
    _, municipality = await facts.place_of(session, asker, on=now.date())
    anonymous = rng.random() < 0.15
    ticket = Ticket(
        author_id=asker, anonymous=anonymous, messenger=Messenger.web, municipality_id=municipality,
        theme=entry.theme, state=TicketState.new, promised_id=methodist, created_at=now, asked_at=now,
        due_at=made.at, resolve_by=made.resolve_by, warn_at=hotline_clock.warn_at(now, made.at, clock),
    )  # fmt: skip
    session.add(ticket)
    await session.flush()
    session.add(
        TicketMessage(ticket_id=ticket.id, whose=Whose.asker, author_id=asker, text=entry.question, created_at=now)
    )
    session.add(
        TicketEvent(ticket_id=ticket.id, at=now, actor_id=asker, action="asked", before=TicketState.draft,
                    after=TicketState.new)
    )  # fmt: skip
    if not answered:
        return
    late = rng.random() < 0.08
    at = made.at + timedelta(minutes=40) if late else now + (made.at - now) * rng.uniform(0.2, 0.9)
    session.add_all(
        [
            TicketMessage(ticket_id=ticket.id, whose=Whose.answer, author_id=methodist, text=entry.answer,
                          created_at=at),
            TicketEvent(ticket_id=ticket.id, at=at, actor_id=methodist, action="claimed", before=TicketState.new,
                        after=TicketState.assigned, to_id=methodist),
            TicketEvent(ticket_id=ticket.id, at=at, actor_id=methodist, action="answered",
                        before=TicketState.assigned, after=TicketState.answered),
        ]
    )  # fmt: skip
    ticket.methodist_id, ticket.first_answer_at, ticket.answered_at = methodist, at, at
    ticket.in_term, ticket.state, ticket.asked_applied_at = not late, TicketState.closed, at
    ticket.closed_at = at
    ticket.grade = rng.choices((TicketGrade.yes, TicketGrade.partly, TicketGrade.no, None), (70, 15, 5, 10))[0]
    session.add(
        TicketEvent(ticket_id=ticket.id, at=at, actor_id=asker, action="closed", before=TicketState.answered,
                    after=TicketState.closed)
    )  # fmt: skip
    if not anonymous:
        await facts.add(
            session, asker, FactKind.consulted, occurred_on=at.date(), source=("hotline", ticket.id), now=at,
            evidence={"theme": entry.theme.value, "subject": ""},
        )  # fmt: skip
