"""Papers of the indicators: opened by other libraries, formulas hold, names by role, small numbers never outside."""

from __future__ import annotations

import io
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from docx import Document
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import func, select, update

from bot.config import ROOT, Settings
from bot.db import Database
from bot.errors import NotAllowed, UserError
from bot.i18n import Texts, Translator
from bot.models import Change, Municipality, Person, PersonState, Role, ScopeKind, View
from bot.rules.indicators.periods import Period
from bot.services import exports, leaving
from bot.services.access import Grant, Scope
from bot.services.indicators import counting, definitions, exporting, figures, freezing, papers
from bot.services.indicators import edition as editions
from bot.services.indicators.edition import Edition
from tests.factories import NOW, give_role, make_organisation, make_person
from tests.indicators.history import FIRST, LAST
from tests.services.test_indicators import HEAD, a_diagnosis, teachers

ZONE = ZoneInfo("Europe/Moscow")
YEAR = Period("2026", FIRST, LAST)
ANALYST = Scope(None, (Grant(Role.analyst, ScopeKind.region),))


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.fixture
def t() -> Translator:
    counting.forget()
    return Texts(ROOT / "locales", strict=True).translator()


async def a_region(db: Database) -> tuple[list[Person], list[int]]:
    """Seven diagnosed teachers in one district, one in another; a denominator for the region and the first."""
    async with db.begin() as session:
        places = list(await session.scalars(select(Municipality.id).order_by(Municipality.sort).limit(2)))
        homes = [await session.get_one(Municipality, place) for place in places]
        first = await make_organisation(session, "Школа на горе", municipality=homes[0])
        second = await make_organisation(session, "Школа у реки", municipality=homes[1])
        people = [await make_person(session, f"Горная {name}", organisation=first) for name in "АБВГДЕЖ"]
        people.append(await make_person(session, "Речная Анна", organisation=second))
        for number, one in enumerate(people, start=1):
            await a_diagnosis(session, one, date(2026, 5, number), number=number)
        await figures.enter(session, HEAD, [teachers(40), teachers(20, places[0]), teachers(20, places[1])], now=NOW)
    return people, places


async def live(db: Database, scope: Scope) -> tuple[Edition, counting.Report]:
    async with db.read() as session:
        made = await counting.report(session, YEAR, now=NOW, zone=ZONE)
        return await papers.of_report(session, scope, made), made


async def a_book(db: Database, scope: Scope, edition: Edition, path: Path, t: Translator, **more: object) -> Workbook:
    await papers.write_book(db, scope, edition, path, t, now=NOW, **{"lists": True, **more})  # type: ignore[arg-type]
    return load_workbook(io.BytesIO(path.read_bytes()))


def of(sheet: Worksheet, key: str, head: int) -> dict[str, object]:
    """A row by the word of its first cell, by headings."""
    names = [cell.value for cell in sheet[head]]
    row = next(row for row in sheet.iter_rows(min_row=head + 1, values_only=True) if row[0] == key)
    return dict(zip(map(str, names), row, strict=True))


async def test_the_table_counts_by_formulas_and_keeps_their_results(
    db: Database, t: Translator, tmp_path: Path
) -> None:
    await a_region(db)
    edition, made = await live(db, HEAD)
    book = await a_book(db, HEAD, edition, tmp_path / "a.xlsx", t)
    shown = load_workbook(io.BytesIO((tmp_path / "a.xlsx").read_bytes()), data_only=True)
    row = of(book["Показатели"], "SMO-I05", 5)
    kept = of(shown["Показатели"], "SMO-I05", 5)
    assert (row["Числитель"], row["Знаменатель"], row["Цель"]) == (8, 40, 25)
    assert re.fullmatch(r'=IF\(N\(H\d+\)>0,G\d+/H\d+\*100,""\)', str(row["Значение"]))
    assert (kept["Значение"], kept["Нужно"], kept["Не хватает"], kept["Выполнено"]) == (20, 10, 2, "нет")
    assert str(row["Не хватает"]).startswith("=") and str(row["Выполнено"]).startswith("=")  # noqa: PT018
    for line in made.lines:
        told = of(shown["Показатели"], line.definition.id, 5)
        assert told["Не хватает"] == line.outcome.gap
        if line.outcome.value is None:
            # Not counted: an empty cell, never a zero.
            assert told["Значение"] is None


