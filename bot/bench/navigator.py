"""«Навигатор» among a hundred thousand records: how long a search takes on both databases."""

from __future__ import annotations

from random import Random
from time import perf_counter

from bot.bench import databases
from bot.bench.rows import Row, median_row, percentile
from bot.clock import utcnow
from bot.config import ROOT
from bot.db import Database
from bot.services import data_files
from bot.services.navigator import finding
from bot.services.navigator.index import Entry, put_many

MANY, QUERIES, PORTION = 100_000, 200, 1_000
MEDIAN = 50
"""Milliseconds a search may take."""

KINDS = ("answer", "practice", "event", "programme", "material", "community", "contest")
SOURCE = "practice"
FILE = ROOT / "data" / "hotline" / "answers.yaml"


async def measure() -> list[Row]:
    """On SQLite, and on PostgreSQL where one is named."""
    rows: list[Row] = []
    async for name, db in databases.each():
        rows += await on(db, name)
    return rows


async def on(db: Database, name: str, *, many: int = MANY) -> list[Row]:
    """The figures over one empty database: several words, one frequent word, a misspelt one, filters."""
    texts = [one.need("question", str) for one in data_files.read(FILE).entries("answers")]
    words = [word for text in texts for word in text.split() if len(word) > 2]
    await fill(db, words, many)
    await databases.settled(db)
    rng, today = Random(3), utcnow().date()
    frequent = max(set(words), key=words.count)
    asked = {
        "words": [" ".join(rng.sample(words, 3)) for _ in range(QUERIES)],
        "one": [rng.choice(words) for _ in range(QUERIES)],
        "frequent": [frequent] * 20,
        "misspelt": [_slip(rng, rng.choice([word for word in words if len(word) > 6])) for _ in range(QUERIES)],
    }
    rows = []
    for kind, queries in asked.items():
        times, filtered = [], finding.Filters(kind="practice") if kind == "words" else finding.EVERYTHING
        async with db.read() as session:
            await finding.find(session, queries[0], filtered, today=today)
            for query in queries:
                begun = perf_counter()
                await finding.find(session, query, filtered, today=today)
                times.append((perf_counter() - begun) * 1e3)
        slow = round(percentile(times, 0.95), 1)
        kept = sorted(times)[len(times) // 2] <= MEDIAN
        goal = f"медиана ≤ {MEDIAN} мс (p95 {slow})"
        rows.append(median_row(f"search-{many}-{kind}-{name}", "мс", times, goal=goal, kept=kept))
    return rows


async def fill(db: Database, words: list[str], many: int) -> None:
    """Invented records of the words of real questions."""
    rng = Random(7)
    for start in range(0, many, PORTION):
        entries = [
            Entry(start + n + 1, rng.choice(KINDS), " ".join(rng.sample(words, 6)), "", " ".join(rng.sample(words, 18)))
            for n in range(min(PORTION, many - start))
        ]
        async with db.begin() as session:
            await put_many(session, SOURCE, entries)


def _slip(rng: Random, word: str) -> str:
    """One letter in the middle is another."""
    place = rng.randrange(3, len(word) - 1)
    return word[:place] + rng.choice("аоеи") + word[place + 1 :]
