"""Indicators from the tables on both databases, against loops; as of a day; what is absent; figures."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import Database
from bot.errors import NotAllowed, UserError
from bot.models import (
    Employment,
    Fact,
    FactKind,
    MethodistAssignment,
    Municipality,
    Organisation,
    Person,
    PersonState,
    Position,
    Role,
    RoleAssignment,
    ScopeKind,
    StatFigure,
)
from bot.rules.indicators.periods import Period, period_of
from bot.services import facts, leaving, merging, packs
from bot.services.access import Grant, Scope
from bot.services.indicators import counting, definitions, drilling, figures
from bot.services.indicators.figures import Entry
from tests.factories import NOW, give_role, make_municipality, make_organisation, make_person
from tests.indicators.by_hand import ByHand
from tests.indicators.history import FIRST, LAST, Happened, History, Someone

ZONE = ZoneInfo("Europe/Moscow")
HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
YEAR = Period("2026", FIRST, LAST)
WRITTEN = tuple(kind.value for kind in FactKind)


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    counting.forget()


async def write(session: AsyncSession, history: History) -> dict[int, int]:
    """The history as rows; municipality of the history → its row."""
    places = [await make_municipality(session, f"Округ {n}") for n in range(3)]
    schools: list[Organisation] = []
    for number in range(1, 5):
        school = await make_organisation(session, f"Школа {number}", municipality=places[number % 3])
        school.flags = ["low_results"] if number == 2 else []
        schools.append(school)
    keys: dict[int, str] = {}
    for one in history.people:
        person = await make_person(
            session, f"Человек {one.number}", organisation=schools[one.organisation - 1], confirmed=one.confirmed,
            position="director" if one.manager else "teacher", birth_year=one.born or 1984,
            teach_since_year=one.since or 2008,
        )  # fmt: skip
        person.birth_year, person.teach_since_year = one.born, one.since
        person.confirmed_at = datetime(2020, 1, 1, tzinfo=ZONE) if one.confirmed else None
        await session.execute(
            update(Employment).where(Employment.person_id == person.id).values(since=date(2015, 1, 1))
        )
        if one.methodist:
            await give_role(session, person, Role.methodist, since=date(2015, 1, 1))
        keys[one.number] = person.key if not one.deleted else f"{one.number:032x}"
    for fact in history.facts:
        place = schools[fact.organisation - 1] if fact.organisation else None
        session.add(
            Fact(
                person_key=keys[fact.person], kind=FactKind(fact.kind), occurred_on=fact.on,
                recorded_at=datetime.combine(fact.on, datetime.min.time(), tzinfo=ZONE),
                organisation_id=place.id if place else None,
                municipality_id=place.municipality_id if place else None, source_type="test",
                source_id=fact.source, evidence=fact.evidence, voided_at=NOW if fact.voided else None,
            )
        )  # fmt: skip
    await session.flush()
    return {n + 1: one.id for n, one in enumerate(places)}


def invented(seed: int, people: int = 40, count: int = 400) -> History:
    rng = Random(seed)
    who = [
        Someone(
            number, rng.random() < 0.8, rng.random() < 0.1, rng.choice([None, 1975, 1991, 1999]),
            rng.choice([None, 2008, 2023, 2024]), rng.random() < 0.2, rng.random() < 0.2, rng.randint(1, 4),
        )
        for number in range(people)
    ]  # fmt: skip
    happened = []
    for number in range(count):
        kind = rng.choice(WRITTEN)
        evidence = {"kind": rng.choice(["contest", "external", "seminar"]), "tags": rng.choice([[], ["выгорание"]])}
        happened.append(
            Happened(
                rng.randrange(people), kind, date(2025, 3, 1) + timedelta(days=number * 640 // count), 1000 + number,
                rng.randint(0, 4), evidence, rng.random() < 0.1,
            )
        )  # fmt: skip
    starts = [one for one in happened if one.kind == "iom_received"]
    for end in (one for one in happened if one.kind == "iom_completed"):
        end.source = rng.choice(starts).source if starts else end.source
    used: set[tuple[str, int, int]] = set()
    once = []
    for one in happened:
        if one.voided or (one.kind, one.source, one.person) not in used:
            used.add((one.kind, one.source, one.person))
            once.append(one)
    return History(who, once)


@pytest.mark.parametrize("database", ["sqlite", pytest.param("@postgres", marks=pytest.mark.postgres)])
async def test_numbers_of_the_tables_are_those_of_loops(db: Database, database: str) -> None:
    history = invented(7)
    async with db.begin() as session:
        places = await write(session, history)
    known = [one for name in packs.names_of() for one in definitions.of_pack(name)]
    async with db.read() as session:
        made = await counting.report(session, YEAR, now=datetime(2027, 1, 1, tzinfo=ZONE), zone=ZONE, known=known)
    checked = 0
    for indicator, them in ByHand(history, FIRST, LAST).all().items():
        line = made.line(indicator)
        kinds = line.definition.numerator.facts if line.definition.numerator else ()
        if not set(kinds) & set(WRITTEN):
            assert line.outcome.numerator is None, indicator
            assert line.outcome.reason == "absent"
            continue
        assert line.outcome.numerator == len(them), indicator
        for number, row in places.items():
            mine = sum(1 + f.organisation % 3 == number and f.organisation > 0 for f in them.values())
            assert line.places[row].numerator == mine, indicator
        checked += 1
    assert checked >= 10


async def a_diagnosis(session: AsyncSession, person: Person, on: date, *, number: int, now: datetime = NOW) -> Fact:
    return await facts.add(
        session, person.id, FactKind.diagnosed, occurred_on=on, source=("attempt", number), now=now,
        evidence={"kind": "self_likert"},
    )  # fmt: skip


async def test_as_of_a_day_is_what_was_known_when_it_ended(db: Database) -> None:
    async with db.begin() as session:
        early, late, voided = [await make_person(session, f"Иванова {name}") for name in "АБВ"]
        await a_diagnosis(session, early, date(2026, 11, 10), number=1, now=NOW - timedelta(days=14))
        # Happened before the day, recorded after it.
        await a_diagnosis(session, late, date(2026, 11, 10), number=2, now=NOW)
        gone = await a_diagnosis(session, voided, date(2026, 11, 10), number=3, now=NOW - timedelta(days=14))
        await facts.void(session, gone, by_id=None, reason="x", now=NOW)
        await session.execute(update(Person).values(confirmed_at=NOW - timedelta(days=100)))
    async with db.read() as session:
        then = await counting.report(session, YEAR, as_of=date(2026, 11, 15), now=NOW, zone=ZONE)
        now = await counting.report(session, YEAR, now=NOW, zone=ZONE)
    assert then.line("SMO-I05").outcome.numerator == 2
    assert now.line("SMO-I05").outcome.numerator == 2
    assert set(then.line("SMO-I05").counted.fact.tolist()) != set(now.line("SMO-I05").counted.fact.tolist())  # type: ignore[union-attr]


async def test_a_remembered_report_notices_every_change(db: Database) -> None:
    async with db.begin() as session:
        person = await make_person(session)
        fact = await a_diagnosis(session, person, date(2026, 5, 5), number=1)

    async def counted() -> tuple[object, object, object]:
        async with db.read() as session:
            made = await counting.report(session, YEAR, now=NOW, zone=ZONE)
            again = await counting.report(session, YEAR, now=NOW, zone=ZONE)
        assert again is made
        found = made.line("SMO-I05").outcome
        return found.numerator, found.denominator, made.line("SMO-I15").outcome.numerator

    assert await counted() == (1, None, 0)
    async with db.begin() as session:
        await figures.enter(session, HEAD, [teachers(40)], now=NOW)
    assert await counted() == (1, 40, 0)
    async with db.begin() as session:
        await session.execute(update(Person).values(confirmed_at=None))
    assert await counted() == (0, 40, 0)
    async with db.begin() as session:
        await session.execute(update(Person).values(confirmed_at=NOW, birth_year=2000, teach_since_year=2025))
        await facts.add(session, person.id, FactKind.consulted, occurred_on=NOW.date(), source=("hotline", 1), now=NOW)
    assert await counted() == (1, 40, 1)
    async with db.begin() as session:
        await facts.void(session, await session.get_one(Fact, fact.id), by_id=None, reason="x", now=NOW)
    assert await counted() == (0, 40, 1)


async def test_opening_the_list_does_not_make_the_number_be_counted_anew(db: Database) -> None:
    async with db.begin() as session:
        head, person = await make_person(session, "Первая Вера"), await make_person(session)
        await a_diagnosis(session, person, date(2026, 5, 5), number=1)
    async with db.read() as session:
        made = await counting.report(session, YEAR, now=NOW, zone=ZONE)
    async with db.begin() as session:
        scope = Scope(head.id, HEAD.grants)
        assert (await drilling.people(session, scope, made, made.line("SMO-I05"), now=NOW)).total == 1
    async with db.read() as session:
        assert await counting.report(session, YEAR, now=NOW, zone=ZONE) is made


def teachers(value: int, municipality: int | None = None, **more: object) -> Entry:
    given: dict[str, object] = {
        "slug": "teachers", "municipality_id": municipality, "first": FIRST, "last": LAST, "value": value,
        "source": "ОО-1", "state_on": date(2025, 9, 20), **more,
    }  # fmt: skip
    return Entry(**given)  # type: ignore[arg-type]


async def test_figures_are_corrected_by_withdrawing_and_reports_of_the_past_keep_the_old_one(db: Database) -> None:
    async with db.begin() as session:
        assert await figures.enter(session, HEAD, [teachers(100)], now=NOW - timedelta(days=30)) == 1
        assert await figures.enter(session, HEAD, [teachers(100)], now=NOW) == 0
        assert await figures.enter(session, HEAD, [teachers(120)], now=NOW) == 1
    async with db.read() as session:
        rows = list(await session.scalars(select(StatFigure).order_by(StatFigure.id)))
        now = await figures.known(session, on=LAST, known_at=None, zone=ZONE)
        then = await figures.known(session, on=LAST, known_at=NOW - timedelta(days=1), zone=ZONE)
    assert [row.withdrawn_at is None for row in rows] == [False, True]
    assert (now.of("teachers").value, then.of("teachers").value) == (120, 100)  # type: ignore[union-attr]


async def test_the_region_is_the_sum_of_all_municipalities_never_of_some(db: Database) -> None:
    async with db.begin() as session:
        places = list(await session.scalars(select(Municipality.id)))
        await figures.enter(session, HEAD, [teachers(10, place) for place in places[1:]], now=NOW)
    async with db.read() as session:
        assert (await figures.known(session, on=LAST, known_at=None, zone=ZONE)).of("teachers") is None
    async with db.begin() as session:
        await figures.enter(session, HEAD, [teachers(10, places[0])], now=NOW)
    async with db.read() as session:
        known = await figures.known(session, on=LAST, known_at=None, zone=ZONE)
    found = known.of("teachers")
    assert found is not None
    assert (found.value, found.parts) == (10 * len(places), len(places))


async def test_a_sum_that_differs_from_the_whole_is_a_doubt(db: Database) -> None:
    async with db.begin() as session:
        places = list(await session.scalars(select(Municipality.id)))
        await figures.enter(session, HEAD, [teachers(5), *(teachers(10, place) for place in places)], now=NOW)
    async with db.read() as session:
        made = await counting.report(session, YEAR, now=NOW, zone=ZONE)
    assert "sums-differ" in {doubt.key for doubt in made.line("SMO-I05").outcome.doubts}


@pytest.mark.parametrize(
    ("entry", "key"),
    [
        (teachers(-1), "figure-value"), (teachers(1, slug="users"), "figure-unknown"),
        (teachers(1, source=" "), "figure-source"), (teachers(1, first=date(2027, 1, 1)), "figure-days"),
    ],
)  # fmt: skip
async def test_a_figure_that_cannot_be_is_refused(db: Database, entry: Entry, key: str) -> None:
    async with db.begin() as session:
        with pytest.raises(UserError, match=key):
            await figures.enter(session, HEAD, [entry], now=NOW)


async def test_only_those_who_may_enter_figures(db: Database) -> None:
    async with db.begin() as session:
        for role in (Role.teacher, Role.school_head, Role.municipal_coordinator, Role.methodist):
            with pytest.raises(NotAllowed):
                await figures.enter(session, Scope(None, (Grant(role, ScopeKind.region),)), [teachers(1)], now=NOW)


async def test_deleted_people_are_counted_and_said(db: Database) -> None:
    async with db.begin() as session:
        person = await make_person(session)
        await a_diagnosis(session, person, date(2026, 5, 5), number=1)
        person.state, person.delete_after = PersonState.deleting, NOW
        await session.flush()
        assert await leaving.carry_out(session, person.id, now=NOW) is not None
    async with db.read() as session:
        found = (await counting.report(session, YEAR, now=NOW, zone=ZONE)).line("SMO-I05").outcome
    assert found.numerator == 1
    assert ("gone", (("n", 1),)) in [(one.key, one.args) for one in found.doubts]


async def test_two_rows_of_one_person_are_one_after_merging(db: Database) -> None:
    async with db.begin() as session:
        keep, double = await make_person(session), await make_person(session)
        await a_diagnosis(session, keep, date(2026, 5, 5), number=1)
        await a_diagnosis(session, double, date(2026, 6, 6), number=2)
    async with db.read() as session:
        assert (await counting.report(session, YEAR, now=NOW, zone=ZONE)).line("SMO-I05").outcome.numerator == 2
    async with db.begin() as session:
        await merging.merge(session, HEAD, keep.id, double.id, now=NOW)
    async with db.read() as session:
        assert (await counting.report(session, YEAR, now=NOW, zone=ZONE)).line("SMO-I05").outcome.numerator == 1


async def test_an_organisation_that_moved_is_said_and_counted_where_it_was(db: Database) -> None:
    async with db.begin() as session:
        old, new = await make_municipality(session, "Старый"), await make_municipality(session, "Новый")
        school = await make_organisation(session, municipality=old)
        person = await make_person(session, organisation=school)
        await a_diagnosis(session, person, date(2026, 5, 5), number=1)
        school.municipality_id = new.id
    async with db.read() as session:
        line = (await counting.report(session, YEAR, now=NOW, zone=ZONE)).line("SMO-I05")
    assert (line.places[old.id].numerator, line.places[new.id].numerator) == (1, 0)
    assert "moved" in {doubt.key for doubt in line.outcome.doubts}


async def test_the_main_job_decides_the_municipality(db: Database) -> None:
    async with db.begin() as session:
        main, side = await make_municipality(session, "Главный"), await make_municipality(session, "Второй")
        person = await make_person(session, organisation=await make_organisation(session, municipality=main))
        other = await make_organisation(session, municipality=side)
        slug = await session.scalar(select(Position.slug).limit(1))
        session.add(
            Employment(
                person_id=person.id, organisation_id=other.id, position_slug=slug or "", is_main=False,
                since=date(2025, 1, 1),
            )
        )  # fmt: skip
        await session.flush()
        await a_diagnosis(session, person, date(2026, 5, 5), number=1)
    async with db.read() as session:
        line = (await counting.report(session, YEAR, now=NOW, zone=ZONE)).line("SMO-I05")
    assert (line.places[main.id].numerator, line.places[side.id].numerator) == (1, 0)


async def test_the_load_counts_the_most_loaded_methodist(db: Database) -> None:
    async with db.begin() as session:
        people = [await make_person(session, f"Учитель {n}") for n in range(5)]
        methodists = [await make_person(session, f"Методист {n}") for n in range(2)]
        for one in methodists:
            await give_role(session, one, Role.methodist)
        for place, one in enumerate(people):
            session.add(
                MethodistAssignment(
                    methodist_id=methodists[0 if place < 4 else 1].id, person_id=one.id, since=date(2026, 2, 1)
                )
            )
    async with db.read() as session:
        found = (await counting.report(session, YEAR, now=NOW, zone=ZONE)).line("SMO-I13").outcome
        gone = list(await session.scalars(select(RoleAssignment.id)))
    assert len(gone) == 2
    assert (found.value, found.numerator, found.denominator) == (Fraction(4), 5, 2)
    assert (found.average, found.met) == (Fraction(5, 2), True)


async def test_where_nobody_has_a_methodist_the_load_is_not_counted(db: Database) -> None:
    async with db.begin() as session:
        methodist, teacher = await make_person(session, "Методист А"), await make_person(session, "Учитель А")
        role = await give_role(session, methodist, Role.methodist)

    async def load() -> tuple[object, object, object, str]:
        counting.forget()
        async with db.read() as session:
            found = (await counting.report(session, YEAR, now=NOW, zone=ZONE)).line("SMO-I13").outcome
        return found.numerator, found.value, found.met, found.reason

    assert await load() == (0, None, None, "nobody")
    async with db.begin() as session:
        session.add(MethodistAssignment(methodist_id=methodist.id, person_id=teacher.id, since=date(2026, 2, 1)))
    assert await load() == (1, Fraction(1), True, "")
    async with db.begin() as session:
        # She works as a methodist no more: the teacher has none, and the share T-07 has nobody above the line.
        await session.execute(update(RoleAssignment).where(RoleAssignment.id == role.id).values(until=date(2026, 6, 1)))
    assert await load() == (0, None, None, "nobody")


async def test_a_period_ahead_is_said(db: Database) -> None:
    later = period_of("2028")
    assert later is not None
    async with db.read() as session:
        made = await counting.report(session, later, now=NOW, zone=ZONE)
    assert "future" in {doubt.key for doubt in made.line("SMO-I05").outcome.doubts}
