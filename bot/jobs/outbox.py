"""Delivery: plans what is due and sends it, each messenger at its own pace."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Protocol

import structlog
from aiogram.exceptions import (
    AiogramError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)

from bot import metrics
from bot.clock import utcnow
from bot.config import Pace as PaceSettings
from bot.config import Settings, TelegramPace
from bot.db import Database
from bot.messengers.base import MessengerBot, Repeatable, sending_row
from bot.messengers.pacing import delivering, note_sends
from bot.models import Messenger, OutboxState, StoredFile
from bot.rules.pace import Pace
from bot.rules.quiet_hours import Hours
from bot.services import delivery, files
from bot.services.broadcasts import openings
from bot.services.delivery import REPEATABLE, Channel, Parcel
from bot.ui.screen import Attachment, Screen
from bot.ui.show import send

log = structlog.get_logger()

AT_ONCE = 8
"""Messages of one messenger that are on their way at a time."""

PLANS, AT_A_TIME = 8, 25
"""Transactions of planning before messages go out, and messages in each."""

GLANCE = 1.0
"""Seconds after which we look for new messages though some messenger is still busy with its own."""

LONG = 5.0
"""Seconds of rest after which a messenger is left to the next round."""

TRIES = 8
SLOWEST = 300.0

CLOSED = ("chat not found", "user not found", "bot can't initiate conversation", "PEER_ID_INVALID")
"""Refusals that mean what a closed chat means."""

NOT_BEGUN = ("ClientConnector", "ClientProxyConnectionError", "ProxyConnectionError", "ConnectionTimeoutError")
"""Beginnings of network failures before anything was said: such a message surely did not go out."""


class Clock(Protocol):
    """Time, as the machine or a test has it."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


