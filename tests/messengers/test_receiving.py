"""Receiving from Telegram: polling and webhook, what goes wrong there, and a stop that loses nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from aiogram import Dispatcher, Router
from aiogram.filters import Command
from aiogram.methods import SendMessage
from aiogram.types import Message
from starlette.applications import Starlette

from bot.app import build_dispatcher
from bot.config import Receive, Settings, TelegramSettings
from bot.db import Database
from bot.i18n import Texts
from bot.messengers import receiver
from bot.messengers.base import MessengerBot
from bot.messengers.receiver import hook_routes, hook_secret, receive, states
from bot.messengers.telegram import telegram_bot
from bot.models import Identity, Messenger
from tests.factories import make_person
from tests.fakes.telegram import TOKEN, FakeTelegram


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pauses of a tenth of a second instead of minutes."""
    monkeypatch.setattr(receiver, "SLOWEST_RETRY", 0.1)
    monkeypatch.setattr(receiver, "REFUSED_RETRY", 0.1)
    yield
    states.clear()


@pytest.fixture
async def bot(telegram: FakeTelegram) -> AsyncIterator[MessengerBot]:
    made = telegram_bot(TelegramSettings(token=TOKEN, api_base=telegram.url))
    yield made
    await made.session.close()


@pytest.fixture
def dispatcher(db: Database, settings: Settings, texts: Texts) -> Dispatcher:
    return build_dispatcher(db, settings, texts)


@asynccontextmanager
async def receiving(dispatcher: Dispatcher, bot: MessengerBot, settings: Settings) -> AsyncIterator[None]:
    """The receiver at work; stopped gracefully at the end."""
    stop = asyncio.Event()
    task = asyncio.create_task(receive(dispatcher, bot, settings, stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)


async def until(true: Callable[[], Any], seconds: float = 5) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.01)


def answers(telegram: FakeTelegram, user_id: int) -> list[str]:
    return [message.plain for message in telegram.chats.get(user_id, []) if not message.from_person]


async def test_people_are_answered_and_the_menu_of_commands_is_set(
    dispatcher: Dispatcher, bot: MessengerBot, settings: Settings, telegram: FakeTelegram
) -> None:
    async with receiving(dispatcher, bot, settings):
        telegram.said(11, "/start")
        telegram.said(12, "помощь")
        await until(lambda: answers(telegram, 11) and answers(telegram, 12))
        assert states[Messenger.telegram] == "working"
    assert [command["command"] for command in telegram.commands] == ["start", "menu", "help", "cancel", "mydata"]
    assert telegram.updates == [] or telegram.calls[-1][1]["offset"] > telegram.updates[-1]["update_id"]
    assert states[Messenger.telegram] == "stopped"


async def test_a_webhook_left_behind_is_removed_before_polling(
    dispatcher: Dispatcher, bot: MessengerBot, settings: Settings, telegram: FakeTelegram
) -> None:
    telegram.webhook = {"url": "https://old.example/"}
    async with receiving(dispatcher, bot, settings):
        telegram.said(11, "/start")
        await until(lambda: answers(telegram, 11))


@pytest.mark.parametrize(
    ("code", "description", "state"),
    [
        (401, "Unauthorized", "token-refused"),
        (409, "Conflict: terminated by other getUpdates request", "taken-by-another"),
        (502, "Bad Gateway", "unreachable"),
    ],
)
async def test_what_is_wrong_is_told_apart_and_passes(
    dispatcher: Dispatcher,
    bot: MessengerBot,
    settings: Settings,
    telegram: FakeTelegram,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    description: str,
    state: str,
) -> None:
    seen: list[str] = []
    true_state = receiver._state

    def remember(messenger: Messenger, value: receiver.Receiving) -> None:
        seen.append(value.value)
        true_state(messenger, value)

    monkeypatch.setattr(receiver, "_state", remember)
    monkeypatch.setattr("bot.messengers.receiver.random.uniform", lambda low, high: 0.05)
    telegram.refuse("getUpdates", code, description)
    async with receiving(dispatcher, bot, settings):
        telegram.said(11, "/start")
        await until(lambda: answers(telegram, 11), 15)
    assert seen[0] == "starting"
    assert state in seen
    assert seen[-2:] == ["working", "stopped"]


