"""A running demonstration and a real browser before it, for every test_browser*.py."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.config import ROOT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not on this machine: browser tests did not run"),
]


@dataclass
class Site:
    """The running system; ``command`` calls another command on the same database."""

    url: str
    environment: dict[str, str]

    def command(self, *words: str) -> Any:
        answer = subprocess.run(
            [sys.executable, "-m", "bot", *words, "--json"],
            env=self.environment, cwd=ROOT, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return json.loads(answer.stdout)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running demonstration of the module's own: what one file writes, no other sees."""
    folder = tmp_path_factory.mktemp("site")
    source = _demonstration(tmp_path_factory)
    with closing(sqlite3.connect(source / "site.db")) as filled, closing(sqlite3.connect(folder / "site.db")) as own:
        filled.backup(own)
    if (source / "files").exists():
        shutil.copytree(source / "files", folder / "files")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = _environment(folder) | {"WEB__PORT": str(port)}
    log = (folder / "log").open("w")
    process = subprocess.Popen([sys.executable, "-m", "bot", "run"], env=environment, cwd=ROOT, stderr=log, stdout=log)
    site = Site(f"http://127.0.0.1:{port}", environment)
    try:
        _wait(site, process, Path(log.name))
        yield site
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, Path(log.name).read_text()
    finally:
        process.kill()
        log.close()


def _environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'site.db'}",
        "FILES__DIR": str(folder / "files"),
        "WEB__SECRET": "browser-test-" * 4,
    }


def _demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Filled once a run, by whichever worker comes first; nothing ever runs on it."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "demonstration"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "filled").exists():
            (shared / "site.db").unlink(missing_ok=True)
            subprocess.run(
                [sys.executable, "-m", "bot", "demo", "--people", "40", "--seed", "5"],
                env=_environment(shared), cwd=ROOT, check=True,
            )  # fmt: skip
            (shared / "filled").touch()
    return shared


def _wait(site: Site, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{site.url}/healthz", timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the system did not start: {log.read_text()}")


def fits(page: Page) -> None:
    """Nothing scrolls sideways. Waits: just after a click there may be no document yet."""
    page.wait_for_function("document.documentElement && document.documentElement.scrollWidth > 0")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} scrolls sideways"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


class Chat:
    """A phone with the web chat open; every complaint of the browser fails the test."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self.page = browser.new_page(viewport={"width": 360, "height": 740})
        self.complaints = watched(self.page, site)
        self.page.goto(site.url)

    def sees(self, words: str) -> None:
        expect(self.page.locator(".log article").last).to_contain_text(words)

    def presses(self, label: str) -> None:
        self.page.locator(".log article").last.get_by_role("button", name=label, exact=True).click()

    def says(self, text: str) -> None:
        self.page.get_by_role("textbox", name="Сообщение").fill(text)
        self.page.get_by_role("button", name="Отправить").click()


def watched(page: Page, site: Site) -> list[str]:
    """What the browser complains of from now on; a request to anybody else is a complaint too."""
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith(site.url) else complaints.append(f"foreign: {r.url}"))
    return complaints


@pytest.fixture
def chat(chromium: Browser, site: Site) -> Iterator[Chat]:
    chat = Chat(chromium, site)
    yield chat
    assert chat.complaints == []
    chat.page.close()


def register(chat: Chat, name: str) -> None:
    chat.sees("Здравствуйте. Это «Маршрут»")
    chat.presses("Познакомиться")
    chat.sees("Согласие 1 из 2")
    chat.presses("Даю согласие")
    chat.sees("Согласие 2 из 2")
    chat.presses("Без приглашений")
    chat.sees("Шаг 1 из 6")
    chat.says(name)
    chat.sees("Шаг 2 из 6")
    chat.says("гимназия 4 вязьма")
    chat.sees("Выберите своё место работы")
    chat.presses("1")
    chat.sees("Шаг 3 из 6")
    chat.presses("Учитель")
    chat.sees("Шаг 4 из 6")
    chat.presses("Математика")
    chat.sees("Отмечено: Математика")
    chat.presses("Дальше")
    chat.sees("Шаг 5 из 6")
    chat.says("1990 2014")
    chat.sees("Шаг 6 из 6")
    chat.presses("Всё верно")
    chat.sees("Профиль готов")
