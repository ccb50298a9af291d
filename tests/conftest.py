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
from bot.messengers.web import web_bot
from bot.models import Base, Messenger
from bot.web.app import build_web
from tests.chat import Talk, TelegramTalk
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.fakes.web import WebTalk


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
NewcomerOn = Callable[[str], Awaitable[Talk]]

MESSENGERS = ("telegram", "web")
"""Every conversation runs on each of them."""


@pytest.fixture
async def newcomer_on(
    db: Database, settings: Settings, texts: Texts, telegram: FakeTelegram
) -> AsyncIterator[NewcomerOn]:
    """Makes chats of different people, each on the messenger asked for; one process serves them all."""
    dispatcher = build_dispatcher(db, settings, texts)
    bots = {
        Messenger.web: web_bot(db, settings),
        Messenger.telegram: telegram_bot(TelegramSettings(token=TOKEN, api_base=telegram.url)),
    }
    app = build_web(db, settings, texts, dispatcher, bots)
    people = iter(range(7001, 7999))
    browsers: list[WebTalk] = []

    async def make(messenger: str) -> Talk:
        if messenger == "web":
            browsers.append(WebTalk(app))
            await browsers[-1].opens(db, settings)
            return browsers[-1]
        return TelegramTalk(dispatcher, bots[Messenger.telegram], telegram, next(people))

    yield make
    for browser in browsers:
        await browser.close()
    for bot in bots.values():
        await bot.session.close()


@pytest.fixture(params=MESSENGERS)
def messenger(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
async def newcomer(newcomer_on: NewcomerOn, messenger: str) -> Newcomer:
    """Makes chats of different people on the messenger of this run."""

    async def make() -> Talk:
        return await newcomer_on(messenger)

    return make


@pytest.fixture
async def talk(newcomer: Newcomer) -> Talk:
    return await newcomer()
