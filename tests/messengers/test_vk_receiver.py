"""Receiving from VK over the real handlers: long poll, Callback API, what goes wrong, and a stop that loses nothing."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
import structlog
from aiogram import Router
from aiogram.filters import Command
from aiogram.methods import SendMessage
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, Message
from sqlalchemy import select, update
from starlette.applications import Starlette

from bot.app import build_dispatcher
from bot.clock import utcnow
from bot.config import Receive, Settings, VkSettings, WebSettings
from bot.db import Database
from bot.i18n import Texts
from bot.messengers import build_messengers, receiver
from bot.messengers.events import finish_all
from bot.messengers.receiver import Receiving, hook_routes, receive, states
from bot.messengers.vk import receiver as vk_receiver
from bot.models import Identity, Messenger, ReceivedEvent
from bot.rules.chat_ids import coded
from bot.services import receiving
from tests.factories import make_person
from tests.fakes.vk import GROUP, TOKEN, FakeVk, VkError

ANNA = 555
SITE = "https://marshrut.example"
HOOK = f"{SITE}/hooks/vk"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(receiver, "SLOWEST_RETRY", 0.1)
    monkeypatch.setattr(receiver, "REFUSED_RETRY", 0.1)
    yield
    states.clear()


@pytest.fixture
async def vk(settings: Settings) -> AsyncIterator[FakeVk]:
    async with FakeVk() as server:
        server.meet(ANNA)
        settings.vk = VkSettings(token=TOKEN, group_id=GROUP, api_base=f"{server.url}/method")
        settings.web = WebSettings(secret="test-secret-" * 4, public_url=SITE)
        yield server


class Process:
    """One process that receives: started, and stopped as a signal would."""

    def __init__(self, db: Database, settings: Settings, texts: Texts) -> None:
        self.settings = settings
        self.dispatcher = build_dispatcher(db, settings, texts)
        self.bot = build_messengers(db, settings)[Messenger.vk]
        routes = hook_routes(self.dispatcher, {Messenger.vk: self.bot}, settings)
        transport = httpx.ASGITransport(app=Starlette(routes=routes))
        self.http = httpx.AsyncClient(transport=transport, base_url="http://testserver")
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Process:
        self._task = asyncio.create_task(receive(self.dispatcher, self.bot, self.settings, self._stop))
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._stop.set()
        await asyncio.wait_for(self._task, 10)
        await self.http.aclose()
        await self.bot.session.close()

    async def deliver(self, event: dict[str, Any], **more: Any) -> tuple[int, str]:
        """VK brings an event to our address: the status and the words it gets."""
        secret = vk_receiver.hook_secret(self.settings)
        body = {"group_id": GROUP, "v": "5.199", "secret": secret, **event, **more}
        answer = await self.http.post("/hooks/vk", json=body)
        return answer.status_code, answer.text


Start = Callable[[], Process]


@pytest.fixture
def process(db: Database, settings: Settings, texts: Texts, vk: FakeVk) -> Start:
    return lambda: Process(db, settings, texts)


@pytest.fixture
def webhook(settings: Settings, vk: FakeVk) -> None:
    settings.vk.receive = Receive.webhook


numbers = itertools.count(1)


def written(vk: FakeVk, text: str) -> dict[str, Any]:
    """What VK tells of a message."""
    shown = vk.put(ANNA, text, from_person=True)
    message = {"date": shown.date, "from_id": ANNA, "peer_id": ANNA, "conversation_message_id": shown.id, "text": text}
    return {"type": "message_new", "event_id": f"m{next(numbers)}", "object": {"message": message}}


def pressed(vk: FakeVk, action: str) -> dict[str, Any]:
    """What VK tells of a button pressed under the newest message."""
    who = {"user_id": ANNA, "peer_id": ANNA, "event_id": vk.ask(ANNA), "payload": {"d": action}}
    thing = {**who, "conversation_message_id": said(vk)[-1].id}
    return {"type": "message_event", "event_id": f"p{next(numbers)}", "object": thing}


def writes(vk: FakeVk, text: str) -> None:
    vk.feed.append(written(vk, text))


def said(vk: FakeVk) -> list[Any]:
    return [message for message in vk.chats[ANNA] if not message.from_person]


async def until(happened: Callable[[], Any], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not happened():
            await asyncio.sleep(0.01)


async def started() -> None:
    await until(lambda: states.get(Messenger.vk) == Receiving.working)


async def test_what_is_written_is_answered_and_the_place_is_kept(vk: FakeVk, process: Start, db: Database) -> None:
    async with process():
        await started()
        writes(vk, "/start")
        await until(lambda: bool(said(vk)))
        assert said(vk)[-1].labels
    assert states[Messenger.vk] == Receiving.stopped
    async with db.read() as session:
        assert await receiving.cursor(session, Messenger.vk) == "1"


async def test_what_came_while_we_were_away_is_answered(vk: FakeVk, process: Start) -> None:
    async with process():
        await started()
        writes(vk, "/start")
        await until(lambda: bool(said(vk)))
    before = len(said(vk))
    writes(vk, "/help")
    async with process():
        await until(lambda: len(said(vk)) > before)


@pytest.mark.parametrize("failed", [{"failed": 1, "ts": "0"}, {"failed": 2}, {"failed": 3}])
async def test_a_failed_poll_goes_on(vk: FakeVk, process: Start, failed: dict[str, Any]) -> None:
    vk.failed.append(failed)
    async with process():
        await until(lambda: not vk.failed)
        await asyncio.sleep(0.1)
        writes(vk, "/start")
        await until(lambda: bool(said(vk)))


async def test_an_event_delivered_again_is_answered_once(vk: FakeVk, process: Start) -> None:
    async with process():
        await started()
        writes(vk, "/start")
        vk.feed.append(vk.feed[-1])
        await until(lambda: bool(said(vk)))
        await asyncio.sleep(0.3)
    assert len(said(vk)) == 1


async def test_a_crash_repeats_nothing_that_was_handled(vk: FakeVk, process: Start, db: Database) -> None:
    """The place is written down as soon as all before it is handled, not with the next question."""
    async with process():
        await started()
        await asyncio.sleep(0.05)
        assert await place(db) == "0", "kept before the first event"
        writes(vk, "/start")
        await until(lambda: said(vk))
        async with asyncio.timeout(0.3):
            while await place(db) != "1":
                await asyncio.sleep(0.01)


async def test_only_what_was_cut_off_is_done_again(vk: FakeVk, process: Start, db: Database) -> None:
    async with process():
        await started()
        for text in ("/start", "/help"):
            writes(vk, text)
        await until(lambda: len(said(vk)) == 2)
    async with db.begin() as session:
        await receiving.keep_cursor(session, Messenger.vk, "0", now=utcnow())
        cut_off = vk.feed[1]["event_id"]
        await session.execute(update(ReceivedEvent).where(ReceivedEvent.key == cut_off).values(done_at=None))
    async with process():
        await until(lambda: len(said(vk)) == 3)
        await asyncio.sleep(0.2)
    assert len(said(vk)) == 3
    assert said(vk)[2].text == said(vk)[1].text


async def test_what_a_stop_gave_up_comes_again(
    vk: FakeVk, process: Start, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiver, "STOP_SECONDS", 0.05)
    entered = asyncio.Event()

    async def hangs(message: Message) -> None:
        entered.set()
        await asyncio.sleep(30)

    first = process()
    router = Router()
    router.message.register(hangs, Command("help"))
    first.dispatcher.sub_routers[0].sub_routers.insert(0, router)
    async with first:
        await started()
        for text in ("/start", "/help"):
            writes(vk, text)
        await asyncio.wait_for(entered.wait(), 5)
    assert len(said(vk)) == 1
    async with process():
        await until(lambda: len(said(vk)) == 2)
        await asyncio.sleep(0.1)
    assert len(said(vk)) == 2, "the first was done and is not done again"


async def place(db: Database) -> str:
    async with db.read() as session:
        return await receiving.cursor(session, Messenger.vk)


async def test_a_revoked_token_is_said_and_a_new_one_is_enough(vk: FakeVk, process: Start) -> None:
    vk.token = "another"
    async with process():
        await until(lambda: states.get(Messenger.vk) == Receiving.token_refused)
        vk.token = TOKEN
        await started()
        writes(vk, "/start")
        await until(lambda: said(vk))


async def test_a_community_that_refuses_is_said_and_asked_again(vk: FakeVk, process: Start) -> None:
    vk.errors["groups.getLongPollServer"].append(VkError(100, "longpoll for this group is not enabled"))
    with structlog.testing.capture_logs() as logs:
        async with process():
            await started()
    assert [line["event"] for line in logs if line["event"] == "vk-refuses"] == ["vk-refuses"]


async def test_whatever_the_network_does_events_come_again(vk: FakeVk, process: Start) -> None:
    vk.faults.extend(["500", "html", "drop"])
    vk.poll_faults.extend(["500", "html", "drop"])
    async with process():
        await until(lambda: vk.polls > 3, 15)
        writes(vk, "/start")
        await until(lambda: said(vk), 15)
        await asyncio.sleep(0.2)
    assert len(said(vk)) == 1


# --- Callback API -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("webhook")
async def test_our_server_is_made_and_answers_what_vk_asks(vk: FakeVk, process: Start) -> None:
    vk.servers.append({"id": 4, "url": "https://old.example/hook", "title": "old", "secret_key": "x", "status": "ok"})
    async with process() as running:
        await started()
        own = vk.servers[1]
        assert (own["url"], own["secret_key"]) == (HOOK, vk_receiver.hook_secret(running.settings))
        wanted = {"message_new", "message_edit", "message_event", "message_allow", "message_deny"}
        assert vk.wanted == {own["id"]: wanted}
        assert await running.deliver({"type": "confirmation"}, secret=None) == (200, "c0ff33")
        assert await running.deliver(written(vk, "/start")) == (200, "ok")
        assert said(vk), "answered before the «ok»"
        shown = said(vk)[-1].text
        assert await running.deliver(pressed(vk, "menu:how")) == (200, "ok")
        assert said(vk)[-1].text != shown
    assert vk.polls == 0
    assert states[Messenger.vk] == Receiving.stopped


@pytest.mark.usefixtures("webhook")
async def test_a_strangers_event_learns_nothing(vk: FakeVk, process: Start) -> None:
    running = process()
    event = written(vk, "/start")
    for more in ({"secret": "guess"}, {"secret": None}, {"secret": ""}, {"secret": 5}, {"group_id": GROUP + 1}):
        assert await running.deliver(event, **more) == (403, "")
    assert await running.deliver({"type": "confirmation"}, group_id=GROUP + 1) == (403, "")
    for body in (b"{oops", b"[]", b"5", b"", "«»".encode("cp1251")):
        assert (await running.http.post("/hooks/vk", content=body)).status_code == 403
    assert (await running.http.post("/hooks/vk", content=b"x" * (2 << 20))).status_code == 413
    assert (await running.http.get("/hooks/vk")).status_code == 405
    assert said(vk) == []


@pytest.mark.usefixtures("webhook")
async def test_the_confirmation_is_asked_for_once_in_a_while(vk: FakeVk, process: Start, settings: Settings) -> None:
    running = process()
    vk.faults.append("500")
    assert (await running.deliver({"type": "confirmation"}))[0] == 503
    for _ in range(3):
        assert await running.deliver({"type": "confirmation"}) == (200, "c0ff33")
    assert [name for name, _ in vk.calls].count("groups.getCallbackConfirmationCode") == 2
    settings.vk.confirmation = "by-hand"
    assert await process().deliver({"type": "confirmation"}) == (200, "by-hand")


@pytest.mark.usefixtures("webhook")
async def test_a_server_set_up_by_hand_is_left_alone(vk: FakeVk, process: Start, settings: Settings) -> None:
    settings.vk.confirmation, settings.vk.secret = "by-hand", "слово-по-русски"
    vk.may_manage = False
    async with process() as running:
        await started()
        assert await running.deliver(written(vk, "/start")) == (200, "ok")
    assert vk.servers == []


@pytest.mark.usefixtures("webhook")
async def test_a_server_vk_gave_up_on_is_made_anew(vk: FakeVk, process: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vk_receiver, "CHECK", 0.05)

    def changes() -> int:
        return [name for name, _ in vk.calls].count("groups.editCallbackServer")

    async with process():
        await until(lambda: vk.servers)
        vk.servers[0]["status"] = "ok"
        await asyncio.sleep(0.2)
        assert changes() == 0, "what works is not touched: VK would ask for the confirmation again"
        vk.servers[0]["status"] = "failed"
        await until(changes)
        vk.faults.extend(["500", "drop"])
        vk.servers.clear()
        await until(lambda: vk.servers)


@pytest.mark.usefixtures("webhook")
async def test_a_key_without_the_right_is_said(vk: FakeVk, process: Start) -> None:
    vk.may_manage = False
    with structlog.testing.capture_logs() as logs:
        async with process():
            await until(lambda: states.get(Messenger.vk) == Receiving.unreachable)
    assert any("manage" in str(line.get("hint")) for line in logs)


@pytest.mark.usefixtures("webhook")
@pytest.mark.parametrize("base", ["here", pytest.param("here@postgres", marks=pytest.mark.postgres)])
async def test_delivered_again_it_is_answered_once(vk: FakeVk, process: Start, base: str) -> None:
    first, second = process(), process()
    event = written(vk, "/start")
    assert [await one.deliver(event) for one in (first, first, second)] == [(200, "ok")] * 3
    assert len(said(vk)) == 1
    press = pressed(vk, "menu:how")
    answers = await asyncio.gather(*(one.deliver(press) for one in (first, second) for _ in range(3)))
    assert {status for status, _ in answers} <= {200, 503}, "who comes meanwhile is asked to come again"
    assert await second.deliver(press) == (200, "ok")
    assert [name for name, _ in vk.calls].count("messages.sendMessageEventAnswer") == 1


@pytest.mark.usefixtures("webhook")
async def test_slow_work_does_not_keep_vk_waiting(vk: FakeVk, process: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vk_receiver, "PROMPT", 0.05)
    running = process()
    go, done = asyncio.Event(), []

    async def slow(message: Message) -> SendMessage:
        await go.wait()
        done.append(1)
        return SendMessage(chat_id=message.chat.id, text="готово")

    router = Router()
    router.message.register(slow, Command("slow"))
    running.dispatcher.sub_routers[0].sub_routers.insert(0, router)
    event = written(vk, "/slow")
    assert await running.deliver(event) == (200, "ok")
    assert await running.deliver(event) == (503, ""), "still under way"
    go.set()
    await until(lambda: said(vk))
    await asyncio.sleep(0.05)
    assert await running.deliver(event) == (200, "ok")
    assert (done, [m.text for m in said(vk)]) == ([1], ["готово"]), "a returned method is carried out"


@pytest.mark.usefixtures("webhook")
async def test_a_stop_ends_what_vk_believes_done(
    vk: FakeVk, process: Start, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process serves the web only: nobody else waits for what was delivered to it."""
    monkeypatch.setattr(vk_receiver, "PROMPT", 0.01)
    running = process()

    async def slow(message: Message) -> SendMessage:
        await asyncio.sleep(0.2)
        return SendMessage(chat_id=message.chat.id, text="готово")

    router = Router()
    router.message.register(slow, Command("slow"))
    running.dispatcher.sub_routers[0].sub_routers.insert(0, router)
    event = written(vk, "/slow")
    assert await running.deliver(event) == (200, "ok")
    await finish_all(running.dispatcher, 5)
    assert [m.text for m in said(vk)] == ["готово"]
    async with db.read() as session:
        row = (await session.scalars(select(ReceivedEvent))).one()
    assert row.done_at is not None


