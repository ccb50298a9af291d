"""«Самочувствие» in the chat, and words of danger wherever they are typed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.config import Policy
from bot.db import Database
from bot.models import Fact, HelpContact, Messenger, Ticket, TicketMessage
from tests.chat import Talk, TelegramTalk
from tests.conftest import NewcomerOn
from tests.factories import make_event, make_person

TODAY = datetime.now(UTC).date()


async def check_telephones(db: Database, days_ago: int = 3) -> None:
    async with db.begin() as session:
        for contact in await session.scalars(select(HelpContact)):
            contact.checked_on = TODAY - timedelta(days=days_ago)


async def known(db: Database, talk: Talk) -> int:
    async with db.begin() as session:
        accounts = {Messenger(talk.messenger): talk.user_id}
        return (await make_person(session, "Кашина Вера Львовна", accounts=accounts)).id


async def test_a_door_to_the_page_and_to_people_who_help(db: Database, talk: Talk) -> None:
    await talk.says("/start")
    await talk.says("Самочувствие")
    assert talk.sees("Опрос временно закрыт")
    assert talk.buttons == ["Где поддержат", "Занятия", "Меню"]
    await talk.presses("Где поддержат")
    assert talk.sees("112 — угроза жизни")
    assert not talk.sees("989-50-50"), "nobody has checked it"
    await check_telephones(db)
    await talk.says("Самочувствие")
    assert talk.sees("Это опрос для себя, не диагноз")
    link = next(b for row in talk.screen.rows for b in row if b["text"] == "Открыть опрос")
    assert link["url"] == "http://127.0.0.1:8080/wellbeing", "the link carries no person"
    await talk.presses("Как это хранится")
    assert talk.sees("мессенджер их не видит")
    await talk.presses("Назад")
    await talk.presses("Где поддержат")
    assert talk.sees("8 (495) 989-50-50 — Психологическая помощь МЧС, круглосуточно")
    assert talk.sees("Телефоны проверены")
    await talk.presses("Занятия")
    assert talk.sees("Ближайших занятий пока нет")
    async with db.begin() as session:
        soon = datetime.now(UTC) + timedelta(days=3)
        for title, tags in (("Границы и силы", ["выгорание"]), ("Критерии", ["оценивание"])):
            await make_event(session, title, tags=tags, starts_at=soon)
    await talk.presses("Назад")
    await talk.presses("Занятия")
    assert talk.sees("1. Границы и силы")
    assert not talk.sees("Критерии")
    await talk.presses("1")
    assert "Записаться" in talk.buttons
    await check_telephones(db, days_ago=181)
    await talk.says("Самочувствие")
    assert talk.sees("Опрос временно закрыт")


async def test_the_card_comes_at_once_and_the_question_goes_its_way(db: Database, talk: Talk) -> None:
    await talk.says("/start")
    person = await known(db, talk)
    await check_telephones(db)
    await talk.says("/menu")
    await talk.presses("Горячая линия")
    await talk.presses("Задать вопрос")
    await talk.says("Ученик пишет, что не хочет и я не хочу жить. Что делать?")
    assert talk.sees("Спасибо, что написали")
    assert talk.sees("8 (495) 989-50-50")
    assert talk.sees("8-800-2000-122")
    assert talk.sees("Ваши слова остались там, куда вы их писали")
    assert talk.buttons == ["Другие телефоны", "Меню"]
    await talk.says("Подскажите, к кому идти")
    async with db.read() as session:
        texts = list(await session.scalars(select(TicketMessage.text).order_by(TicketMessage.id)))
        assert texts == ["Ученик пишет, что не хочет и я не хочу жить. Что делать?", "Подскажите, к кому идти"]
    await talk.presses("Верно, отправить")
    async with db.read() as session:
        ticket = (await session.scalars(select(Ticket))).one()
        assert (ticket.author_id, ticket.asked_at is not None) == (person, True)
        assert list(await session.scalars(select(Fact))) == []


async def test_words_to_nobody_stay_with_nobody_until_they_are_sent(db: Database, talk: Talk) -> None:
    await talk.says("/start")
    await check_telephones(db)
    await talk.says("хочу умереть")
    assert talk.sees("Ваше сообщение никому не отправлено")
    assert talk.buttons == ["Другие телефоны", "Меню"], "a guest has no question to send"
    await known(db, talk)
    await talk.says("/menu")
    await talk.says("хочу умереть")
    assert talk.buttons == ["Другие телефоны", "Отправить вопрос", "Меню"]
    assert not talk.saw("Не получилось понять")
    async with db.read() as session:
        assert (await session.scalars(select(Ticket))).first() is None
    await talk.presses("Отправить вопрос")
    async with db.read() as session:
        assert list(await session.scalars(select(TicketMessage.text))) == ["хочу умереть"]


async def test_words_of_work_bring_no_card(talk: Talk) -> None:
    await talk.says("/start")
    await talk.says("Как убить время на замене?")
    assert not talk.saw("Спасибо, что написали")


@pytest.mark.parametrize("step", ["Мероприятия", "каталог", "Наставничество", "/mydata", "Помощь"])
async def test_in_every_step(db: Database, newcomer_on: NewcomerOn, step: str) -> None:
    """Telephones that nobody checked are not given: 112 is."""
    talk = await newcomer_on("telegram")
    await talk.says("/start")
    await known(db, talk)
    await talk.says(step)
    await talk.says("Не вижу смысла жить")
    assert talk.sees("Спасибо, что написали")
    assert talk.sees("112 — угроза жизни")
    assert not talk.sees("989-50-50")


async def test_where_nothing_personal_is_heard(db: Database, newcomer_on: NewcomerOn) -> None:
    talk = await newcomer_on("telegram")
    assert isinstance(talk, TelegramTalk)
    talk.bot.policy = Policy.info
    await check_telephones(db)
    await talk.says("не хочу больше жить")
    assert talk.sees("Спасибо, что написали")
    assert talk.sees("никому не отправлено")
    assert "Отправить вопрос" not in talk.buttons
    await talk.presses("Другие телефоны")
    assert talk.sees("8 (495) 989-50-50")
    await talk.says("Самочувствие")
    assert "Открыть опрос" in talk.buttons
