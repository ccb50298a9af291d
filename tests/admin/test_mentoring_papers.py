"""Papers of mentoring: order with annex, papers of a pair, the half-year monitoring; who may take them."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import Any

import docx
import openpyxl
import pytest
from sqlalchemy import select

from bot.db import Database
from bot.models import Change, MentorPair, Municipality, Organisation, PairState, Role, ScopeKind, Side, View
from bot.services.access import Grant, Scope
from bot.services.mentoring import common, programme
from tests.admin.conftest import Browser, SignIn
from tests.factories import NOW, give_role, make_municipality, make_organisation, make_person
from tests.services.test_mentoring import agreed, matched, mentee, mentor, offered, ordered, school

TODAY = date(2026, 11, 24)
LATE = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)
"""Half past one of the next day in the region."""
HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
MENTOR, MENTEE = "Опытная Анна Львовна", "Новикова Ольга Игоревна"


@pytest.fixture
def in_region() -> bool:
    return True


async def agreed_pair(db: Database, place: Organisation) -> int:
    """Both agreed: the pair waits for its order."""
    by = await mentor(db, organisation=place)
    who = await mentee(db, organisation=place)
    await matched(db)
    pair_id = await offered(db, who)
    assert await agreed(db, by, who, pair_id=pair_id) is PairState.to_order
    return pair_id


def words(browser: Browser) -> str:
    """Everything a DOCX says, tables too."""
    paper: Any = docx.Document(io.BytesIO(browser.last.content))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return " ".join([*(one.text for one in paper.paragraphs), *cells]).replace("\u00a0", " ")


async def test_the_order_with_its_annex_before_and_after_the_number(db: Database, sign_in: SignIn) -> None:
    place = await school(db)
    pair_id = await agreed_pair(db, place)
    async with db.begin() as session:
        director = await make_person(session, "Ларина Мария Олеговна", organisation=place)
        await give_role(session, director, Role.school_head, ScopeKind.organisation, place.id)
    browser = await sign_in(None, Role.centre_head)
    assert await browser.opens("/mentoring/papers") == 200
    assert browser.sees("проект, ждут номера", "Школа № 1", f"{MENTEE} {MENTOR}")
    assert await browser.opens("/mentoring/papers/order.docx", place=place.id) == 200
    draft = words(browser)
    for said in ("351.8", "№ ______ от", "(1 пара)", MENTOR, MENTEE, "Ларина М. О.", "Всего: 1 пара", "Приложение"):
        assert said in draft
    assert await browser.opens("/mentoring/papers/order.docx", number="7", date="2026-11-24") == 404
    await ordered(db, pair_id)
    await browser.opens("/mentoring/papers")
    assert "проект, ждут номера" not in browser.text
    async with db.read() as session:
        pair = await session.get_one(MentorPair, pair_id)
    assert pair.order_date is not None
    asked = {"number": pair.order_no, "date": pair.order_date.isoformat()}
    assert await browser.opens("/mentoring/papers/order.docx", **asked) == 200
    assert f"№ {pair.order_no} от 24.11.2026" in words(browser)
    assert f"{pair.since:%d.%m.%Y}–{pair.until:%d.%m.%Y}" in words(browser)


async def test_papers_of_one_pair_and_the_look_is_recorded(db: Database, sign_in: SignIn) -> None:
    pair_id = await agreed_pair(db, await school(db))
    browser = await sign_in(None, Role.centre_head)
    assert await browser.opens(f"/mentoring/pairs/{pair_id}/consent.docx") == 200
    consent = words(browser)
    for said in (MENTOR, MENTEE, "351.8", "три рабочих дня", "один на один", "________"):
        assert said in consent
    await ordered(db, pair_id)
    assert await browser.opens(f"/mentoring/pairs/{pair_id}/supplement.docx") == 200
    assert "Срок выполнения работы: 24.11.2026–" in words(browser)
    assert await browser.opens(f"/mentoring/pairs/{pair_id}/programme.docx") == 200
    async with db.read() as session:
        lines = await programme.lines_of(session, pair_id)
    assert lines
    assert all(line.topic in words(browser) for line in lines)
    assert await browser.opens(f"/mentoring/pairs/{pair_id}/thanks.docx") == 200
    assert MENTOR in words(browser)
    assert await browser.opens(f"/mentoring/pairs/{pair_id}/fine.docx") == 404
    async with db.read() as session:
        made = list(await session.scalars(select(Change.after).where(Change.action == "exported").order_by(Change.id)))
        looked = set(await session.scalars(select(View.object_id).where(View.what == "mentoring")))
    assert [one["paper"] for one in made] == ["consent", "supplement", "programme", "thanks"]
    assert looked == {pair_id}


async def test_a_proposal_has_no_papers(db: Database, sign_in: SignIn) -> None:
    place = await school(db)
    await mentor(db, organisation=place)
    who = await mentee(db, organisation=place)
    await matched(db)
    async with db.read() as session:
        pair_id = await session.scalar(select(MentorPair.id).where(MentorPair.mentee_id == who))
    browser = await sign_in(None, Role.centre_head)
    assert await browser.opens(f"/mentoring/pairs/{pair_id}/consent.docx") == 422
    assert browser.sees("Бумаги появятся после публикации пары")


async def test_a_coordinator_has_the_papers_of_her_district_only(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        town = await make_municipality(session, "Ярцевский округ")
    pair_id = await agreed_pair(db, await school(db))
    other = await sign_in(None, Role.municipal_coordinator, ScopeKind.municipality, town.id)
    assert await other.opens("/mentoring/papers") == 200
    assert other.sees("Опубликованных пар пока нет.")
    assert await other.opens(f"/mentoring/pairs/{pair_id}/programme.docx") == 403
    assert await other.opens("/mentoring/papers/order.docx") == 404
    assert await other.opens("/mentoring/papers/monitoring.docx", half="2026-2") == 200
    assert "Школа № 1" not in words(other)
    analyst = await sign_in(None, Role.teacher)
    assert await analyst.opens("/mentoring/papers") == 403


async def test_monitoring_counts_and_its_formulas_agree(db: Database, sign_in: SignIn) -> None:
    place = await school(db)
    pair_id = await agreed_pair(db, place)
    async with db.begin() as session:
        town = await session.get_one(Municipality, place.municipality_id)
        empty = await make_organisation(session, "Школа № 2", municipality=town)
        await make_person(
            session, "Ковалёва Ирина Петровна", organisation=empty, birth_year=2001, teach_since_year=2026
        )
    # The pack has schools of its own: the coordinator's district holds these two only.
    browser = await sign_in(None, Role.municipal_coordinator, ScopeKind.municipality, place.municipality_id)
    assert (await summary(browser))["Организации с наставничеством"] == (0, 2)
    await ordered(db, pair_id)
    assert await summary(browser) == {
        "Организации с наставничеством": (1, 2),
        "Наставники среди педагогов": (1, 3),
        "Молодые педагоги с наставником": (1, 2),
        "Методисты-наставники": (0, 0),
    }
    book = openpyxl.load_workbook(io.BytesIO(browser.last.content))
    sheet, totals = book["Организации"], book["Сводка"]
    heads = [cell.value for cell in sheet[2]]
    assert sheet.cell(5, heads.index("Педагогов") + 1).value == "=SUM(D3:D4)"
    assert sheet.cell(3, heads.index("Охват молодых, %") + 1).value == '=IF(G3=0,"",ROUNDDOWN(H3/G3*100,1))'
    assert str(totals["B3"].value).startswith("='Организации'!")
    assert await browser.opens("/mentoring/papers/monitoring.docx", half="2026-2") == 200
    said = words(browser)
    assert "второе полугодие 2026 года, на 24.11.2026" in said
    for line in ("50,0", "33,3", "нет данных", "не меньше 5 %"):
        assert line in said


async def summary(browser: Browser) -> dict[str, tuple[object, object]]:
    """The four lines of the XLSX by the values that were computed for it."""
    assert await browser.opens("/mentoring/papers/monitoring.xlsx", half="2026-2") == 200
    book = openpyxl.load_workbook(io.BytesIO(browser.last.content), data_only=True)
    return {str(row[0]): (row[1], row[2]) for row in book["Сводка"].iter_rows(min_row=3, max_row=6, values_only=True)}


async def test_a_pair_that_ended_is_of_its_half_and_no_longer_living(db: Database, sign_in: SignIn) -> None:
    place = await school(db)
    pair_id = await agreed_pair(db, place)
    await ordered(db, pair_id)
    async with db.begin() as session:
        pair = await common.locked(session, pair_id)
        common.move(session, pair, PairState.broken, now=NOW, actor_id=None, reason="left")
        pair.left_by = Side.mentee
    browser = await sign_in(None, Role.municipal_coordinator, ScopeKind.municipality, place.municipality_id)
    assert (await summary(browser))["Организации с наставничеством"] == (0, 1)
    sheet = openpyxl.load_workbook(io.BytesIO(browser.last.content), data_only=True)["Организации"]
    line = dict(zip([cell.value for cell in sheet[2]], [cell.value for cell in sheet[3]], strict=True))
    assert (line["Начали работу за полугодие"], line["Прекращены за полугодие"], line["Действующих пар"]) == (1, 1, 0)


async def test_a_half_that_is_not_is_refused_kindly(sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_head)
    for half in ("2027-1", "2026-3", "вчера", "1990-1", "²026-1"):
        assert await browser.opens("/mentoring/papers/monitoring.xlsx", half=half) == 422
        assert browser.sees("Такого полугодия нет.")


async def test_the_order_on_the_results_of_a_school_year(db: Database, sign_in: SignIn) -> None:
    place = await school(db)
    pair_id = await agreed_pair(db, place)
    await ordered(db, pair_id)
    browser = await sign_in(None, Role.centre_head)
    assert await browser.opens("/mentoring/papers") == 200
    assert browser.sees("Приказ об итогах учебного года", "2026/2027", "Число в «Показателях» может быть другим")
    assert await browser.opens("/mentoring/papers/results.docx", year="2026") == 422
    assert browser.sees("программу пока никто не завершил")
    async with db.begin() as session:
        pair = await common.locked(session, pair_id)
        common.move(session, pair, PairState.finished, now=LATE, actor_id=None, reason="finished")
        pair.result = "reached"
    assert await browser.opens("/mentoring/papers/results.docx", year="2026") == 200
    said = words(browser)
    for one in (
        "Об итогах наставничества в 2026/2027 учебном году", "1 пара, из них с достигнутой целью – 1",
        f"благодарность наставникам: {MENTOR}.", MENTEE, "24.11.2026–25.11.2026", "Цель достигнута", "Всего: 1 пара",
    ):  # fmt: skip
        assert one in said, one
    assert await browser.opens("/mentoring/papers/results.docx", year="2025") == 422
    assert await browser.opens("/mentoring/papers/results.docx", year="3000") == 404
    await browser.opens(f"/mentoring/pairs/{pair_id}")
    assert browser.sees("Цель достигнута"), "a result is a word, not a code"
    assert await browser.opens(f"/mentoring/pairs/{pair_id}/programme.docx") == 200
    assert "Цель достигнута" in words(browser)
    curator = await sign_in(None, Role.teacher)
    assert await curator.opens("/mentoring/papers/results.docx", year="2026") == 403
