"""Open pages of registers: public kinds only, names with a consent only, nothing of a person's own words as markup."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.models import Role, ScopeKind
from bot.services import registers
from bot.services.access import Grant, Scope
from bot.services.registers import Draft, kinds
from bot.web.registers import RegisterPages
from tests.factories import NOW, make_organisation

STAFF = Scope(None, (Grant(Role.centre_staff, ScopeKind.region),))


@pytest.fixture
async def client(db: Database, settings: Settings, texts: Texts) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=RegisterPages(db, settings, texts, clock=lambda: NOW).routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080") as client:
        yield client


def words(answer: httpx.Response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).replace("\u00a0", " ").split())


async def save(db: Database, slug: str, draft: Draft) -> int:
    async with db.begin() as session:
        return await registers.save(session, STAFF, slug, draft, now=NOW, today=NOW.date())


async def test_public_registers_are_listed_and_internal_ones_are_not_there(
    db: Database, client: httpx.AsyncClient
) -> None:
    text = words(await client.get("/registers"))
    for kind in kinds().values():
        assert (kind.title in text) is kind.public, kind.slug
        answer = await client.get(f"/registers/{kind.slug}")
        assert answer.status_code == (200 if kind.public else 404), kind.slug
    await save(db, "agreements", Draft("Тайное", {"party": "Вуз", "type": "two"}))
    inside, nowhere = await client.get("/registers/agreements"), await client.get("/registers/nothing")
    assert (inside.status_code, inside.text) == (404, nowhere.text), "the same answer for internal and unknown"


async def test_a_page_search_and_pages(db: Database, client: httpx.AsyncClient) -> None:
    assert "Здесь пока пусто" in words(await client.get("/registers/communities"))
    for n in range(25):
        await save(
            db, "communities",
            Draft(f"Сообщество {n:02}", {"type": "rumo", "head": "Тайная А. И.", "link": "https://example.ru"}),
        )  # fmt: skip
    await save(db, "communities", Draft("<b>Жирное</b>", {"type": "omo"}))
    answer = await client.get("/registers/communities")
    assert "<b>Жирное" not in answer.text
    assert "Тайная" not in answer.text, "a field that is not public"
    assert 'href="https://example.ru"' in answer.text
    assert "Сообщество 24" in words(await client.get("/registers/communities?page=1"))
    found = words(await client.get("/registers/communities?q=сообщество 07"))
    assert "Сообщество 07" in found
    assert "Сообщество 08" not in found
    assert "ничего не нашлось" in words(await client.get("/registers/communities?q=абракадабра"))
    for odd in ("?page=-1", "?page=99999999999", "?q=%00", "?page=²", "?q='; drop table people; --"):
        assert (await client.get(f"/registers/communities{odd}")).status_code == 200


async def test_a_name_without_consent_is_not_shown(db: Database, client: httpx.AsyncClient) -> None:
    async with db.begin() as session:
        school = await make_organisation(session, "Школа № 1")
    hidden = {"direction": "Физика", "order": "№ 12"}
    await save(db, "experts", Draft("Молчащая Анна Ивановна", hidden, organisation_id=school.id))
    await save(db, "experts", Draft("Согласная Анна Ивановна", {**hidden, "consent_on": "2026-09-01"}))
    answer = await client.get("/registers/experts")
    assert "Согласная Анна Ивановна" in answer.text
    assert "Имя не публикуется" in answer.text
    for secret in ("Молчащая", "№ 12", "2026-09-01"):
        assert secret not in answer.text
    assert "Имя не публикуется" not in (await client.get("/registers/experts?q=молчащая")).text
