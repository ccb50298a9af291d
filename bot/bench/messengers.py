"""What an update costs on VK and MAX beside Telegram: event, handlers, memory of the message, calls over loopback."""

from __future__ import annotations

import asyncio
import json
import statistics
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import Any

from aiogram.types import Update
from aiohttp import web
from sqlalchemy import insert

from bot.bench.rows import Row, median_row
from bot.bench.world import FIRST_USER, QUESTION, World, world
from bot.clock import utcnow
from bot.config import MaxSettings, TelegramSettings, VkSettings
from bot.messengers.base import MessengerBot
from bot.messengers.max.session import MaxSession, max_bot
from bot.messengers.max.updates import Converter as MaxConverter
from bot.messengers.telegram import telegram_bot
from bot.messengers.vk.session import VkSession, vk_bot
from bot.messengers.vk.updates import Converter as VkConverter
from bot.models import Identity, Messenger
from bot.rules.chat_ids import coded

RUNS = 5
PEOPLE = 150
AT_ONCE = 10
GOAL = 1.3
OWN = 277639678
US = "bench"

Take = Callable[[bytes], Awaitable[list[Update]]]


@dataclass(frozen=True)
class Channel:
    """One messenger: how a press looks on its wire, and how that becomes updates."""

    bot: MessengerBot
    event: Callable[[int, str], dict[str, Any]]
    take: Take


async def measure() -> list[Row]:
    """Milliseconds of processor an answer to a question costs, the server's side of the wire included."""
    spent: dict[Messenger, list[float]] = {}
    async with world(PEOPLE * 3) as ours, _server() as url:
        channels = _channels(ours, url)
        await _accounts(ours, channels)
        items = ours.content.items
        for turn in range(RUNS + 1):
            for place, (messenger, channel) in enumerate(channels.items()):
                people = range(place * PEOPLE, (place + 1) * PEOPLE)
                action = f"diagnostics:answer:{items[turn].id}:4"
                raw = [json.dumps(channel.event(FIRST_USER + n, action)).encode() for n in people]
                cost = await _run(ours, channel, raw)
                if turn:  # The first warms up and lets the messages be remembered.
                    spent.setdefault(messenger, []).append(cost)
        for channel in channels.values():
            await channel.bot.session.close()
    base = statistics.median(spent[Messenger.telegram])
    rows = [median_row("telegram", "ms", spent[Messenger.telegram])]
    for messenger in (Messenger.vk, Messenger.max):
        ratio = round(statistics.median(spent[messenger]) / base, 2)
        rows.append(
            median_row(
                messenger.value, "ms", spent[messenger], peer=round(base, 2), ratio=ratio,
                goal=f"≤ {GOAL} × Telegram", kept=ratio <= GOAL,
            )
        )  # fmt: skip
    return rows


async def _run(ours: World, channel: Channel, events: list[bytes]) -> float:
    source = iter(events)

    async def worker() -> None:
        for raw in source:
            for update in await channel.take(raw):
                await ours.dispatcher.feed_update(channel.bot, update)

    began, busy = perf_counter(), process_time()
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return min(perf_counter() - began, process_time() - busy) * 1000 / len(events)


def _channels(ours: World, url: str) -> dict[Messenger, Channel]:
    telegram = telegram_bot(TelegramSettings(token=f"1:{US}", api_base=url))
    vk = vk_bot(ours.db, VkSettings(token=US, group_id=1, api_base=f"{url}/method"))
    max_ = max_bot(ours.db, MaxSettings(token=US, api_base=url))
    assert isinstance(vk.session, VkSession)
    assert isinstance(max_.session, MaxSession)
    of_vk, of_max = VkConverter(vk, vk.session), MaxConverter(max_, max_.session)

    async def from_telegram(raw: bytes) -> list[Update]:
        return [Update.model_validate(json.loads(raw), context={"bot": telegram})]

    async def from_vk(raw: bytes) -> list[Update]:
        (updates,) = await of_vk.of_each([json.loads(raw)], now=utcnow())
        return updates

    async def from_max(raw: bytes) -> list[Update]:
        return await of_max.updates(json.loads(raw))

    return {
        Messenger.telegram: Channel(telegram, _of_telegram, from_telegram),
        Messenger.vk: Channel(vk, _of_vk, from_vk),
        Messenger.max: Channel(max_, _of_max, from_max),
    }


async def _accounts(ours: World, channels: dict[Messenger, Channel]) -> None:
    """People of the second and third part are in VK and MAX as well."""
    now = utcnow()
    rows = [
        {
            "person_id": ours.people[n], "messenger": messenger, "linked_at": now,
            "user_id": coded(messenger, FIRST_USER + n), "chat_id": coded(messenger, FIRST_USER + n),
        }
        for place, messenger in enumerate(channels)
        if messenger is not Messenger.telegram
        for n in range(place * PEOPLE, (place + 1) * PEOPLE)
    ]  # fmt: skip
    async with ours.db.begin() as session:
        await session.execute(insert(Identity), rows)


def _of_telegram(user: int, action: str) -> dict[str, Any]:
    number = user * 1000 + int(perf_counter() * 1000) % 1000
    buttons = [[{"text": str(n), "callback_data": f"{action[:-1]}{n}"}] for n in range(8)]
    message = {
        "message_id": QUESTION, "date": int(utcnow().timestamp()), "text": "?",
        "chat": {"id": user, "type": "private", "first_name": "П"},
        "reply_markup": {"inline_keyboard": buttons},
    }  # fmt: skip
    person = {"id": user, "is_bot": False, "first_name": "П"}
    query = {"id": str(number), "from": person, "chat_instance": "1", "message": message, "data": action}
    return {"update_id": number, "callback_query": query}


def _of_vk(user: int, action: str) -> dict[str, Any]:
    thing = {"user_id": user, "peer_id": user, "event_id": f"{user}{action}", "payload": {"d": action}}
    return {"type": "message_event", "object": {**thing, "conversation_message_id": QUESTION}}


def _of_max(user: int, action: str) -> dict[str, Any]:
    moment = int(utcnow().timestamp() * 1000)
    person = {"user_id": user, "first_name": "П", "last_name": "", "is_bot": False, "name": "П"}
    buttons = [[{"type": "callback", "text": str(n), "payload": f"{action[:-1]}{n}"}] for n in range(8)]
    body = {
        "mid": f"mid.{user ^ OWN:016x}{QUESTION:016x}", "seq": QUESTION, "text": "?",
        "attachments": [{"type": "inline_keyboard", "payload": {"buttons": buttons}}],
    }  # fmt: skip
    return {
        "update_type": "message_callback",
        "timestamp": moment,
        "callback": {"timestamp": moment, "callback_id": f"{user}:{action}", "payload": action, "user": person},
        "message": {
            "recipient": {"chat_id": user ^ OWN, "chat_type": "dialog", "user_id": user},
            "timestamp": moment,
            "body": body,
            "sender": {"user_id": OWN, "first_name": "М", "is_bot": True},
        },
    }


@asynccontextmanager
async def _server() -> AsyncIterator[str]:
    """Says yes to everything, in each messenger's own words."""

    async def yes(request: web.Request) -> web.Response:
        await request.read()
        path = request.path
        if path.startswith("/bot"):
            return web.json_response({"ok": True, "result": True})
        if path == "/method/users.get":
            return web.json_response({"response": []})
        if path.startswith("/method"):
            return web.json_response({"response": 1})
        if request.method == "GET":
            return web.json_response({"body": {"attachments": []}})
        return web.json_response({"success": True})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", yes)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
