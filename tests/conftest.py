"""A database of its own for every test, chats on every messenger; the network is loopback only."""

from __future__ import annotations

import asyncio
import gc
import shutil
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import certifi
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
from tests.chat import Assistant, Community, MaxTalk, Talk, TelegramTalk, VkTalk, a_community, an_assistant
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.fakes.web import WebTalk
from tests.postgres import Postgres, running
from tests.region import set_up

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, rules (moments each) last: no worker is left alone with minutes at the end."""
    items.sort(key=lambda item: (item.path.parent == HERE / "rules", item.path.parent != HERE))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def roots_read_once() -> Iterator[None]:
    """Every bot of Telegram reads the same roots from the disk; over a run that is most of a minute."""
    read = ssl.create_default_context
    same = cache(lambda: read(cafile=certifi.where()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            ssl,
            "create_default_context",
            lambda *args, **more: same() if more == {"cafile": certifi.where()} else read(*args, **more),
        )
        yield


@pytest.fixture(scope="session")
def texts() -> Texts:
    return Texts(ROOT / "locales", strict=True)


T = TypeVar("T")


class Templates:
    """Prepared databases, made once a run; copying one costs nothing (SQLite) or a moment (PostgreSQL)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[tuple[str, bool], str] = {}

    def sqlite(self, *, region: bool) -> str:
        """A file."""
        if ("sqlite", region) not in self._made:
            path = self._folder / f"template-{region}.db"
            _run(_fill(f"sqlite+aiosqlite:///{path}", region=region))
            self._made["sqlite", region] = str(path)
        return self._made["sqlite", region]

    def postgres(self, server: Postgres, *, region: bool) -> str:
        """The name of a database on the server."""
        if ("postgres", region) not in self._made:
            name = _run(server.create())
            _run(_fill(server.url_of(name), region=region))
            self._made["postgres", region] = name
        return self._made["postgres", region]


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return Templates(tmp_path_factory.mktemp("templates"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The PostgreSQL server of this run."""
    with running() as server:
        yield server


@pytest.fixture
def in_region() -> bool:
    """True where tests want the Smolensk pack and the instruments loaded; folders and modules say so."""
    return False


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end on a loop of its own: the fixture may be asked for inside a running one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _fill(url: str, *, region: bool) -> None:
    db = Database(url)
    async with db.writer.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    diagnostics.forget_contents()
    if region:
        await set_up(db)
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
async def db(
    request: pytest.FixtureRequest, settings: Settings, templates: Templates, in_region: bool
) -> AsyncIterator[Database]:
    """A database of its own: SQLite, or PostgreSQL where the run is named so (``…@postgres``)."""
    diagnostics.forget_contents()
    callspec = getattr(request.node, "callspec", None)
    if callspec is not None and any(str(value).endswith(POSTGRES) for value in callspec.params.values()):
        server: Postgres = request.getfixturevalue("postgres")
        name = await server.create(templates.postgres(server, region=in_region))
        settings.database_url = server.url_of(name)
        database = Database(settings.database_url)
        yield database
        await database.close()
        await server.drop(name)
        return
    shutil.copy(templates.sqlite(region=in_region), settings.sqlite_path)
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
MESSENGERS = ("telegram", "vk", "max", "web", pytest.param("web@postgres", marks=pytest.mark.postgres))
"""Every conversation runs on each of them over SQLite, and on one over PostgreSQL."""


@pytest.fixture
async def newcomer_on(
    db: Database, settings: Settings, texts: Texts, telegram: FakeTelegram
) -> AsyncIterator[NewcomerOn]:
    """Makes chats of different people, each on the messenger asked for; one process serves them all."""
    dispatcher = build_dispatcher(db, settings, texts)
    phone = telegram_bot(TelegramSettings(token=TOKEN, api_base=telegram.url))
    page = web_bot(db, settings)
    app = build_web(db, settings, texts, dispatcher, {Messenger.web: page, Messenger.telegram: phone})
    people = iter(range(7001, 7999))
    community: Community | None = None
    assistant: Assistant | None = None

    # VK and MAX begin to listen with their first person: most tests ask for one messenger only.
    async with AsyncExitStack() as stack:
        stack.push_async_callback(phone.session.close)
        stack.push_async_callback(page.session.close)

        async def make(messenger: str) -> Talk:
            nonlocal community, assistant
            match messenger:
                case "web":
                    browser = WebTalk(app)
                    stack.push_async_callback(browser.close)
                    await browser.opens(db, settings)
                    return browser
                case "vk":
                    if community is None:
                        community = await stack.enter_async_context(a_community(db))
                    return VkTalk(dispatcher, community, next(people))
                case "max":
                    if assistant is None:
                        assistant = await stack.enter_async_context(an_assistant(db))
                    return MaxTalk(dispatcher, assistant, next(people))
            return TelegramTalk(dispatcher, phone, telegram, next(people))

        yield make


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
