"""Appointing, drafts for many, papers and candidates on PostgreSQL as on SQLite."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.db import Database
from bot.i18n import Texts
from bot.jobs import iom as jobs
from bot.models import IomState
from bot.services import my_data
from bot.services.iom import appointing, bulk, papers
from bot.services.iom.appointing import Group
from bot.services.iom.bulk import Target
from bot.services.iom.candidates import candidates
from bot.services.iom.papers import RegisterFilters
from tests.factories import NOW
from tests.routes import TODAY, prepared
from tests.services.test_iom_appointing import held, second_methodist, strangers

ZONE = ZoneInfo("Europe/Moscow")


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.mark.parametrize("database", ["sqlite", pytest.param("@postgres", marks=pytest.mark.postgres)])
async def test_everything_the_centre_does_at_its_desk(db: Database, texts: Texts, database: str) -> None:
    ground = await prepared(db)
    t = texts.translator()
    done = await ground.route(IomState.completed)
    colleague = await ground.colleague("Берестова Анна Ильинична")
    waiting = await ground.route(IomState.agreed, await ground.colleague("Ветрова Анна Ильинична"))
    await strangers(ground, 2)
    other = await second_methodist(ground)
    head = await ground.scope(ground.head)
    async with db.begin() as session:
        plan = await appointing.plan(
            session, head, Group("math", ground.place.municipality_id, diagnosed=False), to=None, today=TODAY
        )
        assert len(plan.moves) == 2
        await appointing.appoint(session, head, plan, order_no="1", order_date=TODAY, now=NOW, today=TODAY)
        leaving = await appointing.plan_leaving(session, head, ground.methodist.id, today=TODAY)
        number = await appointing.appoint(session, head, leaving, order_no="2", order_date=TODAY, now=NOW, today=TODAY)
        assert [one.teachers for one in await appointing.appointments(session, head)] == [5, 2]
        line = await appointing.teachers(session, head, other.id, today=TODAY, query="анна")
        assert [one.name for one in line.lines] == ["Берестова Анна Ильинична", "Ветрова Анна Ильинична"]
        assert await appointing.without_methodist(session, head, today=TODAY) == 0
    assert await held(ground, colleague.id) == other.id
    async with db.begin() as session:
        assert await appointing.undo(session, head, number, now=NOW, today=TODAY) == 5
        assert (await appointing.methodist(session, head, ground.methodist.id, today=TODAY)).teachers == 5
    assert await held(ground, colleague.id) == ground.methodist.id
    assert await jobs.appointed(db, texts, zone=ZONE, now=NOW + timedelta(hours=1)) == 3
    async with db.begin() as session:
        run_id = await bulk.begin(session, head, "short", Target(subject="math"), now=NOW, today=TODAY)
    await bulk.run_all(db, head, run_id, now=NOW, today=TODAY)
    async with db.begin() as session:
        run = await bulk.one(session, head, run_id)
        assert (run.total, run.made, run.finished) == (2, 1, True), "the exit diagnosis left nothing to work on"
        lines = await papers.register(session, head, t, RegisterFilters(), zone=ZONE, today=TODAY)
        assert len(lines) == 3
        assert [(one.number, one.routes) for one in await papers.orders(session, head, today=TODAY)] == [
            ("", 1),
            ("145-од", 1),
        ]
        assert (await papers.annex(session, head, "", None, today=TODAY)).lines[0].name == waiting.name
        card = await papers.card(session, head, t, done.id, zone=ZONE, now=NOW, today=TODAY)
        assert card.result.startswith("Маршрут завершён")
        found = await candidates(session, head, zone=ZONE, now=NOW, today=TODAY)
        assert [one.iom_id for one in found.lines] == [done.id]
        assert len((await my_data.collect(session, ground.teacher.id))["steps"]) == len(done.steps)
