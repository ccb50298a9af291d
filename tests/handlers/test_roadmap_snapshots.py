"""A register of ours as evidence: taken in one tap, checked by another who is told at once, never changing after."""

from __future__ import annotations

import asyncio
import io
from datetime import datetime
from pathlib import Path

from openpyxl import load_workbook
from sqlalchemy import select

from bot.config import Settings
from bot.db import Database
from bot.models import FactKind, MeasureEvidence, MentorPair, OccurrenceState, PairState, ProofKind, ProofState
from bot.services import facts, files
from tests.factories import make_person
from tests.handlers import test_roadmap as base
from tests.handlers.test_roadmap import World, told
from tests.roads import days

now, world = base.now, base.world


async def with_routes(db: Database, count: int, now: datetime, *, first: int = 0) -> None:
    async with db.begin() as session:
        for number in range(first, first + count):
            person = await make_person(session, f"Тайная{number} Анна Ивановна")
            await facts.add(
                session, person.id, FactKind.iom_received, occurred_on=now.date(), source=("iom", number), now=now
            )


async def frozen(db: Database, settings: Settings) -> tuple[MeasureEvidence, list[list[object]]]:
    """The evidence and every cell of its file."""
    async with db.read() as session:
        (proof,) = await session.scalars(select(MeasureEvidence))
        assert proof.file_id is not None
        path = await files.path_of(session, settings, proof.file_id)
    book = load_workbook(io.BytesIO(await asyncio.to_thread(Path.read_bytes, path)))
    return proof, [[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()]


async def test_the_register_of_routes_in_one_tap(world: World, db: Database, settings: Settings, now: datetime) -> None:
    await with_routes(db, 3, now)
    (day,) = await days(db, "1.1")
    await world.doer.press_action(f"roadmap:done:{day.id}")
    assert world.doer.sees("Готовое у нас: Выданные ИОМ, 3")
    await world.doer.presses("Взять готовое")
    assert world.doer.sees("Отправлено на проверку")
    assert (await days(db, "1.1"))[0].state is OccurrenceState.sent

    proof, cells = await frozen(db, settings)
    assert (proof.kind, proof.snapshot["register"], proof.snapshot["total"]) == (ProofKind.snapshot, "routes", 3)
    assert "Выданные ИОМ: 3" in proof.text
    said = " ".join(str(value) for row in cells for value in row if value is not None)
    assert "Собрать реестр маршрутов" in said
    assert "Тайная" not in said, "a frozen register names nobody"

    # The second pair of eyes hears of it at once, sees the file, and what comes later changes nothing.
    (message,) = await told(db, world.ids["head"])
    assert "Ждёт вашей проверки" in message
    assert "Выданные ИОМ: 3" in message
    assert await told(db, world.ids["me"]) == []
    await with_routes(db, 2, now, first=10)
    assert await frozen(db, settings) == (proof, cells) or (await frozen(db, settings))[1] == cells
    await world.checker.press_action(f"roadmap:check:{proof.id}")
    assert world.checker.sees("Выданные ИОМ на")
    await world.checker.presses("Принять")
    assert (await days(db, "1.1"))[0].state is OccurrenceState.closed


async def test_working_pairs_as_they_are_today(world: World, db: Database, settings: Settings, now: datetime) -> None:
    async with db.begin() as session:
        people = [await make_person(session, f"Тайная{number} Анна Ивановна") for number in range(4)]
        states = (PairState.active, PairState.paused, PairState.to_order)
        session.add_all(
            MentorPair(
                mentor_id=people[0].id, mentee_id=mentee.id, state=state, created_at=now,
                since=None if state is PairState.to_order else now.date(),
            )
            for mentee, state in zip(people[1:], states, strict=True)
        )  # fmt: skip
    (day,) = await days(db, "1.1")
    await world.doer.press_action(f"roadmap:snap:{day.id}:pairs")
    assert world.doer.sees("Отправлено на проверку")
    proof, cells = await frozen(db, settings)
    assert (proof.snapshot["register"], proof.snapshot["total"], proof.snapshot["people"]) == ("pairs", 2, 3)
    assert "Действующие пары наставничества: 2" in proof.text
    assert "Тайная" not in " ".join(str(value) for row in cells for value in row if value is not None)


async def test_a_tap_delivered_twice_is_one_snapshot(world: World, db: Database, now: datetime) -> None:
    await with_routes(db, 1, now)
    (day,) = await days(db, "1.1")
    for _ in range(2):
        await world.doer.press_action(f"roadmap:snap:{day.id}:routes")
    async with db.read() as session:
        proofs = list(await session.scalars(select(MeasureEvidence)))
    assert [proof.state for proof in proofs] == [ProofState.waiting]
    assert len(await told(db, world.ids["head"])) == 1
    await world.doer.presses("Забрать")
    assert (await days(db, "1.1"))[0].state is OccurrenceState.open


async def test_another_register_and_none_at_all(world: World, db: Database, now: datetime) -> None:
    (day,) = await days(db, "1.1")
    await world.doer.press_action(f"roadmap:done:{day.id}")
    assert not world.doer.sees("Готовое у нас")
    await world.doer.press_action(f"roadmap:registers:{day.id}")
    assert world.doer.sees("Готового нет")
    await world.doer.press_action(f"roadmap:snap:{day.id}:routes")
    assert world.doer.sees("пусто"), "an empty register proves nothing"
    async with db.begin() as session:
        person = await make_person(session, "Тайная Анна Ивановна")
        await facts.add(session, person.id, FactKind.diagnosed, occurred_on=now.date(), source=("attempt", 1), now=now)
    await world.doer.press_action(f"roadmap:done:{day.id}")
    await world.doer.presses("Другой наш реестр")
    assert world.doer.sees("Пройденная диагностика: 1")
    await world.doer.presses("1")
    assert world.doer.sees("Отправлено на проверку")
    await world.stranger.press_action(f"roadmap:snap:{day.id}:diagnosed")
    async with db.read() as session:
        assert len(list(await session.scalars(select(MeasureEvidence)))) == 1, "not everybody may"
