"""A teacher takes a test: every kind of task, skipping, two chats at once, a clock, the other form."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.config import ROOT
from bot.db import Database
from bot.models import Answer, Attempt, AttemptState, Fact, InstrumentVersion, Item, Messenger, Outbox, Purpose
from bot.services import diagnostics
from tests.chat import Talk, TelegramTalk
from tests.conftest import Newcomer
from tests.factories import NOW, make_person

RIGHT = {
    "А1": "4", "А2": "63", "А3": "Три", "А4": "13", "А5": "1/6", "А6": "2314", "А7": "Медиана", "А8": "2", "А9": "13",
    "А10": "2413",
    "Б1": "1", "Б2": "26", "Б3": "Три", "Б4": "13", "Б5": "0,375", "Б6": "4213", "Б7": "диаметр", "Б8": "2",
    "Б9": "23", "Б10": "3241",
}  # fmt: skip


@pytest.fixture
async def teacher(db: Database, newcomer: Newcomer) -> Talk:
    """A registered teacher of mathematics with an empty history."""
    talk = await newcomer()
    async with db.begin() as session:
        await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=NOW)
        person = await make_person(session, accounts={Messenger(talk.messenger): talk.user_id})
        # Form A for everybody, whatever the number of the person.
        if person.id % 2:
            await session.execute(
                update(InstrumentVersion).where(InstrumentVersion.form == "B").values(published_at=None)
            )
    return talk


async def opens_the_test(talk: Talk, *, own: bool = False) -> None:
    await talk.says("/menu")
    await talk.presses("Диагностика")
    await talk.presses("Тесты и кейсы")
    assert talk.sees("1. Тест по математике и методике")
    assert not talk.sees("русскому"), "tests of other subjects are not offered"
    await talk.presses("1")
    assert talk.sees("10 заданий")
    await talk.presses("Для себя" if own else "К первому заданию")


async def solves(talk: Talk, db: Database, *, wrong: frozenset[str] = frozenset()) -> None:
    """Answer the task on the screen, rightly unless its code is among ``wrong``."""
    code, kind = await current(db)
    answer = "Один" if code[1:] == "3" and code in wrong else "1" if code in wrong else RIGHT[code]
    if kind in ("number", "text"):
        await talk.says("999" if code in wrong and kind == "number" else answer)
    elif kind == "single":
        await talk.presses(answer)
    else:
        for number in "2" if code in wrong and kind == "multiple" else RIGHT[code]:
            await talk.presses(number)
        await talk.presses("Дальше")


async def current(db: Database) -> tuple[str, str]:
    async with db.read() as session:
        attempt = (await session.scalars(select(Attempt).where(Attempt.state == AttemptState.open))).one()
        item = (
            await session.scalars(
                select(Item).where(Item.version_id == attempt.version_id, Item.place == attempt.position)
            )
        ).one()
        return item.code, item.kind


async def test_every_kind_is_answered_and_counted(teacher: Talk, db: Database) -> None:
    await opens_the_test(teacher)
    for number in range(10):
        assert teacher.sees(f"{number + 1} из 10.")
        await solves(teacher, db, wrong=frozenset({"А2", "Б2"}))
    assert teacher.sees("Это было последнее задание")
    assert teacher.sees("Ответов: 10, пропущено: 0")
    await teacher.presses("Узнать результат")
    assert teacher.sees("Что показал тест")
    assert teacher.sees("Опора: методические, предметные")
    await teacher.presses("По группам")
    await teacher.presses("1")
    assert teacher.sees("88 из 100, точность ±"), teacher.text
    assert teacher.sees("Задания решены почти полностью")
    async with db.read() as session:
        points = {
            row.code: row.points
            for row in await session.execute(select(Item.code, Answer.points).join(Item, Item.id == Answer.item_id))
        }
        assert (sum(points.values()), points.get("А2", points.get("Б2"))) == (11, 0)
        fact = (await session.scalars(select(Fact))).one()
        assert fact.evidence["kind"] == "test_key"


async def test_the_key_is_nowhere_to_be_seen(teacher: Talk, db: Database) -> None:
    """Neither in the words nor in the data of buttons: every option's button looks the same but for its number."""
    await opens_the_test(teacher)
    while True:
        code, kind = await current(db)
        shown = teacher.screen
        actions = [b["callback_data"] for row in shown.rows for b in row]
        for action in actions:
            parts = action.split(":")
            assert parts[0] == "diagnostics"
            if parts[1] in ("choose", "pick"):
                assert len(parts) == 4
                assert parts[3] in {"1", "2", "3", "4"}
        if kind == "text":
            assert RIGHT[code].casefold() not in shown.plain.casefold()
            break
        await solves(teacher, db)


