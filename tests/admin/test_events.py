"""Events in the admin: form, life, list, attendance, the presenter's page, papers, and who may what."""

from __future__ import annotations

import io
from datetime import date, timedelta
from itertools import pairwise

import openpyxl
import pytest
from docx import Document
from sqlalchemy import select

from bot.db import Database
from bot.models import Attendance, Certificate, Event, EventState, Registration, RegistrationState, Role, ScopeKind
from bot.rules import attendance as rules
from bot.services.events import after, signing
from tests.admin.conftest import Browser, Clock, SignIn
from tests.factories import NOW, make_event, make_organisation, make_person
from tests.printing import printed

FORM = {
    "title": "Методическая среда: выходной билет",
    "kind": "webinar",
    "level": "regional",
    "form": "distance",
    "rule": "code",
    "day": "2026-12-09",
    "time": "15:00",
    "minutes": "90",
    "seats": "40",
    "link": "https://room.example/7",
    "groups": ["digital"],
    "tags": "выгорание, цифра",
    "gives_certificate": "yes",
}


@pytest.fixture
def in_region() -> bool:
    return True


async def only(db: Database) -> Event:
    async with db.read() as session:
        return (await session.scalars(select(Event).order_by(Event.id))).first()  # type: ignore[return-value]


async def test_who_answers_and_by_when_to_cancel(db: Database, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_staff)
    async with db.begin() as session:
        person = (await make_person(session, "Серова Инна Юрьевна")).id
        await make_person(session, "Тёзкина Анна Львовна")
        await make_person(session, "Тёзкина Анна Львовна")
    await browser.sends("/events/new", **{**FORM, "cancel_hours": "24"})
    event = await only(db)
    assert (event.cancel_hours, event.responsible_id) == (24, event.created_by_id)
    assert await browser.sends(f"/events/{event.id}/responsible", name="Тёзкина Анна Львовна") == 422
    await browser.sends(f"/events/{event.id}/responsible", name="Серова Инна Юрьевна")
    assert browser.sees("Записано, кто отвечает", "Отвечает", "Серова Инна Юрьевна")
    assert (await only(db)).responsible_id == person
    await browser.opens(f"/events/{event.id}/papers/sheet.docx")
    sheet = Document(io.BytesIO(browser.last.content))
    assert "Серова Инна Юрьевна" in [cell.text for cell in sheet.tables[-1].rows[0].cells]
    await browser.sends(f"/events/{event.id}/edit", **{**FORM, "cancel_hours": "300"})
    assert browser.sees("Просить отменять запись можно за 1–240 часов до начала")


async def test_seats_are_kept_for_the_route(db: Database, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_staff)
    assert await browser.sends("/events/new", **{**FORM, "reserved": "10", "release_on": "2026-12-01"}) == 200
    event = await only(db)
    assert (event.reserved, event.release_on) == (10, date(2026, 12, 1))
    assert browser.sees("Места для ИОМ", "держим 10 до 01.12.2026, задано 10")
    await browser.opens(f"/events/{event.id}/edit")
    assert 'value="10"' in browser.last.text
    assert 'value="2026-12-01"' in browser.last.text
    await browser.sends(f"/events/{event.id}/edit", **{**FORM, "reserved": "41"})
    assert browser.sees("Мест для ИОМ бывает от 0 до общего числа мест")
    await browser.sends(f"/events/{event.id}/edit", **{**FORM, "reserved": "10", "release_on": "завтра"})
    assert browser.sees("завтра")
    assert (await only(db)).reserved == 10, "nothing was lost"