async def test_a_broken_rule_is_said_and_spoils_no_other_number(db: Database, t: Translator, tmp_path: Path) -> None:
    await a_region(db)
    text = (definitions.REGIONS / "smolensk" / definitions.FILE).read_text()
    broken = text.replace("count: people, facts: [diagnosed], who: [teachers]}", "count: people, facts: diagnosed}", 1)
    assert broken != text
    (tmp_path / "smolensk").mkdir()
    (tmp_path / "smolensk" / definitions.FILE).write_text(broken)
    known = definitions.of_pack("smolensk", tmp_path)
    async with db.read() as session:
        made = await counting.report(session, YEAR, now=NOW, zone=ZONE, known=known)
        edition = await papers.of_report(session, HEAD, made)
    bad = [line for line in made.lines if line.definition.fault]
    assert [(line.outcome.value, line.outcome.met, line.outcome.reason) for line in bad] == [(None, None, "broken")]
    assert made.line("SMO-I05" if bad[0].definition.id != "SMO-I05" else "T-11").outcome.numerator == 8
    book = await a_book(db, HEAD, edition, tmp_path / "a.xlsx", t)
    row = of(book["Показатели"], bad[0].definition.id, 5)
    assert row["Значение"] is row["Выполнено"] is None
    assert "ошибка в слове «facts»" in str(row["Что нужно знать рядом с числом"])


async def test_sheets_by_municipality_and_lists_with_what_proves(db: Database, t: Translator, tmp_path: Path) -> None:
    _, places = await a_region(db)
    edition, _ = await live(db, HEAD)
    book = await a_book(db, HEAD, edition, tmp_path / "a.xlsx", t)
    rows = [row for row in book["По муниципалитетам"].iter_rows(values_only=True) if row[0] == "SMO-I05"]
    by_place = {row[2]: row for row in rows}
    assert by_place[edition.titles[places[0]]][3:5] == (7, 20)
    assert by_place[edition.titles[places[1]]][3:5] == (1, 20)
    listed = list(book["SMO-I05"].iter_rows(min_row=4, values_only=True))
    assert len(listed) == 8
    assert {row[2] for row in listed} == {"Школа на горе", "Школа у реки"}
    assert any("Речная Анна" in str(row[1]) for row in listed)
    assert all(row[5] == "диагностика" and str(row[6]).startswith("№") for row in listed)


async def test_who_may_not_see_names_gets_organisations_without_small_ones(
    db: Database, t: Translator, tmp_path: Path
) -> None:
    _, places = await a_region(db)
    edition, _ = await live(db, ANALYST)
    book = await a_book(db, ANALYST, edition, tmp_path / "a.xlsx", t)
    text = "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell)
    assert "Горная" not in text and "Речная" not in text  # noqa: PT018
    assert "Школа у реки" not in text
    hidden = next(
        row for row in book["По муниципалитетам"].iter_rows(values_only=True)
        if row[0] == "SMO-I05" and row[2] == edition.titles[places[1]]
    )  # fmt: skip
    assert hidden[3] == "мало"
    assert hidden[5:10] == (None, 25, None, None, None)


async def test_a_coordinator_has_only_her_district(db: Database, t: Translator, tmp_path: Path) -> None:
    _, places = await a_region(db)
    scope = Scope(None, (Grant(Role.municipal_coordinator, ScopeKind.municipality, places[0]),))
    edition, made = await live(db, scope)
    book = await a_book(db, scope, edition, tmp_path / "a.xlsx", t)
    listed = [row[1] for row in book["SMO-I05"].iter_rows(min_row=4, values_only=True)]
    assert len(listed) == 7
    assert not any("Речная" in str(name) for name in listed)
    assert list(edition.titles) == [places[0]]
    with pytest.raises(NotAllowed):
        await papers.printed(db, scope, edition, t, "report", made=made, now=NOW, zone=ZONE)


