"""«Навигатор» narrowed to one kind: what is rare and old is found behind many newer records with the same words."""

from __future__ import annotations

from datetime import date

import pytest

from bot.bench import navigator as bench
from bot.db import Database
from bot.services.navigator import finding
from bot.services.navigator.index import Entry, put_many
from tests.conftest import POSTGRES

BOTH = pytest.mark.parametrize("where", ["sqlite", pytest.param(POSTGRES, marks=pytest.mark.postgres)])
TODAY = date(2026, 11, 26)


@BOTH
async def test_the_old_and_rare_kind(db: Database, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "CANDIDATES", 4)
    monkeypatch.setattr(finding, "ENOUGH", 3)
    entries = [
        Entry(n, "contest" if n in (1, 2) else "practice", f"Урок чтения {n}", text="сказка" if n % 2 else "рассказ")
        for n in range(1, 61)
    ]
    async with db.begin() as session:
        await put_many(session, "practice", entries)
    contests = finding.Filters(kind="contest")
    async with db.read() as session:
        both = await finding.find(session, "урок чтения", contests, today=TODAY)
        one = await finding.find(session, "чтение сказка", contests, today=TODAY)
        many = await finding.find(session, "урок", finding.Filters(kind="practice"), today=TODAY)
    assert {hit.object_id for hit in both.hits} == {1, 2}
    assert one.hits[0].object_id == 1
    assert many.total >= finding.ENOUGH
    assert {hit.kind for hit in many.hits} == {"practice"}


@BOTH
async def test_the_measurement_itself(db: Database, where: str) -> None:
    rows = await bench.on(db, "here", many=300)
    assert {row.name for row in rows} == {f"search-300-{k}-here" for k in ("words", "one", "frequent", "misspelt")}
