"""Papers in the admin: what each role may print, words kept before printing, a workbook made beside the request."""

from __future__ import annotations

import asyncio
import html
import io
import re

import pytest
from docx import Document
from openpyxl import load_workbook

from bot.db import Database
from bot.models import Role, ScopeKind
from tests.admin.conftest import SignIn
from tests.admin.test_indicators import World, world

__all__ = ["world"]


@pytest.fixture
def in_region() -> bool:
    return True


async def test_the_head_edits_the_words_and_prints_them(sign_in: SignIn, world: World) -> None:
    head = await sign_in(None, Role.centre_head)
    assert await head.opens("/indicators") == 200
    assert head.sees("Бумаги")
    assert await head.opens("/indicators/papers") == 200
    assert head.sees("Справка (DOCX)", "Плакат на страницу (PDF)", "не хватает")
    assert await head.sends("/indicators/papers/texts", conclusions="Дошли до половины.", decisions="") == 200
    assert head.sees("Слова сохранены", "Дошли до половины.", "поправлено")
    # What was left as drafted stays a draft.
    drafted = re.search(r'name="recommendations"[^>]*>([^<]*)<', head.last.text)
    assert drafted is not None
    same = html.unescape(drafted[1]).replace("\n", "\r\n")
    assert await head.sends("/indicators/papers/texts", conclusions="Дошли до половины.", recommendations=same) == 200
    assert head.text.count("поправлено") == 1
    assert await head.opens("/indicators/papers/report.docx") == 200
    words = [paragraph.text for paragraph in Document(io.BytesIO(head.last.content)).paragraphs]
    assert "10.1. Дошли до половины." in words
    assert await head.opens("/indicators/papers/poster.pdf") == 200
    assert head.last.content.startswith(b"%PDF")
    assert await head.opens("/indicators/papers/other.docx") == 404
    assert await head.opens("/indicators/papers", period="2031") == 422
    assert head.sees("ещё не начался")


async def test_a_frozen_snapshot_is_printed_as_it_was(sign_in: SignIn, world: World) -> None:
    head = await sign_in(None, Role.centre_head)
    await head.sends("/indicators/snapshots", period="2026", on="")
    page = head.path.removeprefix("/admin")
    number = page.rsplit("/", 1)[-1]
    await head.sends(f"{page}/approve", order_no="118", order_date="24.11.2026")
    assert f"/admin/indicators/papers?snapshot={number}" in head.last.text
    assert await head.opens("/indicators/papers", snapshot=number) == 200
    assert head.sees("заморожен")
    assert await head.opens("/indicators/papers/table.xlsx", snapshot=number) == 200
    top = load_workbook(io.BytesIO(head.last.content))["Показатели"]["A2"].value
    assert "118" in str(top)
    assert await head.opens("/indicators/papers", snapshot="999") == 404
    assert await head.opens("/indicators/papers", snapshot="x") == 404


async def test_lists_are_made_beside_and_only_for_those_who_see_names(
    db: Database, sign_in: SignIn, world: World
) -> None:
    head = await sign_in(None, Role.centre_head)
    assert await head.sends("/indicators/papers/lists") == 200
    for _ in range(100):
        await head.opens("/indicators/papers/progress")
        if "files/" in head.last.text:
            break
        await asyncio.sleep(0.05)
    link = head.last.text.split('href="', 1)[1].split('"', 1)[0].removeprefix("/admin")
    assert await head.opens(link) == 200
    assert "SMO-I05" in load_workbook(io.BytesIO(head.last.content)).sheetnames
    other = await sign_in(None, Role.centre_head)
    assert await other.opens(link) == 404
    analyst = await sign_in(None, Role.analyst)
    assert await analyst.opens("/indicators/papers") == 200
    assert not analyst.sees("Таблица со списками людей")
    assert analyst.sees("Справка (DOCX)")
    assert await analyst.sends("/indicators/papers/lists") == 403


async def test_the_table_of_one_municipality(sign_in: SignIn, world: World) -> None:
    head = await sign_in(None, Role.centre_head)
    assert await head.opens("/indicators/papers") == 200
    assert head.sees("Таблица одного муниципалитета")
    assert await head.opens("/indicators/papers/table.xlsx", municipality=world.home.id) == 200
    places = load_workbook(io.BytesIO(head.last.content))["По муниципалитетам"]
    assert {row[2] for row in places.iter_rows(min_row=2, values_only=True) if row[2]} == {world.home.name}
    # The справка is about the region.
    assert await head.opens("/indicators/papers/report.docx", municipality=world.home.id) == 403
    coordinator = await sign_in(None, Role.municipal_coordinator, ScopeKind.municipality, world.home.id)
    assert await coordinator.opens("/indicators/papers/table.xlsx", municipality=world.other.municipality_id) == 403


async def test_a_coordinator_prints_only_her_table(sign_in: SignIn, world: World) -> None:
    coordinator = await sign_in(None, Role.municipal_coordinator, ScopeKind.municipality, world.home.id)
    assert await coordinator.opens("/indicators/papers") == 200
    assert not coordinator.sees("Справка (DOCX)")
    assert coordinator.sees("Справку о регионе печатает центр")
    assert await coordinator.opens("/indicators/papers/report.docx") == 403
    assert await coordinator.opens("/indicators/papers/table.xlsx") == 200
    assert "Школа у реки" not in str(coordinator.last.content)
