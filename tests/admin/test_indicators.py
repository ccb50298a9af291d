"""Indicators in the admin: from a percentage to its proof, who sees what, figures, snapshots, changes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import event, select

from bot.db import Database
from bot.models import (
    Change,
    FactKind,
    Identity,
    Iom,
    IomBasis,
    IomState,
    Messenger,
    Municipality,
    Organisation,
    Person,
    Registration,
    RegistrationState,
    Role,
    ScopeKind,
    View,
)
from bot.services import facts, registers
from bot.services.access import Grant, Scope
from bot.services.indicators import counting, engagement, figures
from bot.services.registers import Draft
from tests.admin.conftest import SignIn
from tests.factories import NOW, make_event, make_organisation, make_person
from tests.services.test_indicators import HEAD, ZONE, a_diagnosis, teachers


@dataclass
class World:
    """Seven diagnosed teachers in one school, one in another district; one route."""

    home: Municipality
    school: Organisation
    other: Organisation
    people: list[Person]
    iom: int


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.fixture
async def world(db: Database) -> World:
    counting.forget()
    async with db.begin() as session:
        places = list(await session.scalars(select(Municipality).order_by(Municipality.id).limit(2)))
        school = await make_organisation(session, "Школа на горе", municipality=places[0])
        other = await make_organisation(session, "Школа у реки", municipality=places[1])
        people = [await make_person(session, f"Горная {name}", organisation=school) for name in "АБВГДЕЖ"]
        people.append(await make_person(session, "Речная Анна", organisation=other))
        for number, one in enumerate(people, start=1):
            await a_diagnosis(session, one, date(2026, 5, number), number=number)
        iom = Iom(
            person_id=people[0].id, basis=IomBasis.diagnosis, state=IomState.active, reg_no="2026-00001",
            order_no="214", order_date=date(2026, 10, 12), starts_on=date(2026, 10, 12), ends_on=date(2027, 5, 31),
            created_at=NOW,
        )  # fmt: skip
        session.add(iom)
        await session.flush()
        await facts.add(
            session,
            people[0].id,
            FactKind.iom_received,
            occurred_on=date(2026, 10, 12),
            source=("iom", iom.id),
            now=NOW,
        )
        await figures.enter(session, HEAD, [teachers(40), teachers(20, places[0].id)], now=NOW)
    return World(places[0], school, other, people, iom.id)


async def test_from_the_list_to_the_proof(db: Database, sign_in: SignIn, world: World) -> None:
    head = await sign_in(None, Role.centre_head)
    assert await head.opens("/indicators") == 200
    assert head.sees("Охват диагностикой", "20,0 %", "8 из 40", "не хватает 2", "Похожие, но разные")
    assert await head.opens("/indicators/SMO-I08") == 200
    assert head.sees("2,5 %", "1", "Как получается число", "утверждённый ИОМ", "ОО-1, состояние на 20.09.2025")
    assert f"/indicators/SMO-I08/places/{world.home.id}" in head.last.text
    assert await head.opens("/indicators/SMO-I08/people") == 200
    assert head.sees("Горная А", "Маршрутная карта 2026-00001", "№ 214 от 12.10.2026")
    assert f"/iom/{world.iom}/card.docx" in head.last.text
    async with db.read() as session:
        opened = (await session.scalars(select(Change).where(Change.entity == "indicator"))).one()
        seen = list(await session.scalars(select(View.person_id).where(View.what == "indicator")))
    assert opened.after["indicator"] == "SMO-I08"
    assert seen == [world.people[0].id]


async def test_from_a_yes_to_the_document(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        says: dict[str, str | int | bool | None] = {
            "topic": "roadmap", "adopted": True, "number": "№ 5-р", "link": "https://example.org/5-r",
        }  # fmt: skip
        await registers.save(session, HEAD, "documents", Draft("Дорожная карта", says), now=NOW, today=NOW.date())
    head = await sign_in(None, Role.centre_head)
    assert await head.opens("/indicators/SMO-I01") == 200
    assert head.sees("да", "Берём записи реестра «Принятые документы»", "О чём документ: дорожная карта")
    assert "/indicators/SMO-I01/records" in head.last.text
    assert await head.opens("/indicators/SMO-I01/records") == 200
    assert head.sees("Дорожная карта", "№ 5-р", "https://example.org/5-r", "Весь регион")
    async with db.read() as session:
        opened = (await session.scalars(select(Change).where(Change.entity == "indicator"))).one()
    assert (opened.after["indicator"], opened.after["register"]) == ("SMO-I01", "documents")
    school = await sign_in(None, Role.school_head)
    assert await school.opens("/indicators/SMO-I01") == 200
    assert "/indicators/SMO-I01/records" not in school.last.text
    assert await school.opens("/indicators/SMO-I01/records") == 403


async def test_the_list_of_one_municipality(sign_in: SignIn, world: World) -> None:
    head = await sign_in(None, Role.centre_head)
    assert await head.opens("/indicators", municipality=world.home.id) == 200
    assert head.sees("7 из 20", "35,0 %", "по муниципалитетам этих чисел нет")
    assert not head.sees("indicator-reason")
    assert not head.sees("Региональная дорожная карта действует")
    assert f"/indicators/SMO-I05/places/{world.home.id}" in head.last.text
    assert await head.opens("/indicators", municipality="9999") == 404
    coordinator = await sign_in(None, Role.municipal_coordinator, ScopeKind.municipality, world.home.id)
    assert await coordinator.opens("/indicators", municipality=world.other.municipality_id) == 404
    analyst = await sign_in(None, Role.analyst)
    assert await analyst.opens("/indicators", municipality=world.other.municipality_id) == 200
    assert analyst.sees("мало")


async def test_a_small_number_is_not_told_by_its_share(db: Database, sign_in: SignIn, world: World) -> None:
    async with db.begin() as session:
        await figures.enter(session, HEAD, [teachers(20, world.other.municipality_id)], now=NOW)
    analyst = await sign_in(None, Role.analyst)
    assert await analyst.opens(f"/indicators/SMO-I05/places/{world.other.municipality_id}") == 200
    assert analyst.sees("мало")
    assert not analyst.sees("5,0 %")
    head = await sign_in(None, Role.centre_head)
    assert await head.opens(f"/indicators/SMO-I05/places/{world.other.municipality_id}") == 200
    assert head.sees("5,0 %")


async def test_the_pace_is_told_in_words(db: Database, sign_in: SignIn, world: World) -> None:
    async with db.begin() as session:
        for n, on in enumerate([date(2026, 9, 10), date(2026, 10, 12), date(2026, 11, 12)]):
            person = await make_person(session, f"Осенняя {'АБВ'[n]}", organisation=world.school)
            await a_diagnosis(session, person, on, number=100 + n)
    head = await sign_in(None, Role.centre_head)
    assert await head.opens("/indicators/SMO-I05") == 200
    # Two more since the end of September: none is added in the week to 1 December.
    assert head.sees("При нынешнем темпе к 01.12.2026 будет примерно 11, то есть 27,5 %: цель будет достигнута.")
    assert await head.opens("/indicators/SMO-I05", on="01.11.2026") == 200
    assert not head.sees("При нынешнем темпе")


async def test_organisations_and_people_of_a_district(sign_in: SignIn, world: World) -> None:
    head = await sign_in(None, Role.centre_head)
    assert await head.opens(f"/indicators/SMO-I05/places/{world.home.id}") == 200
    assert head.sees("Школа на горе", "7")
    assert await head.opens("/indicators/SMO-I05/people", municipality=world.home.id, q="горная в") == 200
    assert head.sees("Горная В")
    assert not head.sees("Горная А")
    assert await head.opens("/indicators/SMO-I99") == 422


async def test_the_analyst_sees_numbers_without_names_and_no_small_ones(sign_in: SignIn, world: World) -> None:
    analyst = await sign_in(None, Role.analyst)
    assert await analyst.opens("/indicators/SMO-I05") == 200
    assert analyst.sees("8", "мало, не показываем")
    assert await analyst.opens("/indicators/SMO-I05/people") == 403
    assert await analyst.opens(f"/indicators/SMO-I05/places/{world.home.id}") == 200
    assert not analyst.sees("Горная")


async def test_a_head_of_school_sees_her_own_people_and_no_scores(sign_in: SignIn, world: World) -> None:
    head = await sign_in(None, Role.school_head, ScopeKind.organisation, world.school.id)
    assert await head.opens("/indicators/SMO-I05/people") == 200
    assert head.sees("Горная А", "Попытка № 1")
    assert not head.sees("Речная")
    assert "/results" not in head.last.text
    assert await head.opens("/indicators/SMO-I05/people", organisation=world.other.id) == 200
    assert head.sees("никто не засчитан")
    assert await head.opens(f"/indicators/SMO-I05/places/{world.home.id}") == 403
    assert await head.sends("/indicators/snapshots", period="2026") == 403


async def test_a_coordinator_stays_in_her_district(sign_in: SignIn, world: World) -> None:
    coordinator = await sign_in(None, Role.municipal_coordinator, ScopeKind.municipality, world.home.id)
    assert await coordinator.opens("/indicators/SMO-I05/people") == 200
    assert coordinator.sees("Горная А")
    assert not coordinator.sees("Речная")
    assert await coordinator.opens(f"/indicators/SMO-I05/places/{world.other.municipality_id}") == 403


async def test_a_figure_by_form_and_by_table(sign_in: SignIn, world: World) -> None:
    analyst = await sign_in(None, Role.analyst)
    fields = {"slug": "managers", "value": "1 200", "period": "2026", "source": "ОО-1", "state": "20.09.2025"}
    assert await analyst.sends("/indicators/figures", **fields) == 200
    assert analyst.sees("Число внесено", "Управленческие кадры", "1 200")
    assert await analyst.sends("/indicators/figures", **{**fields, "source": ""}) == 422
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["Что", "Территория", "Число", "Период", "Источник", "Состояние на"],
        ["Молодые педагоги", world.home.name, 12, "2026", "ОО-1", "20.09.2025"],
        ["Педагоги", "", 9640, "2026", "ОО-1", ""],
        ["Пользователи бота", "Марс", "много", "вчера", "", ""],
    ):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    analyst.answer = await analyst.client.post(
        "/admin/indicators/figures/import",
        files={"file": ("числа.xlsx", out.getvalue())},
        headers={"Origin": "http://127.0.0.1:8080"},
    )
    assert analyst.last.status_code == 200
    assert analyst.sees(
        "Принято 2 числа", "Строка 4", "такого числа нет в списке", "такого муниципалитета нет", "9 640"
    )


async def test_a_period_that_is_none_is_said_in_words(sign_in: SignIn, world: World) -> None:
    head = await sign_in(None, Role.centre_head)
    assert await head.opens("/indicators", period="вчера") == 422
    assert head.sees("Такого периода нет")
    assert await head.opens("/indicators", on="01.01.2099") == 422
    assert await head.opens("/indicators", period="dates", **{"from": "01.05.2026", "to": "03.05.2026"}) == 200
    assert head.sees("С 01.05.2026 по 03.05.2026", "3 из 40")


async def test_a_snapshot_is_frozen_and_opened_again(sign_in: SignIn, world: World) -> None:
    head = await sign_in(None, Role.centre_head)
    assert await head.opens("/indicators/snapshots") == 200
    assert head.sees("Следующий снимок 01.12.2026", "через 7 дн", "Полнота данных", "Не внесено")
    assert await head.sends("/indicators/snapshots", period="2026", on="") == 200
    assert head.sees("ждёт приказа", "Пересчитан только что: числа те же")
    page = head.path.removeprefix("/admin")
    assert await head.sends(f"{page}/approve", order_no="118", order_date="24.11.2026") == 200
    assert head.sees("заморожен", "Приказ № 118 от 24.11.2026")
    assert await head.sends(f"{page}/reopen", reason="нет") == 422
    assert await head.sends(f"{page}/reopen", reason="Ошибка в знаменателе педагогов") == 200
    assert head.sees("Открыт заново", "Ошибка в знаменателе педагогов")


async def test_what_changed_between_two_days(sign_in: SignIn, world: World) -> None:
    head = await sign_in(None, Role.centre_head)
    assert await head.opens("/indicators/SMO-I05/changes", was="01.11.2026") == 200
    assert head.sees("Новые факты", "Знаменатель", "Исправления", "8 из 40")
    assert await head.opens("/indicators/SMO-I05/changes", was="рано") == 422


async def test_the_course_of_a_number_is_a_drawing_and_a_table(sign_in: SignIn, world: World) -> None:
    head = await sign_in(None, Role.centre_head)
    assert await head.opens("/indicators/SMO-I05") == 200
    assert head.sees("Динамика", "31.05.2026", "20,0 %", "С 0,0 % на 31.01.2026")
    assert '<svg class="ch"' in head.last.text
    assert 'class="goal"' in head.last.text
    assert await head.opens("/indicators/SMO-I01") == 200
    assert not head.sees("Динамика"), "an entered number has no course"


async def test_where_people_are_missing_and_what_could_bring_them(db: Database, sign_in: SignIn, world: World) -> None:
    async with db.begin() as session:
        await figures.enter(session, HEAD, [teachers(20, world.other.municipality_id)], now=NOW)
        meeting = await make_event(
            session, "Границы и силы", tags=["выгорание"], seats=30, starts_at=NOW + timedelta(days=5)
        )
        plain = await make_event(session, "Просто вебинар", starts_at=NOW + timedelta(days=6))
        stranger = await make_person(session, "Горная Новая", organisation=world.school, confirmed=False)
        for one in (meeting, plain):
            for person in (world.people[0], world.people[1], stranger):
                session.add(
                    Registration(
                        event_id=one.id, person_id=person.id, state=RegistrationState.signed,
                        token=f"{one.id}-{person.id}", created_at=NOW, changed_at=NOW,
                    )
                )  # fmt: skip
        await facts.add(
            session, world.people[0].id, FactKind.attended, occurred_on=date(2026, 3, 1), source=("event", 1), now=NOW,
            evidence={"tags": ["выгорание"], "kind": "webinar"},
        )  # fmt: skip
    head = await sign_in(None, Role.centre_head)
    assert await head.opens("/indicators/SMO-I10") == 200
    assert head.sees("Больше всего не хватает:", "Границы и силы", "вместе могут добавить до 1 человека")
    assert not head.sees("Просто вебинар")
    assert f"/events/{meeting.id}" in head.last.text
    coordinator = await sign_in(None, Role.municipal_coordinator, ScopeKind.municipality, world.other.municipality_id)
    assert await coordinator.opens("/indicators/SMO-I10") == 200
    assert coordinator.sees("вместе могут добавить до 0 человек"), "those on the list work elsewhere"
    assert await head.opens("/indicators/SMO-I10", period="2025") == 200
    assert not head.sees("Границы и силы"), "a period that is over gets nobody any more"


async def test_districts_beside_each_other_by_role(db: Database, sign_in: SignIn, world: World) -> None:
    async with db.begin() as session:
        await figures.enter(session, HEAD, [teachers(20, world.other.municipality_id)], now=NOW)
    head = await sign_in(None, Role.centre_head)
    assert await head.opens("/indicators/districts") == 200
    assert head.sees("35,0 % +2", "5,0 % −4", "20,0 % −2", "Весь регион")
    assert head.last.text.index("5,0") < head.last.text.index("35,0"), "where most is missing comes first"
    assert await head.opens("/indicators/districts", section="1", sort="SMO-I05") == 200
    assert not head.sees("35,0 % +2")
    coordinator = await sign_in(None, Role.municipal_coordinator, ScopeKind.municipality, world.home.id)
    assert await coordinator.opens("/indicators/districts") == 200
    assert coordinator.sees("35,0 % +2")
    assert not coordinator.sees("5,0 % −4")
    analyst = await sign_in(None, Role.analyst)
    assert await analyst.opens("/indicators/districts") == 200
    assert analyst.sees("мало, не показываем")
    assert not analyst.sees("5,0 % −4")
    school = await sign_in(None, Role.school_head, ScopeKind.organisation, world.school.id)
    assert await school.opens("/indicators/districts") == 200
    assert not school.sees("35,0 % +2")
    methodist = await sign_in(None, Role.methodist)
    assert await methodist.opens("/indicators/districts") == 403


async def test_the_head_sets_the_days_of_snapshots(sign_in: SignIn, world: World) -> None:
    head = await sign_in(None, Role.centre_head)
    assert await head.opens("/indicators") == 200
    assert head.sees("Следующий снимок для отчёта 01.12.2026")
    assert await head.sends("/indicators/snapshots/dates", dates="31.02") == 422
    assert await head.sends("/indicators/snapshots/dates", dates="20.12, 01.06") == 200
    assert head.sees("Дни снимков сохранены", "Следующий снимок 20.12.2026")
    analyst = await sign_in(None, Role.analyst)
    assert await analyst.sends("/indicators/snapshots/dates", dates="01.01") == 403


async def test_how_the_bot_is_used_without_names_and_small_groups(db: Database, sign_in: SignIn, world: World) -> None:
    async with db.begin() as session:
        for number, person in enumerate(world.people):
            session.add(
                Identity(
                    person_id=person.id, messenger=Messenger.vk if number else Messenger.max, user_id=number + 1,
                    chat_id=number + 1, linked_at=NOW,
                )
            )  # fmt: skip
        meeting = await make_event(session, "Встреча")
        for person in world.people[:6]:
            session.add(
                Registration(
                    event_id=meeting.id, person_id=person.id, state=RegistrationState.signed, token=f"t{person.id}",
                    created_at=NOW, changed_at=NOW,
                )
            )  # fmt: skip
    analyst = await sign_in(None, Role.analyst)
    assert await analyst.opens("/indicators/engagement") == 200
    assert analyst.sees("Вовлечённость", "Активные люди по неделям", "Прошли диагностику")
    assert not analyst.sees("Горная", "Речная")
    async with db.read() as session:
        found = await engagement.engagement(session, HEAD, now=NOW, zone=ZONE)
    assert found.whole.counts == (8, 8, None, None, None), "one has a route: too few to show"
    assert found.weeks[-1].people == 6
    assert {row.title: row.counts[0] for row in found.channels} == {"max": None, "vk": None}, (
        "one of MAX is hidden, and so is what would give it away"
    )
    assert {row.title: row.counts[0] for row in found.places}[world.home.name] is None
    near = Scope(None, (Grant(Role.municipal_coordinator, ScopeKind.municipality, world.home.id),))
    told: list[str] = []

    def heard(*given: Any) -> None:
        told.append(given[2])

    event.listen(db.reader.sync_engine, "before_cursor_execute", heard)
    async with db.read() as session:
        mine = await engagement.engagement(session, near, now=NOW, zone=ZONE)
    event.remove(db.reader.sync_engine, "before_cursor_execute", heard)
    assert [(row.title, row.counts[0]) for row in mine.places] == [(world.home.name, 7)]
    assert len([one for one in told if one.startswith("SELECT")]) == 7
    methodist = await sign_in(None, Role.methodist)
    assert await methodist.opens("/indicators/engagement") == 403
