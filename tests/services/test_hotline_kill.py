"""kill -9 at any step of a question: what was written is whole, and the work goes on where it stopped."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from datetime import timedelta

from sqlalchemy import func, select

from bot.clock import utcnow
from bot.config import ROOT, Settings
from bot.db import Database
from bot.models import Fact, Messenger, Outbox, Role, Ticket, TicketEvent, TicketMessage, TicketState, Whose
from bot.services.access import scope_of
from bot.services.hotline import asking, duty
from bot.services.hotline.ticket import Notice
from bot.ui.screen import Screen
from tests.factories import give_role, make_organisation, make_person

PEOPLE = 50
KILLED_AT = (10, 45, 90, 130)
"""Steps written when the next kill comes: the first is among the questions, the last among the answers."""


def speak(notice: Notice) -> Screen:
    return Screen(f"{notice.kind.value} {notice.no}")


async def work(url: str, people: list[int], methodist: int) -> None:
    """Each person asks once and is answered once; begun again, it goes on."""
    settings = Settings(_env_file=None, web={"secret": "x" * 40})
    db, now = Database(url), utcnow()
    print("ready", flush=True)
    for person in people:
        async with db.read() as session:
            state = await session.scalar(select(Ticket.state).where(Ticket.author_id == person))
        if state in (None, TicketState.draft):
            async with db.begin() as session:
                await asking.write(
                    session, person, Messenger.web, "Как писать программу?", source=f"web:{person}:1", now=now
                )
            async with db.begin() as session:
                await asking.send(session, person, zone=settings.zone, now=now, speak=speak)
    async with db.read() as session:
        scope = await scope_of(session, methodist, today=now.date())
        waiting = list(
            await session.scalars(
                select(Ticket.id).where(Ticket.state.in_((TicketState.new, TicketState.assigned))).order_by(Ticket.id)
            )
        )
    for number in waiting:
        async with db.begin() as session:
            await duty.claim(session, scope, number, now=now)
        async with db.begin() as session:
            await duty.answer(session, scope, number, "Вот так.", zone=settings.zone, now=now, speak=speak)
    await db.close()
    print("done", flush=True)


async def test_nothing_is_lost_and_nothing_is_doubled(db: Database, settings: Settings) -> None:
    async with db.begin() as session:
        school = await make_organisation(session)
        methodist = await make_person(session, "Ложкина Анна Петровна", organisation=school)
        await give_role(session, methodist, Role.duty, since=utcnow().date() - timedelta(days=1))
        people = [(await make_person(session, organisation=school)).id for _ in range(PEOPLE)]
        methodist_id = methodist.id
    code = f"import asyncio; from tests.services.test_hotline_kill import work; asyncio.run(work({settings.database_url!r}, {people!r}, {methodist_id}))"  # noqa: E501
    stopped: list[int] = []
    for goal in (*KILLED_AT, None):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        assert (await process.stdout.readline()).strip() == b"ready"
        if goal is not None:
            async with asyncio.timeout(120):
                while await steps(db) < goal:
                    await asyncio.sleep(0.002)
            process.kill()
        code_of = await process.wait()
        assert code_of == (0 if goal is None else -9), "it was killed in the middle of its work"
        stopped.append(await steps(db))
        async with db.read() as session:
            await whole(session)
    assert stopped == sorted(stopped)
    async with db.read() as session:
        states = Counter(await session.scalars(select(Ticket.state)))
        told = list(await session.scalars(select(Outbox.dedupe).where(Outbox.kind == "hotline-answer")))
        facts = await session.scalar(select(func.count()).select_from(Fact))
    assert states == {TicketState.answered: PEOPLE}
    assert len(told) == len(set(told)) == facts == PEOPLE


async def steps(db: Database) -> int:
    """Steps of all questions so far."""
    async with db.read() as session:
        return await session.scalar(select(func.count()).select_from(TicketEvent)) or 0


async def whole(session) -> None:  # type: ignore[no-untyped-def]
    """Every question's state is its last step; its words, its answer, its fact and its message came together."""
    words = Counter(await session.scalars(select(TicketMessage.ticket_id).where(TicketMessage.whose == Whose.asker)))
    answers = Counter(await session.scalars(select(TicketMessage.ticket_id).where(TicketMessage.whose == Whose.answer)))
    facts = Counter(await session.scalars(select(Fact.source_id)))
    last = dict(
        (await session.execute(select(TicketEvent.ticket_id, TicketEvent.after).order_by(TicketEvent.id))).all()
    )
    for ticket in await session.scalars(select(Ticket)):
        assert words[ticket.id] == 1
        if ticket.state is not TicketState.draft:
            assert last[ticket.id] is ticket.state
            assert ticket.due_at is not None
        assert answers[ticket.id] == facts[ticket.id] == (ticket.state is TicketState.answered)
