"""``/go``: leads to the stored link only, counts openings of people, keeps nothing about them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update
from starlette.applications import Starlette

from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.models import Broadcast, BroadcastKind, BroadcastOpening, BroadcastState, Messenger
from bot.services.broadcasts import openings
from bot.ui.screen import Button, Screen
from bot.web.broadcasts import BroadcastLinks
from tests.factories import NOW

PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 Chrome/126.0 Mobile"}
LINK = "https://edu.example/урок?id=5&to=https://b.example"


async def make(db: Database, **more: Any) -> int:
    given: dict[str, Any] = {
        "kind": BroadcastKind.news, "title": "Новость", "body": "Текст", "link_url": LINK,
        "state": BroadcastState.done, "starts_at": NOW, "expires_at": NOW + timedelta(days=14), "created_at": NOW,
    }  # fmt: skip
    async with db.begin() as session:
        row = Broadcast(**(given | more))
        session.add(row)
        await session.flush()
        return row.id


async def counts(db: Database) -> dict[tuple[str, date], int]:
    async with db.read() as session:
        rows = await session.scalars(select(BroadcastOpening))
        return {(row.messenger.value, row.on_day): row.times for row in rows}


@pytest.fixture
async def site(db: Database, settings: Settings, texts: Texts) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=BroadcastLinks(db, settings, texts, clock=lambda: NOW).routes())
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080", headers=PHONE
    ) as client:
        yield client


@pytest.mark.parametrize("where", ["sqlite", pytest.param("@postgres", marks=pytest.mark.postgres)])
async def test_presses_are_counted_by_messenger_and_day(db: Database, site: httpx.AsyncClient, where: str) -> None:
    number = await make(db)
    for messenger in ("vk", "vk", "max"):
        answer = await site.get(f"/go/{number}/{messenger}")
        assert answer.status_code == 302
        assert httpx.URL(answer.headers["location"]) == httpx.URL(LINK)
        assert "set-cookie" not in answer.headers
        assert answer.headers["referrer-policy"] == "no-referrer"
    today = NOW.date()
    assert await counts(db) == {("vk", today): 2, ("max", today): 1}
    async with db.begin() as session:
        await openings.opened(session, number, Messenger.vk, on=today + timedelta(days=1))
        await openings.opened(session, number, Messenger.vk, on=today + timedelta(days=1))
    assert (await counts(db))["vk", today + timedelta(days=1)] == 2
    held = {column.name for column in BroadcastOpening.__table__.columns}
    assert held == {"broadcast_id", "messenger", "on_day", "times"}, "nothing of a person"


async def test_what_looks_ahead_is_led_on_and_not_counted(db: Database, site: httpx.AsyncClient) -> None:
    number = await make(db)
    assert (await site.head(f"/go/{number}/vk")).status_code == 302
    for headers in (
        {"User-Agent": "TelegramBot (like TwitterBot)"},
        {"User-Agent": "Mozilla/5.0 (compatible; vkShare; +http://vk.com/dev/Share)"},
        {"User-Agent": "Mozilla/5.0 (compatible; YandexBot/3.0)"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
    ):
        assert (await site.get(f"/go/{number}/vk", headers=headers)).status_code == 302, headers
    assert await counts(db) == {}


async def test_an_old_message_still_leads_and_a_waiting_one_does_not(db: Database, site: httpx.AsyncClient) -> None:
    number = await make(db, expires_at=NOW - timedelta(days=100))
    assert (await site.get(f"/go/{number}/web")).status_code == 302, "the message is still in the chat"
    async with db.begin() as session:
        await session.execute(update(Broadcast).values(state=BroadcastState.draft))
    assert (await site.get(f"/go/{number}/web")).status_code == 404


async def test_nothing_but_a_stored_link_is_followed(db: Database, site: httpx.AsyncClient) -> None:
    number, bare = await make(db), await make(db, link_url="")
    plain = await make(db, link_url="javascript:alert(1)")
    for path in (
        f"/go/{bare}/vk", f"/go/{plain}/vk", f"/go/{plain + 1}/vk", f"/go/{number}/icq", "/go/%D9%A1/vk",
        f"/go/{10**30}/vk", "/go/-1/vk", "/go/evil.example/vk", f"/go/{number}", f"/go/{number}/vk/evil.example",
        "/go//evil.example", "/go/https://evil.example/vk",
    ):  # fmt: skip
        answer = await site.get(path)
        assert answer.status_code == 404, path
        assert "location" not in answer.headers
    answer = await site.get(
        f"/go/{number}/vk?to=https://evil.example&url=//evil.example", headers={"Host": "evil.example"}
    )
    assert answer.headers["location"].startswith("https://edu.example/")
    assert sum((await counts(db)).values()) == 1


def test_what_leaves_with_our_address() -> None:
    screen = Screen("Текст", ((Button("Читать", url=LINK),), (Button("Выключить", "=broadcasts:off:news"),)))

    def url(kind: str, messenger: Messenger = Messenger.vk, base: str = "https://m.example") -> str:
        made = openings.counted(screen, kind, messenger, base)
        assert made.rows[1] == screen.rows[1]
        return made.rows[0][0].url

    assert url("rubric:7") == "https://m.example/go/7/vk"
    assert url("broadcast:7", Messenger.max) == "https://m.example/go/7/max"
    assert url("broadcast-test:7") == LINK, "a test to oneself is not a reader"
    assert url("event-tomorrow:7") == LINK
    # Nobody outside can open a site without https.
    assert url("rubric:7", base="http://127.0.0.1:8080") == LINK
    assert url("rubric:7", Messenger.web, "http://127.0.0.1:8080") == "http://127.0.0.1:8080/go/7/web"