async def test_an_unreachable_server_stops_nobody_and_is_found_again(
    dispatcher: Dispatcher, settings: Settings
) -> None:
    bot = telegram_bot(TelegramSettings(token=TOKEN, api_base="http://127.0.0.1:9"))
    async with receiving(dispatcher, bot, settings):
        await until(lambda: states.get(Messenger.telegram) == "unreachable")
    await bot.session.close()


def with_handlers(dispatcher: Dispatcher, router: Router) -> Dispatcher:
    """The real dispatcher with a few handlers in front."""
    root = dispatcher.sub_routers[0]
    root.sub_routers.insert(0, router)
    router._parent_router = root
    return dispatcher


async def test_a_returned_method_is_executed(
    dispatcher: Dispatcher, bot: MessengerBot, settings: Settings, telegram: FakeTelegram
) -> None:
    router = Router()

    @router.message(Command("echo"))
    async def echo(message: Message) -> SendMessage:
        return SendMessage(chat_id=message.chat.id, text="сказано")

    async with receiving(with_handlers(dispatcher, router), bot, settings):
        telegram.said(11, "/echo")
        await until(lambda: answers(telegram, 11) == ["сказано"])


async def test_one_person_is_answered_in_order_while_others_do_not_wait(
    dispatcher: Dispatcher, bot: MessengerBot, settings: Settings, telegram: FakeTelegram
) -> None:
    router = Router()
    order: list[str] = []

    @router.message(Command("do"))
    async def slowly(message: Message) -> None:
        number = (message.text or "").split()[1]
        await asyncio.sleep(0.3 if number == "1" else 0)
        order.append(f"{message.chat.id}-{number}")

    async with receiving(with_handlers(dispatcher, router), bot, settings):
        for number in "123":
            telegram.said(11, f"/do {number}")
        telegram.said(12, "/do 9")
        await until(lambda: len(order) == 4)
    assert order == ["12-9", "11-1", "11-2", "11-3"]


async def test_a_stop_finishes_what_is_in_flight_and_a_second_start_gets_nothing_twice(
    dispatcher: Dispatcher, bot: MessengerBot, settings: Settings, telegram: FakeTelegram
) -> None:
    router = Router()
    begun: list[int] = []
    ended: list[int] = []

    @router.message(Command("work"))
    async def work(message: Message) -> None:
        begun.append(message.message_id)
        await asyncio.sleep(0.3)
        ended.append(message.message_id)

    with_handlers(dispatcher, router)
    async with receiving(dispatcher, bot, settings):
        telegram.said(11, "/work")
        await until(lambda: begun)
    assert ended == begun
    del dispatcher.workflow_data["intakes"]  # A new process remembers no update.
    async with receiving(dispatcher, bot, settings):
        telegram.said(11, "/start")
        await until(lambda: answers(telegram, 11))
    assert len(begun) == 1


async def test_an_update_is_confirmed_only_when_it_was_handled(
    dispatcher: Dispatcher, bot: MessengerBot, settings: Settings, telegram: FakeTelegram
) -> None:
    router = Router()
    gate = asyncio.Event()

    @router.message(Command("wait"))
    async def wait(message: Message) -> None:
        await gate.wait()

    async with receiving(with_handlers(dispatcher, router), bot, settings):
        first = telegram.said(11, "/wait")
        for user in range(20, 30):
            telegram.said(user, "/start")
        await until(lambda: all(answers(telegram, user) for user in range(20, 30)))
        assert telegram.updates[0] == first
        polls = len(telegram.calls)
        await asyncio.sleep(0.6)
        assert len(telegram.calls) - polls < 6, "the wait for a slow handler must not become a storm of requests"
        gate.set()
        await until(lambda: not telegram.updates)


async def test_an_update_that_cannot_be_read_is_passed_over(
    dispatcher: Dispatcher, bot: MessengerBot, settings: Settings, telegram: FakeTelegram
) -> None:
    telegram.said(11, "/start")["message"]["chat"] = "?"
    telegram.said(12, "/start")
    async with receiving(dispatcher, bot, settings):
        await until(lambda: answers(telegram, 12))
        await until(lambda: not telegram.updates)