async def test_those_who_asked_to_be_deleted_stay_in_the_list_without_a_name(
    db: Database, t: Translator, tmp_path: Path
) -> None:
    people, _ = await a_region(db)
    async with db.begin() as session:
        row = await freezing.take(session, HEAD, YEAR, now=NOW, zone=ZONE)
        await freezing.approve(session, HEAD, row.id, order_no="118", order_date=NOW.date(), now=NOW, today=NOW.date())
        number = row.id
    async with db.begin() as session:
        gone = update(Person).where(Person.id == people[0].id)
        await session.execute(gone.values(state=PersonState.deleting, delete_after=NOW - timedelta(days=1)))
        assert await leaving.carry_out(session, people[0].id, now=NOW)
    counting.forget()
    async with db.read() as session:
        frozen = await papers.of_snapshot(session, HEAD, number)
    now, _ = await live(db, HEAD)
    for edition in (frozen, now):
        book = await a_book(db, HEAD, edition, tmp_path / f"{edition.snapshot}.xlsx", t)
        names = [row[1] for row in book["SMO-I05"].iter_rows(min_row=4, values_only=True)]
        assert len(names) == 8
        assert names.count("данные удалены по просьбе") == 1
        assert not any("Горная А" in str(name) for name in names)
    assert frozen.is_frozen
    top = str(load_workbook(io.BytesIO((tmp_path / f"{number}.xlsx").read_bytes()))["Показатели"]["A2"].value)
    assert "приказом № 118" in top.replace("\u00a0", " ")


async def test_a_printed_list_is_seen_by_those_in_it_and_written_down(
    db: Database, t: Translator, tmp_path: Path
) -> None:
    people, _ = await a_region(db)
    async with db.begin() as session:
        head = await make_person(session, "Первая Вера")
        await give_role(session, head, Role.centre_head)
    scope = Scope(head.id, HEAD.grants)
    edition, _ = await live(db, scope)
    await a_book(db, scope, edition, tmp_path / "a.xlsx", t)
    async with db.read() as session:
        seen = set(await session.scalars(select(View.person_id).where(View.viewer_id == head.id)))
        (change,) = list(await session.scalars(select(Change).where(Change.action == "exported")))
    assert {one.id for one in people} <= seen
    assert change.after["paper"] == "lists"


async def test_the_report_has_twelve_parts_and_no_small_number(db: Database, t: Translator) -> None:
    _, places = await a_region(db)
    edition, made = await live(db, HEAD)
    paper = Document(io.BytesIO(await papers.printed(db, HEAD, edition, t, "report", made=made, now=NOW, zone=ZONE)))
    words = [paragraph.text for paragraph in paper.paragraphs]
    for number in range(1, 13):
        assert any(line.startswith(f"{number}. ") for line in words), number
    assert any("Не хватает" in line or "не хватает" in line for line in words)
    assert len(paper.inline_shapes) >= 1
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    assert "8 из 40" in [cell.replace("\u00a0", " ") for cell in cells]
    # One person of the second district: neither her district's share nor her name leaves the centre.
    assert edition.titles[places[1]] not in cells
    assert not any("Речная" in text or "Горная" in text for text in [*words, *cells])


