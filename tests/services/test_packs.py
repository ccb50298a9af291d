"""Packs: loaded twice is loaded once, a mistake names file, line and what to do."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.config import ROOT
from bot.db import Database
from bot.errors import UserError
from bot.i18n import Texts
from bot.models import Body, BodyMembership, ConsentText, Municipality, Organisation, Position, WorkingDay
from bot.rules.calendar import add_working_days, is_working
from bot.rules.deadlines import read as deadline
from bot.services import packs, places, region
from bot.services.data_files import read
from tests.factories import NOW


@pytest.fixture
def regions(tmp_path: Path) -> Path:
    """A pack of one's own to spoil."""
    shutil.copytree(ROOT / "data" / "regions" / "smolensk", tmp_path / "regions" / "smolensk")
    return tmp_path / "regions"


async def load(db: Database, folder: Path = packs.REGIONS) -> packs.Loaded:
    async with db.begin() as session:
        common = await packs.load_common(session, now=NOW)
        loaded = await packs.load_pack(session, "smolensk", now=NOW, folder=folder)
    return packs.Loaded(common.added + loaded.added, common.changed + loaded.changed)


async def test_the_second_load_changes_nothing(db: Database) -> None:
    first = await load(db)
    assert first.added > 150
    assert not await load(db)


async def test_what_the_smolensk_pack_brings(db: Database) -> None:
    await load(db)
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Municipality)) == 27
        assert 55 <= (await session.scalar(select(func.count()).select_from(Organisation)) or 0) <= 80
        centre = await session.scalar(select(Body).where(Body.code == "centre"))
        assert centre is not None
        assert "ЦНПМ" in centre.aliases
        local = await session.scalar(select(func.count()).select_from(Body).where(Body.municipality_id.is_not(None)))
        assert local == 27
        assert await session.scalar(select(func.count()).select_from(BodyMembership)) == 0
        assert (await region.centre(session))["name"] == "ЦНППМ Смоленской области"
        assert await region.setting(session, "young") == {"age": 35, "years": 3}
        assert (await region.setting(session, "pack"))["title"] == "Смоленская область"
        first_posts = await session.scalars(select(Position.slug).order_by(Position.place).limit(3))
        assert list(first_posts) == ["teacher", "preschool", "director"]


async def test_organisations_are_found_by_typing(db: Database) -> None:
    await load(db)
    async with db.read() as session:
        found = await places.find_organisations(session, "гимназия 4 вязьма")
        assert (found[0].name, found[0].municipality) == ("Гимназия № 4", "Вяземский округ")


async def test_the_calendar_of_2026(db: Database) -> None:
    await load(db)
    async with db.read() as session:
        known = await packs.working_days(session, date(2026, 1, 1), date(2026, 12, 31))
    off = [date(2026, 1, 9), date(2026, 3, 9), date(2026, 5, 11), date(2026, 11, 4), date(2026, 12, 31)]
    assert not any(is_working(day, known) for day in off)
    working = sum(
        is_working(date.fromordinal(n), known)
        for n in range(date(2026, 1, 1).toordinal(), date(2027, 1, 1).toordinal())
    )
    assert working == 247
    assert add_working_days(date(2025, 12, 30), 1, {**known, date(2025, 12, 31): False}) == date(2026, 1, 12)


async def test_a_changed_pack_updates_titles_and_deletes_nothing(db: Database, regions: Path) -> None:
    await load(db, regions)
    path = regions / "smolensk" / "organisations.yaml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    gone = next(number for number, line in enumerate(lines) if "smo-040" in line)
    text = "".join(lines[:gone] + lines[gone + 1 :]).replace('name: "Гимназия № 4"', 'name: "Гимназия № 4 имени поэта"')
    path.write_text(text, encoding="utf-8")
    changed = await load(db, regions)
    assert (changed.added, changed.changed) == (0, 2)  # Smolensk and Vyazma have one each
    async with db.read() as session:
        assert await session.scalar(select(Organisation.id).where(Organisation.code == "smo-040")) is not None
        found = await places.find_organisations(session, "поэта вязьма")
        assert [place.name for place in found] == ["Гимназия № 4 имени поэта"]


async def test_what_staff_set_stays(db: Database, regions: Path) -> None:
    await load(db, regions)
    async with db.begin() as session:
        await region.set_setting(session, "young", {"age": 30, "years": 5})
    path = regions / "smolensk" / "region.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("years: 5}", "years: 7}").replace("age: 35", "age: 36"), encoding="utf-8")
    await load(db, regions)
    async with db.read() as session:
        assert await region.setting(session, "young") == {"age": 30, "years": 5}
        assert await region.setting(session, "retention") == {"years": 7}