@pytest.mark.usefixtures("webhook")
async def test_events_nobody_understands_are_not_asked_for_again(vk: FakeVk, process: Start) -> None:
    running = process()
    for event in ({"type": "wall_post_new", "object": {}}, {"type": "message_new"}, {"type": None}, {}):
        assert await running.deliver(event) == (200, "ok")


@pytest.mark.usefixtures("webhook")
async def test_a_full_queue_is_left_with_vk(vk: FakeVk, process: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vk_receiver, "HOOK_QUEUE", 0)
    assert await process().deliver(written(vk, "/start")) == (503, "")


async def test_without_the_webhook_there_is_no_door(vk: FakeVk, process: Start) -> None:
    assert (await process().deliver(written(vk, "/start")))[0] == 404


async def test_who_denies_messages_is_not_written_to_until_she_allows(vk: FakeVk, process: Start, db: Database) -> None:
    async with db.begin() as session:
        await make_person(session, accounts={Messenger.vk: coded(Messenger.vk, ANNA)})

    async def becomes(closed: bool) -> None:
        async with asyncio.timeout(5):
            while True:
                async with db.read() as session:
                    if ((await session.scalars(select(Identity))).one().blocked_at is not None) is closed:
                        return
                await asyncio.sleep(0.02)

    async with process():
        await started()
        for kind, closed in (("message_deny", True), ("message_allow", False)):
            event = {"type": kind, "event_id": kind, "object": {"user_id": ANNA, "key": "k"}}
            vk.feed.append(event)
            await becomes(closed)


