"""Search of ready answers: how often the right one is offered, and how fast among fifty thousand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from time import perf_counter

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.bench import databases
from bot.bench.rows import Row, median_row
from bot.clock import utcnow
from bot.config import ROOT
from bot.db import Database
from bot.models import FaqEntry, FaqState, TicketTheme
from bot.services import data_files
from bot.services.hotline import faq
from bot.services.hotline.content import load

MANY, QUERIES = 50_000, 200
HIT, USELESS, MEDIAN = 0.8, 0.1, 30
FOLDER = ROOT / "data" / "hotline"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question and the place of its answer in the file; 0 has none."""

    text: str
    answer: int
    half: str


@dataclass(frozen=True, slots=True)
class Hits:
    """What a half showed."""

    asked: int
    hit: int
    unrelated: int
    useless: int
    failures: tuple[str, ...]

    @property
    def share(self) -> float:
        """hit@3."""
        return self.hit / self.asked

    @property
    def wasted(self) -> float:
        """Offers where there is no answer."""
        return self.useless / self.unrelated


def labelled() -> list[Labelled]:
    """The questions of ``data/hotline``."""
    entry = data_files.read(FOLDER / "questions.yaml")
    return [
        Labelled(one.need("text", str), one.need("answer", int), one.one_of("half", ("tune", "hold")))
        for one in entry.entries("questions")
    ]


async def hits(session: AsyncSession, questions: Sequence[Labelled], *, today: date) -> Hits:
    """Ask them all; the answers of the file are loaded already."""
    order = [one.need("question", str) for one in data_files.read(FOLDER / "answers.yaml").entries("answers")]
    hit = asked = unrelated = useless = 0
    failures = []
    for one in questions:
        offers = await faq.similar(session, one.text, today=today)
        found = [order.index(offer.question) + 1 for offer in offers if offer.question in order]
        if one.answer:
            asked += 1
            hit += one.answer in found
        else:
            unrelated += 1
            useless += bool(offers)
        if (one.answer not in found) if one.answer else bool(offers):
            failures.append(f"{one.text} → {[offer.question for offer in offers][:3]}")
    return Hits(asked, hit, unrelated, useless, tuple(failures))


async def measure() -> list[Row]:
    """Both halves with their failures, then the time among many."""
    rows: list[Row] = []
    async for name, db in databases.each():
        rows += await on(db, name)
    return rows


async def on(db: Database, name: str, *, many: int = MANY) -> list[Row]:
    """The figures over one empty database."""
    now = utcnow()
    today = now.date()
    async with db.begin() as session:
        await load(session, FOLDER / "answers.yaml", today=today, now=now)
    rows: list[Row] = []
    everything = labelled()
    async with db.read() as session:
        for half in ("tune", "hold"):
            found = await hits(session, [one for one in everything if one.half == half], today=today)
            for failure in found.failures:
                print(f"  {name} {half}: {failure}")
            goal = f"≥ {HIT:g}"
            rows.append(Row(f"hit3-{half}-{name}", round(found.share, 3), "доля", goal=goal, kept=found.share >= HIT))
            goal = f"≤ {USELESS:g}"
            rows.append(
                Row(f"useless-{half}-{name}", round(found.wasted, 3), "доля", goal=goal, kept=found.wasted <= USELESS)
            )
    await fill(db, many, today=today)
    await databases.settled(db)
    rng = Random(11)
    queries = [varied(rng, one.text) for one in everything if one.answer] * 2
    times = []
    async with db.read() as session:
        for query in queries[:QUERIES]:
            begun = perf_counter()
            await faq.similar(session, query, today=today)
            times.append((perf_counter() - begun) * 1e3)
    kept = sorted(times)[len(times) // 2] <= MEDIAN
    return [*rows, median_row(f"search-{many}-{name}", "мс", times, goal=f"медиана ≤ {MEDIAN} мс", kept=kept)]


async def fill(db: Database, many: int, *, today: date) -> None:
    """So many answers made of the words of the real ones."""
    now, rng = utcnow(), Random(7)
    async with db.read() as session:
        texts = list(await session.execute(select(FaqEntry.question, FaqEntry.answer)))
    words = [word for pair in texts for text in pair for word in text.split()]
    for start in range(0, many, 2_000):
        async with db.begin() as session:
            numbers = list(
                await session.scalars(
                    insert(FaqEntry).returning(FaqEntry.id),
                    [
                        {
                            "theme": rng.choice(list(TicketTheme)), "question": " ".join(rng.sample(words, 9)) + "?",
                            "answer": " ".join(rng.sample(words, 20)), "state": FaqState.published,
                            "created_at": now, "review_on": today + timedelta(days=300), "link": "", "is_demo": True,
                        }
                        for _ in range(min(2_000, many - start))
                    ],
                )
            )  # fmt: skip
            await faq.index_some(session, numbers)


def varied(rng: Random, text: str) -> str:
    """The same words in another order."""
    words = text.split()
    rng.shuffle(words)
    return " ".join(words)
