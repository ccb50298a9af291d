"""Updates on their way to the handlers: each once, a bounded number at a time, none forgotten at a stop."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import KeysView

import structlog
from aiogram import Dispatcher
from aiogram.exceptions import AiogramError
from aiogram.methods import TelegramMethod
from aiogram.types import Update

from bot.messengers.base import MessengerBot

log = structlog.get_logger()

AT_ONCE = 64
"""Updates of one messenger that are being handled at a time."""

LONGEST = 120.0
"""Seconds after which a handler is given up, so that one that hangs cannot hold back the queue."""


class Intake:
    """Feeds a dispatcher with one messenger's updates.

    The order within a chat is kept by the dispatcher's isolation: its locks are taken in the order the tasks begin.
    """

    def __init__(
        self, dispatcher: Dispatcher, bot: MessengerBot, *, at_once: int = AT_ONCE, known: int = 5_000
    ) -> None:
        self._dispatcher = dispatcher
        self._bot = bot
        self._at_once = at_once
        self._slots = asyncio.Semaphore(at_once)
        self._known: OrderedDict[int, None] = OrderedDict()
        self._size = known
        self._under_way: dict[int, asyncio.Task[None]] = {}

    @property
    def under_way(self) -> KeysView[int]:
        """Updates whose handling has not ended."""
        return self._under_way.keys()

    @property
    def is_full(self) -> bool:
        """True when as much is under way as may be handled at a time."""
        return len(self._under_way) >= self._at_once

    def take(self, update: Update) -> bool:
        """Begin to handle an update as soon as there is room; False when it was taken before."""
        number = update.update_id
        if number in self._known:
            return False
        self._known[number] = None
        if len(self._known) > self._size:
            self._known.popitem(last=False)
        task = self._under_way[number] = asyncio.create_task(self._handle(update))
        task.add_done_callback(lambda _: self._finished(number))
        return True

    async def ended(self, number: int) -> bool:
        """Wait until an update's handling has ended; False when it was given up at a stop."""
        task = self._under_way.get(number)
        if task is None:
            return number in self._known
        await asyncio.wait({task})
        return not task.cancelled()

    def is_handled(self, number: int) -> bool:
        """True when an update's handling has ended and was not given up at a stop."""
        return number not in self._under_way and number in self._known

    async def wait_for_one(self, seconds: float) -> None:
        """Until some update is done, or the time is over."""
        if self._under_way:
            await asyncio.wait(self._under_way.values(), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)

    async def finish(self, seconds: float) -> None:
        """Wait for what is under way; what is not done in time is cancelled and said in the log."""
        tasks = list(self._under_way.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            log.warning("updates-not-finished", messenger=self._bot.messenger.value, count=len(late))
            await asyncio.wait(late, timeout=5)

    def _finished(self, number: int) -> None:
        task = self._under_way.pop(number, None)
        if task is not None and task.cancelled():
            self._known.pop(number, None)

    async def _handle(self, update: Update) -> None:
        try:
            async with self._slots, asyncio.timeout(LONGEST):
                result = await self._dispatcher.feed_update(self._bot, update)
                if isinstance(result, TelegramMethod):
                    await self._bot(result)
        except AiogramError as failure:
            log.warning("update-not-answered", messenger=self._bot.messenger.value, error=type(failure).__name__)
        except Exception:
            # Whatever a handler does, the next person's update must be handled.
            log.exception("update-lost", messenger=self._bot.messenger.value, update_id=update.update_id)


def intake_of(dispatcher: Dispatcher, bot: MessengerBot) -> Intake:
    """The one intake of a messenger in this process, shared by its receiver and its webhook."""
    intakes: dict[str, Intake] = dispatcher.workflow_data.setdefault("intakes", {})
    if bot.messenger not in intakes:
        intakes[bot.messenger] = Intake(dispatcher, bot)
    return intakes[bot.messenger]
