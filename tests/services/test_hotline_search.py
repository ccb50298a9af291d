"""Ready answers are offered to labelled questions: both halves, and nothing where there is no answer."""

from __future__ import annotations

import pytest

from bot.bench.hotline import FOLDER, HIT, USELESS, hits, labelled
from bot.db import Database
from bot.services.hotline import faq
from bot.services.hotline.content import load
from tests.factories import NOW

TODAY = NOW.date()


@pytest.fixture(params=["sqlite", pytest.param("sqlite@postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
async def loaded(database: str, db: Database) -> Database:
    async with db.begin() as session:
        assert await load(session, FOLDER / "answers.yaml", today=TODAY, now=NOW) == 50
        assert await load(session, FOLDER / "answers.yaml", today=TODAY, now=NOW) == 0
    return db


@pytest.mark.parametrize("half", ["tune", "hold"])
async def test_the_right_answer_is_among_three(loaded: Database, half: str) -> None:
    questions = [one for one in labelled() if one.half == half]
    assert len([one for one in questions if one.answer]) == 75
    async with loaded.read() as session:
        found = await hits(session, questions, today=TODAY)
    assert found.share >= HIT, found.failures
    assert found.wasted <= USELESS, found.failures


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("рабочию программу по фоп как составить", "Как написать рабочую программу"),  # A slip
        ("фоп программа рабочая", "Как написать рабочую программу"),  # Another order
        ("УДОСТОВЕРЕНИЕ ЗА КУРСЫ", "Когда придёт удостоверение"),
        ("egtkkzwbz jut", ""),  # Nothing in either layout
        ("fgtkkzwbz gj htpekmnfnfv", "Как подать апелляцию"),  # The wrong layout
    ],
)
async def test_it_forgives(loaded: Database, asked: str, first: str) -> None:
    async with loaded.read() as session:
        offers = await faq.similar(session, asked, today=TODAY, among=True)
    assert any(one.question.startswith(first) for one in offers[:3]) if first else not offers
