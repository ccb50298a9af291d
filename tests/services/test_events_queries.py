"""The calendar, a card and a sign-up ask the database as often with sixty events as with five."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import event as hook
from starlette.applications import Starlette

from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.models import EventGroup, EventSubject
from bot.services.events import looking, reading, signing
from bot.services.events.signing import Result
from bot.web.events import EventPages
from tests.factories import NOW, make_event, make_organisation, make_person

FEW, MANY = 5, 60
ZONE = ZoneInfo("Europe/Moscow")


@pytest.fixture(params=["sqlite"], autouse=True)
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def in_region() -> bool:
    return True


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    """Statements sent meanwhile."""
    sent: list[str] = []

    def one(*given: object) -> None:
        sent.append(str(given[2]))

    engines = {db.writer.sync_engine, db.reader.sync_engine}
    for engine in engines:
        hook.listen(engine, "before_cursor_execute", one)
    yield sent
    for engine in engines:
        hook.remove(engine, "before_cursor_execute", one)


async def add(db: Database, first: int, last: int) -> list[int]:
    """Events of one month, each with its group, its subject and seats, half of them with people on the list."""
    made: list[int] = []
    async with db.begin() as session:
        for n in range(first, last):
            event = await make_event(
                session, f"Вебинар {n}", seats=10, starts_at=datetime(2026, 12, 1 + n % 28, 8 + n // 28, tzinfo=ZONE),
                groups=[EventGroup(group_slug="digital")], subjects=[EventSubject(subject_slug="math")],
            )  # fmt: skip
            made.append(event.id)
        other = (await make_person(session, f"Учитель {first}")).id
        for event_id in made[::2]:
            await signing.sign_up(session, other, event_id, now=NOW, sure=True)
    return made


async def test_as_many_queries_with_sixty_events_as_with_five(db: Database, settings: Settings, texts: Texts) -> None:
    async with db.begin() as session:
        person = (await make_person(session, organisation=await make_organisation(session))).id
    app = Starlette(routes=EventPages(db, settings, texts, clock=lambda: NOW).routes())
    december = datetime(2026, 12, 1, tzinfo=ZONE).date()

    async def month(event_id: int) -> None:
        async with db.read() as session:
            page = await looking.month(session, december, now=NOW, zone=ZONE)
        assert len(page.lines) == looking.PAGE

    async def suiting(event_id: int) -> None:
        async with db.read() as session:
            assert (await looking.suiting(session, person, now=NOW)).total

    async def page(event_id: int) -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080") as client:
            assert (await client.get("/events")).status_code == 200

    async def card(event_id: int) -> None:
        async with db.read() as session:
            await reading.card(session, event_id, person)

    async def sign(event_id: int) -> None:
        async with db.begin() as session:
            outcome = await signing.sign_up(session, person, event_id, now=NOW, sure=True)
        assert outcome.result is Result.signed

    steps: tuple[Callable[[int], Awaitable[None]], ...] = (month, suiting, page, card, sign)

    async def counts(event_id: int) -> dict[str, int]:
        found: dict[str, int] = {}
        for step in steps:
            with counted(db) as sent:
                await step(event_id)
            found[step.__name__] = len(sent)
        return found

    few = await counts((await add(db, 0, FEW))[1])
    many = await counts((await add(db, FEW, MANY))[1])
    assert all(few.values()), "every step asks the database"
    assert many == few
