"""run(): one process with its parts — web, receivers, jobs — and a calm stop."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gc
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import structlog
from starlette.applications import Starlette

from bot.clock import local_date, now_in
from bot.commands.common import fail, open_database, reach, read_settings, say
from bot.config import ROOT, Settings, is_demonstration
from bot.db import Database
from bot.errors import UserError
from bot.i18n import Texts
from bot.logs import set_up_logging

log = structlog.get_logger()

STOP_SECONDS = 25
"""A stop waits this long for what is being handled."""


def main(parts: frozenset[str]) -> None:
    """Run until a signal; exit code 1 with words when it cannot start."""
    settings = read_settings()
    set_up_logging(settings.log.level, settings.log.format)
    try:
        with alone(settings):
            _run(settings, parts)
    except UserError as failure:
        fail(say(failure))
    except OSError as failure:
        fail(f"Не получилось запуститься: {failure}")


def _run(settings: Settings, parts: frozenset[str]) -> None:
    try:
        import uvloop
    except ImportError:  # Windows: the standard loop, a little slower.
        asyncio.run(run(settings, parts))
    else:
        uvloop.run(run(settings, parts))


async def run(settings: Settings, parts: frozenset[str]) -> None:
    """Build everything once, run the asked-for parts, stop together."""
    from bot.app import build_dispatcher
    from bot.messengers import build_messengers
    from bot.messengers.receiver import receive
    from bot.schema import migrate
    from bot.services import texts as wording

    if "web" in parts:
        from admin.app import build_admin
        from bot.web.app import build_web

    listener = _listen(settings) if "web" in parts else None
    db = open_database(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    try:
        await reach(db)
        await migrate(db)
        await prepare(db, settings)
        texts = Texts(ROOT / "locales")
        async with db.read() as session:
            texts.override(await wording.overrides(session))
        dispatcher = build_dispatcher(db, settings, texts)
        bots = build_messengers(db, settings)
        gc.collect()
        gc.freeze()
        async with asyncio.TaskGroup() as group:
            if listener is not None:
                app = build_web(db, settings, texts, dispatcher, bots, build_admin(db, settings, texts))
                group.create_task(_serve(app, listener, stop))
            if "receive" in parts:
                for bot in bots.values():
                    group.create_task(receive(dispatcher, bot, settings, stop))
            if "jobs" in parts:
                from bot.jobs import run_jobs

                group.create_task(run_jobs(db, settings, texts, bots, stop))
            group.create_task(stop.wait())
        for bot in bots.values():
            await bot.session.close()
    finally:
        await db.close()
        log.info("stopped")


async def prepare(db: Database, settings: Settings) -> None:
    """What the region needs before the first person comes; again and again without harm."""
    from bot.services import demo, diagnostics, packs, roadmap_import

    now = now_in(settings.zone)
    if is_demonstration():
        click.echo("Готовлю демонстрацию: выдуманный регион, минута-другая при первом запуске…")
        await demo.fill(db, settings, today=local_date(now, settings.zone))
        await _introduce(db, settings)
        return
    async with db.begin() as session:
        await packs.load_common(session, now=now)
        await packs.load_pack(session, settings.region.pack, now=now)
        await roadmap_import.load_measures(session, settings.region.pack, now=now, today=local_date(now, settings.zone))
        await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=now)


async def _introduce(db: Database, settings: Settings) -> None:
    """Where to click: the chat, the admin, and a way in for every role."""
    from bot.services import demo, staff

    now = now_in(settings.zone)
    lines = []
    async with db.begin() as session:
        for role, person_id in await demo.staff_links(session):
            link = await staff.signin_link(
                session, person_id, role=role, reusable=True, now=now, public_url=settings.public_url
            )
            lines.append(f"  {role:<22} {link}")
    click.echo(f"\nЧат:               {settings.public_url}/")
    click.echo(f"Администрирование: {settings.public_url}/admin\n")
    click.echo("Войти без пароля (только в демонстрации):")
    click.echo("\n".join(lines) + "\n")
    sys.stdout.flush()


def _listen(settings: Settings) -> socket.socket:
    """The port of the web part, or words about who holds it."""
    try:
        return socket.create_server((settings.web.host, settings.web.port), backlog=2048)
    except OSError as failure:
        raise UserError(
            "command-port-taken", host=settings.web.host, port=str(settings.web.port), reason=failure.strerror or ""
        ) from None


async def _serve(app: Starlette, listener: socket.socket, stop: asyncio.Event) -> None:
    """The web part until ``stop``; readers of the chat are let go first."""
    import uvicorn

    class Server(uvicorn.Server):
        """Signals are ours: they stop every part, not only this one."""

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        lifespan="off",
        server_header=False,
        proxy_headers=True,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    server = Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    app.state.chat.wakes.close()
    server.should_exit = True
    await asyncio.gather(serving, stopping)


@contextlib.contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """SQLite serves one process: a second one is told so instead of waiting for locks."""
    if not settings.is_sqlite:
        yield
        return
    path = Path(f"{settings.sqlite_path}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError("command-second-process", path=str(settings.sqlite_path)) from None
        yield
