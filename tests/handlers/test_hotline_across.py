"""A teacher in MAX, a methodist in VK: the whole of a question, each in her own messenger."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.clock import now_in
from bot.config import Settings
from bot.db import Database
from bot.jobs.outbox import Delivery
from bot.models import (
    Fact,
    FactKind,
    Messenger,
    Role,
    Ticket,
    TicketGrade,
    TicketMessage,
    TicketMessageVersion,
    TicketState,
)
from tests.chat import MaxTalk, VkTalk
from tests.conftest import NewcomerOn
from tests.factories import give_role, make_person
from tests.handlers.test_hotline import QUESTION, around_the_clock, asks
from tests.jobs.clock import VirtualClock, next_working_afternoon


@pytest.mark.parametrize("messenger", ["telegram", "vk", "max"])
async def test_a_changed_message_is_read_as_it_stands(db: Database, newcomer_on: NewcomerOn, messenger: str) -> None:
    teacher, methodist = await newcomer_on(messenger), await newcomer_on("telegram")
    async with db.begin() as session:
        await make_person(session, "Кашина Вера Львовна", accounts={Messenger(messenger): teacher.user_id})
        olga = await make_person(session, "Ложкина Анна Петровна", accounts={Messenger.telegram: methodist.user_id})
        await give_role(session, olga, Role.duty)
    await asks(teacher)
    before = len(teacher.messages)
    await teacher.corrects("Как выставлять отметки за ВПР в пятом классе?")
    assert len(teacher.messages) == before, "ничего не сказано"
    await methodist.says("/menu")
    await methodist.presses("Дежурство")
    await methodist.presses("Взять вопрос")
    assert methodist.sees("в пятом классе")
    assert not methodist.sees("ребёнок болел")
    async with db.read() as session:
        assert list(await session.scalars(select(TicketMessageVersion.text))) == [QUESTION]


async def test_a_message_taken_away_is_nowhere_any_more(db: Database, newcomer_on: NewcomerOn) -> None:
    teacher = await newcomer_on("max")
    async with db.begin() as session:
        await make_person(session, "Кашина Вера Львовна", accounts={Messenger.max: teacher.user_id})
    await asks(teacher)
    await teacher.says("Ученик Иванов из 5 «Б».")
    await teacher.corrects("Ученик из 5 «Б».")
    await teacher.takes_back()
    async with db.read() as session:
        assert [one.text for one in await session.scalars(select(TicketMessage).order_by(TicketMessage.id))] == [
            QUESTION,
            "",
        ]
        assert list(await session.scalars(select(TicketMessageVersion))) == []
        assert (await session.scalars(select(Ticket.state))).one() == TicketState.new
    await teacher.takes_back()
    async with db.read() as session:
        assert (await session.scalars(select(Ticket.state))).one() == TicketState.withdrawn, "слов не осталось"


async def test_teacher_in_max_methodist_in_vk(db: Database, settings: Settings, newcomer_on: NewcomerOn) -> None:
    teacher, methodist = await newcomer_on("max"), await newcomer_on("vk")
    assert isinstance(teacher, MaxTalk)
    assert isinstance(methodist, VkTalk)
    async with db.begin() as session:
        anna = await make_person(session, "Кашина Вера Львовна", accounts={Messenger.max: teacher.user_id})
        olga = await make_person(session, "Ложкина Анна Петровна", accounts={Messenger.vk: methodist.user_id})
        await give_role(session, olga, Role.duty)
        session.add_all(around_the_clock(olga.id))
    clock = VirtualClock(next_working_afternoon(now_in(settings.zone)))
    delivery = Delivery(db, settings, {Messenger.max: teacher.bot, Messenger.vk: methodist.bot}, clock=clock)

    no = await asks(teacher)
    await teacher.sends_file("план.pdf", b"%PDF-1.4 plan")
    await methodist.says("/menu")
    await methodist.presses("Дежурство")
    await methodist.presses("Взять вопрос")
    assert methodist.sees(QUESTION)
    await methodist.presses("Открыть файл")
    assert any(message.file is not None for message in methodist.messages)

    await methodist.presses("Уточнить")
    await methodist.says("Какой это класс?")
    await delivery.run_due()
    assert teacher.sees("Какой это класс?")
    await teacher.says("Пятый.")
    await delivery.run_due()
    assert methodist.sees("Пятый.")

    await methodist.presses("Открыть")
    await methodist.says("Отметку ставят за выполненную работу.")
    await methodist.sends_file("образец.pdf", b"%PDF-1.4 sample")
    await methodist.presses("Отправить")
    await delivery.run_due()
    assert teacher.saw("Отметку ставят за выполненную работу.")
    assert teacher.saw(f"Файл к ответу на вопрос № {no}")
    assert not any("Ложкина" in message.plain for message in teacher.messages), "имя и отчество, без фамилии"
    await teacher.presses("Помогло")
    assert teacher.sees("Спасибо")
    async with db.read() as session:
        ticket = (await session.scalars(select(Ticket))).one()
        fact = (await session.scalars(select(Fact).where(Fact.kind == FactKind.consulted))).one()
        key = (await session.scalars(select(type(anna).key).where(type(anna).id == anna.id))).one()
    assert (ticket.state, ticket.grade, ticket.messenger) == (TicketState.closed, TicketGrade.yes, Messenger.max)
    assert fact.person_key == key
