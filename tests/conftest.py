"""A database of its own for every test, chats on every messenger; the network is loopback only."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bot.app import build_dispatcher
from bot.config import ROOT, Settings, TelegramSettings
from bot.db import Database
from bot.i18n import Texts
from bot.messengers.telegram import telegram_bot
from bot.messengers.web import web_bot
from bot.models import Base, Messenger
from bot.services import diagnostics
from bot.web.app import build_web
from tests.chat import Talk, TelegramTalk
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.fakes.web import WebTalk
from tests.postgres import Postgres, running
from tests.region import Prepare


@pytest.fixture(scope="session")
def texts() -> Texts:
    return Texts(ROOT / "locales", strict=True)


T = TypeVar("T")


@pytest.fixture(scope="session")
def prepare() -> Prepare:
    """What a fresh database holds; folders that need a whole region say so in their own conftest."""

    async def nothing(_db: Database) -> None:
        pass

    return nothing


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, prepare: Prepare) -> Path:
    """A prepared SQLite file; copying it costs nothing."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    _run(_fill(f"sqlite+aiosqlite:///{path}", prepare))
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The PostgreSQL server of this run."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres, prepare: Prepare) -> str:
    """A prepared database on the server; a copy takes a moment."""
    name = _run(postgres.create())
    _run(_fill(postgres.url_of(name), prepare))
    return name


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end on a loop of its own: the fixture may be asked for inside a running one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _fill(url: str, prepare: Prepare) -> None:
    db = Database(url)
    async with db.writer.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    diagnostics.forget_contents()
    await prepare(db)
    await db.close()


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
async def db(request: pytest.FixtureRequest, settings: Settings) -> AsyncIterator[Database]:
    """A database of its own: SQLite, or PostgreSQL where the run is named so (``…@postgres``)."""
    diagnostics.forget_contents()
    callspec = getattr(request.node, "callspec", None)
    if callspec is not None and any(str(value).endswith(POSTGRES) for value in callspec.params.values()):
        server: Postgres = request.getfixturevalue("postgres")
        name = await server.create(request.getfixturevalue("postgres_template"))
        settings.database_url = server.url_of(name)
        database = Database(settings.database_url)
        yield database
        await database.close()
        await server.drop(name)
        return
    shutil.copy(request.getfixturevalue("template"), settings.sqlite_path)
    database = Database(settings.database_url)
    yield database
    await database.close()


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as server:
        yield server


Newcomer = Callable[[], Awaitable[Talk]]
NewcomerOn = Callable[[str], Awaitable[Talk]]

POSTGRES = "@postgres"
MESSENGERS = ("telegram", "web", pytest.param("web@postgres", marks=pytest.mark.postgres))
"""Every conversation runs on each of them over SQLite, and on one over PostgreSQL."""


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
    return name.removesuffix(POSTGRES)


@pytest.fixture
async def newcomer(newcomer_on: NewcomerOn, messenger: str) -> Newcomer:
    """Makes chats of different people on the messenger of this run."""

    async def make() -> Talk:
        return await newcomer_on(messenger)

    return make


@pytest.fixture
async def talk(newcomer: Newcomer) -> Talk:
    return await newcomer()
