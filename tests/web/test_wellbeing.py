"""The page of the check: a result shown once, numbers that grow, and nothing else anywhere."""

from __future__ import annotations

import asyncio
import html
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text
from starlette.applications import Starlette
from starlette.requests import Request

from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.models import Base, HelpContact, Role, ScopeKind, WellbeingCounter
from bot.services import wellbeing
from bot.services.access import Grant, Scope
from bot.web.security import SafeHeaders
from bot.web.wellbeing import ANSWERS_PER_MINUTE, WellbeingPage
from tests.chat import Talk
from tests.conftest import NewcomerOn
from tests.factories import NOW, make_event

HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
SITE = "http://127.0.0.1:8080"
TODAY = NOW.date()
TIRED = {f"q{n}": "0" if n in (2, 5, 6) else "4" for n in range(8)}
FINE = {f"q{n}": "4" if n in (2, 5, 6) else "0" for n in range(8)}


class Moment:
    """The time of the page."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.fixture
async def site(db: Database, settings: Settings, texts: Texts) -> AsyncIterator[tuple[httpx.AsyncClient, Moment]]:
    clock = Moment()
    app = SafeHeaders(Starlette(routes=WellbeingPage(db, settings, texts, clock=clock).routes()), https=False)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SITE, headers={"Origin": SITE}) as client:
        yield client, clock


Site = tuple[httpx.AsyncClient, Moment]


def words(answer: httpx.Response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).replace("\u00a0", " ").split())


async def check_telephones(db: Database, *, on: date = TODAY) -> None:
    async with db.begin() as session:
        for contact in await session.scalars(select(HelpContact)):
            contact.checked_on = on


async def a_wave(db: Database, *, days: int = 14) -> int:
    await check_telephones(db)
    async with db.begin() as session:
        return await wellbeing.waves.open_wave(
            session, HEAD, title="Осень", instrument="express-1", opens_on=TODAY,
            closes_on=TODAY + timedelta(days=days), today=TODAY, now=NOW,
        )  # fmt: skip


async def counters(db: Database) -> dict[tuple[str, str, str], int]:
    async with db.read() as session:
        rows = await session.scalars(select(WellbeingCounter))
        return {(row.dimension, row.value, row.level): row.count for row in rows if row.count}


async def dump(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, hidden row numbers included."""
    number = "rowid, * " if db.is_sqlite else "*"
    found: dict[str, list[tuple[Any, ...]]] = {}
    async with db.read() as session:
        for name in sorted(Base.metadata.tables):
            rows = await session.execute(text(f'SELECT {number} FROM "{name}"'))
            found[name] = sorted((tuple(row) for row in rows), key=repr)
    return found


async def test_without_checked_telephones_the_page_is_closed(db: Database, site: Site) -> None:
    client, clock = site
    for answer in (await client.get("/wellbeing"), await client.post("/wellbeing", data=TIRED)):
        assert "Опрос временно закрыт" in words(answer)
        assert "из 100" not in words(answer)
    await check_telephones(db)
    assert "Показать результат" in words(await client.get("/wellbeing"))
    clock.now = NOW + timedelta(days=181)
    assert "Опрос временно закрыт" in words(await client.get("/wellbeing"))


async def test_a_result_is_shown_once_with_words_and_telephones(db: Database, site: Site) -> None:
    client, _ = site
    await check_telephones(db)
    async with db.begin() as session:
        await make_event(session, "Границы и силы", tags=["выгорание"], starts_at=NOW + timedelta(days=3))
    page = await client.get("/wellbeing")
    assert "8 вопросов о последнем месяце" in words(page)
    assert "опрос только для вас" in words(page), "no wave: nothing is counted"
    assert "Где вы работаете" not in words(page)
    answer = await client.post("/wellbeing", data=TIRED)
    said = words(answer)
    for part in ("Похоже, вам сейчас тяжело", "100 из 100", "112", "8 (495) 989-50-50", "не диагноз", "Границы и силы"):
        assert part in said
    assert answer.headers["cache-control"] == "no-store"
    assert "Похоже, сил пока хватает" in words(await client.post("/wellbeing", data=FINE))
    middle = await client.post("/wellbeing", data={f"q{n}": "2" for n in range(8)})
    assert "сил уходит больше, чем возвращается" in words(middle)
    assert "50 из 100" in words(middle)
    assert await counters(db) == {}


async def test_an_answer_grows_two_numbers(db: Database, site: Site) -> None:
    client, clock = site
    await a_wave(db)
    page = await client.get("/wellbeing")
    assert "Где вы работаете" in words(page)
    place = re.search(r'<option value="(\d+)"', page.text)
    assert place is not None
    await client.post("/wellbeing", data={**TIRED, "place": place[1], "stage": "primary"})
    await client.post("/wellbeing", data=FINE)
    await client.post("/wellbeing", data={**FINE, "place": "999999", "stage": "'; drop table"})
    assert await counters(db) == {
        ("place", place[1], "high"): 1, ("stage", "primary", "high"): 1,
        ("place", "none", "low"): 2, ("stage", "none", "low"): 2,
    }  # fmt: skip
    clock.now = NOW + timedelta(days=15)
    assert "100 из 100" in words(await client.post("/wellbeing", data=TIRED)), "after the wave: only for oneself"
    assert sum((await counters(db)).values()) == 6


