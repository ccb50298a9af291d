"""Receiving: one isolated runner per messenger, so that a dead network stops nobody else."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any, TypeVar

import structlog
from aiogram import Dispatcher
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import DeleteWebhook, GetMe, GetUpdates, SetMyCommands, SetWebhook
from aiogram.types import BotCommand, Update
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import metrics
from bot.config import Policy, Receive, Settings
from bot.i18n import Texts
from bot.messengers.base import MessengerBot
from bot.messengers.intake import Intake, intake_of
from bot.models.people import Messenger

log = structlog.get_logger()

T = TypeVar("T")


class Receiving(StrEnum):
    """How a messenger's events reach us just now."""

    starting = "starting"
    working = "working"
    unreachable = "unreachable"
    token_refused = "token-refused"  # noqa: S105 - the name of a state
    taken = "taken-by-another"
    stopped = "stopped"


states: dict[Messenger, str] = {}
"""State of each messenger of this process; ``/metrics`` and the admin read it as ``marshrut_receiver``."""

EVENTS = ["message", "edited_message", "callback_query", "my_chat_member"]
COMMANDS = ("start", "menu", "help", "cancel", "mydata")

ADDRESSES = {Messenger.telegram: "https://t.me", Messenger.max: "https://max.ru", Messenger.vk: "https://vk.me"}
"""Where bots are opened by their names."""

INTRODUCE_AGAIN = 60.0
"""Seconds until a platform that did not answer is told our commands again."""

LONG_POLL = 25
"""Seconds a request for updates stays open."""

STOP_SECONDS = 20.0
"""How long a stop waits for what is being handled."""

HOOK_BODY = 1 << 20
"""Longest body of a webhook, in bytes."""

HOOK_QUEUE = 2_000
"""Updates of a webhook that may wait; more are left with the messenger."""

SLOWEST_RETRY = 60.0
REFUSED_RETRY = 300.0
"""Seconds between tries: an unreachable server, a refused token."""


async def receive(dispatcher: Dispatcher, bot: MessengerBot, settings: Settings, stop: asyncio.Event) -> None:
    """Bring a messenger's updates to the handlers until ``stop``; never raises for the network's sake."""
    messenger = bot.messenger
    if messenger is Messenger.web:
        # The web chat's events come as requests to our own server.
        _state(messenger, Receiving.working)
        await stop.wait()
        _state(messenger, Receiving.stopped)
        return
    _state(messenger, Receiving.starting)
    intake = intake_of(dispatcher, bot)
    runner = _runner(dispatcher, bot, settings, intake, stop)
    webhook = _is_delivered(messenger, settings)
    introducing = asyncio.create_task(runner.introduce(dispatcher["texts"], dispatcher["links"]))
    try:
        if webhook:
            await runner.register_webhook()
            await runner.watch_webhook()
        else:
            await runner.poll()
    finally:
        introducing.cancel()
        await asyncio.wait({introducing})
        await intake.finish(STOP_SECONDS)
        if not webhook:
            await runner.confirm()
        _state(messenger, Receiving.stopped)


def _is_delivered(messenger: Messenger, settings: Settings) -> bool:
    """True where events come as webhooks."""
    return messenger is not Messenger.web and getattr(settings, messenger).receive is Receive.webhook


def _runner(
    dispatcher: Dispatcher, bot: MessengerBot, settings: Settings, intake: Intake, stop: asyncio.Event
) -> Runner:
    match bot.messenger:
        case Messenger.max:
            from bot.messengers.max.receiver import MaxRunner

            return MaxRunner(dispatcher, bot, settings, intake, stop)
        case Messenger.vk:
            from bot.messengers.vk.receiver import VkRunner

            return VkRunner(dispatcher, bot, settings, intake, stop)
    return Runner(bot, settings, intake, stop)