SPOILT = {
    "not yaml": ("bodies.yaml", "level: regional", "level: [regional", "data-file-broken", None),
    "no field": ("organisations.yaml", 'name: "Лицей № 1"', "", "data-file-missing", "name"),
    "no such place": ("organisations.yaml", ": vyazemsky", ": vyazma", "data-file-not-one-of", "municipality"),
    "code twice": ("municipalities.yaml", "code: desnogorsk", "code: smolensk", "data-file-twice", "code"),
    "no number": ("region.yaml", "age: 35", "age: тридцать", "data-file-wrong", "age"),
    "no day": ("calendar.yaml", "on: 2026-02-23", "on: 2026-02-33", "data-file-wrong", "on"),
    "key twice": ("region.yaml", "timezone: Europe/Moscow", "title: Другая", "data-file-key-twice", "title"),
    "no such zone": ("region.yaml", "Europe/Moscow", "Europe/Smolensk", "data-file-wrong", "timezone"),
}  # fmt: skip


@pytest.mark.parametrize("case", SPOILT)
async def test_a_broken_file_names_its_line(db: Database, regions: Path, texts: Texts, case: str) -> None:
    file, good, bad, key, field = SPOILT[case]
    path = regions / "smolensk" / file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(good, bad, 1), encoding="utf-8")
    with pytest.raises(UserError) as caught:
        await load(db, regions)
    assert caught.value.key == key
    assert caught.value.args_for_text.get("field") == field
    said = texts.translator()(key, **caught.value.args_for_text)
    assert file in said
    line = text[: text.index(good)].count("\n") + 1
    assert 0 <= int(caught.value.args_for_text["line"]) - line <= 3 or key == "data-file-wrong"
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Municipality)) == 0


async def test_an_unknown_pack_lists_those_there_are(db: Database, texts: Texts) -> None:
    async with db.begin() as session:
        with pytest.raises(UserError) as caught:
            await packs.load_pack(session, "../smolensk", now=NOW)
    assert "smolensk" in texts.translator()(caught.value.key, **caught.value.args_for_text)


async def test_a_published_consent_never_changes(db: Database, tmp_path: Path) -> None:
    folder = tmp_path / "common"
    shutil.copytree(packs.COMMON, folder, ignore=shutil.ignore_patterns("consents"))
    (folder / "consents").mkdir()
    path = folder / "consents" / "data.yaml"
    path.write_text("kind: data\nversion: 1\ntitle: Согласие\ntext: Первый текст\n", encoding="utf-8")
    async with db.begin() as session:
        await packs.load_common(session, folder=folder, now=NOW)
        assert not await packs.load_common(session, folder=folder, now=NOW)
    path.write_text("kind: data\nversion: 1\ntitle: Согласие\ntext: Другой текст\n", encoding="utf-8")
    async with db.begin() as session:
        with pytest.raises(UserError, match="pack-consent-changed"):
            await packs.load_common(session, folder=folder, now=NOW)
    path.write_text("kind: data\nversion: 2\ntitle: Согласие\ntext: Другой текст\n", encoding="utf-8")
    async with db.begin() as session:
        await packs.load_common(session, folder=folder, now=NOW)
        versions = await session.scalars(select(ConsentText.version).order_by(ConsentText.version))
        assert list(versions) == [1, 2]


async def test_the_calendar_counts_days_of_a_span_once(db: Database) -> None:
    await load(db)
    async with db.read() as session:
        january = await session.scalar(
            select(func.count())
            .select_from(WorkingDay)
            .where(WorkingDay.day.between(date(2026, 1, 1), date(2026, 1, 31)))
        )
    assert january == 9


@pytest.mark.parametrize("name", packs.names_of())
async def test_every_pack_loads_whole(db: Database, name: str) -> None:
    """Twice is once; every municipality has its place, every body a level, the zone is one."""
    for expected in (True, False):
        async with db.begin() as session:
            await packs.load_common(session, now=NOW)
            assert bool(await packs.load_pack(session, name, now=NOW)) is expected
    async with db.read() as session:
        assert (await session.scalar(select(func.count()).select_from(Body)) or 0) >= 8
        assert (await region.setting(session, "pack"))["timezone"] == "Europe/Moscow"


MEASURES = {"ingushetia": 55, "smolensk": 81, "tambov": 40, "grozny": 27, "krasnodar": 20}


@pytest.mark.parametrize("name", packs.names_of())
def test_the_measures_of_a_pack_name_known_bodies_and_readable_deadlines(name: str) -> None:
    plan = read(packs.REGIONS / name / "roadmap.yaml")
    bodies = {entry.need("code", str) for entry in read(packs.REGIONS / name / "bodies.yaml").entries("bodies")}
    measures = plan.entries("measures")
    ids = [entry.need("id", str) for entry in measures]
    assert len(ids) == len(set(ids)) == MEASURES[name]
    numbers = {entry.need("number", str) for entry in plan.entries("directions")}
    for entry in measures:
        assert {*entry.need("responsible", list), *entry.maybe("executors", list, [])} <= bodies, entry
        assert entry.need("clause", str).split(".")[0] in numbers
        assert len(entry.need("title", str)) <= 72
        found = deadline(entry.need("deadline", str), plan.need("year", int))
        assert found.kind, entry
        assert not found.error, entry
    for part in ("targets", "formats"):
        for entry in plan.entries(part, optional=True):
            named = [entry["measure"]] if part == "targets" else entry.need("measures", list)
            assert set(named) <= set(ids), entry
