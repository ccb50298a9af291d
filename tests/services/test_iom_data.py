"""A person's own data of routes: everything is in the export, and nothing of it outlives her profile."""

from __future__ import annotations

import io
import json
from enum import Enum

import pytest
from docx import Document
from sqlalchemy import func, select

from bot.db import Database
from bot.i18n import Texts
from bot.models import (
    ActivityKind,
    AppointmentMove,
    AttemptState,
    DeficitLevel,
    Evidence,
    Fact,
    FactKind,
    Iom,
    IomDeficit,
    IomMove,
    IomNotice,
    IomRevision,
    IomState,
    IomStep,
    MethodistAssignment,
    Purpose,
    StepState,
)
from bot.screens.profile import my_data_labels
from bot.services import leaving, merging, my_data
from bot.services.iom import appointing, following
from bot.services.iom.appointing import Group
from tests.factories import NOW, make_person
from tests.routes import TODAY, Ground, prepared
from tests.services.test_iom_appointing import second_methodist


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.fixture
async def ground(db: Database) -> Ground:
    """A route under way with evidence, a wish and a change of methodists."""
    ground = await prepared(db)
    route = await ground.route(IomState.active)
    other = await second_methodist(ground)
    head = await ground.scope(ground.head)
    async with db.begin() as session:
        plan = await appointing.plan(session, head, Group(alone=False), to=other.id, today=TODAY)
        await appointing.appoint(session, head, plan, order_no="7", order_date=TODAY, now=NOW, today=TODAY)
        await following.submit(session, ground.teacher.id, route.steps[0].id, text="План урока Аграфены", now=NOW)
    return ground


async def test_everything_of_a_route_is_in_the_export(ground: Ground, texts: Texts) -> None:
    async with ground.db.read() as session:
        sections = await my_data.collect(session, ground.teacher.id)
    export = my_data.write(sections, my_data_labels(texts.translator(), sections))
    carried = json.loads(export.json)
    (route,) = carried["routes"]
    assert (route["order_no"], route["state"]) == ("145-од", "active")
    assert len(carried["steps"]) > 2
    assert carried["deficits"][0]["pct"] == 25
    assert carried["evidence"][0]["work"] == "План урока Аграфены"
    assert [row["order_no"] for row in carried["methodists"]] == ["1-од", "7"]
    cells = {
        cell.text for table in Document(io.BytesIO(export.docx)).tables for row in table.rows for cell in row.cells
    }
    assert {"145-од", "выполняется", "у методиста", "План урока Аграфены", carried["steps"][0]["step"]} <= cells


@pytest.mark.parametrize("kind", [FactKind, IomState, StepState, ActivityKind, Purpose, DeficitLevel, AttemptState])
def test_every_value_has_words(kind: type[Enum], texts: Texts) -> None:
    rows = {"facts": [{"kind": value} for value in kind]}
    assert len(my_data_labels(texts.translator(), rows)) == len(kind) + 3


async def test_nothing_of_it_outlives_the_profile(ground: Ground) -> None:
    async with ground.db.begin() as session:
        await leaving.ask(session, ground.teacher.id, now=NOW)
        assert await leaving.carry_out(session, ground.teacher.id, now=NOW + leaving.DELETE_AFTER) is not None
    async with ground.db.read() as session:
        for table in (Iom, IomStep, IomDeficit, Evidence, IomMove, IomNotice, IomRevision, AppointmentMove):
            assert await session.scalar(select(func.count()).select_from(table)) == 0, table.__tablename__
        assert await session.scalar(select(func.count()).select_from(MethodistAssignment)) == 0
        assert "iom_received" in set(await session.scalars(select(Fact.kind))), "what happened still counts"


async def test_two_rows_of_one_person_keep_one_route_and_its_history(ground: Ground) -> None:
    head = await ground.scope(ground.head)
    async with ground.db.begin() as session:
        double = await make_person(session, "Иванова Мария Петровна", organisation=ground.place)
        await merging.merge(session, head, double.id, ground.teacher.id, now=NOW)
    async with ground.db.read() as session:
        sections = await my_data.collect(session, double.id)
        assert [row["order_no"] for row in sections["routes"]] == ["145-од"]
        assert len(sections["evidence"]) == 1
        assert [row["order_no"] for row in sections["methodists"]] == ["1-од", "7"]
        assert set(await session.scalars(select(AppointmentMove.person_id))) == {double.id}
