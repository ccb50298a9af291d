"""What a careful beginner would write: one aiogram handler, one ORM row, aiosqlite's default pool."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from aiogram import Bot, Dispatcher, F, Router
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from sqlalchemy import select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.bench.world import InstantSession

KEYBOARD = InlineKeyboardMarkup(
    inline_keyboard=[[InlineKeyboardButton(text=label, callback_data=f"a:{label}")] for label in "12345"]
)


class PeerBase(DeclarativeBase):
    """Tables of the peer."""


class PeerAnswer(PeerBase):
    """The one row it writes."""

    __tablename__ = "answers"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(index=True)
    value: Mapped[str]


class Peer:
    """Feeds the peer's dispatcher the way the world feeds ours."""

    def __init__(self, dispatcher: Dispatcher, bot: Bot) -> None:
        self._dispatcher = dispatcher
        self._bot = bot

    async def run(self, presses: list[dict[str, Any]], *, at_once: int = 20) -> float:
        """Feed all, ``at_once`` in flight; seconds."""
        source = iter(presses)

        async def worker() -> None:
            for raw in source:
                await self._dispatcher.feed_update(self._bot, Update.model_validate(raw, context={"bot": self._bot}))

        started = perf_counter()
        await asyncio.gather(*(worker() for _ in range(at_once)))
        return perf_counter() - started


@asynccontextmanager
async def peer(folder: Path) -> AsyncIterator[Peer]:
    """The minimal bot over a file of its own."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{folder / 'peer.db'}")
    async with engine.begin() as connection:
        await connection.run_sync(PeerBase.metadata.create_all)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    router = Router()

    @router.callback_query(F.data)
    async def pressed(event: CallbackQuery) -> None:
        async with sessions() as session:
            session.add(PeerAnswer(user_id=event.from_user.id, value=event.data or ""))
            await session.commit()
            await session.scalar(select(PeerAnswer).where(PeerAnswer.user_id == event.from_user.id).limit(1))
        if isinstance(event.message, Message):
            await event.message.edit_text("Следующий вопрос", reply_markup=KEYBOARD)
        await event.answer()

    dispatcher = Dispatcher()
    dispatcher.include_router(router)
    try:
        yield Peer(dispatcher, Bot("1:peer", session=InstantSession()))
    finally:
        await engine.dispose()
