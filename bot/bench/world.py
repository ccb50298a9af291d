"""A region for measuring: people with an open questionnaire, the real dispatcher, an instant messenger."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any, cast

from aiogram import Bot, Dispatcher
from aiogram.client.session.base import BaseSession
from aiogram.methods import (
    AnswerCallbackQuery,
    EditMessageReplyMarkup,
    EditMessageText,
    GetUpdates,
    SendMessage,
    TelegramMethod,
)
from aiogram.methods.base import TelegramType
from aiogram.types import Chat, Message, Update
from sqlalchemy import create_engine, func, insert, select

from bot.app import build_dispatcher
from bot.clock import utcnow
from bot.config import ROOT, Settings
from bot.db import Database
from bot.i18n import Texts
from bot.messengers.base import MessengerBot
from bot.messengers.telegram import LIMITS
from bot.models import (
    Answer,
    Attempt,
    Base,
    Employment,
    Identity,
    Messenger,
    Municipality,
    Organisation,
    Person,
    Position,
    Purpose,
)
from bot.rules.words import folded
from bot.services import diagnostics
from bot.services.diagnostics import Content

FIRST_USER = 10_000
QUESTION = 500
"""Message id of the questionnaire in every chat."""


class InstantSession(BaseSession):
    """Answers at once and counts; updates are made when asked for, like a server with a backlog."""

    def __init__(self) -> None:
        super().__init__()
        self.edits: Counter[int] = Counter()
        self.answers = 0
        self.sent = 0
        self.backlog: Iterator[dict[str, Any]] = iter(())
        self.emptied = asyncio.Event()

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        result: Any = True
        match method:
            case EditMessageText():
                self.edits[int(cast(int, method.chat_id))] += 1
            case AnswerCallbackQuery():
                self.answers += 1
            case SendMessage():
                self.sent += 1
                chat_id = int(method.chat_id)
                result = Message(message_id=QUESTION + self.sent, date=utcnow(), chat=Chat(id=chat_id, type="private"))
            case GetUpdates():
                result = self._updates(bot, method.limit or 100)
                if not result:
                    self.emptied.set()
                    await asyncio.sleep(0.01)
            case EditMessageReplyMarkup():
                pass
        return cast(TelegramType, result)

    def _updates(self, bot: Bot, limit: int) -> list[Update]:
        taken = itertools.islice(self.backlog, limit)
        return [Update.model_validate(raw, context={"bot": bot}) for raw in taken]

    async def close(self) -> None:
        """Nothing is open."""

    async def stream_content(self, *_: Any, **__: Any) -> AsyncGenerator[bytes, None]:
        """No files here."""
        yield b""


@dataclass
class World:
    """What a run needs; ``people`` are row ids in the order of their accounts."""

    db: Database
    dispatcher: Dispatcher
    bot: MessengerBot
    session: InstantSession
    content: Content
    people: list[int]
    settings: Settings
    folder: Path
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def press(self, person: int, item: int, value: int = 4, *, now: datetime | None = None) -> dict[str, Any]:
        """An answer of person number ``person`` to question number ``item``, as the Bot API tells it."""
        number = next(self.numbers)
        user = FIRST_USER + person
        return {
            "update_id": number,
            "callback_query": {
                "id": str(number),
                "from": {"id": user, "is_bot": False, "first_name": "П"},
                "chat_instance": "1",
                "message": {
                    "message_id": QUESTION,
                    "date": int((now or utcnow()).timestamp()),
                    "chat": {"id": user, "type": "private"},
                    "text": "?",
                },
                "data": f"diagnostics:answer:{self.content.items[item].id}:{value}",
            },
        }

    async def feed(self, raw: dict[str, Any]) -> None:
        """One update through the real dispatcher."""
        await self.dispatcher.feed_update(self.bot, Update.model_validate(raw, context={"bot": self.bot}))

    async def run(self, presses: list[dict[str, Any]], *, at_once: int = 20) -> float:
        """Feed all, ``at_once`` in flight; seconds."""
        source = iter(presses)

        async def worker() -> None:
            for raw in source:
                await self.feed(raw)

        started = perf_counter()
        await asyncio.gather(*(worker() for _ in range(at_once)))
        return perf_counter() - started

    async def truth(self) -> tuple[int, int, int]:
        """(answers in the table, edits seen by the messenger, sum of positions): all three must be equal."""
        async with self.db.read() as session:
            written = await session.scalar(select(func.count()).select_from(Answer)) or 0
            moved = await session.scalar(select(func.sum(Attempt.position))) or 0
        return written, self.session.edits.total(), int(moved)


@asynccontextmanager
async def world(people: int) -> AsyncIterator[World]:
    """A fresh SQLite file with ``people`` teachers, each with an open questionnaire."""
    with tempfile.TemporaryDirectory(prefix="marshrut-bench-") as name:
        folder = Path(name)
        path = folder / "bench.db"
        settings = Settings(
            _env_file=None,
            database_url=f"sqlite+aiosqlite:///{path}",
            files={"dir": folder / "files"},
            web={"secret": "bench-" * 8},
        )
        engine = create_engine(f"sqlite:///{path}")
        Base.metadata.create_all(engine)
        engine.dispose()
        db = Database(settings.database_url)
        try:
            content = await _content(db)
            ids = await _people(db, people, content)
            session = InstantSession()
            bot = MessengerBot(Messenger.telegram, 1, session, limits=LIMITS)
            texts = Texts(ROOT / "locales")
            yield World(db, build_dispatcher(db, settings, texts), bot, session, content, ids, settings, folder)
        finally:
            await db.close()


async def _content(db: Database) -> Content:
    diagnostics.forget_contents()
    async with db.begin() as session:
        await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=utcnow())
    async with db.read() as session:
        content = await diagnostics.published(session, "teacher")
    if content is None:
        raise RuntimeError("no published instrument to measure with")
    return content


async def _people(db: Database, count: int, content: Content) -> list[int]:
    now = utcnow()
    async with db.begin() as session:
        session.add(Position(slug="teacher", title="Учитель", audience="teacher"))
        session.add(Municipality(id=1, code="m1", name="Округ", sort="округ"))
        await session.flush()
        session.add(
            Organisation(
                id=1, code="o1", name="Школа № 1", short_name="Школа № 1", municipality_id=1, settlement="Город",
                approved_at=now, search="школа 1", sort="школа 1",
            )
        )  # fmt: skip
    for start in range(0, count, 5_000):
        numbers = range(start + 1, min(start + 5_000, count) + 1)
        async with db.begin() as session:
            await session.execute(insert(Person), [_person(number, now) for number in numbers])
            await session.execute(
                insert(Identity),
                [
                    {
                        "person_id": n, "messenger": Messenger.telegram, "user_id": FIRST_USER + n - 1,
                        "chat_id": FIRST_USER + n - 1, "linked_at": now,
                    }
                    for n in numbers
                ],
            )  # fmt: skip
            await session.execute(
                insert(Employment),
                [
                    {"person_id": n, "organisation_id": 1, "position_slug": "teacher", "since": now.date()}
                    for n in numbers
                ],
            )
            await session.execute(
                insert(Attempt),
                [
                    {
                        "person_id": n, "version_id": content.version_id, "purpose": Purpose.official,
                        "audience": "teacher", "messenger": Messenger.telegram, "started_at": now, "touched_at": now,
                    }
                    for n in numbers
                ],
            )  # fmt: skip
    return list(range(1, count + 1))


def _person(number: int, now: datetime) -> dict[str, Any]:
    name = f"Фамильная{number} Имя Отчество"
    last, first, middle = name.split()
    return {
        "id": number, "key": f"{number:032x}", "last_name": last, "first_name": first, "middle_name": middle,
        "birth_year": 1970 + number % 30, "teach_since_year": 2000, "registered_at": now, "confirmed_at": now,
        "search": folded(name), "sort": folded(name), "created_at": now,
    }  # fmt: skip
