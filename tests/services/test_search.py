"""Finding a place of work and a person by what people really type."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from bot.db import Database
from bot.models import Organisation, SearchDocument, SearchTerm
from bot.services import places, search

VYAZMA, GAGARIN, SMOLENSK = "Вяземский округ", "Гагаринский округ", "город Смоленск"

QUERIES: dict[str, tuple[str, str]] = {
    # As the screen asks: a number or a name, and the town.
    "гимназия 4 вязьма": ("Гимназия № 4", VYAZMA),
    "Гимназия № 4 Вязьма": ("Гимназия № 4", VYAZMA),
    "гимназия №4, г. Вязьма": ("Гимназия № 4", VYAZMA),
    "ГИМНАЗИЯ 4 ВЯЗЬМА": ("Гимназия № 4", VYAZMA),
    "школа 10 вязьма": ("Школа № 10", VYAZMA),
    "школа 1 вязьма": ("Школа № 1", VYAZMA),
    "школа 33": ("Школа № 33", SMOLENSK),
    "лицей 1": ("Лицей № 1", SMOLENSK),
    "лицей 2 сафоново": ("Лицей № 2", "Сафоновский округ"),
    "глинковская школа": ("Глинковская школа", "Глинковский округ"),
    # Another order, another case of the word.
    "вязьма гимназия 4": ("Гимназия № 4", VYAZMA),
    "4 гимназия в вязьме": ("Гимназия № 4", VYAZMA),
    "в Гагарине школа 4": ("Школа № 4", GAGARIN),
    "22 школа смоленска": ("Школа № 22", SMOLENSK),
    "сад сказка": ("Детский сад «Сказка»", "Починковский округ"),
    # ё and е, both ways.
    "василек": ("Детский сад № 31 «Василёк»", SMOLENSK),
    "василёк": ("Детский сад № 31 «Василёк»", SMOLENSK),
    "звездочка гагарин": ("Детский сад № 6 «Звёздочка»", GAGARIN),
    "берёзка": ("Детский сад № 8 «Берёзка»", "Ярцевский округ"),
    "темкинская школа": ("Тёмкинская школа", "Тёмкинский округ"),
    "сычевка школа 1": ("Школа № 1", "Сычёвский округ"),
    # One wrong letter, one missing, one too many, two changed about.
    "гимнозия 4 вязьма": ("Гимназия № 4", VYAZMA),
    "гимназия 4 везьма": ("Гимназия № 4", VYAZMA),
    "гимназя 4 вязьма": ("Гимназия № 4", VYAZMA),
    "гимназияя 4 вязьма": ("Гимназия № 4", VYAZMA),
    "гиманзия 4 вязьма": ("Гимназия № 4", VYAZMA),
    "колокольчек": ("Детский сад № 5 «Колокольчик»", SMOLENSK),
    "педогогический колледж": ("Педагогический колледж", SMOLENSK),
    "политехничиский коледж": ("Политехнический колледж", VYAZMA),
    "хиславическая школа": ("Хиславичская школа", "Хиславичский округ"),
    "станция натуралистов": ("Станция юных натуралистов", SMOLENSK),
    # The keyboard was in Latin.
    "ubvyfpbz 4 dzpmvf": ("Гимназия № 4", VYAZMA),
    "irjkf 33": ("Школа № 33", SMOLENSK),
    "dfcbktr": ("Детский сад № 31 «Василёк»", SMOLENSK),
    # Official and everyday abbreviations.
    "СОШ 33": ("Школа № 33", SMOLENSK),
    "МБОУ СОШ № 16": ("Школа № 16", SMOLENSK),
    "МБОУ «Гимназия № 4» г. Вязьмы": ("Гимназия № 4", VYAZMA),
    "сш 22 Смоленск": ("Школа № 22", SMOLENSK),
    "школа номер 8": ("Школа № 8", SMOLENSK),
    "детсад 5 колокольчик": ("Детский сад № 5 «Колокольчик»", SMOLENSK),
    "д/с 31": ("Детский сад № 31 «Василёк»", SMOLENSK),
    "МБДОУ детский сад Рябинка": ("Детский сад «Рябинка»", "Смоленский округ"),
    "ДДТ десногорск": ("Дом детского творчества", "город Десногорск"),
    # A beginning is enough.
    "колок": ("Детский сад № 5 «Колокольчик»", SMOLENSK),
    "верхнедне": ("Верхнеднепровская школа", "Дорогобужский округ"),
    "монаст": ("Монастырщинская школа", "Монастырщинский округ"),
    "холм жирковский": ("Холм-Жирковская школа", "Холм-Жирковский округ"),
    "шаталово": ("Шаталовская школа", "Починковский округ"),
}


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.mark.parametrize("query", QUERIES)
async def test_the_place_meant_comes_first(db: Database, query: str) -> None:
    async with db.read() as session:
        found = await places.find_organisations(session, query)
    assert found, "nothing found"
    assert (found[0].name, found[0].municipality) == QUERIES[query], [f"{p.name}, {p.municipality}" for p in found]


@pytest.mark.parametrize("query", ["гимназия 4", "школа 1", "солнышко", "детский сад 2"])
async def test_several_fit_and_all_come_before_the_rest(db: Database, query: str) -> None:
    async with db.read() as session:
        found = await places.find_organisations(session, query, limit=5)
    words = query.split()
    assert len(found) >= 2
    for place in found[:2]:
        assert all(word[:5] in place.name.casefold() for word in words), place


@pytest.mark.parametrize("query", ["", "   ", "№", "🙂", "школа 777", "абвгдежз", "%", "'; drop table people; --"])
async def test_what_is_not_there_is_not_found(db: Database, query: str) -> None:
    async with db.read() as session:
        assert await places.find_organisations(session, query) == []


async def test_a_number_is_never_another_number(db: Database) -> None:
    async with db.read() as session:
        found = await places.find_organisations(session, "школа 1", limit=50)
        assert {place.name for place in found} == {"Школа № 1"}
        assert {p.name for p in await places.find_organisations(session, "33", limit=50)} == {"Школа № 33"}


async def test_inside_a_district_nothing_else_is_found(db: Database) -> None:
    async with db.read() as session:
        vyazma = places.match_part(await places.municipalities(session), "вяземский")
        assert vyazma is not None
        found = await places.find_organisations(session, "школа", municipality_id=int(vyazma.key), limit=50)
    assert len(found) == 3
    assert {place.municipality for place in found} == {VYAZMA}


async def test_ten_thousand_letters_are_answered_quietly(db: Database) -> None:
    async with db.read() as session:
        assert await places.find_organisations(session, "вязьма " + "ю" * 10_000) == []
        found = await places.find_organisations(session, "гимназия вязьма 4 " * 500)
        assert (found[0].name, found[0].municipality) == ("Гимназия № 4", VYAZMA)


async def test_a_new_text_replaces_the_old_one(db: Database) -> None:
    async with db.begin() as session:
        place = (await session.scalars(select(Organisation).where(Organisation.code == "smo-065"))).one()
        await search.index(session, places.ORGANISATION, place.id, "Детский сад «Жар-птица»")
    async with db.read() as session:
        assert [p.id for p in await places.find_organisations(session, "жар птица")] == [place.id]
        assert await places.find_organisations(session, "сказка") == []


async def test_what_is_dropped_leaves_no_term(db: Database) -> None:
    async with db.begin() as session:
        await search.index(session, "person", 1, "Иванова Мария Петровна")
        await search.index(session, "person", 2, "Иванов Пётр Ильич", trigrams_too=False)
        assert [n for n, _ in await search.find(session, "person", "иванова мария")] == [1]
        assert [n for n, _ in await search.find(session, "person", "петр иванов")] == [2, 1]
        await search.drop(session, "person", 1)
        await search.drop(session, "person", 2)
        assert (
            await session.scalar(select(func.count()).select_from(SearchTerm).where(SearchTerm.kind == "person")) == 0
        )
        documents = select(func.count()).select_from(SearchDocument).where(SearchDocument.kind == "person")
        assert await session.scalar(documents) == 0
