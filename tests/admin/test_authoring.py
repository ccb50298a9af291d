"""The centre writes a test from draft to publication, marks works, takes in results: in the admin."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.config import ROOT
from bot.db import Database
from bot.models import (
    Attempt,
    AttemptState,
    ExternalImport,
    InstrumentVersion,
    Item,
    Messenger,
    Person,
    Purpose,
    Role,
    ScopeKind,
    Submission,
    VersionState,
    View,
)
from bot.services import diagnostics
from bot.services.diagnostics.source import write_yaml
from tests.admin.conftest import SITE, Browser, SignIn
from tests.factories import NOW, make_organisation, make_person
from tests.services.test_drafts import task, test_file


@pytest.fixture
def in_region() -> bool:
    return True


async def uploads(browser: Browser, path: str, name: str, content: bytes) -> int:
    browser.answer = await browser.client.post(
        f"/admin{path}", files={"file": (name, content)}, headers={"Origin": SITE}, follow_redirects=True
    )
    return browser.answer.status_code


async def test_a_draft_is_corrected_and_published(db: Database, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_staff)
    assert await uploads(browser, "/instruments/import", "own.yaml", write_yaml(test_file(task(key=5)))) == 200
    assert browser.sees("Свой тест, версия 1", "Черновик", "Вопрос А1: ключ не подходит ни к одному варианту")
    here = browser.path.removeprefix("/admin").removesuffix("/work")
    assert await browser.sends(f"{here}/advance", to="review") == 422
    assert browser.sees("Пока нельзя", "ключ не подходит")
    await browser.opens(f"{here}/item", code="А1")
    assert browser.sees("Вопрос А1", "Номер варианта")
    changed = {
        "old": "А1", "group": "subject", "code": "А1", "kind": "single", "text": "Сколько будет дважды два?",
        "options": "Три\r\nЧетыре", "key": "2", "short": "Умножение",
    }  # fmt: skip
    assert await browser.sends(f"{here}/item", **changed) == 200
    assert browser.sees("Черновик сохранён", "Сколько будет дважды два")
    assert not browser.sees("До публикации не хватает")
    second = changed | {"old": "", "code": "А2", "kind": "number", "options": "", "key": "много", "text": "Число?"}
    await browser.sends(f"{here}/item", **second)
    assert browser.sees("Вопрос А2: ключ не читается как число")
    await browser.sends(f"{here}/item", **(second | {"old": "А2", "key": "1/6", "tolerance": "0,01"}))
    await browser.sends(f"{here}/item/change", code="А2", do="up")
    async with db.read() as session:
        items = await session.execute(
            select(Item.code, Item.answer_key).where(Item.version_id == int(here.split("/")[2])).order_by(Item.place)
        )
        assert [row.code for row in items] == ["А2", "А1"]
    assert await browser.sends(f"{here}/item", **(changed | {"code": "А2"})) == 422
    assert browser.sees("Код А2 стоит у двух вопросов")
    await browser.sends(
        f"{here}/head", title="Свой тест", minutes="12", time_limit="15", instruction="", subject="math"
    )
    await browser.sends(f"{here}/advance", to="review")
    assert browser.sees("Передано на экспертизу")
    await browser.sends(f"{here}/advance", to="trial")
    assert browser.sees("идёт апробация")
    await browser.opens(here)
    assert browser.sees("1 из 2.")
    await browser.opens("/instruments")
    assert browser.sees("Свой тест", "тест с ключом", "апробация")
    async with db.read() as session:
        version = await session.get_one(InstrumentVersion, int(here.split("/")[2]))
        assert (version.state, version.time_limit, version.minutes) == (VersionState.trial, 15, 12)


async def test_files_go_out_and_come_back(db: Database, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_staff)
    async with db.read() as session:
        version = await session.scalar(select(InstrumentVersion.id).where(InstrumentVersion.form == "A"))
    for ending in ("yaml", "xlsx"):
        assert await browser.opens(f"/instruments/{version}/export.{ending}") == 200
        content = browser.last.content
        assert await uploads(browser, "/instruments/import", f"back.{ending}", content) == 200
        assert browser.sees("Тест по математике и методике", "Черновик")
        assert not browser.sees("До публикации не хватает")
    assert await uploads(browser, "/instruments/import", "x.yaml", b"slug: [") == 422
    assert browser.sees("не читается")
    assert await browser.opens("/competences") == 200
    await browser.sends("/competences", slug="robotics", title="Робототехнические")
    assert browser.sees("Справочник обновлён")


async def test_an_analyst_sees_no_keys_and_edits_nothing(db: Database, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.analyst)
    async with db.read() as session:
        version = await session.scalar(select(InstrumentVersion.id).where(InstrumentVersion.form == "A"))
    assert await browser.opens(f"/instruments/{version}/work") == 200
    assert not browser.sees("Править новой версией")
    assert await browser.opens(f"/instruments/{version}/export.yaml") == 403
    assert await browser.opens(f"/instruments/{version}/item") == 403
    assert await browser.sends(f"/instruments/{version}/advance", to="verified") == 403
    assert await browser.opens("/external") == 403
    assert await browser.opens("/marking") == 403


async def test_a_work_is_marked_at_the_desk(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        teacher = await make_person(session, "Кашина Вера Львовна")
        version = await session.scalar(
            select(InstrumentVersion.id).where(InstrumentVersion.instruction.like("В проверочной работе%"))
        )
        attempt = Attempt(
            person_id=teacher.id, version_id=version, purpose=Purpose.official, state=AttemptState.waiting,
            messenger=Messenger.web, started_at=NOW, touched_at=NOW,
        )  # fmt: skip
        session.add(attempt)
        await session.flush()
        session.add(Submission(attempt_id=attempt.id, text="<b>Мой ответ</b>", submitted_at=NOW))
        content = await diagnostics.content_of(session, version or 0)
    browser = await sign_in(None, Role.centre_staff)
    await browser.opens("/marking")
    assert browser.sees("Кашина Вера Львовна", "свободна")
    await browser.opens(f"/marking/{attempt.id}")
    assert browser.sees("<b>Мой ответ</b>", "Причина", "Критерии") or browser.sees("<b>Мой ответ</b>", "Критерии")
    marks = {f"item{item.id}": "3" for item in content.items[:3]}
    assert await browser.sends(f"/marking/{attempt.id}", **marks, done="1") == 422
    assert browser.sees("Остались критерии без отметки")
    assert (
        await browser.sends(
            f"/marking/{attempt.id}",
            **marks,
            **{f"item{content.items[3].id}": "out"},
            done="1",
            comment="Точно и спокойно",
        )
        == 200
    )
    async with db.read() as session:
        done = await session.get_one(Attempt, attempt.id)
        assert (done.state, done.total_pct) == (AttemptState.finished, 100)
        assert [look.what for look in await session.scalars(select(View))] == ["case"]
        assert await diagnostics.marking.comment_of(session, teacher.id, attempt.id) == "Точно и спокойно"
        assert await diagnostics.marking.comment_of(session, teacher.id + 1, attempt.id) == ""
    foreign = await sign_in(None, Role.methodist, ScopeKind.assigned)
    await foreign.opens("/marking")
    assert foreign.sees("Все работы проверены")
    assert await foreign.opens(f"/marking/{attempt.id}") == 404


async def test_the_methodist_is_told_of_a_wide_gap_and_the_teacher_sees_two_numbers(
    db: Database, sign_in: SignIn
) -> None:
    async with db.begin() as session:
        teacher = await make_person(session, "Разная Анна Ивановна")
        own = await diagnostics.published(session, "teacher")
        assert own is not None
        await diagnostics.record_finished(
            session, teacher.id, own, {item.id: 5 for item in own.items}, purpose=Purpose.official,
            started_at=NOW, finished_at=NOW - timedelta(days=3), messenger=Messenger.web,
        )  # fmt: skip
        version = await session.scalar(select(InstrumentVersion.id).where(InstrumentVersion.form == "A"))
        content = await diagnostics.content_of(session, version or 0)
        attempt = Attempt(
            person_id=teacher.id, version_id=content.version_id, purpose=Purpose.official, state=AttemptState.open,
            messenger=Messenger.web, started_at=NOW, touched_at=NOW,
        )  # fmt: skip
        session.add(attempt)
        await session.flush()
        step = await diagnostics.choose(session, teacher.id, content.items[0].id, "4", now=NOW)
        assert step is not None
        await diagnostics.close(session, attempt.id, content, Purpose.official, teacher.id, now=NOW, on=NOW.date())
        pair = (await diagnostics.both(session, teacher.id))["subject"]
        assert (round(pair.own.pct), round(pair.tested.pct), pair.wide) == (100, 12, True)
    browser = await sign_in(None, Role.centre_staff)
    await browser.opens(f"/people/{teacher.id}/results")
    assert browser.sees("Самооценка расходится с тестом", "Предметные: самооценка 100, тест 12")


async def test_results_from_elsewhere_are_taken_in_and_doubts_decided(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        place = await make_organisation(session, "Заозёрная гимназия")
        sure = await make_person(session, "Ветрова Анна Ильинична", organisation=place)
        for year in (1984, 1990):
            await make_person(session, "Иванова Мария Петровна", birth_year=year)
    content = (
        "ФИО;Школа;Диагностика;Дата;Результат;Уровень\n"
        "Ветрова Анна Ильинична;Заозёрная гимназия;Предметная;12.10.2026;64;базовый\n"
        "Иванова Мария Петровна;;Предметная;12.10.2026;50;базовый\n"
        "Петрова Анна;;Предметная;12.10.2027;50;\n"
    ).encode()
    browser = await sign_in(None, Role.centre_staff)
    assert await uploads(browser, "/external", "fioko.csv", content) == 200
    assert browser.sees("Понятно, чьи результаты: 1. Нужно решить: 1. Не годятся: 1", "12.10.2027 ещё не наступило")
    file = browser.path.removeprefix("/admin")
    assert await browser.sends(file, source="") == 422
    await browser.sends(file, source="fioko")
    here = browser.path.removeprefix("/admin")
    for _ in range(100):
        async with db.read() as session:
            if (await session.scalars(select(ExternalImport.finished_at))).one() is not None:
                break
        await asyncio.sleep(0.05)
    await browser.opens(here)
    assert browser.sees("Загружено", "Строк: 3 из 3", "Не наш педагог", "1990")
    found = re.search(r'name="doubt" value="(\d+)"', browser.last.text)
    assert found is not None
    chosen = re.search(r'name="person" value="(\d+)">Иванова[^<]*1990', browser.last.text)
    assert chosen is not None
    await browser.sends(here, doubt=found[1], person=chosen[1])
    assert browser.sees("Принято", "Сохранено результатов 2")
    await browser.opens(f"/people/{sure.id}/results")
    assert browser.sees("Источник: ФИОКО. Предметная", "12.10.2026", "Уровень в источнике: базовый", "64 %")
    other = await sign_in(None, Role.centre_head)
    assert await other.opens(file) == 404, "an uploaded table is its owner's"
    async with db.read() as session:
        assert (await session.scalars(select(Person.id).where(Person.id == sure.id))).one()
    assert (ROOT / "data" / "common" / "external.yaml").exists()
