"""A pack's measures come once; the order gives them its words; the command writes and never doubles."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.config import ROOT
from bot.db import Database
from bot.errors import UserError
from bot.models import Measure, MeasureBody, Roadmap, RoadmapState, Role, ScopeKind
from bot.rules.deadlines import Note
from bot.schema import migrate
from bot.services import packs, roadmap_import
from bot.services.access import Grant, Scope
from bot.services.roadmap import Heading
from bot.services.roadmap_import import Reading
from tests.factories import NOW
from tests.region import set_up
from tests.services.test_roadmap_import import HEAD, ORDERS, SHARED, text

HEAD_OF_CENTRE = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
TODAY = NOW.date()


def say(note: Note) -> str:
    return note.key


async def with_pack(db: Database, name: str) -> int:
    async with db.begin() as session:
        await packs.load_common(session, now=NOW)
        await packs.load_pack(session, name, now=NOW)
        return await roadmap_import.load_measures(session, name, now=NOW, today=TODAY)


async def put(db: Database, reading: Reading, *, into: int | None, may_drop: bool = False) -> roadmap_import.Plan:
    async with db.begin() as session:
        planned = await roadmap_import.plan(session, HEAD_OF_CENTRE, reading, into=into)
        await roadmap_import.apply(
            session, HEAD_OF_CENTRE, reading, Heading("" if into else "Карта", 2023), into=into, say=say, now=NOW,
            today=TODAY, may_drop=may_drop,
        )  # fmt: skip
    return planned


async def test_measures_of_a_pack_come_once_as_a_draft_without_the_words_of_the_order(db: Database) -> None:
    assert await with_pack(db, "smolensk") == 81
    assert await with_pack(db, "smolensk") == 0
    async with db.read() as session:
        plan = await session.scalar(select(Roadmap))
        assert plan is not None
        assert (plan.pack, plan.order_no, plan.state) == ("smolensk", "504-ОД", RoadmapState.draft)
        rows = list(await session.scalars(select(Measure).order_by(Measure.place)))
        nameless = await session.scalar(
            select(func.count()).select_from(MeasureBody).where(MeasureBody.body_id.is_(None))
        )
    assert len(rows) == 81
    assert nameless == 0
    assert {(row.text, row.quote) for row in rows} == {("", "")}
    assert rows[17].targets == ["Методисты, ведущие ИОМ: ≥ 75 %"]


@pytest.mark.parametrize("order", ORDERS)
async def test_the_order_gives_the_measures_of_its_pack_their_words(db: Database, order: str) -> None:
    if SHARED is None:
        pytest.skip("../shared/orders is not here")
    name, year = ORDERS[order]
    count = await with_pack(db, name)
    content = (SHARED / "orders" / f"{order}.txt").read_bytes()
    async with db.read() as session:
        number = await session.scalar(select(Roadmap.id))
        directory = await roadmap_import.directory_of_region(session)
    reading = roadmap_import.read_file(content, f"{order}.txt", year, directory)
    first = await put(db, reading, into=number)
    assert (len(first.rows), first.count("changed"), first.dropped) == (count, count, ())
    again = await put(db, reading, into=number)
    assert again.count("same") == count
    async with db.read() as session:
        rows = list(await session.scalars(select(Measure).order_by(Measure.place)))
    assert len(rows) == count
    assert [row.code for row in rows] == [one.code for one in first.rows]
    assert all(row.quote and row.title and row.title != row.text for row in rows if row.text)


async def test_a_file_of_something_else_takes_nothing_away(db: Database) -> None:
    await with_pack(db, "krasnodar")
    async with db.read() as session:
        number = await session.scalar(select(Roadmap.id))
    other = roadmap_import.read_file(text([HEAD, ["", "Дело", "ЦНППМ", "до 1 мая 2023 года", "Акт"]]), "а.txt", 2021)
    with pytest.raises(UserError) as refused:
        await put(db, other, into=number)
    assert refused.value.key == "road-apply-drops"
    async with db.read() as session:
        assert await session.scalar(select(func.count(Measure.id)).where(Measure.dropped_at.is_(None))) == 20


async def prepared(url: str) -> None:
    db = Database(url)
    await migrate(db)
    await set_up(db)
    await db.close()


def test_the_command_writes_and_never_doubles(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'base.db'}"
    asyncio.run(prepared(url))
    file = tmp_path / "план.txt"
    rows = [
        ["", "Провести форум", "ЦНППМ", "до 1 мая 2027 года", "Отчёт"],
        ["", "Издать сборник", "ЦНППМ", "ежегодно", "Сборник"],
    ]
    file.write_bytes(text([HEAD, *rows]))

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot", "roadmap", "import", str(file), "--year", "2027", *args],
            env={**os.environ, "DATABASE_URL": url, "PYTHONUTF8": "1"},
            cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    async def count() -> tuple[int, int]:
        db = Database(url)
        async with db.read() as session:
            found = [await session.scalar(select(func.count()).select_from(t)) or 0 for t in (Roadmap, Measure)]
        await db.close()
        return found[0], found[1]

    for _ in range(2):
        done = run("--json")
        assert done.returncode == 0, done.stderr
        assert [row["doubts"] for row in json.loads(done.stdout)] == [[], []]
        assert asyncio.run(count()) == (1, 2)
    file.write_bytes(text([HEAD, rows[0]]))
    refused = run()
    assert refused.returncode == 1
    assert "1 мера" in refused.stderr
    assert run("--drop").returncode == 0
    assert asyncio.run(count()) == (1, 2)
