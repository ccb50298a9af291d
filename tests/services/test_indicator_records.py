"""Indicators over registers: documents, agreements, teams, practices; history, the ledger, snapshots, access."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from bot.db import Database
from bot.errors import NotAllowed
from bot.models import (
    Attempt,
    Cohort,
    CohortMember,
    CohortState,
    DeficitLevel,
    Employment,
    EventSeries,
    JoinedBy,
    MemberState,
    Person,
    Practice,
    PracticeState,
    Programme,
    ProgrammeKind,
    RecordState,
    Role,
    ScopeKind,
    Snapshot,
    TutorAssignment,
)
from bot.rules.indicators.changes import Cause
from bot.rules.indicators.model import Outcome
from bot.rules.indicators.periods import Period
from bot.rules.registers import Value
from bot.services import registers
from bot.services.access import Grant, Scope
from bot.services.indicators import changes, counting, definitions, drilling, evidence, figures, freezing
from bot.services.indicators.counting import Report
from bot.services.registers import Draft
from tests.admin.test_tutors import learner
from tests.factories import NOW, make_municipality, make_organisation, make_person
from tests.indicators.history import FIRST, LAST
from tests.services.test_indicators import HEAD, teachers

ZONE = ZoneInfo("Europe/Moscow")
TODAY = NOW.astimezone(ZONE).date()
YEAR = Period("2026", FIRST, LAST)
ROADMAP: dict[str, Value] = {"topic": "roadmap", "adopted": True, "number": "№ 5-р", "signed_on": "2026-02-01"}


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    counting.forget()


async def keep(db: Database, slug: str, draft: Draft, *, days_ago: int = 0, number: int | None = None) -> int:
    """Write a record so many days ago."""
    now = NOW - timedelta(days=days_ago)
    async with db.begin() as session:
        return await registers.save(
            session, HEAD, slug, draft, record_id=number, now=now, today=TODAY - timedelta(days=days_ago)
        )


async def told(db: Database, *, as_of: date | None = None) -> Report:
    async with db.read() as session:
        return await counting.report(session, YEAR, as_of=as_of, now=NOW, zone=ZONE)


async def outcome(db: Database, indicator: str, *, as_of: date | None = None) -> Outcome:
    return (await told(db, as_of=as_of)).line(indicator).outcome


@pytest.mark.parametrize("database", ["sqlite", pytest.param("@postgres", marks=pytest.mark.postgres)])
async def test_an_adopted_document_is_a_yes_and_a_draft_is_a_no(db: Database, database: str) -> None:
    # An empty register says nothing: «не считается», not «нет».
    assert (await outcome(db, "SMO-I01")).reason == "no-figure"
    await keep(db, "documents", Draft("Региональная дорожная карта", ROADMAP), days_ago=60)
    await keep(db, "documents", Draft("Положение о мониторинге", {"topic": "monitoring", "adopted": False}))
    assert ((await outcome(db, "SMO-I01")).numerator, (await outcome(db, "SMO-I01")).met) == (1, True)
    assert ((await outcome(db, "SMO-I02")).numerator, (await outcome(db, "SMO-I02")).met) == (0, False)
    # A document of the region is nobody's share: no municipality is said to lack it.
    assert {there.numerator for there in (await told(db)).line("SMO-I01").places.values()} == {None}


async def test_a_document_counts_from_its_day_to_its_end_as_it_was_known(db: Database) -> None:
    number = await keep(db, "documents", Draft("Дорожная карта", ROADMAP, starts_on=date(2026, 9, 1)), days_ago=60)
    closed = Draft("Дорожная карта", ROADMAP, RecordState.closed, starts_on=date(2026, 9, 1))
    await keep(db, "documents", closed, number=number, days_ago=5)
    then, now = TODAY - timedelta(days=10), TODAY
    assert (await outcome(db, "SMO-I01", as_of=then)).numerator == 1
    assert (await outcome(db, "SMO-I01", as_of=now)).numerator == 0
    # Written by mistake: it was never there, but what was known then stays known.
    await keep(db, "documents", Draft("Дорожная карта", ROADMAP, RecordState.removed), number=number)
    assert (await outcome(db, "SMO-I01", as_of=then)).numerator == 1
    assert (await outcome(db, "SMO-I01")).reason == "no-figure"


async def test_an_ended_agreement_is_in_force_no_more(db: Database) -> None:
    three: dict[str, Value] = {"party": "Вуз и колледж", "type": "three"}
    await keep(db, "agreements", Draft("О кадрах", three, starts_on=date(2025, 1, 1), ends_on=date(2026, 6, 30)))
    await keep(db, "agreements", Draft("О сети", three, starts_on=date(2026, 7, 1)))
    await keep(db, "agreements", Draft("О сайте", {"party": "Вуз", "type": "two"}, starts_on=date(2026, 7, 1)))
    async with db.begin() as session:
        await figures.enter(session, HEAD, [teachers(2, slug="subjects")], now=NOW)
    found = await outcome(db, "SMO-I04")
    assert (found.numerator, found.denominator, found.met, found.gap) == (1, 2, False, 1)


async def test_teams_are_counted_by_municipality_and_differ_from_the_entered_number_aloud(db: Database) -> None:
    async with db.begin() as session:
        place = await make_municipality(session, "Вяземский округ")
        school = (await make_organisation(session, municipality=place)).id
        await figures.enter(session, HEAD, [teachers(17, slug="teams_trained")], now=NOW)
    await keep(db, "teams", Draft("Первая", {"size": 3, "trained_on": "2026-06-15"}, organisation_id=school))
    await keep(db, "teams", Draft("Вторая", {"size": 3, "trained_on": "2025-06-15"}, organisation_id=school))
    await keep(db, "teams", Draft("Третья", {"size": 3}, organisation_id=school))
    line = (await told(db)).line("SMO-I07")
    assert (line.outcome.value, line.outcome.met) == (Fraction(100, 3), False)
    assert ("register-differs", (("kept", 1), ("entered", 17))) in [(d.key, d.args) for d in line.outcome.doubts]
    assert (line.places[place.id].numerator, line.places[place.id].denominator) == (1, 3)


async def test_an_agreement_with_an_authority_names_its_municipality(db: Database) -> None:
    async with db.begin() as session:
        place = (await make_municipality(session, "Район")).id
    await keep(db, "agreements", Draft("С управлением", {"party": "УО", "type": "two"}, municipality_id=place))
    await keep(db, "agreements", Draft("С вузом", {"party": "Вуз", "type": "two"}))
    known = definitions.of_pack("ingushetia")
    async with db.read() as session:
        made = await counting.report(session, YEAR, now=NOW, zone=ZONE, known=known)
    assert made.line("T-01").outcome.numerator == 1


async def test_practices_after_experts_among_the_published(db: Database) -> None:
    async with db.begin() as session:
        author = await make_person(session)
        for n, (state, reviewed, gone) in enumerate(
            [("published", True, None), ("published", False, None), ("withdrawn", True, 3), ("review", False, None)]
        ):
            session.add(
                Practice(
                    author_id=author.id, state=PracticeState(state), title=f"Практика {n}", reviewed=reviewed,
                    published_at=NOW - timedelta(days=30) if state != "review" else None,
                    withdrawn_at=NOW - timedelta(days=gone) if gone else None, created_at=NOW, updated_at=NOW,
                )
            )  # fmt: skip
    now, then = await outcome(db, "T-24"), await outcome(db, "T-24", as_of=TODAY - timedelta(days=10))
    assert (now.numerator, now.denominator, then.numerator, then.denominator) == (1, 2, 2, 3)


async def test_the_ledger_adds_up_over_records_and_a_frozen_report_stays(db: Database) -> None:
    school_of: dict[str, Value] = {"size": 3, "trained_on": "2026-06-15"}
    async with db.begin() as session:
        school = (await make_organisation(session)).id
        await figures.enter(session, HEAD, [teachers(10, slug="organisations")], now=NOW - timedelta(days=40))
    draft = Draft("Первая", school_of, organisation_id=school)
    first = await keep(db, "teams", draft, days_ago=30)
    await keep(db, "teams", Draft("Вторая", {"size": 3}, organisation_id=school), days_ago=30)
    await keep(db, "documents", Draft("Дорожная карта", ROADMAP), days_ago=30)
    async with db.begin() as session:
        row = await freezing.take(session, HEAD, YEAR, now=NOW - timedelta(days=10), zone=ZONE)
        number = row.id
    # One was written by mistake; a late record and a new one.
    mistake = Draft("Первая", school_of, RecordState.removed, organisation_id=school)
    await keep(db, "teams", mistake, number=first, days_ago=4)
    late = Draft("Поздняя", school_of, organisation_id=school, starts_on=TODAY - timedelta(days=20))
    await keep(db, "teams", late, days_ago=3)
    await keep(db, "teams", Draft("Новая", school_of, organisation_id=school))
    async with db.read() as session:
        row = await session.get_one(Snapshot, number)
        assert await freezing.is_intact(session, row)
        kept = {one.definition.id: one.outcome for one in freezing.lines_of(row)}
        assert (kept["SMO-I07"].numerator, kept["SMO-I07"].denominator) == (1, 2)
        since = await freezing.changes_since(session, row, now=NOW, zone=ZONE)
    change = next(change for one, change in since if one.definition.id == "SMO-I07")
    assert change.numerators == (1, 2)
    assert change.delta == sum((part.value or 0 for part in change.parts), Fraction(0))
    moved = {part.cause: part.people for part in change.parts if part.people}
    assert moved == {Cause.corrections: -1, Cause.late: 1, Cause.new: 1}
    # Counted anew as of that day it is the same.
    assert (await outcome(db, "SMO-I07", as_of=TODAY - timedelta(days=10))).numerator == 1
    assert changes.between(await told(db), await told(db), "SMO-I07").delta == 0


async def test_records_open_to_those_who_may_see_their_register(db: Database) -> None:
    async with db.begin() as session:
        mine, other = await make_municipality(session, "Мой"), await make_municipality(session, "Чужой")
        here = (await make_organisation(session, "Школа здесь", municipality=mine)).id
        there = (await make_organisation(session, "Школа там", municipality=other)).id
        keeper = (await make_person(session)).id
    trained: dict[str, Value] = {"size": 3, "trained_on": "2026-06-15"}
    first = await keep(db, "teams", Draft("Здешняя", trained, organisation_id=here), days_ago=30)
    await keep(db, "teams", Draft("Тамошняя", trained, organisation_id=there), days_ago=30)
    # Renamed since the day of the report: the list shows what stood then.
    await keep(db, "teams", Draft("Переименованная", trained, organisation_id=here), number=first)
    report = await told(db, as_of=TODAY - timedelta(days=10))
    line = report.line("SMO-I07")

    async def titles(scope: Scope) -> list[str]:
        async with db.begin() as session:
            found = await evidence.records(session, scope, report, line, now=NOW)
        assert found.total == len(found.lines)
        return sorted(one.title for one in found.lines)

    head = Scope(keeper, (Grant(Role.centre_head, ScopeKind.region),))
    coordinator = Scope(keeper, (Grant(Role.municipal_coordinator, ScopeKind.municipality, mine.id),))
    school = Scope(keeper, (Grant(Role.school_head, ScopeKind.organisation, here),))
    assert await titles(head) == ["Здешняя", "Тамошняя"]
    assert await titles(coordinator) == ["Здешняя"]
    assert (evidence.opens(head, line), evidence.opens(school, line)) == (True, False)
    with pytest.raises(NotAllowed):
        await titles(school)
    with pytest.raises(NotAllowed):
        await titles(Scope(keeper))


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        ({"register": "nothing"}, "register: nothing"), ({"register": "methodists"}, "register: methodists"),
        ({"register": "qualifications"}, "register: qualifications"),
        ({"register": "documents", "where": {"topic": ["weather"]}}, "where: topic"),
        ({"register": "documents", "where": {"number": ["5"]}}, "where: number"),
        ({"register": "teams", "dated": "size"}, "dated: size"), ({"register": "teams", "facts": ["x"]}, "facts"),
    ],
)  # fmt: skip
def test_a_rule_over_what_no_register_holds_is_broken(rule: dict[str, object], word: str) -> None:
    with pytest.raises(definitions.BrokenRule, match=word):
        definitions.rule_of({"count": "records", **rule})


async def test_learners_with_a_low_readiness_and_their_tutors_are_counted_and_never_listed(db: Database) -> None:
    high, low = DeficitLevel.high, DeficitLevel.low
    async with db.begin() as session:
        place = await make_municipality(session, "Район курсов")
        school = await make_organisation(session, municipality=place)
        programme = Programme(kind=ProgrammeKind.course, title="Курс", created_at=NOW)
        series = [EventSeries(title="x", rule="FREQ=WEEKLY", created_at=NOW) for _ in range(2)]
        session.add_all([programme, *series])
        await session.flush()
        cohorts = [
            Cohort(
                programme_id=programme.id, series_id=one.id, title="Группа", state=CohortState.gathering,
                starts_on=date(2026, 2, 1), ends_on=date(2026, 11, 10), created_at=NOW,
            )
            for one in series
        ]  # fmt: skip
        session.add_all(cohorts)
        await session.flush()
    number, other = cohorts[0].id, cohorts[1].id
    when = datetime(2026, 3, 3, 9, tzinfo=ZONE)
    people = []
    for n, levels in enumerate([[high, high], [high, low], [high, high], [low, low], None]):
        person = await learner(db, number, f"Слушатель {'АБВГД'[n]}", levels)
        people.append(person)
        async with db.begin() as session:
            await session.execute(update(Attempt).values(finished_at=when))
            await session.execute(
                update(Employment).where(Employment.person_id == person).values(organisation_id=school.id)
            )
            if n == 2:
                await session.execute(update(Person).where(Person.id == person).values(confirmed_at=None))
    async with db.begin() as session:
        helper = await make_person(session, "Тьютор Вера")
        # The first learns in two groups: once is enough.
        session.add(
            CohortMember(
                cohort_id=other, person_id=people[0], state=MemberState.member, how=JoinedBy.list, created_at=NOW,
                changed_at=NOW,
            )
        )  # fmt: skip
        for cohort in (number, other):
            session.add(
                TutorAssignment(cohort_id=cohort, person_id=people[0], tutor_id=helper.id, since=date(2026, 4, 1))
            )
        head = Scope((await make_person(session)).id, (Grant(Role.centre_head, ScopeKind.region),))
    report = await told(db)
    line = report.line("T-13")
    # Two of five: the third is not confirmed, the fourth is ready, of the fifth nothing is known.
    assert (line.outcome.numerator, line.outcome.denominator, line.outcome.met) == (1, 2, False)
    # Before the tutor came.
    march = counting.lines_of([line.definition], report.ledger, report.figures, YEAR, date(2026, 3, 20))
    assert (march[0].outcome.numerator, march[0].outcome.denominator) == (0, 2)
    # Nobody, not even the head, opens a list that would tell whose result is low; small numbers are hidden from all.
    assert not evidence.opens(head, line)
    async with db.begin() as session:
        with pytest.raises(NotAllowed):
            await evidence.records(session, head, report, line, now=NOW)
        reach = await drilling.reach_of(session, head)
        assert (await drilling.people(session, head, report, line, now=NOW)).total == 0
        shown = {one.id: one.count for one in await drilling.municipalities(session, line, reach)}
        snapshot = await freezing.take(session, HEAD, YEAR, now=NOW, zone=ZONE)
        assert await freezing.is_intact(session, snapshot)
    assert shown[place.id] is None
