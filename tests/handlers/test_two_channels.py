"""One person in two messengers: what was begun in one is finished in the other."""

from __future__ import annotations

from sqlalchemy import func, select

from bot.config import ROOT
from bot.db import Database
from bot.models import Answer, Attempt, Messenger, Person
from bot.services import diagnostics
from tests.conftest import NewcomerOn
from tests.factories import NOW, make_person
from tests.handlers.test_linking import code_from, enter

SIGN = "Самостоятельно"


async def test_a_questionnaire_begun_in_one_messenger_is_finished_in_another(
    db: Database, newcomer_on: NewcomerOn
) -> None:
    web, telegram = await newcomer_on("web"), await newcomer_on("telegram")
    async with db.begin() as session:
        await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=NOW)
        await make_person(session, accounts={Messenger.web: web.user_id})
    await web.says("/menu")
    await web.presses("Диагностика")
    await web.presses("Пройти")
    await web.presses("К первому вопросу")
    for _ in range(7):
        await web.presses(SIGN)
    question = web.text

    await enter(telegram, await code_from(web))
    await telegram.presses("Сюда")
    await telegram.says("/menu")
    await telegram.presses("Диагностика")
    await telegram.presses("Продолжить")
    assert telegram.text == question
    for _ in range(40):
        if SIGN not in telegram.buttons:
            break
        await telegram.presses(SIGN)
    await telegram.presses("Узнать результат")
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Person)) == 1
        attempt = (await session.scalars(select(Attempt))).one()
        answers = await session.scalar(select(func.count()).select_from(Answer)) or 0
    assert answers == attempt.position > 7
    assert attempt.finished_at is not None
    # The other chat knows it as well: nothing is left to go on with there.
    await web.says("/menu")
    await web.presses("Диагностика")
    assert "Продолжить" not in web.buttons
