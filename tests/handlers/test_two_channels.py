"""One person in two messengers: what was begun in one is finished in the other."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from bot.config import ROOT
from bot.db import Database
from bot.models import Answer, Attempt, Messenger, Person
from bot.services import diagnostics
from tests.conftest import NewcomerOn
from tests.factories import NOW, make_person
from tests.handlers.test_linking import code_from, enter

SIGN = "Самостоятельно"


@pytest.mark.parametrize(("here", "there"), [("web", "telegram"), ("vk", "max"), ("max", "vk"), ("telegram", "max")])
async def test_a_questionnaire_begun_in_one_messenger_is_finished_in_another(
    db: Database, newcomer_on: NewcomerOn, here: str, there: str
) -> None:
    begun, ended = await newcomer_on(here), await newcomer_on(there)
    async with db.begin() as session:
        await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=NOW)
        await make_person(session, accounts={Messenger(here): begun.user_id})
    await begun.says("/menu")
    await begun.presses("Диагностика")
    await begun.presses("Пройти")
    await begun.presses("К первому вопросу")
    for _ in range(7):
        await begun.presses(SIGN)
    question = begun.text

    await enter(ended, await code_from(begun))
    await ended.presses("Сюда")
    await ended.says("/menu")
    await ended.presses("Диагностика")
    await ended.presses("Продолжить")
    assert ended.text == question
    for _ in range(40):
        if SIGN not in ended.buttons:
            break
        await ended.presses(SIGN)
    await ended.presses("Узнать результат")
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Person)) == 1
        attempt = (await session.scalars(select(Attempt))).one()
        answers = await session.scalar(select(func.count()).select_from(Answer)) or 0
    assert answers == attempt.position > 7
    assert attempt.finished_at is not None
    # The other chat knows it as well: nothing is left to go on with there.
    await begun.says("/menu")
    await begun.presses("Диагностика")
    assert "Продолжить" not in begun.buttons
