"""What people really send: each time a short clear answer, nothing lost, nothing raised."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.config import ROOT
from bot.db import Database
from bot.handlers import errors
from bot.middlewares.throttling import Throttling
from bot.models import Answer, Attempt, Identity, Messenger
from bot.services import diagnostics
from bot.ui.pieces import length
from tests.chat import Talk, TelegramTalk
from tests.conftest import Newcomer, NewcomerOn
from tests.factories import NOW, make_person


@pytest.fixture(autouse=True)
def nothing_raises(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Any failure of ours that a person would only see as an apology fails the test."""
    failures: list[dict[str, Any]] = []

    class Log:
        def error(self, event: str, **values: Any) -> None:
            failures.append(values)

        warning = error

    monkeypatch.setattr(errors, "log", Log())
    yield
    assert not failures


@pytest.fixture
async def teacher(db: Database, newcomer: Newcomer) -> Talk:
    talk = await newcomer()
    async with db.begin() as session:
        await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=NOW)
        await make_person(session, accounts={Messenger(talk.messenger): talk.user_id})
    return talk


async def on_question(talk: Talk) -> None:
    await talk.says("/menu")
    await talk.presses("Диагностика")
    await talk.presses("Пройти")
    await talk.presses("К первому вопросу")
    assert talk.sees("1 из 30.")


STRANGE = {
    "long": "а" * 10_000,
    "long words": "слово " * 1_700,
    "emoji": "👩‍🏫" * 300,
    "rtl": "\u202eمرحبا بالعالم\u202c",
    "html": "<b>жирный</b><script>alert(1)</script> & <a href='x'>",
    "open tag": "<b",
    "nulls": "нуль\x00внутри\x00",
    "only null": "\x00",
    "control": "\x07\x1b[31m\u200b\ufeff",
    "spaces": "   \n\n\t  ",
    "lone surrogate neighbours": "\ufffd\ufffe",
    "sql": "'; DROP TABLE people; --",
    "braces": "{ $name } %s {0}",
    "digits": "1" * 400,
    "one sign": "?",
    "slash": "/",
    "unknown command": "/нет такой",
}


@pytest.mark.parametrize("words", STRANGE.values(), ids=STRANGE.keys())
async def test_strange_words_to_a_guest_and_in_every_step_of_registration(talk: Talk, words: str) -> None:
    await talk.says("/start")
    await talk.says(words)
    assert talk.text
    await talk.press_action("people:begin")
    for _ in range(3):
        shown = talk.screen
        await talk.says(words)
        if words.strip(" \n\t\x00"):  # A browser does not send what is empty.
            assert talk.screen.id != shown.id or talk.screen.text != shown.text
        assert length(talk.screen.text) <= 4000
        await talk.press_action("people:agree")
    await talk.says("/menu")
    assert talk.sees("Здравствуйте")


@pytest.mark.parametrize("words", STRANGE.values(), ids=STRANGE.keys())
async def test_strange_words_instead_of_a_button_lose_no_answer(teacher: Talk, db: Database, words: str) -> None:
    await on_question(teacher)
    await teacher.presses("По образцу")
    await teacher.says(words)
    assert teacher.text
    await teacher.says("/menu")
    await teacher.presses("Продолжить")
    assert teacher.sees("2 из 30.")
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Answer)) == 1


