"""Tutorials: windows as they are typed, a slot for one, a person in one place, both databases."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.db import Database
from bot.errors import NotAllowed, NotFound, UserError
from bot.models import Fact, FactKind, Role, ScopeKind, SlotState, TutorialSlot
from bot.rules import tutorials as rules
from bot.services import tutorials
from bot.services.access import Grant, Scope
from tests.factories import NOW, make_organisation, make_person

ZONE = ZoneInfo("Europe/Moscow")
TODAY = NOW.date()


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.fixture(params=["sqlite", pytest.param("run@postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize(
    ("typed", "begins", "slots"),
    [
        ("28.11 15:00–17:00", datetime(2026, 11, 28, 15, 0), 4),
        ("28.11.2026, с 9.30 до 10.45", datetime(2026, 11, 28, 9, 30), 2),
        (" 1.2 10:00-10:20 ", datetime(2027, 2, 1, 10, 0), 0),
        ("01.12 08:00 - 23:00", datetime(2026, 12, 1, 8, 0), 16),
    ],
)
def test_a_window_as_it_is_typed(typed: str, begins: datetime, slots: int) -> None:
    found = rules.window(typed, today=TODAY, zone=ZONE)
    assert found is not None
    assert found[0] == begins.replace(tzinfo=ZONE)
    assert len(rules.slots(*found)) == slots


@pytest.mark.parametrize(
    "typed", ["", "завтра", "31.02 10:00-11:00", "28.11 17:00-15:00", "28.11 25:00-26:00", "28.11"]
)
def test_what_is_no_window(typed: str) -> None:
    assert rules.window(typed, today=TODAY, zone=ZONE) is None


@given(st.text(max_size=40), st.dates(date(2020, 1, 1), date(2090, 1, 1)))
def test_no_words_break_it(typed: str, today: date) -> None:
    found = rules.window(typed, today=today, zone=ZONE)
    assert found is None or found[0] < found[1]


async def ground(db: Database, people: int = 2) -> tuple[Scope, list[int], int]:
    """A methodist with four slots, teachers, the first slot."""
    async with db.begin() as session:
        place = await make_organisation(session)
        methodist = (await make_person(session, "Фадеева Марина Николаевна", organisation=place)).id
        teachers = [(await make_person(session, f"Учитель {n}", organisation=place)).id for n in range(people)]
        scope = Scope(methodist, (Grant(Role.methodist, ScopeKind.assigned),))
        opened = await tutorials.open_window(session, scope, "28.11 15:00-17:00", now=NOW, zone=ZONE)
        assert len(opened) == 4
        first = (await session.scalars(select(TutorialSlot.id).order_by(TutorialSlot.starts_at))).first()
    assert first is not None
    return scope, teachers, first


@pytest.mark.usefixtures("database")
async def test_fifty_press_for_one_slot(db: Database) -> None:
    _, teachers, slot = await ground(db, 50)

    async def press(person: int) -> str:
        try:
            async with db.begin() as session:
                await tutorials.book(session, person, slot, now=NOW)
        except UserError as refused:
            return refused.key
        return "booked"

    assert Counter(await asyncio.gather(*map(press, teachers))) == {"booked": 1, "tutorials-taken": 49}


@pytest.mark.usefixtures("database")
async def test_one_person_presses_everything_at_once(db: Database) -> None:
    _, (hers, _), _ = await ground(db)
    async with db.begin() as session:
        other = (await make_person(session, "Ольшанская Нина Петровна")).id
        theirs = Scope(other, (Grant(Role.methodist, ScopeKind.assigned),))
        await tutorials.open_window(session, theirs, "28.11 15:00-17:00", now=NOW, zone=ZONE)
        ids = list(await session.scalars(select(TutorialSlot.id)))

    async def press(number: int) -> None:
        try:
            async with db.begin() as session:
                await tutorials.book(session, hers, number, now=NOW)
        except UserError:
            pass

    await asyncio.gather(*map(press, ids * 2))
    async with db.read() as session:
        booked = await tutorials.mine(session, hers, now=NOW)
    assert len(booked) == tutorials.AHEAD
    assert len({one.starts_at for one in booked}) == tutorials.AHEAD, "she is in one place at a time"


@pytest.mark.usefixtures("database")
async def test_a_talk_that_was_is_a_fact(db: Database) -> None:
    scope, (hers, other), slot = await ground(db)
    begun = datetime(2026, 11, 28, 15, 5, tzinfo=ZONE)
    async with db.begin() as session:
        await tutorials.book(session, hers, slot, now=NOW)
        await tutorials.book(session, hers, slot, now=NOW)
        with pytest.raises(UserError):
            await tutorials.mark(session, scope, slot, came=True, now=NOW, zone=ZONE)
        with pytest.raises(NotFound):
            await tutorials.give_up(session, other, slot, now=NOW)
        with pytest.raises(NotFound):
            await tutorials.give_up(session, hers, slot, now=begun)
        await tutorials.mark(session, scope, slot, came=True, now=begun, zone=ZONE)
        with pytest.raises(UserError):
            await tutorials.mark(session, scope, slot, came=True, now=begun, zone=ZONE)
        facts = await session.scalar(select(func.count()).select_from(Fact).where(Fact.kind == FactKind.consulted))
        assert facts == 1


async def test_windows_do_not_overlap_and_close(db: Database) -> None:
    scope, (hers, _), slot = await ground(db)
    async with db.begin() as session:
        with pytest.raises(UserError):
            await tutorials.open_window(session, scope, "28.11 14:45-17:30", now=NOW, zone=ZONE)
        new = await tutorials.open_window(session, scope, "28.11 14:30-17:30", now=NOW, zone=ZONE)
        assert [f"{one:%H:%M}" for one in new] == ["14:30", "17:00"], "what is open is not opened again"
    async with db.begin() as session:
        await tutorials.book(session, hers, slot, now=NOW)
        await tutorials.close(session, scope, slot, now=NOW)
        assert await tutorials.mine(session, hers, now=NOW) == []
        again = await tutorials.open_window(session, scope, "28.11 15:00-15:30", now=NOW, zone=ZONE)
        assert len(again) == 1
        assert (await session.get_one(TutorialSlot, slot)).state is SlotState.free


async def test_what_is_said_and_once(db: Database) -> None:
    scope, (hers, _), slot = await ground(db)
    starts = datetime(2026, 11, 28, 15, 0, tzinfo=ZONE)
    said = []
    async with db.begin() as session:
        await tutorials.book(session, hers, slot, now=NOW)
        for moment in (NOW, NOW, starts - timedelta(hours=20), starts - timedelta(minutes=50), starts):
            said += [(one.what, one.person_id) for one in await tutorials.due(session, now=moment)]
    assert said == [("booked", scope.person_id), ("day", hers), ("hour", hers)]


async def test_who_may_not(db: Database) -> None:
    scope, (hers, _), slot = await ground(db)
    stranger = Scope(hers, (Grant(Role.methodist, ScopeKind.assigned),))
    async with db.begin() as session:
        for way in (Scope(hers), Scope()):
            with pytest.raises(NotAllowed):
                await tutorials.open_window(session, way, "28.11 15:00-17:00", now=NOW, zone=ZONE)
            with pytest.raises(NotAllowed):
                await tutorials.own(session, way, now=NOW)
        with pytest.raises(NotFound):
            await tutorials.close(session, stranger, slot, now=NOW)
        with pytest.raises(UserError):
            await tutorials.book(session, scope.person_id or 0, slot, now=NOW)
