"""Events of VK and MAX: each taken once over all processes, its end known, the place of polling kept."""

from __future__ import annotations

import asyncio
import mimetypes
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from aiogram import Dispatcher
from aiogram.types import Update

from bot.clock import utcnow
from bot.db import Database
from bot.messengers.base import MessengerBot
from bot.messengers.intake import LONGEST, Intake, intake_of
from bot.models.people import Messenger
from bot.services import receiving
from bot.services.receiving import Claim

LEASE = timedelta(seconds=LONGEST + 10)
"""After so long an event that was taken and never finished belongs to whoever gets it next."""

T = TypeVar("T")

Event = dict[str, Any]
Convert = Callable[[Sequence[Event]], Awaitable[list[list[Update]]]]
"""Updates of each event; none for what is not for us."""

KeyOf = Callable[[Event], str]
"""What an event is known by when it is delivered again; empty where nothing tells it apart."""


REMOVED = ""
"""Text of a message its author has taken away: Telegram never tells of it, so it has no update of its own."""


def edited(message: dict[str, Any], moment: int) -> dict[str, Any]:
    """A changed message as an update; ``moment`` in seconds."""
    return {"edited_message": {**message, "edit_date": moment}}


def media_type_of(name: str | None) -> str:
    """What a file is by its name: VK and MAX do not say. Unknown is ``application/octet-stream``."""
    return mimetypes.guess_type(name or "")[0] or "application/octet-stream"


@dataclass(slots=True)
class Batch:
    """Events up to a place of polling, as far as they are not handled."""

    place: str
    open: list[tuple[str, list[int]]] = field(default_factory=list)
    """(key, numbers of the updates it became)"""


class Events:
    """Takes one messenger's events, delivered one by one or asked for in batches."""

    def __init__(self, db: Database, intake: Intake, messenger: Messenger, convert: Convert, key_of: KeyOf) -> None:
        self._db = db
        self._intake = intake
        self._messenger = messenger
        self._convert = convert
        self._key_of = key_of
        self._tasks: set[asyncio.Task[Any]] = set()
        self._kept = ""
        self._batches: deque[Batch] = deque()
        self._settling = asyncio.Lock()

    # --- delivered -----------------------------------------------------------------------------

    async def handle(self, event: Event, seconds: float) -> bool | None:
        """One delivered event. True: handled; False: deliver it again; None: not at its end after ``seconds``."""
        key = self._key_of(event)
        if key:
            async with self._db.begin() as session:
                claim = await receiving.claim(session, self._messenger, key, now=utcnow(), lease=LEASE)
            if claim is not Claim.taken:
                return claim is Claim.done
        # A connection that breaks off must not break off the handling.
        task = self._begin(self._to_the_end(event, key))
        try:
            return await asyncio.wait_for(asyncio.shield(task), seconds)
        except TimeoutError:
            return None

    async def _to_the_end(self, event: Event, key: str) -> bool:
        (numbers,) = await self._take([event])
        ended = await self._ended(numbers)
        if key:
            async with self._db.begin() as session:
                if ended:
                    await receiving.done(session, self._messenger, [key], now=utcnow())
                else:
                    await receiving.not_taken(session, self._messenger, key)
        return ended

    async def finish(self) -> None:
        """Write down what has just ended, before the database is closed."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)

    # --- asked for -----------------------------------------------------------------------------

    async def place(self) -> str:
        """Where polling goes on; empty before the first time."""
        async with self._db.read() as session:
            self._kept = await receiving.cursor(session, self._messenger)
        return self._kept

    async def take_batch(self, place: str, events: Sequence[Event]) -> None:
        """Events up to ``place``: those nobody has handled go to the handlers in their order."""
        if not events and place == self._kept:
            return
        fresh = await self._fresh(events)
        taken = await self._take([event for event, _ in fresh])
        # An empty batch too: without a kept place the next start would begin elsewhere.
        batch = Batch(place, [(key, numbers) for (_, key), numbers in zip(fresh, taken, strict=True)])
        self._batches.append(batch)
        if batch.open:
            # The next question may be long in being answered; a crash in the meantime must not repeat anything.
            self._begin(self._settle_later([number for _, numbers in batch.open for number in numbers]))
        else:
            await self.settle()

    async def settle(self) -> None:
        """Write down what has been handled; the kept place moves past batches that are whole."""
        async with self._settling:
            done: list[str] = []
            place = ""
            for batch in self._batches:
                done += [key for key, numbers in batch.open if self._is_handled(numbers)]
                batch.open = [(key, numbers) for key, numbers in batch.open if not self._is_handled(numbers)]
            while self._batches and not self._batches[0].open:
                place = self._batches.popleft().place
            if not place and not done:
                return
            async with self._db.begin() as session:
                await receiving.done(session, self._messenger, [key for key in done if key], now=utcnow())
                if place:
                    await receiving.keep_cursor(session, self._messenger, place, now=utcnow())
            self._kept = place or self._kept

    async def _settle_later(self, numbers: list[int]) -> None:
        await self._ended(numbers)
        await self.settle()

    async def _fresh(self, events: Sequence[Event]) -> list[tuple[Event, str]]:
        """Events not handled to the end, with their keys.

        Only one process asks, so those a crash cut off are its own.
        """
        if not events:
            return []
        known = {key for batch in self._batches for key, _ in batch.open}
        found = []
        async with self._db.begin() as session:
            for event in events:
                key = self._key_of(event)
                if key in known and key:
                    continue
                if key:
                    known.add(key)
                    claim = await receiving.claim(session, self._messenger, key, now=utcnow(), lease=timedelta())
                    if claim is not Claim.taken:
                        continue
                found.append((event, key))
        return found

    # --- both ----------------------------------------------------------------------------------

    async def _take(self, events: Sequence[Event]) -> list[list[int]]:
        made = await self._convert(events)
        for updates in made:
            for update in updates:
                self._intake.take(update)
        return [[update.update_id for update in updates] for updates in made]

    async def _ended(self, numbers: list[int]) -> bool:
        return all([await self._intake.ended(number) for number in numbers])

    def _is_handled(self, numbers: list[int]) -> bool:
        return all(self._intake.is_handled(number) for number in numbers)

    def _begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def events_of(dispatcher: Dispatcher, bot: MessengerBot, convert: Convert, key_of: KeyOf) -> Events:
    """The one taker of a messenger's events in this process, shared by its receiver and its webhook."""
    takers: dict[Messenger, Events] = dispatcher.workflow_data.setdefault("takers", {})
    if bot.messenger not in takers:
        intake = intake_of(dispatcher, bot)
        takers[bot.messenger] = Events(dispatcher["db"], intake, bot.messenger, convert, key_of)
    return takers[bot.messenger]


async def finish_all(dispatcher: Dispatcher, seconds: float) -> None:
    """The end of a process: what was delivered is handled and written down, with or without a receiver beside it."""
    intakes: dict[Messenger, Intake] = dispatcher.workflow_data.get("intakes", {})
    await asyncio.gather(*(intake.finish(seconds) for intake in intakes.values()))
    takers: dict[Messenger, Events] = dispatcher.workflow_data.get("takers", {})
    await asyncio.gather(*(events.finish() for events in takers.values()))