THINGS: dict[str, dict[str, Any]] = {
    "sticker": {"sticker": {"file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1,
                            "is_animated": False, "is_video": False}},
    "voice": {"voice": {"file_id": "v", "file_unique_id": "v", "duration": 3}},
    "location": {"location": {"latitude": 54.7, "longitude": 32.0}},
    "contact": {"contact": {"phone_number": "+7", "first_name": "А"}},
    "photo": {"photo": [{"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}]},
    "dice": {"dice": {"emoji": "🎲", "value": 3}},
    "pinned": {"pinned_message": {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}}},
}  # fmt: skip


@pytest.mark.parametrize("thing", THINGS.values(), ids=THINGS.keys())
async def test_a_thing_where_words_are_expected(newcomer_on: NewcomerOn, thing: dict[str, Any]) -> None:
    talk = await newcomer_on("telegram")
    assert isinstance(talk, TelegramTalk)
    await talk.says("помощь")
    await talk.sends(**thing)
    assert talk.sees("Здесь нужен текст")
    await talk.presses("Меню")
    assert talk.sees("Здравствуйте")


async def test_a_voice_message_instead_of_a_button_keeps_the_question(teacher: Talk) -> None:
    await on_question(teacher)
    await teacher.sends(**THINGS["voice"])
    assert "По образцу" in teacher.buttons
    await teacher.presses("По образцу")
    assert teacher.sees("2 из 30.")


async def test_a_file_over_the_limit(newcomer_on: NewcomerOn) -> None:
    talk = await newcomer_on("telegram")
    assert isinstance(talk, TelegramTalk)
    await talk.says("/start")
    document = {"file_id": "d", "file_unique_id": "d", "file_name": "видео.mp4", "file_size": 21 * 2**20}
    await talk.sends(document=document)
    assert talk.sees("Файл больше 20 МБ")
    assert talk.buttons == ["Меню"]


async def test_five_presses_at_once_are_one_answer(teacher: Talk, db: Database) -> None:
    await on_question(teacher)
    question = teacher.screen
    action = next(b["callback_data"] for row in question.rows for b in row if b["text"] == "По образцу")
    await asyncio.gather(*(teacher.press_action(action, of=question) for _ in range(5)))
    assert teacher.sees("2 из 30.")
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Answer)) == 1


async def test_five_different_presses_at_once(teacher: Talk, db: Database) -> None:
    await on_question(teacher)
    question = teacher.screen
    actions = [b["callback_data"] for row in question.rows for b in row][:5]
    await asyncio.gather(*(teacher.press_action(action, of=question) for action in actions))
    assert teacher.text
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Answer)) == 1


async def test_a_press_of_last_years_message(teacher: Talk) -> None:
    await on_question(teacher)
    old = teacher.screen
    old.date = 1_700_000_000
    answers = [button["callback_data"] for row in old.rows for button in row][2:4]
    for action in answers:
        # A messenger that edits messages of any age has taken the buttons away; the second press was on its way.
        await teacher.press_action(action, of=old)
        assert teacher.text
    assert teacher.sees("из 30.")


async def test_two_messengers_at_once(newcomer_on: NewcomerOn, db: Database) -> None:
    phone, page = await newcomer_on("telegram"), await newcomer_on("web")
    async with db.begin() as session:
        await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=NOW)
        person = await make_person(session, accounts={Messenger.telegram: phone.user_id})
        session.add(
            Identity(
                person_id=person.id,
                messenger=Messenger.web,
                user_id=page.user_id,
                chat_id=page.user_id,
                linked_at=NOW,
            )
        )
    await on_question(phone)
    await page.says("/menu")
    await page.presses("Продолжить")
    await asyncio.gather(phone.presses("По образцу"), page.presses("Самостоятельно"))
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Attempt)) == 1
        assert await session.scalar(select(func.count()).select_from(Answer)) == 1
    for talk in (phone, page):
        await talk.says("/menu")
        await talk.presses("Продолжить")
        assert talk.sees("2 из 30.")


async def test_a_flood_is_answered_once(newcomer_on: NewcomerOn, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = await newcomer_on("telegram")
    assert isinstance(talk, TelegramTalk)
    throttling = next(m for m in talk.dispatcher.message.outer_middleware if isinstance(m, Throttling))
    monkeypatch.setattr(throttling, "_limit", 5)
    for _ in range(12):
        await talk.says("ну")
    answers = [message.plain for message in talk.messages if not message.from_person]
    assert len(answers) == 6
    assert answers[-1] == "Все сообщения дошли, отвечу одним. Подождите, пожалуйста, минуту."
    await talk.presses("Меню")
    assert talk.sees("Здравствуйте")
    monkeypatch.setattr(throttling, "_clock", lambda: 10**9)
    await talk.says("помощь")
    assert talk.sees("Чем помочь?")
