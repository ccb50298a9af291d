"""A frozen report never changes; what came after it is listed apart; the parts of a change add up."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from bot.db import Database
from bot.errors import NotAllowed, UserError
from bot.models import Fact, FactKind, Person, PersonState, Role, ScopeKind, Snapshot, SnapshotState
from bot.rules.indicators.changes import Cause, taken_apart
from bot.rules.indicators.periods import Period
from bot.services import facts, leaving, merging
from bot.services.access import Grant, Scope
from bot.services.indicators import changes, counting, figures, freezing
from tests.factories import NOW, make_person
from tests.indicators.history import FIRST, LAST
from tests.services.test_indicators import HEAD, a_diagnosis, teachers

ZONE = ZoneInfo("Europe/Moscow")
YEAR = Period("2026", FIRST, LAST)
THEN = NOW - timedelta(days=10)


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    counting.forget()


async def a_frozen_report(db: Database) -> tuple[int, list[Person], list[int]]:
    """Five diagnosed teachers of forty, taken ten days ago and approved."""
    async with db.begin() as session:
        people = [await make_person(session, f"Иванова {name}") for name in "АБВГД"]
        await session.execute(update(Person).values(confirmed_at=THEN - timedelta(days=90)))
        made = [
            await a_diagnosis(session, one, date(2026, 5, 5), number=n, now=THEN - timedelta(days=60))
            for n, one in enumerate(people, start=1)
        ]
        await figures.enter(session, HEAD, [teachers(40)], now=THEN - timedelta(days=60))
        row = await freezing.take(session, HEAD, YEAR, now=THEN, zone=ZONE)
        await freezing.approve(
            session, HEAD, row.id, order_no="118", order_date=THEN.date(), now=THEN, today=THEN.date()
        )
        return row.id, people, [fact.id for fact in made]


@pytest.mark.parametrize("database", ["sqlite", pytest.param("@postgres", marks=pytest.mark.postgres)])
async def test_a_frozen_report_is_counted_again_identically_whatever_came_after(db: Database, database: str) -> None:
    number, people, made = await a_frozen_report(db)
    async with db.begin() as session:
        await facts.void(session, await session.get_one(Fact, made[0]), by_id=None, reason="x", now=NOW)
        people[1] = await session.get_one(Person, people[1].id)
        people[1].state, people[1].delete_after = PersonState.deleting, NOW
        await session.flush()
        assert await leaving.carry_out(session, people[1].id, now=NOW) is not None
        await merging.merge(session, HEAD, people[2].id, people[3].id, now=NOW)
        await figures.enter(session, HEAD, [teachers(50)], now=NOW)
        late = await make_person(session, "Поздняя Анна")
        await a_diagnosis(session, late, date(2026, 5, 6), number=50)
        fresh = await make_person(session, "Новая Анна")
        await a_diagnosis(session, fresh, NOW.date(), number=51)
    counting.forget()
    async with db.read() as session:
        row = await session.get_one(Snapshot, number)
        kept = {one.definition.id: one for one in freezing.lines_of(row)}
        again = {one.definition.id: one for one in await freezing.recomputed(session, row)}
        assert await freezing.is_intact(session, row)
        assert (kept["SMO-I05"].outcome.numerator, kept["SMO-I05"].outcome.value) == (5, Fraction(25, 2))
        assert again["SMO-I05"].outcome.value == Fraction(25, 2)
        since = {
            one.definition.id: change for one, change in await freezing.changes_since(session, row, now=NOW, zone=ZONE)
        }
    change = since["SMO-I05"]
    people_by = {part.cause: part.people for part in change.parts}
    # One taken back, two rows of one person made one; a late one, a new one; the deleted one still counts.
    assert people_by == {
        Cause.corrections: -2, Cause.late: 1, Cause.new: 1, Cause.definition: 0, Cause.denominator: 0,
    }  # fmt: skip
    assert (change.before, change.after) == (Fraction(25, 2), Fraction(10))
    assert sum((part.value or Fraction(0) for part in change.parts), Fraction(0)) == change.delta
    for one in since.values():
        if one.delta is not None and all(part.value is not None for part in one.parts):
            assert sum((part.value or Fraction(0) for part in one.parts), Fraction(0)) == one.delta


async def test_a_touched_snapshot_is_noticed(db: Database) -> None:
    number, _, _ = await a_frozen_report(db)
    async with db.begin() as session:
        row = await session.get_one(Snapshot, number)
        content = {"lines": [dict(line) for line in row.content["lines"]]}
        content["lines"][4]["numerator"] = 6
        row.content = content
    async with db.read() as session:
        assert not await freezing.is_intact(session, await session.get_one(Snapshot, number))


async def test_approving_needs_an_order_and_opening_again_a_reason(db: Database) -> None:
    today = NOW.date()
    async with db.begin() as session:
        row = await freezing.take(session, HEAD, YEAR, now=NOW, zone=ZONE)
        with pytest.raises(UserError, match="snapshot-not-frozen"):
            await freezing.reopen(session, HEAD, row.id, "Ошибка в знаменателе", now=NOW)
        for order_no, day in (("", today), ("1", today + timedelta(days=1))):
            with pytest.raises(UserError, match="snapshot-order"):
                await freezing.approve(session, HEAD, row.id, order_no=order_no, order_date=day, now=NOW, today=today)
        await freezing.approve(session, HEAD, row.id, order_no="1", order_date=today, now=NOW, today=today)
        with pytest.raises(UserError, match="snapshot-not-waiting"):
            await freezing.approve(session, HEAD, row.id, order_no="2", order_date=today, now=NOW, today=today)
        with pytest.raises(UserError, match="snapshot-reason"):
            await freezing.reopen(session, HEAD, row.id, "надо", now=NOW)
        await freezing.reopen(session, HEAD, row.id, "Ошибка в знаменателе", now=NOW)
        assert row.state is SnapshotState.reopened


@pytest.mark.parametrize("role", [Role.analyst, Role.centre_staff, Role.school_head, Role.municipal_coordinator])
async def test_only_the_head_freezes(db: Database, role: Role) -> None:
    async with db.begin() as session:
        with pytest.raises(NotAllowed):
            await freezing.take(session, Scope(None, (Grant(role, ScopeKind.region),)), YEAR, now=NOW, zone=ZONE)


VALUES = st.fractions(min_value=0, max_value=100, max_denominator=1000)


@given(st.lists(st.tuples(st.integers(0, 500), VALUES), min_size=6, max_size=6))
def test_parts_add_up_exactly_and_as_they_are_shown(steps: list[tuple[int, Fraction]]) -> None:
    change = taken_apart(steps, (100, 110))
    assert sum((part.value or Fraction(0) for part in change.parts), Fraction(0)) == change.delta
    assert sum(part.people for part in change.parts) == steps[-1][0] - steps[0][0]
    shown = [round(value * 100 + Fraction(1, 10**9)) for value in (steps[0][1], steps[-1][1])]
    assert abs(sum(change.hundredths()) - (shown[1] - shown[0])) <= 1


async def test_a_change_between_two_days(db: Database) -> None:
    await a_frozen_report(db)
    async with db.begin() as session:
        person = await make_person(session, "Новая Анна")
        await session.execute(update(Person).values(confirmed_at=THEN - timedelta(days=90)))
        await facts.add(session, person.id, FactKind.diagnosed, occurred_on=NOW.date(), source=("attempt", 90), now=NOW)
    async with db.read() as session:
        now = datetime(2026, 11, 30, tzinfo=ZONE)
        before = await counting.report(session, YEAR, as_of=date(2026, 11, 20), now=now, zone=ZONE)
        after = await counting.report(session, YEAR, now=now, zone=ZONE)
    change = changes.between(before, after, "SMO-I05")
    assert [part.people for part in change.parts] == [0, 0, 1, 0, 0]
    assert change.delta == Fraction(100, 40)
