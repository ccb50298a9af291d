"""People and organisations from a table: looked at first, applied then, and never twice."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from bot.config import ROOT, Settings
from bot.db import Database
from bot.errors import NotAllowed, UserError
from bot.i18n import Texts
from bot.models import Change, Employment, EmploymentSubject, Municipality, Organisation, Person, Role, ScopeKind
from bot.services import merging, people_import, places, search
from bot.services.access import Grant, Scope
from bot.services.people_import import Kind, Preview, Status
from bot.services.people_import.applying import NEW, OPERATOR, SKIP
from bot.services.people_import.layout import layout
from tests.factories import NOW, make_person

HEAD = ("Код", "ФИО", "Организация", "Муниципалитет", "Должность", "Предметы", "Год рождения", "С детьми с")
ANNA = ("1001", "Ветрова Анна Ильинична", "Гимназия № 4", "Вяземский округ", "Учитель", "Математика", "1984", "2007")
STAFF = Scope(None, (Grant(Role.centre_staff, ScopeKind.region),))


@pytest.fixture
def in_region() -> bool:
    return True


def xlsx(*rows: Sequence[object]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def row(**changed: str) -> tuple[str, ...]:
    """Anna's row with some cells changed: ``row(ФИО="…")``."""
    values = dict(zip(HEAD, ANNA, strict=True)) | {key.replace("_", " "): value for key, value in changed.items()}
    return tuple(values.values())


async def look(db: Database, content: bytes, name: str = "people.xlsx") -> Preview:
    async with db.read() as session:
        return await people_import.preview(session, content, name=name, now=NOW)


async def load(db: Database, content: bytes, decisions: dict[int, int | str] | None = None) -> people_import.Applied:
    return await people_import.apply_all(db, OPERATOR, await look(db, content), decisions or {}, now=NOW)


async def count(db: Database, table: type) -> int:
    async with db.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


def problems(preview: Preview) -> list[tuple[int, str, str]]:
    return [(line.number, problem.key, problem.column) for line in preview.rows for problem in line.problems]


async def test_looking_writes_nothing_and_applying_does(db: Database) -> None:
    looked = await look(db, xlsx(HEAD, ANNA))
    assert (looked.kind, looked.counts[Status.new]) == (Kind.people, 1)
    assert await count(db, Person) == 0
    applied = await load(db, xlsx(HEAD, ANNA))
    assert applied.count("new") == 1
    async with db.read() as session:
        person = (await session.scalars(select(Person))).one()
        assert (person.full_name, person.birth_year, person.teach_since_year) == (ANNA[1], 1984, 2007)
        assert (person.import_key, person.confirmed_how, person.registered_at) == ("1001", "import", None)
        job = (await session.scalars(select(Employment))).one()
        assert (job.position_slug, job.since) == ("teacher", date(2026, 9, 1))
        assert (await session.scalars(select(EmploymentSubject.subject_slug))).one() == "math"
        assert [found for found, _ in await search.find(session, "person", "ветрова анна")] == [person.id]
        change = (await session.scalars(select(Change))).one()
        assert "Ветрова" not in json.dumps([change.before, change.after], ensure_ascii=False)


async def test_the_same_file_twice_changes_nothing(db: Database) -> None:
    content = xlsx(HEAD, ANNA, row(Код="", ФИО="Лозовой Пётр Захарович"), row(Код="1003", ФИО="Иная Вера Львовна"))
    assert (await load(db, content)).count("new") == 3
    again = await load(db, content)
    assert (again.count("unchanged"), again.count("new"), again.count("updated")) == (3, 0, 0)
    assert (await count(db, Person), await count(db, Employment), await count(db, Change)) == (3, 3, 3)


async def test_a_stop_in_the_middle_is_repaired_by_a_repeat(db: Database) -> None:
    rows = [row(Код=str(2000 + n), ФИО=f"Ветрова Анна {'абвгдежзик'[n % 10]}{'абвгдежзик'[n // 10]}") for n in range(9)]
    looked = await look(db, xlsx(HEAD, *rows))
    async with db.begin() as session:
        await people_import.apply(session, OPERATOR, looked, {}, now=NOW, rows=looked.rows[:4])
    applied = await people_import.apply_all(db, OPERATOR, looked, {}, now=NOW)
    assert (applied.count("new"), applied.count("unchanged")) == (5, 4)
    assert await count(db, Person) == 9


