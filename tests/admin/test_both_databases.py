"""A working day in the admin on both databases: every page opens, every list narrows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.config import ROOT
from bot.db import Database
from bot.models import Messenger, PrivacyRequest, Purpose, Role, ScopeKind
from bot.services import diagnostics, search
from bot.services.places import add_by_hand
from tests.admin.conftest import SignIn
from tests.factories import NOW, make_municipality, make_organisation, make_person

BASES = ("here", pytest.param("here@postgres", marks=pytest.mark.postgres))


@pytest.mark.parametrize("base", BASES)
async def test_a_working_day(db: Database, sign_in: SignIn, base: str) -> None:
    async with db.begin() as session:
        await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=NOW)
        content = await diagnostics.published(session, "teacher")
        assert content is not None
        district = await make_municipality(session, "Вяземский округ")
        school = await make_organisation(session, "Гимназия № 4", municipality=district)
        typed = await add_by_hand(session, "Лесная школа", district.id, now=NOW)
        people = [
            await make_person(session, f"{letter}рамова Анна Ивановна", organisation=school, confirmed=letter != "Б")
            for letter in "АБВГДЕЖЗИКЛМНОПРСТ"
        ]
        twin = await make_person(session, people[0].full_name, organisation=typed, accounts={Messenger.web: 9})
        for person in people:
            await search.index(session, "person", person.id, person.full_name)
        await diagnostics.record_finished(
            session,
            people[0].id,
            content,
            {item.id: 4 for item in content.items},
            purpose=Purpose.official,
            started_at=NOW - timedelta(days=1),
            finished_at=NOW - timedelta(days=1),
            messenger=Messenger.web,
        )
        session.add(PrivacyRequest(person_id=twin.id, kind="look", created_at=NOW, due_at=NOW))
    head = await sign_in(None, Role.centre_head)
    assert head.sees("Запрос о данных № 1", "1 человек ждёт", "1 пара похожих", "1 организация ждёт")
    for path in ("/people?page=1", "/people.xlsx", "/people/doubles", "/organisations", "/texts", "/delivery"):
        assert await head.opens(path) == 200, path
    for query in ({"q": "Врамова"}, {"municipality": district.id, "confirmed": "yes"}, {"organisation": school.id}):
        await head.opens("/people", **query)
        assert head.sees("Врамова Анна Ивановна")
    await head.opens("/people", role="centre_head")
    assert not head.sees("Врамова")
    await head.opens(f"/people/{people[0].id}/results")
    assert head.sees("Самодиагностика педагога", "75 %")
    await head.sends("/people/merge", keep=str(people[0].id), gone=str(twin.id))
    assert head.sees("Записи объединены", "веб-чат")
    await head.sends(f"/organisations/{typed.id}/approve")
    await head.sends(f"/people/{people[2].id}/roles", role="curator", where=f"organisation:{school.id}", until="")
    assert head.sees("Роль дана", "Гимназия № 4")
    await head.sends("/invitations", role="methodist", where="assigned", until="2027-08-31")
    assert head.sees("второй раз он не покажется")
    await head.sends("/texts/button-menu", text="Главная")
    assert head.sees("Текст сохранён")
    await head.opens("/journal")
    assert head.sees("человек: объединение", "организация: утверждена", "роль: роль дана", "текст: сохранён")
    await head.opens("/journal/looks")
    assert head.sees(people[0].full_name, "результаты")
    local = await sign_in(None, Role.municipal_coordinator, ScopeKind.municipality, district.id)
    assert local.sees("1 человек ждёт подтверждения")
    await local.sends("/people/confirm", id=str(people[1].id))
    assert local.sees("Никого не нашлось")
    stranger = await sign_in(None, Role.school_head, ScopeKind.organisation, school.id + 1000)
    await stranger.opens("/people")
    assert stranger.sees("Никого не нашлось")
