"""The catalogue in the admin: list, filters, card, editing, archive, sheet, and who may do it."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest
from sqlalchemy import select

from bot.config import ROOT
from bot.db import Database
from bot.models import Activity, Role
from bot.services import catalogue
from bot.services.catalogue import links
from tests.admin.conftest import SignIn
from tests.factories import NOW

WEBINAR = {
    "title": "Вебинар о вопросах",
    "kind": "webinar",
    "form": "distance",
    "hours": "2",
    "organiser": "Центр",
    "groups": ["method", "communication"],
    "starts_on": "2026-12-10",
    "seats": "30",
}


@pytest.fixture
def in_region() -> bool:
    return True


async def filled(db: Database) -> None:
    async with db.begin() as session:
        await catalogue.load_file(session, ROOT / "data" / "demo" / "catalogue.yaml", today=NOW.date(), now=NOW)


async def test_list_search_filters_and_sheet(db: Database, sign_in: SignIn) -> None:
    await filled(db)
    browser = await sign_in(None, Role.methodist)
    assert await browser.opens("/catalogue") == 200
    assert browser.sees("1–15 из")
    assert not browser.sees("Добавить занятие")
    await browser.opens("/catalogue", q="нейросити")
    assert browser.sees("Нейросети на уроке")
    await browser.opens("/catalogue", kind="internship", group="quality")
    assert browser.sees("Стажировка управленческих команд")
    assert not browser.sees("датчиками")
    await browser.opens("/catalogue", q="аквалангист")
    assert browser.sees("Ничего не нашлось")
    await browser.opens("/catalogue.xlsx", subject="math")
    rows = list(openpyxl.load_workbook(io.BytesIO(browser.last.content)).active.values)  # type: ignore[union-attr]
    assert {row[0] for row in rows[1:]} == {"d-02", "k-03", "r-01"}
    assert await browser.opens("/catalogue", kind="nonsense", page="9999") == 200


async def test_links_that_do_not_open_are_shown_and_found(db: Database, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_staff)
    for title, link in (("Жива", "https://a.example/"), ("Пропала", "https://b.example/")):
        await browser.sends("/catalogue/new", **{**WEBINAR, "title": title, "link": link})
    async with db.begin() as session:
        numbers = {row.title: row.id for row in await session.scalars(select(Activity))}
        await links.settle(session, {numbers["Пропала"]: False, numbers["Жива"]: True}, today=date(2026, 11, 22))
    await browser.opens("/")
    assert browser.sees("В каталоге 1 ссылка не открывается")
    await browser.opens("/catalogue", broken="yes")
    assert browser.sees("Пропала")
    assert browser.sees("ссылка не открывается с 22.11.2026")
    assert not browser.sees("Жива")
    await browser.opens("/catalogue.xlsx", broken="yes")
    rows = list(openpyxl.load_workbook(io.BytesIO(browser.last.content)).active.values)  # type: ignore[union-attr]
    assert [row[2] for row in rows[1:]] == ["Пропала"]
    await browser.opens(f"/catalogue/{numbers['Пропала']}")
    assert browser.sees("ссылка не открывается с 22.11.2026")
    await browser.opens(f"/catalogue/{numbers['Жива']}")
    assert not browser.sees("не открывается")
    mended = {**WEBINAR, "title": "Пропала", "link": "https://c.example/"}
    await browser.sends(f"/catalogue/{numbers['Пропала']}/edit", **mended)
    await browser.opens("/catalogue", broken="yes")
    assert browser.sees("Ничего не нашлось")
    await browser.opens("/")
    assert not browser.sees("не открывается")


async def test_add_change_and_archive(db: Database, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_staff)
    assert await browser.opens("/catalogue/new") == 200
    assert await browser.sends("/catalogue/new", **WEBINAR) == 200
    assert browser.sees("Занятие сохранено", "Вебинар о вопросах", "Методические, Коммуникативные", "10.12.2026")
    async with db.read() as session:
        number = await session.scalar(select(Activity.id))
    assert await browser.opens(f"/catalogue/{number}/edit") == 200
    assert 'value="2026-12-10"' in browser.last.text
    assert await browser.sends(f"/catalogue/{number}/edit", **{**WEBINAR, "title": "Другое имя", "seats": ""}) == 200
    assert browser.sees("Другое имя")
    assert await browser.sends(f"/catalogue/{number}/archive") == 200
    assert browser.sees("Занятие в архиве")
    await browser.opens("/catalogue")
    assert not browser.sees("Другое имя")
    await browser.opens("/catalogue", archived="yes")
    assert browser.sees("Другое имя")
    await browser.sends(f"/catalogue/{number}/archive?back=yes")
    assert browser.sees("снова в каталоге")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"groups": []}, "Выберите хотя бы одну группу"),
        ({"groups": ["astrology"]}, "Не подходит: astrology"),
        ({"hours": "много"}, "целое число: много"),
        ({"starts_on": "вчера"}, "Дата нужна в виде"),
        ({"link": "javascript:1"}, "Ссылка начинается"),
    ],
)
async def test_mistakes_are_said(db: Database, sign_in: SignIn, change: dict[str, object], words: str) -> None:
    browser = await sign_in(None, Role.centre_staff)
    assert await browser.sends("/catalogue/new", **{**WEBINAR, **change}) == 422
    assert browser.sees(words)
    async with db.read() as session:
        assert await session.scalar(select(Activity.id)) is None


async def test_who_may_not(db: Database, sign_in: SignIn) -> None:
    methodist = await sign_in(None, Role.methodist)
    assert await methodist.sends("/catalogue/new", **WEBINAR) == 403
    curator = await sign_in(None, Role.curator)
    assert await curator.opens("/catalogue") == 403
    assert await methodist.opens("/catalogue/777") == 404
