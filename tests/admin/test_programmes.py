"""Programmes in the admin: from a configuration to a finished cohort, works, the table, and who may what."""

from __future__ import annotations

import io

import openpyxl
import pytest
from sqlalchemy import select

from bot.db import Database
from bot.models import Cohort, CohortState, CohortTask, MemberState, Programme, Role, ScopeKind
from bot.services import files
from bot.services.access import Grant, Scope
from bot.services.events import attending
from bot.services.programmes import belonging, reading, working
from tests.admin.conftest import Clock, SignIn
from tests.factories import NOW, make_person

HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))


@pytest.fixture
def in_region() -> bool:
    return True


async def begun(db: Database, browser: object) -> int:
    """A cohort of the school of young teachers, made through the pages."""
    await browser.sends("/programmes", template="young_school", title="")  # type: ignore[attr-defined]
    async with db.read() as session:
        programme = (await session.scalars(select(Programme.id))).one()
    await browser.sends(  # type: ignore[attr-defined]
        f"/programmes/{programme}/gather", title="Осень 2026", day="2026-12-02", time="15:00", form="mixed"
    )
    async with db.read() as session:
        return (await session.scalars(select(Cohort.id))).one()


async def test_from_a_configuration_to_the_end(db: Database, sign_in: SignIn, clock: Clock, settings: object) -> None:
    async with db.begin() as session:
        hers = (await make_person(session, "Орлова Вера Ивановна", birth_year=2001, teach_since_year=2025)).id
    browser = await sign_in(None, Role.centre_staff)
    assert await browser.opens("/programmes") == 200
    assert browser.sees("Программ пока нет", "Школьная команда «под ключ»")
    number = await begun(db, browser)
    assert browser.sees("Набор открыт", "Школа молодого педагога: Осень 2026", "Сейчас по правилу подходят: 1")
    await browser.sends(f"/cohorts/{number}/rule")
    assert browser.sees("Приглашения отправлены", "Орлова Вера Ивановна", "приглашение ждёт ответа")
    await browser.sends(f"/cohorts/{number}/list", names="Неизвестная Анна Петровна\nОрлова Вера Ивановна")
    assert browser.sees("Не нашлись или совпали с несколькими: Неизвестная Анна Петровна")
    await browser.sends(f"/cohorts/{number}/code")
    assert browser.sees("Код группы")
    async with db.begin() as session:
        await belonging.join(session, hers, number, now=NOW, today=NOW.date())
        await belonging.mark_need(session, hers, number, "parents", now=NOW)
        blob = await files.put(settings, b"%PDF-1.4 lesson")  # type: ignore[arg-type]
        stored = await files.add(
            session, blob, name="урок.pdf", media_type="application/pdf", owner_id=hers, purpose="evidence", now=NOW
        )
        (task,) = await working.tasks(session, hers, number)
        await working.send(session, hers, task.id, text="Мой урок", file_id=stored.id, now=NOW)
    await browser.opens(f"/cohorts/{number}")
    assert browser.sees("Что отметили в начале", "Родители: 1", "Мой урок", "Файл: урок.pdf", "на проверке 1")
    async with db.read() as session:
        (work,), _ = await working.queue(session, HEAD, today=NOW.date())
    await browser.opens(f"/cohorts/works/{work.id}/file")
    assert browser.last.content == b"%PDF-1.4 lesson"
    assert await browser.sends(f"/cohorts/{number}/work", work=work.id, verdict="return", comment="") == 422
    await browser.sends(f"/cohorts/{number}/work", work=work.id, verdict="accept")
    assert browser.sees("Решение записано", "принято 1", "Все работы просмотрены")
    await browser.sends(f"/cohorts/{number}/task", title="Урок коллеги", text="Посмотрите урок", due="2026-12-30")
    assert browser.sees("Задание дано", "Урок коллеги")
    meeting = {"title": "Сверх плана", "kind": "workshop", "day": "2026-12-10", "time": "16:00", "minutes": "60"}
    await browser.sends(f"/cohorts/{number}/meeting", **meeting, form="distance")
    assert browser.sees("Встреча добавлена", "10.12")
    await browser.sends(f"/cohorts/{number}/start")
    assert browser.sees("идёт")
    assert await browser.sends(f"/cohorts/{number}/finish") == 422
    async with db.begin() as session:
        cohort = await session.get_one(Cohort, number)
        meetings = await reading.meetings_of(session, cohort.series_id)
        for one in meetings:
            await attending.mark_by_sheet(session, HEAD, one.id, [hers], now=one.ends_at)
    clock.passes(days=400)
    browser = await sign_in(None, Role.centre_staff)
    await browser.sends(f"/cohorts/{number}/finish")
    assert browser.sees("Группа завершена", "пройдена", "10 из 10, нужно 7", "Открыть следующий год")
    await browser.opens(f"/cohorts/{number}/list.xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(browser.last.content)).active.values)  # type: ignore[union-attr]
    assert rows[1][0] == "Орлова Вера Ивановна"
    assert rows[1][3] == "пройдена"
    await browser.sends(f"/cohorts/{number}/next", title="Второй год", day="2028-01-20", time="15:00")
    assert browser.sees("2-й год", "приглашение ждёт ответа", "с прошлого года")
    await browser.sends(f"/cohorts/{number}/revoke", person=hers, reason="Ошибка")
    assert browser.sees("Итог отозван")
    async with db.read() as session:
        own = await reading.member_of(session, number, hers)
        assert own is not None
        assert own.state is MemberState.ended
        assert (await session.get_one(Cohort, number)).state is CohortState.finished


@pytest.mark.parametrize(
    "wrong",
    [{"title": ""}, {"share": "0"}, {"share": "много"}, {"activity": "999"}, {"activity": "x"},
     {"title": "Повышение квалификации молодых", "certificate": "yes"}],
)  # fmt: skip
async def test_what_a_programme_cannot_be(db: Database, sign_in: SignIn, wrong: dict[str, str]) -> None:
    browser = await sign_in(None, Role.centre_staff)
    await begun(db, browser)
    async with db.read() as session:
        programme = (await session.scalars(select(Programme.id))).one()
    fine = {"title": "Школа", "about": "", "share": "70", "tasks_share": "0"}
    assert await browser.sends(f"/programmes/{programme}", **{**fine, **wrong}) == 422
    assert await browser.sends(f"/programmes/{programme}", **fine) == 200
    assert await browser.sends("/programmes", template="nonsense") == 422
    assert await browser.sends(f"/programmes/{programme}/gather", title="x", day="2020-01-01", time="15:00") == 422


async def test_who_may_what(db: Database, sign_in: SignIn) -> None:
    office = await sign_in(None, Role.centre_staff)
    number = await begun(db, office)
    async with db.read() as session:
        assert (await session.scalars(select(CohortTask.id))).all()
    for role in (Role.teacher, Role.duty, Role.privacy_officer):
        browser = await sign_in(None, role)
        assert await browser.opens(f"/cohorts/{number}") in (403, 404)
    methodist = await sign_in(None, Role.methodist)
    assert await methodist.opens(f"/cohorts/{number}") == 200
    assert await methodist.sends(f"/cohorts/{number}/finish") == 403
    assert await methodist.sends(f"/cohorts/{number}/code") == 403
    assert await methodist.sends("/programmes", template="young_school") == 403
    coordinator = await sign_in(None, Role.municipal_coordinator)
    assert await coordinator.opens("/programmes") == 200
    assert await coordinator.sends(f"/cohorts/{number}/task", title="x", text="текст", due="2026-12-30") == 403
