"""MAX beside the others: where people come from, one profile in two chats, and messages we begin."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.config import ROOT, MaxSettings, Settings
from bot.db import Database
from bot.jobs.outbox import Delivery
from bot.messengers.base import MessengerBot
from bot.messengers.max.session import max_bot
from bot.messengers.web import web_bot
from bot.models import (
    Answer,
    Attempt,
    Identity,
    MessageClass,
    Messenger,
    Outbox,
    OutboxState,
    PersonState,
    SentMessage,
    WireId,
)
from bot.rules.chat_ids import coded
from bot.services import diagnostics, leaving, outbox, receiving, web_chat
from bot.ui.screen import Button, Screen, rows
from tests.chat import MaxTalk
from tests.conftest import NewcomerOn
from tests.factories import NOW, make_person
from tests.fakes.max import TOKEN, FakeMax, MaxError
from tests.jobs.clock import VirtualClock
from tests.jobs.test_delivery import at

ANNA = 555


@pytest.fixture
async def talk(newcomer_on: NewcomerOn) -> MaxTalk:
    made = await newcomer_on("max")
    assert isinstance(made, MaxTalk)
    return made


async def test_a_deep_link_opens_its_section(talk: MaxTalk, db: Database) -> None:
    async with db.begin() as session:
        await make_person(session, accounts={Messenger.max: talk.user_id})
    await talk.starts()
    await talk.presses("Диагностика")
    section = talk.text
    await talk.says("/menu")
    assert talk.text != section
    await talk.starts("section_diagnostics")
    assert talk.text == section


async def test_a_screen_is_changed_in_place_by_the_answer_to_the_press(talk: MaxTalk) -> None:
    await talk.starts()
    count, calls = len(talk.messages), len(talk.server.calls)
    await talk.presses(talk.buttons[-1])
    assert len(talk.messages) == count
    assert [name for name, *_ in talk.server.calls[calls:]] == ["POST /answers"]


async def test_a_press_of_a_message_taken_away_opens_a_new_one(talk: MaxTalk) -> None:
    await talk.starts()
    event = talk.server.pressed(talk.screen, "menu:help")
    talk.screen.deleted = True
    for update in await talk.converter.updates({**event, "message": None}):
        await talk.dispatcher.feed_update(talk.bot, update)
    assert talk.sees("Чем помочь?")


async def test_begun_in_telegram_it_is_finished_in_max(newcomer_on: NewcomerOn, talk: MaxTalk, db: Database) -> None:
    phone = await newcomer_on("telegram")
    async with db.begin() as session:
        await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=NOW)
        accounts = {Messenger.telegram: phone.user_id, Messenger.max: talk.user_id}
        await make_person(session, accounts=accounts)
    await phone.says("/menu")
    await phone.presses("Диагностика")
    await phone.presses("Пройти")
    await phone.presses("К первому вопросу")
    await phone.presses("По образцу")
    await talk.says("/menu")
    await talk.presses("Продолжить")
    assert talk.sees("2 из 30.")
    await talk.presses("Самостоятельно")
    await phone.says("/menu")
    await phone.presses("Продолжить")
    assert phone.sees("3 из 30.")
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Attempt)) == 1
        assert await session.scalar(select(func.count()).select_from(Answer)) == 2


async def test_nothing_of_max_is_left_of_a_deleted_person(talk: MaxTalk, db: Database) -> None:
    async with db.begin() as session:
        person = await make_person(session, accounts={Messenger.max: talk.user_id})
        person.state = PersonState.deleting
        await receiving.keep_wire(session, Messenger.max, talk.user_id, 0, "777", now=NOW)
    await talk.says("/menu")
    async with db.begin() as session:
        assert await leaving.carry_out(session, person.id, now=NOW) is not None
        for table in (WireId, SentMessage):
            assert await session.scalar(select(func.count()).select_from(table)) == 0


# --- messages we begin --------------------------------------------------------------------------------


@pytest.fixture
async def server() -> AsyncIterator[FakeMax]:
    async with FakeMax() as made:
        made.meet(ANNA)
        yield made


@pytest.fixture
async def bot(server: FakeMax, db: Database) -> AsyncIterator[MessengerBot]:
    made = max_bot(db, MaxSettings(token=TOKEN, api_base=server.url))
    yield made
    await made.session.close()


class Desk:
    """One person with a messenger and the web chat, and the delivery at work."""

    def __init__(
        self, db: Database, settings: Settings, bots: dict[Messenger, Any], messenger: Messenger = Messenger.max
    ) -> None:
        self.db = db
        self.messenger = messenger
        self.clock = VirtualClock(at("24 15:00"))
        self.delivery = Delivery(db, settings, bots, clock=self.clock)

    async def say(self, *, web: bool = False) -> None:
        accounts = {self.messenger: coded(self.messenger, ANNA)}
        async with self.db.begin() as session:
            if web:
                visitor, _ = await web_chat.new_visitor(session, now=self.clock.now())
                accounts[Messenger.web] = coded(Messenger.web, visitor)
            person = await make_person(session, accounts=accounts)
            await outbox.say(
                session,
                person.id,
                Screen("Ответ готов", rows(Button("Меню", "menu:home"))),
                message_class=MessageClass.for_you,
                kind="reply",
                dedupe="reply:1",
                now=self.clock.now(),
            )

    async def rows(self) -> dict[str, OutboxState]:
        async with self.db.read() as session:
            return dict((await session.execute(select(Outbox.dedupe, Outbox.state))).all())

    async def row(self) -> Outbox:
        async with self.db.read() as session:
            return (await session.scalars(select(Outbox))).one()


@pytest.fixture
def desk(db: Database, settings: Settings, bot: MessengerBot) -> Desk:
    return Desk(db, settings, {Messenger.max: bot, Messenger.web: web_bot(db, settings)})


async def test_it_arrives_once_with_its_buttons(desk: Desk, server: FakeMax) -> None:
    await desk.say()
    await desk.delivery.run_due()
    await desk.delivery.run_due()
    row, (shown,) = await desk.row(), server.chats[ANNA]
    assert (row.state, row.messenger, row.message_id) == (OutboxState.sent, Messenger.max, shown.id)
    assert (shown.plain, shown.labels) == ("Ответ готов", ["Меню"])


@pytest.mark.parametrize(("fault", "shown"), [("lost", 1), ("drop", 0), ("500", 0), ("html", 0)])
async def test_what_may_have_arrived_is_never_sent_again(desk: Desk, server: FakeMax, fault: str, shown: int) -> None:
    await desk.say()
    server.faults.append(fault)
    for _ in range(3):
        await desk.delivery.run_due()
        desk.clock.go_to(at("24 16:00"))
    assert (await desk.row()).state is OutboxState.unknown
    assert len(server.chats[ANNA]) == shown


async def test_too_many_is_tried_again_and_shown_once(desk: Desk, server: FakeMax) -> None:
    await desk.say()
    too_many = MaxError(429, "too.many.requests", "Limit is: 10 calls per second")
    server.errors["POST /messages"].extend([too_many, too_many])
    for hour in (16, 17, 18):
        await desk.delivery.run_due()
        desk.clock.go_to(at(f"24 {hour}:00"))
    assert ((await desk.row()).state, len(server.chats[ANNA])) == (OutboxState.sent, 1)


async def test_who_stopped_the_bot_gets_it_in_the_web_chat(desk: Desk, server: FakeMax, db: Database) -> None:
    await desk.say(web=True)
    server.blocked.add(ANNA)
    for _ in range(2):
        await desk.delivery.run_due()
    row = await desk.row()
    assert (row.state, row.messenger) == (OutboxState.sent, Messenger.web)
    async with db.read() as session:
        identity = await session.scalar(select(Identity).where(Identity.messenger == Messenger.max))
    assert identity is not None
    assert identity.blocked_at is not None


async def test_a_silent_max_holds_up_nobody_else(
    desk: Desk, server: FakeMax, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.messengers.max.client.TIMEOUT", 5)
    await desk.say()
    server.health.becomes("silent")
    round_ = asyncio.create_task(desk.delivery.run_due())
    async with asyncio.timeout(4):
        for dedupe in ("reply:2", "reply:3"):  # The second is written while the round waits for MAX.
            async with db.begin() as session:
                visitor, _ = await web_chat.new_visitor(session, now=desk.clock.now())
                person = await make_person(session, accounts={Messenger.web: coded(Messenger.web, visitor)})
                words: dict[str, Any] = {"message_class": MessageClass.for_you, "kind": "reply", "dedupe": dedupe}
                await outbox.say(session, person.id, Screen("И вам"), now=desk.clock.now(), **words)
            states: dict[str, OutboxState] = {}
            while states.get(dedupe) is not OutboxState.sent:
                await asyncio.sleep(0.01)
                states = await desk.rows()
            assert states["reply:1"] is OutboxState.sending
    server.health.becomes()
    await round_
    assert (await desk.rows())["reply:1"] is OutboxState.sent
