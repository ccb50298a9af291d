"""Programmes with cohorts on both databases: belonging, seats, tasks, the rule at the end, who sees what."""

from __future__ import annotations

import asyncio
import io
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from sqlalchemy import event, func, select

from bot.config import ROOT
from bot.db import Database
from bot.errors import NotAllowed, NotFound, UserError
from bot.i18n import Texts
from bot.models import (
    ActivityForm,
    ActivityKind,
    ActivitySource,
    Cohort,
    CohortMember,
    CohortState,
    CohortTask,
    Event,
    EventKind,
    Fact,
    FactKind,
    Iom,
    IomBasis,
    IomState,
    IomStep,
    MemberState,
    Registration,
    RegistrationState,
    Role,
    ScopeKind,
    StepState,
    WorkState,
)
from bot.services import catalogue, certificates
from bot.services.access import Grant, Scope
from bot.services.catalogue.editing import write
from bot.services.certificates import Of
from bot.services.events import attending, looking, signing
from bot.services.events import reading as events
from bot.services.programmes import belonging, ending, keeping, papers, reading, templates, working
from tests.factories import NOW, make_organisation, make_person
from tests.printing import printed

ZONE = ZoneInfo("Europe/Moscow")
TODAY = NOW.date()
FIRST = datetime(2026, 12, 1, 15, 0, tzinfo=ZONE)
OVER = FIRST + timedelta(days=400)


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.fixture(params=["sqlite", pytest.param("run@postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def any_db(database: str, db: Database) -> Database:
    """One after the other: SQLite, PostgreSQL."""
    return db


def head(person_id: int | None = None) -> Scope:
    return Scope(person_id, (Grant(Role.centre_head, ScopeKind.region),))


async def a_cohort(db: Database, slug: str = "young_school", **more: Any) -> int:
    async with db.begin() as session:
        programme = await keeping.begin(session, head(), templates.templates()[slug], now=NOW)
        return await keeping.gather(session, head(), programme, title="2026/2027", first=FIRST, now=NOW, **more)


async def young(db: Database, name: str = "Орлова Вера Ивановна", **more: Any) -> int:
    async with db.begin() as session:
        return (await make_person(session, name, **{"birth_year": 2001, "teach_since_year": 2025, **more})).id


async def count(db: Database, what: Any, *where: Any) -> int:
    async with db.read() as session:
        return await session.scalar(select(func.count()).select_from(what).where(*where)) or 0


def test_every_configuration_can_be_read() -> None:
    known = templates.templates()
    assert {"young_school", "rmpsh", "pro_skills", "team_turnkey", "assembly_point", "postcourse"} <= set(known)
    assert all(one.meetings and 1 <= one.share <= 100 for one in known.values())
    assert (known["young_school"].years, known["young_school"].share) == (3, 70)


async def test_the_meetings_are_events_of_a_series_that_others_do_not_see(any_db: Database) -> None:
    number = await a_cohort(any_db)
    stranger = await young(any_db)
    async with any_db.read() as session:
        cohort = await session.get_one(Cohort, number)
        meetings = await reading.meetings_of(session, cohort.series_id)
        assert len(meetings) == 9
        assert meetings[0].starts_at == FIRST
        assert meetings[1].starts_at.astimezone(ZONE).hour == 15
        assert await looking.public(session, now=NOW) == []
        page = await looking.month(session, FIRST.date(), now=NOW, zone=ZONE)
        assert page.lines == ()
        assert (await looking.suiting(session, stranger, now=NOW)).lines == ()
        with pytest.raises(NotFound):
            await events.card(session, meetings[0].id, stranger)
    async with any_db.begin() as session:
        for way in (signing.sign_up, signing.wait):
            with pytest.raises(NotFound):
                await way(session, stranger, meetings[0].id, now=NOW)


async def test_by_rule_only_the_young_of_the_day(any_db: Database) -> None:
    number = await a_cohort(any_db)
    hers = await young(any_db)
    older = await young(any_db, "Петрова Анна Львовна", birth_year=1980, teach_since_year=2001)
    async with any_db.read() as session:
        assert [one for one, *_ in await belonging.offered(session, hers, today=TODAY)] == [number]
        assert await belonging.offered(session, older, today=TODAY) == []
        assert await belonging.fitting_of(session, number, on=TODAY) == 1
        later = date(2040, 1, 1)
        assert await belonging.fitting_of(session, number, on=later) == 0, "«молодой» is computed on the date"
    async with any_db.begin() as session:
        with pytest.raises(NotFound):
            await belonging.join(session, older, number, now=NOW, today=TODAY)
        found = await belonging.invite_by_rule(session, head(), number, now=NOW, today=TODAY)
        assert (found.new, found.known, found.silent) == (1, 0, 0)
        again = await belonging.invite_by_rule(session, head(), number, now=NOW, today=TODAY)
        assert (again.new, again.known) == (0, 1)
    assert await count(any_db, Registration) == 0, "an invitation is no membership"
    async with any_db.begin() as session:
        await belonging.join(session, hers, number, now=NOW, today=TODAY)
        await belonging.join(session, hers, number, now=NOW, today=TODAY)
    assert await count(any_db, Registration, Registration.person_id == hers) == 9


async def test_two_presses_at_once_are_one_membership(any_db: Database) -> None:
    number = await a_cohort(any_db)
    hers = await young(any_db)

    async def press() -> None:
        async with any_db.begin() as session:
            await belonging.join(session, hers, number, now=NOW, today=TODAY)

    await asyncio.gather(*(press() for _ in range(5)))
    assert await count(any_db, CohortMember) == 1
    assert await count(any_db, Registration) == 9


async def test_out_and_in_again(any_db: Database) -> None:
    number = await a_cohort(any_db)
    hers = await young(any_db)
    async with any_db.begin() as session:
        await belonging.join(session, hers, number, now=NOW, today=TODAY)
        await belonging.decline(session, hers, number, now=NOW)
    signed = Registration.state == RegistrationState.signed
    assert await count(any_db, Registration, signed) == 0
    async with any_db.begin() as session:
        await belonging.join(session, hers, number, now=NOW, today=TODAY)
        made = await keeping.add_meeting(
            session, head(), number, title="Ещё одна встреча", kind=EventKind.workshop,
            starts_at=FIRST + timedelta(days=3), minutes=60, form=ActivityForm.distance, now=NOW,
        )  # fmt: skip
        assert (await events.card(session, made, hers)).own is RegistrationState.signed
    assert await count(any_db, Registration, signed) == 10


async def test_a_code_opens_a_closed_group_and_wrong_ones_are_counted(any_db: Database) -> None:
    number = await a_cohort(any_db, "assembly_point")
    hers = await young(any_db)
    async with any_db.begin() as session:
        assert await belonging.offered(session, hers, today=TODAY) == [], "a closed group is nobody's to find"
        code = await belonging.new_code(session, head(), number, on=True, now=NOW)
        assert code is not None
        assert await belonging.by_code(session, hers, "нет такого", place="cohort:vk:1", now=NOW) is None
        assert await belonging.by_code(session, hers, f" {code.lower()} ", place="cohort:vk:1", now=NOW) == number
        for _ in range(5):
            await belonging.by_code(session, hers, "XXXXXXXX", place="cohort:vk:1", now=NOW)
        with pytest.raises(UserError):
            await belonging.by_code(session, hers, code, place="cohort:vk:1", now=NOW)
        await belonging.new_code(session, head(), number, on=False, now=NOW)
        assert await belonging.by_code(session, hers, code, place="cohort:vk:2", now=NOW) is None


async def been(db: Database, number: int, person: int, times: int) -> None:
    """Marks of the first meetings, on their days."""
    async with db.read() as session:
        cohort = await session.get_one(Cohort, number)
        meetings = await reading.meetings_of(session, cohort.series_id)
    for meeting in meetings[:times]:
        async with db.begin() as session:
            await attending.mark_by_sheet(session, head(), meeting.id, [person], now=meeting.ends_at)


async def test_the_end_gives_a_fact_a_certificate_and_closes_the_step(any_db: Database) -> None:
    number = await a_cohort(any_db)
    enough, short = await young(any_db), await young(any_db, "Петрова Анна Львовна")
    async with any_db.begin() as session:
        line = catalogue.Draft(
            kind=ActivityKind.postcourse, title="Школа молодого педагога", form=ActivityForm.mixed, hours=18,
            groups=("method",), about="", source=ActivitySource.staff,
        )  # fmt: skip
        activity = await write(session, line, now=NOW)
        cohort = await session.get_one(Cohort, number)
        await keeping.change(
            session, head(), cohort.programme_id, title="Школа молодого педагога", about="", share=70, tasks_share=100,
            gives_certificate=True, activity_id=activity.id, now=NOW,
        )  # fmt: skip
        iom = Iom(
            person_id=enough, basis=IomBasis.request, starts_on=TODAY, ends_on=TODAY, created_at=NOW,
            state=IomState.active,
        )  # fmt: skip
        session.add(iom)
        await session.flush()
        step = IomStep(
            iom_id=iom.id, place=0, kind=ActivityKind.postcourse, title="x", form=ActivityForm.mixed, hours=18,
            due_on=TODAY, activity_id=activity.id,
        )  # fmt: skip
        session.add(step)
        for person in (enough, short):
            await belonging.join(session, person, number, now=NOW, today=TODAY)
        task = (await session.scalars(select(CohortTask.id))).one()
        await working.send(session, enough, task, text="Мой урок", now=NOW)
        work, total = await working.queue(session, head(), today=TODAY)
        assert (total, work[0].text) == (1, "Мой урок")
        await working.decide(session, head(), work[0].id, accept=True, now=NOW, today=TODAY)
    await been(any_db, number, enough, 7)
    await been(any_db, number, short, 7)
    async with any_db.begin() as session:
        with pytest.raises(UserError):
            await ending.finish(session, head(), number, now=NOW, today=TODAY)
    async with any_db.begin() as session:
        ended = await ending.finish(session, head(), number, now=OVER, today=OVER.date())
        assert (ended.completed, ended.ended) == (1, 1), "7 of 9 is enough, but the task is asked for as well"
        with pytest.raises(UserError):
            await ending.finish(session, head(), number, now=OVER, today=OVER.date())
    async with any_db.read() as session:
        assert (await session.get_one(IomStep, step.id)).state is StepState.accepted
        paper = await ending.own_paper(session, enough, number)
        assert (paper.title, paper.hours, paper.masked) == ("Школа молодого педагога", 14, "Ор*** В. И.")
        assert await ending.check(session, paper.number) == paper
        archive = await certificates.batch(session, head(), Of.cohort, number, today=OVER.date())
        assert list(archive.numbers) == [paper.number]
        with pytest.raises(NotFound):
            await ending.own_paper(session, short, number)
    stands = (Fact.kind == FactKind.programme_completed, Fact.voided_at.is_(None))
    assert await count(any_db, Fact, *stands) == 1
    async with any_db.begin() as session:
        await ending.revoke(session, head(), number, enough, reason="Ошибка в журнале", now=OVER)
    assert await count(any_db, Fact, *stands) == 0
    async with any_db.read() as session:
        taken_back = await ending.check(session, paper.number)
        assert taken_back is not None
        assert taken_back.revoke_reason == "Ошибка в журнале"
        assert not (await certificates.batch(session, head(), Of.cohort, number, today=OVER.date())).numbers


async def test_the_path_goes_on_with_those_who_stayed(any_db: Database) -> None:
    number = await a_cohort(any_db)
    stayed, left = await young(any_db), await young(any_db, "Петрова Анна Львовна")
    async with any_db.begin() as session:
        for person in (stayed, left):
            await belonging.join(session, person, number, now=NOW, today=TODAY)
        await belonging.decline(session, left, number, now=NOW)
        with pytest.raises(UserError):
            await keeping.lead_on(session, head(), number, title="Второй", first=FIRST, now=NOW)
        await ending.finish(session, head(), number, now=OVER, today=OVER.date())
        first = OVER + timedelta(days=30)
        second = await keeping.lead_on(session, head(), number, title="Второй год", first=first, now=OVER)
        rows = await session.execute(
            select(CohortMember.person_id, CohortMember.state).where(CohortMember.cohort_id == second)
        )
        assert [tuple(row) for row in rows] == [(stayed, MemberState.invited)]
        assert (await session.get_one(Cohort, second)).year == 2
        # She is not young on that day any more; what was begun stays with her.
        await belonging.join(session, stayed, second, now=OVER, today=date(2040, 1, 1))


async def test_a_work_is_returned_with_words_and_handed_in_again(db: Database) -> None:
    number = await a_cohort(db)
    hers = await young(db)
    async with db.begin() as session:
        await belonging.join(session, hers, number, now=NOW, today=TODAY)
        (task,) = await working.tasks(session, hers, number)
        await working.later(session, hers, task.id, now=NOW)
        with pytest.raises(UserError):
            await working.send(session, hers, task.id, text=" ", now=NOW)
        await working.send(session, hers, task.id, text="Мой урок", now=NOW)
        (work,), _ = await working.queue(session, head(), today=TODAY)
        with pytest.raises(UserError):
            await working.decide(session, head(), work.id, accept=False, comment="нет", now=NOW, today=TODAY)
        await working.decide(session, head(), work.id, accept=False, comment="Добавьте итог", now=NOW, today=TODAY)
        with pytest.raises(UserError):
            await working.decide(session, head(), work.id, accept=True, now=NOW, today=TODAY)
        line = await working.task(session, hers, task.id)
        assert (line.state, line.comment) == (WorkState.returned, "Добавьте итог")
        await working.send(session, hers, task.id, text="Мой урок с итогом", now=NOW)
        await working.decide(session, head(), work.id, accept=True, now=NOW, today=TODAY)
        with pytest.raises(UserError):
            await working.send(session, hers, task.id, text="Ещё раз", now=NOW)


async def test_who_sees_what(db: Database) -> None:
    open_one, closed = await a_cohort(db), await a_cohort(db, "assembly_point")
    async with db.begin() as session:
        school = await make_organisation(session)
        hers = (await make_person(session, birth_year=2001, teach_since_year=2025, organisation=school)).id
        await belonging.join(session, hers, open_one, now=NOW, today=TODAY)
        await belonging.mark_need(session, hers, open_one, "parents", now=NOW)
        (task,) = await working.tasks(session, hers, open_one)
        await working.send(session, hers, task.id, text="Мой урок", now=NOW)
    elsewhere = Scope(None, (Grant(Role.municipal_coordinator, ScopeKind.municipality, 10**6),))
    nobody, teacher = Scope(), Scope(hers, (Grant(Role.teacher, ScopeKind.region),))
    own = Scope(None, (Grant(Role.municipal_coordinator, ScopeKind.municipality, school.municipality_id),))
    async with db.read() as session:
        for scope in (nobody, teacher):
            with pytest.raises(NotAllowed):
                await keeping.listing(session, scope)
            with pytest.raises(NotAllowed):
                await working.queue(session, scope, today=TODAY)
        assert (await keeping.page(session, elsewhere, open_one, today=TODAY)).members == ()
        page = await keeping.page(session, own, open_one, today=TODAY)
        assert [one.person_id for one in page.members] == [hers]
        assert (page.members[0].needs, page.needs) == ((), ()), "what she marked is for those who lead"
        assert [one.kind.value for one in await keeping.listing(session, own)] == ["young_school"]
        with pytest.raises(NotAllowed):
            await keeping.page(session, own, closed, today=TODAY)
        assert (await keeping.page(session, head(), open_one, today=TODAY)).needs == (("Родители", 1),)
        assigned = Scope(None, (Grant(Role.methodist, ScopeKind.assigned),))
        assert (await working.queue(session, assigned, today=TODAY))[1] == 0
        with pytest.raises(NotFound):
            await working.task(session, hers + 1, task.id)


async def test_the_number_of_queries_does_not_grow(db: Database) -> None:
    number = await a_cohort(db)

    async def cost() -> int:
        seen: list[object] = []

        def count_one(*what: object) -> None:
            seen.append(what)

        event.listen(db.reader.sync_engine, "before_cursor_execute", count_one)
        async with db.read() as session:
            await keeping.page(session, head(), number, today=TODAY)
        event.remove(db.reader.sync_engine, "before_cursor_execute", count_one)
        return len(seen)

    async with db.begin() as session:
        first = (await make_person(session, birth_year=2001, teach_since_year=2025)).id
        await belonging.join(session, first, number, now=NOW, today=TODAY)
    before = await cost()
    async with db.begin() as session:
        for _ in range(20):
            person = await make_person(session, birth_year=2001, teach_since_year=2025)
            await belonging.join(session, person.id, number, now=NOW, today=TODAY)
    assert await cost() == before


async def test_the_register_as_a_table(db: Database) -> None:
    number = await a_cohort(db, "team_turnkey")
    hers = await young(db, "=1+1 Вера Ивановна")
    async with db.begin() as session:
        await belonging.invite(session, head(), number, [hers], now=NOW, today=TODAY)
        await belonging.join(session, hers, number, now=NOW, today=TODAY)
        page = await keeping.page(session, head(), number, today=TODAY)
    content = papers.xlsx(Texts(ROOT / "locales").translator(), page)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    printed(sheet)
    rows = list(sheet.values)
    assert len(rows[0]) == 4 + 4 + 1 + 4
    assert rows[1][0] == "=1+1 Вера Ивановна"
    assert rows[1][3] == "участвует"


async def test_nothing_is_added_to_a_finished_cohort(db: Database) -> None:
    number = await a_cohort(db, "postcourse")
    async with db.begin() as session:
        await ending.finish(session, head(), number, now=OVER, today=OVER.date())
        assert (await session.get_one(Cohort, number)).state is CohortState.finished
        with pytest.raises(UserError):
            await belonging.invite(session, head(), number, [], now=OVER, today=OVER.date())
        with pytest.raises(UserError):
            await working.give(session, head(), number, title="x", text="текст", due_on=OVER.date(), now=OVER)
        with pytest.raises(UserError):
            await keeping.add_meeting(
                session, head(), number, title="x", kind=EventKind.school, starts_at=OVER + timedelta(days=1),
                minutes=60, form=ActivityForm.mixed, now=OVER,
            )  # fmt: skip
        assert (await session.scalar(select(func.count()).select_from(Event))) == 3
