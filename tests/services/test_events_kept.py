"""Seats kept for those whose ИОМ has the event: who gets which, when they are given up (both databases)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import Database
from bot.errors import UserError
from bot.models import (
    Activity,
    ActivityForm,
    ActivityKind,
    Event,
    Iom,
    IomBasis,
    IomState,
    IomStep,
    RegistrationState,
    Role,
    ScopeKind,
    StepState,
)
from bot.services.access import Grant, Scope
from bot.services.events import keeping, lists, reading, signing, telling
from bot.services.events.signing import Result
from tests.factories import NOW, make_event, make_person

HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
AFTER = NOW + timedelta(days=4)
"""The event is a week ahead: its kept seats are everybody's by then."""


@pytest.fixture(params=["sqlite", pytest.param("run@postgres", marks=pytest.mark.postgres)], autouse=True)
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def an_event(session: AsyncSession, **more: Any) -> Event:
    """With its line of the catalogue."""
    event = await make_event(session, **more)
    line = Activity(
        kind=ActivityKind.webinar, title=event.title, form=ActivityForm.distance, hours=2, event_id=event.id,
        search="", sort="", created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    session.add(line)
    await session.flush()
    return event


async def put_into_route(session: AsyncSession, person_id: int, event_id: int) -> IomStep:
    route = Iom(
        person_id=person_id, basis=IomBasis.request, state=IomState.active, starts_on=NOW.date(),
        ends_on=NOW.date() + timedelta(days=90), created_at=NOW,
    )  # fmt: skip
    session.add(route)
    await session.flush()
    step = IomStep(
        iom_id=route.id, place=0, kind=ActivityKind.webinar, title="Вебинар", form=ActivityForm.distance, hours=2,
        due_on=NOW.date() + timedelta(days=30), activity_id=await signing.activity_of(session, event_id),
    )  # fmt: skip
    session.add(step)
    await session.flush()
    return step


async def teacher(session: AsyncSession, event_id: int = 0) -> int:
    """With the event in her ИОМ, when one is given."""
    person = (await make_person(session)).id
    if event_id:
        await put_into_route(session, person, event_id)
    return person


async def presses(session: AsyncSession, person_id: int, event_id: int, *, now: datetime = NOW) -> Result:
    return (await signing.sign_up(session, person_id, event_id, now=now, sure=True)).result


async def state_of(session: AsyncSession, event_id: int, person_id: int) -> RegistrationState | None:
    own = await reading.place_of(session, event_id, person_id)
    return own.state if own else None


async def test_a_kept_seat_is_for_the_route_until_its_day(db: Database) -> None:
    async with db.begin() as session:
        event = await an_event(session, seats=3, reserved=2)
        first, second, third = [await teacher(session) for _ in range(3)]
        on_route, later = [await teacher(session, event.id) for _ in range(2)]
        assert await presses(session, first, event.id) is Result.signed
        assert await presses(session, second, event.id) is Result.full
        await signing.wait(session, second, event.id, now=NOW)
        await signing.wait(session, third, event.id, now=NOW + timedelta(seconds=1))
        assert await state_of(session, event.id, second) is RegistrationState.waiting
        assert await presses(session, on_route, event.id) is Result.signed, "while others wait for other seats"
        assert (await reading.card(session, event.id, later)).routed
    async with db.read() as session:
        assert await telling.with_seats(session, now=NOW + timedelta(days=3)) == []
        assert await telling.with_seats(session, now=AFTER) == [event.id]
    async with db.begin() as session:
        assert await telling.seated(session, event.id, now=AFTER) == 1
        assert await state_of(session, event.id, second) is RegistrationState.offered, "who waited first"
        assert await state_of(session, event.id, third) is RegistrationState.waiting
        assert await presses(session, later, event.id, now=AFTER) is Result.full
    async with db.read() as session:
        assert await telling.with_seats(session, now=AFTER) == [], "said once"


async def test_a_day_of_ones_own(db: Database) -> None:
    async with db.begin() as session:
        event = await an_event(session, seats=1, reserved=1, release_on=NOW.date() + timedelta(days=1))
        person = await teacher(session)
        assert await presses(session, person, event.id) is Result.full
        assert await presses(session, person, event.id, now=NOW + timedelta(days=1)) is Result.signed


async def test_a_seat_given_up_returns_to_whom_it_was_kept_for(db: Database) -> None:
    async with db.begin() as session:
        event = await an_event(session, seats=2, reserved=1)
        on_route, waits_on_route = [await teacher(session, event.id) for _ in range(2)]
        other, waits = [await teacher(session) for _ in range(2)]
        for person in (on_route, other):
            assert await presses(session, person, event.id) is Result.signed
        await signing.wait(session, waits, event.id, now=NOW)
        await signing.wait(session, waits_on_route, event.id, now=NOW + timedelta(seconds=1))
        await signing.leave(session, on_route, event.id, now=NOW + timedelta(minutes=1))
        assert await state_of(session, event.id, waits) is RegistrationState.waiting
        assert await state_of(session, event.id, waits_on_route) is RegistrationState.offered
        await signing.leave(session, other, event.id, now=NOW + timedelta(minutes=2))
        assert await state_of(session, event.id, waits) is RegistrationState.offered


async def test_a_route_written_while_she_waits(db: Database) -> None:
    async with db.begin() as session:
        event = await an_event(session, seats=1, reserved=1)
        person = await teacher(session)
        await signing.wait(session, person, event.id, now=NOW)
        assert await telling.with_seats(session, now=NOW) == []
        await put_into_route(session, person, event.id)
        assert await telling.with_seats(session, now=NOW) == [event.id]
        assert await telling.seated(session, event.id, now=NOW) == 1


async def test_a_step_that_is_done_keeps_nothing(db: Database) -> None:
    async with db.begin() as session:
        event = await an_event(session, seats=1, reserved=1)
        person = await teacher(session)
        (await put_into_route(session, person, event.id)).state = StepState.accepted
        await session.flush()
        assert await presses(session, person, event.id) is Result.full


async def test_a_list_and_a_seat_out_of_turn_leave_what_is_kept(db: Database) -> None:
    async with db.begin() as session:
        event = await an_event(session, seats=2, reserved=1)
        people = [await teacher(session) for _ in range(2)]
        on_route = await teacher(session, event.id)
        done = await lists.enrol(session, HEAD, event.id, [*people, on_route], now=NOW)
        assert (done.proposed, done.no_seat) == (2, 1)
        assert await state_of(session, event.id, people[1]) is None
        assert await state_of(session, event.id, on_route) is RegistrationState.invited
        await signing.leave(session, on_route, event.id, now=NOW)
        with pytest.raises(UserError) as told:
            await lists.out_of_turn(session, HEAD, event.id, people[1], reason="Ведущая", now=NOW)
        assert (told.value.key, told.value.args_for_text) == ("events-only-kept", {"day": "28.11.2026"})
        await lists.out_of_turn(session, HEAD, event.id, people[1], reason="Ведущая", now=AFTER)


async def test_fewer_kept_seats_go_to_those_who_wait(db: Database) -> None:
    async with db.begin() as session:
        event = await an_event(session, seats=2, reserved=2)
        first, second = [await teacher(session) for _ in range(2)]
        for n, person in enumerate((first, second)):
            await signing.wait(session, person, event.id, now=NOW + timedelta(seconds=n))
        draft = await keeping.draft_of(session, event.id)
        await keeping.save(session, HEAD, _with(draft, reserved=1), event_id=event.id, now=NOW)
        assert await state_of(session, event.id, first) is RegistrationState.offered
        assert await state_of(session, event.id, second) is RegistrationState.waiting
        await keeping.save(session, HEAD, _with(draft, seats=None, reserved=0), event_id=event.id, now=NOW)
        assert await state_of(session, event.id, second) is RegistrationState.offered, "no limit: nobody waits"


async def test_a_free_seat_does_not_wait_for_an_answer_of_another(db: Database) -> None:
    async with db.begin() as session:
        event = await an_event(session, seats=1)
        first, second, third = [await teacher(session) for _ in range(3)]
        await presses(session, first, event.id)
        await signing.wait(session, second, event.id, now=NOW)
        draft = await keeping.draft_of(session, event.id)
        await keeping.save(session, HEAD, _with(draft, seats=3), event_id=event.id, now=NOW)
        assert await state_of(session, event.id, second) is RegistrationState.offered
        assert await presses(session, third, event.id) is Result.signed


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"reserved": 1}, "events-wrong-reserve"),
        ({"seats": 5, "reserved": 6}, "events-wrong-reserve"),
        ({"seats": 5, "reserved": -1}, "events-wrong-reserve"),
        ({"seats": 5, "release_on": date(2026, 12, 1)}, "events-wrong-release"),
        ({"seats": 5, "reserved": 1, "release_on": date(2027, 12, 1)}, "events-wrong-release"),
    ],
)
async def test_numbers_that_cannot_be(db: Database, more: dict[str, object], key: str) -> None:
    async with db.begin() as session:
        event = await an_event(session)
        draft = await keeping.draft_of(session, event.id)
        with pytest.raises(UserError) as told:
            await keeping.save(session, HEAD, _with(draft, **more), event_id=event.id, now=NOW)
        assert told.value.key == key


async def test_the_day_moves_with_the_event(db: Database) -> None:
    async with db.begin() as session:
        event = await an_event(session, seats=5, reserved=1, release_on=NOW.date() + timedelta(days=2))
        begin = event.starts_at + timedelta(days=10)
        made = await keeping.copy(session, HEAD, event.id, starts_at=begin, now=NOW)
        assert (await session.get_one(Event, made)).release_on == NOW.date() + timedelta(days=12)
        await keeping.move(session, HEAD, event.id, starts_at=begin, ends_at=begin + timedelta(hours=1), now=NOW)
        assert event.release_on == NOW.date() + timedelta(days=12)


def _with(draft: keeping.EventDraft, **more: object) -> keeping.EventDraft:
    return replace(draft, **more)  # type: ignore[arg-type]
