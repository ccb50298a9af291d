"""The quiz of an event in the admin: written, checked, shown, and who may not see the keys."""

from __future__ import annotations

import io

import pytest
from docx import Document
from sqlalchemy import select

from bot.db import Database
from bot.models import Event, EventRule, EventState, QuizQuestion, Role
from tests.admin.conftest import SignIn
from tests.factories import make_event

FORM = {
    "text0": "Когда называют критерии?", "options0": "До работы\n\n После работы ", "key0": "1", "why0": "До начала.",
    "text1": "", "options1": "", "key1": "1", "share": "60", "tries": "3", "hours": "48",
}  # fmt: skip


@pytest.fixture
def in_region() -> bool:
    return True


async def test_written_and_shown(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        event = await make_event(session, rule=EventRule.quiz, state=EventState.draft)
    browser = await sign_in(None, Role.centre_staff)
    await browser.opens(f"/events/{event.id}")
    assert browser.sees("короткий опрос после занятия", "Вопросов ещё нет")
    assert await browser.sends(f"/events/{event.id}/state", state="open") == 422
    assert browser.sees("Сначала напишите их")
    assert await browser.opens(f"/events/{event.id}/quiz") == 200
    for wrong, said in (
        ({"options0": "Один"}, "нужно от 2 до 5 разных вариантов"),
        ({"options0": "Один\nОдин"}, "нужно от 2 до 5 разных вариантов"),
        ({"key0": "3"}, "верного варианта с таким номером нет"),
        ({"text0": ""}, "напишите сам вопрос"),
        ({"share": "101"}, "от 1 до 100"),
    ):
        assert await browser.sends(f"/events/{event.id}/quiz", **{**FORM, **wrong}) == 422
        assert browser.sees(said)
    assert await browser.sends(f"/events/{event.id}/quiz", **FORM) == 200
    assert browser.sees("Опрос сохранён", "1 вопрос, от 60 % верных, попыток: 3")
    assert await browser.sends(f"/events/{event.id}/state", state="open") == 200
    async with db.read() as session:
        row = (await session.scalars(select(QuizQuestion))).one()
        assert (row.options, row.key) == (["До работы", "После работы"], 0)
    assert await browser.sends(f"/events/{event.id}/quiz", share="60", tries="2", hours="24") == 422, "still needed"
    await browser.sends(f"/events/{event.id}/copy", day="2026-12-30", time="15:00")
    async with db.read() as session:
        copied = (await session.scalars(select(Event).order_by(Event.id.desc()))).first()
        assert copied is not None
        assert (copied.quiz_size, copied.quiz_tries) == (1, 3)


async def test_a_quiz_beside_the_word_stands_in_the_rule(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        event = await make_event(session, rule=EventRule.any)
        sheet = await make_event(session, rule=EventRule.sheet)
    browser = await sign_in(None, Role.centre_staff)
    counted = "слово с экрана, подпись или журнал вебинара"
    await browser.opens(f"/events/{event.id}")
    assert browser.sees(counted)
    assert "или короткий опрос" not in browser.last.text
    for one in (event, sheet):
        assert await browser.sends(f"/events/{one.id}/quiz", **FORM) == 200
    await browser.opens(f"/events/{event.id}")
    assert browser.sees(f"{counted}, или короткий опрос после занятия")
    await browser.opens(f"/events/{event.id}/papers/report.docx")
    document = Document(io.BytesIO(browser.last.content))
    said = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    assert f"{counted}, или короткий опрос после занятия" in said
    await browser.opens(f"/events/{sheet.id}")
    assert browser.sees("подпись в явочном листе")
    assert "или короткий опрос" not in browser.last.text, "a quiz does not stand for the sheet"


async def test_the_keys_are_for_who_writes_events(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        event = await make_event(session)
    browser = await sign_in(None, Role.analyst)
    assert await browser.opens(f"/events/{event.id}/quiz") == 403
    assert await browser.sends(f"/events/{event.id}/quiz", **FORM) == 403
