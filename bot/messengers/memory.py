"""What our messages last looked like: those of late at hand, all of them in ``sent_messages`` a moment later."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import utcnow
from bot.db import Database
from bot.models.people import Messenger
from bot.services import receiving

log = structlog.get_logger()

SOON = 0.3
"""Seconds after which what is to be remembered is written, all of it at once. A crash forgets no more than that."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The whole of a message, because an edit must say all of it again."""

    text: str
    keyboard: list[Any] = field(default_factory=list)
    attachments: list[Any] = field(default_factory=list)
    sent_at: datetime = field(default_factory=utcnow)


class Memory:
    """One messenger's messages. Writing one row for each would cost more than the call to the messenger."""

    def __init__(self, db: Database, messenger: Messenger, size: int = 5_000) -> None:
        self._db = db
        self._messenger = messenger
        self._size = size
        self._at_hand: OrderedDict[tuple[int, int], Kept] = OrderedDict()
        self._unwritten: dict[tuple[int, int], Kept] = {}
        self._writing: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()

    def keep(self, chat_id: int, message_id: int, kept: Kept) -> None:
        """As the message now stands."""
        self._unwritten[chat_id, message_id] = kept
        self._hold((chat_id, message_id), kept)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_soon())

    async def find(self, chat_id: int, message_id: int, *, anew: bool = False) -> Kept | None:
        """How a message looked; ``anew`` asks the table, where other processes write too."""
        place = (chat_id, message_id)
        kept = self._unwritten.get(place) or (None if anew else self._at_hand.get(place))
        if kept is not None:
            return kept
        async with self._db.read() as session:
            row = await receiving.remembered(session, self._messenger, chat_id, message_id)
        if row is None:
            return None
        kept = Kept(row.text, row.keyboard, row.attachments, row.sent_at)
        self._hold(place, kept)
        return kept

    async def forget(self, chat_id: int, message_id: int) -> None:
        """The message was deleted."""
        self._unwritten.pop((chat_id, message_id), None)
        self._at_hand.pop((chat_id, message_id), None)
        async with self._db.begin() as session:
            await receiving.forget(session, self._messenger, chat_id, message_id)

    async def write(self) -> None:
        """Everything not written yet, in one transaction."""
        if not (unwritten := self._unwritten):
            return
        self._unwritten = {}
        rows = [
            {
                "messenger": self._messenger,
                "chat_id": chat_id,
                "message_id": message_id,
                "text": kept.text,
                "keyboard": kept.keyboard,
                "attachments": kept.attachments,
                "sent_at": kept.sent_at,
            }
            for (chat_id, message_id), kept in unwritten.items()
        ]
        try:
            async with self._db.begin() as session:
                await receiving.remember(session, rows)
        except SQLAlchemyError as failure:
            # Not worth a person's answer: such a message is edited from what the messenger itself says, or sent anew.
            log.error("messages-not-remembered", messenger=self._messenger.value, error=type(failure).__name__)

    async def close(self) -> None:
        """Write what is left."""
        self._hurry.set()
        if self._writing is not None:
            await asyncio.wait({self._writing})
        await self.write()

    async def _write_soon(self) -> None:
        while self._unwritten:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), SOON)
            await self.write()

    def _hold(self, place: tuple[int, int], kept: Kept) -> None:
        self._at_hand[place] = kept
        self._at_hand.move_to_end(place)
        if len(self._at_hand) > self._size:
            self._at_hand.popitem(last=False)
