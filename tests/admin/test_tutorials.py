"""Slots of methodists in the admin: seen, freed, closed; both sides hear of it."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.jobs import tutorials as job
from bot.models import Outbox, Role, ScopeKind, SlotState, TutorialSlot
from bot.services import tutorials
from bot.services.access import Grant, Scope
from tests.admin.conftest import SignIn
from tests.factories import NOW, make_person

ZONE = ZoneInfo("Europe/Moscow")


@pytest.fixture
def in_region() -> bool:
    return True


async def opened(db: Database) -> tuple[int, int, list[int]]:
    """A methodist with four slots, the first of them booked by a teacher."""
    async with db.begin() as session:
        methodist = (await make_person(session, "Фадеева Марина Николаевна")).id
        teacher = (await make_person(session, "Орлова Вера Ивановна")).id
        scope = Scope(methodist, (Grant(Role.methodist, ScopeKind.region),))
        day = (NOW + timedelta(days=3)).date()
        await tutorials.open_window(session, scope, f"{day:%d.%m.%Y} 15:00-17:00", now=NOW, zone=ZONE)
        slots = list(await session.scalars(select(TutorialSlot.id).order_by(TutorialSlot.starts_at)))
        await tutorials.book(session, teacher, slots[0], now=NOW)
    return methodist, teacher, slots


async def heard(db: Database, person: int) -> list[str]:
    async with db.read() as session:
        rows = await session.scalars(select(Outbox.screen).where(Outbox.person_id == person).order_by(Outbox.id))
        return [re.sub("<[^>]+>", "", row["text"]).split("\n")[0] for row in rows]


async def test_a_booking_is_taken_off_and_a_slot_closed(
    db: Database, sign_in: SignIn, texts: Texts, settings: Settings
) -> None:
    methodist, teacher, slots = await opened(db)
    await job.run(db, texts, settings, now=NOW)
    browser = await sign_in(None, Role.centre_staff)
    await browser.opens("/programmes")
    assert browser.sees("Разборы с методистом")
    await browser.opens("/tutorials")
    assert browser.sees("Фадеева Марина Николаевна", "Орлова Вера Ивановна", "записаны", "Снять запись")
    await browser.sends(f"/tutorials/{slots[0]}/release")
    assert browser.sees("Запись снята, окно свободно")
    assert "Орлова" not in browser.last.text
    assert await heard(db, teacher) == ["Разбор отменили"]
    assert await heard(db, methodist) == ["📅 К вам записались на разбор", "Разбор не состоится"]
    assert await browser.sends(f"/tutorials/{slots[0]}/release") == 422, "there is nobody to take off"
    async with db.begin() as session:
        await tutorials.book(session, teacher, slots[1], now=NOW)
    await browser.sends(f"/tutorials/{slots[1]}/cancel")
    assert browser.sees("Окно закрыто")
    await job.run(db, texts, settings, now=NOW)
    assert await heard(db, teacher) == ["Разбор отменили", "Разбор отменили"]
    assert (await heard(db, methodist))[-1] == "Центр закрыл ваше окно"
    await browser.opens("/tutorials", state="cancelled")
    assert browser.sees("отменён", "Орлова Вера Ивановна")
    await browser.opens("/tutorials", past="yes")
    assert browser.sees("Окон нет")
    assert await browser.sends(f"/tutorials/{slots[2]}/nonsense") == 404


async def test_a_methodist_sees_and_changes_her_own(db: Database, sign_in: SignIn) -> None:
    _, _, slots = await opened(db)
    other = await sign_in(None, Role.tutor)
    await other.opens("/tutorials")
    assert other.sees("Окон нет")
    assert await other.sends(f"/tutorials/{slots[0]}/cancel") == 404
    async with db.read() as session:
        assert (await session.get_one(TutorialSlot, slots[0])).state is SlotState.booked
