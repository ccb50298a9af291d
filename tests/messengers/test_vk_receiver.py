"""VK's long poll over the real handlers: from what a person writes to what she sees."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bot.app import build_dispatcher
from bot.config import Settings, VkSettings
from bot.db import Database
from bot.i18n import Texts
from bot.messengers import build_messengers
from bot.messengers.receiver import Receiving, receive, states
from bot.models import Messenger
from bot.services import receiving
from tests.fakes.vk import GROUP, TOKEN, FakeVk

ANNA = 555


@pytest.fixture
async def vk() -> AsyncIterator[FakeVk]:
    async with FakeVk() as server:
        server.meet(ANNA)
        yield server


class Process:
    """One run of the receiver: started, and stopped as a signal would."""

    def __init__(self, db: Database, settings: Settings, texts: Texts, vk: FakeVk) -> None:
        settings.vk = VkSettings(token=TOKEN, group_id=GROUP, api_base=f"{vk.url}/method")
        self._db, self._settings, self._texts = db, settings, texts

    async def __aenter__(self) -> Process:
        self._stop = asyncio.Event()
        dispatcher = build_dispatcher(self._db, self._settings, self._texts)
        self._bot = build_messengers(self._db, self._settings)[Messenger.vk]
        self._task = asyncio.create_task(receive(dispatcher, self._bot, self._settings, self._stop))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        await asyncio.wait_for(self._task, 5)
        await self._bot.session.close()


@pytest.fixture
def process(db: Database, settings: Settings, texts: Texts, vk: FakeVk) -> Process:
    return Process(db, settings, texts, vk)


numbers = itertools.count(1)


def writes(vk: FakeVk, text: str) -> None:
    shown = vk.put(ANNA, text, from_person=True)
    message = {"date": shown.date, "from_id": ANNA, "peer_id": ANNA, "conversation_message_id": shown.id, "text": text}
    event = {"type": "message_new", "event_id": f"m{next(numbers)}", "object": {"message": message}}
    vk.feed.append(event)


def said(vk: FakeVk) -> list[Any]:
    return [message for message in vk.chats[ANNA] if not message.from_person]


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not happened():
            await asyncio.sleep(0.01)


async def started() -> None:
    await until(lambda: states.get(Messenger.vk) == Receiving.working)


async def test_what_is_written_is_answered_and_the_place_is_kept(vk: FakeVk, process: Process, db: Database) -> None:
    async with process:
        await started()
        writes(vk, "/start")
        await until(lambda: bool(said(vk)))
        assert said(vk)[-1].labels
    assert states[Messenger.vk] == Receiving.stopped
    async with db.read() as session:
        assert await receiving.cursor(session, Messenger.vk) == "1"


async def test_what_came_while_we_were_away_is_answered(vk: FakeVk, process: Process) -> None:
    async with process:
        await started()
        writes(vk, "/start")
        await until(lambda: bool(said(vk)))
    before = len(said(vk))
    writes(vk, "/help")
    async with process:
        await until(lambda: len(said(vk)) > before)


@pytest.mark.parametrize("failed", [{"failed": 1, "ts": "0"}, {"failed": 2}, {"failed": 3}])
async def test_a_failed_poll_goes_on(vk: FakeVk, process: Process, failed: dict[str, Any]) -> None:
    vk.failed.append(failed)
    async with process:
        await until(lambda: not vk.failed)
        await asyncio.sleep(0.1)
        writes(vk, "/start")
        await until(lambda: bool(said(vk)))


async def test_an_event_delivered_again_is_answered_once(vk: FakeVk, process: Process) -> None:
    async with process:
        await started()
        writes(vk, "/start")
        vk.feed.append(vk.feed[-1])
        await until(lambda: bool(said(vk)))
        await asyncio.sleep(0.3)
    assert len(said(vk)) == 1


async def test_a_refused_token_is_said(vk: FakeVk, process: Process) -> None:
    vk.token = "another"
    async with process:
        await until(lambda: states.get(Messenger.vk) == Receiving.token_refused)
