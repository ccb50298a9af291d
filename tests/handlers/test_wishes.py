"""«Хочу такой курс»: nothing found, a wish written, others join, a group, the invitation; taking it back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.clock import utcnow
from bot.config import Settings
from bot.db import Database
from bot.errors import NotAllowed, UserError
from bot.i18n import Texts
from bot.jobs import wishes as jobs
from bot.models import CourseWish, Event, Outbox, Role, ScopeKind, WishState
from bot.screens import wishes as screens
from bot.services import region, wishes
from bot.services.access import Grant, Scope
from tests.conftest import Newcomer
from tests.factories import NOW, give_role, make_event, make_person
from tests.handlers.test_catalogue import teacher

HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))


async def test_a_wish_from_a_search_to_an_invitation(db: Database, newcomer: Newcomer, texts) -> None:  # type: ignore[no-untyped-def]
    talk = await teacher(db, newcomer)
    async with db.begin() as session:
        other = await make_person(session, "Другая Анна Ивановна")
        await wishes.put(session, other.id, "верховая езда", now=NOW)
        await region.set_setting(session, "wishes", {"least": 2})
    await talk.press_action("catalogue:home")
    await talk.says("курс: езда верховая")
    assert talk.sees("Пока не нашлось")
    await talk.presses("Хочу такой курс")
    assert talk.sees("Сейчас ждут: 1")
    await talk.presses("Записать")
    assert talk.sees("Ждут вместе с вами: 2")
    async with db.read() as session:
        (topic,) = await wishes.topics(session, HEAD)
        mine = await session.scalar(select(CourseWish).order_by(CourseWish.id.desc()))
        assert mine is not None
    assert (topic.topic, topic.count, topic.enough) == ("верховая езда", 2, True)
    await talk.presses("Передумать")
    assert talk.sees("Желание снято")
    await talk.press_action("wishes:put")
    assert talk.sees("Ждут вместе с вами: 2"), "a wish taken back may be made again"
    async with db.begin() as session:
        event = await make_event(session, "Верховая езда для педагогов", starts_at=utcnow() + timedelta(days=9))

        def speak(locale: str, said: str, about: Event):  # type: ignore[no-untyped-def]
            return screens.invited(
                texts.translator(locale), said, event_id=about.id, title=about.title, day=about.starts_at.date()
            )

        assert await wishes.invite(session, HEAD, topic.key, event.id, speak, now=utcnow()) == 2
        with pytest.raises(UserError, match="wishes-nobody"):
            await wishes.invite(session, HEAD, topic.key, event.id, speak, now=utcnow())
    async with db.read() as session:
        letters = (await session.scalars(select(Outbox).where(Outbox.kind == "wishes-invited"))).all()
        assert len(letters) == 2
        assert "Верховая езда для педагогов" in letters[0].screen["text"]
        assert await wishes.topics(session, HEAD) == []
        assert set(await session.scalars(select(CourseWish.state))) == {WishState.invited}
        for role in (Role.teacher, Role.methodist, Role.analyst):
            with pytest.raises(NotAllowed):
                await wishes.topics(session, Scope(1, (Grant(role, ScopeKind.region),)))
    await talk.press_action(f"wishes:undo:{mine.id + 999}")
    assert not talk.sees("Желание снято")


async def test_those_who_hold_events_are_told_once(db: Database, texts: Texts, settings: Settings) -> None:
    async with db.begin() as session:
        await region.set_setting(session, "wishes", {"least": 2})
        head, other = await make_person(session, "Глава Анна"), await make_person(session, "Методист Инна")
        await give_role(session, head, Role.centre_head)
        await give_role(session, other, Role.methodist)
        people = [await make_person(session, f"Педагог {n}") for n in range(4)]
        await wishes.put(session, people[0].id, "Нейросети на уроке", now=NOW)
    assert await jobs.gathered(db, texts, settings, now=NOW) == 0, "one is not enough"
    async with db.begin() as session:
        await wishes.put(session, people[1].id, "на уроке нейросети", now=NOW)
    assert await jobs.gathered(db, texts, settings, now=NOW) == 1
    async with db.begin() as session:
        await wishes.put(session, people[2].id, "нейросети уроке", now=NOW)
    assert await jobs.gathered(db, texts, settings, now=NOW + timedelta(days=3)) == 0, "told once"
    async with db.begin() as session:
        letter = (await session.scalars(select(Outbox))).one()
        assert letter.person_id == head.id
        assert "Нейросети на уроке" in letter.screen["text"]
        assert "Ждут: 2" in letter.screen["text"]
        assert "Педагог" not in letter.screen["text"]
        event = await make_event(session, starts_at=NOW + timedelta(days=9))
        (topic,) = await wishes.topics(session, HEAD)

        def speak(locale: str, said: str, about: Event):  # type: ignore[no-untyped-def]
            return screens.invited(texts.translator(locale), said, event_id=about.id, title="x", day=NOW.date())

        assert await wishes.invite(session, HEAD, topic.key, event.id, speak, now=NOW) == 3
    assert await jobs.gathered(db, texts, settings, now=NOW + timedelta(days=4)) == 0
    async with db.begin() as session:
        for person in (people[3], head):
            await wishes.put(session, person.id, "Нейросети на уроке", now=NOW + timedelta(days=20))
    assert await jobs.gathered(db, texts, settings, now=NOW + timedelta(days=20)) == 1, "the next group is news"
