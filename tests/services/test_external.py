"""Results from elsewhere: matched with care, never twice, never from the future, by portions."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
import xlsxwriter
from sqlalchemy import func, insert, select

from bot.db import Database
from bot.errors import NotAllowed, NotFound, UserError
from bot.models import (
    Attempt,
    Employment,
    ExternalDoubt,
    ExternalResult,
    Fact,
    InstrumentKind,
    Organisation,
    Person,
    Role,
    ScopeKind,
)
from bot.services import diagnostics
from bot.services.access import Grant, Scope
from bot.services.diagnostics import external
from bot.services.people_import.matching import Status
from tests.factories import NOW, make_organisation, make_person

STAFF = Scope(None, (Grant(Role.centre_staff, ScopeKind.region),))
TODAY = NOW.date()
HEAD = [
    "ФИО",
    "Организация",
    "Год рождения",
    "Диагностика",
    "Предмет",
    "Группа",
    "Дата",
    "Баллы",
    "Максимум",
    "Уровень",
]


@pytest.fixture
def in_region() -> bool:
    return True


def table(*rows: list[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";").writerows([HEAD, *rows])
    return buffer.getvalue().encode("utf-8-sig")


def row(
    name: str, place: str = "", year: str = "", *, on: str = "12.10.2026", points: str = "17", most: str = "25"
) -> list[str]:
    return [
        name,
        place,
        year,
        "Диагностика предметных компетенций",
        "Математика",
        "Предметные",
        on,
        points,
        most,
        "базовый",
    ]


async def looked_at(db: Database, content: bytes, name: str = "fioko.csv") -> external.ExternalPreview:
    async with db.read() as session:
        return await external.preview(session, STAFF, content, name=name, today=TODAY)


async def taken_in(db: Database, content: bytes) -> int:
    looked = await looked_at(db, content)
    async with db.begin() as session:
        number = await external.begin(session, STAFF, looked, source="fioko", now=NOW)
    await external.apply_all(db, STAFF, number, looked, now=NOW)
    return number


async def test_a_certain_row_becomes_a_read_only_result(db: Database) -> None:
    async with db.begin() as session:
        place = await make_organisation(session, "Школа № 77")
        person = await make_person(session, "Ветрова Анна Ильинична", organisation=place, birth_year=1984)
    number = await taken_in(db, table(row("ВЕТРОВА АННА ИЛЬИНИЧНА", "школа №77", "1984")))
    async with db.read() as session:
        line = await external.one(session, STAFF, number)
        assert (line.saved, line.repeated, line.doubts, line.finished) == (1, 0, 0, True)
        standing = (await diagnostics.last_official(session, person.id))["subject"]
        assert (standing.pct, standing.kind, standing.level.value) == (68, InstrumentKind.external, "low")
        attempt = (await session.scalars(select(Attempt))).one()
        given = (await external.given_of(session, [attempt.id]))[attempt.id]
        assert (given.source, given.taken_on, given.level) == ("ФИОКО", date(2026, 10, 12), "базовый")
        assert attempt.messenger is None
        fact = (await session.scalars(select(Fact))).one()
        assert (fact.occurred_on, fact.organisation_id) == (date(2026, 10, 12), place.id)
        result = await diagnostics.own_result(session, person.id, attempt.id)
        assert [group.slug for group in result.groups] == ["subject"]


async def test_the_same_file_again_doubles_nothing(db: Database) -> None:
    async with db.begin() as session:
        await make_person(session, "Ветрова Анна Ильинична", birth_year=1984)
    content = table(row("Ветрова Анна Ильинична", "", "1984"), row("Ветрова Анна Ильинична", "", "1984"))
    await taken_in(db, content)
    second = await taken_in(db, content)
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Attempt)) == 1
        assert (await external.one(session, STAFF, second)).repeated == 2


async def test_a_stop_in_the_middle_goes_on(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(external, "PORTION", 1)
    async with db.begin() as session:
        for name in ("Первая Анна Ильинична", "Вторая Анна Ильинична", "Третья Анна Ильинична"):
            await make_person(session, name, birth_year=1984)
    looked = await looked_at(
        db, table(*(row(f"{word} Анна Ильинична", "", "1984") for word in ("Первая", "Вторая", "Третья")))
    )
    async with db.begin() as session:
        number = await external.begin(session, STAFF, looked, source="fioko", now=NOW)

    def stop(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await external.apply_all(db, STAFF, number, looked, now=NOW, progress=stop)
    async with db.begin() as session:
        assert await external.begin(session, STAFF, looked, source="fioko", now=NOW) == number
    await external.apply_all(db, STAFF, number, looked, now=NOW)
    async with db.read() as session:
        line = await external.one(session, STAFF, number)
        assert (line.done, line.saved, line.repeated, line.finished) == (3, 3, 0, True)


async def test_a_namesake_waits_for_a_person(db: Database) -> None:
    async with db.begin() as session:
        here = await make_person(session, "Иванова Мария Петровна", birth_year=1984)
        other = await make_person(session, "Иванова Мария Петровна", birth_year=1990)
    number = await taken_in(db, table(row("Иванова Мария Петровна"), row("Никому Неизвестная Львовна")))
    async with db.begin() as session:
        first, second = await external.doubts_of(session, STAFF, number)
        assert {one.id for one in first.candidates} == {here.id, other.id}
        assert second.candidates == ()
        with pytest.raises(UserError, match="external-not-a-candidate"):
            await external.decide(session, STAFF, second.id, here.id, now=NOW)
        await external.decide(session, STAFF, first.id, other.id, now=NOW)
        await external.decide(session, STAFF, second.id, None, now=NOW)
        with pytest.raises(NotFound):
            await external.decide(session, STAFF, first.id, here.id, now=NOW)
        assert list(await session.scalars(select(ExternalDoubt))) == [], "the names of others do not stay"
        assert (await session.scalars(select(Attempt.person_id))).all() == [other.id]


async def test_even_an_only_namesake_of_another_school_is_not_taken_for_her(db: Database) -> None:
    async with db.begin() as session:
        await make_organisation(session, "Заозёрный лицей")
        await make_person(
            session, "Ветрова Анна Ильинична", organisation=await make_organisation(session, "Заозёрная гимназия")
        )
    looked = await looked_at(
        db,
        table(
            row("Ветрова Анна Ильинична"),
            row("Ветрова Анна Ильинична", "Заозёрный лицей"),
            row("Ветрова Анна Ильинична", "Заозёрная гимназия", "1960"),
            row("Ветрова Анна Ильинична", "Заозёрная гимназия"),
        ),
    )
    assert [line.status for line in looked.lines] == [Status.doubt] * 3 + [Status.same]


async def test_rows_that_cannot_be_say_why(db: Database) -> None:
    looked = await looked_at(
        db,
        table(
            row("Ветрова Анна", on="25.11.2026"),
            row("Ветрова Анна", on="вчера"),
            row("Ветрова Анна", points="30"),
            row("Ветрова"),
            [*row("Ветрова Анна")[:5], "Астрология", *row("")[6:]],
        ),
    )
    assert looked.count(Status.wrong) == 5
    assert [line.problems[0].key for line in looked.lines] == [
        "external-future", "import-day-wrong", "external-points", "import-name-short", "external-group",
    ]  # fmt: skip
    number = await taken_in(db, table(row("Ветрова Анна Ильинична", on="25.11.2026")))
    async with db.read() as session:
        assert (await external.one(session, STAFF, number)).saved == 0
        assert await session.scalar(select(func.count()).select_from(ExternalResult)) == 0


async def test_only_the_centre_imports(db: Database) -> None:
    for role in (Role.methodist, Role.analyst, Role.school_head, Role.teacher):
        scope = Scope(1, (Grant(role, ScopeKind.region),))
        async with db.read() as session:
            with pytest.raises(NotAllowed):
                await external.preview(session, scope, table(row("Ветрова Анна")), name="x.csv", today=TODAY)
            with pytest.raises(NotAllowed):
                await external.imports(session, scope)


ROWS = 2_000
"""Ten thousand took 15 s on two shared cores when this was written; a fifth of it shows the same."""


async def test_many_rows_come_in_by_portions(db: Database) -> None:
    names = [f"Ветрова{letter}{other} Анна Ильинична" for letter in "абвгдежзик" for other in "лмнопрстуф"]
    async with db.begin() as session:
        place = await make_organisation(session, "Школа № 77")
        people = [
            {"key": f"{n:032}", "last_name": name.split()[0], "first_name": "Анна", "middle_name": "Ильинична",
             "birth_year": 1950 + n // 100, "search": name.lower(), "sort": name.lower(), "created_at": NOW,
             "category": "", "locale": "ru"}
            for n, name in enumerate(names * 10)
        ]  # fmt: skip
        await session.execute(insert(Person), people)
        ids = list(await session.scalars(select(Person.id)))
        await session.execute(
            insert(Employment),
            [{"person_id": number, "organisation_id": place.id, "position_slug": "teacher", "since": date(2020, 9, 1)}
             for number in ids],
        )  # fmt: skip
        assert await session.scalar(select(func.count()).select_from(Organisation))
    book = io.BytesIO()
    with xlsxwriter.Workbook(book, {"in_memory": True}) as made:
        page = made.add_worksheet()
        page.write_row(0, 0, HEAD)
        for n in range(ROWS):
            day = "12.10.2026" if n < ROWS // 2 else "13.10.2026"
            page.write_row(n + 1, 0, row(names[n % 100], "Школа № 77", str(1950 + n % (ROWS // 2) // 100), on=day))
    looked = await looked_at(db, book.getvalue(), "big.xlsx")
    assert looked.count(Status.same) == ROWS
    said: list[tuple[int, int]] = []
    async with db.begin() as session:
        number = await external.begin(session, STAFF, looked, source="academy", now=NOW)
    await external.apply_all(db, STAFF, number, looked, now=NOW, progress=lambda *done: said.append(done))
    async with db.read() as session:
        assert (await external.one(session, STAFF, number)).saved == ROWS
        assert await session.scalar(select(func.count()).select_from(Fact)) == ROWS
    assert len(said) == ROWS // external.PORTION
    assert said[-1] == (ROWS, ROWS)
