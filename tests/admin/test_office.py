"""The start page, the question about the institution, delivery, the log, places, invitation codes."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import select

from bot.config import Settings
from bot.db import Database
from bot.models import (
    Change,
    Employment,
    Invitation,
    MessageClass,
    Messenger,
    Organisation,
    Outbox,
    OutboxState,
    PrivacyRequest,
    Role,
    ScopeKind,
)
from bot.services import invitations, region, search
from bot.services.places import add_by_hand
from tests.admin.conftest import SignIn
from tests.factories import NOW, give_role, make_municipality, make_organisation, make_person


async def outbox(db: Database, person_id: int, state: OutboxState, *, minutes: int = 0) -> int:
    moment = NOW - timedelta(minutes=minutes)
    async with db.begin() as session:
        row = Outbox(
            person_id=person_id,
            message_class=MessageClass.for_you,
            kind="reply",
            dedupe=f"test:{state}:{minutes}",
            screen={"text": "Тайное содержание", "rows": [], "keep": False},
            state=state,
            messenger=Messenger.telegram if state is OutboxState.unknown else None,
            claimed_at=moment if state is OutboxState.unknown else None,
            not_before=moment,
            created_at=moment,
        )
        session.add(row)
    return row.id


async def test_a_quiet_day(sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.duty)
    assert browser.sees("Дел нет", "Всё разобрано", "24.11.2026, 12:00")
    assert not browser.sees("учреждение?")


async def test_the_question_of_the_first_start(db: Database, settings: Settings, sign_in: SignIn) -> None:
    settings.telegram.token = "1:test"
    browser = await sign_in(None, Role.centre_head)
    assert browser.sees("Вы государственное учреждение?", "41-ФЗ")
    await browser.sends("/institution", state="yes")
    assert not browser.sees("Вы государственное учреждение?")
    assert browser.sees("Ответ сохранён", "Telegram лучше оставить справочным", "TELEGRAM__POLICY=info")
    async with db.read() as session:
        assert await region.setting(session, "institution") == {"state": True}
    worker = await sign_in(None, Role.centre_staff)
    assert not worker.sees("TELEGRAM__POLICY")
    assert await worker.sends("/institution", state="no") == 403
    await browser.sends("/institution", state="no")
    assert not browser.sees("TELEGRAM__POLICY")
    await browser.opens("/journal")
    assert browser.sees("государственное: да", "государственное: нет")


async def test_messages_nobody_is_sure_about_are_decided_by_a_person(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        person = await make_person(session, "Ожидающая Анна Ивановна")
    first = await outbox(db, person.id, OutboxState.unknown, minutes=30)
    second = await outbox(db, person.id, OutboxState.unknown, minutes=31)
    await outbox(db, person.id, OutboxState.queued, minutes=40)
    await outbox(db, person.id, OutboxState.queued, minutes=1)
    browser = await sign_in(None, Role.centre_staff)
    assert browser.sees("2 сообщения: неизвестно", "1 сообщение задерживается", "просрочено")
    await browser.opens("/delivery")
    assert browser.sees("Ожидающая Анна Ивановна", "Telegram", "выключен", "веб-чат", "работает", "2 сообщения")
    assert "Тайное" not in browser.last.text
    await browser.sends(f"/delivery/{first}", do="again")
    await browser.sends(f"/delivery/{second}", do="sent")
    await browser.sends(f"/delivery/{second}", do="again")
    assert browser.sees("Таких сообщений нет")
    async with db.read() as session:
        assert (await session.get_one(Outbox, first)).state is OutboxState.queued
        assert (await session.get_one(Outbox, second)).state is OutboxState.sent
    tech = await sign_in(None, Role.tech_admin)
    await outbox(db, person.id, OutboxState.unknown, minutes=50)
    await tech.opens("/delivery")
    assert not tech.sees("Ожидающая"), "a technical administrator sees no names"


async def test_a_place_that_a_teacher_typed_is_approved_or_joined(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        district, other = await make_municipality(session, "Вяземский округ"), await make_municipality(session, "Иной")
        known = await make_organisation(session, "Гимназия № 4", municipality=district)
        await search.index(session, "organisation", known.id, known.name)
        typed = await add_by_hand(session, "Гимназия № 4 Вязьма", district.id, now=NOW)
        person = await make_person(session, "Вписавшая Анна Ивановна", organisation=typed)
        fresh = await add_by_hand(session, "Лесная школа", district.id, now=NOW)
        foreign = await add_by_hand(session, "Дальняя школа", other.id, now=NOW)
    browser = await sign_in(None, Role.municipal_coordinator, ScopeKind.municipality, district.id)
    assert browser.sees("2 организации ждут утверждения")
    await browser.opens("/organisations")
    assert browser.sees("Гимназия № 4 Вязьма", "Похоже на", "Гимназия № 4", "Лесная школа", "Работает 1 человек")
    assert not browser.sees("Дальняя")
    assert await browser.sends(f"/organisations/{foreign.id}/approve") == 403
    assert await browser.sends(f"/organisations/{typed.id}/join", into=str(foreign.id)) == 403
    await browser.sends(f"/organisations/{typed.id}/join", into=str(known.id))
    assert browser.sees("Организации объединены")
    await browser.sends(f"/organisations/{fresh.id}/approve")
    assert browser.sees("Проверять нечего")
    assert await browser.sends(f"/organisations/{fresh.id}/join", into=str(known.id)) == 422
    async with db.read() as session:
        assert await session.get(Organisation, typed.id) is None
        job = await session.scalar(select(Employment).where(Employment.person_id == person.id))
        assert job is not None
        assert job.organisation_id == known.id
        assert [found for found, _ in await search.find(session, "organisation", "гимназия 4 вязьма")] == [known.id]


async def test_an_invitation_code_is_shown_once_and_opens_the_role(
    db: Database, settings: Settings, sign_in: SignIn
) -> None:
    async with db.begin() as session:
        district = await make_municipality(session, "Вяземский округ")
    browser = await sign_in(None, Role.centre_head)
    await browser.sends(
        "/invitations", role="municipal_coordinator", where=f"municipality:{district.id}", until="31.08.2027"
    )
    found = re.search(r"\b[А-Я2-9]{4}-[А-Я2-9]{4}-[А-Я2-9]{4}\b", browser.text)
    assert found is not None
    assert browser.sees("координатор района", "Вяземский округ", "31.08.2027", "ждёт", "второй раз он не покажется")
    await browser.opens("/invitations")
    assert found[0] not in browser.text
    async with db.read() as session:
        offer = await invitations.look(session, found[0], 1, secret=settings.secret, now=NOW)
        assert (offer.role, offer.place) == (Role.municipal_coordinator, "Вяземский округ")
        assert found[0].replace("-", "") not in str((await session.get_one(Invitation, 1)).code_hash)
    assert await browser.sends("/invitations", role="methodist", where="region", until="скоро") == 422
    assert browser.sees("31.08.2027")


async def test_the_log_names_people_but_stores_numbers(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        person = await make_person(session, "Отмеченная Анна Ивановна", confirmed=False)
        author = await make_person(session, "Автор Инна Львовна")
    worker = await sign_in(author, Role.centre_staff)
    await worker.sends(f"/people/{person.id}/confirm")
    officer = await sign_in(None, Role.privacy_officer)
    await officer.opens("/journal")
    assert officer.sees("человек: подтверждение", "Автор Инна Львовна", "24.11.2026, 12:00", f"№ {person.id}")
    assert officer.sees("как: сотрудником")
    assert not officer.sees("Отмеченная")
    await officer.opens("/journal", about="role")
    assert not officer.sees("подтверждение")
    await officer.opens("/journal/looks")
    assert officer.sees("Пока никто не смотрел")
    async with db.read() as session:
        for change in await session.scalars(select(Change)):
            assert "Отмеченная" not in str(change.after) + str(change.before)


async def test_a_request_about_data_waits_until_it_is_answered(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        person = await make_person(session, "Спросившая Анна Ивановна")
        late = NOW - timedelta(hours=1)
        session.add(PrivacyRequest(person_id=person.id, kind="look", created_at=NOW, due_at=late))
        await give_role(session, person, Role.teacher)
    officer = await sign_in(None, Role.privacy_officer)
    assert officer.sees("Запрос о данных № 1", "просрочено")
    await officer.opens("/journal", request=1)
    assert officer.sees("Спросившая Анна Ивановна", "удивил просмотр", "ответить до 24.11.2026")
    await officer.sends("/requests/1/close")
    assert officer.sees("Запрос закрыт", "Всё разобрано")
    worker = await sign_in(None, Role.centre_staff)
    assert await worker.sends("/requests/1/close") == 403


async def test_the_log_is_paged(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        for number in range(65):
            session.add(Change(at=NOW - timedelta(minutes=number), entity="text", entity_id=0, action="saved"))
    officer = await sign_in(None, Role.privacy_officer)
    for page, more in ((0, True), (1, True), (2, False)):
        await officer.opens("/journal", page=page)
        assert officer.sees(f"Страница {page + 1}")
        assert officer.sees("Дальше ›") is more
