"""MAX's events: webhooks, renewed when the platform gave up on us, and polling for development."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from time import monotonic
from typing import Any

import structlog
from aiogram import Dispatcher
from aiogram.exceptions import TelegramNetworkError, TelegramServerError
from aiogram.methods import DeleteWebhook, GetUpdates, SetWebhook
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.config import Settings
from bot.messengers.base import MessengerBot
from bot.messengers.events import Events, events_of
from bot.messengers.intake import Intake, intake_of
from bot.messengers.max.client import MaxClient
from bot.messengers.max.session import MaxSession
from bot.messengers.max.updates import EVENTS, Converter, key_of
from bot.messengers.receiver import HOOK_QUEUE, LONG_POLL, Runner, short_body

log = structlog.get_logger()

SECRET_HEADER = "x-max-bot-api-secret"  # noqa: S105 - the name of a header
PATH = "/hooks/max"

PATIENCE = 25.0
"""Seconds a webhook waits for the handling; MAX itself waits thirty and then delivers again."""

CHECK = 600.0
"""Seconds between looks at our subscription: after eight hours of failures MAX drops it without a word."""

BETWEEN_POLLS = 0.5
"""MAX lets itself be asked for events twice a second."""

BATCH = 100


class MaxRunner(Runner):
    """Asks MAX for events, or sees to it that they are delivered."""

    def __init__(
        self, dispatcher: Dispatcher, bot: MessengerBot, settings: Settings, intake: Intake, stop: asyncio.Event
    ) -> None:
        super().__init__(bot, settings, intake, stop)
        self._max = _session_of(bot)
        self._events = _events_of(dispatcher, bot)

    # --- webhooks ------------------------------------------------------------------------------

    async def register_webhook(self) -> None:
        """Subscribe our address and no other, as often as it takes."""
        if await self._persist(self._subscribe) is not None:
            log.info("webhook-set", messenger="max")

    async def watch_webhook(self) -> None:
        """Until the stop; a subscription that is gone is made anew."""
        while not self._stop.is_set():
            await self._until_stop(asyncio.sleep(CHECK))
            if self._stop.is_set():
                return
            found = await self._persist(self._subscriptions)
            if found is not None and self._url not in found:
                log.warning("webhook-lost", messenger="max", hint="MAX drops a subscription after 8 hours of failures")
                await self.register_webhook()

    @property
    def _url(self) -> str:
        return f"{self._settings.public_url}{PATH}"

    async def _subscribe(self) -> bool:
        for url in await self._subscriptions():
            if url != self._url:
                log.warning("webhook-of-another-address-removed", messenger="max")
                await self._max.client.call(DeleteWebhook(), "DELETE", "/subscriptions", {"url": url})
        body = {"url": self._url, "update_types": list(EVENTS), "secret": hook_secret(self._settings)}
        await self._max.client.call(SetWebhook(url=self._url), "POST", "/subscriptions", body=body)
        return True

    async def _subscriptions(self) -> list[str]:
        return await subscriptions(self._max.client)

    # --- polling -------------------------------------------------------------------------------

    async def poll(self) -> None:
        """Events until the stop; a crash gets again what had not been handled."""
        await self._persist(self._unsubscribe)
        marker = await self._events.place()
        while not self._stop.is_set():
            began = monotonic()
            answer = await self._persist(lambda marker=marker: self._ask(marker))  # type: ignore[misc]
            if answer is None:
                return
            events = [event for event in answer["updates"] if isinstance(event, dict)]
            marker = str(answer["marker"] if answer.get("marker") is not None else marker)
            await self._events.take_batch(marker, events)
            while not self._stop.is_set() and self._intake.is_full:
                await self._until_stop(self._intake.wait_for_one(0.5))
            await self._until_stop(asyncio.sleep(max(0.0, began + BETWEEN_POLLS - monotonic())))

    async def confirm(self) -> None:
        """Keep the place once more: what was under way may have ended with the stop."""
        await self._events.settle()

    async def _unsubscribe(self) -> bool:
        for url in await self._subscriptions():
            await self._max.client.call(DeleteWebhook(), "DELETE", "/subscriptions", {"url": url})
        return True

    async def _ask(self, marker: str) -> dict[str, Any]:
        params = {"limit": str(BATCH), "timeout": str(LONG_POLL), "types": ",".join(EVENTS)}
        if marker:
            params["marker"] = marker
        answer = await self._max.client.call(GetUpdates(), "GET", "/updates", params, timeout=LONG_POLL + 15)
        if not isinstance(answer.get("updates"), list):
            raise TelegramServerError(GetUpdates(), "MAX answered without events")
        return answer

    def _pause_after(self, failure: Exception) -> float:
        if isinstance(failure, TelegramNetworkError) and failure.message.startswith(
            ("ClientConnectorCertificate", "ClientConnectorCaFile", "ClientConnectorSSL")
        ):
            log.error("certificate-not-trusted", messenger="max", hint="check MAX__CA_FILE (docs/messengers.md)")
        return super()._pause_after(failure)


def hook_secret(settings: Settings) -> str:
    """The configured secret of the subscription, else one derived from ours: never an open door."""
    return settings.max.secret or hmac.new(settings.secret, b"hook:max", hashlib.sha256).hexdigest()


def hook(dispatcher: Dispatcher, bot: MessengerBot, settings: Settings) -> Route:
    """POST /hooks/max."""
    secret = hook_secret(settings).encode()
    intake, events = intake_of(dispatcher, bot), _events_of(dispatcher, bot)

    async def deliver(request: Request) -> Response:
        """Answered when handled: what a crash cuts off is delivered again. A wrong secret learns nothing."""
        if not hmac.compare_digest(request.headers.get(SECRET_HEADER, "").encode(), secret):
            return Response(status_code=403)
        body = await short_body(request)
        if body is None:
            return Response(status_code=413)
        try:
            event = json.loads(body)
        except ValueError:
            event = None
        if not isinstance(event, dict) or "update_type" not in event:
            log.error("update-not-understood", messenger="max")
            return Response()  # Sent again it would be no clearer.
        if len(intake.under_way) >= HOOK_QUEUE:
            return Response(status_code=503)  # MAX keeps it and tries again.
        return Response(status_code=200 if await events.handle(event, PATIENCE) else 503)

    return Route(PATH, deliver, methods=["POST"])


async def subscriptions(client: MaxClient, *, timeout: float | None = None) -> list[str]:
    """Addresses MAX delivers this bot's events to."""
    answer = await client.call(GetUpdates(), "GET", "/subscriptions", timeout=timeout)
    found = answer.get("subscriptions")
    return [str(one["url"]) for one in found if isinstance(one, dict) and "url" in one] if found else []


def _session_of(bot: MessengerBot) -> MaxSession:
    if not isinstance(bot.session, MaxSession):
        raise TypeError("MAX's receiver needs a bot of MAX")
    return bot.session


def _events_of(dispatcher: Dispatcher, bot: MessengerBot) -> Events:
    """The one taker of events in this process, shared by the receiver and the webhook."""
    return events_of(dispatcher, bot, Converter(bot, _session_of(bot)).of_each, key_of)
