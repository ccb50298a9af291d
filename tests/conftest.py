"""A database of its own for every test, chats on every messenger; the network is loopback only."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from bot.app import build_dispatcher
from bot.config import ROOT, Settings, TelegramSettings
from bot.db import Database
from bot.i18n import Texts
from bot.messengers.telegram import telegram_bot
from bot.models import Base
from tests.chat import Talk, TelegramTalk
from tests.fakes.telegram import TOKEN, FakeTelegram


@pytest.fixture(scope="session")
def texts() -> Texts:
    return Texts(ROOT / "locales", strict=True)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared SQLite file; copying it costs nothing."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    engine.dispose()
    return path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        _env_file=None,
        database_url=f"sqlite+aiosqlite:///{tmp_path / 'test.db'}",
        files={"dir": tmp_path / "files"},
        backup={"dir": tmp_path / "backups"},
        web={"secret": "test-secret-" * 4},
    )


@pytest.fixture
async def db(settings: Settings, template: Path) -> AsyncIterator[Database]:
    shutil.copy(template, settings.sqlite_path)
    database = Database(settings.database_url)
    yield database
    await database.close()


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as server:
        yield server


Newcomer = Callable[[], Awaitable[Talk]]


@pytest.fixture
async def newcomer(db: Database, settings: Settings, texts: Texts, telegram: FakeTelegram) -> AsyncIterator[Newcomer]:
    """Makes chats of different people."""
    dispatcher = build_dispatcher(db, settings, texts)
    bot = telegram_bot(TelegramSettings(token=TOKEN, api_base=telegram.url))
    people = iter(range(7001, 7999))

    async def make() -> Talk:
        return TelegramTalk(dispatcher, bot, telegram, next(people))

    yield make
    await bot.session.close()


@pytest.fixture
async def talk(newcomer: Newcomer) -> Talk:
    return await newcomer()