WRONG = {
    "no name": (row(ФИО="Ветрова"), "import-name-short", "ФИО"),
    "no name at all": (row(ФИО="12345 678"), "import-name-wrong", "ФИО"),
    "unknown school": (row(Организация="Школа № 777"), "import-organisation-unknown", "Организация"),
    "which school": (row(Организация="Школа № 1", Муниципалитет=""), "import-organisation-many", "Организация"),
    "unknown place": (
        row(Организация="Лицей № 2", Муниципалитет="Тридевятый округ"),
        "import-municipality-unknown",
        "Муниципалитет",
    ),
    "no position": (row(Должность=""), "import-needed", "Должность"),
    "unknown subject": (row(Предметы="Математика, Алхимия"), "import-subject-unknown", "Предметы"),
    "wrong year": (row(Год_рождения="84"), "import-year-wrong", "Год рождения"),
    "year ahead": (row(С_детьми_с="2050"), "import-year-wrong", "С детьми с"),
    "born too late": (row(Год_рождения="2020"), "import-year-wrong", "Год рождения"),
    "worked as a child": (row(С_детьми_с="1985"), "import-year-wrong", "С детьми с"),
    "long code": (row(Код="x" * 65), "import-code-long", "Код"),
    "formula": (row(ФИО="=A1&A2"), "import-formula", "ФИО"),
    "endless": (row(Предметы="ю" * 1500), "import-long", "Предметы"),
}


@pytest.mark.parametrize("case", WRONG)
async def test_a_wrong_row_says_what_and_where_and_the_others_go_on(db: Database, texts: Texts, case: str) -> None:
    wrong, key, column = WRONG[case]
    good = row(Код="1", ФИО="Добрая Вера Львовна")
    content = xlsx(HEAD, wrong, good)
    looked = await look(db, content)
    assert problems(looked) == [(2, key, column)]
    problem = looked.rows[0].problems[0]
    assert texts.translator()(problem.key, **problem.args)
    applied = await load(db, content)
    assert [(outcome.number, outcome.status) for outcome in applied.outcomes] == [(2, "wrong"), (3, "new")]


async def test_every_mistake_of_a_row_is_named(db: Database) -> None:
    looked = await look(db, xlsx(HEAD, row(ФИО="Ветрова", Год_рождения="84", Предметы="Алхимия")))
    assert {key for _, key, _ in problems(looked)} == {
        "import-name-short",
        "import-year-wrong",
        "import-subject-unknown",
    }


async def test_what_is_written_twice_is_loaded_once(db: Database) -> None:
    content = xlsx(HEAD, ANNA, row(ФИО="Другая Вера Львовна"), row(Код=""), row(Код=""))
    looked = await look(db, content)
    assert problems(looked) == [(3, "import-code-twice", "Код"), (5, "import-row-twice", "")]
    assert looked.rows[1].problems[0].args == {"first": 2}


FILES = {
    "empty": (b"", "people.xlsx", "import-empty"),
    "head only": (xlsx(HEAD), "people.xlsx", "import-empty"),
    "another table": (xlsx(("Товар", "Цена"), ("Мел", "10")), "people.xlsx", "import-no-header"),
    "no position column": (xlsx(("ФИО", "Организация"), ("a", "b")), "people.xlsx", "import-columns"),
    "no name column": (xlsx(("Организация", "Должность"), ("a", "b")), "people.xlsx", "import-columns"),
    "a column twice": (xlsx((*HEAD, "ФИО"), (*ANNA, "x")), "people.xlsx", "import-column-twice"),
    "old excel": (b"\xd0\xcf\x11\xe0" + b"\0" * 100, "people.xls", "import-old-excel"),
    "a picture": (b"\x89PNG\r\n", "people.png", "import-wrong-file"),
    "half a file": (xlsx(HEAD, ANNA)[:900], "people.xlsx", "import-broken-file"),
    "a pdf": (b"%PDF-1.7", "people.csv", "import-wrong-file"),
}


