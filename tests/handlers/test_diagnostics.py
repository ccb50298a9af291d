"""A teacher takes the self-diagnosis: conversation, races, old buttons."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.config import ROOT
from bot.db import Database
from bot.models import Answer, Attempt, Fact, Messenger, Outbox, OutboxState
from bot.services import diagnostics
from tests.chat import Talk, TelegramTalk
from tests.conftest import Newcomer
from tests.factories import NOW, make_person


@pytest.fixture
async def teacher(db: Database, newcomer: Newcomer) -> Talk:
    """A registered teacher with an empty history."""
    talk = await newcomer()
    async with db.begin() as session:
        await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=NOW)
        await make_person(session, accounts={Messenger(talk.messenger): talk.user_id})
    return talk


async def take(talk: Talk, answers: str = "4") -> None:
    await talk.says("/menu")
    await talk.presses("Диагностика")
    await talk.presses("Пройти")
    await talk.presses("К первому вопросу")
    labels = [
        "Не моя практика",
        "Не приходилось",
        "Только с помощью",
        "По образцу",
        "Самостоятельно",
        "Могу научить коллегу",
    ]
    for number in range(30):
        assert talk.sees(f"{number + 1} из 30.")
        await talk.presses(labels[int(answers[number % len(answers)])])


async def test_from_the_menu_to_the_result(teacher: Talk, db: Database) -> None:
    await teacher.says("/start")
    assert teacher.sees("ближайшее: самодиагностика")
    await take(teacher, "432545")
    assert teacher.sees("Это был последний вопрос")
    await teacher.presses("Узнать результат")
    assert teacher.sees("Что показала самодиагностика")
    assert teacher.sees("Материалы пробные")
    await teacher.presses("По группам")
    await teacher.presses("1")
    assert teacher.sees("из 100, точность ±")
    assert teacher.saw("Что показала самодиагностика"), "a result is never edited away"
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Fact)) == 1
        assert await session.scalar(select(func.count()).select_from(Answer)) == 30


async def test_back_pause_and_resume(teacher: Talk) -> None:
    await teacher.says("/menu")
    await teacher.presses("Диагностика")
    await teacher.presses("Пройти")
    await teacher.presses("К первому вопросу")
    await teacher.presses("По образцу")
    await teacher.presses("Назад")
    assert teacher.sees("1 из 30.")
    await teacher.presses("Самостоятельно")
    await teacher.presses("Пауза")
    assert teacher.sees("Сохранено 1 из 30")
    await teacher.says("/menu")
    await teacher.presses("Продолжить")
    assert teacher.sees("2 из 30.")


async def test_a_reminder_comes_once_a_day_later_and_only_while_it_is_open(teacher: Talk, db: Database) -> None:
    async def waiting() -> list[Outbox]:
        async with db.read() as session:
            rows = await session.scalars(select(Outbox).where(Outbox.kind == "diagnostics-resume").order_by(Outbox.id))
            return [row for row in rows if row.state is OutboxState.queued]

    await teacher.says("/menu")
    for label in ("Диагностика", "Пройти", "К первому вопросу", "По образцу", "Пауза", "Напомнить завтра"):
        await teacher.presses(label)
    assert teacher.sees("Хорошо, напомню")
    await teacher.presses("Продолжить")
    await teacher.presses("Пауза")
    await teacher.presses("Напомнить завтра")
    (row,) = await waiting()
    assert timedelta(hours=23) < row.not_before - row.created_at <= timedelta(hours=24)
    assert "Ещё 29 вопросов, около 7 минут." in row.screen["text"]
    assert [label for line in row.screen["rows"] for label, *_ in line] == ["Продолжить", "Позже", "Не напоминать"]
    await teacher.press_action("diagnostics:silent")
    assert teacher.sees("Хорошо, не напоминаю")
    assert await waiting() == []


async def test_a_finished_questionnaire_waits_for_nobody(teacher: Talk, db: Database) -> None:
    await teacher.says("/menu")
    for label in ("Диагностика", "Пройти", "К первому вопросу", "По образцу", "Пауза", "Напомнить завтра"):
        await teacher.presses(label)
    await teacher.presses("Продолжить")
    for _ in range(29):
        await teacher.presses("Самостоятельно")
    await teacher.presses("Узнать результат")
    async with db.read() as session:
        states = set(await session.scalars(select(Outbox.state).where(Outbox.kind == "diagnostics-resume")))
    assert states == {OutboxState.expired}
    await teacher.press_action("diagnostics:remind")
    assert teacher.sees("Кнопка из старого сообщения"), "there is nothing to be reminded of"


async def test_text_instead_of_a_button_keeps_the_question(teacher: Talk) -> None:
    await teacher.says("/menu")
    await teacher.presses("Диагностика")
    await teacher.presses("Пройти")
    await teacher.presses("К первому вопросу")
    await teacher.says("А можно подробнее?")
    assert teacher.sees("Здесь ответ даётся кнопкой")
    assert teacher.sees("1 из 30.")
    await teacher.says("по образцу")
    assert teacher.sees("2 из 30.")


async def test_five_presses_at_once_are_one_answer(teacher: TelegramTalk, db: Database) -> None:
    await teacher.says("/menu")
    await teacher.presses("Диагностика")
    await teacher.presses("Пройти")
    await teacher.presses("К первому вопросу")
    question = teacher.screen
    await asyncio.gather(*(teacher.presses("По образцу", of=question) for _ in range(5)))
    assert teacher.sees("2 из 30.")
    async with db.read() as session:
        assert await session.scalar(select(Attempt.position)) == 1
        assert await session.scalar(select(func.count()).select_from(Answer)) == 1


async def test_an_official_attempt_counts_once_in_ninety_days(teacher: Talk, db: Database) -> None:
    await take(teacher)
    await teacher.presses("Узнать результат")
    await teacher.says("/menu")
    await teacher.presses("Диагностика")
    await teacher.presses("Пройти")
    assert teacher.sees("Для ИОМ — с")
    await teacher.presses("Пройти для себя")
    assert teacher.sees("1 из 30.")


async def test_the_picture_says_the_same_in_words(teacher: Talk) -> None:
    await take(teacher, "5")
    await teacher.presses("Узнать результат")
    assert teacher.sees("Во всех группах")
    await teacher.presses("Картинкой")
    assert teacher.screen.file is not None
    assert teacher.sees("Предметные: Опора")


async def test_a_guest_may_try_without_a_trace(talk: Talk, db: Database) -> None:
    async with db.begin() as session:
        await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=NOW)
    await talk.says("/start")
    await talk.presses("Сначала осмотреться")
    await talk.presses("Пробная диагностика")
    await talk.presses("Начать")
    for label in ("По образцу", "Самостоятельно", "Могу научить коллегу", "Только с помощью", "Самостоятельно"):
        await talk.presses(label)
    assert talk.sees("Пробный результат")
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Attempt)) == 0


async def test_a_guest_is_asked_to_get_acquainted(talk: Talk) -> None:
    await talk.says("/start")
    await talk.says("диагностика")
    assert talk.sees("познакомимся")
