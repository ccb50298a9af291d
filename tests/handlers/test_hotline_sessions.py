"""Questions on one theme are gathered until an hour, and one post answers everybody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.config import Settings
from bot.db import Database
from bot.errors import NotAllowed
from bot.i18n import Texts
from bot.jobs import hotline as job
from bot.models import (
    ConsentKind,
    Fact,
    FactKind,
    FaqEntry,
    FaqState,
    HotlineSession,
    Messenger,
    Outbox,
    Role,
    ScopeKind,
    Ticket,
    TicketState,
    TicketTheme,
)
from bot.screens.hotline_notices import Says
from bot.services import consents
from bot.services.access import NOBODY, Grant, Scope, scope_of
from bot.services.hotline import desk, faq, sessions, timers
from tests.chat import Talk
from tests.conftest import Newcomer, NewcomerOn
from tests.factories import give_role, make_person

FIRST = "Как оценить работу, если класс писал её в два дня?"
SECOND = "Можно ли не выставлять отметку заболевшему?"
POST = "Отметку ставит учитель по положению школы; заболевшему дают другой день."


def speaks(texts: Texts, settings: Settings) -> Says:
    return Says(texts.translator(), settings.zone, datetime.now(settings.zone).date())


class Office:
    """Two teachers and a methodist with a session that takes questions."""

    def __init__(self, talks: list[Talk], ids: list[int], number: int, scope: Scope) -> None:
        self.anna, self.vera, self.methodist = talks
        self.ids, self.number, self.scope = ids, number, scope


async def opened(db: Database, texts: Texts, settings: Settings, talks: list[Talk]) -> Office:
    now = datetime.now(UTC)
    async with db.begin() as session:
        people = [
            await make_person(session, name, accounts={Messenger(talk.messenger): talk.user_id})
            for name, talk in zip(("Кашина Вера Львовна", "Ким Анна Ли", "Ложкина Анна Петровна"), talks, strict=True)
        ]
        await give_role(session, people[2], Role.methodist)
        scope = await scope_of(session, people[2].id, today=now.date())
        number = await sessions.save(
            session, scope, title="Отметки за ВПР", theme=TicketTheme.exams, closes_at=now + timedelta(days=2),
            answer_by=now + timedelta(days=3), methodist_id=people[2].id, now=now, speak=speaks(texts, settings),
        )  # fmt: skip
    return Office(talks, [person.id for person in people], number, scope)


@pytest.fixture
async def office(db: Database, newcomer: Newcomer, texts: Texts, settings: Settings) -> Office:
    return await opened(db, texts, settings, [await newcomer() for _ in range(3)])


async def asks(talk: Talk, text: str) -> None:
    await talk.says("/menu")
    await talk.presses("Горячая линия")
    await talk.presses("Тема: Отметки за ВПР")
    assert talk.sees("собираем до")
    await talk.says(text)
    await talk.presses("Верно, отправить")
    assert talk.sees("Ответим на все вопросы темы вместе")


async def test_everybody_gets_the_one_post(office: Office, db: Database, texts: Texts, settings: Settings) -> None:
    await asks(office.anna, FIRST)
    await asks(office.vera, SECOND)
    async with db.read() as session:
        waiting, total = await desk.queue(session, office.scope, 0)
    assert (waiting, total) == ([], 0), "the usual queue is not theirs"
    methodist = office.methodist
    await methodist.says("/menu")
    await methodist.presses("Дежурство")
    await methodist.presses("Сессии вопросов: 1")
    await methodist.presses("1")
    assert methodist.sees(FIRST)
    assert methodist.sees(SECOND)
    assert not methodist.sees("Кашина")
    await methodist.says(POST)
    assert methodist.sees("Так увидят все, кто спросил: 2")
    await methodist.presses("Отправить")
    assert methodist.sees("Отправлено: 2")
    async with db.read() as session:
        tickets = list(await session.scalars(select(Ticket).order_by(Ticket.id)))
        told = [row.person_id for row in await session.scalars(select(Outbox).where(Outbox.kind == "hotline-answer"))]
        facts = len((await session.scalars(select(Fact).where(Fact.kind == FactKind.consulted))).all())
    assert [ticket.state for ticket in tickets] == [TicketState.answered] * 2
    assert all(ticket.theme is TicketTheme.exams for ticket in tickets)
    assert sorted(told) == sorted(office.ids[:2])
    assert facts == 2
    # Pressed again nothing is sent twice; the theme is no longer offered.
    await methodist.press_action(f"duty:session-send:{office.number}")
    async with db.read() as session:
        again = (await session.scalars(select(Outbox.id).where(Outbox.kind == "hotline-answer"))).all()
    assert len(again) == 2
    await office.anna.says("/menu")
    await office.anna.presses("Горячая линия")
    assert "Тема: Отметки за ВПР" not in office.anna.buttons


@pytest.fixture
async def quick(db: Database, newcomer_on: NewcomerOn, texts: Texts, settings: Settings) -> Office:
    return await opened(db, texts, settings, [await newcomer_on("web") for _ in range(3)])


async def test_too_late_the_question_becomes_an_ordinary_one(quick: Office, db: Database) -> None:
    await quick.anna.says("/menu")
    await quick.anna.presses("Горячая линия")
    await quick.anna.presses("Тема: Отметки за ВПР")
    await quick.anna.says(FIRST)
    async with db.begin() as session:
        row = await session.get_one(HotlineSession, quick.number)
        row.closes_at = datetime.now(UTC) - timedelta(minutes=1)
    await quick.anna.presses("Верно, отправить")
    assert quick.anna.sees("принят")
    assert not quick.anna.sees("на все вопросы темы")
    async with db.read() as session:
        _, total = await desk.queue(session, quick.scope, 0)
    assert total == 1
    await quick.vera.says("/menu")
    await quick.vera.press_action(f"hotline:session:{quick.number}")
    assert quick.vera.sees("уже собраны")


async def test_called_off_its_questions_join_the_queue(quick: Office, db: Database, settings: Settings) -> None:
    await asks(quick.anna, FIRST)
    async with db.begin() as session:
        assert await sessions.cancel(session, quick.scope, quick.number, zone=settings.zone, now=datetime.now(UTC)) == 1
    async with db.read() as session:
        (line,), total = await desk.queue(session, quick.scope, 0)
    assert total == 1
    assert line.due_at is not None
    assert line.due_at < datetime.now(UTC) + timedelta(days=14)


async def test_a_later_hour_is_told(quick: Office, db: Database, texts: Texts, settings: Settings) -> None:
    await asks(quick.anna, FIRST)
    now = datetime.now(UTC)
    async with db.begin() as session:
        await sessions.save(
            session, quick.scope, title="Отметки за ВПР", theme=TicketTheme.exams, closes_at=now + timedelta(days=2),
            answer_by=now + timedelta(days=9), methodist_id=quick.ids[2], now=now, speak=speaks(texts, settings),
            number=quick.number,
        )  # fmt: skip
        ticket = (await session.scalars(select(Ticket))).one()
        told = (await session.scalars(select(Outbox).where(Outbox.kind == "hotline-passed"))).one()
    assert ticket.due_at == now + timedelta(days=9)
    assert told.person_id == quick.ids[0]


async def test_announced_once_gathered_once_and_nothing_about_an_empty_one(
    quick: Office, db: Database, texts: Texts, settings: Settings
) -> None:
    async with db.begin() as session:
        for person_id in quick.ids[:2]:
            await consents.give(session, person_id, ConsentKind.news, messenger=Messenger.web, now=datetime.now(UTC))
    await asks(quick.anna, FIRST)
    for _ in range(2):
        await job.days(db, texts, settings, now=datetime.now(settings.zone))
    after = datetime.now(settings.zone) + timedelta(days=2, hours=1)
    for _ in range(2):
        await job.days(db, texts, settings, now=after)
    async with db.read() as session:
        kinds = [(row.kind, row.person_id) for row in await session.scalars(select(Outbox).order_by(Outbox.id))]
    assert [one for one in kinds if one[0] == "hotline-session"] == [("hotline-session", n) for n in quick.ids[:2]]
    assert [one for one in kinds if one[0] == "hotline-gathered"] == [("hotline-gathered", quick.ids[2])]


async def test_the_post_becomes_a_ready_answer(quick: Office, db: Database, texts: Texts, settings: Settings) -> None:
    await asks(quick.anna, FIRST)
    now = datetime.now(UTC)
    head = Scope(quick.ids[2], (Grant(Role.centre_head, ScopeKind.region),))
    async with db.begin() as session:
        await sessions.answer(
            session, head, quick.number, POST, zone=settings.zone, now=now, speak=speaks(texts, settings)
        )
        entry = await sessions.ready(session, head, quick.number, now=now)
        await faq.publish(session, head, entry, today=now.date(), now=now)
        row = await session.get_one(FaqEntry, entry)
        assert (row.question, row.answer, row.state) == ("Отметки за ВПР", POST, FaqState.published)
        found = await faq.similar(session, "отметки за ВПР", today=now.date(), among=True)
    assert [one.id for one in found] == [entry]


async def test_a_forgotten_session_is_noticed_as_any_question(
    quick: Office, db: Database, texts: Texts, settings: Settings
) -> None:
    await asks(quick.anna, FIRST)
    late = datetime.now(settings.zone) + timedelta(days=4)
    # A Tuesday: the line wakes nobody outside its hours.
    late = (late + timedelta(days=(1 - late.weekday()) % 7)).replace(hour=12)
    async with db.begin() as session:
        passed = await timers.escalate(session, zone=settings.zone, now=late, speak=speaks(texts, settings))
    assert passed == 1


async def test_not_for_others(quick: Office, db: Database, settings: Settings) -> None:
    async with db.read() as session:
        with pytest.raises(NotAllowed):
            await sessions.questions(session, NOBODY, quick.number)
        with pytest.raises(NotAllowed):
            await sessions.listed(session, NOBODY)
    async with db.begin() as session:
        with pytest.raises(NotAllowed):
            await sessions.cancel(session, NOBODY, quick.number, zone=settings.zone, now=datetime.now(UTC))