class Runner:
    """Asks one messenger for updates, backing off while it does not answer."""

    def __init__(self, bot: MessengerBot, settings: Settings, intake: Intake, stop: asyncio.Event) -> None:
        self._bot = bot
        self._settings = settings
        self._intake = intake
        self._stop = stop
        self._next = 0
        self._failures = 0

    async def introduce(self, texts: Texts, links: dict[Messenger, str]) -> None:
        """Our own address and the command menu, beside the receiving: nobody waits for either."""
        steps = self._steps(texts, links)
        while steps and not self._stop.is_set():
            steps = [step for step in steps if not await self._is_done(step)]
            if steps:
                await self._until_stop(asyncio.sleep(INTRODUCE_AGAIN))

    def _steps(self, texts: Texts, links: dict[Messenger, str]) -> list[Callable[[], Awaitable[None]]]:
        t = texts.translator()
        commands = [BotCommand(command=name, description=t(f"commands.{name}")) for name in COMMANDS]

        async def set_commands() -> None:
            await self._bot(SetMyCommands(commands=commands), request_timeout=10)

        return [lambda: self._learn_address(links), set_commands]

    async def _is_done(self, step: Callable[[], Awaitable[None]]) -> bool:
        """False when it is worth another try."""
        try:
            await step()
        except Exception as failure:
            log.warning("not-introduced", messenger=self._bot.messenger.value, error=type(failure).__name__)
            return isinstance(failure, TelegramBadRequest)
        return True

    async def _learn_address(self, links: dict[Messenger, str]) -> None:
        """Where people open us; other messengers lead here if everything may be carried."""
        if not self._bot.link:
            me = await self._bot(GetMe(), request_timeout=10)
            if me.username:
                self._bot.link = f"{ADDRESSES[self._bot.messenger]}/{me.username}"
        if self._bot.link and self._bot.policy is Policy.full:
            links[self._bot.messenger] = self._bot.link

    async def register_webhook(self) -> None:
        """Tell the messenger our address, as often as it takes."""
        method = SetWebhook(
            url=f"{self._settings.public_url}/hooks/{self._bot.messenger}",
            secret_token=hook_secret(self._settings),
            allowed_updates=EVENTS,
            max_connections=40,
        )
        if await self._persist(lambda: self._bot(method)) is not None:
            log.info("webhook-set", messenger=self._bot.messenger.value)

    async def watch_webhook(self) -> None:
        """Until the stop. Telegram keeps a webhook however long we were away."""
        await self._stop.wait()

    async def poll(self) -> None:
        """The getUpdates loop.

        The offset moves past an update only when it has been handled, so that a crash loses nothing; what comes again
        meanwhile is known by its number.
        """
        await self._persist(lambda: self._bot(DeleteWebhook()))
        while not self._stop.is_set():
            updates = await self._persist(lambda: self._updates(LONG_POLL))
            if updates is None:
                return
            if not updates:
                # All is confirmed. After a quiet week the server may count from anywhere, so nothing is asked for.
                self._next = 0
            fresh = [self._intake.take(update) for update in updates]
            self._next = max([self._next, *(update.update_id + 1 for update in updates)])
            while not self._stop.is_set() and (self._intake.is_full or (updates and not any(fresh))):
                await self._until_stop(self._intake.wait_for_one(0.5))
                updates = []

    async def confirm(self) -> None:
        """Tell the server what has been handled, so that the next start does not get it again."""
        if not self._next:
            return
        try:
            await self._bot(GetUpdates(offset=self._offset(), limit=1, timeout=0), request_timeout=5)
        except Exception as failure:
            log.warning("offset-not-confirmed", messenger=self._bot.messenger.value, error=type(failure).__name__)

    def _offset(self) -> int:
        return min(self._intake.under_way, default=self._next)

    async def _updates(self, seconds: int) -> list[Update]:
        method = GetUpdates(offset=self._offset() or None, limit=100, timeout=seconds, allowed_updates=EVENTS)
        try:
            return await self._bot(method, request_timeout=seconds + 15)
        except ClientDecodeError as failure:
            if not isinstance(failure.data, dict) or not isinstance(failure.data.get("result"), list):
                raise
            return [update for raw in failure.data["result"] if (update := self._readable(raw)) is not None]

    def _readable(self, raw: Any) -> Update | None:
        """One update of an answer that as a whole was not understood; what is not readable is passed over."""
        try:
            return Update.model_validate(raw, context={"bot": self._bot})
        except ValidationError:
            number = raw["update_id"]
            self._next = max(self._next, number + 1)
            log.error("update-not-understood", messenger=self._bot.messenger.value, update_id=number)
            return None

    async def _persist(self, request: Callable[[], Awaitable[T]]) -> T | None:
        """Repeat a request until it succeeds; None when it is time to stop."""
        while not self._stop.is_set():
            try:
                result = await self._until_stop(request())
            except Exception as failure:
                await self._until_stop(asyncio.sleep(self._pause_after(failure)))
                continue
            if self._stop.is_set():
                return result
            self._failures = 0
            _state(self._bot.messenger, Receiving.working)
            return result
        return None

    def _pause_after(self, failure: Exception) -> float:
        """Say what is wrong in words an operator can act on; seconds until the next try."""
        messenger = self._bot.messenger
        self._failures += 1
        pause = min(SLOWEST_RETRY, 2.0 ** min(self._failures, 6)) * random.uniform(0.5, 1.0)
        match failure:
            case TelegramUnauthorizedError() | TelegramNotFound():
                state, pause = Receiving.token_refused, REFUSED_RETRY
                log.error("token-refused", messenger=messenger.value, hint=f"check {messenger.upper()}__TOKEN")
            case TelegramConflictError():
                state, pause = Receiving.taken, max(pause, 5.0)
                log.error(
                    "taken-by-another",
                    messenger=messenger.value,
                    hint="another process asks for updates with this token; stop it",
                )
            case TelegramRetryAfter():
                state, pause = Receiving.working, float(failure.retry_after)
                log.warning("asked-to-wait", messenger=messenger.value, seconds=failure.retry_after)
            case _:
                state = Receiving.unreachable
                log.warning(
                    "unreachable",
                    messenger=messenger.value,
                    error=type(failure).__name__,
                    tries=self._failures,
                    next_in=round(pause, 1),
                )
        _state(messenger, state)
        return pause

    async def _until_stop(self, work: Awaitable[T]) -> T | None:
        """The result, or None when the stop came first."""
        task = asyncio.ensure_future(work)
        stopped = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            stopped.cancel()
            if not task.done():
                task.cancel()
                await asyncio.wait({task})