async def test_a_block_is_remembered_and_a_return_clears_it(
    dispatcher: Dispatcher, bot: MessengerBot, settings: Settings, telegram: FakeTelegram, db: Database
) -> None:
    async with db.begin() as session:
        person = await make_person(session, accounts={Messenger.telegram: 11})

    async def blocked() -> bool:
        async with db.read() as session:
            identity = await session.get_one(Identity, 1)
            assert identity.person_id == person.id
            return identity.blocked_at is not None

    async def becomes(value: bool) -> None:
        async with asyncio.timeout(5):
            while await blocked() is not value:
                await asyncio.sleep(0.01)

    async with receiving(dispatcher, bot, settings):
        telegram.said(11, "/menu")
        await until(lambda: answers(telegram, 11))
        telegram.membership(11, "kicked")
        await becomes(True)
        telegram.membership(11, "member")
        await becomes(False)
        telegram.membership(11, "kicked")
        await becomes(True)
        telegram.blocked.clear()
        telegram.said(11, "/menu")
        await becomes(False)


@pytest.fixture
def hook_settings(settings: Settings) -> Settings:
    settings.telegram = TelegramSettings(token=TOKEN, receive=Receive.webhook, secret="a-long-word")
    settings.web.public_url = "https://bot.example"
    return settings


async def test_a_webhook_is_registered_and_delivers(
    dispatcher: Dispatcher, bot: MessengerBot, hook_settings: Settings, telegram: FakeTelegram
) -> None:
    app = Starlette(routes=[*hook_routes(dispatcher, {Messenger.telegram: bot}, hook_settings)])
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://bot.example") as client,
        receiving(dispatcher, bot, hook_settings),
    ):
        await until(lambda: telegram.webhook)
        assert telegram.webhook is not None
        assert telegram.webhook["url"] == "https://bot.example/hooks/telegram"
        headers = {"X-Telegram-Bot-Api-Secret-Token": telegram.webhook["secret_token"]}
        update = telegram.said(11, "/start")
        for _ in range(3):  # Delivered again: the platform was not sure.
            assert (await client.post("/hooks/telegram", json=update, headers=headers)).status_code == 200
        await until(lambda: answers(telegram, 11))
        await asyncio.sleep(0.1)
        assert len(answers(telegram, 11)) == 1
    assert telegram.webhook is not None, "a restart must not lose what is sent meanwhile"


@pytest.mark.parametrize("headers", [{}, {"X-Telegram-Bot-Api-Secret-Token": "wrong"}])
async def test_a_wrong_secret_is_refused_quietly(
    dispatcher: Dispatcher,
    bot: MessengerBot,
    hook_settings: Settings,
    telegram: FakeTelegram,
    headers: dict[str, str],
) -> None:
    app = Starlette(routes=[*hook_routes(dispatcher, {Messenger.telegram: bot}, hook_settings)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://bot.example") as client:
        answer = await client.post("/hooks/telegram", json=telegram.said(11, "/start"), headers=headers)
    assert answer.status_code == 403
    assert answer.content == b""
    await asyncio.sleep(0.1)
    assert not answers(telegram, 11)


async def test_a_webhook_that_is_too_long_or_not_an_update(
    dispatcher: Dispatcher, bot: MessengerBot, hook_settings: Settings, telegram: FakeTelegram
) -> None:
    app = Starlette(routes=[*hook_routes(dispatcher, {Messenger.telegram: bot}, hook_settings)])
    headers = {"X-Telegram-Bot-Api-Secret-Token": "a-long-word"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://bot.example") as client:
        assert (await client.post("/hooks/telegram", content=b"x" * (2 << 20), headers=headers)).status_code == 413
        for content in (b"", b"{", b"[]", b'{"update_id": "x"}', "\u0000".encode()):
            assert (await client.post("/hooks/telegram", content=content, headers=headers)).status_code == 200


def test_without_a_secret_of_its_own_the_webhook_still_has_one(settings: Settings) -> None:
    secret = hook_secret(settings)
    assert len(secret) == 64
    assert secret != settings.web.secret
