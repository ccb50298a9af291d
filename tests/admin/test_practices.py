"""The bank in the admin: register, experts by hand, an expert's own sheet, the share, XLSX, who may what."""

from __future__ import annotations

import io

import openpyxl
from sqlalchemy import select

from bot.db import Database
from bot.models import Change, Messenger, Outbox, Person, Practice, PracticeReview, PracticeState, Role
from bot.rules.practices import FIELDS
from bot.services.practices import writing
from bot.ui.screen import Screen
from tests.admin.conftest import SignIn
from tests.factories import NOW, make_organisation, make_person


async def sent(db: Database, title: str = "Карта ошибок") -> tuple[int, Person]:
    async with db.begin() as session:
        author = await make_person(session, "Кашина Вера Львовна")
        number = await writing.begin(session, author.id, now=NOW)
        for field, text in zip(FIELDS, (title, "Задача.", "Шаги урока.", "Видно по работам."), strict=False):
            await writing.write(session, author.id, number, field, text, now=NOW)
        await writing.send(
            session, author.id, number, named=False, messenger=Messenger.web, now=NOW, speak=lambda n: Screen("x")
        )
    return number, author


async def test_from_the_register_to_the_word_of_two_experts(db: Database, sign_in: SignIn) -> None:
    number, author = await sent(db)
    async with db.begin() as session:
        experts = [
            await make_person(session, name, organisation=await make_organisation(session, f"Школа № {i}"))
            for i, name in enumerate(("Ложкина Анна Петровна", "Миронова Ольга Ильинична"), start=40)
        ]
    browsers = [await sign_in(person, Role.methodist) for person in experts]
    staff = await sign_in(None, Role.centre_staff)
    await staff.opens("/practices")
    assert staff.sees("Карта ошибок", "Кашина Вера Львовна", "никто не назначен", "Цель — не меньше 30 %")
    await staff.opens(f"/practices/{number}")
    assert staff.sees("Ложкина Анна Петровна", "Миронова Ольга Ильинична")
    assert await staff.sends(f"/practices/{number}", do="assign") == 422
    assert await staff.sends(f"/practices/{number}", do="assign", expert=author.id) == 422
    assert await staff.sends(f"/practices/{number}", do="assign", expert=[one.id for one in experts]) == 200
    async with db.read() as session:
        reviews = {one.expert_id: one.id for one in await session.scalars(select(PracticeReview))}
    marks = {"useful": 2, "clear": 2, "result": 1, "repeat": 2, "safe": 2}
    for person, browser in zip(experts, browsers, strict=True):
        await browser.opens("/practices")
        assert browser.sees("Моя экспертиза")
        page = f"/practices/reviews/{reviews[person.id]}"
        await browser.opens(page)
        assert not browser.sees("Кашина")
        assert await browser.sends(page, useful=2, verdict="accept") == 422
        assert await browser.sends(page, **marks, verdict="accept") == 200
        assert browser.sees("Вы уже сказали своё слово")
    assert await browsers[0].opens(f"/practices/reviews/{reviews[experts[1].id]}") == 404
    async with db.read() as session:
        assert (await session.get_one(Practice, number)).state is PracticeState.published
    await staff.opens("/practices", state="published")
    assert staff.sees("Карта ошибок", "С экспертизой 1 из 1")
    assert await staff.opens("/practices.xlsx") == 200
    (sheet,) = openpyxl.load_workbook(io.BytesIO(staff.last.content)).worksheets
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1][0] == "Карта ошибок"
    assert rows[1][11] == "да"


async def test_published_without_experts_and_taken_down_with_reasons(db: Database, sign_in: SignIn) -> None:
    number, author = await sent(db)
    methodist = await sign_in(None, Role.methodist)
    assert await methodist.sends(f"/practices/{number}", do="publish", reason="Так надо") == 403
    head = await sign_in(None, Role.centre_head)
    assert await head.sends(f"/practices/{number}", do="publish", reason=" ") == 422
    await head.sends(f"/practices/{number}", do="publish", reason="Победитель конкурса прошлого года")
    await head.opens("/practices")
    assert head.sees("С экспертизой 0 из 1", "пока ниже цели")
    await head.sends(f"/practices/{number}", do="down", reason="Просьба школы")
    assert head.sees("Снята: Просьба школы")
    async with db.read() as session:
        actions = list(await session.scalars(select(Change.action).where(Change.entity == "practice")))
        told = [row.kind for row in await session.scalars(select(Outbox).where(Outbox.person_id == author.id))]
    assert {"published-without", "taken-down"} <= set(actions)
    assert told == ["practice-published", "practice-withdrawn"]


async def test_who_may_look(db: Database, sign_in: SignIn) -> None:
    number, _ = await sent(db)
    async with db.begin() as session:
        other = await make_person(session, "Юдина Яна Олеговна")
        draft = await writing.begin(session, other.id, now=NOW)
    for role in (Role.school_head, Role.municipal_coordinator, Role.duty, Role.tech_admin):
        browser = await sign_in(None, role)
        assert await browser.opens("/practices") == 403, role
        assert await browser.opens(f"/practices/{number}") == 403, role
        assert await browser.opens("/practices.xlsx") == 403, role
    analyst = await sign_in(None, Role.analyst)
    assert await analyst.opens("/practices") == 200
    assert await analyst.sends(f"/practices/{number}", do="topic", group="") == 403
    assert await analyst.opens(f"/practices/{draft}") == 404
