"""Keepers are told once a week of what wants a look; links are asked at night, marked and never deleted."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import date, timedelta

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import select

from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.jobs import registers as jobs
from bot.models import Outbox, RegisterRecord, Role, ScopeKind
from bot.services import catalogue, registers
from bot.services.access import Grant, Scope
from bot.services.practices import looking
from bot.services.registers import Draft
from tests.factories import NOW, give_role, make_person
from tests.services.test_catalogue import WEBINAR
from tests.web.test_practices import a_practice

STAFF = Scope(None, (Grant(Role.centre_staff, ScopeKind.region),))
TODAY = NOW.date()


async def keeper(db: Database, *slugs: str) -> int:
    async with db.begin() as session:
        person = await make_person(session)
        await give_role(session, person, Role.centre_staff)
        for slug in slugs:
            await registers.appoint(session, STAFF, slug, person.id, now=NOW)
    return person.id


async def letters(db: Database) -> list[str]:
    async with db.read() as session:
        return [row.screen["text"] for row in await session.scalars(select(Outbox).order_by(Outbox.id))]


async def test_the_keeper_is_told_once_a_week(db: Database, texts: Texts, settings: Settings) -> None:
    await keeper(db, "agreements", "documents")
    async with db.begin() as session:
        await registers.confirm(session, STAFF, "documents", now=NOW, today=TODAY)
        await registers.confirm(session, STAFF, "agreements", now=NOW, today=TODAY)
    assert await jobs.remind(db, texts, settings, now=NOW) == 0, "fresh registers want nothing"
    async with db.begin() as session:
        draft = Draft("Кончается", {"party": "Вуз", "type": "two"}, ends_on=TODAY + timedelta(days=60))
        await registers.save(session, STAFF, "agreements", draft, now=NOW, today=TODAY)
        draft = Draft("Ещё долго", {"party": "Вуз", "type": "two"}, ends_on=TODAY + timedelta(days=61))
        await registers.save(session, STAFF, "agreements", draft, now=NOW, today=TODAY)
    assert await jobs.remind(db, texts, settings, now=NOW) == 1
    assert await jobs.remind(db, texts, settings, now=NOW + timedelta(days=1)) == 0
    (letter,) = await letters(db)
    assert "Соглашения и договоры" in letter
    assert "скоро закончится срок: 1" in letter
    assert "Принятые документы" not in letter
    assert await jobs.remind(db, texts, settings, now=NOW + timedelta(days=7)) == 1
    assert await jobs.remind(db, texts, settings, now=NOW + timedelta(days=360)) == 1
    assert "проверить до 24.11.2027" in (await letters(db))[-1]


async def linked(db: Database, *urls: str) -> None:
    async with db.begin() as session:
        for n, url in enumerate(urls):
            draft = Draft(f"Сообщество {n}", {"type": "rumo", "link": url})
            await registers.save(session, STAFF, "communities", draft, now=NOW, today=TODAY)


async def marks(db: Database) -> list[bool]:
    async with db.read() as session:
        rows = await session.scalars(select(RegisterRecord).order_by(RegisterRecord.id))
        return [row.link_broken_on is not None for row in rows]


async def test_links_are_marked_never_deleted(db: Database, settings: Settings) -> None:
    await linked(db, "https://a.example/", "https://b.example/", "https://c.example/")
    asked: list[str] = []
    answers: dict[str, bool | None] = {
        "https://a.example/": True,
        "https://b.example/": False,
        "https://c.example/": None,
    }

    async def ask(url: str) -> bool | None:
        asked.append(url)
        return answers[url]

    assert await jobs.check_links(db, settings, now=NOW, ask=ask) == 1
    assert await marks(db) == [False, True, False]
    asked.clear()
    await jobs.check_links(db, settings, now=NOW + timedelta(days=1), ask=ask)
    assert sorted(asked) == ["https://b.example/", "https://c.example/"], "the good one is asked in a week"
    answers["https://b.example/"] = True
    assert await jobs.check_links(db, settings, now=NOW + timedelta(days=2), ask=ask) == 0
    assert await marks(db) == [False, False, False]


@pytest.mark.parametrize("in_region", [True])
async def test_links_of_practices_are_asked_too(db: Database, settings: Settings, in_region: bool) -> None:
    good = await a_practice(db, settings, title="Открывается", link="https://a.example/", certificate_no="П-1")
    gone = await a_practice(db, settings, title="Пропала", link="https://b.example/", certificate_no="П-2")
    await a_practice(db, settings, title="Без ссылки", certificate_no="П-3")
    answers = {"https://a.example/": True, "https://b.example/": False}

    async def ask(url: str) -> bool | None:
        return answers[url]

    async def broken(number: int) -> bool:
        async with db.read() as session:
            card = await looking.card(session, number, None)
            assert card.link, "nothing is taken away"
            return card.link_broken

    assert await jobs.check_links(db, settings, now=NOW, ask=ask) == 1
    assert (await broken(good.id), await broken(gone.id)) == (False, True)
    answers["https://b.example/"] = True
    assert await jobs.check_links(db, settings, now=NOW + timedelta(days=1), ask=ask) == 0
    assert not await broken(gone.id)


@pytest.mark.parametrize("in_region", [True])
async def test_links_of_the_catalogue_are_asked_too(db: Database, settings: Settings, in_region: bool) -> None:
    good, gone = replace(WEBINAR, link="https://a.example/"), replace(WEBINAR, code="w2", link="https://b.example/")
    async with db.begin() as session:
        ids = [await catalogue.save(session, STAFF, draft, now=NOW) for draft in (good, gone)]
    asked: list[str] = []
    answers = {"https://a.example/": True, "https://b.example/": False, "https://c.example/": False}

    async def ask(url: str) -> bool | None:
        asked.append(url)
        return answers[url]

    async def since() -> list[date | None]:
        async with db.read() as session:
            return [(await catalogue.card(session, number)).line.link_broken_on for number in ids]

    assert await jobs.check_links(db, settings, now=NOW, ask=ask) == 1
    assert await since() == [None, TODAY]
    asked.clear()
    assert await jobs.check_links(db, settings, now=NOW + timedelta(days=1), ask=ask) == 1
    assert asked == ["https://b.example/"], "the good one is asked in a week"
    assert await since() == [None, TODAY], "the day on which it was found gone"
    async with db.begin() as session:
        about = replace(gone, about="Теперь с записью")
        await catalogue.save(session, STAFF, about, activity_id=ids[1], now=NOW)
    assert await since() == [None, TODAY], "another word does not mend a link"
    async with db.begin() as session:
        mended = replace(gone, link="https://c.example/")
        await catalogue.save(session, STAFF, mended, activity_id=ids[1], now=NOW)
    assert await since() == [None, None], "nothing is known of another address"
    asked.clear()
    later = NOW + timedelta(days=1)
    assert await jobs.check_links(db, settings, now=later, ask=ask) == 1
    assert asked == ["https://c.example/"], "it is asked the same night"
    assert await since() == [None, later.date()]
    answers["https://c.example/"] = True
    assert await jobs.check_links(db, settings, now=NOW + timedelta(days=2), ask=ask) == 0
    assert await since() == [None, None]


async def test_a_closed_network_marks_nothing(db: Database, settings: Settings) -> None:
    await linked(db, "https://a.example/", "https://b.example/")

    async def ask(url: str) -> bool | None:
        return None

    assert await jobs.check_links(db, settings, now=NOW, ask=ask) == 0
    assert await marks(db) == [False, False]


@pytest.mark.parametrize(("status", "opens"), [(200, True), (301, True), (404, False), (410, False), (503, None)])
async def test_what_a_server_says(monkeypatch: pytest.MonkeyPatch, status: int, opens: bool | None) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status)

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        async with aiohttp.ClientSession() as client:
            url = f"http://127.0.0.1:{port}/"
            assert await jobs.opens(client, url) is None, "an address inside is never asked"

            async def outside(host: str) -> bool:
                return True

            monkeypatch.setattr(jobs, "_is_outside", outside)
            assert await jobs.opens(client, url) is opens
            assert await jobs.opens(client, "ftp://127.0.0.1/") is None
            assert await jobs.opens(client, "http://[") is None
    finally:
        await runner.cleanup()
