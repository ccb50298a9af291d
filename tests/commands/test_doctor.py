"""The doctor says what is wrong, and does not call the healthy ill."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web as server
from sqlalchemy import text

from bot.clock import utcnow
from bot.commands import doctor
from bot.config import ROOT, Policy, Settings
from bot.db import Database
from bot.i18n import Texts
from bot.models import Person
from bot.schema import migrate
from bot.services import region
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.postgres import Postgres

Usage = namedtuple("Usage", "total used free")
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
async def installed(settings: Settings) -> Settings:
    """An installation that was started once: migrated, files and a backup in place."""
    db = Database(settings.database_url)
    await migrate(db)
    await db.close()
    settings.web.public_url = "https://127.0.0.1:9"
    settings.backup.dir.mkdir()
    (settings.backup.dir / "marshrut.zip").touch()
    return settings


@pytest.fixture
async def on_postgres(installed: Settings, postgres: Postgres) -> Any:
    name = await postgres.create()
    installed.database_url = postgres.url_of(name)
    db = Database(installed.database_url)
    await migrate(db)
    await db.close()
    yield installed
    await postgres.drop(name)


async def told(settings: Settings, texts: Texts, **more: Any) -> dict[str, tuple[str, str]]:
    """Name → (state, words)."""
    arguments = {"now": utcnow(), "demonstration": False, **more}
    t = texts.translator()
    checks = await doctor.examine(settings, **arguments)
    assert all(t(f"doctor-{check.name}.title") for check in checks)
    found = {check.name: (check.state.value, t(check.key, **check.args)) for check in checks}
    assert len(found) == len(checks)
    return found


async def test_a_sound_installation(installed: Settings, texts: Texts, telegram: FakeTelegram) -> None:
    installed.telegram.token, installed.telegram.api_base = TOKEN, telegram.url
    db = Database(installed.database_url)
    async with db.begin() as session:
        await region.set_setting(session, "institution", {"state": False})
    await db.close()
    found = await told(installed, texts)
    # Nobody listens at the address of this test; everything else is as it should be.
    assert {name for name, (state, _) in found.items() if state != "ok"} == {"web"}
    assert "@marshrut_bot" in found["telegram"][1]
    assert set(found) == {
        *("database", "migrations", "clock", "policy", "backups", "address", "secret", "region", "files"),
        *("web", "telegram", "vk", "max"),
    }


async def test_wrong_token(installed: Settings, texts: Texts, telegram: FakeTelegram) -> None:
    installed.telegram.token, installed.telegram.api_base = "987654321:wrong", telegram.url
    state, words = (await told(installed, texts))["telegram"]
    assert state == "bad"
    assert "токен не принят" in words
    assert "wrong" not in words


@pytest.mark.parametrize("token", ["abc", "123456789", "123456789:", ":AA", "12 34:AA"])
async def test_not_a_token(installed: Settings, texts: Texts, token: str) -> None:
    installed.telegram.token = token
    state, words = (await told(installed, texts))["telegram"]
    assert state == "bad"
    assert "не похож на токен" in words


async def test_an_unreachable_address(installed: Settings, texts: Texts) -> None:
    installed.telegram.token, installed.telegram.api_base = TOKEN, NOWHERE
    state, words = (await told(installed, texts))["telegram"]
    assert state == "bad"
    assert f"до {NOWHERE} не достучаться" in words
    assert "не принят" not in words


async def test_telegram_that_is_busy_or_out_of_order(installed: Settings, texts: Texts, telegram: FakeTelegram) -> None:
    installed.telegram.token, installed.telegram.api_base = TOKEN, telegram.url
    telegram.refuse("getMe", 429, "Too Many Requests: retry after 40", retry_after=40)
    state, words = (await told(installed, texts))["telegram"]
    assert (state, "40" in words) == ("warn", True)
    telegram.refuse("getMe", 502, "Bad Gateway")
    state, words = (await told(installed, texts))["telegram"]
    assert (state, "не как сервер Telegram" in words) == ("bad", True)


async def test_an_address_that_is_not_telegram(installed: Settings, texts: Texts) -> None:
    async with Site("<html>nginx</html>") as url:
        installed.telegram.token, installed.telegram.api_base = TOKEN, url
        state, words = (await told(installed, texts))["telegram"]
    assert state == "bad"
    assert url in words


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "socks5://127.0.0.1:9", "nonsense"])
async def test_a_proxy_that_does_not_work(
    installed: Settings, texts: Texts, telegram: FakeTelegram, proxy: str
) -> None:
    installed.telegram.token, installed.telegram.api_base = TOKEN, telegram.url
    installed.telegram.proxy = proxy
    state, words = (await told(installed, texts))["telegram"]
    assert (state, "TELEGRAM__PROXY" in words) == ("bad", True)


async def test_the_web_chat_answers(installed: Settings, texts: Texts) -> None:
    async with Site('{"status":"ok"}') as url:
        installed.web.public_url = url
        assert (await told(installed, texts))["web"][0] == "ok"
    assert (await told(installed, texts))["web"][0] == "warn"
    async with Site("somebody else") as url:
        installed.web.public_url = url
        assert (await told(installed, texts))["web"][0] == "bad"


async def test_policy(installed: Settings, texts: Texts, telegram: FakeTelegram) -> None:
    assert (await told(installed, texts))["policy"][0] == "ok"
    installed.telegram.token, installed.telegram.api_base = TOKEN, telegram.url
    state, words = (await told(installed, texts))["policy"]
    assert (state, "государственное ли" in words) == ("warn", True)
    db = Database(installed.database_url)
    async with db.begin() as session:
        await region.set_setting(session, "institution", {"state": True})
    await db.close()
    state, words = (await told(installed, texts))["policy"]
    assert (state, "TELEGRAM__POLICY=info" in words) == ("warn", True)
    installed.telegram.policy = Policy.info
    state, words = (await told(installed, texts))["policy"]
    assert (state, "не касается человека" in words) == ("ok", True)


async def test_a_webhook_needs_https(installed: Settings, texts: Texts, telegram: FakeTelegram) -> None:
    webhook = Settings(
        _env_file=None,
        **installed.model_dump(exclude={"telegram", "web"}),
        web={**installed.web.model_dump(), "public_url": "http://marshrut.example"},
        telegram={"token": TOKEN, "api_base": telegram.url, "receive": "webhook"},
    )
    checks = {check.name: check for check in await _inside(webhook)}
    assert (checks["address"].state, checks["address"].key) == ("bad", "doctor-address.webhook")
    webhook.web.public_url = "https://marshrut.example"
    webhook.telegram.secret = "не тот"
    checks = {check.name: check for check in await _inside(webhook)}
    assert checks["address"].key == "doctor-address.hook-secret"
    webhook.telegram.secret = "long-Enough_1"
    checks = {check.name: check for check in await _inside(webhook)}
    assert checks["address"].state == "ok"


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("", "warn"),
        ("marshrut.example", "bad"),
        ("ftp://marshrut.example", "bad"),
        ("http://marshrut.example", "warn"),
        ("https://marshrut.example", "ok"),
        ("http://127.0.0.1:8080", "ok"),
    ],
)
async def test_the_address_of_the_site(installed: Settings, url: str, state: str) -> None:
    installed.web.public_url = url
    assert {check.name: check.state for check in await _inside(installed)}["address"] == state


async def test_a_secret_that_can_be_guessed(installed: Settings, texts: Texts) -> None:
    installed.web.secret = "password"
    state, words = (await told(installed, texts))["secret"]
    assert (state, "password" in words) == ("bad", False)


async def test_the_database_is_not_there(installed: Settings, texts: Texts, tmp_path: Path) -> None:
    installed.database_url = f"sqlite+aiosqlite:///{tmp_path / 'none.db'}"
    assert (await told(installed, texts))["database"][0] == "warn"
    assert not (tmp_path / "none.db").exists()
    installed.database_url = "postgresql+asyncpg://marshrut:hidden@127.0.0.1:9/marshrut"
    state, words = (await told(installed, texts))["database"]
    assert (state, "hidden" in words) == ("bad", False)
    for wrong in ("postgres", "mysql+nothing://x", "postgresql://u:hidden@h/x"):
        installed.database_url = wrong
        state, words = (await told(installed, texts))["database"]
        assert (state, "DATABASE_URL" in words, "hidden" in words) == ("bad", True, False)


async def test_a_file_that_is_no_database(installed: Settings, texts: Texts) -> None:
    installed.sqlite_path.write_bytes(b"not a database at all " * 500)
    assert (await told(installed, texts))["database"][0] == "bad"


async def test_migrations(installed: Settings, texts: Texts) -> None:
    db = Database(installed.database_url)
    assert (await told(installed, texts))["migrations"][0] == "ok"
    async with db.begin() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = 'from-the-future'"))
    state, words = (await told(installed, texts))["migrations"]
    assert (state, "from-the-future" in words) == ("bad", True)
    async with db.begin() as session:
        await session.execute(text("DELETE FROM alembic_version"))
    assert (await told(installed, texts))["migrations"][0] == "warn"
    await db.close()


async def test_the_clock(installed: Settings, texts: Texts) -> None:
    now = utcnow()
    db = Database(installed.database_url)
    async with db.begin() as session:
        session.add(Person(key="k" * 32, last_name="Иванова", first_name="Анна", created_at=now))
    await db.close()
    assert (await told(installed, texts, now=now))["clock"][0] == "ok"
    state, words = (await told(installed, texts, now=now - timedelta(hours=3)))["clock"]
    assert (state, "отстают" in words) == ("bad", True)
    state, words = (await told(installed, texts, now=now.replace(year=1970)))["clock"]
    assert (state, "1970" in words) == ("bad", True)


@pytest.mark.postgres
async def test_on_postgres(on_postgres: Settings, texts: Texts) -> None:
    now = utcnow()
    found = await told(on_postgres, texts, now=now)
    assert {found[name][0] for name in ("database", "migrations", "clock")} == {"ok"}
    for apart, state in ((timedelta(seconds=30), "warn"), (timedelta(minutes=10), "bad")):
        assert (await told(on_postgres, texts, now=utcnow() + apart))["clock"][0] == state
    on_postgres.web.secret = ""
    assert (await told(on_postgres, texts))["secret"][0] == "warn"


async def test_files(installed: Settings, texts: Texts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, state in ((10 << 30, "ok"), (500 << 20, "warn"), (10 << 20, "bad")):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: Usage(20 << 30, 0, free))
        assert (await told(installed, texts))["files"][0] == state
    (tmp_path / "occupied").touch()
    installed.files.dir = tmp_path / "occupied"
    assert (await told(installed, texts))["files"][0] == "bad"


async def test_backups(installed: Settings, texts: Texts) -> None:
    archive = installed.backup.dir / "marshrut.zip"
    assert (await told(installed, texts))["backups"][0] == "ok"
    old = (utcnow() - timedelta(days=2, minutes=1)).timestamp()
    os.utime(archive, (old, old))
    assert (await told(installed, texts))["backups"][0] == "warn"
    archive.unlink()
    assert (await told(installed, texts))["backups"][0] == "warn"
    db = Database(installed.database_url)
    async with db.begin() as session:
        mark = {"on": True, "people": 20, "seed": 1, "today": "2026-11-24", "filled": True}
        await region.set_setting(session, "demo", mark)
    await db.close()
    assert (await told(installed, texts))["backups"][0] == "ok"


async def test_the_region(installed: Settings, texts: Texts) -> None:
    assert "центр ещё не сверил" in (await told(installed, texts))["region"][1]
    installed.region.pack = "atlantis"
    assert (await told(installed, texts))["region"][0] == "bad"
    installed.region.pack, installed.region.timezone = "smolensk", "Europe/Atlantis"
    assert (await told(installed, texts))["region"][0] == "bad"


def test_by_the_command_line(tmp_path: Path) -> None:
    """On a bare machine nothing is bad; with a wrong setting the code is 1, the answer one array."""
    bare = run(tmp_path)
    assert bare.returncode == 0, bare.stderr
    assert "✗" not in bare.stdout
    ill = run(tmp_path, "--json", TELEGRAM__TOKEN="nonsense", DATABASE_URL=f"sqlite+aiosqlite:///{tmp_path / 'a.db'}")
    assert ill.returncode == 1
    found = {check["name"]: check for check in json.loads(ill.stdout)}
    assert found["telegram"]["state"] == "bad"
    assert found["telegram"]["words"].startswith("TELEGRAM__TOKEN не похож на токен")
    assert run(tmp_path, WEB__PORT="eighty").returncode == 2


async def _inside(settings: Settings) -> Any:
    from bot.services.doctor import examine

    return await examine(settings, now=utcnow(), demonstration=False)


def run(folder: Path, *args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """``python -m bot doctor`` in an empty folder."""
    return subprocess.run(
        [sys.executable, "-m", "bot", "doctor", *args],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


class Site:
    """A site on loopback that answers everything with the same words."""

    def __init__(self, body: str) -> None:
        self._body = body

    async def __aenter__(self) -> str:
        async def answer(_: server.Request) -> server.Response:
            return server.Response(text=self._body)

        app = server.Application()
        app.router.add_route("*", "/{path:.*}", answer)
        self._runner = server.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await server.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
