"""Mentors and needs from a table: the sample, mistakes row by row, a repeat doubles nothing, only one's own reach."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select

from bot.db import Database
from bot.errors import NotAllowed
from bot.models import Change, MenteeNeed, MentorProfile, NeedBasis, PairForm, Role, ScopeKind
from bot.services.access import Grant, Scope
from bot.services.mentoring import table
from tests.admin.conftest import SITE, SignIn
from tests.factories import NOW, make_municipality, make_organisation, make_person

TODAY = date(2026, 11, 24)
STAFF = Scope(None, (Grant(Role.centre_staff, ScopeKind.region),))
HEAD = ["ФИО наставника", "Организация", "Сильные стороны", "Готов взять", "Согласие", "Формы"]
MENTOR = "Опытная Анна Львовна"
GOOD = [MENTOR, "", "Методические", "2", "да", "педагог–педагог"]


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.fixture(autouse=True)
async def people(db: Database) -> dict[str, int]:
    async with db.begin() as session:
        place = await make_organisation(session, "Школа № 1")
        names: dict[str, dict[str, Any]] = {
            MENTOR: {"teach_since_year": 2005, "birth_year": 1980},
            "Новикова Ольга Игоревна": {"teach_since_year": 2025, "birth_year": 2001},
        }
        return {name: (await make_person(session, name, organisation=place, **more)).id for name, more in names.items()}


def book(*rows: list[str], head: list[str] = HEAD) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for row in (head, *rows):
        sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


async def test_both_samples_go_in_and_a_repeat_doubles_nothing(db: Database, people: dict[str, int]) -> None:
    for status in ("new", "same"):
        for kind in table.KINDS:
            async with db.begin() as session:
                content = table.sample_workbook(kind)
                looked = await table.preview(session, STAFF, content, name="образец.xlsx", today=TODAY)
                assert looked.kind == kind
                assert [row.status for row in looked.rows] == [status], looked.rows
                assert len(await table.apply(session, STAFF, looked, now=NOW, today=TODAY)) == 1
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(MentorProfile)) == 1
        mentor = await session.scalar(select(MentorProfile).where(MentorProfile.person_id == people[MENTOR]))
        need = await session.scalar(select(MenteeNeed))
    assert mentor is not None
    assert (mentor.strengths, mentor.max_load, mentor.subjects) == (["method", "digital"], 2, ["math"])
    assert mentor.agreed_at is not None
    assert mentor.slots
    assert need is not None
    # Young by the date, not by the table; the diagnosis is hers to share.
    assert (need.basis, need.form, need.topics, need.shares) == (NeedBasis.young, PairForm.peer, ["method"], False)


@pytest.mark.parametrize(
    ("place", "value", "column", "key"),
    [
        (0, "Неизвестная Яна Яновна", "Наставник", "mentoring-import-nobody"),
        (0, "", "Наставник", "import-needed"),
        (1, "Школа № 7", "Наставник", "mentoring-import-nobody"),
        (2, "Астрология", "Сильные стороны", "catalogue-unknown-group"),
        (2, "Методические, Цифровые, Предметные, Коммуникативные", "Сильные стороны", "mentoring-import-many"),
        (3, "4", "Готов взять", "mentoring-import-load"),
        (3, "²", "Готов взять", "mentoring-import-load"),
        (4, "нет", "Согласие быть в базе", "mentoring-import-not-agreed"),
        (5, "дуэль", "Формы", "import-word-unknown"),
        (0, "Новикова Ольга Игоревна", "", "mentoring-import-too-early"),
        (0, MENTOR, "", "import-row-twice"),
    ],
)
async def test_a_wrong_row_is_told_and_the_others_go_in(
    db: Database, place: int, value: str, column: str, key: str
) -> None:
    wrong = list(GOOD)
    wrong[place] = value
    async with db.begin() as session:
        looked = await table.preview(session, STAFF, book(GOOD, wrong), name="база.xlsx", today=TODAY)
        assert [row.status for row in looked.rows] == ["new", "wrong"]
        assert [(one.column, one.key) for one in looked.rows[1].problems] == [(column, key)]
        assert len(await table.apply(session, STAFF, looked, now=NOW, today=TODAY)) == 1


async def test_namesakes_are_told_apart_by_the_place(db: Database) -> None:
    async with db.begin() as session:
        other = await make_organisation(session, "Школа № 2")
        twin = await make_person(session, MENTOR, organisation=other, teach_since_year=2001, birth_year=1975)
    async with db.read() as session:
        looked = await table.preview(session, STAFF, book(GOOD), name="база.xlsx", today=TODAY)
        assert looked.rows[0].problems[0].key == "mentoring-import-namesakes"
        named = [*GOOD]
        named[1] = "Школа № 2"
        looked = await table.preview(session, STAFF, book(named), name="база.xlsx", today=TODAY)
    assert [row.person_id for row in looked.rows] == [twin.id]


async def test_another_district_is_out_of_reach(db: Database) -> None:
    async with db.begin() as session:
        town = await make_municipality(session, "Ярцевский округ")
    other = Scope(None, (Grant(Role.municipal_coordinator, ScopeKind.municipality, town.id),))
    async with db.read() as session:
        looked = await table.preview(session, other, book(GOOD), name="база.xlsx", today=TODAY)
        assert looked.rows[0].problems[0].key == "mentoring-import-nobody"
        with pytest.raises(NotAllowed):
            await table.preview(session, Scope(None, ()), book(GOOD), name="база.xlsx", today=TODAY)


async def test_from_the_page(db: Database, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_staff)
    assert await browser.opens("/mentoring/import/mentors-sample.xlsx") == 200
    assert await browser.opens("/mentoring/import/cats-sample.xlsx") == 404
    assert await browser.opens("/mentoring/import") == 200
    assert browser.sees("Столбцы таблицы наставников", "Столбцы таблицы просьб")
    wrong = ["Неизвестная Яна Яновна", *GOOD[1:]]
    files = {"file": ("база.xlsx", book(GOOD, wrong))}
    browser.answer = await browser.client.post(
        "/admin/mentoring/import", files=files, headers={"Origin": SITE}, follow_redirects=True
    )
    assert browser.sees("Наставники. Новых: 1, обновится: 0, с замечаниями: 1.", "Нет такого человека", MENTOR)
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(MentorProfile)) == 0
    assert await browser.sends(browser.path.removeprefix("/admin")) == 200
    assert browser.sees("Анкеты из таблицы записаны.")
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(MentorProfile)) == 1
        assert await session.scalar(select(Change.after).where(Change.action == "imported")) == {"mentors": "1"}
    teacher = await sign_in(None, Role.teacher)
    assert await teacher.opens("/mentoring/import") == 403
