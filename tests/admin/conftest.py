"""A browser for the staff's pages: real application, real database, only the socket is pretend."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from admin.app import build_admin
from bot.config import ROOT, Settings
from bot.db import Database
from bot.i18n import Texts
from bot.models import Person, Role, ScopeKind
from bot.services import region, staff
from tests.factories import NOW, give_role, make_person

SITE = "http://127.0.0.1:8080"


class Clock:
    """The time of the admin under test."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **kwargs: float) -> None:
        self.now += timedelta(**kwargs)


class Browser:
    """One person's browser: opens pages, fills forms, follows answers."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.answer: httpx.Response | None = None

    async def opens(self, path: str, **query: Any) -> int:
        """The status of a page of the admin."""
        url = path if path.startswith("http") else f"/admin{path}"
        self.answer = await self.client.get(url, params=query or None, follow_redirects=True)
        return self.answer.status_code

    async def sends(self, path: str, **fields: Any) -> int:
        """The status after a form, redirects followed."""
        url = path if path.startswith("http") else f"/admin{path}"
        headers = {"Origin": SITE}
        self.answer = await self.client.post(url, data=fields, headers=headers, follow_redirects=True)
        return self.answer.status_code

    @property
    def last(self) -> httpx.Response:
        assert self.answer is not None
        return self.answer

    @property
    def path(self) -> str:
        return self.last.url.path

    @property
    def text(self) -> str:
        """The words of the page, without tags."""
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", self.last.text)).replace("\u00a0", " ").split())

    def sees(self, *words: str) -> bool:
        return all(word in self.text for word in words)


NewBrowser = Callable[[], Browser]
SignIn = Callable[..., Awaitable[Browser]]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def texts() -> Texts:
    """One's own, since staff change wording in these tests."""
    return Texts(ROOT / "locales", strict=True)


@pytest.fixture
async def new_browser(db: Database, settings: Settings, texts: Texts, clock: Clock) -> AsyncIterator[NewBrowser]:
    """Browsers of different people over one admin."""
    app = Starlette(routes=[Mount("/admin", build_admin(db, settings, texts, clock=clock))])
    clients: list[httpx.AsyncClient] = []

    def make() -> Browser:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SITE)
        clients.append(client)
        return Browser(client)

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
def browser(new_browser: NewBrowser) -> Browser:
    return new_browser()


@pytest.fixture
async def sign_in(db: Database, clock: Clock, new_browser: NewBrowser) -> SignIn:
    """A browser of somebody who is signed in already; the ways in have their own tests."""

    async def enter(
        person: Person | None, role: Role, kind: ScopeKind = ScopeKind.region, place: int | None = None
    ) -> Browser:
        async with db.begin() as session:
            await region.set_setting(session, "demo", {"on": True})
            person = person or await make_person(session, f"Служащая {role.value.title()} Ивановна")
            await give_role(session, person, role, kind, place)
            url = await staff.signin_link(
                session, person.id, role=role.value, reusable=True, now=clock.now, public_url=SITE
            )
        browser = new_browser()
        await browser.opens(url)
        return browser

    return enter