async def test_what_is_no_number_is_asked_again(teacher: Talk) -> None:
    await opens_the_test(teacher)
    await teacher.says("не знаю")
    assert teacher.sees("Здесь нужно число")
    assert teacher.sees("1 из 10.")
    await teacher.presses("Пропустить")
    assert teacher.sees("2 из 10.")


async def test_a_typed_answer_is_understood_after_a_restart(teacher: TelegramTalk, db: Database) -> None:
    await opens_the_test(teacher)
    if isinstance(teacher, TelegramTalk):
        teacher.bot.tails._tails.clear()
    await teacher.says("4")
    assert teacher.sees("2 из 10.")


async def test_words_for_a_task_with_buttons_keep_it(teacher: Talk, db: Database) -> None:
    await opens_the_test(teacher)
    await solves(teacher, db)
    await solves(teacher, db)
    await teacher.says("не уверена, что понимаю вопрос")
    assert teacher.sees("Здесь ответ даётся кнопкой")
    assert teacher.sees("3 из 10.")


async def test_picked_options_wait_for_next_and_a_pause_loses_nothing(teacher: Talk, db: Database) -> None:
    await opens_the_test(teacher)
    for _ in range(3):
        await solves(teacher, db)
    await teacher.presses("1")
    assert "✓ 1" in teacher.buttons
    await teacher.presses("2")
    await teacher.presses("4")
    await teacher.presses("✓ 2")
    await teacher.presses("✓ 4")
    assert {"✓ 1", "2", "4"} <= set(teacher.buttons)
    await teacher.presses("Пауза")
    await teacher.presses("Продолжить")
    assert teacher.sees("4 из 10.")
    assert "✓ 1" in teacher.buttons
    await teacher.presses("3")
    await teacher.presses("Дальше")
    assert teacher.sees("5 из 10.")
    await teacher.presses("Назад")
    assert "✓ 3" in teacher.buttons
    async with db.read() as session:
        given = await session.execute(select(Answer.given, Answer.points).order_by(Answer.answered_at))
        assert ([1, 3], 2.0) in [tuple(row) for row in given]


async def test_a_wrong_order_is_begun_anew(teacher: Talk, db: Database) -> None:
    await opens_the_test(teacher)
    for _ in range(5):
        await solves(teacher, db)
    await teacher.presses("1")
    await teacher.presses("4")
    assert teacher.sees("Порядок: 1 → 4.")
    assert "Дальше" not in teacher.buttons
    await teacher.presses("Заново")
    assert {"1", "2", "3", "4"} <= set(teacher.buttons)


async def test_opened_twice_at_once_it_is_one_test(teacher: TelegramTalk, db: Database) -> None:
    await teacher.says("/menu")
    await teacher.presses("Диагностика")
    await teacher.presses("Тесты и кейсы")
    await teacher.presses("1")
    shown = teacher.screen
    begin = next(b["callback_data"] for row in shown.rows for b in row if "start:" in b["callback_data"])
    await asyncio.gather(*(teacher.press_action(begin, of=shown) for _ in range(4)))
    async with db.read() as session:
        assert len(list(await session.scalars(select(Attempt)))) == 1
    assert teacher.sees("1 из 10.")
    await teacher.says("4")
    skip = next(b["callback_data"] for row in teacher.screen.rows for b in row if ":skip:" in b["callback_data"])
    copy = teacher.screen
    await solves(teacher, db)
    assert teacher.sees("3 из 10.")
    await teacher.press_action(skip, of=copy)
    assert teacher.sees("3 из 10."), "the copy shows where the test stands and changes nothing"
    async with db.read() as session:
        assert len(list(await session.scalars(select(Answer).where(Answer.points.is_not(None))))) == 2


