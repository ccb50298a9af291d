"""``mentors match``: one row a mentee, with the reason that binds where there is no mentor."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import update

from bot.commands.mentors import rows_of
from bot.db import Database
from bot.models import MentorProfile, Standing
from bot.services.mentoring import common, matching
from tests.factories import make_municipality, make_organisation
from tests.services.test_mentoring import mentee, mentor, school

TODAY = date(2026, 11, 24)


@pytest.fixture
def in_region() -> bool:
    return True


async def told(db: Database) -> str:
    found = await matching.compute(db, today=TODAY)
    ids = {one.id for one in found.mentees} | {one.id for one in found.mentors}
    async with db.read() as session:
        people = await common.who(session, ids, today=TODAY)
    (row,) = rows_of(found, people)
    assert row["mentor"] is None
    return str(row["text"])


async def busy_hours(db: Database) -> None:
    """Far away, other strengths, no category, no common hours: too few points together."""
    async with db.begin() as session:
        await session.execute(update(MentorProfile).values(slots=[], standing=Standing.none))


async def test_the_reason_names_the_subject_and_the_ways_out(db: Database) -> None:
    here = await school(db)
    await mentee(db, organisation=here, topics=("norms",))
    assert "ни одного наставника" in await told(db)
    async with db.begin() as session:
        away = await make_municipality(session, "Дальний")
        there = await make_organisation(session, "Школа там", municipality=away)
    await mentor(db, organisation=there, formats=("in_person",), strengths=("digital",))
    await busy_hours(db)
    text = await told(db)
    assert "В округе нет наставника: математика. Вариант: соседний район" in text.replace("\u00a0", " ")
    await mentor(db, "Другая Вера Львовна", organisation=there, formats=("remote",), strengths=("digital",))
    await busy_hours(db)
    text = (await told(db)).replace("\u00a0", " ")
    assert "дистанционно, такой есть 1" in text


async def test_a_filter_is_named(db: Database) -> None:
    here = await school(db)
    await mentee(db, organisation=here)
    await mentor(db, "Главный Иван Ильич", organisation=here, position="director", subjects=())
    assert "руководитель этого педагога" in await told(db)
