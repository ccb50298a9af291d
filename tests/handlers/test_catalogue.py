"""The catalogue in the chat: words, pages, a card, nothing found, a card that is gone."""

from __future__ import annotations

from sqlalchemy import select

from bot.clock import utcnow
from bot.config import ROOT
from bot.db import Database
from bot.models import Activity, ConsentKind, Messenger
from bot.services import catalogue, consents
from tests.chat import Talk
from tests.conftest import Newcomer
from tests.factories import NOW, make_municipality, make_organisation, make_person


async def teacher(db: Database, newcomer: Newcomer, *, filled: bool = True) -> Talk:
    talk = await newcomer()
    messenger = Messenger(talk.messenger)
    async with db.begin() as session:
        place = await make_organisation(session, municipality=await make_municipality(session, "Опытный округ"))
        person = await make_person(session, organisation=place, accounts={messenger: talk.user_id})
        await consents.give(session, person.id, ConsentKind.data, messenger=messenger, now=NOW)
        if filled:
            path = ROOT / "data" / "demo" / "catalogue.yaml"
            await catalogue.load_file(session, path, today=utcnow().date(), now=NOW)
    await talk.says("/menu")
    return talk


async def test_find_by_typing_and_open(db: Database, newcomer: Newcomer) -> None:
    talk = await teacher(db, newcomer)
    await talk.press_action("catalogue:home")
    assert talk.sees("Что пройти")
    await talk.says("нейросити на уроке")
    assert talk.sees("1. Нейросети на уроке: где помогают, где мешают")
    await talk.presses("1")
    assert talk.sees("Вебинар, дистанционно, 2 часа.")
    assert talk.sees("Зачем: цифровые.")
    assert talk.sees("Кто проводит: ЦНППМ (демонстрация).")
    assert talk.sees("Что подтвердит: отметка об участии")
    assert talk.sees("Пример для демонстрации.")
    assert talk.buttons[-2:] == ["Назад", "Меню"]
    # Words are awaited still.
    await talk.says("консультация документы")
    assert talk.sees("рабочая программа и документы учителя")


async def test_pages_of_everything(db: Database, newcomer: Newcomer) -> None:
    talk = await teacher(db, newcomer)
    await talk.press_action("catalogue:home")
    await talk.presses("Показать всё")
    assert talk.sees("стр. 1 из")
    assert talk.buttons[:6] == ["1", "2", "3", "4", "5", "Ещё"]
    first = talk.text
    await talk.presses("Ещё")
    assert talk.sees("стр. 2 из")
    assert talk.text != first
    await talk.presses("Раньше")
    assert talk.text == first


async def test_pages_of_what_was_typed(db: Database, newcomer: Newcomer) -> None:
    talk = await teacher(db, newcomer)
    await talk.press_action("catalogue:home")
    await talk.says("вебинар урок")
    await talk.says("стажировка")
    total = talk.text
    assert "Нашлось" in total
    await talk.says("консультация")
    assert talk.sees("Консультация")


async def test_nothing_found_says_what_was_looked_for(db: Database, newcomer: Newcomer) -> None:
    talk = await teacher(db, newcomer)
    await talk.press_action("catalogue:home")
    await talk.says("аквалангист")
    assert talk.sees("«аквалангист» ничего не нашлось")
    await talk.presses("Показать всё")
    assert talk.sees("Нашлось")


async def test_an_empty_catalogue_gives_a_door(db: Database, newcomer: Newcomer) -> None:
    talk = await teacher(db, newcomer, filled=False)
    await talk.press_action("catalogue:all:0")
    assert talk.sees("Каталог пока пуст")
    assert "Диагностика" in talk.buttons


async def test_a_card_of_a_course_with_a_prerequisite(db: Database, newcomer: Newcomer) -> None:
    talk = await teacher(db, newcomer)
    async with db.read() as session:
        ids = dict((await session.execute(select(Activity.code, Activity.id))).all())
    await talk.press_action(f"catalogue:card:{ids['p-01']}")
    assert talk.sees("Сначала: «Формирующее оценивание: обратная связь каждый урок».")
    await talk.press_action(f"catalogue:card:{ids['d-01']}")
    assert talk.sees("В федеральном реестре: Д-0001.")


async def test_wrong_numbers_lead_to_kind_words(db: Database, newcomer: Newcomer) -> None:
    talk = await teacher(db, newcomer)
    await talk.press_action("catalogue:card:999999")
    assert not talk.sees("Зачем")
    await talk.press_action("catalogue:card:abc")
    assert talk.sees("Что пройти")
    await talk.press_action("catalogue:all:500")
    assert talk.sees("стр. 1 из")


async def test_it_is_found_by_a_word_and_from_its_neighbours(db: Database, newcomer: Newcomer) -> None:
    talk = await teacher(db, newcomer)
    await talk.says("каталог")
    assert talk.sees("Что пройти")
    await talk.says("/menu")
    for section in ("Мой ИОМ", "Мероприятия"):
        await talk.presses(section)
        await talk.presses("Каталог занятий")
        assert talk.sees("Что пройти")
        await talk.says("/menu")
