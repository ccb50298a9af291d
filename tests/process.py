"""A process of its own, to be killed: ``python -m tests.process receive|jobs`` with settings in the environment."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.app import build_dispatcher
from bot.config import ROOT, Settings
from bot.db import Database
from bot.i18n import Texts
from bot.jobs import run_jobs
from bot.messengers.receiver import receive
from bot.messengers.telegram import telegram_bot
from bot.models import Messenger


async def run(part: str) -> None:
    """One part of the product, until SIGTERM or worse."""
    settings = Settings(_env_file=None)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    db = Database(settings.database_url)
    texts = Texts(ROOT / "locales")
    bot = telegram_bot(settings.telegram)
    print("ready", flush=True)
    if part == "receive":
        await receive(build_dispatcher(db, settings, texts), bot, settings, stop)
    else:
        await run_jobs(db, settings, texts, {Messenger.telegram: bot}, stop)
    await bot.session.close()
    await db.close()


@asynccontextmanager
async def started(part: str, settings: Settings, token: str, api_base: str) -> AsyncIterator[Process]:
    """The process, ready; killed at the end if it still lives."""
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "TELEGRAM__TOKEN": token,
        "TELEGRAM__API_BASE": api_base,
        "WEB__SECRET": settings.web.secret,
        "FILES__DIR": str(settings.files.dir),
        "DELIVERY__TELEGRAM__PER_SECOND": "400",
        "DELIVERY__TELEGRAM__PER_CHAT": "1",
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


async def kill(process: Process) -> None:
    """kill -9."""
    if process.returncode is None:
        process.kill()
    await process.wait()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1]))