async def test_the_clock_closes_kindly_and_what_was_answered_counts(teacher: Talk, db: Database) -> None:
    await opens_the_test(teacher)
    await solves(teacher, db)
    await solves(teacher, db)
    async with db.begin() as session:
        await session.execute(update(InstrumentVersion).values(time_limit=30))
        (await session.scalars(select(Attempt))).one().started_at -= timedelta(hours=1)
    diagnostics.forget_contents()
    await teacher.presses("Три")
    assert teacher.sees("Время теста вышло")
    assert teacher.sees("2 из 10")
    await teacher.presses("Узнать результат")
    assert teacher.sees("Что показал тест")
    async with db.read() as session:
        rows = list(await session.scalars(select(Answer.points)))
    assert sorted(rows, key=str) == sorted([1.0, 1.0] + [None] * 8, key=str)


async def test_the_clock_of_somebody_who_left(teacher: Talk, db: Database) -> None:
    await opens_the_test(teacher)
    await solves(teacher, db)
    async with db.begin() as session:
        await session.execute(update(InstrumentVersion).values(time_limit=30))
        started = (await session.scalars(select(Attempt.started_at))).one()
    diagnostics.forget_contents()
    for minutes, state in ((29, AttemptState.open), (31, AttemptState.finished)):
        moment = started + timedelta(minutes=minutes)
        async with db.begin() as session:
            assert await diagnostics.close_late(session, now=moment, on=moment.date()) == (
                state is not AttemptState.open
            )
        async with db.read() as session:
            assert (await session.scalars(select(Attempt.state))).one() is state


async def test_the_exit_attempt_gets_the_other_form(db: Database) -> None:
    async with db.begin() as session:
        await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=NOW)
        person = await make_person(session)
        instrument = (await diagnostics.offers(session, person.id))[0].instrument_id
        first = await diagnostics.start_offer(session, person.id, now=NOW, instrument=str(instrument))
        assert first is not None
        attempt = Attempt(
            person_id=person.id, version_id=first.content.version_id, purpose=Purpose.entry,
            state=AttemptState.open, started_at=NOW, touched_at=NOW,
        )  # fmt: skip
        session.add(attempt)
        await session.flush()
        await diagnostics.close(session, attempt.id, first.content, Purpose.entry, person.id, now=NOW, on=NOW.date())
        offer = await diagnostics.start_offer(
            session, person.id, now=NOW, instrument=str(instrument), purpose=Purpose.exit
        )
        assert offer is not None
        assert {first.content.form, offer.content.form} == {"A", "B"}
        assert not offer.official_now


async def test_what_is_open_is_called_by_its_name(teacher: Talk, db: Database) -> None:
    """A test is no self-assessment, in the menu and in the reminder that was asked for."""
    async with db.begin() as session:
        await session.execute(update(InstrumentVersion).values(time_limit=None))
    diagnostics.forget_contents()
    await opens_the_test(teacher)
    await solves(teacher, db)
    await teacher.presses("Пауза")
    await teacher.presses("Напомнить завтра")
    async with db.read() as session:
        row = (await session.scalars(select(Outbox).where(Outbox.kind == "diagnostics-resume"))).one()
    assert "Начатый тест ждёт вас" in row.screen["text"]
    assert "Ещё 9 заданий" in row.screen["text"]
    await teacher.says("/menu")
    assert teacher.sees("начатый тест, ещё 9 заданий")
    assert not teacher.sees("самодиагностика")