async def test_a_client_that_draws_no_buttons_is_known_after_a_restart(vk: FakeVk, process: Start) -> None:
    event = written(vk, "/start")
    event["object"]["client_info"] = {"keyboard": True, "inline_keyboard": False, "button_actions": ["text"]}
    vk.feed.append(event)
    first = process()
    async with first:
        await started()
        vk.feed.append(event)
        await until(lambda: said(vk))
    assert (said(vk)[-1].rows, bool(vk.below[ANNA])) == ([], True)
    vk.below.clear()
    second = process()
    await second.bot.send_message(
        coded(Messenger.vk, ANNA),
        "сами",
        reply_markup=InlineKeyboardMarkup(
            inline_keyboard=[[InlineKeyboardButton(text="Меню", callback_data="menu:home")]]
        ),
    )
    assert [button["text"] for row in vk.below[ANNA] for button in row] == ["Меню"]
    # A press there comes as a message; a newer client gets buttons under messages again.
    answered = len(said(vk))
    typed = written(vk, "Меню")
    typed["object"]["message"]["payload"] = '{"d":"menu:home"}'
    typed["object"]["client_info"] = {"inline_keyboard": True, "button_actions": ["text", "callback"]}
    vk.feed.append(typed)
    async with second:
        await until(lambda: len(said(vk)) > answered)
    assert said(vk)[-1].labels
    # What is left below the field goes with the first message that has no buttons of its own.
    assert vk.below[ANNA]
    await second.bot.send_message(coded(Messenger.vk, ANNA), "Готово")
    assert vk.below[ANNA] == []
