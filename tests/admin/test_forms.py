"""Forms in the admin: made, sent out, filled in by a school, totals and the sheet; who may not."""

from __future__ import annotations

import io
from datetime import timedelta

import openpyxl
import pytest
from sqlalchemy import func, select

from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.jobs import forms as jobs
from bot.models import FormReply, Outbox, Role, ScopeKind
from bot.rules import forms as rules
from bot.services.forms import samples
from tests.admin.conftest import SignIn
from tests.factories import NOW, give_role, make_organisation, make_person

FORM = {
    "title": "Нагрузка", "about": "Для плана", "audience": "organisations", "due_on": "01.12.2026",
    "text0": "Сколько часов в неделю?", "type0": "number", "required0": "yes",
    "text1": "Хватает ли времени?", "type1": "choice", "options1": "да; не всегда; нет",
}  # fmt: skip


async def test_a_ready_made_form_is_changed_and_kept(sign_in: SignIn) -> None:
    for one in samples.samples().values():
        assert len(rules.checked(one.questions)) == len(one.questions), one.slug
    centre = await sign_in(None, Role.centre_staff)
    await centre.opens("/forms/new")
    assert centre.sees("Начать с готовой", "Нагрузка методиста за месяц", "Обсуждение проекта в РУМО")
    assert await centre.opens("/forms/new", sample="other") == 404
    await centre.opens("/forms/new", sample="workload")
    assert not centre.sees("Начать с готовой")
    page = centre.last.text
    assert 'value="Сколько консультаций провели?"' in page
    assert '<option value="methodist" selected>' in page
    questions = samples.sample("workload").questions
    given = {"title": "Нагрузка", "audience": "people", "role": "methodist", "due_on": "01.12.2026"}
    for n, (text, kind, options, required) in enumerate(questions):
        given |= {f"text{n}": text, f"type{n}": kind, f"options{n}": options, f"required{n}": "yes" if required else ""}
    assert await centre.sends("/forms/new", **given) == 200
    assert centre.sees("Черновик", "Нагрузка")


@pytest.mark.parametrize("where", ["sqlite", pytest.param("@postgres", marks=pytest.mark.postgres)])
async def test_from_questions_to_totals(db: Database, sign_in: SignIn, where: str) -> None:
    async with db.begin() as session:
        school = await make_organisation(session, "Школа № 1")
        await make_organisation(session, "Школа № 2")
    centre = await sign_in(None, Role.centre_staff)
    assert await centre.opens("/forms") == 200
    assert centre.sees("Анкет ещё нет")
    assert await centre.sends("/forms/new", **{**FORM, "options1": "одно"}) == 422
    assert centre.sees("Вопросу 2 нужны варианты")
    assert "Сколько часов в неделю?" in centre.last.text, "what was typed is kept"
    assert await centre.sends("/forms/new", **{**FORM, "due_on": "01.12.2020"}) == 422
    assert await centre.sends("/forms/new", **{**FORM, "audience": "people"}) == 422
    assert await centre.sends("/forms/new", **FORM) == 200
    page = centre.path.removeprefix("/admin")
    assert centre.sees("Черновик", "Школы", "Получено 0 из 0")
    assert await centre.sends(f"{page}/open") == 200
    assert centre.sees("Собираем ответы", "Школа № 1", "Школа № 2")
    head = await sign_in(None, Role.school_head, ScopeKind.organisation, school.id)
    await head.opens("/forms")
    assert head.sees("Нагрузка", "Школа № 1")
    assert not head.sees("Школа № 2")
    async with db.read() as session:
        mine = await session.scalar(select(FormReply.id).where(FormReply.subject_id == school.id))
        other = await session.scalar(select(FormReply.id).where(FormReply.name == "Школа № 2"))
    assert await head.sends(f"/forms/replies/{mine}", **{"f-q1": "много", "f-q2": "2", "do": "keep"}) == 422
    assert head.sees("не целое число")
    assert await head.sends(f"/forms/replies/{mine}", **{"f-q1": "", "f-q2": "2", "do": "send"}) == 422
    assert head.sees("Не хватает ответов на вопросы: 1")
    assert await head.sends(f"/forms/replies/{mine}", **{"f-q1": "12", "f-q2": "2", "do": "send"}) == 200
    assert head.sees("Анкета отправлена", "получено")
    assert await head.opens(f"/forms/replies/{other}") == 404
    assert await head.opens(page) == 403
    assert await centre.opens(page) == 200
    assert centre.sees("Получено 1 из", "Сумма 12, среднее 12,0", "не всегда 1")
    assert await centre.opens(f"{page}.xlsx") == 200
    sheet = openpyxl.load_workbook(io.BytesIO(centre.last.content)).active
    assert sheet is not None
    rows = {row[0].value: [cell.value for cell in row[3:]] for row in sheet.iter_rows(min_row=2)}
    assert (rows["Школа № 1"], rows["Школа № 2"]) == ([12, "не всегда"], [None, None])
    assert await centre.sends(f"{page}/close") == 200
    assert await head.sends(f"/forms/replies/{mine}", **{"f-q1": "13", "do": "send"}) == 422


async def test_reminders_come_once_a_stage(db: Database, sign_in: SignIn, texts: Texts, settings: Settings) -> None:
    async with db.begin() as session:
        school = await make_organisation(session, "Школа № 1")
        head = await make_person(session, organisation=school)
        await give_role(session, head, Role.school_head, ScopeKind.organisation, school.id)
    centre = await sign_in(None, Role.centre_head)
    await centre.sends("/forms/new", **{**FORM, "due_on": "14.12.2026"})
    await centre.sends(f"{centre.path.removeprefix('/admin')}/open")
    told = [
        await jobs.remind(db, texts, settings, now=NOW + timedelta(days=days))
        for days in (0, 1, 5, 13, 14, 19, 20, 21, 22)
    ]
    assert told == [1, 0, 0, 1, 0, 1, 1, 1, 0], "at once; 7 and 1 days before, on the day, after it"
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Outbox)) == 5


@pytest.mark.parametrize("role", [Role.analyst, Role.methodist, Role.tech_admin])
async def test_who_asks_nobody_and_is_asked_nothing(sign_in: SignIn, role: Role) -> None:
    browser = await sign_in(None, role)
    assert await browser.opens("/forms") == 200
    assert browser.sees("Сейчас вас ни о чём не спрашивают")
    for path in ("/forms/new", "/forms/1", "/forms/1.xlsx"):
        assert await browser.opens(path) == 403
    assert await browser.sends("/forms/new", **FORM) == 403
    assert await browser.sends("/forms/1/open") == 403
    assert await browser.opens("/forms/replies/1") == 404
