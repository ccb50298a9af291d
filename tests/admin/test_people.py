"""People: search, filters, pages, the sheet, the card, confirming, roles, merging."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
from sqlalchemy import event, func, select

from bot.db import Database
from bot.models import (
    Change,
    Identity,
    Messenger,
    MethodistAssignment,
    Person,
    Role,
    RoleAssignment,
    ScopeKind,
)
from bot.services import search
from bot.services.people_list import SIZE
from tests.admin.conftest import SignIn
from tests.factories import give_role, make_municipality, make_organisation, make_person


async def indexed(db: Database, *people: Person) -> None:
    async with db.begin() as session:
        for person in people:
            await search.index(session, "person", person.id, person.full_name, trigrams_too=True)


async def test_the_list_searches_forgivingly(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        semenova = await make_person(session, "Семёнова Алёна Игоревна")
        petrova = await make_person(session, "Петрова Ольга Юрьевна")
    await indexed(db, semenova, petrova)
    browser = await sign_in(None, Role.centre_staff)
    for query in ("семенова", "Алёна Семёнова", "Симёнова", "ctvtyjdf"):
        await browser.opens("/people", q=query)
        assert browser.sees("Семёнова Алёна Игоревна"), query
        assert not browser.sees("Петрова Ольга"), query
    await browser.opens("/people", q="Кукушкина")
    assert browser.sees("Никого не нашлось", "снимите фильтры")


async def test_filters_narrow_and_stay_chosen(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        vyazma = await make_municipality(session, "Вяземский округ")
        roslavl = await make_municipality(session, "Рославльский округ")
        one = await make_organisation(session, "Гимназия № 4", municipality=vyazma)
        two = await make_organisation(session, "Школа № 9", municipality=roslavl)
        await make_person(session, "Первая Анна Ивановна", organisation=one)
        await make_person(session, "Вторая Анна Ивановна", organisation=two, confirmed=False)
        methodist = await make_person(session, "Третья Анна Ивановна", organisation=two)
        await give_role(session, methodist, Role.methodist)
    browser = await sign_in(None, Role.centre_staff)
    await browser.opens("/people", municipality=vyazma.id)
    assert browser.sees("Первая Анна")
    assert not browser.sees("Вторая Анна")
    assert f'value="{vyazma.id}" selected' in browser.last.text
    await browser.opens("/people", organisation=two.id)
    assert browser.sees("Вторая Анна", "Третья Анна", "Школа № 9")
    assert not browser.sees("Первая Анна")
    await browser.opens("/people", confirmed="no")
    assert browser.sees("Вторая Анна", "Подтвердить отмеченных")
    assert not browser.sees("Третья Анна")
    await browser.opens("/people", role="methodist")
    assert browser.sees("Третья Анна")
    assert not browser.sees("Вторая Анна")
    await browser.opens("/people", municipality=roslavl.id, confirmed="yes", role="methodist")
    assert browser.sees("Третья Анна")


async def many(db: Database, count: int) -> None:
    async with db.begin() as session:
        organisation = await make_organisation(
            session, "Муниципальное бюджетное общеобразовательное учреждение «Средняя школа № 28 имени В. Ф. Маргелова»"
        )
        for number in range(count):
            letters = "абвгдежзиклмнопрстуф"
            start = (letters[number // 20] + letters[number % 20]).title()
            name = f"{start}ламутдинова-Преображенская Александра Вячеславовна"
            await make_person(session, name, organisation=organisation)


async def test_pages_hold_everybody_once(db: Database, sign_in: SignIn) -> None:
    await many(db, SIZE * 2 + 3)
    browser = await sign_in(None, Role.centre_staff)
    async with db.read() as session:
        total = int(await session.scalar(select(func.count()).select_from(Person)) or 0)
    seen: list[str] = []
    for page in range(3):
        await browser.opens("/people", page=page)
        rows = browser.last.text.split('<th role="rowheader"')[1:]
        seen += [row.split("</a>")[0].rsplit(">", 1)[1] for row in rows]
        assert browser.sees(f"{page * SIZE + 1}–{min((page + 1) * SIZE, total)} из {total}")
    assert len(seen) == len(set(seen)) == total
    assert seen == sorted(seen, key=lambda name: name.casefold().replace("ё", "е"))
    assert not browser.sees("Дальше ›")


async def test_a_page_is_small_and_costs_a_fixed_number_of_queries(db: Database, sign_in: SignIn) -> None:
    await many(db, 5)
    browser = await sign_in(None, Role.centre_staff)
    await browser.opens("/people")
    statements: list[str] = []

    @event.listens_for(db.reader.sync_engine, "before_cursor_execute")
    def count(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    await browser.opens("/people")
    few = len(statements)
    await many(db, 60)
    statements.clear()
    await browser.opens("/people", confirmed="yes")
    assert len(statements) == few <= 6
    assert len(browser.last.content) <= 20 * 1024
    await browser.opens("/people", confirmed="no")
    assert len(browser.last.content) <= 20 * 1024


async def test_the_sheet_holds_the_filtered_list(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        organisation = await make_organisation(session, "=Гимназия № 4")
        await make_person(session, "Выгруженная Анна Ивановна", organisation=organisation)
        await make_person(session, "Лишняя Анна Ивановна", confirmed=False)
    browser = await sign_in(None, Role.centre_staff)
    await browser.opens("/people.xlsx", organisation=organisation.id)
    assert browser.last.headers["content-disposition"].endswith('.xlsx"')
    page = openpyxl.load_workbook(io.BytesIO(browser.last.content)).active
    assert page is not None
    rows = list(page.iter_rows(values_only=True))
    assert rows[0][0] == "Человек"
    assert [row[0] for row in rows[1:]] == ["Выгруженная Анна Ивановна"]
    assert rows[1][2] == "=Гимназия № 4"
    assert page["C2"].data_type == "s"
    async with db.read() as session:
        record = await session.scalar(select(Change).where(Change.action == "exported"))
        assert record is not None
        assert record.after == {"lines": "1"}


async def test_the_sheet_keeps_inside_the_scope(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        mine, other = await make_organisation(session, "Школа № 1"), await make_organisation(session, "Школа № 2")
        await make_person(session, "Своя Анна Ивановна", organisation=mine)
        await make_person(session, "Чужая Анна Ивановна", organisation=other)
    head = await sign_in(None, Role.school_head, ScopeKind.organisation, mine.id)
    await head.opens("/people.xlsx")
    page = openpyxl.load_workbook(io.BytesIO(head.last.content)).active
    assert page is not None
    assert [row[0] for row in page.iter_rows(min_row=2, values_only=True)] == ["Своя Анна Ивановна"]


async def test_a_school_head_sees_post_and_participation_but_no_birth_year(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        organisation = await make_organisation(session, "Школа № 1")
        person = await make_person(
            session, "Скрытная Анна Ивановна", organisation=organisation, birth_year=1979, accounts={Messenger.web: 77}
        )
    head = await sign_in(None, Role.school_head, ScopeKind.organisation, organisation.id)
    assert await head.opens(f"/people/{person.id}") == 200
    assert head.sees("Скрытная Анна Ивановна", "Школа № 1", "Ваша роль видит место работы и участие")
    assert not head.sees("1979")
    assert not head.sees("веб-чат")
    assert not head.sees("Результаты")
    assert await head.opens(f"/people/{person.id}/results") == 403
    centre = await sign_in(None, Role.centre_staff)
    await centre.opens(f"/people/{person.id}")
    assert centre.sees("1979", "веб-чат", "Результаты")


async def test_a_methodist_sees_those_she_was_appointed_to(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        hers = await make_person(session, "Закреплённая Анна Ивановна")
        other = await make_person(session, "Посторонняя Анна Ивановна")
        methodist = await make_person(session, "Методистова Инна Львовна")
        session.add(MethodistAssignment(methodist_id=methodist.id, person_id=hers.id, since=date(2026, 1, 1)))
    browser = await sign_in(methodist, Role.methodist, ScopeKind.assigned)
    await browser.opens("/people")
    assert browser.sees("Закреплённая Анна")
    assert not browser.sees("Посторонняя Анна")
    assert await browser.opens(f"/people/{other.id}") == 403
    assert await browser.sends(f"/people/{hers.id}/confirm") == 403


async def test_a_coordinator_confirms_one_and_several(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        district = await make_municipality(session)
        organisation = await make_organisation(session, "Школа № 1", municipality=district)
        people = [
            await make_person(session, f"{letter}вановна Анна Ивановна", organisation=organisation, confirmed=False)
            for letter in "АБВ"
        ]
    browser = await sign_in(None, Role.municipal_coordinator, ScopeKind.municipality, district.id)
    await browser.opens("/")
    assert browser.sees("3 человека ждут подтверждения")
    await browser.sends(f"/people/{people[0].id}/confirm")
    assert browser.sees("Подтверждено.", "подтверждён")
    await browser.sends("/people/confirm", id=[str(people[1].id), str(people[2].id)])
    assert browser.sees("Никого не нашлось")
    async with db.read() as session:
        assert await session.scalar(select(func.count()).where(Person.confirmed_at.is_(None))) == 0
        assert await session.scalar(select(func.count()).where(Change.action == "confirmed")) == 3


async def test_ticking_nobody_says_so(sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_staff)
    await browser.sends("/people/confirm")
    assert browser.sees("Никто не отмечен")


async def test_giving_and_taking_back_a_role(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        organisation = await make_organisation(session, "Школа № 1")
        person = await make_person(session, "Новая Анна Ивановна", organisation=organisation)
    browser = await sign_in(None, Role.centre_head)
    where = f"organisation:{organisation.id}"
    await browser.sends(f"/people/{person.id}/roles", role="curator", where=where, until="31.08.2027")
    assert browser.sees("Роль дана", "школьный куратор", "Школа № 1", "по 31.08.2027", "Ссылка для входа")
    await browser.sends(f"/people/{person.id}/roles", role="curator", where=where, until="30.09.2027")
    async with db.read() as session:
        held = list(await session.scalars(select(RoleAssignment).where(RoleAssignment.person_id == person.id)))
    assert [(row.role, row.scope_id, row.until) for row in held] == [(Role.curator, organisation.id, date(2027, 9, 30))]
    await browser.sends(f"/people/{person.id}/roles/end", role=str(held[0].id))
    assert browser.sees("Роль снята", "Ролей сотрудника нет")


async def test_a_role_that_makes_no_sense_is_explained(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        person = await make_person(session)
    browser = await sign_in(None, Role.centre_head)
    path = f"/people/{person.id}/roles"
    for fields in (
        {"role": "king", "where": "region"},
        {"role": "curator", "where": "organisation"},
        {"role": "curator", "where": "region:5"},
        {"role": "curator", "where": ""},
        {"role": "curator", "where": "region", "until": "завтра"},
        {"role": "curator", "where": "region", "until": "01.01.2020"},
    ):
        assert await browser.sends(path, **fields) == 422, fields
    async with db.read() as session:
        assert await session.scalar(select(func.count()).where(RoleAssignment.person_id == person.id)) == 0


async def test_only_a_head_gives_roles(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        person = await make_person(session)
    worker = await sign_in(None, Role.centre_staff)
    assert await worker.sends(f"/people/{person.id}/roles", role="centre_head", where="region") == 403
    assert await worker.sends(f"/people/{person.id}/roles/end", role="1") == 403
    assert await worker.opens("/invitations") == 403


async def test_two_rows_of_one_person_are_compared_and_joined(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        first = await make_person(session, "Двойная Анна Ивановна", accounts={Messenger.web: 501})
        second = await make_person(session, "Двойная Анна Ивановна", accounts={Messenger.vk: 502})
        other = await make_person(session, "Двойная Анна Ивановна", birth_year=1950)
    browser = await sign_in(None, Role.centre_staff)
    await browser.opens("/")
    assert browser.sees("1 пара похожих записей")
    await browser.opens("/people/doubles")
    assert browser.sees("Сравнить")
    await browser.opens("/people/merge", keep=first.id, gone=second.id)
    assert browser.sees("Останется", "веб-чат", "ВКонтакте", "Обратно не разъединить")
    async with db.read() as session:
        assert await session.get(Person, second.id) is not None
    await browser.sends("/people/merge", keep=str(first.id), gone=str(second.id))
    assert browser.sees("Записи объединены", "веб-чат, ВКонтакте")
    async with db.read() as session:
        assert await session.get(Person, second.id) is None
        assert await session.get(Person, other.id) is not None
        chats = select(func.count()).select_from(Identity).where(Identity.person_id == first.id)
        assert await session.scalar(chats) == 2


async def test_merging_is_not_for_everybody(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        organisation = await make_organisation(session)
        first = await make_person(session, "Двойная Анна Ивановна", organisation=organisation)
        second = await make_person(session, "Двойная Анна Ивановна", organisation=organisation)
    head = await sign_in(None, Role.school_head, ScopeKind.organisation, organisation.id)
    assert await head.opens("/people/doubles") == 403
    assert await head.opens("/people/merge", keep=first.id, gone=second.id) == 403
    assert await head.sends("/people/merge", keep=str(first.id), gone=str(second.id)) == 403
    async with db.read() as session:
        assert await session.get(Person, second.id) is not None
