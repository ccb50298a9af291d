"""Papers, the table and the half-year report of mentoring on PostgreSQL: their statements are no less SQL there."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from bot.db import Database
from bot.i18n import Texts
from bot.models import MentorProfile, PairState, Side
from bot.services.mentoring import monitoring, papers, table
from tests.factories import NOW, make_person
from tests.services.test_mentoring import HEAD, TODAY, agreed, matched, mentee, mentor, offered, ordered, school

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("on", ["all@postgres"])]


@pytest.fixture
def in_region() -> bool:
    return True


async def test_papers_and_the_report_of_a_pair(on: str, db: Database, texts: Texts) -> None:
    assert not db.is_sqlite, on
    place = await school(db)
    anna, olga = await mentor(db, organisation=place), await mentee(db, organisation=place)
    await matched(db)
    pair_id = await offered(db, olga)
    assert await agreed(db, anna, olga, pair_id=pair_id) is PairState.to_order
    async with db.read() as session:
        draft = await papers.order_paper(
            session, HEAD, texts.translator("ru"), organisation_id=place.id, number="", on=None, today=TODAY
        )
        assert [one.organisation_id for one in await papers.orders(session, HEAD, today=TODAY)] == [place.id]
    assert [one.mentee.name for one in draft.pairs] == ["Новикова Ольга Игоревна"]
    await ordered(db, pair_id)
    async with db.begin() as session:
        own = await papers.own_paper(
            session, HEAD, texts.translator("ru"), anna, pair_id, "consent", now=NOW, today=TODAY
        )
    assert own.order_no == "17-н"
    assert papers.OWN[Side.mentee] == ("programme",)
    async with db.read() as session:
        report = await monitoring.report(session, HEAD, "2026-2", zone=ZoneInfo("Europe/Moscow"), today=TODAY)
    line = next(one for one in report.lines if one.pairs)
    assert (line.pairs, line.started, line.mentors, line.covered, line.young) == (1, 1, 1, 1, 1)


async def test_a_table_of_mentors_goes_in(on: str, db: Database) -> None:
    assert not db.is_sqlite, on
    place = await school(db)
    async with db.begin() as session:
        await make_person(session, "Опытная Анна Львовна", organisation=place, teach_since_year=2005, birth_year=1980)
    for status in ("new", "same"):
        async with db.begin() as session:
            content = table.sample_workbook("mentors")
            looked = await table.preview(session, HEAD, content, name="образец.xlsx", today=TODAY)
            assert [row.status for row in looked.rows] == [status], looked.rows
            await table.apply(session, HEAD, looked, now=NOW, today=TODAY)
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(MentorProfile)) == 1
