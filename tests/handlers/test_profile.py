"""«Профиль»: see, change, what is stored, who looked, take it away, leave."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from docx import Document
from sqlalchemy import select

from bot.db import Database
from bot.models import (
    Consent,
    ConsentKind,
    Employment,
    MessageClass,
    Messenger,
    Outbox,
    Person,
    PersonState,
    PrivacyRequest,
    Role,
    ScopeKind,
)
from bot.services import audit, consents, my_data, outbox, search
from bot.services.access import Grant, Right, Scope
from bot.ui.screen import Screen
from tests.chat import Talk
from tests.conftest import Newcomer
from tests.factories import NOW, give_role, make_municipality, make_organisation, make_person


@pytest.fixture
async def teacher(db: Database, newcomer: Newcomer) -> Talk:
    """A registered teacher of gymnasium 4 with both consents."""
    talk = await newcomer()
    messenger = Messenger(talk.messenger)
    async with db.begin() as session:
        place = await make_organisation(session, municipality=await make_municipality(session, "Опытный округ"))
        person = await make_person(session, organisation=place, accounts={messenger: talk.user_id})
        await consents.give(session, person.id, ConsentKind.data, messenger=messenger, now=NOW)
        await consents.give(session, person.id, ConsentKind.news, messenger=messenger, now=NOW)
    await talk.says("/menu")
    return talk


async def me(db: Database) -> Person:
    async with db.read() as session:
        return (await session.scalars(select(Person).order_by(Person.id))).first()  # type: ignore[return-value]


async def test_see_oneself(teacher: Talk) -> None:
    await teacher.presses("Профиль")
    assert teacher.sees("Иванова Мария Петровна\nГимназия № 4, Опытный округ\nУчитель, Математика")
    assert not teacher.sees("не подтверждено")
    assert teacher.buttons[:4] == ["Изменить", "Мои данные", "Другой мессенджер", "Когда писать"]
    assert teacher.buttons[4:6] == ["Рубрики", "Согласия"]
    assert teacher.buttons[-1] == "Меню"


async def test_who_is_not_confirmed_is_told_so(teacher: Talk, db: Database) -> None:
    async with db.begin() as session:
        person = await session.get_one(Person, (await me(db)).id)
        person.confirmed_at = None
    await teacher.presses("Профиль")
    assert teacher.sees("Место работы пока не подтверждено")


async def test_change_the_name(teacher: Talk, db: Database) -> None:
    await teacher.presses("Профиль")
    await teacher.presses("Изменить")
    await teacher.presses("Имя")
    assert teacher.sees("Как вас зовут?")
    assert teacher.buttons == ["Назад"]
    await teacher.says("петрова мария ивановна")
    assert teacher.sees("Петрова Мария Ивановна")
    await teacher.says("/menu")
    assert teacher.sees("Мария Ивановна, ближайшее"), "the menu knows at once"
    async with db.read() as session:
        assert [n for n, _ in await search.find(session, "person", "петрова")] == [(await me(db)).id]
        assert await search.find(session, "person", "иванова") == []


async def test_change_the_place_of_work(teacher: Talk, db: Database) -> None:
    await teacher.presses("Профиль")
    await teacher.presses("Изменить")
    await teacher.presses("Место работы")
    await teacher.says("гимназия 4 вязьма")
    await teacher.presses("1")
    assert teacher.sees("Гимназия № 4, Вяземский округ\nУчитель, Математика")
    async with db.read() as session:
        jobs = list(await session.scalars(select(Employment).order_by(Employment.id)))
    assert [job.until is None for job in jobs] == [False, True], "the old job is kept with its last day"


async def test_change_position_and_subjects(teacher: Talk) -> None:
    await teacher.presses("Профиль")
    await teacher.presses("Изменить")
    await teacher.presses("Предметы")
    assert "✓ Математика" in teacher.buttons
    await teacher.presses("История")
    await teacher.presses("Дальше")
    assert teacher.sees("Учитель, Математика, История")
    await teacher.presses("Изменить")
    await teacher.presses("Должность")
    await teacher.presses("Директор")
    assert teacher.sees("\nДиректор")
    assert not teacher.sees("Математика")


async def test_a_director_becomes_a_teacher_and_names_the_subject(teacher: Talk, db: Database) -> None:
    await teacher.presses("Профиль")
    await teacher.presses("Изменить")
    await teacher.presses("Должность")
    await teacher.presses("Директор")
    await teacher.presses("Изменить")
    await teacher.presses("Должность")
    await teacher.presses("Учитель")
    assert teacher.sees("Что вы преподаёте?")
    await teacher.presses("История")
    await teacher.presses("Дальше")
    assert teacher.sees("Учитель, История")


async def test_change_the_years(teacher: Talk, db: Database) -> None:
    await teacher.presses("Профиль")
    await teacher.presses("Изменить")
    await teacher.presses("Годы")
    await teacher.says("девяностые")
    assert teacher.sees("Похоже, в годах опечатка")
    await teacher.says("1970 1995")
    assert teacher.sees("Профиль")
    person = await me(db)
    assert (person.birth_year, person.teach_since_year) == (1970, 1995)


@pytest.mark.parametrize("field", ["Имя", "Место работы", "Должность", "Предметы", "Годы"])
async def test_back_changes_nothing(teacher: Talk, db: Database, field: str) -> None:
    await teacher.presses("Профиль")
    await teacher.presses("Изменить")
    await teacher.presses(field)
    await teacher.presses("Назад")
    assert teacher.sees("Что изменить?")
    await teacher.presses("Назад")
    assert teacher.sees("Иванова Мария Петровна\nГимназия № 4, Опытный округ\nУчитель, Математика")


async def test_what_is_stored(teacher: Talk) -> None:
    for way in ("/mydata", "мои данные"):
        await teacher.says(way)
        assert teacher.sees("Хранится: профиль, диагностика (0)")
    assert teacher.buttons == ["Скачать всё", "Кто смотрел", "Согласия", "Удалить", "Назад", "Меню"]


async def test_who_looked_at_my_results(teacher: Talk, db: Database) -> None:
    await teacher.says("мои данные")
    await teacher.presses("Кто смотрел")
    assert teacher.sees("Пока никто не смотрел")
    async with db.begin() as session:
        viewer = await make_person(session, "Ковалёва Анна Петровна")
        scope = Scope(viewer.id, (Grant(Role.methodist, ScopeKind.region),))
        for number in range(4):
            moment = NOW + timedelta(hours=number)
            person_id = (await me(db)).id
            await audit.viewed(session, scope, person_id, "results", right=Right.results_see, now=moment)
            again = moment + timedelta(minutes=5)
            await audit.viewed(session, scope, person_id, "results", right=Right.results_see, now=again)
    await teacher.says("мои данные")
    await teacher.presses("Кто смотрел")
    assert teacher.text.count("Ковалёва Анна Петровна, методист: результаты") == 3
    await teacher.presses("Ещё")
    assert teacher.text.count("Ковалёва Анна Петровна") == 1, "a page opened twice is one look"
    await teacher.presses("Раньше")
    assert teacher.text.count("Ковалёва Анна Петровна") == 3


async def test_a_surprising_look_is_reported_without_names(teacher: Talk, db: Database) -> None:
    async with db.begin() as session:
        officer = await make_person(session, "Строгий Олег Олегович")
        await give_role(session, officer, Role.privacy_officer)
        viewer = await make_person(session, "Ковалёва Анна Петровна")
        scope = Scope(viewer.id, (Grant(Role.methodist, ScopeKind.region),))
        await audit.viewed(session, scope, (await me(db)).id, "results", right=Right.results_see, now=NOW)
    await teacher.says("мои данные")
    await teacher.presses("Кто смотрел")
    await teacher.presses("Сообщить")
    assert teacher.sees("Сообщение отправлено")
    async with db.read() as session:
        request = (await session.scalars(select(PrivacyRequest))).one()
        notice = (await session.scalars(select(Outbox).where(Outbox.person_id == officer.id))).one()
    assert teacher.sees(f"номер {request.id} ")
    assert f"№ {request.id}" in notice.screen["text"].replace("\u00a0", " ")
    assert "Иванова" not in json.dumps(notice.screen, ensure_ascii=False)


async def test_everything_can_be_taken_away_again_and_again(teacher: Talk) -> None:
    await teacher.says("мои данные")
    await teacher.presses("Скачать всё")
    files = [message for message in teacher.messages if message.file]
    assert len(files) == 2
    assert teacher.saw("Два файла: DOCX, чтобы читать, и JSON, чтобы перенести")
    await teacher.says("мои данные")
    await teacher.presses("Скачать всё")
    assert len([message for message in teacher.messages if message.file]) == 4


async def test_the_two_files_say_the_same(teacher: Talk, db: Database, texts) -> None:  # type: ignore[no-untyped-def]
    from bot.screens.profile import my_data_labels

    async with db.begin() as session:
        person = await me(db)
        await give_role(session, await session.get_one(Person, person.id), Role.mentor)
        await outbox.say(
            session, person.id, Screen("<b>Заголовок</b>\n\nТекст &lt;3"), message_class=MessageClass.for_you,
            kind="test", dedupe="test", now=NOW,
        )  # fmt: skip
        sections = await my_data.collect(session, person.id)
    export = my_data.write(sections, my_data_labels(texts.translator(), sections))
    carried = json.loads(export.json)
    assert carried["profile"][0]["last_name"] == "Иванова"
    assert carried["work"][0]["organisation"] == "Гимназия № 4"
    assert carried["roles"][0]["role"] == "mentor"
    assert [consent["document"] for consent in carried["consents"]]
    document = Document(io.BytesIO(export.docx))
    cells = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    assert {"Иванова", "Гимназия № 4", "наставник", "Учитель", "Фамилия", "Заголовок\n\nТекст <3"} <= cells
    headings = {paragraph.text for paragraph in document.paragraphs}
    assert {"Что хранит «Маршрут»", "Профиль", "Места работы", "Согласия", "Сообщения вам"} <= headings


async def test_take_back_the_consent_to_invitations(teacher: Talk, db: Database) -> None:
    await teacher.presses("Профиль")
    await teacher.presses("Согласия")
    await teacher.presses("Отозвать: приглашения")
    assert teacher.sees("Отозвать согласие: приглашения")
    assert teacher.sees("приглашения и новости больше не придут")
    assert teacher.buttons == ["Отозвать", "Оставить"]
    await teacher.presses("Оставить")
    assert "Отозвать: приглашения" in teacher.buttons
    await teacher.presses("Отозвать: приглашения")
    await teacher.presses("Отозвать")
    assert teacher.sees("Согласие отозвано")
    person = await me(db)
    async with db.read() as session:
        assert not await consents.has(session, person.id, ConsentKind.news)
        assert await consents.has(session, person.id, ConsentKind.data)
        assert len(list(await session.scalars(select(Consent)))) == 2, "the record of it stays"
    await teacher.presses("Вернуть")
    async with db.read() as session:
        assert await consents.has(session, person.id, ConsentKind.news)


async def test_stop_is_one_word(teacher: Talk, db: Database) -> None:
    await teacher.says("стоп")
    assert teacher.sees("Хорошо, не пишу")
    async with db.read() as session:
        assert not await consents.has(session, (await me(db)).id, ConsentKind.news)
    await teacher.presses("Вернуть")
    async with db.read() as session:
        assert await consents.has(session, (await me(db)).id, ConsentKind.news)


async def test_to_take_back_the_first_consent_is_to_leave(teacher: Talk) -> None:
    await teacher.presses("Профиль")
    await teacher.presses("Согласия")
    await teacher.presses("Отозвать: данные")
    assert teacher.sees("Удалить профиль?")


@pytest.mark.parametrize(
    ("choice", "now"),
    [
        ("Утром, 8–10", "рабочие дни, 8–10"),
        ("Днём, 14–18", "рабочие дни, 14–18"),
        ("К вечеру, 18–20", "рабочие дни, 18–20"),
        ("Только ответы", "только ответы"),
    ],
)
async def test_when_to_write(teacher: Talk, choice: str, now: str) -> None:
    await teacher.presses("Профиль")
    await teacher.presses("Когда писать")
    assert teacher.sees("Сейчас: рабочие дни, 14–18")
    await teacher.presses(choice)
    assert teacher.sees(f"Сейчас: {now}")
    await teacher.presses("Назад")
    await teacher.presses("Когда писать")
    assert teacher.sees(f"Сейчас: {now}")


async def test_delete_me_has_a_way_back(teacher: Talk, db: Database) -> None:
    async with db.begin() as session:
        await outbox.say(
            session, (await me(db)).id, Screen("Приглашение"), message_class=MessageClass.nudge, kind="test",
            dedupe="test", now=NOW,
        )  # fmt: skip
    await teacher.says("мои данные")
    await teacher.presses("Удалить")
    assert teacher.sees("Удалить профиль?")
    assert teacher.buttons == ["Сначала скачать", "Удалить", "Оставить"]
    await teacher.presses("Оставить")
    assert teacher.sees("Мои данные")
    await teacher.presses("Удалить")
    await teacher.presses("Удалить")
    assert teacher.sees("Удаляем профиль до ")
    assert teacher.buttons == ["Отменить удаление"]
    assert (await me(db)).state is PersonState.deleting
    async with db.read() as session:
        assert list(await session.scalars(select(Outbox))) == [], "nothing more is sent"
    await teacher.says("профиль")
    assert teacher.sees("Удаляем профиль до ")
    await teacher.presses("Отменить удаление")
    assert teacher.sees("Удаление отменено")
    person = await me(db)
    assert (person.state, person.delete_after) == (PersonState.active, None)
    await teacher.says("профиль")
    assert teacher.sees("Иванова Мария Петровна")


async def test_a_second_request_does_not_move_the_day(teacher: Talk, db: Database) -> None:
    await teacher.press_action("people:delete-now")
    first = (await me(db)).delete_after
    await teacher.says("мои данные")
    await teacher.press_action("people:delete-now")
    assert (await me(db)).delete_after == first


async def test_an_old_button_of_a_cancelled_deletion(teacher: Talk) -> None:
    await teacher.press_action("people:keep")
    assert teacher.sees("Иванова Мария Петровна")


@pytest.mark.parametrize("action", ["people:home", "people:data", "consents:home", "people:link", "people:delete"])
async def test_a_guest_gets_acquainted_first(talk: Talk, action: str) -> None:
    await talk.says("/start")
    await talk.press_action(action)
    assert talk.sees("Чтобы открыть раздел, познакомимся")
    assert talk.buttons == ["Познакомиться", "Не сейчас"]
