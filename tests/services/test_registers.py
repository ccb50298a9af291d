"""Registers: history on any day, facts, flags, names, who may see what; tables in and out on both databases."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select

from bot.config import Settings
from bot.db import Database
from bot.errors import NotAllowed, NotFound, UserError
from bot.models import (
    Consent,
    ConsentKind,
    ConsentText,
    Fact,
    FactKind,
    ImportState,
    MentorPair,
    Messenger,
    Organisation,
    PairState,
    Person,
    PersonState,
    RecordState,
    RegisterImport,
    RegisterRecord,
    RegisterVersion,
    Role,
    ScopeKind,
)
from bot.services import files, leaving, my_data, registers
from bot.services.access import Grant, Scope
from bot.services.mentoring import profiles
from bot.services.mentoring.profiles import MentorCard
from bot.services.registers import Draft, Filters, kinds, public, table, views
from tests.factories import NOW, make_municipality, make_organisation, make_person

TODAY = NOW.date()
BOTH = pytest.mark.parametrize("where", ["sqlite", pytest.param("@postgres", marks=pytest.mark.postgres)])


def who(role: Role, kind: ScopeKind = ScopeKind.region, place: int | None = None, person: int | None = None) -> Scope:
    return Scope(person, (Grant(role, kind, place),))


STAFF, ANALYST = who(Role.centre_staff), who(Role.analyst)
QUALIFIED: dict[str, Any] = {
    "type": "advanced",
    "programme": "Цифровой урок",
    "issued_on": "2026-10-20",
    "federal": True,
    "hours": 36,
}


async def save(db: Database, slug: str, draft: Draft, *, number: int | None = None, **more: Any) -> int:
    async with db.begin() as session:
        return await registers.save(
            session, STAFF, slug, draft, record_id=number, now=NOW, today=more.pop("today", TODAY), **more
        )


async def titles(db: Database, slug: str, filters: Filters, scope: Scope = STAFF) -> list[str]:
    async with db.read() as session:
        return [line.title for line in (await registers.page(session, scope, slug, filters)).lines]


async def facts(db: Database) -> list[Fact]:
    async with db.read() as session:
        return list(await session.scalars(select(Fact).order_by(Fact.id)))


def test_every_kind_of_the_file_can_be_filled() -> None:
    assert {"experts", "rip", "contests", "agreements", "documents", "qualifications", "teams"} <= set(kinds())
    for kind in kinds().values():
        assert len(kind.slug) <= 14
        heads = [word for column in registers.columns(kind) for word in column.headers[:1]] if not kind.is_view else []
        assert len(heads) == len(set(heads)), kind.slug
        if kind.fact is not None:
            assert all(kind.field(name) for name in (kind.fact.on, *kind.fact.says.values()))
        if not kind.public:
            assert not [field.name for field in kind.fields if field.public], kind.slug


@BOTH
async def test_a_register_as_it_stood_on_any_day(db: Database, where: str) -> None:
    spring, summer = date(2026, 3, 1), date(2026, 7, 1)
    draft = Draft("РУМО математиков", {"type": "rumo", "members": 40}, starts_on=spring)
    number = await save(db, "communities", draft)
    bigger = Draft("РУМО учителей математики", {"type": "rumo", "members": 64}, starts_on=spring)
    await save(db, "communities", bigger, number=number, since=summer, note="Приказ № 4")
    closed = Draft("РУМО учителей математики", {"type": "rumo", "members": 64}, RecordState.closed, starts_on=spring)
    await save(db, "communities", closed, number=number)
    for day, seen in (
        (spring - timedelta(days=1), []),
        (spring, ["РУМО математиков"]),
        (summer - timedelta(days=1), ["РУМО математиков"]),
        (summer, ["РУМО учителей математики"]),
        (TODAY, ["РУМО учителей математики"]),
    ):
        assert await titles(db, "communities", Filters(on=day)) == seen, day
    assert await titles(db, "communities", Filters(on=summer, state=RecordState.closed)) == []
    assert await titles(db, "communities", Filters(on=TODAY, state=RecordState.closed)) != []
    async with db.read() as session:
        card = await registers.card(session, STAFF, "communities", number)
    assert [v.changed for v in card.history] == [("state",), ("title", "members"), ()]
    assert card.history[1].note == "Приказ № 4"
    with pytest.raises(UserError, match="registers-since"):
        await save(db, "communities", draft, number=number, since=spring)
    with pytest.raises(UserError, match="registers-since"):
        await save(db, "communities", draft, number=number, since=TODAY + timedelta(days=1))


async def test_what_was_written_by_mistake_is_counted_nowhere(db: Database) -> None:
    number = await save(db, "communities", Draft("Лишнее", {"type": "rumo"}))
    await save(db, "communities", Draft("Лишнее", {"type": "rumo"}, RecordState.removed), number=number)
    assert await titles(db, "communities", Filters()) == []
    assert await titles(db, "communities", Filters(query="лишнее")) == []
    assert await titles(db, "communities", Filters(on=TODAY)) == []


@BOTH
async def test_a_document_on_qualification_is_a_fact_and_a_correction_replaces_it(db: Database, where: str) -> None:
    async with db.begin() as session:
        school = await make_organisation(session, "Школа № 1")
        person = await make_person(session, "Соколова Вера Андреевна", organisation=school)
    number = await save(db, "qualifications", Draft("Соколова Вера Андреевна", QUALIFIED, organisation_id=school.id))
    (fact,) = await facts(db)
    assert (fact.kind, fact.occurred_on, fact.person_key) == (FactKind.course_completed, date(2026, 10, 20), person.key)
    assert fact.organisation_id == school.id
    assert fact.evidence == {"programme": "advanced", "register": "federal", "profile": "", "title": "Цифровой урок"}
    await save(
        db, "qualifications", Draft("Соколова Вера Андреевна", QUALIFIED, organisation_id=school.id), number=number
    )
    assert len(await facts(db)) == 1, "nothing changed, nothing is said again"
    other = {**QUALIFIED, "issued_on": "2026-10-21"}
    await save(db, "qualifications", Draft("Соколова Вера Андреевна", other, organisation_id=school.id), number=number)
    old, new = await facts(db)
    assert (old.voided_at is not None, new.occurred_on, new.replaces_id) == (True, date(2026, 10, 21), old.id)
    trainee = Draft("Соколова Вера Андреевна", {**other, "type": "internship"}, organisation_id=school.id)
    await save(db, "qualifications", trainee, number=number)
    assert (await facts(db))[-1].kind is FactKind.internship
    gone = Draft("Соколова Вера Андреевна", other, RecordState.removed, organisation_id=school.id)
    await save(db, "qualifications", gone, number=number)
    assert all(fact.voided_at for fact in await facts(db))


async def test_namesakes_and_strangers_leave_no_fact(db: Database) -> None:
    async with db.begin() as session:
        school = await make_organisation(session, "Школа № 1")
        for _ in range(2):
            await make_person(session, "Иванова Анна Ивановна", organisation=school)
    await save(db, "qualifications", Draft("Иванова Анна Ивановна", QUALIFIED, organisation_id=school.id))
    await save(db, "qualifications", Draft("Петрова Анна Ивановна", QUALIFIED, organisation_id=school.id))
    assert await facts(db) == []


async def test_organisations_carry_the_flags_of_their_records(db: Database) -> None:
    async with db.begin() as session:
        school = await make_organisation(session)
        school.flags = ["rural", "low_results"]

    async def flags() -> list[str]:
        async with db.read() as session:
            return list((await session.get_one(Organisation, school.id)).flags)

    draft = Draft("Центр", {"flag": "growth_point"}, organisation_id=school.id)
    number = await save(db, "org_flags", draft)
    assert await flags() == ["rural", "low_results", "growth_point"], "flags from elsewhere stay"
    closed = Draft("Центр", {"flag": "growth_point"}, RecordState.closed, organisation_id=school.id)
    await save(db, "org_flags", closed, number=number)
    assert await flags() == ["rural", "low_results"]


@pytest.mark.parametrize(
    ("slug", "draft", "key"),
    [
        ("communities", Draft("  ", {"type": "rumo"}), "registers-wrong-title"),
        ("communities", Draft("РУМО", {}), "registers-needed"),
        ("rip", Draft("Тема", {"level": "regional"}), "registers-no-organisation"),
        ("agreements", Draft("О", {"party": "Вуз", "type": "two"}, starts_on=TODAY, ends_on=date(2020, 1, 1)), "days"),
        ("experts", Draft("Иванова А. И.", {"direction": "Физика"}, person_id=404), "registers-no-person"),
    ],
)
async def test_an_incomplete_record_is_refused(db: Database, slug: str, draft: Draft, key: str) -> None:
    with pytest.raises(UserError, match=key):
        await save(db, slug, draft)


async def test_a_code_is_of_one_record(db: Database) -> None:
    number = await save(db, "communities", Draft("Первое", {"type": "rumo"}, code="с-1"))
    with pytest.raises(UserError, match="registers-code-taken"):
        await save(db, "communities", Draft("Второе", {"type": "rumo"}, code="с-1"))
    await save(db, "communities", Draft("Первое, уточнённое", {"type": "rumo"}, code="с-1"), number=number)
    with pytest.raises(NotFound):
        await save(db, "rip", Draft("Первое", {"level": "regional"}, organisation_id=1), number=number)


async def test_who_opens_what(db: Database) -> None:
    async with db.begin() as session:
        here, there = await make_municipality(session, "Здесь"), await make_municipality(session, "Там")
        ours = await make_organisation(session, "Наша", municipality=here)
        theirs = await make_organisation(session, "Чужая", municipality=there)
    values = {"contest": "Учитель года", "took_on": "2026-04-20", "result": "prize"}
    for name, school in (("Наша Анна Ивановна", ours), ("Чужая Анна Ивановна", theirs), ("Ничья Анна Ивановна", None)):
        draft = Draft(name, values, organisation_id=school.id if school else None)
        await save(db, "participations", draft)
    await save(db, "agreements", Draft("Соглашение области", {"party": "Вуз", "type": "two"}))
    coordinator = who(Role.municipal_coordinator, ScopeKind.municipality, here.id)
    assert await titles(db, "participations", Filters(), coordinator) == ["Наша Анна Ивановна"]
    assert await titles(db, "participations", Filters(on=TODAY), coordinator) == ["Наша Анна Ивановна"]
    assert await titles(db, "participations", Filters(query="анна"), coordinator) == ["Наша Анна Ивановна"]
    assert await titles(db, "agreements", Filters(), coordinator) == ["Соглашение области"]
    async with db.read() as session:
        with pytest.raises(NotAllowed):
            await registers.page(session, ANALYST, "participations", Filters())
        seen = {line.kind.slug for line in await registers.listing(session, ANALYST, today=TODAY)}
        assert "agreements" in seen
        assert not {"participations", "qualifications"} & seen
        for nobody in (who(Role.teacher), who(Role.methodist, ScopeKind.assigned), who(Role.school_head), Scope()):
            with pytest.raises(NotAllowed):
                await registers.page(session, nobody, "rip", Filters())
    async with db.begin() as session:
        for reader in (ANALYST, coordinator):
            with pytest.raises(NotAllowed):
                await registers.save(session, reader, "communities", Draft("Х", {"type": "rumo"}), now=NOW, today=TODAY)


async def consent(db: Database, person_id: int) -> None:
    async with db.begin() as session:
        text = ConsentText(kind=ConsentKind.publish, version=1, title="x", text="x", content_hash="x", published_at=NOW)
        session.add(text)
        await session.flush()
        session.add(
            Consent(
                person_id=person_id, kind=ConsentKind.publish, text_id=text.id, messenger=Messenger.web, given_at=NOW
            )
        )


async def test_a_name_is_public_only_with_a_consent(db: Database) -> None:
    async with db.begin() as session:
        school = await make_organisation(session, "Школа № 1")
        agreed = await make_person(session, "Согласная Анна Ивановна", organisation=school)
        await make_person(session, "Молчащая Анна Ивановна", organisation=school)
    await consent(db, agreed.id)
    for name in ("Согласная Анна Ивановна", "Молчащая Анна Ивановна"):
        await save(db, "experts", Draft(name, {"direction": "Физика", "order": "№ 1"}, organisation_id=school.id))
    paper = {"direction": "Химия", "consent_on": "2026-09-01"}
    await save(db, "experts", Draft("Бумажная Анна Ивановна", paper))

    async def shown(query: str = "") -> set[str]:
        async with db.read() as session:
            found = await public.page(session, "experts", query=query, today=TODAY)
        return {line.title if line.id in found.named else "" for line in found.page.lines}

    assert await shown() == {"Согласная Анна Ивановна", "Бумажная Анна Ивановна", ""}
    assert await shown("молчащая") == set(), "a search must not give away a hidden name"
    assert await shown("физика") == {"Согласная Анна Ивановна", ""}
    async with db.read() as session:
        fields = {field.name for field in (await public.page(session, "experts", today=TODAY)).fields}
    assert fields == {"direction", "works"}, "the order and the consent itself are not public"


async def test_internal_registers_are_never_public(db: Database) -> None:
    await save(db, "agreements", Draft("Тайное соглашение", {"party": "Вуз", "type": "two"}))
    async with db.read() as session:
        assert not [one.kind.slug for one in await public.listing(session) if not one.kind.public]
        for slug, kind in kinds().items():
            if not kind.public:
                with pytest.raises(NotFound):
                    await public.page(session, slug, today=TODAY)
        with pytest.raises(NotFound):
            await public.page(session, "нет такого", today=TODAY)


async def test_what_is_over_is_not_public(db: Database) -> None:
    await save(db, "contests", Draft("Прошлый", {"level": "regional"}, ends_on=TODAY - timedelta(days=1)))
    await save(db, "contests", Draft("Закрытый", {"level": "regional"}, RecordState.closed))
    await save(db, "contests", Draft("Нынешний", {"level": "regional"}, ends_on=TODAY))
    async with db.read() as session:
        found = await public.page(session, "contests", today=TODAY)
    assert [line.title for line in found.page.lines] == ["Нынешний"]


@BOTH
async def test_views_read_what_others_hold(db: Database, where: str) -> None:
    async with db.begin() as session:
        school = await make_organisation(session, "Школа № 1")
        mentor = await make_person(session, "Наставница Анна Ивановна", organisation=school)
        joined = datetime(2026, 6, 1, 12, tzinfo=UTC)
        await profiles.save_profile(session, mentor.id, MentorCard(("method",)), now=joined, today=joined.date())
        young = await make_person(session, "Новикова Ольга Игоревна", organisation=school)
        session.add(
            MentorPair(
                mentor_id=mentor.id, mentee_id=young.id, state=PairState.active, since=date(2026, 10, 1),
                created_at=joined, organisation_id=school.id,
            )
        )  # fmt: skip
    zone = Settings(_env_file=None).zone
    async with db.read() as session:
        for kind in kinds().values():
            if kind.is_view:
                seen = await views.view(session, STAFF, kind, on=TODAY, zone=zone)
                assert all(len(row) == len(seen.columns) for row in seen.rows)
                if kind.public:
                    assert not {"name", "post"} & set((await views.public(session, kind, on=TODAY, zone=zone)).columns)
                else:
                    with pytest.raises(NotAllowed):
                        await views.view(session, ANALYST, kind, on=TODAY, zone=zone)
        mentors = kinds()["mentors"]
        now = await views.view(session, STAFF, mentors, on=TODAY, zone=zone)
        assert [(row[0], row[4]) for row in now.rows] == [("Наставница Анна Ивановна", 1)]
        before = await views.view(session, STAFF, mentors, on=date(2026, 9, 1), zone=zone)
        assert [(row[0], row[4]) for row in before.rows] == [("Наставница Анна Ивановна", 0)]
        assert (await views.view(session, STAFF, mentors, on=date(2026, 5, 1), zone=zone)).rows == []


async def test_who_leaves_leaves_no_name_in_registers(db: Database) -> None:
    async with db.begin() as session:
        school = await make_organisation(session, "Школа № 1")
        person = await make_person(session, "Соколова Вера Андреевна", organisation=school)
    number = await save(db, "qualifications", Draft("Соколова Вера Андреевна", QUALIFIED, organisation_id=school.id))
    async with db.read() as session:
        mine = (await my_data.collect(session, person.id))["registers"]
    assert mine[0]["register"] == "Удостоверения и дипломы"
    async with db.begin() as session:
        row = await session.get_one(Person, person.id)
        row.state, row.delete_after = PersonState.deleting, NOW
        await leaving.carry_out(session, person.id, now=NOW)
    async with db.read() as session:
        record = await session.get_one(RegisterRecord, number)
        version = await session.scalar(select(RegisterVersion).where(RegisterVersion.record_id == number))
        assert version is not None
        assert "Соколова" not in f"{record.title} {record.sort} {record.values} {version.snapshot}"
        assert (record.organisation_id, record.values["issued_on"], record.values["type"]) == (
            school.id, "2026-10-20", "advanced",
        )  # fmt: skip
    assert await titles(db, "qualifications", Filters(query="соколова")) == []


HEAD = ["Код", "Название сообщества", "Муниципалитет", "Вид сообщества", "Участников"]


def book(*rows: list[Any], head: list[str] = HEAD) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(head)
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


async def brings(db: Database, settings: Settings, slug: str, content: bytes) -> tuple[int, Scope]:
    """An import that has been read."""
    blob = await files.put(settings, content)
    async with db.begin() as session:
        person = await make_person(session, "Служащая Анна Ивановна")
        stored = await files.add(
            session, blob, name="т.xlsx", media_type="x", owner_id=person.id, purpose=table.PURPOSE, now=NOW
        )
        scope = who(Role.centre_staff, person=person.id)
        number = await table.begin(session, scope, slug, stored.id, now=NOW)
    await table.read_all(db, settings, scope, number, today=TODAY)
    return number, scope


async def seen(db: Database, number: int, scope: Scope) -> table.ImportLine:
    async with db.read() as session:
        return await table.one(session, scope, number)


async def writes(db: Database, settings: Settings, number: int, scope: Scope) -> table.ImportLine:
    await table.write_all(db, settings, scope, number, now=NOW, today=TODAY)
    return await seen(db, number, scope)


@BOTH
async def test_a_table_is_looked_at_and_then_written(db: Database, settings: Settings, where: str) -> None:
    await save(db, "communities", Draft("Прежнее", {"type": "omo", "subject": "Физика"}, code="с-1"))
    number, scope = await brings(
        db, settings, "communities",
        book(["с-1", "Прежнее", "", "ассоциация", 12], ["", "Новое", "", "РУМО", ""], ["", "Новое", "", "РУМО", 7],
             ["с-3", "Кривое", "Атлантида", "кружок", "много"]),
    )  # fmt: skip
    found = await seen(db, number, scope)
    assert (found.state, dict(found.counts)) == (ImportState.ready, {"new": 1, "changed": 1, "same": 0, "wrong": 2})
    assert [(row["row"], [p["key"] for p in row["problems"]]) for row in found.wrong] == [
        (4, ["registers-row-twice"]),
        (5, ["registers-wrong-choice", "registers-wrong-number", "registers-unknown-place"]),
    ]
    assert await titles(db, "communities", Filters()) == ["Прежнее"], "nothing is written before the consent"
    assert (await writes(db, settings, number, scope)).state is ImportState.done
    async with db.read() as session:
        lines = {line.title: line for line in await registers.everything(session, STAFF, "communities", Filters())}
    assert set(lines) == {"Прежнее", "Новое"}
    assert lines["Прежнее"].values["type"] == "association"
    assert lines["Прежнее"].values["subject"] == "Физика", "a column that the table does not have stays as it was"
    again, scope = await brings(
        db, settings, "communities", book(["с-1", "Прежнее", "", "ассоциация", 12], ["", "Новое", "", "РУМО", ""])
    )
    assert dict((await seen(db, again, scope)).counts) == {"new": 0, "changed": 0, "same": 2, "wrong": 0}


async def test_shifted_columns_are_noticed(db: Database, settings: Settings) -> None:
    rows = [[f"с-{n}", f"Сообщество {n}", "РУМО", "Математика", ""] for n in range(6)]
    number, scope = await brings(db, settings, "communities", book(*rows))
    found = await seen(db, number, scope)
    assert (found.shifted, found.counts["wrong"], found.ready) == ("Вид сообщества", 6, 0)
    reordered = [["РУМО", f"Сообщество {n}"] for n in range(6)]
    number, scope = await brings(db, settings, "communities", book(*reordered, head=["Вид", "Название сообщества"]))
    assert (await seen(db, number, scope)).counts["new"] == 6, "the order of columns is free"


@pytest.mark.parametrize("content", [b"%PDF-1.7", b"", book(["x"], head=["Любимый цвет"])])
async def test_a_file_that_is_no_table_is_said_so(db: Database, settings: Settings, content: bytes) -> None:
    number, scope = await brings(db, settings, "communities", content)
    found = await seen(db, number, scope)
    assert found.state is ImportState.failed
    assert str(found.error["key"]).startswith("import-")


@BOTH
async def test_ten_thousand_rows_go_in_and_a_stop_doubles_nothing(db: Database, settings: Settings, where: str) -> None:
    many = 1_200 if where == "@postgres" else 2_000
    rows = [[f"с-{n}", f"Сообщество {n}", "", "РУМО", n] for n in range(many)]
    number, scope = await brings(db, settings, "communities", book(*rows))
    assert (await seen(db, number, scope)).ready == many
    await writes(db, settings, number, scope)
    async with db.begin() as session:  # As after a kill in the middle of writing.
        row = await session.get_one(RegisterImport, number)
        row.state, row.done = ImportState.writing, 500
    assert (await writes(db, settings, number, scope)).done == many
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(RegisterRecord)) == many
        assert await session.scalar(select(func.count()).select_from(RegisterVersion)) == many


async def test_an_import_is_its_owners(db: Database, settings: Settings) -> None:
    number, _ = await brings(db, settings, "communities", book(["", "Новое", "", "РУМО", ""]))
    async with db.read() as session:
        with pytest.raises(NotFound):
            await table.one(session, who(Role.centre_head, person=999), number)
        with pytest.raises(NotAllowed):
            await table.one(session, ANALYST, number)


@pytest.mark.parametrize("slug", [slug for slug, kind in kinds().items() if not kind.is_view])
async def test_the_sample_of_every_kind_goes_in(db: Database, settings: Settings, slug: str) -> None:
    async with db.begin() as session:
        await make_organisation(session, "Школа № 1")
    number, scope = await brings(db, settings, slug, table.sample_workbook(kinds()[slug]))
    found = await seen(db, number, scope)
    assert (found.counts["new"], found.wrong, found.unknown) == (1, [], []), slug
