"""A process of its own, to be killed: it receives, runs the jobs or writes broadcasts.

It is forked from one that has imported everything: seconds less for each start.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection

from bot.app import build_dispatcher
from bot.clock import utcnow
from bot.config import ROOT, Settings
from bot.db import Database
from bot.i18n import Texts
from bot.jobs import broadcasts, run_jobs
from bot.messengers import build_messengers
from bot.messengers.receiver import receive
from bot.models import Messenger
from tests.fakes.max import FakeMax
from tests.fakes.telegram import FakeTelegram
from tests.fakes.vk import GROUP, FakeVk

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.process"])
Texts(ROOT / "locales")
"""Read before the fork: those who are forked find it read."""


class Process:
    """What is running; to be asked to stop or killed."""

    def __init__(self, part: str, environment: dict[str, str]) -> None:
        self._heard, said = FORKS.Pipe(duplex=False)
        self._process = FORKS.Process(target=_begin, args=(part, environment, said), daemon=True)
        self._process.start()
        said.close()

    async def ready(self) -> None:
        """Begun to work. EOFError: it died instead."""
        while not self._heard.poll():
            await asyncio.sleep(0.002)
        assert self._heard.recv() == "ready"

    def terminate(self) -> None:
        """SIGTERM."""
        self._process.terminate()

    async def wait(self) -> int | None:
        """The exit code, once it has ended."""
        while self._process.is_alive():
            await asyncio.sleep(0.005)
        return self._process.exitcode

    async def kill(self) -> None:
        """kill -9; nothing if it has ended."""
        self._process.kill()
        await self.wait()


def _begin(part: str, environment: dict[str, str], said: Connection) -> None:
    os.environ.update(environment)
    asyncio.run(run(part, said))


async def run(part: str, said: Connection) -> None:
    """One part of the product, until SIGTERM or worse."""
    settings = Settings(_env_file=None)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    db = Database(settings.database_url)
    texts = Texts(ROOT / "locales")
    bots = build_messengers(db, settings)
    del bots[Messenger.web]
    said.send("ready")
    if part == "receive":
        dispatcher = build_dispatcher(db, settings, texts)
        await asyncio.gather(*(receive(dispatcher, bot, settings, stop) for bot in bots.values()))
    elif part == "broadcasts":
        while not stop.is_set():
            await broadcasts.run(db, texts, settings, now=utcnow())
            await asyncio.sleep(0.01)
    else:
        await run_jobs(db, settings, texts, bots, stop)
    for bot in bots.values():
        await bot.session.close()
    await db.close()


@asynccontextmanager
async def started(part: str, settings: Settings, server: FakeTelegram | FakeVk | FakeMax) -> AsyncIterator[Process]:
    """The process, ready; killed at the end if it still lives. The paces are the platforms' × 20."""
    process = Process(
        part,
        {
            "DATABASE_URL": settings.database_url,
            "WEB__SECRET": settings.web.secret,
            "FILES__DIR": str(settings.files.dir),
            **_settings_of(server),
        },
    )
    try:
        async with asyncio.timeout(120):
            await process.ready()
        yield process
    finally:
        await process.kill()


def _settings_of(server: FakeTelegram | FakeVk | FakeMax) -> dict[str, str]:
    match server:
        case FakeTelegram():
            own = {"TOKEN": server.token, "API_BASE": server.url}
            name, pace = "TELEGRAM", 400
        case FakeVk():
            own = {"TOKEN": server.token, "API_BASE": f"{server.url}/method", "GROUP_ID": str(GROUP)}
            name, pace = "VK", 360
        case FakeMax():
            own = {"TOKEN": server.token, "API_BASE": server.url}
            name, pace = "MAX", 160
    of_pace = {f"DELIVERY__{name}__PER_SECOND": str(pace), f"DELIVERY__{name}__PER_CHAT": "1"}
    return {**{f"{name}__{key}": value for key, value in own.items()}, **of_pace}
