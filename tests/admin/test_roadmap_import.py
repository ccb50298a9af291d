"""An order in the admin: read, doubts beside their source, put right by hand, written once, again without doubling."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from bot.db import Database
from bot.models import Body, BodyLevel, Measure, MeasureBody, Roadmap, Role
from tests.admin.conftest import SITE, Browser, SignIn
from tests.services.test_roadmap_import import HEAD, docx, saved, text

PLAN = [
    ["Направление 1", "Утвердить положение", "ЦНППМ", "до 15 марта 2027 года", "Приказ"],
    ["", "Провести форум наставников", "Клуб «Заря»", "по графику ФИОКО", "Отчёт"],
    ["", "Собрать отзывы школ", "ЦНППМ", "в день полнолуния", "Справка"],
]


@pytest.fixture
def in_region() -> bool:
    return True


async def uploads(browser: Browser, content: bytes, *, name: str = "приказ.docx", **fields: str) -> int:
    browser.answer = await browser.client.post(
        "/admin/roadmap/import",
        files={"file": (name, content)},
        data={"year": "2027", **fields},
        headers={"Origin": SITE},
        follow_redirects=True,
    )
    return browser.answer.status_code


async def measures(db: Database) -> list[Measure]:
    async with db.read() as session:
        return list(await session.scalars(select(Measure).order_by(Measure.place, Measure.id)))


async def with_centre(db: Database) -> None:
    async with db.begin() as session:
        if await session.scalar(select(Body.id).where(Body.abbreviation == "ЦНППМ")) is None:
            session.add(Body(code="c", abbreviation="ЦНППМ", name="Центр", level=BodyLevel.regional, aliases=[]))


async def test_an_order_is_looked_at_put_right_and_written_once(db: Database, sign_in: SignIn) -> None:
    await with_centre(db)
    browser = await sign_in(None, Role.centre_head)
    assert await browser.opens("/roadmap") == 200
    assert browser.sees("Загрузить приказ")
    assert await browser.opens("/roadmap/import") == 200
    content = saved(docx([HEAD, *PLAN]))
    assert await uploads(browser, content) == 200
    assert browser.sees("Новых мер: 3", "Нужен ваш взгляд", "Клуб «Заря»", "нет в списке", "в день полнолуния")
    assert browser.sees("Прочитано уверенно", "Утвердить положение")
    assert await measures(db) == []
    page = str(browser.last.url)
    fixes = {
        "title": "Карта 2027",
        "title-1": "Форум наставников",
        "deadline-1": "по графику ФИОКО",
        "kind-1": "publication",
    }
    assert await browser.sends(page, **fixes, **{"deadline-2": "непонятно когда"}) == 422
    assert browser.sees("не прочитан целиком")
    assert await measures(db) == [], "nothing is written by halves"
    assert await browser.sends(page, **fixes, **{"deadline-2": "до 1 июня 2027 года"}) == 200
    assert browser.sees("Меры записаны")
    rows = await measures(db)
    assert [(m.title, m.text) for m in rows] == [
        ("Утвердить положение", "Утвердить положение"),
        ("Форум наставников", "Провести форум наставников"),
        ("Собрать отзывы школ", "Собрать отзывы школ"),
    ]
    assert [(m.deadline, m.deadline_own) for m in rows][2] == ("в день полнолуния", "до 1 июня 2027 года")
    assert rows[1].result_kind == "publication", "as chosen by hand"
    assert rows[0].result_kind == "order", "by the words of the result"
    assert "Клуб" in rows[1].quote
    assert any("Клуб" in doubt for doubt in rows[1].doubts)
    async with db.read() as session:
        names = dict((await session.execute(select(MeasureBody.name, MeasureBody.body_id))).all())
    assert names["ЦНППМ"] is not None
    assert names["Клуб «Заря»"] is None


async def test_the_same_order_again_and_a_new_edition(db: Database, sign_in: SignIn) -> None:
    await with_centre(db)
    browser = await sign_in(None, Role.centre_head)
    await uploads(browser, text([HEAD, *PLAN]), name="приказ.txt")
    assert await browser.sends(str(browser.last.url), title="Карта 2027") == 200
    async with db.read() as session:
        number = str(await session.scalar(select(Roadmap.id)))
    await uploads(browser, text([HEAD, *PLAN]), name="приказ.txt", into=number)
    assert browser.sees("без изменений: 3", "новая редакция карты «Карта 2027»")
    assert await browser.sends(str(browser.last.url)) == 200
    assert len(await measures(db)) == 3
    newer = [PLAN[0], ["", "Провести форум наставников", "ЦНППМ", "до 1 мая 2027 года", "Отчёт"]]
    await uploads(browser, text([HEAD, *newer]), name="приказ.txt", into=number)
    assert browser.sees("не нашлись меры нынешней редакции: 1", "Собрать отзывы школ")
    address = str(browser.last.url)
    assert await browser.sends(address) == 422
    assert browser.sees("отметьте это")
    assert await browser.sends(address, drop="yes") == 200
    rows = await measures(db)
    assert [(m.deadline, m.dropped_at is None) for m in rows if m.title != "Утвердить положение"] == [
        ("до 1 мая 2027 года", True),
        ("в день полнолуния", False),
    ]
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Roadmap)) == 1


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"PK\x03\x04 broken", "приказ.docx", "не открывается"),
        ("Просто слова".encode(), "приказ.txt", "нет таблицы"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "приказ.doc", "старый формат"),
    ],
)
async def test_a_file_that_cannot_be_used_changes_nothing(
    db: Database, sign_in: SignIn, content: bytes, name: str, words: str
) -> None:
    browser = await sign_in(None, Role.centre_head)
    assert await uploads(browser, content, name=name) == 422
    assert browser.sees(words)
    assert await measures(db) == []


async def test_only_who_runs_the_roadmap_may_load_it(db: Database, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.analyst)
    assert await browser.opens("/roadmap/import") in (403, 404)
    assert await uploads(browser, text([HEAD, *PLAN]), name="приказ.txt") in (403, 404)


async def test_an_order_as_long_as_orders_are_passes_the_door(db: Database, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_head)
    long = [["", f"Провести встречу № {n} для учителей всех школ", "ЦНППМ", "ежегодно", "Отчёт"] for n in range(1500)]
    content = text([HEAD, *long])
    assert len(content) > 150_000
    assert await uploads(browser, content, name="приказ.txt") == 200
    assert browser.sees("Новых мер: 1 500") or browser.sees("Новых мер: 1500")


async def test_bodies_are_put_right_and_stay_so_in_the_next_edition(db: Database, sign_in: SignIn) -> None:
    await with_centre(db)
    browser = await sign_in(None, Role.centre_head)
    content = saved(docx([HEAD, *PLAN]))

    async def names() -> list[tuple[str, bool]]:
        async with db.read() as session:
            rows = await session.execute(
                select(MeasureBody.name, MeasureBody.body_id)
                .join(Measure, Measure.id == MeasureBody.measure_id)
                .where(Measure.text == "Провести форум наставников")
                .order_by(MeasureBody.id)
            )
            return [(name, body_id is not None) for name, body_id in rows]

    await uploads(browser, content)
    assert browser.sees("Органы, которые есть в списке", "ЦНППМ")
    first = {"title": "Карта", "deadline-2": "до 1 июня 2027 года"}
    assert await browser.sends(str(browser.last.url), **first, **{"responsible-1": "ЦНППМ; Совет молодых"}) == 200
    assert await names() == [("ЦНППМ", True), ("Совет молодых", False)]
    number = (await measures(db))[0].roadmap_id
    await uploads(browser, content, into=str(number))
    assert browser.sees("поправили вручную", "В файле ответственные: Клуб «Заря»")
    assert 'value="ЦНППМ; Совет молодых"' in browser.last.text
    page = str(browser.last.url)
    assert await browser.sends(page, **{"deadline-2": "в день полнолуния"}) == 200
    assert await names() == [("ЦНППМ", True), ("Совет молодых", False)], "the file does not undo it"
    assert await browser.sends(page, **{"deadline-2": "в день полнолуния", "responsible-1": ""}) == 200
    assert await names() == [("Клуб «Заря»", False)], "an emptied field is the file's again"


async def test_an_unknown_body_is_named_once_for_all_its_rows(db: Database, sign_in: SignIn) -> None:
    await with_centre(db)
    browser = await sign_in(None, Role.centre_head)
    rows = [["", f"Дело {n}", "Клуб «Заря»", f"до {n + 1} марта 2027 года", "Приказ"] for n in range(3)]
    rows.append(["", "Дело с двумя", "ЦНППМ, Клуб «Заря»", "до 9 марта 2027 года", "Приказ"])
    await uploads(browser, text([HEAD, *rows]), name="приказ.txt")
    assert browser.sees("Органы, которых нет в списке", "Клуб «Заря»", "4 строки")
    assert "<mark>Клуб «Заря»</mark>" in browser.last.text
    fields = {"title": "Карта", "body-0": "ЦНППМ", "responsible-1": "Совет молодых"}
    assert await browser.sends(str(browser.last.url), **fields) == 200
    async with db.read() as session:
        found = await session.execute(
            select(Measure.text, MeasureBody.name)
            .join(MeasureBody, MeasureBody.measure_id == Measure.id)
            .order_by(Measure.place, MeasureBody.id)
        )
        names = [tuple(row) for row in found]
    assert names == [
        ("Дело 0", "ЦНППМ"), ("Дело 1", "Совет молодых"), ("Дело 2", "ЦНППМ"), ("Дело с двумя", "ЦНППМ"),
    ]  # fmt: skip