async def test_written_words_go_into_the_report_and_an_empty_part_is_drafted_again(db: Database, t: Translator) -> None:
    await a_region(db)
    edition, made = await live(db, HEAD)
    async with db.begin() as session:
        await papers.keep_texts(session, HEAD, edition, {"conclusions": "Всё хорошо.", "decisions": "  "}, now=NOW)
    content = await papers.printed(db, HEAD, edition, t, "report", made=made, now=NOW, zone=ZONE)
    words = [paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs]
    assert "10.1. Всё хорошо." in words
    assert not any(line.startswith("10.2.") for line in words)
    assert any(line.startswith("12.1.") for line in words)
    coordinator = Scope(None, (Grant(Role.municipal_coordinator, ScopeKind.municipality, 1),))
    with pytest.raises(NotAllowed):
        async with db.begin() as session:
            await papers.keep_texts(session, coordinator, edition, {}, now=NOW)


async def test_the_passport_leaves_what_is_unknown_empty(db: Database, t: Translator) -> None:
    await a_region(db)
    edition, made = await live(db, HEAD)
    content = await papers.printed(db, HEAD, edition, t, "passport", made=made, now=NOW, zone=ZONE)
    rows = {
        row[0]: row for row in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(min_row=5, values_only=True)
    }
    assert rows["Прошли диагностику"][1] == 8
    shares = [row for name, row in rows.items() if str(name).startswith("SMO-I05")]
    assert shares[0][1] == 20
    unknown = [row for name, row in rows.items() if str(name).startswith("SMO-I11")]
    assert unknown[0][1] is None
    assert unknown[0][3]


async def test_the_poster_is_one_page(db: Database, t: Translator) -> None:
    await a_region(db)
    edition, made = await live(db, HEAD)
    content = await papers.printed(db, HEAD, edition, t, "poster", made=made, now=NOW, zone=ZONE)
    import pdfplumber

    with pdfplumber.open(io.BytesIO(content)) as poster:
        assert len(poster.pages) == 1
        text = " ".join((poster.pages[0].extract_text() or "").split()).replace("\u00a0", " ")
    assert "Показатели развития педагогов" in text
    assert "20,0 % (цель ≥ 25 %)" in text


class Ticking:
    """A clock of a test."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.mark.parametrize("database", ["sqlite", pytest.param("@postgres", marks=pytest.mark.postgres)])
async def test_an_export_moves_portion_by_portion_and_waits_for_its_owner(
    db: Database, settings: Settings, t: Translator, monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    await a_region(db)
    monkeypatch.setattr(editions, "PORTION", 3)
    async with db.begin() as session:
        head = await make_person(session, "Первая Вера")
        await give_role(session, head, Role.centre_head)
    scope = Scope(head.id, HEAD.grants)
    edition, _ = await live(db, scope)
    async with db.begin() as session:
        await exporting.begin(session, scope, edition, now=NOW)
    with pytest.raises(UserError):
        async with db.begin() as session:
            await exporting.begin(session, scope, edition, now=NOW)
    steps: list[tuple[int, int]] = []
    mark = exports.mark

    async def told(session: object, what: object, done: int, total: int, **more: object) -> None:
        steps.append((done, total))
        await mark(session, what, done, total, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(exports, "mark", told)
    await exporting.run(db, settings, scope, edition, t, name="lists.xlsx", clock=Ticking())
    total = editions.size(edition)
    assert steps[0] == (3, total)
    assert steps[-1] == (total, total)
    async with db.read() as session:
        assert await exporting.standing(session, scope, now=NOW) is None
        (file,) = await exporting.ready(session, scope, now=NOW)
        assert await exporting.ready(session, Scope(head.id + 1, HEAD.grants), now=NOW) == []
        assert await session.scalar(select(func.count()).select_from(View)) == 8
    assert file.name == "lists.xlsx"


async def test_an_export_that_was_cut_off_may_begin_again(db: Database) -> None:
    await a_region(db)
    edition, _ = await live(db, HEAD)
    async with db.begin() as session:
        await exporting.begin(session, HEAD, edition, now=NOW)
    async with db.begin() as session:
        later = NOW + exporting.STALE + timedelta(seconds=1)
        found = await exporting.standing(session, HEAD, now=later)
        assert found is not None
        assert found.failed
        await exporting.begin(session, HEAD, edition, now=later)