def hook_secret(settings: Settings) -> str:
    """The configured secret of the webhook, else one derived from ours: never an open door."""
    return settings.telegram.secret or hmac.new(settings.secret, b"hook:telegram", hashlib.sha256).hexdigest()


def hook_routes(dispatcher: Dispatcher, bots: dict[Messenger, MessengerBot], settings: Settings) -> list[Route]:
    """POST /hooks/<messenger> of the messengers that deliver to us."""
    made: list[Route] = []
    for messenger, bot in bots.items():
        if _is_delivered(messenger, settings):
            made.append(_hook(dispatcher, bot, settings))
    return made


def _hook(dispatcher: Dispatcher, bot: MessengerBot, settings: Settings) -> Route:
    match bot.messenger:
        case Messenger.max:
            from bot.messengers.max.receiver import hook as max_hook

            return max_hook(dispatcher, bot, settings)
        case Messenger.vk:
            from bot.messengers.vk.receiver import hook as vk_hook

            return vk_hook(dispatcher, bot, settings)
    return _telegram_hook(dispatcher, bot, settings)


def _telegram_hook(dispatcher: Dispatcher, bot: MessengerBot, settings: Settings) -> Route:
    secret = hook_secret(settings).encode()
    intake = intake_of(dispatcher, bot)

    async def telegram(request: Request) -> Response:
        """Answered at once; the work goes on. A wrong secret learns nothing, not even in the log."""
        given = request.headers.get("x-telegram-bot-api-secret-token", "")
        if not hmac.compare_digest(given.encode(), secret):
            return Response(status_code=403)
        body = await short_body(request)
        if body is None:
            return Response(status_code=413)
        try:
            update = Update.model_validate(json.loads(body), context={"bot": bot})
        except (ValueError, ValidationError):
            log.error("update-not-understood", messenger=bot.messenger.value)
            return Response()  # Sent again it would be no clearer.
        if len(intake.under_way) >= HOOK_QUEUE:
            return Response(status_code=503)  # The messenger keeps it and tries again.
        intake.take(update)
        return Response()

    return Route("/hooks/telegram", telegram, methods=["POST"])


async def short_body(request: Request) -> bytes | None:
    """The body, or None when it is longer than any update."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > HOOK_BODY:
            return None
    return body


def _state(messenger: Messenger, state: Receiving) -> None:
    if states.get(messenger) != state:
        log.info("receiving", messenger=messenger.value, state=state.value)
    states[messenger] = state.value
    metrics.receiving.labels(messenger.value).set(state is Receiving.working)
    metrics.receiver.labels(messenger.value).state(state.value)
