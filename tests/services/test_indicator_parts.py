"""A frozen справка is printed alike whatever came after: numbers, parts 4–9, names of districts, words of 10–12."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook
from sqlalchemy import update

from bot.config import ROOT
from bot.db import Database
from bot.errors import UserError
from bot.i18n import Texts, Translator
from bot.models import EventState, FactKind, Municipality, Person, Snapshot
from bot.services import facts, region
from bot.services.access import Scope
from bot.services.campaigns.progress import Difficulty
from bot.services.indicators import counting, freezing, papers, parts
from tests.factories import NOW, make_event
from tests.services.test_indicator_papers import ANALYST, YEAR, ZONE, a_region
from tests.services.test_indicators import HEAD, a_diagnosis

LATER = NOW + timedelta(days=40)


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.fixture
def t() -> Translator:
    counting.forget()
    return Texts(ROOT / "locales", strict=True).translator()


async def frozen(db: Database, t: Translator) -> int:
    async with db.begin() as session:
        row = await freezing.take(session, HEAD, YEAR, now=NOW, zone=ZONE)
    async with db.begin() as session:
        await papers.approve(session, HEAD, row.id, t, order_no="118", order_date=NOW.date(), now=NOW, today=NOW.date())
    return row.id


async def told(db: Database, t: Translator, number: int) -> list[str]:
    """Everything that stands in the справка, forty days later."""
    async with db.read() as session:
        edition = await papers.of_snapshot(session, HEAD, number)
    paper = Document(io.BytesIO(await papers.printed(db, HEAD, edition, t, "report", made=None, now=LATER, zone=ZONE)))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return [*(paragraph.text for paragraph in paper.paragraphs), *cells]


async def paired(db: Database, people: list[Person], *, source: int) -> None:
    async with db.begin() as session:
        for one in people:
            await facts.add(
                session, one.id, FactKind.paired, occurred_on=date(2026, 9, 9), source=("pair", source + one.id),
                now=NOW, evidence={"side": "mentee"},
            )  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite", pytest.param("@postgres", marks=pytest.mark.postgres)])
async def test_a_frozen_paper_is_the_same_paper_whatever_came_after(
    db: Database, t: Translator, tmp_path: Path, database: str
) -> None:
    people, places = await a_region(db)
    await paired(db, people[:6], source=100)
    async with db.begin() as session:
        await make_event(session, state=EventState.held, starts_at=NOW - timedelta(days=60))
    number = await frozen(db, t)
    first = await told(db, t, number)
    assert any(line.startswith("Участвовали в парах по приказу: 6.") for line in first)

    # The other papers on this database too.
    async with db.read() as session:
        edition = await papers.of_snapshot(session, HEAD, number)
    for kind, begins in (("passport", b"PK"), ("poster", b"%PDF")):
        made = await papers.printed(db, HEAD, edition, t, kind, made=None, now=LATER, zone=ZONE)
        assert made.startswith(begins)
    await papers.write_book(db, HEAD, edition, tmp_path / "lists.xlsx", t, lists=True, now=LATER)
    listed = load_workbook(tmp_path / "lists.xlsx")["SMO-I05"]
    assert sum("Горная" in str(row[1]) for row in listed.iter_rows(values_only=True)) == 7

    # New pairs and events of the same days, a district with another name, a centre with another name.
    await paired(db, people[6:], source=500)
    async with db.begin() as session:
        await make_event(session, state=EventState.held, starts_at=NOW - timedelta(days=50))
        await a_diagnosis(session, people[0], date(2026, 6, 6), number=77)
        await session.execute(update(Municipality).where(Municipality.id == places[0]).values(name="Иной округ"))
        await region.set_setting(session, "centre", {**await region.centre(session), "name": "Иной центр"})
    counting.forget()
    assert await told(db, t, number) == first
    async with db.read() as session:
        assert await freezing.is_intact(session, await session.get_one(Snapshot, number))
        edition = await papers.of_snapshot(session, HEAD, number)
    async with db.begin() as session:
        with pytest.raises(UserError, match="snapshot-words"):
            await papers.keep_texts(session, HEAD, edition, {"conclusions": "Иное"}, now=LATER)


async def test_an_older_snapshot_says_that_its_parts_are_of_today(db: Database, t: Translator) -> None:
    await a_region(db)
    number = await frozen(db, t)
    async with db.begin() as session:
        row = await session.get_one(Snapshot, number)
        row.content = {name: value for name, value in row.content.items() if name != parts.KEY}
    assert any("до того, как система стала хранить" in line for line in await told(db, t, number))


async def test_kept_parts_open_to_those_who_see_them_live(db: Database, t: Translator) -> None:
    await a_region(db)
    number = await frozen(db, t)
    async with db.read() as session:
        row = await session.get_one(Snapshot, number)
        kept = parts.read(row.content)
        live = await papers.collect(
            session, ANALYST, await papers.of_snapshot(session, ANALYST, number), t, made=None, today=NOW.date(),
            zone=ZONE,
        )  # fmt: skip
    assert kept is not None
    assert parts._of_parts().dump_python(kept, mode="json") == row.content[parts.KEY]
    assert live.beside.facts == kept.beside.facts
    hard = replace(kept.beside, top=[Difficulty("Вопрос", "Группа", 9, 50.0)])
    assert parts.shown(hard, ANALYST).top == hard.top
    assert parts.shown(hard, Scope()).top == []
