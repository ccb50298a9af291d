"""The line in the admin: inbox, two methodists at once, ready answers, roster, register."""

from __future__ import annotations

import io
from datetime import datetime, timedelta

import docx
import openpyxl
import pytest
from sqlalchemy import event, func, insert, select

from bot.config import Settings
from bot.db import Database
from bot.models import (
    Canned,
    DutySlot,
    FaqEntry,
    FaqState,
    HotlineSession,
    Messenger,
    Outbox,
    Person,
    Role,
    ScopeKind,
    Ticket,
    TicketMessage,
    TicketState,
    TicketTheme,
    View,
    Whose,
)
from bot.services.hotline import asking
from tests.admin.conftest import SignIn
from tests.factories import NOW, make_person


async def asked(db: Database, settings: Settings, text: str = "Как ставить отметки за ВПР?", **given: bool) -> int:
    async with db.begin() as session:
        person = await make_person(session, "Кашина Вера Львовна")
        await asking.begin(session, person.id, Messenger.web, now=NOW, **given)
        await asking.write(session, person.id, Messenger.web, text, source=None, now=NOW)
        return (await asking.send(session, person.id, zone=settings.zone, now=NOW)).no


async def test_from_the_queue_to_the_answer(db: Database, settings: Settings, sign_in: SignIn) -> None:
    no = await asked(db, settings)
    async with db.begin() as session:
        session.add(Canned(title="Привет", text="Здравствуйте.", theme=None, created_at=NOW))
    browser = await sign_in(None, Role.centre_staff)
    assert await browser.opens("/hotline") == 200
    assert browser.sees("Ждут 1", "Как ставить отметки", "Выберите вопрос слева")
    await browser.opens("/hotline", no=no)
    assert browser.sees("Кашина Вера Львовна", "Взять", "Открыть карточку", "Здравствуйте.")
    await browser.sends(f"/hotline/{no}", do="take")
    assert browser.sees("Вопрос у вас", "Мои 1", "Ответ или уточнение")
    await browser.sends(f"/hotline/{no}", do="note", text="Спросить у коллег")
    assert browser.sees("Заметка, видна только линии", "Спросить у коллег")
    await browser.sends(f"/hotline/{no}", do="answer", text="Решает школа.")
    assert browser.sees("Ответ отправлен", "Готово 1", "Сделать готовым", "отвечен")
    async with db.read() as session:
        told = (await session.scalars(select(Outbox))).one()
        assert "Решает школа" in told.screen["text"]
        assert "Спросить у коллег" not in told.screen["text"]
        look = (await session.scalars(select(View))).one()
        assert look.what == "hotline"


async def test_two_methodists_at_once(db: Database, settings: Settings, sign_in: SignIn) -> None:
    no = await asked(db, settings)
    first, second = await sign_in(None, Role.duty), await sign_in(None, Role.duty)
    for browser in (first, second):
        await browser.opens("/hotline", no=no)
        assert browser.sees("Взять")
    await first.sends(f"/hotline/{no}", do="take")
    assert await second.sends(f"/hotline/{no}", do="take") == 422
    assert second.sees("Уже в работе")
    assert await second.sends(f"/hotline/{no}", do="answer", text="И я отвечу") == 422
    async with db.read() as session:
        answers = select(func.count()).where(TicketMessage.whose == Whose.answer)
        assert await session.scalar(answers) == 0


async def test_the_author_is_shown_as_far_as_the_scope_goes(db: Database, settings: Settings, sign_in: SignIn) -> None:
    no = await asked(db, settings)
    nameless = await asked(db, settings, "Что делать с нагрузкой?", anonymous=True)
    duty = await sign_in(None, Role.duty)
    await duty.opens("/hotline", no=no)
    assert duty.sees("Карточка автора вам не открыта")
    assert not duty.sees("Открыть карточку")
    await duty.opens("/hotline", no=nameless)
    assert duty.sees("Вопрос без имени")
    assert not duty.sees("Кашина")
    stranger = await sign_in(None, Role.curator, ScopeKind.organisation, 1)
    assert await stranger.opens("/hotline") == 403
    assert await stranger.sends(f"/hotline/{no}", do="take") == 403
    assert await duty.opens("/hotline/register") == 403
    assert await duty.sends("/hotline/roster", do="hours", day1="9:00–10:00") == 403


