"""The demonstration: the same arguments give the same rows, and it never touches real people."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.config import Settings
from bot.db import Database
from bot.errors import UserError
from bot.models import Attempt, Base, Consent, Employment, Fact, Identity, Organisation, Person, Role, RoleAssignment
from bot.services import demo, region
from tests.factories import make_person

TODAY = date(2026, 11, 24)


async def contents(db: Database) -> dict[str, str]:
    """A digest of every table."""
    found: dict[str, str] = {}
    async with db.read() as session:
        for table in Base.metadata.sorted_tables:
            rows = await session.execute(select(table).order_by(*table.primary_key.columns))
            found[table.name] = hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()
    return found


@pytest.fixture
async def other(tmp_path: Path, db: Database, settings: Settings):  # type: ignore[no-untyped-def]
    """A second empty database."""
    path = tmp_path / "other.db"
    path.write_bytes(settings.sqlite_path.read_bytes())
    database = Database(f"sqlite+aiosqlite:///{path}")
    yield database
    await database.close()


async def test_the_same_arguments_give_the_same_rows(db: Database, other: Database, settings: Settings) -> None:
    for database in (db, other):
        await demo.fill(database, settings, people=40, seed=7, today=TODAY)
    one, two = await contents(db), await contents(other)
    assert [name for name in one if one[name] != two[name]] == []
    await demo.fill(db, settings, people=40, seed=7, today=TODAY)
    assert await contents(db) == one, "filling again changes nothing"


async def test_other_arguments_replace_it(db: Database, settings: Settings) -> None:
    await demo.fill(db, settings, people=40, seed=7, today=TODAY)
    before = await contents(db)
    await demo.fill(db, settings, people=45, seed=8, today=TODAY + timedelta(days=1))
    after = await contents(db)
    assert before["people"] != after["people"]
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Person)) == 45
        mark = await demo.mark_of(session)
    assert mark is not None
    assert (mark.people, mark.seed, mark.filled) == (45, 8, True)


async def test_it_is_marked_and_lively(db: Database, settings: Settings) -> None:
    await demo.fill(db, settings, people=60, seed=1, today=TODAY)
    async with db.read() as session:
        people = list(await session.scalars(select(Person)))
        assert all(person.is_demo for person in people)
        assert 0 < sum(person.confirmed_at is None for person in people) < len(people)
        assert (await session.scalar(select(func.count()).select_from(Attempt)) or 0) > 20
        assert (await session.scalar(select(func.count()).select_from(Fact)) or 0) > 10
        roles = set(await session.scalars(select(RoleAssignment.role)))
        assert {Role.methodist, Role.curator, Role.municipal_coordinator, Role.centre_head, Role.analyst} <= roles
        links = await demo.staff_links(session)
        assert {"methodist", "centre_head"} <= {role for role, _ in links}
        unapproved = select(func.count()).select_from(Organisation).where(Organisation.approved_at.is_(None))
        assert await session.scalar(unapproved) == 1
        assert (await region.setting(session, "demo"))["on"] is True


async def test_nothing_lies_ahead_of_its_day(db: Database, settings: Settings) -> None:
    await demo.fill(db, settings, people=60, seed=3, today=TODAY)
    async with db.read() as session:
        for column in (Attempt.started_at, Attempt.finished_at, Person.created_at, Consent.given_at):
            latest = await session.scalar(select(func.max(column)))
            assert latest is not None
            assert latest.date() <= TODAY, column
        for day in (Fact.occurred_on, Employment.since):
            assert (await session.scalars(select(func.max(day)))).one() <= TODAY, day
        own = select(func.count()).select_from(Attempt).where(Attempt.finished_at < Attempt.started_at)
        assert await session.scalar(own) == 0
        registered = (
            select(func.count())
            .select_from(Attempt)
            .join(Person, Person.id == Attempt.person_id)
            .where(Person.registered_at.is_(None))
        )
        assert await session.scalar(registered) == 0, "who never came has no attempts"
        accounts = select(func.count()).select_from(Identity).join(Person).where(Person.registered_at.is_(None))
        assert await session.scalar(accounts) == 0


async def test_a_database_with_people_is_refused(db: Database, settings: Settings) -> None:
    async with db.begin() as session:
        await make_person(session)
    before = await contents(db)
    with pytest.raises(UserError, match="demo-not-empty"):
        await demo.fill(db, settings, people=40, seed=7, today=TODAY)
    assert await contents(db) == before


async def test_too_few_people_are_refused_in_words(db: Database, settings: Settings) -> None:
    with pytest.raises(UserError, match="demo-too-few"):
        await demo.fill(db, settings, people=3, seed=1, today=TODAY)


async def test_an_unfinished_one_is_begun_anew(db: Database, settings: Settings) -> None:
    async with db.begin() as session:
        value = {"on": True, "people": 40, "seed": 7, "today": TODAY.isoformat(), "filled": False}
        await region.set_setting(session, "demo", value)
        await make_person(session)
    await demo.fill(db, settings, people=40, seed=7, today=TODAY)
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Person)) == 40
