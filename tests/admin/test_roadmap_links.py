"""On the page of a measure: a register of ours in one press, the indicators that slip with it, named formats."""

from __future__ import annotations

from sqlalchemy import select

from bot.db import Database
from bot.models import FactKind, Measure, MeasureEvidence, Outbox, ProofKind, Roadmap, RoadmapFormat, Role, ScopeKind
from bot.services import facts, packs, roadmap_import
from tests.admin import test_roadmap as base
from tests.admin.conftest import SignIn
from tests.admin.test_roadmap import World
from tests.factories import NOW, make_person
from tests.roads import days, give

world = base.world


async def test_a_register_is_attached_with_one_press_and_checked_by_another(
    world: World, db: Database, sign_in: SignIn
) -> None:
    async with db.begin() as session:
        for number in range(4):
            person = await make_person(session, f"Тайная{number} Анна Ивановна")
            await facts.add(
                session, person.id, FactKind.iom_received, occurred_on=NOW.date(), source=("iom", number), now=NOW
            )
        head = await make_person(session, "Старшая Анна Львовна")
        await give(session, head.id, Role.centre_head, ScopeKind.region)
    number = world.measures["1.1"]
    (day,) = await days(db, "1.1")
    me = await sign_in(world.people["me"], Role.responsible, ScopeKind.body, world.body)
    await me.opens(f"/roadmap/{number}")
    assert me.sees("Готовое у нас", "Выданные ИОМ: 4")
    assert await me.sends(f"/roadmap/{number}/snapshot", day=str(day.id), register="hotline") == 422
    assert me.sees("пусто")
    assert await me.sends(f"/roadmap/{number}/snapshot", day=str(day.id), register="routes") == 200
    assert me.sees("Выданные ИОМ: 4", "Разных людей: 4")
    async with db.read() as session:
        (proof,) = await session.scalars(select(MeasureEvidence))
        assert proof.kind is ProofKind.snapshot
        assert head.id in list(await session.scalars(select(Outbox.person_id)))
    assert await me.sends(f"/roadmap/checks/{proof.id}", do="accept") == 403
    outsider = await sign_in(world.people["local"], Role.responsible, ScopeKind.body, world.other_body)
    assert await outsider.sends(f"/roadmap/{number}/snapshot", day=str(day.id), register="routes") == 404
    # A body of a municipality is offered what happened there: nothing so far.
    await outsider.opens(f"/roadmap/{world.measures['9.1']}")
    assert not outsider.sees("Выданные ИОМ")


async def test_indicators_stand_beside_the_measure(world: World, db: Database, sign_in: SignIn) -> None:
    staff = await sign_in(None, Role.centre_head)
    number = world.measures["1.1"]
    assert await staff.sends(f"/roadmap/{number}/links", indicators="SMO-I05, охват", register="") == 422
    assert staff.sees("Не узнали: ОХВАТ")
    assert (
        await staff.sends(f"/roadmap/{number}/links", indicators="smo-i05; T-15", register="events", kind="publication")
        == 200
    )
    assert staff.sees("От меры зависят показатели", "SMO-I05, T-15")
    async with db.read() as session:
        measure = await session.get_one(Measure, number)
    assert (measure.indicators, measure.register) == (["SMO-I05", "T-15"], "events")
    assert measure.result_kind == "publication"


async def test_a_pack_brings_its_formats_and_indicators(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        await packs.load_pack(session, "tambov", now=NOW)
        await roadmap_import.load_measures(session, "tambov", now=NOW, today=NOW.date())
        plan = (await session.scalars(select(Roadmap))).one()
        named = list(await session.scalars(select(RoadmapFormat).order_by(RoadmapFormat.place)))
        measures = {m.code: m for m in await session.scalars(select(Measure))}
    assert named[0].title == "«На связи дежурный ЦНППМ»"
    assert {code for one in named for code in one.measures} <= set(measures)
    assert measures["TAM-024"].indicators == ["T-26"]
    staff = await sign_in(None, Role.centre_staff)
    await staff.opens("/roadmap", roadmap=plan.id, view="formats")
    assert staff.sees("«Методическая среда»", "раз в две недели", "TAM-015")
    await staff.opens(f"/roadmap/{measures['TAM-015'].id}")
    assert staff.sees("Формат", "«Методическая среда»")
