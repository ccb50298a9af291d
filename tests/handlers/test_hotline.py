"""A teacher asks, a methodist answers: as the conversation goes, on every messenger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.db import Database
from bot.models import (
    DutySlot,
    Fact,
    FactKind,
    FaqEntry,
    FaqState,
    Messenger,
    Outbox,
    Role,
    Ticket,
    TicketEvent,
    TicketGrade,
    TicketMessage,
    TicketMessageVersion,
    TicketState,
    TicketTheme,
    Whose,
)
from bot.services.hotline import faq
from bot.ui.screen import Screen
from tests.chat import Talk
from tests.conftest import Newcomer
from tests.factories import NOW, give_role, make_person

QUESTION = "Как выставлять отметки за ВПР, если ребёнок болел?"


class Line:
    """A teacher, a methodist on duty and her colleague, each in a chat of her own."""

    def __init__(self, teacher: Talk, methodist: Talk, other: Talk, ids: tuple[int, int, int]) -> None:
        self.teacher, self.methodist, self.other, self.ids = teacher, methodist, other, ids


def around_the_clock(methodist_id: int, substitute_id: int | None = None) -> list[DutySlot]:
    """Duty that runs now, whatever the hour the tests run at; working hours still count."""
    now = datetime.now(UTC)
    return [
        DutySlot(
            starts_at=now - timedelta(hours=6), ends_at=now + timedelta(hours=6), methodist_id=methodist_id,
            substitute_id=substitute_id, themes=[],
        )
    ]  # fmt: skip


@pytest.fixture
async def line(db: Database, newcomer: Newcomer) -> Line:
    talks = [await newcomer() for _ in range(3)]
    names = ("Кашина Вера Львовна", "Ложкина Анна Петровна", "Миронова Ольга Ильинична")
    async with db.begin() as session:
        people = [
            await make_person(session, name, accounts={Messenger(talk.messenger): talk.user_id})
            for name, talk in zip(names, talks, strict=True)
        ]
        for person in people[1:]:
            await give_role(session, person, Role.duty)
        session.add_all(around_the_clock(people[1].id, people[2].id))
    return Line(talks[0], talks[1], talks[2], (people[0].id, people[1].id, people[2].id))


async def asks(talk: Talk, text: str = QUESTION) -> int:
    """From the menu to the receipt; the number."""
    await talk.says("/menu")
    await talk.presses("Горячая линия")
    await talk.presses("Задать вопрос")
    await talk.says(text)
    await talk.presses("Верно, отправить")
    assert talk.sees("принят")
    return int(talk.text.split("№")[1].split()[0])


async def pushed(db: Database, person_id: int, kind: str) -> Screen:
    """The newest pushed screen of a kind."""
    async with db.read() as session:
        row = await session.scalar(
            select(Outbox)
            .where(Outbox.person_id == person_id, Outbox.kind == f"hotline-{kind}")
            .order_by(Outbox.id.desc())
        )
    assert row is not None, f"nothing of {kind} was pushed"
    return Screen.from_json(row.screen)


def action(screen: Screen, label: str) -> str:
    return next(button.action for row in screen.rows for button in row if button.label == label)


async def test_from_the_question_to_the_grade(line: Line, db: Database) -> None:
    teacher, methodist = line.teacher, line.methodist
    await teacher.says("/menu")
    await teacher.presses("Горячая линия")
    await teacher.presses("Задать вопрос")
    assert teacher.sees("Без фамилий и телефонов учеников")
    assert teacher.sees("Официальное обращение подают через Госуслуги")
    await teacher.says(QUESTION)
    assert teacher.sees("Похоже, тема такая: «ВПР, ОГЭ, ЕГЭ»")
    await teacher.presses("Верно, отправить")
    assert teacher.sees("Вопрос № 1 принят")
    assert teacher.sees("Дописать можно прямо сюда")

    await methodist.says("/menu")
    await methodist.presses("Дежурство")
    assert methodist.sees("Вопросы в очереди: 1, у вас: 0")
    await methodist.presses("Очередь")
    assert methodist.sees("ВПР, ОГЭ, ЕГЭ · Как выставлять отметки")
    await methodist.presses("1")
    assert methodist.sees("Кашина Вера Львовна")
    await methodist.presses("Взять")
    assert methodist.sees("№ 1 у вас")
    await methodist.says("Отметка не ставится: работу пишут в резервный день.")
    assert methodist.sees("Так увидит учитель")
    await methodist.presses("Отправить")
    assert methodist.sees("Ответ № 1 отправлен")

    told = await pushed(db, line.ids[0], "answer")
    assert "Отметка не ставится" in told.text
    assert "Анна Петровна" in told.text
    await teacher.press_action(action(told, "Помогло"))
    assert teacher.sees("Спросить ещё по этому вопросу можно до")
    async with db.read() as session:
        ticket = (await session.scalars(select(Ticket))).one()
        assert (ticket.state, ticket.grade, ticket.methodist_id) == (
            TicketState.closed,
            TicketGrade.yes,
            line.ids[1],
        )
        steps = list(await session.scalars(select(TicketEvent.action).order_by(TicketEvent.id)))
        assert steps == ["asked", "claimed", "answered", "closed"]
        fact = (await session.scalars(select(Fact))).one()
        assert (fact.kind, fact.source_id, fact.evidence["theme"]) == (FactKind.consulted, ticket.id, "exams")


async def test_thirty_messages_in_a_minute_are_one_question(line: Line, db: Database) -> None:
    teacher = line.teacher
    await teacher.says("/menu")
    await teacher.presses("Горячая линия")
    await teacher.presses("Задать вопрос")
    before = len(teacher.messages)
    for number in range(30):
        await teacher.says(f"Часть {number}: про курсы и удостоверения")
    assert len([m for m in teacher.messages[before:] if not m.from_person]) == 1
    await teacher.presses("Верно, отправить")
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Ticket)) == 1
        assert await session.scalar(select(func.count()).select_from(TicketMessage)) == 30


async def test_words_under_the_receipt_join_the_question(line: Line, db: Database) -> None:
    teacher = line.teacher
    await asks(teacher)
    await teacher.says("Ещё важно: это девятый класс, переводной экзамен")
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Ticket)) == 1
        assert await session.scalar(select(func.count()).select_from(TicketMessage)) == 2


async def test_two_questions_are_two(line: Line, db: Database) -> None:
    first = await asks(line.teacher)
    second = await asks(line.teacher, "Где взять бланк портфолио на категорию?")
    assert first != second
    await line.teacher.says("/menu")
    await line.teacher.presses("Горячая линия")
    await line.teacher.presses("Мои вопросы")
    assert line.teacher.sees(f"№ {first}, ждёт методиста")
    assert line.teacher.sees(f"№ {second}, ждёт методиста")


async def test_asking_back_stops_the_clock_and_the_answer_starts_it(line: Line, db: Database) -> None:
    teacher, methodist = line.teacher, line.methodist
    no = await asks(teacher)
    await methodist.press_action(f"duty:take:{no}") if methodist.messages else await takes(methodist, no)
    await methodist.presses("Уточнить")
    await methodist.says("Какой класс и предмет?")
    assert methodist.sees("Уточнение отправлено")
    told = await pushed(db, line.ids[0], "clarify")
    assert "Какой класс и предмет?" in told.text
    await teacher.says("/menu")
    await teacher.says("Восьмой класс, математика, болел две недели")
    assert teacher.sees("Это вопрос на горячую линию?")
    await teacher.press_action(f"hotline:kept-add:{no}")
    assert teacher.sees(f"Добавлено к вопросу № {no}")
    async with db.read() as session:
        ticket = await session.get_one(Ticket, no)
        assert ticket.state is TicketState.assigned
        assert ticket.in_term is True
    assert "Восьмой класс" in (await pushed(db, line.ids[1], "more")).text


async def takes(methodist: Talk, no: int) -> None:
    await methodist.says("/menu")
    await methodist.presses("Дежурство")
    await methodist.press_action(f"duty:take:{no}")


async def test_of_two_methodists_one_takes_the_question(line: Line) -> None:
    no = await asks(line.teacher)
    await takes(line.methodist, no)
    await takes(line.other, no)
    assert line.other.sees("Уже в работе: Анна Петровна")
    # Somebody else's question cannot be answered by an old button either.
    await line.other.press_action(f"duty:send:{no}")
    assert line.other.sees("Уже в работе: Анна Петровна")


async def test_a_press_that_comes_again_after_the_answer_has_gone(line: Line, db: Database) -> None:
    """As after a crash between the answer and the screen that says so."""
    no = await asks(line.teacher)
    await takes(line.methodist, no)
    await line.methodist.says("Отметка не ставится.")
    await line.methodist.presses("Отправить")
    await line.methodist.says("/menu")
    await line.methodist.press_action(f"duty:send:{no}")
    assert line.methodist.sees(f"Ответ № {no} отправлен")
    await line.other.says("/menu")
    await line.other.press_action(f"duty:send:{no}")
    assert line.other.sees("Это уже решено")
    async with db.read() as session:
        answers = select(func.count()).where(TicketMessage.whose == Whose.answer)
        assert await session.scalar(answers) == 1


async def test_a_question_without_a_name(line: Line, db: Database) -> None:
    teacher, methodist = line.teacher, line.methodist
    await teacher.says("/menu")
    await teacher.presses("Горячая линия")
    await teacher.presses("Задать вопрос")
    await teacher.presses("Спросить без имени")
    await teacher.says("Как сказать завучу, что нагрузка слишком большая?")
    await teacher.presses("Верно, отправить")
    await takes(methodist, 1)
    await methodist.says("Начните с расчёта часов.")
    await methodist.presses("Отправить")
    assert not methodist.saw("Кашина")
    assert "Начните с расчёта часов" in (await pushed(db, line.ids[0], "answer")).text
    async with db.read() as session:
        assert list(await session.scalars(select(Fact))) == []


async def test_somebodys_data_is_asked_to_be_left_out(line: Line, db: Database) -> None:
    teacher = line.teacher
    await teacher.says("/menu")
    await teacher.presses("Горячая линия")
    await teacher.presses("Задать вопрос")
    await teacher.says("У Петрова Ивана тройка за ВПР, мама звонит с 89101234567")
    await teacher.presses("Верно, отправить")
    assert teacher.sees("Похоже, здесь чьи-то данные")
    assert teacher.sees("Петрова Ивана")
    await teacher.presses("Убрать и отправить")
    assert teacher.sees("принят")
    async with db.read() as session:
        text = (await session.scalars(select(TicketMessage.text))).one()
        assert text == "У … тройка за ВПР, мама звонит с …"
        assert list(await session.scalars(select(TicketMessageVersion))) == []


async def test_an_answer_that_is_there_saves_the_question(line: Line, db: Database) -> None:
    async with db.begin() as session:
        session.add(
            FaqEntry(
                theme=TicketTheme.exams, question="Ставить ли отметки за ВПР в журнал?", answer="По решению школы.",
                state=FaqState.published, owner_id=line.ids[1], created_at=NOW, checked_on=NOW.date(),
                review_on=NOW.date() + timedelta(days=900),
            )
        )  # fmt: skip
        await session.flush()
        await faq.index_all(session)
    teacher = line.teacher
    await teacher.says("/menu")
    await teacher.presses("Горячая линия")
    await teacher.presses("Задать вопрос")
    await teacher.says("Нужно ли ставить отметку за ВПР в журнал?")
    assert teacher.sees("Похожее уже спрашивали")
    assert teacher.sees("Ваш вопрос сохранён")
    await teacher.presses("1")
    assert teacher.sees("По решению школы")
    await teacher.presses("Помогло")
    assert teacher.sees("Рады, что нашлось")
    async with db.read() as session:
        entry = (await session.scalars(select(FaqEntry))).one()
        assert (entry.offered, entry.helped, entry.not_helped) == (1, 1, 0)
        assert await session.scalar(select(func.count()).select_from(Ticket)) == 0
    await teacher.presses("Задать вопрос")
    await teacher.says("Нужно ли ставить отметку за ВПР в журнал?")
    await teacher.presses("1")
    await teacher.presses("Отправить мой")
    await teacher.presses("Верно, отправить")
    assert teacher.sees("принят")
    async with db.read() as session:
        entry = (await session.scalars(select(FaqEntry))).one()
        assert (entry.offered, entry.not_helped) == (2, 1)


async def test_words_typed_while_another_section_is_open_are_not_lost(line: Line, db: Database) -> None:
    teacher = line.teacher
    await teacher.says("/menu")
    await teacher.presses("Профиль")
    await teacher.says("Где посмотреть график аттестации на этот год?")
    assert teacher.sees("Это вопрос на горячую линию?")
    assert teacher.sees("Где посмотреть график аттестации")
    await teacher.presses("Отправить на линию")
    await teacher.presses("Верно, отправить")
    assert teacher.sees("принят")
    async with db.read() as session:
        assert "график аттестации" in (await session.scalars(select(TicketMessage.text))).one()


async def test_a_begun_question_waits_for_its_author(line: Line) -> None:
    teacher = line.teacher
    await teacher.says("/menu")
    await teacher.presses("Горячая линия")
    await teacher.presses("Задать вопрос")
    await teacher.says(QUESTION)
    await teacher.says("/menu")
    await teacher.presses("Горячая линия")
    await teacher.presses("Дописать начатое")
    assert teacher.sees("Как выставлять отметки")
    await teacher.presses("Отмена")
    assert teacher.sees("не отправлен и не сохранён")
    await teacher.press_action("hotline:send")
    assert teacher.sees("Начатого вопроса нет")


async def test_bad_input(line: Line, db: Database) -> None:
    teacher = line.teacher
    await teacher.says("/menu")
    await teacher.presses("Горячая линия")
    await teacher.presses("Задать вопрос")
    await teacher.says("👍")
    assert teacher.sees("Здесь нужен текст")
    long = "Длинный вопрос о программах. " * 350
    await teacher.press_action("hotline:ask")
    await teacher.says(long[:4000])
    await teacher.presses("Верно, отправить")
    assert teacher.sees("принят")
    async with db.read() as session:
        assert (await session.scalars(select(TicketMessage.text))).one() == long[:4000].strip()


async def test_files_go_with_the_question_and_with_the_answer(line: Line, db: Database) -> None:
    teacher, methodist = line.teacher, line.methodist
    await teacher.says("/menu")
    await teacher.presses("Горячая линия")
    await teacher.presses("Задать вопрос")
    await teacher.sends_file("план.pdf", b"%PDF-1.4 plan")
    assert teacher.sees("файлов: 1")
    await teacher.presses("Верно, отправить")
    await takes(methodist, 1)
    await methodist.presses("Открыть файл")
    assert any(message.file is not None for message in methodist.messages)
    await methodist.says("Посмотрите образец.")
    await methodist.sends_file("образец.pdf", b"%PDF-1.4 sample")
    assert methodist.sees("Посмотрите образец")
    await methodist.presses("Отправить")
    async with db.read() as session:
        sent = list(await session.scalars(select(Outbox).where(Outbox.person_id == line.ids[0]).order_by(Outbox.id)))
        assert [row.kind for row in sent] == ["hotline-answer", "hotline-file"]
        assert sent[1].file_id is not None


async def test_it_is_taken_back_returned_given_and_handed_over(line: Line, db: Database) -> None:
    teacher, methodist, other = line.teacher, line.methodist, line.other
    no = await asks(teacher)
    await takes(methodist, no)
    await methodist.presses("Заметка")
    await methodist.says("Спросить у Мироновой про резервный день")
    assert methodist.sees("Заметка записана")
    await methodist.press_action(f"duty:give:{no}")
    assert methodist.sees("1. Ольга Ильинична")
    await methodist.presses("1")
    await methodist.says("Она знает про экзамены")
    assert methodist.sees(f"№ {no} передан")
    assert "Она знает про экзамены" in (await pushed(db, line.ids[2], "given")).text
    assert "Ольга Ильинична" in (await pushed(db, line.ids[0], "passed")).text
    await other.says("/menu")
    await other.presses("Дежурство")
    await other.presses("Мои вопросы")
    await other.presses("1")
    await other.presses("В очередь")
    async with db.read() as session:
        assert (await session.get_one(Ticket, no)).state is TicketState.new
        note = (await session.scalars(select(TicketMessage).where(TicketMessage.whose == Whose.note))).one()
        assert "Мироновой" in note.text
    await teacher.press_action(f"hotline:recall:{no}")
    assert teacher.sees(f"Вопрос № {no} отозван")
    await takes(methodist, no)
    assert methodist.sees("Уже в работе") or methodist.sees("отозван")


async def test_opened_again_within_a_week_and_not_after(line: Line, db: Database) -> None:
    teacher, methodist = line.teacher, line.methodist
    no = await asks(teacher)
    await takes(methodist, no)
    await methodist.says("Коротко: да.")
    await methodist.presses("Отправить")
    await teacher.press_action(f"hotline:again:{no}")
    assert teacher.sees(f"Вопрос № {no} снова откроется")
    await teacher.says("А если болел больше месяца?")
    async with db.read() as session:
        ticket = await session.get_one(Ticket, no)
        assert (ticket.state, ticket.reopened, ticket.methodist_id) == (TicketState.assigned, 1, line.ids[1])
    await takes(methodist, no)
    await methodist.says("Тогда тоже да.")
    await methodist.presses("Отправить")
    async with db.begin() as session:
        ticket = await session.get_one(Ticket, no)
        assert ticket.answered_at is not None
        ticket.answered_at -= timedelta(days=8)
    await teacher.press_action(f"hotline:again:{no}")
    assert teacher.sees("прошла неделя")
    # The methodist may, always.
    await methodist.press_action(f"duty:reopen:{no}")
    assert methodist.sees(f"№ {no} у вас")


async def test_publishing_needs_the_author(line: Line, db: Database) -> None:
    teacher, methodist = line.teacher, line.methodist
    no = await asks(teacher, "В школе № 12 не ставят отметки за ВПР, так можно?")
    await takes(methodist, no)
    await methodist.says("Да, школа решает сама. Положение принимает педсовет.")
    await methodist.presses("Отправить")
    await methodist.presses("Сделать готовым")
    assert methodist.sees("Так его увидят все")
    assert not methodist.sees("12")
    await methodist.presses("Спросить учителя")
    told = await pushed(db, line.ids[0], "publish")
    assert "№ 12" not in told.text
    await teacher.press_action(action(told, "Можно показать"))
    assert teacher.sees("Договорились")
    async with db.read() as session:
        entry = (await session.scalars(select(FaqEntry))).one()
        assert entry.state is FaqState.agreed
        assert (await session.get_one(Ticket, no)).state is TicketState.faq_candidate
    # Somebody else cannot decide for her.
    await line.other.says("/menu")
    await line.other.press_action(action(told, "Не показывать"))
    async with db.read() as session:
        assert (await session.scalars(select(FaqEntry.state))).one() is FaqState.agreed


async def test_a_teacher_has_no_duty(line: Line) -> None:
    no = await asks(line.teacher)
    for wanted in ("duty:home", f"duty:take:{no}", f"duty:open:{no}", "duty:queue:0"):
        await line.teacher.press_action(wanted)
        assert line.teacher.sees("открыт другой роли")


async def test_shifts_are_swapped_by_agreement(line: Line, db: Database) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    async with db.begin() as session:
        mine = DutySlot(
            starts_at=now + timedelta(days=1), ends_at=now + timedelta(days=1, hours=3), methodist_id=line.ids[1]
        )
        theirs = DutySlot(
            starts_at=now + timedelta(days=2), ends_at=now + timedelta(days=2, hours=3), methodist_id=line.ids[2]
        )
        session.add_all([mine, theirs])
        await session.flush()
        ids = (mine.id, theirs.id)
    methodist, other = line.methodist, line.other
    await methodist.says("/menu")
    await methodist.presses("Дежурство")
    await methodist.presses("Смены")
    await methodist.presses("Поменяться")
    assert methodist.sees("Какую свою смену отдать?")
    await methodist.presses("1")
    await methodist.presses("1")
    assert methodist.sees("Просьба отправлена")
    told = await pushed(db, line.ids[2], "swap")
    await other.says("/menu")
    await other.press_action(action(told, "Согласиться"))
    assert other.sees("Договорились")
    await other.press_action(action(told, "Отказаться"))
    assert other.sees("уже решена")
    async with db.read() as session:
        assert (await session.get_one(DutySlot, ids[0])).methodist_id == line.ids[2]
        assert (await session.get_one(DutySlot, ids[1])).methodist_id == line.ids[1]
    assert "согласие" in (await pushed(db, line.ids[1], "swapped")).text