async def test_the_inbox_costs_the_same_with_twenty_thousand(db: Database, settings: Settings, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_staff)
    no = await asked(db, settings)
    statements: list[str] = []
    event.listen(db.writer.sync_engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    event.listen(db.reader.sync_engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    await browser.opens("/hotline", no=no)
    statements.clear()
    await browser.opens("/hotline", no=no)
    few = len(statements)
    async with db.begin() as session:
        author = await session.scalar(select(Person.id).limit(1))
        rows = [
            {
                "author_id": author, "state": TicketState.new if n % 3 else TicketState.answered,
                "theme": TicketTheme.exams, "created_at": NOW, "asked_at": NOW, "due_at": NOW + timedelta(minutes=n),
            }
            for n in range(20_000)
        ]  # fmt: skip
        await session.execute(insert(Ticket), rows)
    statements.clear()
    await browser.opens("/hotline", no=no)
    assert len(statements) == few
    assert browser.sees("Ждут 13")


async def test_a_ready_answer_is_written_published_and_withdrawn(db: Database, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_head)
    assert await browser.opens("/hotline/answers/new") == 200
    form = {"question": "Ставить ли отметки за ВПР?", "answer": "Решает школа.", "theme": "exams", "do": "publish"}
    await browser.sends("/hotline/answers/new", **form)
    assert browser.sees("Опубликовано", "опубликован")
    number = int(browser.path.rpartition("/")[2])
    assert await browser.sends("/hotline/answers/new", **{**form, "answer": "Звоните 89101234567"}) == 422
    assert browser.sees("остались чьи-то данные")
    await browser.sends(f"/hotline/answers/{number}", do="checked")
    assert browser.sees("ещё на год")
    await browser.sends(f"/hotline/answers/{number}", do="withdraw")
    assert browser.sees("Снято с показа")
    await browser.opens("/hotline/answers", state="withdrawn")
    assert browser.sees("Ставить ли отметки")
    async with db.read() as session:
        assert (await session.scalars(select(FaqEntry.state))).one() is FaqState.withdrawn


async def test_the_roster(db: Database, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_head)
    async with db.read() as session:
        head = (await session.scalars(select(Person))).one()
    await browser.opens("/hotline/roster")
    assert browser.sees("Смен впереди нет")
    day = (NOW + timedelta(days=1)).date()
    slot = {"day": day.isoformat(), "from": "09:00", "to": "12:00", "methodist": str(head.id), "themes": "exams"}
    await browser.sends("/hotline/roster", **slot)
    assert browser.sees("Смена поставлена", "09:00–12:00", "ВПР, ОГЭ, ЕГЭ")
    assert await browser.sends("/hotline/roster", **slot) == 422
    assert browser.sees("уже есть смена")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Дата", "С", "До", "Методист", "Темы"])
    sheet.append([datetime(2026, 11, 27), "14:00", "17:00", head.full_name, "оценивание"])
    sheet.append(["завтра", "9:00", "12:00", head.full_name, ""])
    out = io.BytesIO()
    book.save(out)
    browser.answer = await browser.client.post(
        "/admin/hotline/roster/import", files={"file": ("roster.xlsx", out.getvalue())},
        headers={"Origin": "http://127.0.0.1:8080"},
    )  # fmt: skip
    assert browser.sees("Строк с замечаниями: 1", "Строка 3", "дата не понята", "14:00–17:00")
    await browser.sends("/hotline/roster", do="hours", day1="9:00–13:00, 14:00–18:00", day6="10:00–12:00")
    assert browser.sees("Часы работы сохранены")
    assert await browser.sends("/hotline/roster", do="hours", day1="с девяти") == 422
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(DutySlot)) == 2


@pytest.fixture
def in_region() -> bool:
    return True


async def test_the_register_names_nobody(db: Database, settings: Settings, sign_in: SignIn) -> None:
    for number in range(6):
        await asked(db, settings, f"Вопрос {number} про ВПР и отметки")
    async with db.begin() as session:
        session.add(
            FaqEntry(
                theme=TicketTheme.exams, question="Ставить ли отметки за ВПР?", answer="Решает школа.",
                state=FaqState.published, created_at=NOW, published_at=NOW, review_on=NOW.date() + timedelta(days=9),
            )
        )  # fmt: skip
    browser = await sign_in(None, Role.centre_head)
    await browser.opens("/hotline/register", q="2026-Q4")
    assert browser.sees("ВПР, ОГЭ, ЕГЭ", "Ставить ли отметки", "Всего вопросов: 6")
    assert not browser.sees("Кашина")
    await browser.opens("/hotline/register.docx", q="2026-Q4")
    paper = docx.Document(io.BytesIO(browser.last.content))
    words = " ".join(cell.text for table in paper.tables for row in table.rows for cell in row.cells)
    assert "ВПР, ОГЭ, ЕГЭ" in words
    assert "Кашина" not in words
    await browser.opens("/hotline/register.xlsx", q="2026-Q4")
    sheet = openpyxl.load_workbook(io.BytesIO(browser.last.content)).active
    assert sheet is not None
    assert [cell.value for cell in sheet[3]][:3] == [1, "ВПР, ОГЭ, ЕГЭ", 6]
    await browser.opens("/hotline/register", q="нечто")
    assert browser.sees("2026-Q4")


async def test_a_session_from_the_form_to_the_post(db: Database, settings: Settings, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_head)
    assert await browser.opens("/hotline/sessions") == 200
    assert browser.sees("Сессий ещё не было", "Начать сбор")
    async with db.read() as session:
        me = await session.scalar(select(Person.id).order_by(Person.id.desc()).limit(1))
    form = {"do": "save", "title": "Отметки за ВПР", "theme": "exams", "methodist": me}
    closes, by = (f"{(NOW + timedelta(days=n)).astimezone(settings.zone):%Y-%m-%dT%H:%M}" for n in (2, 3))
    assert await browser.sends("/hotline/sessions", **form, closes_at=by, answer_by=closes) == 422
    assert browser.sees("Проверьте дни")
    assert await browser.sends("/hotline/sessions", **form, closes_at=closes, answer_by=by) == 200
    assert browser.sees("Отметки за ВПР", "собираем", "Пока никто не спросил")
    async with db.begin() as session:
        number = await session.scalar(select(HotlineSession.id))
        person = await make_person(session, "Кашина Вера Львовна")
        await asking.begin(session, person.id, Messenger.web, now=NOW, session_id=number)
        await asking.write(session, person.id, Messenger.web, "Болел весь класс", source=None, now=NOW)
        await asking.send(session, person.id, zone=settings.zone, now=NOW)
    await browser.opens(f"/hotline/sessions/{number}")
    assert browser.sees("Болел весь класс", "Ответить всем")
    assert not browser.sees("Кашина")
    await browser.sends(f"/hotline/sessions/{number}", do="answer", text="Другой день.")
    assert browser.sees("Ответ уходит каждому", "Сделать готовым ответом", "Другой день.")
    assert await browser.sends(f"/hotline/sessions/{number}", do="answer", text="Ещё раз.") == 422
    await browser.sends(f"/hotline/sessions/{number}", do="ready")
    assert browser.sees("Отметки за ВПР", "Другой день.")
    stranger = await sign_in(None, Role.curator, ScopeKind.organisation, 1)
    assert await stranger.opens(f"/hotline/sessions/{number}") == 403


async def test_files_go_with_an_answer(db: Database, settings: Settings, sign_in: SignIn) -> None:
    no = await asked(db, settings)
    browser = await sign_in(None, Role.duty)
    await browser.sends(f"/hotline/{no}", do="take")
    files = [("file", (f"образец-{n}.pdf", b"%PDF-1.4 " + bytes([n]), "application/pdf")) for n in range(2)]
    answer = await browser.client.post(
        f"/admin/hotline/{no}", data={"do": "answer", "text": "Смотрите образцы."}, files=files,
        headers={"Origin": "http://127.0.0.1:8080"}, follow_redirects=True,
    )  # fmt: skip
    assert answer.status_code == 200
    assert "образец-1.pdf" in answer.text
    async with db.read() as session:
        kinds = list(await session.scalars(select(Outbox.kind).order_by(Outbox.id)))
    assert kinds == ["hotline-answer", "hotline-file", "hotline-file"]
