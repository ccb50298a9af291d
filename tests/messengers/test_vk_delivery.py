"""Messages we begin ourselves, on VK: nothing lost, nothing twice, whatever the network does."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from bot.config import Settings, VkSettings
from bot.db import Database
from bot.messengers.base import MessengerBot
from bot.messengers.vk.session import vk_bot
from bot.messengers.web import web_bot
from bot.models import Identity, Messenger, OutboxState
from tests.fakes.vk import GROUP, TOKEN, FakeVk, VkError
from tests.jobs.test_delivery import at
from tests.messengers.test_max_conversation import Desk

ANNA = 555


@pytest.fixture
async def server() -> AsyncIterator[FakeVk]:
    async with FakeVk() as made:
        made.meet(ANNA)
        yield made


@pytest.fixture
async def bot(server: FakeVk, db: Database) -> AsyncIterator[MessengerBot]:
    made = vk_bot(db, VkSettings(token=TOKEN, group_id=GROUP, api_base=f"{server.url}/method"))
    yield made
    await made.session.close()


@pytest.fixture
def desk(db: Database, settings: Settings, bot: MessengerBot) -> Desk:
    return Desk(db, settings, {Messenger.vk: bot, Messenger.web: web_bot(db, settings)}, Messenger.vk)


async def rounds(desk: Desk, hours: range) -> None:
    for hour in hours:
        await desk.delivery.run_due()
        desk.clock.go_to(at(f"24 {hour}:00"))


@pytest.mark.parametrize("fault", ["lost", "drop", "500", "html", "silent"])
async def test_a_fault_is_tried_again_and_shown_once(
    desk: Desk, server: FakeVk, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """VK knows the number of the row, so even a message that may have arrived is sent again."""
    monkeypatch.setattr("bot.messengers.vk.client.TIMEOUT", 0.3)
    await desk.say()
    server.faults.extend([fault, fault])
    await rounds(desk, range(16, 19))
    row = await desk.row()
    assert (row.state, [m.plain for m in server.chats[ANNA]]) == (OutboxState.sent, ["Ответ готов"])
    assert row.message_id == server.chats[ANNA][0].id
    sends = [body for name, body in server.calls if name == "messages.send"]
    assert {body["random_id"] for body in sends} == {str(row.id)}
    assert len(sends) == 3


async def test_a_platform_that_fails_for_good_ends_in_words_not_in_a_loop(desk: Desk, server: FakeVk) -> None:
    await desk.say()
    server.health.becomes("500")
    for day in range(24, 30):
        for hour in (10, 12, 14, 16):
            desk.clock.go_to(at(f"{day} {hour}:00"))
            await desk.delivery.run_due()
    row = await desk.row()
    assert (row.state, row.error, server.chats[ANNA]) == (OutboxState.unknown, "TelegramServerError", [])


@pytest.mark.parametrize(("code", "rest"), [(6, 1), (9, 10), (29, 60)])
async def test_too_many_slows_everything_down_and_is_tried_again(
    desk: Desk, server: FakeVk, code: int, rest: int
) -> None:
    await desk.say()
    server.errors["messages.send"].append(VkError(code))
    began = desk.clock.now()
    await desk.delivery.run_due()
    assert desk.delivery._paces[Messenger.vk].share < 0.8, "the pace knows of the refusal"
    while (await desk.row()).state is not OutboxState.sent:
        await desk.delivery.run_due()
        await desk.clock.sleep(1)
    assert len(server.chats[ANNA]) == 1
    assert rest <= (desk.clock.now() - began).total_seconds() < rest + 30


async def test_a_revoked_token_keeps_the_queue(desk: Desk, server: FakeVk) -> None:
    await desk.say()
    server.token = "another"
    await rounds(desk, range(16, 18))
    assert (await desk.row()).state is OutboxState.queued
    server.token = TOKEN
    await rounds(desk, range(18, 20))
    assert ((await desk.row()).state, len(server.chats[ANNA])) == (OutboxState.sent, 1)


@pytest.mark.parametrize("code", [0, 18, 900, 902, 936])
async def test_who_closed_the_dialogue_gets_it_in_the_web_chat(
    desk: Desk, server: FakeVk, db: Database, code: int
) -> None:
    await desk.say(web=True)
    if code:
        server.errors["messages.send"].append(VkError(code))
    else:
        server.blocked.add(ANNA)
    await rounds(desk, range(16, 18))
    row = await desk.row()
    assert (row.state, row.messenger, server.chats[ANNA]) == (OutboxState.sent, Messenger.web, [])
    async with db.read() as session:
        identity = (await session.scalars(select(Identity).where(Identity.messenger == Messenger.vk))).one()
    assert identity.blocked_at is not None