async def test_from_a_template_to_an_open_event(db: Database, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_staff)
    assert await browser.opens("/events") == 200
    assert browser.sees("Ничего не нашлось")
    assert await browser.opens("/events/new", template="young") == 200
    assert browser.sees("слово с экрана, подпись или журнал вебинара")
    assert "пришлёте" not in browser.last.text, "the form speaks to staff, not to a teacher"
    assert await browser.sends("/events/new", **FORM) == 200
    assert browser.sees("Мероприятие сохранено", "Методическая среда: выходной билет", "черновик", "09.12.2026, 15:00")
    event = await only(db)
    assert (event.hours, event.seats, event.tags) == (1.5, 40, ["выгорание", "цифра"])
    await browser.sends(f"/events/{event.id}/state", state="open")
    assert browser.sees("запись открыта", "Предложить педагогам")
    assert await browser.opens(f"/events/{event.id}/edit") == 200
    assert 'value="2026-12-09"' in browser.last.text
    await browser.sends(f"/events/{event.id}/edit", **{**FORM, "title": "Другое имя", "time": "18:00"})
    assert browser.sees("Другое имя", "09.12.2026, 15:00"), "the time of an announced event is changed by moving it"
    await browser.sends(f"/events/{event.id}/move", day="2026-12-10", time="16:30")
    assert browser.sees("10.12.2026, 16:30")
    await browser.sends(f"/events/{event.id}/repeat", rule="FREQ=WEEKLY;INTERVAL=2", until="2027-01-10")
    async with db.read() as session:
        assert len((await session.scalars(select(Event.id))).all()) == 3
    await browser.sends(f"/events/{event.id}/copy", day="2027-02-01", time="10:00")
    assert browser.sees("черновик", "01.02.2027, 10:00")
    await browser.sends(f"/events/{event.id}/cancel", reason="Болезнь ведущего")
    assert browser.sees("отменено", "Болезнь ведущего")
    await browser.opens("/events", q="другое имя", state="cancelled")
    assert browser.sees("Другое имя")


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""}, {"day": "завтра"}, {"time": "25:99"}, {"minutes": "0"}, {"seats": "много"}, {"seats": "0"},
        {"link": "javascript:alert(1)"}, {"kind": "party"}, {"title": "Удостоверение о повышении квалификации"},
        {"groups": ["nonsense"]}, {"hours": "часик"}, {"log_share": "900"},
    ],
)  # fmt: skip
async def test_what_cannot_be_saved(db: Database, sign_in: SignIn, wrong: dict[str, object]) -> None:
    browser = await sign_in(None, Role.centre_staff)
    assert await browser.sends("/events/new", **{**FORM, **wrong}) == 422
    assert await only(db) is None


async def held(db: Database) -> tuple[int, list[int]]:
    """An event an hour ago with three people on its list."""
    async with db.begin() as session:
        place = await make_organisation(session)
        event = await make_event(session, starts_at=NOW - timedelta(hours=2), gives_certificate=True)
        names = ("Иванова Мария Петровна", "Петрова Анна Львовна", "Сидорова Вера Ивановна")
        people = [(await make_person(session, name, organisation=place)).id for name in names]
        session.add_all(signing.new_row(event.id, person, now=NOW) for person in people)
    return event.id, people


async def test_three_numbers_marks_and_papers(db: Database, sign_in: SignIn) -> None:
    number, people = await held(db)
    browser = await sign_in(None, Role.centre_staff)
    await browser.opens(f"/events/{number}")
    assert browser.sees("Записаны 3", "Участвовали 0", "Засчитано 0")
    await browser.sends(f"/events/{number}/mark", person=[people[0]], how="sheet")
    assert browser.sees("Участвовали 1", "Засчитано 0"), "a sheet does not meet a rule of the word"
    assert await browser.sends(f"/events/{number}/mark", person=people, how="manual", reason="") == 422
    await browser.sends(f"/events/{number}/mark", person=people[:2], how="manual", reason="Подписи в листе")
    assert browser.sees("Участвовали 2", "Засчитано 2")
    await browser.opens(f"/events/{number}/papers/report.docx")
    document = Document(io.BytesIO(browser.last.content))
    cells = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    assert {"Иванова Мария Петровна", "Участие засчитано", "2", "слово с экрана", "Математика"} <= cells
    assert "Сидорова Вера Ивановна" not in cells
    said = " ".join(paragraph.text for paragraph in document.paragraphs)
    assert "По предметам" in said
    assert "Без имён" not in said, "the names are there"
    await browser.opens(f"/events/{number}/papers/list.xlsx")
    listed = openpyxl.load_workbook(io.BytesIO(browser.last.content)).worksheets[0]
    printed(listed)
    rows = list(listed.values)
    assert [(row[0], row[3], row[6], row[7]) for row in rows[1:]] == [
        ("Иванова Мария Петровна", "есть", "да", "да"),
        ("Петрова Анна Львовна", "есть", "да", "да"),
        ("Сидорова Вера Ивановна", "есть", "нет", "нет"),
    ]
    await browser.opens(f"/events/{number}/papers/sheet.docx")
    sheet = Document(io.BytesIO(browser.last.content))
    assert "Сидорова Вера Ивановна" in {cell.text for row in sheet.tables[1].rows for cell in row.cells}
    assert all(row.height is not None and row.height.mm >= 8 for row in sheet.tables[1].rows[1:]), "room for a hand"
    between = [one.tag.split("}")[1] for one in sheet.element.body]
    assert ("tbl", "tbl") not in set(pairwise(between)), "two tables that touch are one to Word"
    await browser.sends(f"/events/{number}/certificates")
    assert browser.sees("Выдаём сертификаты: 0 из 2")
    async with db.begin() as session:
        await after.issue(session, number, now=NOW, today=NOW.date())
    await browser.opens(f"/events/{number}")
    assert browser.sees("выдано 2 из 2")
    await browser.sends(f"/events/{number}/mark", person=[people[0]], how="void", reason="Была в другом зале")
    assert browser.sees("Участвовали 1", "выдано 1 из 1")
    async with db.read() as session:
        certificate = (await session.scalars(select(Certificate).where(Certificate.person_id == people[0]))).one()
        voided = (await session.scalars(select(Attendance).where(Attendance.voided_at.is_not(None)))).all()
    assert certificate.revoke_reason == "Была в другом зале"
    assert {row.void_reason for row in voided} == {"Подписи в листе", "Была в другом зале"}