class RealClock:
    """The machine's."""

    def now(self) -> datetime:
        return utcnow()

    def monotonic(self) -> float:
        return monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Delivery:
    """The outbox of one process that leads."""

    def __init__(
        self,
        db: Database,
        settings: Settings,
        bots: Mapping[Messenger, MessengerBot],
        *,
        clock: Clock | None = None,
        stop: asyncio.Event | None = None,
    ) -> None:
        self._db = db
        self._settings = settings
        self._bots = bots
        self._clock = clock or RealClock()
        self._stop = stop or asyncio.Event()
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._channels = [Channel(messenger, bot.policy) for messenger, bot in bots.items()]
        self._paces = {messenger: _pace(getattr(settings.delivery, messenger)) for messenger in bots}
        self._failures = dict.fromkeys(bots, 0)
        for messenger, bot in bots.items():
            note_sends(bot, self._paces[messenger], self._clock.monotonic)

    async def recover(self) -> None:
        """Once, before the first round."""
        async with self._db.begin() as session:
            lost = await delivery.recover(session, now=self._clock.now())
        if lost:
            log.warning("delivery-unknown", count=lost)

    async def run_due(self) -> None:
        """One round: everything that is due now, as far as the pace lets it."""
        async with self._db.read() as session:
            hours = await delivery.hours_of(session, self._settings, now=self._clock.now())
        await self._rounds(hours)
        async with self._db.read() as session:
            counts = await delivery.counts(session)
        for messenger, pace in self._paces.items():
            metrics.pace.labels(messenger.value).set(pace.share)
        for state in (OutboxState.queued, OutboxState.unknown, OutboxState.failed):
            metrics.waiting.labels(state.value).set(counts.get(state, 0))

    async def _rounds(self, hours: Hours) -> None:
        """Plan and send until nothing is left; a messenger that is slow keeps nobody else waiting."""
        lanes: dict[Messenger, asyncio.Task[int]] = {}
        try:
            while not self._stop.is_set():
                planned = await self._plan(hours)
                for messenger in self._bots:
                    if messenger not in lanes:
                        lanes[messenger] = asyncio.create_task(self._lane(messenger, hours))
                await asyncio.wait(lanes.values(), timeout=GLANCE)
                ended = [messenger for messenger, lane in lanes.items() if lane.done()]
                sent = sum([lanes.pop(messenger).result() for messenger in ended])
                if not planned and not sent and not lanes:
                    break
        finally:
            if lanes:
                await asyncio.wait(lanes.values())

    async def _plan(self, hours: Hours) -> int:
        """Some of what is due gets its time and channel, in short transactions: dialogues write in between."""
        planned = 0
        for _ in range(PLANS):
            async with self._db.begin() as session:
                made = await delivery.plan(session, self._channels, hours, now=self._clock.now(), limit=AT_A_TIME)
            planned += made
            if made < AT_A_TIME:
                break
        return planned

    async def _lane(self, messenger: Messenger, hours: Hours) -> int:
        """Send until nothing of this messenger is due; messages taken."""
        pace = self._paces[messenger]
        on_the_way: dict[int, asyncio.Task[None]] = {}
        taken = 0
        try:
            while not self._stop.is_set():
                if len(on_the_way) >= AT_ONCE:
                    await asyncio.wait(on_the_way.values(), return_when=asyncio.FIRST_COMPLETED)
                    continue
                if pause := pace.wait(self._clock.monotonic()):
                    if pause > LONG and not on_the_way:
                        break  # The next round will look again; meanwhile others go on.
                    await self._pause(pause)
                    continue
                resting = pace.resting(self._clock.monotonic())
                async with self._db.begin() as session:
                    parcel = await delivery.claim(
                        session,
                        messenger,
                        hours,
                        now=self._clock.now(),
                        by=self._name,
                        without=[*on_the_way, *resting],
                    )
                if parcel is not None:
                    taken += 1
                    pace.take(parcel.chat_id, self._clock.monotonic())
                    task = on_the_way[parcel.chat_id] = asyncio.create_task(self._deliver(parcel))
                    task.add_done_callback(partial(_landed, on_the_way, parcel))
                elif on_the_way:
                    await asyncio.wait(on_the_way.values(), return_when=asyncio.FIRST_COMPLETED)
                elif resting and await self._is_waiting(messenger):
                    await self._pause(min(resting.values()))
                else:
                    break
        finally:
            if on_the_way:
                await asyncio.wait(on_the_way.values())
        return taken

    async def _pause(self, seconds: float) -> None:
        # In pieces, so that a stop is noticed.
        await self._clock.sleep(min(max(seconds, 0.001), 1.0))

    async def _is_waiting(self, messenger: Messenger) -> bool:
        async with self._db.read() as session:
            return await delivery.has_waiting(session, messenger, now=self._clock.now())

    async def _deliver(self, parcel: Parcel) -> None:
        """Send one message and write down what came of it."""
        messenger = parcel.messenger
        outcome = "sent"
        delivering.set(True)
        sending_row.set(Repeatable(parcel.id))
        try:
            screen = await self._with_file(parcel)
            screen = openings.counted(screen, parcel.kind, messenger, self._settings.public_url)
            message = await send(self._bots[messenger], parcel.chat_id, screen)
        except Exception as failure:
            outcome = await self._not_sent(parcel, failure)
        else:
            self._failures[messenger] = 0
            async with self._db.begin() as session:
                await delivery.sent(session, parcel.id, message.message_id, now=self._clock.now())
        metrics.delivered.labels(messenger.value, outcome).inc()

    async def _not_sent(self, parcel: Parcel, failure: Exception) -> str:
        """What is certain about a failure decides whether the message may go out again."""
        messenger = parcel.messenger
        name = type(failure).__name__
        now = self._clock.now()
        match failure:
            case TelegramForbiddenError():
                outcome = "blocked"
            case TelegramBadRequest() if any(words in failure.message for words in CLOSED):
                outcome = "blocked"
            case TelegramRetryAfter():
                self._paces[messenger].refused(failure.retry_after, self._clock.monotonic())
                outcome, pause = "later", float(failure.retry_after)
            case TelegramUnauthorizedError():
                outcome, pause = "later", self._back_off(messenger)
            case TelegramNetworkError() if failure.message.startswith(NOT_BEGUN):
                outcome, pause = "later", self._back_off(messenger)
            case TelegramNetworkError() | TelegramServerError():
                pause = self._back_off(messenger)
                outcome = "later" if messenger in REPEATABLE and parcel.tries < TRIES else "unknown"
            case AiogramError() | FileNotFoundError():
                outcome = "failed"
            case _:
                outcome = "failed"
                log.error("delivery-failed", messenger=messenger.value, row=parcel.id, exc_info=failure)
        async with self._db.begin() as session:
            if outcome == "blocked":
                await delivery.refused(session, parcel, now=now)
            elif outcome == "later":
                await delivery.again(session, parcel.id, name, at=now + timedelta(seconds=pause))
            elif outcome == "unknown":
                await delivery.unknown(session, parcel.id, name)
            else:
                await delivery.failed(session, parcel.id, f"{name}: {failure}"[:500])
        if outcome != "blocked":
            log.warning("not-delivered", messenger=messenger.value, row=parcel.id, error=name, outcome=outcome)
        return outcome

    def _back_off(self, messenger: Messenger) -> float:
        """Seconds; the whole messenger waits, so that a dead one does not eat the queue."""
        self._failures[messenger] += 1
        pause = min(SLOWEST, 2.0 ** min(self._failures[messenger], 9))
        self._paces[messenger].hold(pause, self._clock.monotonic())
        return pause

    async def _with_file(self, parcel: Parcel) -> Screen:
        """The screen with its file, read from disk before the network is asked."""
        if parcel.file_id is None:
            return parcel.screen
        async with self._db.read() as session:
            file = await session.get_one(StoredFile, parcel.file_id)
            path = await files.path_of(session, self._settings, parcel.file_id)
        content = await asyncio.to_thread(path.read_bytes)
        attachment = Attachment(file.name, content, file.media_type)
        return Screen(parcel.screen.text, parcel.screen.rows, keep=parcel.screen.keep, attachment=attachment)


def _landed(on_the_way: dict[int, asyncio.Task[None]], parcel: Parcel, task: asyncio.Task[None]) -> None:
    on_the_way.pop(parcel.chat_id, None)
    if not task.cancelled() and task.exception() is not None:
        # The outcome could not be written down; at the next start the row becomes unknown.
        log.error("delivery-not-recorded", row=parcel.id, error=repr(task.exception()))


def _pace(settings: PaceSettings) -> Pace:
    per_group = settings.per_group if isinstance(settings, TelegramPace) else None
    return Pace(settings.per_second, settings.per_chat, per_group=per_group)