@pytest.mark.parametrize("case", FILES)
async def test_a_file_that_cannot_be_used_is_refused_in_words(db: Database, texts: Texts, case: str) -> None:
    content, name, key = FILES[case]
    with pytest.raises(UserError) as caught:
        await look(db, content, name)
    assert caught.value.key == key
    assert texts.translator()(key, **caught.value.args_for_text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
async def test_csv_of_every_kind(db: Database, encoding: str, delimiter: str) -> None:
    lines = [delimiter.join(HEAD), delimiter.join(ANNA)]
    looked = await look(db, "\r\n".join(lines).encode(encoding), "люди.csv")
    assert (problems(looked), looked.counts[Status.new]) == ([], 1)


async def test_headings_may_be_others_and_stand_lower(db: Database) -> None:
    head = ("Табельный №", "Фамилия", "Имя", "Отчество", "Школа", "Район", "должность", "Дата рождения", "Любимый цвет")
    line = (1001.0, "ВЕТРОВА", "АННА", "ИЛЬИНИЧНА", "гимназия №4", "Вяземский район", "учитель", "12.05.1984", "синий")
    looked = await look(db, xlsx(("Список педагогов на 1 сентября",), (), head, line))
    assert problems(looked) == []
    assert looked.unknown == ("Любимый цвет",)
    record = looked.rows[0].record
    assert isinstance(record, people_import.reading.PersonRecord)
    assert (record.code, record.full_name, record.birth_year) == ("1001", "Ветрова Анна Ильинична", 1984)


async def test_who_registered_herself_is_recognised_and_confirmed(db: Database) -> None:
    async with db.begin() as session:
        place = (await session.scalars(select(Organisation).where(Organisation.code == "smo-019"))).one()
        person = await make_person(session, ANNA[1], organisation=place, birth_year=1984, confirmed=False)
        person.teach_since_year = 1999
    applied = await load(db, xlsx(HEAD, ANNA))
    assert (applied.count("updated"), applied.outcomes[0].id) == (1, person.id)
    async with db.read() as session:
        row = (await session.scalars(select(Person))).one()
        assert (row.confirmed_how, row.import_key) == ("import", "1001")
        assert row.teach_since_year == 1999, "what she wrote herself stays"


async def test_a_doubt_waits_for_a_person(db: Database) -> None:
    async with db.begin() as session:
        namesake = await make_person(session, ANNA[1], birth_year=1970)
    content = xlsx(HEAD, ANNA)
    assert (await load(db, content)).count("doubt") == 1
    assert (await load(db, content, {2: SKIP})).count("skipped") == 1
    assert (await load(db, content, {2: 999_999})).count("doubt") == 1, "a decision for a stranger is none"
    assert await count(db, Person) == 1
    same = await load(db, content, {2: namesake.id})
    assert same.outcomes[0].id == namesake.id
    assert await count(db, Person) == 1


async def test_a_doubt_decided_as_new(db: Database) -> None:
    async with db.begin() as session:
        await make_person(session, ANNA[1], birth_year=1970)
    assert (await load(db, xlsx(HEAD, ANNA), {2: NEW})).count("new") == 1
    assert (await load(db, xlsx(HEAD, ANNA))).count("unchanged") == 1, "the code is known from now on"
    async with db.read() as session:
        assert await merging.doubles(session, OPERATOR, now=NOW) == [], "another year of birth is another person"


async def test_another_place_ends_the_job_before(db: Database) -> None:
    await load(db, xlsx((*HEAD, "Работает здесь с"), (*ANNA, "01.09.2015")))
    moved = row(Организация="Школа № 10")
    assert (await load(db, xlsx((*HEAD, "Работает здесь с"), (*moved, "16.11.2026")))).count("updated") == 1
    async with db.read() as session:
        jobs = list(await session.scalars(select(Employment).order_by(Employment.since)))
    assert [(job.since, job.until) for job in jobs] == [
        (date(2015, 9, 1), date(2026, 11, 15)),
        (date(2026, 11, 16), None),
    ]


async def test_another_name_under_the_same_code(db: Database) -> None:
    await load(db, xlsx(HEAD, ANNA))
    assert (await load(db, xlsx(HEAD, row(ФИО="Полевая Анна Ильинична")))).count("updated") == 1
    async with db.read() as session:
        assert (await session.scalars(select(Person.last_name))).one() == "Полевая"
        assert await search.find(session, "person", "ветрова") == []
        assert len(await search.find(session, "person", "полевая")) == 1


async def test_organisations_are_added_updated_and_found(db: Database) -> None:
    head = ("Код", "Название", "Вид", "Муниципалитет", "Населённый пункт", "Признаки")
    line = ("o-1", "Заречная школа", "школа", "Угранский округ", "деревня Заречье", "сельская, точка роста")
    assert (await load(db, xlsx(head, line))).count("new") == 1
    assert (await load(db, xlsx(head, line))).count("unchanged") == 1
    renamed = ("o-1", "Заречная школа имени учителя", *line[2:])
    assert (await load(db, xlsx(head, renamed))).count("updated") == 1
    async with db.read() as session:
        row = (await session.scalars(select(Organisation).where(Organisation.code == "o-1"))).one()
        assert (row.flags, row.approved_at) == (["rural", "growth_point"], NOW)
        assert [p.id for p in await places.find_organisations(session, "заречная имени учителя")] == [row.id]


async def test_rows_beyond_ones_reach_are_left(db: Database) -> None:
    async with db.read() as session:
        other = await session.scalar(select(Municipality.id).where(Municipality.name == "Велижский округ"))
    looked = await look(db, xlsx(HEAD, ANNA))
    async with db.begin() as session:
        local = Scope(None, (Grant(Role.centre_staff, ScopeKind.municipality, other),))
        applied = await people_import.apply(session, local, looked, {}, now=NOW)
        assert applied.outcomes[0].status == "foreign"
        with pytest.raises(NotAllowed):
            await people_import.apply(
                session, Scope(None, (Grant(Role.methodist, ScopeKind.region),)), looked, {}, now=NOW
            )
    assert await count(db, Person) == 0


@pytest.mark.parametrize("kind", list(Kind))
async def test_the_sample_file_loads_as_it_is(db: Database, kind: Kind) -> None:
    content = people_import.sample_workbook(kind)
    looked = await look(db, content, "sample.xlsx")
    assert looked.kind is kind
    assert problems(looked) == []
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert all(cell.comment for cell in sheet[1] if cell.value != "Любимый цвет")
    assert (await load(db, content)).count("new") == len(looked.rows) >= 3


@pytest.mark.parametrize("kind", list(Kind))
def test_every_column_is_documented(kind: Kind) -> None:
    text = (ROOT / "docs" / "import.md").read_text(encoding="utf-8")
    for column in layout().columns[kind]:
        assert f"| {column.title} |" in text, column.title


def command(settings: Settings, *args: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATABASE_URL": settings.database_url, "WEB__SECRET": "test-secret-" * 4}
    return subprocess.run(
        [sys.executable, "-m", "bot", "people", *args],
        capture_output=True, text=True, cwd=ROOT, env=environment, timeout=60, check=False,
    )  # fmt: skip


async def test_the_command(db: Database, settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "люди.xlsx"
    file.write_bytes(xlsx(HEAD, ANNA))
    tried = command(settings, "import", str(file), "--dry-run")
    assert (tried.returncode, "Новых: 1" in tried.stdout, "ничего не записано" in tried.stdout) == (0, True, True)
    assert await count(db, Person) == 0
    done = command(settings, "import", str(file), "--json")
    assert done.returncode == 0, done.stderr
    assert [(line["row"], line["status"]) for line in json.loads(done.stdout)] == [(2, "new")]
    file.write_bytes(xlsx(HEAD, ANNA, row(Код="2", ФИО="Ветрова")))
    wrong = command(settings, "import", str(file))
    assert wrong.returncode == 1
    assert "Строка 3, «ФИО»: Нужны фамилия и имя полностью." in wrong.stderr
    assert "Без изменений: 1" in wrong.stdout


def test_the_command_called_wrongly(settings: Settings, tmp_path: Path, db: Database) -> None:
    assert command(settings, "import").returncode == 2
    absent = command(settings, "import", str(tmp_path / "нет.xlsx"))
    assert (absent.returncode, "не открылся" in absent.stderr) == (1, True)
    made = command(settings, "sample", "people", str(tmp_path / "образец.xlsx"))
    assert made.returncode == 0
    assert (tmp_path / "образец.xlsx").read_bytes()[:2] == b"PK"
