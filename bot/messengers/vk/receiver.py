"""VK's events: long poll from the place kept in our database, or the Callback API, registered and looked after."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Any

import structlog
from aiogram import Dispatcher
from aiogram.exceptions import AiogramError, TelegramBadRequest, TelegramNetworkError, TelegramServerError
from aiogram.methods import GetMe, GetUpdates, SetWebhook
from aiogram.types import Update
from aiohttp import ClientError, ClientTimeout
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.clock import utcnow
from bot.config import Settings
from bot.i18n import Texts
from bot.messengers.base import MessengerBot
from bot.messengers.events import Events, events_of
from bot.messengers.intake import Intake, intake_of
from bot.messengers.receiver import HOOK_QUEUE, LONG_POLL, Runner, short_body
from bot.messengers.vk.client import VERSION, VkClient
from bot.messengers.vk.session import VkSession
from bot.messengers.vk.updates import Converter, key_of
from bot.models.people import Messenger

log = structlog.get_logger()

TS_OLD, KEY_OLD, ALL_LOST = 1, 2, 3
"""``failed`` of an answer: take its place, ask for a key, ask for both."""

PATH = "/hooks/vk"
TITLE = "marshrut"
"""What our server is called among those of the community; fourteen signs at most."""

EVENTS = ("message_new", "message_edit", "message_event", "message_allow", "message_deny")

PROMPT = 3.0
"""Seconds a delivery waits for its handling; after that VK is told «ok», for the work goes on by itself."""

CHECK = 600.0
"""Seconds between looks at our server: VK stops delivering to one that failed too often."""

CODE_LIVES = 30.0
"""Seconds the confirmation code is not asked for again: anybody may knock at our door."""


class VkRunner(Runner):
    """Asks VK's long poll server, which forgets nothing while we are away, or sees to it that events are delivered."""

    def __init__(
        self, dispatcher: Dispatcher, bot: MessengerBot, settings: Settings, intake: Intake, stop: asyncio.Event
    ) -> None:
        super().__init__(bot, settings, intake, stop)
        self._vk = _session_of(bot)
        self._events = _events_of(dispatcher, bot)
        self._group = settings.vk.group_id

    def _steps(self, texts: Texts, links: dict[Messenger, str]) -> list[Callable[[], Awaitable[None]]]:
        """Our address follows from the settings; VK has no menu of commands."""
        return [lambda: self._learn_address(links)]

    # --- delivered -----------------------------------------------------------------------------

    async def register_webhook(self) -> None:
        """Make our address one of the community's servers; with a confirmation string of the settings a person did."""
        if self._settings.vk.confirmation:
            await self._persist(lambda: self._bot(GetMe()))
        elif await self._persist(self._subscribe) is not None:
            log.info("webhook-set", messenger="vk")

    async def watch_webhook(self) -> None:
        """Until the stop; a server VK gave up on is made anew."""
        while not self._stop.is_set():
            await self._until_stop(asyncio.sleep(CHECK))
            if not self._stop.is_set():
                await self.register_webhook()

    async def _subscribe(self) -> bool:
        """Nothing is changed where all is well: each change makes VK ask for its confirmation again."""
        url, secret = f"{self._settings.public_url}{PATH}", hook_secret(self._settings)
        about = {"group_id": self._group, "url": url, "title": TITLE, "secret_key": secret}
        found = next((one for one in await servers(self._vk.client, self._group) if one.get("url") == url), None)
        call, method = self._vk.client.call, SetWebhook(url=url)
        if found is None:
            number = (await call(method, "groups.addCallbackServer", about))["server_id"]
        else:
            number = found["id"]
            if found.get("status") == "failed" or found.get("secret_key") != secret:
                log.warning("webhook-lost", messenger="vk", status=str(found.get("status")))
                await call(method, "groups.editCallbackServer", {**about, "server_id": number})
        wanted = dict.fromkeys(EVENTS, 1)
        params = {"group_id": self._group, "server_id": number, "api_version": VERSION, **wanted}
        await call(method, "groups.setCallbackSettings", params)
        return True

    # --- asked for -----------------------------------------------------------------------------

    async def poll(self) -> None:
        """Events until the stop; a crash gets again what had not been handled."""
        place = await self._events.place()
        server: dict[str, Any] | None = None
        while not self._stop.is_set():
            if server is None:
                server = await self._persist(self._server)
                if server is None:
                    return
                if not place:
                    place = str(server["ts"])
                    await self._events.take_batch(place, [])  # A crash from now on forgets nothing.
            where = server
            answer = await self._persist(lambda where=where, place=place: self._check(where, place))  # type: ignore[misc]
            if answer is None:
                return
            match answer.get("failed"):
                case None:
                    place = str(answer["ts"])
                    events = [event for event in answer.get("updates") or [] if isinstance(event, dict)]
                    await self._events.take_batch(place, events)
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
        await self._events.settle()

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

    def _pause_after(self, failure: Exception) -> float:
        if isinstance(failure, TelegramBadRequest):
            hint = "check VK__GROUP_ID and the rights of the key: messages, and manage for the Callback API"
            log.error("vk-refuses", messenger="vk", reason=failure.message, hint=hint)
        return super()._pause_after(failure)


