"""Search among many: a word that everything holds neither hides the rare one nor brings in what lacks it."""

from __future__ import annotations

import pytest

from bot.bench import registers as bench
from bot.db import Database
from bot.services import search
from tests.conftest import POSTGRES

BOTH = pytest.mark.parametrize("where", ["sqlite", pytest.param(POSTGRES, marks=pytest.mark.postgres)])


async def found(db: Database, query: str) -> list[int]:
    async with db.read() as session:
        return sorted(number for number, _ in await search.find(session, "r:x", query, limit=100))


@BOTH
async def test_common_words(db: Database, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {
        n: f"Школа № {n} математика {'сад' if n % 2 else 'лес'} {'Вязьма' if n == 17 else ''}" for n in range(1, 41)
    }
    async with db.begin() as session:
        await search.index_many(session, "r:x", texts, trigrams_too=False)
    queries = ("школа", "школа вязьма", "математика сад", "сад лес", "школа 17", "школы математики 8", "нет такого")
    usual = {query: await found(db, query) for query in queries}
    monkeypatch.setattr(search, "COMMON", 5)
    for query in queries:
        assert await found(db, query) == usual[query], query
    assert usual["школа вязьма"] == [17]
    assert usual["школа 17"] == [17]
    assert usual["математика сад"] == list(range(1, 41, 2))
    assert usual["сад лес"] == []


@BOTH
async def test_the_measurement_itself(db: Database, where: str) -> None:
    rows = await bench.looked_for(db, "here", many=300)
    assert [row.name.rsplit("-", 1)[0] for row in rows] == ["registers-search", "registers-slowest", "registers-page"]
