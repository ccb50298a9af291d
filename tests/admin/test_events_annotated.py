"""The annotated list for an ИОМ as a page, DOCX and XLSX; seats out of turn; a certificate that stands again."""

from __future__ import annotations

import io
from datetime import timedelta

import openpyxl
import pytest
from docx import Document
from sqlalchemy import select

from bot.db import Database
from bot.models import (
    Certificate,
    EventGroup,
    EventState,
    Registration,
    RegistrationSource,
    RegistrationState,
    Role,
)
from bot.services.events import after, keeping, reading, signing
from tests.admin.conftest import SignIn
from tests.factories import NOW, make_event, make_person
from tests.printing import printed


@pytest.fixture
def in_region() -> bool:
    return True


async def planned(db: Database, number: int = 1) -> None:
    async with db.begin() as session:
        for n in range(number):
            event = await make_event(session, title=f"Урок вопросов {n}", starts_at=NOW + timedelta(days=10), seats=40)
            event.about = "Как спрашивать, чтобы думали все"
            session.add_all(EventGroup(event_id=event.id, group_slug=slug) for slug in ("digital", "method"))
            await session.flush()
            await keeping.publish(session, event.id, state=EventState.open, now=NOW)
        hidden = await make_event(session, title="Закрытая встреча", starts_at=NOW + timedelta(days=11))
        hidden.members_only = True
        session.add(EventGroup(event_id=hidden.id, group_slug="digital"))
        await make_event(session, title="Без групп", starts_at=NOW + timedelta(days=12))
        far = await make_event(session, title="Через год", starts_at=NOW + timedelta(days=300))
        session.add(EventGroup(event_id=far.id, group_slug="digital"))


async def test_the_list_as_a_page_and_as_papers(db: Database, sign_in: SignIn) -> None:
    await planned(db)
    browser = await sign_in(None, Role.methodist)
    await browser.opens("/events")
    assert browser.sees("Перечень для ИОМ")
    await browser.opens("/events/annotated")
    assert browser.sees("За эти дни: 1", "Урок вопросов 0", "Как спрашивать, чтобы думали все", "все педагоги", "40")
    for name in ("Закрытая встреча", "Без групп", "Через год"):
        assert name not in browser.last.text
    await browser.opens("/events/annotated.docx")
    document = Document(io.BytesIO(browser.last.content))
    assert len(document.tables) == 2, "an event of two groups stands under both"
    cells = [cell.text for cell in document.tables[0].rows[1].cells]
    assert cells[0] == "Урок вопросов 0"
    assert "?start=event_" in cells[-1]
    await browser.opens("/events/annotated.xlsx", until="01.12.2027")
    sheet = openpyxl.load_workbook(io.BytesIO(browser.last.content)).worksheets[0]
    printed(sheet)
    assert sheet.row_dimensions[2].height > 15, "a link and an annotation are seen whole"
    rows = list(sheet.values)
    assert [row[0] for row in rows] == ["Мероприятие", "Урок вопросов 0", "Через год"]
    assert rows[1][-1] == 0


async def test_what_is_asked_wrongly_and_what_is_empty(db: Database, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_staff)
    await browser.opens("/events/annotated", group="digital")
    assert browser.sees("За эти дни нет мероприятий с группами компетенций")
    assert await browser.opens("/events/annotated", since="завтра") == 422
    assert await browser.opens("/events/annotated", since="2026-12-01", until="2026-11-01") == 422
    assert await browser.opens("/events/annotated.pdf") == 404
    await browser.opens("/events/annotated.docx")
    assert any("нет мероприятий" in one.text for one in Document(io.BytesIO(browser.last.content)).paragraphs)


async def test_a_seat_out_of_turn_has_a_reason_everybody_reads(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        event = await make_event(session, starts_at=NOW + timedelta(days=5), seats=1)
        vera = (await make_person(session, "Орлова Вера Ивановна")).id
    browser = await sign_in(None, Role.centre_staff)
    await browser.opens(f"/events/{event.id}")
    assert browser.sees("Место без очереди")
    seat = f"/events/{event.id}/seat"
    assert await browser.sends(seat, name="Орлова Вера Ивановна", reason=" ") == 422
    assert await browser.sends(seat, name="Неизвестная Анна", reason="Выступает") == 422
    await browser.sends(seat, name="Орлова Вера Ивановна", reason="Выступает на встрече")
    assert browser.sees("Выступает на встрече")
    async with db.read() as session:
        own = (await session.scalars(select(Registration).where(Registration.person_id == vera))).one()
    assert (own.state, own.source) == (RegistrationState.invited, RegistrationSource.out_of_turn)
    async with db.begin() as session:
        await signing.sign_up(session, vera, event.id, now=NOW)
        assert (await reading.card(session, event.id, None)).out_of_turn == ("Выступает на встрече",)
    assert await browser.sends(seat, name="Орлова Вера Ивановна", reason="Ещё раз") == 422, "no seat is left"


async def test_a_revoked_certificate_stands_again_under_its_number(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        event = await make_event(session, starts_at=NOW - timedelta(hours=3), gives_certificate=True)
        vera = (await make_person(session, "Орлова Вера Ивановна")).id
        session.add(signing.new_row(event.id, vera, now=NOW))
    browser = await sign_in(None, Role.centre_staff)
    mark = f"/events/{event.id}/mark"
    await browser.sends(mark, person=[vera], how="manual", reason="Подпись")
    async with db.begin() as session:
        await after.issue(session, event.id, now=NOW, today=NOW.date())
        number = (await session.scalars(select(Certificate.number))).one()
    await browser.sends(mark, person=[vera], how="revoke", reason="Ошибка в имени")
    async with db.read() as session:
        assert (await session.scalars(select(Certificate.revoke_reason))).one() == "Ошибка в имени"
    await browser.sends(mark, person=[vera], how="again")
    async with db.read() as session:
        paper = (await session.scalars(select(Certificate))).one()
    assert (paper.number, paper.revoked_at) == (number, None)