async def test_a_report_counts_subjects_and_says_when_it_is_a_part(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        event = await make_event(session, starts_at=NOW - timedelta(hours=2), project="Учитель будущего")
        near, far = await make_organisation(session), await make_organisation(session, "Школа № 9")
        people = [
            await make_person(session, "Иванова Мария Петровна", organisation=near, subjects=("physics", "math")),
            await make_person(session, "Петрова Анна Львовна", organisation=far, subjects=()),
        ]
        session.add_all(signing.new_row(event.id, one.id, now=NOW) for one in people)
    everybody = await sign_in(None, Role.centre_staff)
    await everybody.sends(f"/events/{event.id}/mark", person=[one.id for one in people], how="manual", reason="Были")

    async def report(browser: Browser) -> tuple[list[list[list[str]]], str]:
        await browser.opens(f"/events/{event.id}/papers/report.docx")
        made = Document(io.BytesIO(browser.last.content))
        tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in made.tables]
        return tables, " ".join(paragraph.text for paragraph in made.paragraphs)

    tables, said = await report(everybody)
    assert ["Проект", "Учитель будущего"] in tables[0]
    assert tables[2][1:] == [["Математика", "1", "1"], ["не указан", "1", "1"], ["Физика", "1", "1"]]
    assert "В этом отчёте" not in said
    own = await sign_in(None, Role.municipal_coordinator, ScopeKind.municipality, near.municipality_id)
    tables, said = await report(own)
    assert "В этом отчёте участники вашего округа или вашей организации: 1 из 2." in said
    assert [row[1] for row in tables[3][1:]] == ["Иванова Мария Петровна"]


async def test_the_presenters_page(db: Database, sign_in: SignIn, clock: Clock) -> None:
    async with db.begin() as session:
        event = await make_event(session, starts_at=NOW - timedelta(minutes=10))
    browser = await sign_in(None, Role.tutor)
    await browser.opens(f"/events/{event.id}/screen")
    first = rules.word(event.secret, rules.window_of(NOW), 0)
    assert browser.sees(first, "0 отметились", "из 0 записавшихся")
    assert "<svg" in browser.last.text
    clock.passes(minutes=5)
    await browser.opens(f"/events/{event.id}/screen")
    assert browser.sees(rules.word(event.secret, rules.window_of(clock.now), 0))
    await browser.sends(f"/events/{event.id}/screen", what="word")
    assert browser.sees(rules.word(event.secret, rules.window_of(clock.now), 1))
    await browser.sends(f"/events/{event.id}/screen", what="close")
    assert not browser.sees("Напишите это слово")
    assert browser.sees("Открыть отметку")


async def test_a_coordinator_proposes_by_names(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        place = await make_organisation(session)
        event = await make_event(session)
        mine = await make_person(session, "Иванова Мария Петровна", organisation=place)
        await make_person(session, "Петрова Анна Львовна")
    browser = await sign_in(None, Role.municipal_coordinator, ScopeKind.municipality, place.municipality_id)
    names = "иванова мария  петровна\nПетрова Анна Львовна\nНикто Никтович\n"
    await browser.sends(f"/events/{event.id}/enrol", names=names)
    assert browser.sees("Не нашлись или встречаются несколько раз", "Петрова Анна Львовна", "Никто Никтович")
    async with db.read() as session:
        rows = await session.execute(select(Registration.person_id, Registration.state))
        assert dict(rows.all()) == {mine.id: RegistrationState.invited}


async def test_who_may_what(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        event = await make_event(session)
    curator = await sign_in(None, Role.curator, ScopeKind.organisation, 1)
    assert await curator.opens(f"/events/{event.id}") == 200
    assert not curator.sees("Перенести")
    for path, fields in (
        ("/events/new", FORM), (f"/events/{event.id}/cancel", {"reason": "x"}),
        (f"/events/{event.id}/mark", {"how": "sheet", "person": "1"}), (f"/events/{event.id}/screen", {"what": "word"}),
    ):  # fmt: skip
        assert await curator.sends(path, **fields) == 403
    assert await curator.opens(f"/events/{event.id}/screen") == 403
    privacy = await sign_in(None, Role.privacy_officer)
    assert await privacy.opens("/events") == 403
    async with db.read() as session:
        assert (await session.get_one(Event, event.id)).state is EventState.open


async def test_nothing_there(sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_staff)
    for path in ("/events/999", "/events/999/edit", "/events/999/screen", "/events/999/papers/report.docx"):
        assert await browser.opens(path) == 404
    assert await browser.sends("/events/999/party") == 404
    assert await browser.opens("/events", page="9999", state="nonsense", q="%") == 200
