"""VK's long poll: the place kept in our database moves only past what has been handled."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from typing import Any

import structlog
from aiogram.exceptions import TelegramNetworkError, TelegramServerError
from aiogram.methods import GetUpdates
from aiohttp import ClientError, ClientTimeout

from bot.clock import utcnow
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.messengers.base import MessengerBot
from bot.messengers.intake import Intake
from bot.messengers.receiver import LONG_POLL, Runner
from bot.messengers.vk.session import VkSession
from bot.messengers.vk.updates import Converter
from bot.models.people import Messenger
from bot.services import receiving

log = structlog.get_logger()

KNOWN = 5_000
"""Events whose ids are kept to recognise what VK delivers again."""

TS_OLD, KEY_OLD, ALL_LOST = 1, 2, 3
"""``failed`` of an answer: take its place, ask for a key, ask for both."""


class VkRunner(Runner):
    """Asks VK's long poll server, which forgets nothing while we are away as long as our place is kept."""

    def __init__(
        self, db: Database, bot: MessengerBot, settings: Settings, intake: Intake, stop: asyncio.Event
    ) -> None:
        super().__init__(bot, settings, intake, stop)
        if not isinstance(bot.session, VkSession):
            raise TypeError("the long poll of VK needs a bot of VK")
        self._db = db
        self._vk = bot.session
        self._converter = Converter(bot, bot.session)
        self._group = settings.vk.group_id
        self._known: OrderedDict[str, None] = OrderedDict()
        self._batches: deque[tuple[str, list[int]]] = deque()

    async def introduce(self, texts: Texts) -> None:
        """VK has no menu of commands."""

    async def poll(self) -> None:
        """Events until the stop; a crash gets again what had not been handled."""
        async with self._db.read() as session:
            place = await receiving.cursor(session, Messenger.vk)
        server: dict[str, Any] | None = None
        while not self._stop.is_set():
            if server is None:
                server = await self._persist(self._server)
                if server is None:
                    return
                place = place or str(server["ts"])
            where = server
            answer = await self._persist(lambda where=where, place=place: self._check(where, place))  # type: ignore[misc]
            if answer is None:
                return
            match answer.get("failed"):
                case None:
                    place = str(answer["ts"])
                    await self._take(place, answer.get("updates") or [])
                case failed if failed == TS_OLD:
                    log.warning("events-lost", messenger="vk", hint="away longer than VK keeps events")
                    place = str(answer["ts"])
                case failed if failed == KEY_OLD:
                    server = None
                case _:
                    log.warning("events-lost", messenger="vk", hint="VK began to count anew")
                    server, place = None, ""
            while not self._stop.is_set() and self._intake.is_full:
                await self._until_stop(self._intake.wait_for_one(0.5))

    async def confirm(self) -> None:
        """Keep the place once more: what was under way may have ended with the stop."""
        await self._settle()

    async def _take(self, place: str, events: list[dict[str, Any]]) -> None:
        fresh = [event for event in events if self._is_new(str(event.get("event_id") or ""))]
        updates = await self._converter.updates(fresh, now=utcnow())
        for update in updates:
            self._intake.take(update)
        self._batches.append((place, [update.update_id for update in updates]))
        await self._settle()

    async def _settle(self) -> None:
        """The kept place moves to the end of the last batch before which nothing is under way."""
        done = ""
        while self._batches and not any(number in self._intake.under_way for number in self._batches[0][1]):
            done = self._batches.popleft()[0]
        if done:
            async with self._db.begin() as session:
                await receiving.keep_cursor(session, Messenger.vk, done, now=utcnow())

    def _is_new(self, key: str) -> bool:
        if key and key in self._known:
            return False
        self._known[key] = None
        if len(self._known) > KNOWN:
            self._known.popitem(last=False)
        return True

    async def _server(self) -> dict[str, Any]:
        found = await self._vk.client.call(GetUpdates(), "groups.getLongPollServer", {"group_id": self._group})
        if not isinstance(found, dict) or not {"server", "key", "ts"} <= found.keys():
            raise TelegramServerError(GetUpdates(), "VK named no long poll server")
        return found

    async def _check(self, server: dict[str, Any], place: str) -> dict[str, Any]:
        """One ``a_check``: new events, or ``failed``."""
        params = {"act": "a_check", "key": str(server["key"]), "ts": place, "wait": str(LONG_POLL)}
        limit = ClientTimeout(LONG_POLL + 15)
        try:
            async with self._vk.client.session().get(str(server["server"]), params=params, timeout=limit) as response:
                answer = await response.json(content_type=None) if response.status == 200 else None
        except (ClientError, TimeoutError) as failure:
            raise TelegramNetworkError(GetUpdates(), type(failure).__name__) from None
        except ValueError:
            answer = None
        # A new place comes with all answers but those that ask for a new key.
        if not isinstance(answer, dict) or ("ts" not in answer and answer.get("failed") not in (KEY_OLD, ALL_LOST)):
            raise TelegramServerError(GetUpdates(), "VK's long poll answered something else")
        return answer
