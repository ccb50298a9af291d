"""The catalogue from a table: the sample goes in, mistakes are said row by row, a repeat doubles nothing."""

from __future__ import annotations

import io

import openpyxl
import pytest
from sqlalchemy import func, select

from bot.db import Database
from bot.errors import NotAllowed, UserError
from bot.models import Activity, ActivityForm, ActivityKind, ActivitySource, Role, ScopeKind
from bot.services.access import Grant, Scope
from bot.services.catalogue import links, table
from tests.factories import NOW

STAFF = Scope(None, (Grant(Role.centre_staff, ScopeKind.region),))
GOOD = ["z-1", "вебинар", "Урок вопросов", "дистанционно", "2", "Методические, Цифровые"]
HEAD = ["Код", "Вид", "Название", "Форма", "Часов", "Группы компетенций"]


@pytest.fixture
def in_region() -> bool:
    return True


def book(*rows: list[str], more: tuple[str, ...] = ()) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append([*HEAD, *more])
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


async def test_the_sample_goes_in_and_a_repeat_doubles_nothing(db: Database) -> None:
    for status in ("new", "same"):
        async with db.begin() as session:
            looked = await table.preview(session, STAFF, table.sample_workbook(), name="образец.xlsx")
            assert [row.status for row in looked.rows] == [status] * 3, looked.rows
            assert looked.unknown == ()
            assert len(await table.apply(session, STAFF, looked, now=NOW)) == 3
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Activity)) == 3
        course = await session.scalar(select(Activity).where(Activity.code == "k-102"))
        assert course is not None
        assert (course.kind, course.form, course.hours) == (ActivityKind.dpp_register, ActivityForm.mixed, 36)
        assert (course.in_register, course.register_number, course.source) == (True, "Д-0101", ActivitySource.table)


@pytest.mark.parametrize(
    ("place", "value", "column", "key"),
    [
        (1, "пикник", "Вид", "import-word-unknown"),
        (2, "", "Название", "import-needed"),
        (3, "телепатия", "Форма", "import-word-unknown"),
        (4, "полтора", "Часов", "catalogue-wrong-number"),
        (4, "0", "Часов", "catalogue-wrong-number"),
        (5, "Методические, Астрология", "Группы компетенций", "catalogue-unknown-group"),
        (0, "z-1", "Код", "import-code-twice"),
    ],
)
async def test_a_wrong_row_is_told_and_the_others_go_in(
    db: Database, place: int, value: str, column: str, key: str
) -> None:
    wrong = ["z-2", *GOOD[1:]]
    wrong[place] = value
    async with db.begin() as session:
        looked = await table.preview(session, STAFF, book(GOOD, wrong), name="каталог.xlsx")
        assert [row.status for row in looked.rows] == ["new", "wrong"]
        assert [(p.column, p.key) for p in looked.rows[1].problems] == [(column, key)]
        assert looked.rows[1].number == 3
        assert list(await table.apply(session, STAFF, looked, now=NOW)) == [2]


async def test_days_seats_and_links_are_checked(db: Database) -> None:
    more = ("Начало", "Окончание", "Мест", "Ссылка", "Любимый цвет")
    rows = [
        [*GOOD, "01.12.2026", "2026-12-03", "30", "https://example.org", "синий"],
        ["z-2", *GOOD[1:], "05.12.2026", "01.12.2026", "", "", ""],
        ["z-3", *GOOD[1:], "31.02.2026", "", "много", "example.org", ""],
    ]
    async with db.read() as session:
        looked = await table.preview(session, STAFF, book(*rows, more=more), name="каталог.xlsx")
    assert looked.unknown == ("Любимый цвет",)
    assert [[p.key for p in row.problems] for row in looked.rows] == [
        [],
        ["catalogue-wrong-days"],
        ["import-day-wrong", "catalogue-wrong-number", "catalogue-wrong-link"],
    ]


async def test_what_is_not_such_a_table(db: Database) -> None:
    async with db.read() as session:
        for content, name in ((b"", "a.xlsx"), (b"%PDF-1", "a.pdf"), (b"one;two\n1;2\n", "a.csv")):
            with pytest.raises(UserError):
                await table.preview(session, STAFF, content, name=name)
        with pytest.raises(NotAllowed):
            await table.preview(session, Scope(), book(GOOD), name="a.xlsx")


async def test_a_table_with_another_link_forgets_the_mark(db: Database) -> None:
    async def load(link: str) -> Activity:
        async with db.begin() as session:
            looked = await table.preview(session, STAFF, book([*GOOD, link], more=("Ссылка",)), name="к.xlsx")
            await table.apply(session, STAFF, looked, now=NOW)
        async with db.read() as session:
            return (await session.scalars(select(Activity))).one()

    made = await load("https://a.example/")
    async with db.begin() as session:
        await links.settle(session, {made.id: False}, today=NOW.date())
    assert (await load("https://a.example/")).link_broken_on == NOW.date()
    mended = await load("https://b.example/")
    assert (mended.id, mended.link_broken_on, mended.link_checked_on) == (made.id, None, None)
