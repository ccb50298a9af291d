"""One conversation in every messenger: the same words and buttons, so that nobody can tell which it was written for."""

from __future__ import annotations

import re

import pytest

from bot.db import Database
from bot.models import Messenger
from tests.chat import Talk
from tests.conftest import NewcomerOn
from tests.factories import make_person
from tests.handlers.test_diagnostics import take
from tests.handlers.test_registration import to_check

EVERYWHERE = ("telegram", "vk", "max", "web")
NAMES = "Telegram|MAX|ВК|веб-чат"


class Written:
    """A conversation as it is written down: each screen with its buttons, in order."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk

    def screens(self) -> list[tuple[str, tuple[str, ...]]]:
        """Without names of messengers and what only the web draws differently: spaces and line ends."""
        return [
            (re.sub(NAMES, "…", re.sub(r"\s+", "", message.plain)), tuple(message.labels))
            for message in self.talk.messages
            if not message.from_person
        ]


async def written_of(newcomer_on: NewcomerOn, db: Database, messenger: str, story: str) -> Written:
    talk = await newcomer_on(messenger)
    if story == "registration":
        await talk.says("/start")
        await to_check(talk)
        await talk.presses("Всё верно")
        return Written(talk)
    async with db.begin() as session:
        await make_person(session, accounts={Messenger(messenger): talk.user_id})
    if story == "diagnosis":
        await take(talk, "432545")
        await talk.presses("Узнать результат")
        await talk.presses("По группам")
        await talk.presses("1")
        return Written(talk)
    for words in ("/start", "/help", "профиль", "что-то непонятное", "/mydata"):
        await talk.says(words)
    await talk.says("/menu")
    await talk.presses("Диагностика")
    await talk.says("/cancel")
    return Written(talk)


@pytest.mark.parametrize("story", ["registration", "diagnosis", "around the menu"])
async def test_the_conversation_is_the_same(newcomer_on: NewcomerOn, db: Database, story: str) -> None:
    told = {name: (await written_of(newcomer_on, db, name, story)).screens() for name in EVERYWHERE}
    assert len(told["telegram"]) >= 3
    for name in EVERYWHERE:
        assert told[name] == told["telegram"], name
