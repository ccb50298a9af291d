"""Two hundred people press at once; nobody gets a seat that is another's (both databases)."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.db import Database
from bot.errors import UserError
from bot.models import EventTeam, Registration, RegistrationState
from bot.services.events import reading, signing, teams
from bot.services.events.signing import Result
from tests.factories import NOW, make_event, make_organisation, make_person
from tests.services.test_events_kept import an_event, teacher

PEOPLE = 200


@pytest.fixture(params=["sqlite", pytest.param("run@postgres", marks=pytest.mark.postgres)], autouse=True)
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def crowd(db: Database, *, seats: int) -> tuple[int, list[int]]:
    async with db.begin() as session:
        event = await make_event(session, seats=seats)
        place = await make_organisation(session)
        ids = [(await make_person(session, f"Учитель {n}", organisation=place)).id for n in range(PEOPLE)]
    return event.id, ids


async def test_the_last_seat_is_given_once(db: Database, capsys: pytest.CaptureFixture[str]) -> None:
    event_id, ids = await crowd(db, seats=50)
    times: list[float] = []

    async def press(person_id: int) -> Result:
        began = time.perf_counter()
        async with db.begin() as session:
            outcome = await signing.sign_up(session, person_id, event_id, now=NOW)
        times.append(time.perf_counter() - began)
        return outcome.result

    found = Counter(await asyncio.gather(*(press(person_id) for person_id in ids)))
    assert found == {Result.signed: 50, Result.full: 150}
    async with db.read() as session:
        numbers = (await reading.numbers_of(session, [event_id]))[event_id]
    assert (numbers.registered, numbers.held, numbers.waiting) == (50, 50, 0)
    with capsys.disabled():
        print(f"\n200 presses: p99 {sorted(times)[197] * 1e3:.0f} ms ({db.url.get_backend_name()})")


async def test_kept_seats_are_given_to_whom_they_are_kept_for(db: Database) -> None:
    async with db.begin() as session:
        event = await an_event(session, seats=50, reserved=30)
        ids = [await teacher(session, event.id if n % 2 else 0) for n in range(PEOPLE)]

    async def press(person_id: int) -> Result:
        async with db.begin() as session:
            return (await signing.sign_up(session, person_id, event.id, now=NOW)).result

    done = dict(zip(ids, await asyncio.gather(*(press(person_id) for person_id in ids)), strict=True))
    assert Counter(done.values()) == {Result.signed: 50, Result.full: 150}
    ordinary = sum(done[person] is Result.signed for person in ids[::2])
    assert ordinary <= 20, "thirty were kept"


async def test_a_double_press_is_one_registration(db: Database) -> None:
    event_id, ids = await crowd(db, seats=10)

    async def press(person_id: int) -> None:
        async with db.begin() as session:
            await signing.sign_up(session, person_id, event_id, now=NOW)

    await asyncio.gather(*(press(person_id) for person_id in [ids[0]] * 20 + [ids[1]] * 20))
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Registration)) == 2


async def test_two_of_one_school_gather_at_once_and_one_team_is_made(db: Database) -> None:
    async with db.begin() as session:
        event = await make_event(session, seats=40, team_from=2, team_to=6, starts_at=NOW + timedelta(days=20))
        schools = [await make_organisation(session) for _ in range(4)]
        people = [
            [(await make_person(session, f"Учитель {n}", organisation=place)).id for n in range(8)] for place in schools
        ]

    async def press(ids: list[int], organiser: int) -> str:
        named = [one for one in ids if one != ids[organiser]][:3]
        try:
            async with db.begin() as session:
                await teams.gather(session, ids[organiser], event.id, named, now=NOW)
        except UserError as refused:
            return refused.key
        return "gathered"

    done = Counter(await asyncio.gather(*(press(ids, organiser) for organiser in range(8) for ids in people)))
    assert done == {"gathered": 4, "events-team.taken": 28}
    async with db.read() as session:
        numbers = (await reading.numbers_of(session, [event.id]))[event.id]
        rows = await session.execute(
            select(EventTeam.organisation_id, func.count())
            .join(Registration, Registration.team_id == EventTeam.id)
            .group_by(EventTeam.organisation_id)
        )
        assert dict(rows.all()) == {place.id: 4 for place in schools}, "each whole, nothing of the others"
    assert (numbers.registered, numbers.held) == (4, 16)


async def test_the_last_seats_go_to_a_whole_team_only(db: Database) -> None:
    async with db.begin() as session:
        event = await make_event(session, seats=7, team_from=3, team_to=3, starts_at=NOW + timedelta(days=20))
        crowds = []
        for _ in range(5):
            place = await make_organisation(session)
            crowds.append([(await make_person(session, f"Учитель {n}", organisation=place)).id for n in range(3)])

    async def press(ids: list[int]) -> str:
        try:
            async with db.begin() as session:
                await teams.gather(session, ids[0], event.id, ids[1:], now=NOW)
        except UserError as refused:
            return refused.key
        return "gathered"

    assert Counter(await asyncio.gather(*map(press, crowds))) == {"gathered": 2, "events-team-no-seats": 3}
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Registration)) == 6
        assert await session.scalar(select(func.count()).select_from(EventTeam)) == 2


async def test_seats_that_come_free_go_to_those_who_waited_first(db: Database) -> None:
    event_id, ids = await crowd(db, seats=20)
    for n, person_id in enumerate(ids[:60]):
        async with db.begin() as session:
            await signing.wait(session, person_id, event_id, now=NOW + timedelta(seconds=n))

    async def leave(person_id: int) -> None:
        async with db.begin() as session:
            await signing.leave(session, person_id, event_id, now=NOW + timedelta(hours=1))

    async def hurry(person_id: int) -> Result:
        async with db.begin() as session:
            return (await signing.sign_up(session, person_id, event_id, now=NOW + timedelta(hours=1))).result

    done = await asyncio.gather(*(leave(p) for p in ids[:10]), *(hurry(p) for p in ids[60:160]))
    assert set(done[10:]) == {Result.full}, "nobody passes those who wait"
    async with db.read() as session:
        offered = await session.scalars(
            select(Registration.person_id).where(Registration.state == RegistrationState.offered)
        )
        assert sorted(offered) == ids[20:30]
        numbers = (await reading.numbers_of(session, [event_id]))[event_id]
    assert (numbers.held, numbers.registered) == (20, 10)
