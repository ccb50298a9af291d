"""A process of its own, to be killed: ``python -m tests.process receive|jobs|broadcasts``; settings are inherited."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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


async def run(part: str) -> None:
    """One part of the product, until SIGTERM or worse."""
    settings = Settings(_env_file=None)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    db = Database(settings.database_url)
    texts = Texts(ROOT / "locales")
    bots = build_messengers(db, settings)
    del bots[Messenger.web]
    print("ready", flush=True)
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
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "WEB__SECRET": settings.web.secret,
        "FILES__DIR": str(settings.files.dir),
        **_settings_of(server),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.process", part, env=environment, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(120):
            assert (await process.stdout.readline()).strip() == b"ready"
        drain = asyncio.create_task(process.stdout.read())
        yield process
        await kill(process)
        await drain
    finally:
        await kill(process)


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


async def kill(process: Process) -> None:
    """kill -9."""
    if process.returncode is None:
        process.kill()
    await process.wait()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1]))
