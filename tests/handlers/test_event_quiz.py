"""The quiz after a session, in the chat: asked for, answered, worth a mark and a fact, never counted twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.clock import utcnow
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.jobs import events as job
from bot.models import (
    Attendance,
    AttendanceMethod,
    Confidence,
    Event,
    EventRule,
    Fact,
    FactKind,
    QuizResult,
    RegistrationState,
)
from bot.rules import attendance as rules
from bot.services.events import attending, quiz, reading, signing
from bot.services.events.quiz import QuizDraft, QuizSettings
from tests.chat import Talk
from tests.conftest import Newcomer
from tests.factories import NOW, make_event
from tests.handlers.test_events import HEAD, person_of, pushes, soon, teacher

QUESTIONS = QuizSettings(
    (
        QuizDraft("Когда называют критерии?", ("До работы", "После работы"), 0, "Критерии – до начала работы."),
        QuizDraft("Кто их пишет?", ("Учитель", "Завуч", "Вместе с классом"), 2, "Вспомните пример с 5 классом."),
    ),
    share=60,
)


async def after_a_session(
    db: Database, newcomer: Newcomer, *, signed: bool = True, **more: Any
) -> tuple[Talk, Event, int]:
    """A session that has just ended, its quiz, a teacher who was signed up."""
    given = {"rule": EventRule.quiz, "starts_at": soon(minutes=-95), "gives_certificate": True, **more}
    async with db.begin() as session:
        event = await make_event(session, **given)
        await quiz.write(session, event, QUESTIONS)
    talk = await teacher(db, newcomer)
    person_id = await person_of(db)
    if signed:
        async with db.begin() as session:
            session.add(signing.new_row(event.id, person_id, now=NOW))
    return talk, event, person_id


async def marks(db: Database) -> list[tuple[AttendanceMethod, Confidence, bool]]:
    async with db.read() as session:
        found = await session.scalars(select(Attendance).where(Attendance.voided_at.is_(None)))
        return [(one.method, one.confidence, one.completed) for one in found]


async def test_wrong_once_then_right(db: Database, newcomer: Newcomer, texts: Texts, settings: Settings) -> None:
    talk, event, person_id = await after_a_session(db, newcomer)
    for _ in range(2):
        await job.run(db, texts, settings, now=utcnow())
    assert await pushes(db) == [(person_id, "Короткий опрос после занятия")], "told once"
    await talk.press_action(f"events:card:{event.id}")
    assert talk.sees("короткий опрос в чате после занятия")
    await talk.presses("Ответить на опрос")
    assert talk.sees("верных хотя бы 2")
    assert talk.sees("Осталось 2 попытки")
    await talk.presses("Начать")
    assert talk.sees("Вопрос 1 из 2")
    await talk.presses("1")
    assert talk.sees("3. Вместе с классом")
    await talk.presses("1")
    assert talk.sees("Почти получилось")
    assert talk.sees("Вспомните пример с 5 классом")
    assert "Вместе с классом" not in talk.text, "the answer is not told while there is a try left"
    assert await marks(db) == []
    await talk.press_action(f"events:answer:{event.id}:1:1:x02")
    assert talk.sees("Осталась 1 попытка"), "an old button changes nothing"
    await talk.presses("Начать")
    await talk.presses("1")
    await talk.presses("3")
    assert talk.sees("✅ Опрос пройден")
    assert talk.sees("Сертификат участника придёт позже")
    for _ in range(2):
        await talk.press_action(f"events:answer:{event.id}:1:2:x02")
    assert talk.sees("Отвечать больше не нужно")
    assert await marks(db) == [(AttendanceMethod.quiz, Confidence.medium, True)]
    async with db.read() as session:
        row = (await session.scalars(select(QuizResult))).one()
        assert (row.tries, row.passed) == (2, True)
        kinds = set(await session.scalars(select(Fact.kind).where(Fact.source_type == "event")))
    assert kinds == {FactKind.attended, FactKind.event_completed}


async def test_no_tries_left_then_the_organiser_is_asked(db: Database, newcomer: Newcomer) -> None:
    talk, event, _ = await after_a_session(db, newcomer)
    for attempt in (1, 2):
        await talk.press_action(f"events:answer:{event.id}:1:{attempt}:x10")
    assert talk.sees("Попытки закончились")
    assert talk.sees("Верно: Вместе с классом")
    await talk.press_action(f"events:answer:{event.id}:1:3:x02")
    assert talk.sees("Попросите организатора")
    await talk.presses("Меня не отметили")
    assert talk.sees("Передано организатору")
    assert await marks(db) == [(AttendanceMethod.manual, Confidence.low, True)]


async def test_the_word_then_the_quiz_makes_it_count(db: Database, newcomer: Newcomer) -> None:
    talk, event, _ = await after_a_session(db, newcomer)
    await talk.says(rules.word(event.secret, rules.window_of(utcnow()), 0))
    assert talk.sees("✅ Участие отмечено")
    assert await marks(db) == [(AttendanceMethod.code_word, Confidence.medium, False)]
    await talk.press_action(f"events:card:{event.id}")
    assert talk.sees("Чтобы участие засчитали, ответьте на короткий опрос")
    await talk.press_action(f"events:answer:{event.id}:1:1:x02")
    assert await marks(db) == [(AttendanceMethod.quiz, Confidence.medium, True)]


async def test_who_was_not_on_the_list_waits_for_a_look(db: Database, newcomer: Newcomer) -> None:
    talk, event, person_id = await after_a_session(db, newcomer, signed=False)
    await talk.press_action(f"events:answer:{event.id}:1:1:x02")
    assert talk.sees("отметку посмотрит организатор")
    assert await marks(db) == [(AttendanceMethod.quiz, Confidence.low, True)]
    async with db.begin() as session:
        own = await reading.place_of(session, event.id, person_id)
        assert own is not None
        assert own.state is RegistrationState.cancelled
        await attending.accept_doubtful(session, HEAD, event.id, person_id, now=utcnow())
    assert await marks(db) == [(AttendanceMethod.quiz, Confidence.medium, True)]


async def test_the_clock_changed_questions_and_strange_buttons(db: Database, newcomer: Newcomer) -> None:
    talk, event, _ = await after_a_session(db, newcomer)
    for pressed in ("x9", "x022", "02", "x0²", "x-1", ""):
        await talk.press_action(f"events:answer:{event.id}:1:1:{pressed}")
        assert talk.text
        assert await marks(db) == []
    async with db.begin() as session:
        await quiz.save(session, HEAD, event.id, QUESTIONS, now=utcnow())
    await talk.press_action(f"events:answer:{event.id}:1:1:x02")
    assert talk.sees("Организатор поправил вопросы")
    assert talk.sees("Осталось 2 попытки")
    async with db.begin() as session:
        (await session.get_one(Event, event.id)).ends_at = utcnow() - timedelta(hours=25)
    await talk.press_action(f"events:answer:{event.id}:2:1:x02")
    assert talk.sees("Опрос закрыт")
    async with db.begin() as session:
        (await session.get_one(Event, event.id)).ends_at = utcnow() + timedelta(hours=1)
    await talk.press_action(f"events:quiz:{event.id}")
    assert talk.sees("Опрос ещё не открыт")
    await talk.press_action("events:quiz:999999")
    assert talk.sees("уже ничего нет")
    assert await marks(db) == []
