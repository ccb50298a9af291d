"""Registers in the admin: adding, history, any day, papers opened again, a table with its mistakes, who may not."""

from __future__ import annotations

import asyncio
import io

import docx
import openpyxl
import pytest
from sqlalchemy import select

from bot.db import Database
from bot.models import Fact, RegisterRecord, Role, ScopeKind
from tests.admin.conftest import SITE, Browser, Clock, SignIn
from tests.factories import make_organisation, make_person
from tests.services.test_registers import book

COMMUNITY = {"title": "РУМО физиков", "f-type": "rumo", "f-members": "40", "state": "active"}


async def finishes(browser: Browser, page: str) -> None:
    """The page of an import, when nothing is under way any more."""
    for _ in range(200):
        await browser.opens(page)
        if not browser.sees("Читаем таблицу") and not browser.sees("Записываем"):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(browser.text)


async def uploads(browser: Browser, slug: str, content: bytes, name: str = "реестр.xlsx") -> str:
    browser.answer = await browser.client.post(
        f"/admin/registers/{slug}/import",
        files={"file": (name, content)},
        headers={"Origin": SITE},
        follow_redirects=True,
    )
    page = browser.path.removeprefix("/admin")
    if browser.answer.status_code == 200:
        await finishes(browser, page)
    return page


async def test_a_record_is_added_changed_and_seen_as_it_was(db: Database, sign_in: SignIn, clock: Clock) -> None:
    browser = await sign_in(None, Role.centre_staff)
    assert await browser.opens("/registers") == 200
    assert browser.sees("Профессиональные сообщества и РУМО", "Не проверяли", "сотрудники")
    assert await browser.opens("/registers/communities") == 200
    assert browser.sees("Записей нет", "Актуальность ещё не подтверждали")
    assert await browser.sends("/registers/communities/new", **COMMUNITY) == 200
    assert browser.sees("РУМО физиков", "Запись сохранена", "Запись внесена", "40")
    record = browser.path.removeprefix("/admin")
    clock.passes(days=5)
    browser = await sign_in(None, Role.centre_staff)
    assert await browser.sends(f"{record}/edit", **{**COMMUNITY, "f-members": "52", "note": "Приказ № 8"}) == 200
    assert browser.sees("Изменилось: Участников", "Приказ № 8", "С 29.11.2026", "С 24.11.2026")
    assert await browser.opens("/registers/communities", on="2026-11-25") == 200
    assert browser.sees("таким, каким он был 25.11.2026", "40")
    assert await browser.opens("/registers/communities", q="физики") == 200
    assert browser.sees("РУМО физиков", "52")
    assert await browser.opens("/registers/communities", q="химики") == 200
    assert browser.sees("Записей нет")
    assert await browser.opens("/registers/communities", on="вчера") == 422


async def test_a_mistake_keeps_what_was_typed(sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_staff)
    for wrong, words in (
        ({"f-members": "сорок"}, "Участников: «сорок» — не целое число"),
        ({"starts_on": "зимой"}, "«зимой» — не дата"),
        ({"f-type": ""}, "Заполните «Вид сообщества»"),
        ({"f-link": "ftp://x"}, "не ссылка"),
    ):
        assert await browser.sends("/registers/communities/new", **{**COMMUNITY, **wrong}) == 422
        assert browser.sees(words)
        assert 'value="РУМО физиков"' in browser.last.text


async def test_an_organisation_and_a_person_are_found_by_their_words(db: Database, sign_in: SignIn) -> None:
    from bot.services import places, search

    async with db.begin() as session:
        school = await make_organisation(session, "Гимназия № 4")
        await search.index(session, places.ORGANISATION, school.id, school.name)
        person = await make_person(session, "Соколова Вера Андреевна", organisation=school)
    browser = await sign_in(None, Role.centre_staff)
    given = {
        "title": "Соколова Вера Андреевна", "organisation": "гимназия 4", "f-type": "advanced", "state": "active",
        "f-programme": "Цифровой урок", "f-issued_on": "20.10.2026", "f-federal": "да",
    }  # fmt: skip
    assert await browser.sends("/registers/qualifications/new", **given) == 200
    assert browser.sees("Гимназия № 4", "Цифровой урок", "20.10.2026")
    assert f"/people/{person.id}" in browser.last.text
    async with db.read() as session:
        assert await session.scalar(select(Fact.kind)) == "course_completed"
    assert await browser.sends("/registers/qualifications/new", **{**given, "organisation": "Атлантида"}) == 422
    assert browser.sees("не нашлось в справочнике")


