"""Receiving from MAX over the real handlers: webhooks, polling, what goes wrong, and a stop that loses nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from aiogram import Router
from aiogram.filters import Command
from aiogram.methods import SendMessage
from aiogram.types import Message
from sqlalchemy import select, update
from starlette.applications import Starlette

from bot.app import build_dispatcher
from bot.clock import utcnow
from bot.config import MaxSettings, Policy, Receive, Settings, WebSettings
from bot.db import Database
from bot.i18n import Texts
from bot.messengers import build_messengers, receiver
from bot.messengers.max import receiver as max_receiver
from bot.messengers.max.updates import key_of
from bot.messengers.receiver import Receiving, hook_routes, receive, states
from bot.models import Identity, Messenger, ReceivedEvent
from bot.rules.chat_ids import coded
from bot.services import receiving
from tests.factories import make_person
from tests.fakes.max import TOKEN, FakeMax, MaxError
from tests.fakes.telegram import Shown

ANNA = 555
SITE = "https://marshrut.example"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(receiver, "SLOWEST_RETRY", 0.1)
    monkeypatch.setattr(receiver, "REFUSED_RETRY", 0.1)
    yield
    states.clear()


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[FakeMax]:
    async with FakeMax() as made:
        made.meet(ANNA)
        settings.max = MaxSettings(token=TOKEN, api_base=made.url)
        settings.web = WebSettings(secret="test-secret-" * 4, public_url=SITE)
        yield made


class Process:
    """One process that receives: started, and stopped as a signal would."""

    def __init__(self, db: Database, settings: Settings, texts: Texts) -> None:
        self.settings = settings
        self.dispatcher = build_dispatcher(db, settings, texts)
        self.bot = build_messengers(db, settings)[Messenger.max]
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(
                app=Starlette(routes=hook_routes(self.dispatcher, {Messenger.max: self.bot}, settings))
            ),
            base_url="http://testserver",
        )
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

    async def deliver(self, event: Any, **headers: str) -> int:
        """MAX brings an event to our address; the status it gets."""
        sent = {"X-Max-Bot-Api-Secret": max_receiver.hook_secret(self.settings), **headers}
        return (await self.http.post("/hooks/max", json=event, headers=sent)).status_code


Start = Callable[[], Process]


@pytest.fixture
def process(db: Database, settings: Settings, texts: Texts, server: FakeMax) -> Start:
    return lambda: Process(db, settings, texts)


@pytest.fixture
def webhook(settings: Settings, server: FakeMax) -> None:
    settings.max.receive = Receive.webhook


def said(server: FakeMax, user: int = ANNA) -> list[Shown]:
    return [message for message in server.chats[user] if not message.from_person]


async def until(happened: Callable[[], Any], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not happened():
            await asyncio.sleep(0.01)


def asked(server: FakeMax) -> bool:
    """Before the first question nobody knows since when events are wanted."""
    return "GET /updates" in {name for name, *_ in server.calls}


def working() -> bool:
    return states.get(Messenger.max) == Receiving.working


# --- polling ------------------------------------------------------------------------------------------


async def test_what_is_written_is_answered_and_the_place_is_kept(process: Start, server: FakeMax, db: Database) -> None:
    server.subscriptions.append({"url": "https://old.example/hook", "time": 1})
    async with process() as running:
        await until(lambda: asked(server))
        server.started(ANNA)
        await until(lambda: said(server))
        assert said(server)[-1].labels
        assert running.bot.link == "https://max.ru/id6700000000_bot"
        assert running.dispatcher.workflow_data["links"] == {Messenger.max: running.bot.link}
    assert states[Messenger.max] == Receiving.stopped
    assert server.subscriptions == [], "polling is off while somebody is subscribed"
    assert [command["name"] for command in server.commands] == ["start", "menu", "help", "cancel", "mydata"]
    async with db.read() as session:
        assert await receiving.cursor(session, Messenger.max) == "1"


async def test_who_was_down_at_our_start_is_introduced_later(
    process: Start, server: FakeMax, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiver, "INTRODUCE_AGAIN", 0.05)
    server.health.becomes("500")
    async with process() as running:
        await until(lambda: states.get(Messenger.max) == Receiving.unreachable)
        assert running.dispatcher.workflow_data["links"] == {}
        server.health.becomes()
        await until(lambda: running.dispatcher.workflow_data["links"] and server.commands)
        told = [name for name, *_ in server.calls].count("PATCH /me")
        await asyncio.sleep(0.2)
        assert [name for name, *_ in server.calls].count("PATCH /me") == told == 1


async def test_commands_a_platform_refuses_are_not_offered_again(
    process: Start, server: FakeMax, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiver, "INTRODUCE_AGAIN", 0.05)
    server.errors["PATCH /me"].append(MaxError(404, "not.found"))
    async with process():
        await until(lambda: "PATCH /me" in {name for name, *_ in server.calls})
        await asyncio.sleep(0.2)
    assert [name for name, *_ in server.calls].count("PATCH /me") == 1
    assert server.commands == []


async def test_what_came_while_we_were_away_is_answered_once(process: Start, server: FakeMax) -> None:
    async with process():
        await until(lambda: asked(server))
        server.started(ANNA)
        await until(lambda: said(server))
    for text in ("/help", "/menu"):
        server.wrote(ANNA, text)
    async with process():
        await until(lambda: len(said(server)) == 3)
    async with process():
        await until(lambda: asked(server))
        await asyncio.sleep(0.2)
    assert len(said(server)) == 3


async def test_the_place_is_kept_before_the_first_event(process: Start, server: FakeMax) -> None:
    async with process():
        await until(lambda: asked(server))
        await asyncio.sleep(0.5)
    server.started(ANNA)
    server.wrote(ANNA, "/help")
    async with process():
        await until(lambda: len(said(server)) == 2)


async def test_a_crash_gets_again_only_what_was_not_handled(process: Start, server: FakeMax, db: Database) -> None:
    async with process():
        await until(lambda: asked(server))
        server.started(ANNA)
        server.wrote(ANNA, "/help")
        await until(lambda: len(said(server)) == 2)
    async with db.begin() as session:
        await receiving.keep_cursor(session, Messenger.max, "0", now=utcnow())
        await session.execute(update(ReceivedEvent).where(ReceivedEvent.key.like("m:%")).values(done_at=None))
    async with process():
        await until(lambda: len(said(server)) == 3)
        await asyncio.sleep(0.2)
    assert len(said(server)) == 3


async def test_max_is_asked_twice_a_second_at_most(process: Start, server: FakeMax) -> None:
    async with process():
        await until(lambda: asked(server))
        server.started(ANNA)
        for _ in range(3):
            server.wrote(ANNA, "/help")
            await asyncio.sleep(0.5)
        await until(lambda: len(said(server)) == 4)
    assert working() is False
    polls = [query for name, query, _ in server.calls if name == "GET /updates"]
    assert all(query["limit"] == "100" and int(query["timeout"]) <= 30 for query in polls)
    assert polls[0].get("marker") is None
    assert server.refused == []


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (MaxError(401, "verify.token"), Receiving.token_refused),
        (MaxError(503, "service.unavailable"), Receiving.unreachable),
        (MaxError(400, "proto.payload"), Receiving.unreachable),
    ],
)
async def test_what_is_wrong_is_told_apart_and_passes(
    process: Start, server: FakeMax, monkeypatch: pytest.MonkeyPatch, error: MaxError, state: Receiving
) -> None:
    seen: list[Receiving] = []
    true_state = receiver._state

    def remember(messenger: Messenger, value: Receiving) -> None:
        seen.append(value)
        true_state(messenger, value)

    monkeypatch.setattr(receiver, "_state", remember)
    server.errors["GET /updates"].append(error)
    server.faults.extend(["html", "drop", "500"])
    async with process():
        server.wrote(ANNA, "/start")
        await until(lambda: said(server), 15)
    assert state in seen
    assert seen[-2:] == [Receiving.working, Receiving.stopped]


async def test_a_revoked_token_is_said_and_a_new_one_is_enough(process: Start, server: FakeMax) -> None:
    server.token = "another"
    async with process():
        await until(lambda: states.get(Messenger.max) == Receiving.token_refused)
        server.token = TOKEN
        server.wrote(ANNA, "/start")
        await until(lambda: said(server))


async def test_a_stop_closes_and_a_start_opens_the_chat(process: Start, server: FakeMax, db: Database) -> None:
    async with db.begin() as session:
        await make_person(session, accounts={Messenger.max: coded(Messenger.max, ANNA)})

    async def blocked() -> bool:
        async with db.read() as session:
            return (await session.scalars(select(Identity))).one().blocked_at is not None

    async def becomes(closed: bool) -> None:
        async with asyncio.timeout(5):
            while await blocked() is not closed:
                await asyncio.sleep(0.02)

    async with process():
        await until(lambda: asked(server))
        server.stopped(ANNA)
        server.stopped(ANNA, "dialog_removed")
        await becomes(closed=True)
        server.started(ANNA)
        await becomes(closed=False)


# --- webhooks -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("webhook")
async def test_a_delivered_event_is_answered_before_its_200(process: Start, server: FakeMax) -> None:
    async with process() as running:
        await until(working)
        assert [s["url"] for s in server.subscriptions] == [f"{SITE}/hooks/max"]
        assert set(server.subscriptions[0]["update_types"]) >= {"message_created", "message_callback", "bot_started"}
        assert server.subscriptions[0]["secret"] == max_receiver.hook_secret(running.settings)
        assert await running.deliver(server.started(ANNA, "section_diagnostics")) == 200
        assert said(server), "answered before the 200"
        assert "GET /updates" not in {name for name, *_ in server.calls}


@pytest.mark.usefixtures("webhook")
async def test_a_wrong_secret_learns_nothing(process: Start, server: FakeMax) -> None:
    running = process()
    event = server.started(ANNA)
    for secret in ("", "guess", max_receiver.hook_secret(running.settings) + "x"):
        assert await running.deliver(event, **{"X-Max-Bot-Api-Secret": secret}) == 403
    assert (await running.http.post("/hooks/max", json=event)).status_code == 403
    assert said(server) == []
    assert await running.deliver(event) == 200
    assert (await running.http.get("/hooks/max")).status_code == 405
    assert (await running.http.post("/hooks/telegram", json=event)).status_code == 404


@pytest.mark.usefixtures("webhook")
async def test_the_secret_is_ours_even_when_none_is_set(process: Start, settings: Settings) -> None:
    derived = max_receiver.hook_secret(settings)
    assert len(derived) == 64
    assert derived != receiver.hook_secret(settings)
    settings.max.secret = "chosen-by-hand"
    assert max_receiver.hook_secret(settings) == "chosen-by-hand"


@pytest.mark.usefixtures("webhook")
@pytest.mark.parametrize("base", ["here", pytest.param("here@postgres", marks=pytest.mark.postgres)])
async def test_delivered_again_it_is_answered_once(process: Start, server: FakeMax, base: str) -> None:
    first = process()
    event = server.wrote(ANNA, "/start")
    assert [await first.deliver(event) for _ in range(3)] == [200, 200, 200]
    second = process()
    assert await second.deliver(event) == 200, "another process, the same database"
    assert len(said(server)) == 1
    press = server.pressed(said(server)[0], "menu:how")
    await asyncio.gather(*(one.deliver(press) for one in (first, second) for _ in range(3)))
    assert [name for name, *_ in server.calls].count("POST /answers") == 1
    assert len(said(server)) == 1


@pytest.mark.usefixtures("webhook")
async def test_presses_of_one_keyboard_are_different_events(process: Start, server: FakeMax) -> None:
    """Should a callback id belong to the keyboard rather than to the press, no press is lost."""
    running = process()
    await running.deliver(server.wrote(ANNA, "/start"))
    first, second = (server.pressed(said(server)[0], action) for action in ("menu:how", "menu:home"))
    second["callback"]["callback_id"] = first["callback"]["callback_id"]
    second["callback"]["timestamp"] += 1
    await running.deliver(first)
    shown = said(server)[-1].text
    await running.deliver(second)
    assert said(server)[-1].text != shown


@pytest.mark.usefixtures("webhook")
async def test_what_is_not_an_event_is_not_asked_for_again(process: Start, server: FakeMax) -> None:
    running = process()
    bodies: list[Any] = [[], "text", {}, {"update_type": "message_created"}, {"update_type": "something_new"}]
    for body in bodies:
        assert await running.deliver(body) == 200
    headers = {"X-Max-Bot-Api-Secret": max_receiver.hook_secret(running.settings)}
    assert (await running.http.post("/hooks/max", content=b"{oops", headers=headers)).status_code == 200
    assert (await running.http.post("/hooks/max", content=b"x" * (2 << 20), headers=headers)).status_code == 413


def attached(running: Process, handler: Callable[..., Awaitable[Any]], command: str) -> None:
    router = Router()
    router.message.register(handler, Command(command))
    running.dispatcher.sub_routers[0].sub_routers.insert(0, router)


@pytest.mark.usefixtures("webhook")
async def test_slow_work_is_waited_for_and_not_done_twice(
    process: Start, server: FakeMax, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(max_receiver, "PATIENCE", 0.05)
    running = process()
    go, done = asyncio.Event(), []

    async def slow(message: Message) -> SendMessage:
        await go.wait()
        done.append(1)
        return SendMessage(chat_id=message.chat.id, text="готово")

    attached(running, slow, "slow")
    event = server.wrote(ANNA, "/slow")
    assert await running.deliver(event) == 503, "MAX delivers it again"
    assert await running.deliver(event) == 503, "still under way"
    go.set()
    await until(lambda: said(server))
    await asyncio.sleep(0.05)
    assert await running.deliver(event) == 200
    assert (done, [m.text for m in said(server)]) == ([1], ["готово"]), "a returned method is carried out"


@pytest.mark.usefixtures("webhook")
async def test_what_a_crash_cut_off_is_taken_over(
    process: Start, server: FakeMax, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = process()
    event = server.wrote(ANNA, "/start")
    async with db.begin() as session:
        key = key_of(event)
        await receiving.claim(session, Messenger.max, key, now=utcnow(), lease=timedelta())
    assert await running.deliver(event) == 503, "somebody else has it under way"
    monkeypatch.setattr("bot.messengers.events.LEASE", timedelta())
    assert await running.deliver(event) == 200
    assert len(said(server)) == 1


@pytest.mark.usefixtures("webhook")
async def test_a_handler_that_fails_stops_nobody(process: Start, server: FakeMax) -> None:
    running = process()

    async def broken(message: Message) -> None:
        raise RuntimeError("oops")

    attached(running, broken, "broken")
    assert await running.deliver(server.wrote(ANNA, "/broken")) == 200
    assert await running.deliver(server.wrote(ANNA, "/start")) == 200
    assert said(server)


@pytest.mark.usefixtures("webhook")
async def test_a_full_queue_is_left_with_max(process: Start, server: FakeMax, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(max_receiver, "HOOK_QUEUE", 0)
    assert await process().deliver(server.wrote(ANNA, "/start")) == 503


@pytest.mark.usefixtures("webhook")
async def test_a_dropped_subscription_is_made_anew(
    process: Start, server: FakeMax, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(max_receiver, "CHECK", 0.05)
    server.subscriptions.append({"url": "https://old.example/hook", "time": 1})
    async with process():
        await until(lambda: [s["url"] for s in server.subscriptions] == [f"{SITE}/hooks/max"])
        server.subscriptions.clear()
        server.faults.extend(["500", "drop"])
        await until(lambda: [s["url"] for s in server.subscriptions] == [f"{SITE}/hooks/max"])
        posts = [name for name, *_ in server.calls].count("POST /subscriptions")
        await asyncio.sleep(0.2)
        assert [name for name, *_ in server.calls].count("POST /subscriptions") == posts, "only when it is gone"
    assert states[Messenger.max] == Receiving.stopped


async def test_without_the_webhook_there_is_no_door(process: Start) -> None:
    assert (await process().http.post("/hooks/max", json={})).status_code == 404


async def test_what_may_carry_nothing_personal_is_no_door_to_it(
    process: Start, server: FakeMax, settings: Settings
) -> None:
    settings.max.policy = Policy.info
    async with process() as running:
        await until(working)
        assert running.bot.link
        assert running.dispatcher.workflow_data["links"] == {}
