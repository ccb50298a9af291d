"""Results within the scope, every look recorded; instruments as in the chat."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.config import ROOT
from bot.db import Database
from bot.errors import NotAllowed
from bot.models import Change, Messenger, Person, Purpose, Role, View
from bot.services import diagnostics, people_list
from bot.services.access import NOBODY, Scope, scope_of
from tests.admin.conftest import Clock, SignIn
from tests.factories import NOW, make_organisation, make_person


@pytest.fixture
async def teacher(db: Database) -> Person:
    """A teacher with two counted results and one «для себя»."""
    async with db.begin() as session:
        await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=NOW)
        content = await diagnostics.published(session, "teacher")
        assert content is not None
        person = await make_person(session, "Проверенная Анна Ивановна")
        for days, value, purpose in ((200, 2, Purpose.official), (5, 5, Purpose.official), (2, 1, Purpose.trial)):
            moment = NOW - timedelta(days=days)
            await diagnostics.record_finished(
                session,
                person.id,
                content,
                {item.id: value for item in content.items},
                purpose=purpose,
                started_at=moment,
                finished_at=moment,
                messenger=Messenger.web,
            )
    return person


async def test_results_are_shown_in_words_and_the_look_is_recorded(
    db: Database, sign_in: SignIn, teacher: Person, clock: Clock
) -> None:
    browser = await sign_in(None, Role.centre_staff)
    assert await browser.opens(f"/people/{teacher.id}/results") == 200
    assert browser.sees("Самодиагностика", "19.11.2026", "минимальный", "Опора", "100 %", "выросло", "+75")
    assert browser.sees("высокий", "08.05.2026", "просмотр записан", "Демонстрационная методика")
    assert browser.last.text.count("<table") == 2, "an attempt «для себя» is nobody else's business"
    await browser.opens(f"/people/{teacher.id}/results")
    async with db.read() as session:
        looks = list(await session.scalars(select(View)))
    assert [(look.person_id, look.role, look.what) for look in looks] == [(teacher.id, "centre_staff", "results")]
    clock.passes(minutes=11)
    await browser.opens(f"/people/{teacher.id}/results")
    async with db.read() as session:
        assert len(list(await session.scalars(select(View)))) == 2


async def test_the_card_does_not_count_as_a_look(db: Database, sign_in: SignIn, teacher: Person) -> None:
    browser = await sign_in(None, Role.centre_staff)
    await browser.opens(f"/people/{teacher.id}")
    assert browser.sees("19.11.2026")
    async with db.read() as session:
        assert list(await session.scalars(select(View))) == []


@pytest.mark.parametrize(
    "role", [Role.school_head, Role.municipal_coordinator, Role.analyst, Role.tech_admin, Role.privacy_officer]
)
async def test_these_roles_never_see_results(db: Database, sign_in: SignIn, teacher: Person, role: Role) -> None:
    browser = await sign_in(None, role)
    assert await browser.opens(f"/people/{teacher.id}/results") == 403
    assert await browser.sends(f"/people/{teacher.id}/results/1/answers", reason="проверка доступа") == 403
    async with db.read() as session:
        assert list(await session.scalars(select(View))) == []


async def test_answers_need_a_reason(db: Database, sign_in: SignIn, teacher: Person) -> None:
    browser = await sign_in(None, Role.centre_head)
    async with db.read() as session:
        attempt = (await diagnostics.history(session, teacher.id, counted_only=True))[0].attempt_id
    path = f"/people/{teacher.id}/results/{attempt}/answers"
    assert await browser.sends(path, reason=" ") == 422
    assert await browser.sends(path, reason="готовим консультацию") == 200
    assert browser.sees("Могу научить коллегу", "Причина: готовим консультацию")
    async with db.read() as session:
        opened = await session.scalar(select(Change).where(Change.action == "answers-opened"))
        assert opened is not None
        assert opened.after == {"reason": "готовим консультацию"}
    staff = await sign_in(None, Role.centre_staff)
    assert await staff.sends(path, reason="готовим консультацию") == 403


async def test_no_results_yet(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        person = await make_person(session, "Новая Анна Ивановна")
    browser = await sign_in(None, Role.centre_staff)
    await browser.opens(f"/people/{person.id}/results")
    assert browser.sees("Результатов пока нет")


async def test_instruments_and_questions_as_in_the_chat(sign_in: SignIn, teacher: Person) -> None:
    browser = await sign_in(None, Role.analyst)
    await browser.opens("/instruments")
    assert browser.sees("Самодиагностика педагога", "апробация", "30", "2")
    found = re.search(r'/instruments/(\d+)">Самодиагностика педагога', browser.last.text)
    assert found is not None
    version = found[1]
    await browser.opens(f"/instruments/{version}", question=7)
    assert browser.sees("7 из 30.", "Не приходилось", "Могу научить коллегу", "Не моя практика", "Вопрос 7 из 30")
    await browser.opens(f"/instruments/{version}", question=999)
    assert browser.sees("30 из 30.")
    await browser.opens(f"/instruments/{version}", question=1, audience="preschool")
    assert browser.sees("1 из 30.")
    assert await browser.opens("/instruments/777") == 404


async def test_a_list_within_no_scope_is_empty_or_refused(db: Database, teacher: Person) -> None:
    async with db.begin() as session:
        here = await make_organisation(session, "Школа № 1")
        nobody = await make_person(session, "Обычная Ольга Олеговна", organisation=here)
    async with db.read() as session:
        scope = await scope_of(session, nobody.id, today=NOW.date())
        for one in (NOBODY, scope, Scope(nobody.id)):
            with pytest.raises(NotAllowed):
                await people_list.page(session, one, people_list.Filters(), today=NOW.date())
            with pytest.raises(NotAllowed):
                await people_list.everyone(session, one, people_list.Filters(), today=NOW.date())
            with pytest.raises(NotAllowed):
                await people_list.card(session, one, teacher.id, today=NOW.date())
            assert await people_list.to_confirm(session, one, today=NOW.date()) == 0
            assert await people_list.pairs(session, one, [(teacher.id, nobody.id, "")], today=NOW.date()) == []
            with pytest.raises(NotAllowed):
                await diagnostics.list_instruments(session, one)