def hook_secret(settings: Settings) -> str:
    """The configured secret of our server, else one derived from ours (VK takes fifty signs): never an open door."""
    return settings.vk.secret or hmac.new(settings.secret, b"hook:vk", hashlib.sha256).hexdigest()[:48]


def hook(dispatcher: Dispatcher, bot: MessengerBot, settings: Settings) -> Route:
    """POST /hooks/vk."""
    secret, group = hook_secret(settings).encode(), settings.vk.group_id
    intake, events = intake_of(dispatcher, bot), _events_of(dispatcher, bot)
    code = Confirmation(_session_of(bot).client, group, settings.vk.confirmation)

    async def deliver(request: Request) -> Response:
        """Answered as soon as it is handled. A wrong secret learns nothing, not even in the log."""
        body = await short_body(request)
        if body is None:
            return Response(status_code=413)
        try:
            event = json.loads(body)
        except ValueError:
            event = None
        if not isinstance(event, dict) or event.get("group_id") != group:
            return Response(status_code=403)
        if event.get("type") == "confirmation":
            try:
                return PlainTextResponse(await code.read())
            except (AiogramError, KeyError, TypeError) as failure:
                log.warning("confirmation-not-known", messenger="vk", error=type(failure).__name__)
                return Response(status_code=503)
        if not hmac.compare_digest(str(event.get("secret")).encode(), secret):
            return Response(status_code=403)
        if len(intake.under_way) >= HOOK_QUEUE or await events.handle(event, PROMPT) is False:
            return Response(status_code=503)  # VK keeps it and tries again.
        return PlainTextResponse("ok")

    return Route(PATH, deliver, methods=["POST"])


class Confirmation:
    """The words VK expects from a server it does not know yet."""

    def __init__(self, client: VkClient, group: int, given: str) -> None:
        self._client = client
        self._group = group
        self._given = given
        self._asked = ""
        self._at = 0.0

    async def read(self) -> str:
        """Those of the settings, else VK's own, which change from time to time."""
        if self._given:
            return self._given
        if not self._asked or monotonic() - self._at > CODE_LIVES:
            found = await self._client.call(GetMe(), "groups.getCallbackConfirmationCode", {"group_id": self._group})
            self._asked, self._at = str(found["code"]), monotonic()
        return self._asked


async def servers(client: VkClient, group: int, *, timeout: float | None = None) -> list[dict[str, Any]]:
    """Those the community's events are delivered to."""
    found = await client.call(GetMe(), "groups.getCallbackServers", {"group_id": group}, timeout=timeout)
    items = found.get("items") if isinstance(found, dict) else None
    return [item for item in items or [] if isinstance(item, dict)]


def _session_of(bot: MessengerBot) -> VkSession:
    if not isinstance(bot.session, VkSession):
        raise TypeError("VK's receiver needs a bot of VK")
    return bot.session


def _events_of(dispatcher: Dispatcher, bot: MessengerBot) -> Events:
    """The one taker of events in this process, shared by the receiver and the webhook."""
    converter = Converter(bot, _session_of(bot))

    async def convert(events: Sequence[dict[str, Any]]) -> list[list[Update]]:
        return await converter.of_each(events, now=utcnow())

    return events_of(dispatcher, bot, convert, key_of)