async def test_what_is_missing_is_asked_for_and_kept_on_the_page(db: Database, site: Site) -> None:
    client, _ = site
    await a_wave(db)
    for wrong in ({"q7": ""}, {"q7": "5"}, {"q7": "-1"}, {"q7": "9" * 500}, {"q7": "два"}):
        answer = await client.post("/wellbeing", data={**TIRED, **wrong, "stage": "basic"})
        assert answer.status_code == 422
        assert "Ответьте, пожалуйста, на все вопросы" in words(answer)
        assert answer.text.count(" checked>") == 7
        assert '<option value="basic" selected>' in answer.text
    assert await counters(db) == {}


async def test_no_header_of_a_person_is_read_or_given(
    db: Database, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _ = site
    await a_wave(db)
    bare = [await client.get("/wellbeing"), await client.post("/wellbeing", data=TIRED)]

    def refuse(_request: Request) -> None:
        raise AssertionError("a cookie was read")

    monkeypatch.setattr(Request, "cookies", property(refuse))
    seen: list[list[bytes]] = []
    form = Request.form

    def watched(request: Request, **given: Any) -> Any:
        seen.append([name for name, _ in request.headers.raw])
        return form(request, **given)

    monkeypatch.setattr(Request, "form", watched)
    mine = {"Cookie": "chat=secret; marshrut_staff=secret", "User-Agent": "Моя".encode().hex(), "Referer": f"{SITE}/x"}
    known = [await client.get("/wellbeing", headers=mine), await client.post("/wellbeing", data=TIRED, headers=mine)]
    assert [answer.text for answer in known] == [answer.text for answer in bare]
    for answer in (*bare, *known):
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"
    assert set(seen[0]) <= {b"content-type", b"content-length", b"host", b"origin", b"sec-fetch-site"}


async def test_a_flood_is_held_back_and_a_foreign_page_sends_nothing(
    db: Database, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _ = site
    await a_wave(db)
    monkeypatch.setattr("bot.web.security.monotonic", lambda: 1000.0)
    assert (await client.post("/wellbeing", data=TIRED, headers={"Origin": "https://evil.example"})).status_code == 403
    assert await counters(db) == {}
    wrong = [(await client.post("/wellbeing", data={"q0": "1"})).status_code for _ in range(ANSWERS_PER_MINUTE - 1)]
    assert set(wrong) == {422}
    assert [(await client.post("/wellbeing", data=TIRED)).status_code for _ in range(3)] == [200, 429, 429]
    assert sum((await counters(db)).values()) == 2


@pytest.mark.parametrize("base", ["sqlite", pytest.param("x@postgres", marks=pytest.mark.postgres)])
async def test_answers_at_once_are_all_counted(db: Database, site: Site, base: str) -> None:
    client, _ = site
    await a_wave(db)
    await asyncio.gather(*(client.post("/wellbeing", data=TIRED if n % 2 else FINE) for n in range(40)))
    assert await counters(db) == {
        (dimension, "none", level): 20 for dimension in ("place", "stage") for level in ("low", "high")
    }


@pytest.mark.parametrize("base", ["sqlite", pytest.param("x@postgres", marks=pytest.mark.postgres)])
async def test_a_dump_of_everything_ties_no_answer_to_a_person_or_a_time(
    db: Database, settings: Settings, texts: Texts, newcomer_on: NewcomerOn, base: str,
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Five people come from their chats and answer; before and after, every row of every table but the numbers is
    the same, whoever answered what in whatever order; the journal of the database is empty, nothing is logged."""
    clock = Moment()
    app = Starlette(routes=WellbeingPage(db, settings, texts, clock=clock).routes())
    await a_wave(db)
    people: list[Talk] = []
    for _ in range(5):
        talk = await newcomer_on("web")
        await talk.says("/start")
        await talk.says("Самочувствие")
        assert talk.sees("Ответы не связаны с вашим именем")
        people.append(talk)
    before = await dump(db)
    capfd.readouterr()
    for number, talk in enumerate(people):
        cookies = dict(talk.http.cookies)  # type: ignore[attr-defined]
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url=SITE, headers={"Origin": SITE}, cookies=cookies
        ) as client:
            clock.now += timedelta(minutes=7)
            await client.get("/wellbeing")
            await client.post("/wellbeing", data={**(TIRED if number % 2 else FINE), "stage": "basic"})
    after = await dump(db)
    assert {name for name in after if after[name] != before[name]} == {"wellbeing_counters"}
    shape = [row[:-1] for row in before["wellbeing_counters"]]
    assert [row[:-1] for row in after["wellbeing_counters"]] == shape, "the same rows in the same places"
    grown = sum(row[-1] for row in after["wellbeing_counters"])
    assert grown == 2 * len(people)
    # The other order of the same answers leaves the same database, to the byte of every row.
    async with db.begin() as session:
        await session.execute(text("UPDATE wellbeing_counters SET count = 0"))
    for number in (3, 1, 4, 0, 2):
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url=SITE, headers={"Origin": SITE}
        ) as client:
            await client.post("/wellbeing", data={**(TIRED if number % 2 else FINE), "stage": "basic"})
    assert await dump(db) == after
    said = capfd.readouterr()
    assert "wellbeing" not in said.out + said.err + caplog.text
    if db.is_sqlite:
        journal = settings.sqlite_path.with_name(settings.sqlite_path.name + "-wal")
        assert not journal.exists() or journal.stat().st_size == 0
        with closing(sqlite3.connect(settings.sqlite_path)) as other:
            assert other.execute("SELECT sum(count) FROM wellbeing_counters").fetchone() == (grown,)
    columns = {column.name for column in Base.metadata.tables["wellbeing_counters"].columns}
    assert columns == {"wave_id", "dimension", "value", "level", "count"}, "there is nowhere to write more"
