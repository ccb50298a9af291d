"""kill -9 while teachers ask and a methodist answers in the chat: every question is asked once and answered once."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest
from sqlalchemy import select

from bot.clock import utcnow
from bot.config import Settings
from bot.db import Database
from bot.models import Fact, Messenger, Outbox, Role, Ticket, TicketMessage, TicketState, Whose
from tests.factories import give_role, make_organisation, make_person
from tests.fakes.telegram import FakeTelegram
from tests.messengers.test_kill import action, screen
from tests.process import started

PEOPLE = 5
KILLS = 4
METHODIST = 900
AGAIN = 1.5
"""Seconds after which an impatient person presses or writes once more."""

WORDS = "Как написать рабочую программу для пятого класса?"
ANSWER = "Возьмите федеральную программу за основу."


class Person:
    """Presses what she sees, and again when nothing happens."""

    def __init__(self, telegram: FakeTelegram, user: int) -> None:
        self.telegram, self.user = telegram, user
        self._last, self._since = "", 0.0
        telegram.said(user, "/menu")

    def does(self, what: str) -> bool:
        """True when it is time for this step."""
        now = asyncio.get_running_loop().time()
        if what == self._last and now - self._since < AGAIN:
            return False
        self._last, self._since = what, now
        return True

    async def follows(self, road: tuple[str, ...], *, writes: dict[str, str], until: str) -> None:
        """The nearest of the labels that is on the screen; words where they are asked for."""
        while True:
            shown = screen(self.telegram, self.user)
            if shown is not None and until in shown.plain:
                return
            if shown is not None:
                words = next((text for title, text in writes.items() if title in shown.plain), "")
                step = next((found for label in road if (found := action(shown, label))), "")
                key = f"{shown.id}:{words or step}"
                if (words or step) and self.does(key):
                    if words:
                        self.telegram.said(self.user, words)
                    else:
                        self.telegram.pressed(shown, step)
            await asyncio.sleep(0.01)


async def asks(telegram: FakeTelegram, user: int) -> None:
    road = ("Верно, отправить", "Отправить мой", "Задать вопрос", "Дописать начатое", "Горячая линия")
    await Person(telegram, user).follows(road, writes={"Напишите вопрос": WORDS}, until="принят")


async def answers(telegram: FakeTelegram) -> None:
    """Takes and answers until nothing is left."""
    road = ("Отправить", "Следующий вопрос", "Взять вопрос", "Дежурство", "Меню")
    await Person(telegram, METHODIST).follows(road, writes={"Напишите ответ сюда": ANSWER}, until="Очередь пуста")


async def finishes(telegram: FakeTelegram, left: list[int]) -> None:
    """What was taken before a kill waits among one's own."""
    for number in left:
        road = ("Отправить", "1", "Мои вопросы", "Дежурство")
        await Person(telegram, METHODIST).follows(
            road, writes={"Напишите ответ сюда": ANSWER}, until=f"Ответ № {number} отправлен"
        )


@pytest.fixture
def in_region() -> bool:
    return True


async def test_every_question_is_asked_once_and_answered_once(
    db: Database, settings: Settings, telegram: FakeTelegram
) -> None:
    async with db.begin() as session:
        school = await make_organisation(session)
        for user in range(1, PEOPLE + 1):
            await make_person(session, organisation=school, accounts={Messenger.telegram: user})
        methodist = await make_person(session, organisation=school, accounts={Messenger.telegram: METHODIST})
        await give_role(session, methodist, Role.duty, since=utcnow().date())
    for work in ("asking", "answering"):
        people = (
            [asyncio.create_task(asks(telegram, user)) for user in range(1, PEOPLE + 1)]
            if work == "asking"
            else [asyncio.create_task(answers(telegram))]
        )
        try:
            for _ in range(KILLS // 2):
                async with started("receive", settings, telegram) as process, asyncio.timeout(120):
                    goal = len(telegram.calls) + random.randint(6, 24)
                    while len(telegram.calls) < goal and not all(person.done() for person in people):
                        await asyncio.sleep(0.002)
                    await process.kill()
            async with started("receive", settings, telegram), asyncio.timeout(180):
                await asyncio.gather(*people)
                async with db.read() as session:
                    held = (
                        select(Ticket.id).where(Ticket.state == TicketState.assigned).order_by(Ticket.due_at, Ticket.id)
                    )
                    left = list(await session.scalars(held))
                await finishes(telegram, left)
        finally:
            for person in people:
                person.cancel()
    async with db.read() as session:
        tickets = list(await session.scalars(select(Ticket)))
        said = Counter(
            await session.scalars(select(TicketMessage.ticket_id).where(TicketMessage.whose == Whose.answer))
        )
        told = list(await session.scalars(select(Outbox.dedupe).where(Outbox.kind == "hotline-answer")))
        facts = list(await session.scalars(select(Fact.source_id)))
    assert [ticket.state for ticket in tickets] == [TicketState.answered] * PEOPLE
    assert len({ticket.author_id for ticket in tickets}) == PEOPLE
    assert said == {ticket.id: 1 for ticket in tickets}
    assert len(told) == len(facts) == PEOPLE
