"""Digests: silence when there is nothing, one message a person a day, numbers that lead somewhere."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.jobs import hotline as job
from bot.models import ConsentKind, FaqEntry, FaqState, Messenger, Outbox, Role, Ticket, TicketState, TicketTheme
from bot.services import consents
from tests.factories import NOW, give_role, make_person

MONDAY = datetime(2026, 11, 23, 10, 5)


@pytest.fixture(params=["here", "here@postgres"])
def place(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def in_region() -> bool:
    return True


async def sent(db: Database, kind: str) -> list[Outbox]:
    async with db.read() as session:
        return list(await session.scalars(select(Outbox).where(Outbox.kind == f"hotline-{kind}").order_by(Outbox.id)))


def entry(theme: TicketTheme, question: str, *, days: int, state: FaqState = FaqState.published) -> FaqEntry:
    at = MONDAY.astimezone() - timedelta(days=days)
    return FaqEntry(
        theme=theme, question=question, answer="Так.", state=state, created_at=NOW, published_at=at,
        review_on=MONDAY.date() + timedelta(days=300),
    )  # fmt: skip


async def test_new_answers_by_theme_to_those_who_want_them(
    place: str, db: Database, texts: Texts, settings: Settings
) -> None:
    async with db.begin() as session:
        reader = await make_person(session, "Анна А")
        await make_person(session, "Борис Б")
        await consents.give(session, reader.id, ConsentKind.news, messenger=Messenger.web, now=NOW)
        session.add_all(
            [
                entry(TicketTheme.exams, "Новый ответ об экзаменах", days=2),
                entry(TicketTheme.programmes, "Новый ответ о программах", days=1),
                entry(TicketTheme.exams, "Давний ответ", days=9),
                entry(TicketTheme.exams, "Ещё не показан", days=1, state=FaqState.agreed),
            ]
        )
    monday = MONDAY.replace(tzinfo=settings.zone)
    for moment in (monday - timedelta(days=1), monday - timedelta(hours=2), monday, monday + timedelta(minutes=15)):
        await job.days(db, texts, settings, now=moment)
    (row,) = await sent(db, "digest")
    text = row.screen["text"]
    assert row.person_id == reader.id
    assert text.index("Рабочие программы") < text.index("о программах") < text.index("ВПР") < text.index("об экзаменах")
    assert "Давний" not in text
    assert "Ещё не показан" not in text
    await job.days(db, texts, settings, now=monday + timedelta(days=7))
    assert len(await sent(db, "digest")) == 1, "nothing new is silence"


async def test_what_waits_this_morning(place: str, db: Database, texts: Texts, settings: Settings) -> None:
    morning = (MONDAY + timedelta(days=1)).replace(hour=8, minute=40, tzinfo=settings.zone)
    async with db.begin() as session:
        busy, free = await make_person(session, "Анна А"), await make_person(session, "Борис Б")
        for person in (busy, free):
            await give_role(session, person, Role.duty)
        for state, due, holder in (
            (TicketState.assigned, morning + timedelta(hours=2), busy.id),
            (TicketState.assigned, morning - timedelta(days=3), busy.id),
            (TicketState.assigned, morning + timedelta(days=2), busy.id),
            (TicketState.answered, morning + timedelta(hours=1), busy.id),
            (TicketState.new, morning + timedelta(hours=1), None),
        ):
            session.add(Ticket(state=state, due_at=due, methodist_id=holder, created_at=NOW, asked_at=NOW))
    for moment in (morning - timedelta(hours=1), morning, morning + timedelta(hours=1), morning + timedelta(hours=9)):
        await job.days(db, texts, settings, now=moment)
    (row,) = await sent(db, "morning")
    assert row.person_id == busy.id
    assert "На сегодня: 2 дела" in row.screen["text"]
    assert "Вопросы до обеда: 2." in row.screen["text"]
    saturday = morning + timedelta(days=4)
    await job.days(db, texts, settings, now=saturday)
    assert len(await sent(db, "morning")) == 1, "not on a day off"
