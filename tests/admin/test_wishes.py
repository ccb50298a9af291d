"""Wishes in the admin: counts without names, inviting those who wait, who may not."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from bot.db import Database
from bot.models import Outbox, Role
from bot.rules.wishes import key
from bot.services import wishes
from tests.admin.conftest import SignIn
from tests.factories import NOW, make_event, make_person


async def test_those_who_wait_are_invited(db: Database, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_staff)
    assert await browser.opens("/wishes") == 200
    assert browser.sees("Желаний пока нет", "с 10 человек")
    async with db.begin() as session:
        event = await make_event(session, "Нейросети: практикум", starts_at=NOW + timedelta(days=9))
        past = await make_event(session, "Прошлое", starts_at=NOW - timedelta(days=9))
        for n in range(10):
            person = await make_person(session, f"Тайная{n} Анна Ивановна")
            await wishes.put(session, person.id, "Нейросети на уроке", now=NOW)
    await browser.opens("/wishes")
    assert browser.sees("Нейросети на уроке", "Пора открыть группу", "ждут: 10")
    assert not browser.sees("Тайная")
    topic = key("Нейросети на уроке")
    assert await browser.sends("/wishes", key=topic, event=str(past.id)) == 422
    assert await browser.sends("/wishes", key=topic, event=str(event.id)) == 200
    assert browser.sees("Приглашения уйдут", "Желаний пока нет")
    assert await browser.sends("/wishes", key=topic, event=str(event.id)) == 422
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Outbox)) == 10
    assert await (await sign_in(None, Role.methodist)).opens("/wishes") == 403
