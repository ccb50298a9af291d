"""One process, three messengers: whatever one network does, the others answer, and it recovers without a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from bot import metrics
from bot.app import build_dispatcher
from bot.config import MaxSettings, Settings, TelegramSettings, VkSettings
from bot.db import Database
from bot.i18n import Texts
from bot.messengers import build_messengers, receiver
from bot.messengers.receiver import Receiving, receive, states
from bot.models import Messenger
from tests.fakes import max as max_fake
from tests.fakes import telegram as telegram_fake
from tests.fakes import vk as vk_fake
from tests.fakes.max import FakeMax
from tests.fakes.telegram import FakeTelegram, Shown
from tests.fakes.vk import FakeVk

ANNA = 555
MESSENGERS = (Messenger.telegram, Messenger.vk, Messenger.max)
TOKENS = {
    Messenger.telegram: telegram_fake.TOKEN,
    Messenger.vk: vk_fake.TOKEN,
    Messenger.max: max_fake.TOKEN,
}
ILLS = ("500", "html", "drop", "silent", "revoked")


@dataclass
class World:
    """The three platforms as one person meets them."""

    telegram: FakeTelegram
    vk: FakeVk
    max: FakeMax

    def server(self, messenger: Messenger) -> Any:
        return getattr(self, messenger)

    def writes(self, messenger: Messenger, text: str) -> None:
        """The person says something there."""
        match messenger:
            case Messenger.telegram:
                self.telegram.said(ANNA, text)
            case Messenger.max:
                self.max.wrote(ANNA, text)
            case Messenger.vk:
                shown = self.vk.put(ANNA, text, from_person=True)
                about = {"date": shown.date, "from_id": ANNA, "peer_id": ANNA, "conversation_message_id": shown.id}
                event = {
                    "type": "message_new",
                    "event_id": f"m{shown.id}",
                    "object": {"message": {**about, "text": text}},
                }
                self.vk.feed.append(event)

    def said(self, messenger: Messenger) -> list[Shown]:
        """What she sees there of us."""
        return [message for message in self.server(messenger).chats.get(ANNA, []) if not message.from_person]

    def falls_ill(self, messenger: Messenger, ill: str) -> None:
        """From now on every call fares so."""
        server = self.server(messenger)
        if ill == "revoked":
            server.token, ill = "another", ""
            self.vk.key = "of another token"
        server.health.becomes(ill)

    def heals(self, messenger: Messenger) -> None:
        server = self.server(messenger)
        server.token = TOKENS[messenger]
        server.health.becomes()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(receiver, "SLOWEST_RETRY", 0.2)
    monkeypatch.setattr(receiver, "REFUSED_RETRY", 0.2)
    yield
    states.clear()


@pytest.fixture
async def world(settings: Settings) -> AsyncIterator[World]:
    async with FakeTelegram() as telegram, FakeVk() as vk, FakeMax() as max_:
        for server in (telegram, vk, max_):
            server.meet(ANNA)
        settings.telegram = TelegramSettings(token=telegram_fake.TOKEN, api_base=telegram.url)
        settings.vk = VkSettings(token=vk_fake.TOKEN, group_id=vk_fake.GROUP, api_base=f"{vk.url}/method")
        settings.max = MaxSettings(token=max_fake.TOKEN, api_base=max_.url)
        yield World(telegram, vk, max_)


@pytest.fixture
async def running(world: World, db: Database, settings: Settings, texts: Texts) -> AsyncIterator[None]:
    """Everything receives, as ``run`` does it."""
    stop = asyncio.Event()
    dispatcher, bots = build_dispatcher(db, settings, texts), build_messengers(db, settings)
    receivers = [asyncio.create_task(receive(dispatcher, bot, settings, stop)) for bot in bots.values()]
    await until(lambda: all(states.get(messenger) == Receiving.working for messenger in MESSENGERS))
    yield
    stop.set()
    await asyncio.wait_for(asyncio.gather(*receivers), 15)
    for bot in bots.values():
        await bot.session.close()
    assert set(states.values()) == {Receiving.stopped.value}


async def until(happened: Callable[[], Any], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not happened():
            await asyncio.sleep(0.01)


@pytest.mark.usefixtures("running")
@pytest.mark.parametrize("ill", ILLS)
@pytest.mark.parametrize("sick", MESSENGERS)
async def test_a_sick_messenger_changes_nothing_for_the_others(world: World, sick: Messenger, ill: str) -> None:
    world.falls_ill(sick, ill)
    if ill != "silent":  # Nobody can tell silence from a long poll in which nothing happens.
        wrong = Receiving.token_refused if ill == "revoked" else Receiving.unreachable
        await until(lambda: states[sick] == wrong)
        assert metrics.receiver_state(sick.value) == wrong.value
    for well in MESSENGERS:
        if well is not sick:
            world.writes(well, "/start")
            await until(lambda well=well: world.said(well))  # type: ignore[misc]
            assert world.said(well)[-1].labels
            assert metrics.receiver_state(well.value) == "working"
    world.writes(sick, "/start")
    await asyncio.sleep(0.1)
    assert world.said(sick) == []
    world.heals(sick)
    await until(lambda: world.said(sick))
    await asyncio.sleep(0.1)
    assert len(world.said(sick)) == 1
    assert metrics.receiver_state(sick.value) == "working"
