"""Telegram of a state institution: nothing personal is shown, heard or even looked up."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiogram import Router
from sqlalchemy import func, select

from bot.app import build_dispatcher
from bot.config import ROOT, Policy, Settings, TelegramSettings
from bot.db import Database
from bot.filters import Press
from bot.handlers import ROUTERS
from bot.i18n import Texts
from bot.messengers.telegram import telegram_bot
from bot.middlewares.info_wall import OPEN
from bot.models import Attempt, Base, DialogState, Messenger, SentMessage
from bot.services import diagnostics
from bot.ui.screen import KEPT
from tests.chat import TelegramTalk, VkTalk, a_community
from tests.conftest import NewcomerOn
from tests.factories import NOW, make_person
from tests.fakes.telegram import TOKEN, FakeTelegram


@pytest.fixture
async def talk(db: Database, settings: Settings, texts: Texts, telegram: FakeTelegram) -> AsyncIterator[TelegramTalk]:
    """A known teacher on a channel with the policy «info»."""
    settings.web.public_url = "https://marshrut.example"
    bot = telegram_bot(TelegramSettings(token=TOKEN, api_base=telegram.url, policy=Policy.info))
    async with db.begin() as session:
        await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=NOW)
        await make_person(session, "Иванова Мария Петровна", accounts={Messenger.telegram: 11})
    yield TelegramTalk(build_dispatcher(db, settings, texts), bot, telegram, 11)
    await bot.session.close()


def doors(talk: TelegramTalk) -> list[str]:
    return [button["url"] for row in talk.screen.rows for button in row if "url" in button]


async def test_the_first_screen_says_what_is_open_here(talk: TelegramTalk) -> None:
    for words in ("/start", "/start role_abc", "/menu", "меню", "/cancel"):
        await talk.says(words)
        assert talk.sees("«Маршрут» в Telegram")
        assert talk.buttons == ["Календарь", "Ответы", "Пробная диагностика", "Открыть веб-чат"]
    assert doors(talk) == ["https://marshrut.example/"]
    assert not talk.saw("Мария")


async def test_personal_sections_are_behind_the_wall(talk: TelegramTalk) -> None:
    await talk.says("профиль")
    assert talk.sees("«Профиль» связано с вашими данными, а их в Telegram мы не передаём")
    assert doors(talk) == ["https://marshrut.example/?start=section_people"]
    await talk.presses("Назад")
    assert talk.sees("«Маршрут» в Telegram")
    for action in (
        "diagnostics:home",
        "diagnostics:answer:1:5",
        "people:begin",
        "people:data",
        "iom:home",
        "x:y",
        "mentoring:paper:1:consent",
    ):
        await talk.press_action(action)
        assert talk.sees("Это лучше открыть в другом месте")
    await talk.says("/mydata")
    assert talk.sees("Это лучше открыть в другом месте")
    assert not talk.saw("Мария")


async def test_messengers_that_carry_everything_are_doors_too(talk: TelegramTalk) -> None:
    talk.dispatcher["links"] |= {Messenger.vk: "https://vk.me/club1", Messenger.max: "https://max.ru/bot"}
    await talk.says("профиль")
    assert doors(talk) == [
        "https://max.ru/bot?start=section_people",
        "https://vk.me/club1?ref=section_people",
        "https://marshrut.example/?start=section_people",
    ]
    await talk.says("/start")
    assert talk.sees("открывается в MAX, ВК и веб-чате")
    assert doors(talk) == ["https://max.ru/bot", "https://vk.me/club1", "https://marshrut.example/"]


async def test_vk_of_a_state_institution_is_as_closed(db: Database, settings: Settings, texts: Texts) -> None:
    settings.web.public_url = "https://marshrut.example"
    async with a_community(db) as community:
        community.bot.policy = Policy.info
        vk = VkTalk(build_dispatcher(db, settings, texts), community, 11)
        async with db.begin() as session:
            await make_person(session, "Иванова Мария Петровна", accounts={Messenger.vk: vk.user_id})
        await vk.starts("section_people")
        assert vk.sees("«Маршрут» в ВК")
        await vk.press_action("people:home")
        assert vk.sees("«Профиль» связано с вашими данными")
        assert not vk.saw("Мария")


async def test_the_trial_works_and_leaves_nothing(talk: TelegramTalk, db: Database) -> None:
    await talk.says("/start")
    await talk.presses("Пробная диагностика")
    await talk.presses("Начать")
    for _ in range(5):
        await talk.presses("Самостоятельно")
    assert not talk.saw("в другом месте")
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Attempt)) == 0


async def test_words_are_not_kept(talk: TelegramTalk, db: Database) -> None:
    await talk.says("Как мне оформить рабочую программу?")
    assert talk.sees("Отсюда вопросы не отправляются")
    await talk.sends(voice={"file_id": "v", "file_unique_id": "v", "duration": 3})
    assert talk.sees("Отсюда вопросы не отправляются")
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(DialogState)) == 0


async def test_the_door_opens_the_section_in_the_web_chat(newcomer_on: NewcomerOn, db: Database) -> None:
    web = await newcomer_on("web")
    async with db.begin() as session:
        await make_person(session, accounts={Messenger.web: web.user_id})
    await web.says("/start section_people")
    assert web.sees("Профиль")
    assert "Изменить" in web.buttons
    await web.says("/start section_nothing")
    assert web.sees("Меню")


def every_action() -> list[str]:
    """What any button of any handler may carry."""
    found: set[str] = set()

    def walk(router: Router) -> None:
        for handler in router.callback_query.handlers:
            for filter_ in handler.filters or []:
                if isinstance(filter_.callback, Press):
                    found.add(filter_.callback.action)
        for below in router.sub_routers:
            walk(below)

    for router in ROUTERS:
        walk(router)
    return sorted(found)


MAY_BE_OPEN = (
    "menu:help", "menu:how", "diagnostics:try",
    # Ready answers, read only: nobody is known there and nothing is counted.
    "hotline:themes", "hotline:of", "hotline:faq", "hotline:find",
    # The open calendar.
    "events:home", "events:month", "events:card", "events:more", "events:share", "events:ics",
    # Looking through what is published, authors left out.
    "navigator:home", "navigator:topics", "navigator:topic", "navigator:one", "navigator:share",
    "contests:home", "contests:card", "registers:card",
    "practices:home", "practices:list", "practices:card", "practices:whole",
    # Where help is found and what is kept of the check: the same for everybody.
    "wellbeing:home", "wellbeing:contacts", "wellbeing:classes", "wellbeing:kept",
    "broadcasts:off", "broadcasts:rubric-off", "people:mute", "indicators:unsubscribe",
)  # fmt: skip
"""Written out once more, so that whoever opens an action in the wall says so here as well."""


def is_open(action: str) -> bool:
    return any(action == known or action.startswith(known + ":") for known in MAY_BE_OPEN)


async def test_no_action_of_any_handler_carries_anything_personal(talk: TelegramTalk, db: Database) -> None:
    """The teacher of this chat has a profile; the wall stands before each handler."""
    actions = every_action()
    assert len(actions) > 50
    await talk.says("/start")
    before = await rows_of(db)
    for action in actions:
        for data in (action, f"{action}:1", f"{action}:1:1", f"{KEPT}{action}:1"):
            await talk.press_action(data)
            assert not any(words in talk.text for words in ("Мария", "Петровна", "Иванова")), data
            if not is_open(data.removeprefix(KEPT)):
                assert talk.sees("в другом месте") or talk.sees("«Маршрут» в Telegram"), data
    assert await rows_of(db) == before


async def test_every_open_action_is_somebodys(talk: TelegramTalk) -> None:
    """A door in the wall that leads to no handler is a forgotten one."""
    actions = every_action()
    for known in OPEN:
        assert any(known == action or known.startswith(action + ":") for action in actions), known


async def rows_of(db: Database) -> dict[str, int]:
    """Rows in every table but the log of messages."""
    async with db.read() as session:
        return {
            table.name: await session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
            if table.name != SentMessage.__tablename__
        }
