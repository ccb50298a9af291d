"""kill -9 in the middle of a questionnaire: what was shown as answered is in the table, nothing twice, it goes on."""

from __future__ import annotations

import asyncio
import random
import re

import pytest
from sqlalchemy import func, select

from bot.clock import utcnow
from bot.config import ROOT, Settings
from bot.db import Database
from bot.models import Answer, Attempt, AttemptState, Fact, Messenger
from bot.services import diagnostics
from tests.factories import make_organisation, make_person
from tests.fakes.telegram import FakeTelegram, Shown
from tests.process import started

PEOPLE = 8
QUESTIONS = 30
KILLS = 2
BASES = ("here", pytest.param("here@postgres", marks=pytest.mark.postgres))


def screen(telegram: FakeTelegram, user: int) -> Shown | None:
    own = [message for message in telegram.chats.get(user, []) if not message.from_person and not message.deleted]
    return own[-1] if own else None


def action(message: Shown | None, label: str) -> str:
    rows = message.rows if message else []
    return next((str(b["callback_data"]) for row in rows for b in row if b["text"] == label), "")


def place(message: Shown | None) -> int:
    """Number of the question on the screen, from 1; 0 when it is another screen."""
    found = re.match(r"(\d+) из 30\.", message.plain) if message else None
    return int(found[1]) if found else 0


async def teacher(telegram: FakeTelegram, user: int) -> None:
    """Impatient: presses what she sees, and again when nothing happens."""
    road = ("Диагностика", "Пройти", "К первому вопросу", "Самостоятельно", "Узнать результат")
    pressed, since = "", 0.0
    clock = asyncio.get_running_loop().time
    telegram.said(user, "/menu")
    while True:
        shown = screen(telegram, user)
        if shown is not None and "Что показала самодиагностика" in shown.plain:
            return
        step = next((found for label in reversed(road) if (found := action(shown, label))), "")
        if shown is not None and step and (step != pressed or clock() - since > 3):
            pressed, since = step, clock()
            telegram.pressed(shown, step)
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("base", BASES)
async def test_a_questionnaire_survives(db: Database, settings: Settings, telegram: FakeTelegram, base: str) -> None:
    async with db.begin() as session:
        await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=utcnow())
        school = await make_organisation(session)
        for user in range(1, PEOPLE + 1):
            await make_person(session, organisation=school, accounts={Messenger.telegram: user})
    people = [asyncio.create_task(teacher(telegram, user)) for user in range(1, PEOPLE + 1)]
    try:
        for _ in range(KILLS):
            async with started("receive", settings, telegram) as process, asyncio.timeout(120):
                goal = len(telegram.calls) + random.randint(40, 110)
                while len(telegram.calls) < goal:
                    await asyncio.sleep(0.002)
                await process.kill()
            seen = {user: place(screen(telegram, user)) for user in range(1, PEOPLE + 1)}
            async with db.read() as session:
                rows = await session.execute(
                    select(Attempt.id, Attempt.position, func.count(Answer.item_id))
                    .outerjoin(Answer)
                    .group_by(Attempt.id, Attempt.position)
                )
                attempts = rows.all()
            assert all(position == answers for _, position, answers in attempts), "position is what was answered"
            shown = sum(max(0, number - 1) for number in seen.values())
            assert shown <= sum(answers for *_, answers in attempts), "no answer was shown that is not kept"
        async with started("receive", settings, telegram), asyncio.timeout(300):
            await asyncio.gather(*people)
    finally:
        for person in people:
            person.cancel()
    async with db.read() as session:
        states = list(await session.scalars(select(Attempt.state)))
        answers = await session.scalar(select(func.count()).select_from(Answer))
        facts = await session.scalar(select(func.count()).select_from(Fact))
    assert states == [AttemptState.finished] * PEOPLE, "one attempt a person, all of them whole"
    assert answers == PEOPLE * QUESTIONS
    assert facts == PEOPLE
