"""The roadmap in the admin: lists, the card, a tried deadline, persons, evidence, the week ahead, the report."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from docx import Document
from openpyxl import load_workbook
from sqlalchemy import select

from bot.db import Database
from bot.models import (
    BodyPost,
    DateQuestion,
    Measure,
    MeasureEvent,
    MeasureEvidence,
    MeasurePart,
    MeasurePerson,
    Municipality,
    Occurrence,
    OccurrenceState,
    Outbox,
    Person,
    ProofState,
    Role,
    ScopeKind,
)
from bot.services.roadmap import Row
from tests.admin.conftest import Browser, SignIn
from tests.factories import NOW
from tests.roads import days, give, make_body, make_member, run_roadmap

TODAY = NOW.date()
ROWS = [
    Row("Собрать реестр", "до 10 декабря 2026 года", result="реестр", result_kind="register", code="1.1",
        direction="1", direction_title="Сопровождение"),
    Row("Провести замер", "по графику ФИОКО", code="1.2", direction="1"),
    Row("Отчитаться", "ежеквартально", result="отчёт", result_kind="report", code="2.1", direction="2"),
    Row("Разобрать итоги", "до 12 ноября 2026 года", code="2.2", direction="2"),
    Row("Непонятная мера", "когда рак свистнет", code="2.3", direction="2"),
]  # fmt: skip


@dataclass
class World:
    """Numbers of what was made."""

    plan: int
    body: int
    other_body: int
    town: int
    people: dict[str, Person]
    measures: dict[str, int]


@pytest.fixture
async def world(db: Database) -> World:
    async with db.begin() as session:
        town = Municipality(code="t", name="Округ", sort="округ")
        session.add(town)
        await session.flush()
        body = await make_body(session)
        other = await make_body(session, "УО", town)
        people = {
            "me": await make_member(session, body, BodyPost.responsible, "Рябинина Зоя Филипповна"),
            "helper": await make_member(session, body, BodyPost.member, "Ольховская Марина Прокопьевна"),
            "local": await make_member(session, other, BodyPost.responsible, "Ясенева Раиса Корнеевна"),
        }
        plan = await run_roadmap(session, ROWS, body.id, now=NOW, since=date(2026, 10, 1))
        await run_roadmap(session, [Row("Мера округа", "до 15 декабря 2026 года", code="9.1")], other.id, now=NOW)
        measures = dict((await session.execute(select(Measure.code, Measure.id))).all())
    return World(plan, body.id, other.id, town.id, people, measures)


async def test_the_list_in_its_three_views(world: World, sign_in: SignIn) -> None:
    staff = await sign_in(None, Role.centre_staff)
    await staff.opens("/roadmap", roadmap=world.plan)
    assert staff.sees("Дорожная карта, IV квартал 2026", "5 мер", "срок прошёл 1", "нужна дата 2")
    assert staff.sees("Собрать реестр", "10.12.2026", "Рябинина Зоя Филипповна")
    await staff.opens("/roadmap", roadmap=world.plan, view="table", state="late")
    assert staff.sees("Разобрать итоги")
    assert not staff.sees("Собрать реестр")
    await staff.opens("/roadmap", roadmap=world.plan, view="calendar", month="2026-12")
    assert staff.sees("декабрь 2026", "10.12.2026", "31.12.2026")
    await staff.opens("/roadmap", roadmap=world.plan, view="table", q="реестр")
    assert staff.sees("Собрать реестр")
    assert not staff.sees("Отчитаться")
    for odd in ({"view": "x", "month": "0000-99"}, {"section": "abc", "body": "-1"}, {"roadmap": "99999"}):
        assert await staff.opens("/roadmap", **odd) == 200


async def test_a_deadline_is_tried_before_it_is_put(world: World, db: Database, sign_in: SignIn) -> None:
    staff = await sign_in(None, Role.centre_staff)
    number = world.measures["1.1"]
    await staff.opens(f"/roadmap/{number}")
    assert staff.sees("Собрать реестр", "до 10 декабря 2026 года", "Срок назван датой", "Рябинина")
    await staff.sends(f"/roadmap/{number}/deadline", phrase="последняя пятница месяца", do="try")
    assert staff.sees("Что получится", "27.11.2026", "25.12.2026")
    assert [day.due for day in await days(db, "1.1")] == [date(2026, 12, 10)], "trying changes nothing"
    await staff.sends(f"/roadmap/{number}/deadline", phrase="когда рак свистнет", do="try")
    assert staff.sees("Прочитать не получилось")
    assert await staff.sends(f"/roadmap/{number}/deadline", phrase="когда рак свистнет", do="save") == 422
    assert staff.sees("Такой срок прочитать не получилось")
    await staff.sends(f"/roadmap/{number}/deadline", phrase="до 20 декабря 2026 г.", do="save")
    assert staff.sees("Срок записан")
    assert [day.due for day in await days(db, "1.1")] == [date(2026, 12, 20)]
    await staff.sends(f"/roadmap/{number}/deadline", phrase="", do="own")
    assert [day.due for day in await days(db, "1.1")] == [date(2026, 12, 10)]
    async with db.read() as session:
        kinds = list(await session.scalars(select(MeasureEvent.kind).where(MeasureEvent.measure_id == number)))
    assert kinds == ["deadline", "deadline"]


async def test_persons_are_appointed_and_given_back(world: World, db: Database, sign_in: SignIn) -> None:
    staff = await sign_in(None, Role.centre_staff)
    number, helper = world.measures["1.1"], world.people["helper"].id
    await staff.sends(f"/roadmap/{number}/people", responsible=[str(helper)])
    assert staff.sees("Назначено", "Ольховская Марина Прокопьевна")
    async with db.read() as session:
        rows = await session.execute(select(MeasurePerson.part, MeasurePerson.person_id))
        assert list(rows) == [(MeasurePart.responsible, helper)]
    await staff.sends(f"/roadmap/{number}/people", nothing="1")
    async with db.read() as session:
        assert list(await session.scalars(select(MeasurePerson.id))) == []


async def test_evidence_goes_through_two_people(world: World, db: Database, sign_in: SignIn) -> None:
    staff, head = await sign_in(None, Role.centre_staff), await sign_in(None, Role.centre_head)
    number = world.measures["1.1"]
    (day,) = await days(db, "1.1")
    assert await staff.sends(f"/roadmap/{number}/evidence", day=str(day.id), text="готово") == 422
    assert staff.sees("Нужен файл, ссылка или номер")
    staff.answer = await staff.client.post(
        f"/admin/roadmap/{number}/evidence",
        data={"day": str(day.id), "text": "реестр № 7"},
        files={"file": ("реестр.xlsx", b"PK-content", "application/vnd.ms-excel")},
        headers={"Origin": "http://127.0.0.1:8080"},
        follow_redirects=True,
    )
    assert staff.sees("отправлено на проверку", "реестр.xlsx", "ждёт проверки")
    await staff.opens("/roadmap/checks")
    assert staff.sees("Проверять нечего"), "one's own is for somebody else"
    async with db.read() as session:
        (proof,) = await session.scalars(select(MeasureEvidence.id))
    assert await staff.sends(f"/roadmap/checks/{proof}", do="accept") == 403
    await head.opens("/roadmap/checks")
    assert head.sees("Собрать реестр", "реестр № 7")
    await head.opens(f"/roadmap/files/{proof}")
    assert head.last.content == b"PK-content"
    assert "attachment" in head.last.headers["content-disposition"]
    assert await head.sends(f"/roadmap/checks/{proof}", do="back", comment=" ") == 422
    await head.sends(f"/roadmap/checks/{proof}", do="accept")
    assert head.sees("Принято, мера закрыта")
    assert (await days(db, "1.1"))[0].state is OccurrenceState.closed
    assert await head.sends(f"/roadmap/checks/{proof}", do="accept") == 422, "a second press decides nothing anew"
    async with db.read() as session:
        texts = [row.screen["text"] for row in await session.scalars(select(Outbox))]
        assert sum("Мера закрыта" in text for text in texts) == 1
        evidence = (await session.scalars(select(MeasureEvidence))).one()
        assert (evidence.state, evidence.checked_by_id is not None) == (ProofState.accepted, True)


async def test_a_date_is_asked_of_a_person_and_named(world: World, db: Database, sign_in: SignIn) -> None:
    staff = await sign_in(None, Role.centre_staff)
    number, helper = world.measures["1.2"], world.people["helper"].id
    await staff.opens(f"/roadmap/{number}")
    assert staff.sees("Нужна дата", "угадывать мы не будем")
    await staff.sends(f"/roadmap/{number}/date", do="ask", person=str(helper))
    async with db.read() as session:
        question = (await session.scalars(select(DateQuestion).where(DateQuestion.measure_id == number))).one()
        assert question.person_id == helper
    assert await staff.sends(f"/roadmap/{number}/date", do="name", day="31.02.2027") == 422
    await staff.sends(f"/roadmap/{number}/date", do="name", day="15.02.2027")
    assert staff.sees("Дата записана", "15.02.2027")
    assert [day.due for day in await days(db, "1.2")] == [date(2027, 2, 15)]


async def test_the_week_ahead_says_who_and_why(world: World, sign_in: SignIn) -> None:
    staff = await sign_in(None, Role.centre_staff)
    await staff.opens("/roadmap/week")
    assert staff.sees("Рябинина Зоя Филипповна", "Собрать реестр", "за 14 дней", "нужна дата")


async def test_the_report_on_a_day_opens_in_other_programs(world: World, db: Database, sign_in: SignIn) -> None:
    staff, head = await sign_in(None, Role.centre_staff), await sign_in(None, Role.centre_head)
    (day,) = await days(db, "1.1")
    await staff.sends(f"/roadmap/{world.measures['1.1']}/evidence", day=str(day.id), text="реестр № 7 от 20 ноября")
    async with db.read() as session:
        (proof,) = await session.scalars(select(MeasureEvidence.id))
    await head.sends(f"/roadmap/checks/{proof}", do="accept")
    await head.opens(f"/roadmap/{world.plan}/report.docx", on="24.11.2026")
    words = Document(io.BytesIO(head.last.content))
    text = "\n".join(paragraph.text for paragraph in words.paragraphs)
    assert "Мониторинг реализации дорожной карты" in text
    assert "По состоянию на 24.11.2026." in text
    assert "Мер: 5. Выполнено: 1." in text
    cells = {cell.text for table in words.tables for row in table.rows for cell in row.cells}
    assert {"реестр № 7 от 20 ноября", "Срок прошёл", "Выполнено, 24.11.2026"} <= cells
    await head.opens(f"/roadmap/{world.plan}/report.xlsx", on="01.11.2026")
    book = load_workbook(io.BytesIO(head.last.content))
    rows: dict[str, tuple[Any, ...]] = {str(row[1]): row for row in book["Меры"].iter_rows(values_only=True)}
    assert rows["1.1"][7] == "Срок впереди", "on the first of November nothing was handed in yet"
    assert rows["1.1"][6].date() == date(2026, 12, 10)
    assert rows["2.2"][7] == "Срок впереди"
    assert {rows["1.2"][7], rows["2.3"][7]} == {"Ждёт даты"}
    assert book["Итог по направлениям"]["A1"].value == "Мониторинг реализации дорожной карты"


async def reaches(browser: Browser, world: World, code: str) -> int:
    return await browser.opens(f"/roadmap/{world.measures[code]}")


async def test_each_role_reaches_its_own(world: World, db: Database, sign_in: SignIn) -> None:
    """The responsible their body, the coordinator her district, the analyst all without deciding anything."""
    me = await sign_in(world.people["me"], Role.responsible, ScopeKind.body, world.body)
    local = await sign_in(None, Role.municipal_coordinator, ScopeKind.municipality, world.town)
    analyst = await sign_in(None, Role.analyst)
    teacher = await sign_in(None, Role.methodist, ScopeKind.assigned)
    assert (await reaches(me, world, "1.1"), await reaches(me, world, "9.1")) == (200, 404)
    assert (await reaches(local, world, "1.1"), await reaches(local, world, "9.1")) == (404, 200)
    assert (await reaches(analyst, world, "1.1"), await reaches(analyst, world, "9.1")) == (200, 200)
    assert await teacher.opens("/roadmap") == 403
    await me.opens("/roadmap")
    assert not me.sees("Мера округа")
    await local.opens("/roadmap", view="table")
    assert local.sees("Мера округа")
    assert not local.sees("Собрать реестр")
    number = world.measures["1.1"]
    for browser in (me, local, analyst):
        assert await browser.sends(f"/roadmap/{number}/deadline", phrase="ежегодно", do="save") == 403
        assert await browser.sends(f"/roadmap/{number}/people", responsible="1") == 403
        assert await browser.opens("/roadmap/checks") == 403
        assert await browser.opens("/roadmap/week") == 403
    (day,) = await days(db, "1.1")
    assert await analyst.sends(f"/roadmap/{number}/evidence", day=str(day.id), text="№ 1") == 403
    assert await local.sends(f"/roadmap/{number}/evidence", day=str(day.id), text="№ 1") == 404
    assert await local.opens(f"/roadmap/{world.plan}/report.docx") == 404
    await me.sends(f"/roadmap/{number}/evidence", day=str(day.id), text="№ 1 от 20 ноября")
    assert me.sees("отправлено на проверку")


async def test_a_transfer_is_decided_by_another(world: World, db: Database, sign_in: SignIn) -> None:
    head = await sign_in(None, Role.centre_head)
    (day,) = await days(db, "1.1")
    async with db.begin() as session:
        row = await session.get_one(Occurrence, day.id)
        row.move_to, row.move_reason = TODAY + timedelta(days=40), "ждём протокол"
        row.move_by_id = world.people["me"].id
    await head.opens("/roadmap/checks")
    assert head.sees("ждём протокол", "03.01.2027")
    await head.sends(f"/roadmap/moves/{day.id}", do="agree")
    assert head.sees("Срок перенесён")
    assert (await days(db, "1.1"))[0].due == TODAY + timedelta(days=40)
    async with db.read() as session:
        (message,) = await session.scalars(select(Outbox))
    assert message.person_id == world.people["me"].id
    assert await head.sends(f"/roadmap/moves/{day.id}", do="agree") == 422


async def test_a_person_with_the_right_over_nothing_else(world: World, db: Database, sign_in: SignIn) -> None:
    """A responsible person of two bodies sees both, whichever is chosen."""
    async with db.begin() as session:
        await give(session, world.people["me"].id, Role.responsible, ScopeKind.body, world.other_body)
    me = await sign_in(world.people["me"], Role.responsible, ScopeKind.body, world.body)
    assert (await reaches(me, world, "1.1"), await reaches(me, world, "9.1")) == (200, 200)