async def test_the_papers_are_opened_again(sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_head)
    await browser.sends("/registers/communities/new", **COMMUNITY, code="с-1")
    await browser.sends("/registers/communities/new", **{**COMMUNITY, "title": "=1+1", "code": "с-2"})
    assert await browser.sends("/registers/communities/confirm") == 200
    assert browser.sees("Реестр отмечен актуальным", "Актуален на 24.11.2026, следующая проверка до 24.11.2027")
    assert await browser.opens("/registers/communities/list.docx") == 200
    paper = docx.Document(io.BytesIO(browser.last.content))
    words = "\n".join(paragraph.text for paragraph in paper.paragraphs)
    assert "Актуален на 24.11.2026" in words
    assert "Всего записей: 2" in words
    table = paper.tables[0]
    assert [cell.text for cell in table.rows[0].cells][:2] == ["№", "Название сообщества"]
    assert {row.cells[1].text for row in table.rows[1:]} == {"РУМО физиков", "=1+1"}
    assert await browser.opens("/registers/communities/list.xlsx") == 200
    sheet = openpyxl.load_workbook(io.BytesIO(browser.last.content)).active
    assert sheet is not None
    assert sheet["B2"].data_type == "s", "a title is never a formula"
    page = await uploads(browser, "communities", browser.last.content)
    assert browser.sees("Без изменений 1"), "what was taken out goes in again"
    assert page.startswith("/registers/communities/import/")


async def test_a_table_with_mistakes(db: Database, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_staff)
    assert await browser.opens("/registers/communities/import/sample.xlsx") == 200
    assert await browser.opens("/registers/communities/import") == 200
    assert browser.sees("Какие столбцы понимаем", "Название сообщества")
    page = await uploads(
        browser, "communities", book(["с-1", "Новое", "", "РУМО", 7], ["с-2", "Кривое", "", "кружок", "много"])
    )
    assert browser.sees("Новых 1", "С ошибками 1", "«кружок» здесь не подходит", "Строки с ошибками не загрузятся")
    assert await browser.opens(f"{page}/mistakes.xlsx") == 200
    sheet = openpyxl.load_workbook(io.BytesIO(browser.last.content)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert [row[:2] for row in rows] == [[3, "Вид сообщества"], [3, "Участников"]]
    await browser.sends(page)
    await finishes(browser, page)
    assert browser.sees("Загружено")
    async with db.read() as session:
        assert list(await session.scalars(select(RegisterRecord.title))) == ["Новое"]
    await uploads(browser, "communities", b"%PDF-1.7", "план.pdf")
    assert browser.sees("Таблица не прочиталась")
    other = await sign_in(None, Role.centre_staff)
    assert await other.opens(page) == 404, "an import is its owner's"


async def test_a_keeper_is_one_who_may_edit(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        stranger = await make_person(session, "Посторонняя Анна Ивановна")
    browser = await sign_in(None, Role.centre_staff)
    assert await browser.sends("/registers/rip/keeper", keeper=str(stranger.id)) == 422
    assert browser.sees("Ответственным может быть тот, кто ведёт реестры")
    await browser.opens("/registers/rip")
    mine = browser.last.text.split('<option value="')[-1].partition('"')[0]
    assert await browser.sends("/registers/rip/keeper", keeper=mine) == 200
    assert browser.sees("Ответственный сохранён")
    assert await browser.sends("/registers/rip/keeper", keeper="") == 200


@pytest.mark.parametrize(
    ("role", "kind"),
    [(Role.analyst, ScopeKind.region), (Role.municipal_coordinator, ScopeKind.municipality)],
)
async def test_readers_change_nothing(sign_in: SignIn, role: Role, kind: ScopeKind) -> None:
    browser = await sign_in(None, role, kind, 1 if kind is ScopeKind.municipality else None)
    assert await browser.opens("/registers/rip") == 200
    assert not browser.sees("Добавить запись")
    for path in ("/registers/rip/new", "/registers/rip/import"):
        assert await browser.opens(path) == 403
    assert await browser.sends("/registers/rip/new", title="x") == 403
    assert await browser.sends("/registers/rip/confirm") == 403
    wanted = 403 if role is Role.analyst else 200
    for path in ("qualifications", "qualifications/list.xlsx", "qualifications/list.docx", "mentors"):
        assert await browser.opens(f"/registers/{path}") == wanted, path


@pytest.mark.parametrize("role", [Role.methodist, Role.school_head, Role.privacy_officer, Role.tech_admin])
async def test_others_do_not_come_in(sign_in: SignIn, role: Role) -> None:
    browser = await sign_in(None, role)
    for path in ("/registers", "/registers/agreements", "/registers/agreements/list.xlsx"):
        assert await browser.opens(path) == 403
    staff = await sign_in(None, Role.centre_staff)
    for path in ("/registers/нет", "/registers/rip/999", "/registers/mentors/import", "/registers/rip/import/999"):
        assert await staff.opens(path) == 404, path


async def test_a_contest_shows_what_came_of_it(sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_staff)
    await browser.sends("/registers/contests/new", title="Учитель года", state="active", **{"f-level": "regional"})
    contest = browser.path.removeprefix("/admin")
    assert browser.sees("Участие и результаты", "Участий пока не внесли")
    for n, result in enumerate(("prize", "entered", "entered")):
        given = {"f-contest": "«Учитель года»", "f-took_on": "20.04.2026", "f-result": result}
        await browser.sends("/registers/participations/new", title=f"Иванова Анна {n}", state="active", **given)
    await browser.opens(contest)
    assert browser.sees("Участников: 3", "участник: 2, призёр: 1")
    assert not browser.sees("Иванова Анна")
