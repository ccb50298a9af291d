"""Two rows, one person: everything moves, nothing is said twice, nobody oversteps."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Select, UniqueConstraint, func, select

from bot.db import Database
from bot.errors import NotAllowed, UserError
from bot.models import (
    Attempt,
    AttemptState,
    Base,
    Body,
    BroadcastRecipient,
    CampaignInvite,
    Change,
    ConsentText,
    Employment,
    EmploymentSubject,
    Fact,
    FactKind,
    InstrumentVersion,
    InviteState,
    MailingChoice,
    MessageClass,
    Messenger,
    Outbox,
    Person,
    RecipientState,
    Role,
    RoleAssignment,
    ScopeKind,
    TextOverride,
)
from bot.services import facts, merging, search
from bot.services.access import Grant, Scope
from tests.factories import NOW, give_role, make_event, make_organisation, make_person
from tests.services.merging_rows import (
    HEAD,
    ROWS,
    TODAY,
    a_cohort,
    a_form,
    a_measure,
    a_pair,
    a_practice,
    a_question,
    a_route,
    any_id,
    broadcast,
    campaign,
    register_record,
)


@pytest.fixture
def in_region() -> bool:
    return True


"""A row for every reference to a person. A new table with one needs a line here."""


def names(references: list) -> set[tuple[str, str]]:  # type: ignore[type-arg]
    return {(table.name, column) for table, column in references}


def test_every_reference_has_a_row_here() -> None:
    assert names(merging.references()) == set(ROWS)


def test_what_is_unique_for_a_person_is_resolved() -> None:
    for table, column in merging.references():
        keys = [key.columns for key in table.constraints if isinstance(key, UniqueConstraint)]
        keys += [index.columns for index in table.indexes if index.unique] + [table.primary_key.columns]
        if any(column in {one.name for one in key} for key in keys):
            assert (table.name, column) in merging.RESOLVERS, f"{table.name}.{column}"


async def two(db: Database) -> tuple[int, int]:
    async with db.begin() as session:
        place = await make_organisation(session)
        keep = await make_person(session, organisation=place, accounts={Messenger.telegram: 1})
        gone = await make_person(session, organisation=place, accounts={Messenger.web: 2})
    return keep.id, gone.id


async def count(db: Database, statement: Select[int]) -> int:
    async with db.read() as session:
        return await session.scalar(statement) or 0


@pytest.mark.parametrize("reference", sorted(ROWS), ids=".".join)
async def test_every_reference_moves(db: Database, reference: tuple[str, str]) -> None:
    keep, gone = await two(db)
    table = Base.metadata.tables[reference[0]]
    column = table.c[reference[1]]
    async with db.begin() as session:
        third = await make_person(session, "Третья Вера Львовна")
        extra: dict[str, Any] = {
            "third": third.id,
            "text": await any_id(session, ConsentText),
            "version": await any_id(session, InstrumentVersion),
            "body": await any_id(session, Body),
            "place": (await make_organisation(session, "Школа № 99")).id,
            **await a_route(session, third.id),
            **await a_question(session),
            "practice": await a_practice(session, third.id),
            **await a_pair(session, third.id),
            **await a_cohort(session),
        }
        session.add_all(
            (autumn := campaign(extra["version"]), said := broadcast(), line := register_record(), asked := a_form())
        )
        await session.flush()
        extra["record"], extra["form"] = line.id, asked.id
        extra["campaign"] = autumn.id
        extra["measure"], extra["occurrence"] = await a_measure(session)
        extra["event"] = (await make_event(session)).id
        extra["events"] = [(await make_event(session)).id for _ in range(2)]
        extra["campaign"], extra["broadcast"] = autumn.id, said.id
        session.add(ROWS[reference](gone, extra))
    of_keep = select(func.count()).select_from(table).where(column == keep)
    before = await count(db, of_keep)
    async with db.begin() as session:
        await merging.merge(session, HEAD, keep, gone, now=NOW)
    assert await count(db, of_keep) == before + (2 if reference == ("identities", "person_id") else 1)
    assert await count(db, select(func.count()).select_from(table).where(column == gone)) == 0


@pytest.mark.parametrize("reference", sorted(ROWS), ids=".".join)
async def test_what_both_have_does_not_stand_in_the_way(db: Database, reference: tuple[str, str]) -> None:
    keep, gone = await two(db)
    async with db.begin() as session:
        third = await make_person(session, "Третья Вера Львовна")
        extra: dict[str, Any] = {
            "third": third.id,
            "text": await any_id(session, ConsentText),
            "version": await any_id(session, InstrumentVersion),
            "body": await any_id(session, Body),
            "place": (await make_organisation(session, "Школа № 99")).id,
            **await a_route(session, third.id),
            **await a_question(session),
            "practice": await a_practice(session, third.id),
            **await a_pair(session, third.id),
            **await a_cohort(session),
        }
        session.add_all(
            (autumn := campaign(extra["version"]), said := broadcast(), line := register_record(), asked := a_form())
        )
        await session.flush()
        extra["record"], extra["form"] = line.id, asked.id
        extra["campaign"] = autumn.id
        extra["measure"], extra["occurrence"] = await a_measure(session)
        extra["event"] = (await make_event(session)).id
        extra["events"] = [(await make_event(session)).id for _ in range(2)]
        extra["campaign"], extra["broadcast"] = autumn.id, said.id
        for person_id in (keep, gone):
            row = ROWS[reference](person_id, extra)
            if not isinstance(row, TextOverride):
                session.add(row)
    async with db.begin() as session:
        await merging.merge(session, HEAD, keep, gone, now=NOW)
    assert await count(db, select(func.count()).select_from(Person).where(Person.id == gone)) == 0


async def test_one_job_and_the_subjects_of_both(db: Database) -> None:
    async with db.begin() as session:
        place = await make_organisation(session)
        keep = await make_person(session, organisation=place, subjects=("math",))
        gone = await make_person(session, organisation=place, subjects=("math", "physics"))
        (await session.scalars(select(Employment).where(Employment.person_id == gone.id))).one().since = date(
            2012, 9, 1
        )
        await session.flush()
        await merging.merge(session, HEAD, keep.id, gone.id, now=NOW)
    async with db.read() as session:
        job = (await session.scalars(select(Employment))).one()
        assert (job.person_id, job.since) == (keep.id, date(2012, 9, 1))
        assert set(await session.scalars(select(EmploymentSubject.subject_slug))) == {"math", "physics"}


async def test_a_second_main_job_becomes_an_additional_one(db: Database) -> None:
    async with db.begin() as session:
        keep, gone = await make_person(session), await make_person(session)
        await merging.merge(session, HEAD, keep.id, gone.id, now=NOW)
    async with db.read() as session:
        assert sorted(await session.scalars(select(Employment.is_main))) == [False, True]


async def test_of_two_open_attempts_the_later_goes_on(db: Database) -> None:
    keep, gone = await two(db)
    async with db.begin() as session:
        version = await any_id(session, InstrumentVersion)
        for person_id, moment in ((keep, NOW), (gone, NOW + timedelta(hours=1))):
            attempt = ROWS[("attempts", "person_id")](person_id, {"version": version})
            attempt.touched_at = moment  # type: ignore[attr-defined]
            session.add(attempt)
    async with db.begin() as session:
        await merging.merge(session, HEAD, keep, gone, now=NOW)
    async with db.read() as session:
        rows = await session.execute(select(Attempt.state, Attempt.touched_at).order_by(Attempt.touched_at))
        assert [row.state for row in rows] == [AttemptState.abandoned, AttemptState.open]


async def test_of_two_invitations_the_one_that_went_further_stays(db: Database) -> None:
    keep, gone = await two(db)
    async with db.begin() as session:
        session.add(autumn := campaign(await any_id(session, InstrumentVersion)))
        await session.flush()
        session.add(CampaignInvite(campaign_id=autumn.id, person_id=keep, state=InviteState.invited))
        session.add(CampaignInvite(campaign_id=autumn.id, person_id=gone, state=InviteState.declined, answered_at=NOW))
    async with db.begin() as session:
        await merging.merge(session, HEAD, keep, gone, now=NOW)
    async with db.read() as session:
        (invite,) = list(await session.scalars(select(CampaignInvite)))
    assert (invite.person_id, invite.state) == (keep, InviteState.declined)


async def test_one_broadcast_to_both_is_one_message_and_the_later_choice_counts(db: Database) -> None:
    keep, gone = await two(db)
    async with db.begin() as session:
        session.add(said := broadcast())
        await session.flush()
        for person_id, moment, is_on in ((keep, NOW, False), (gone, NOW + timedelta(hours=1), True)):
            row = Outbox(
                person_id=person_id, message_class=MessageClass.news, kind="broadcast:1", dedupe=f"b:{person_id}",
                screen={}, not_before=NOW, created_at=NOW,
            )  # fmt: skip
            session.add(row)
            await session.flush()
            session.add(
                BroadcastRecipient(
                    broadcast_id=said.id, person_id=person_id, state=RecipientState.waiting, outbox_id=row.id
                )
            )
            session.add(MailingChoice(person_id=person_id, topic="kind:news", is_on=is_on, changed_at=moment))
    async with db.begin() as session:
        await merging.merge(session, HEAD, keep, gone, now=NOW)
    async with db.read() as session:
        states = sorted(state.value for state in await session.scalars(select(Outbox.state)))
        (choice,) = list(await session.scalars(select(MailingChoice)))
        assert await session.scalar(select(func.count()).select_from(BroadcastRecipient)) == 1
    assert states == ["expired", "queued"]
    assert (choice.person_id, choice.is_on) == (keep, True)


async def test_a_role_held_twice_is_held_once_and_lasts_longest(db: Database) -> None:
    async with db.begin() as session:
        keep, gone = await make_person(session), await make_person(session)
        await give_role(session, keep, Role.mentor, until=date(2027, 1, 1))
        await give_role(session, gone, Role.mentor, until=date(2028, 1, 1), since=date(2025, 9, 1))
        await give_role(session, gone, Role.tutor)
        await merging.merge(session, HEAD, keep.id, gone.id, now=NOW)
    async with db.read() as session:
        rows = list(await session.scalars(select(RoleAssignment).order_by(RoleAssignment.role)))
    assert [(row.role, row.since, row.until) for row in rows] == [
        (Role.mentor, date(2025, 9, 1), date(2028, 1, 1)),
        (Role.tutor, date(2026, 1, 1), None),
    ]


async def test_a_fact_counts_once(db: Database) -> None:
    keep, gone = await two(db)
    async with db.begin() as session:
        for person_id, source in ((keep, 1), (gone, 1), (gone, 2)):
            await facts.add(
                session, person_id, FactKind.diagnosed, occurred_on=TODAY, source=("campaign", source), now=NOW
            )
    async with db.begin() as session:
        await merging.merge(session, HEAD, keep, gone, now=NOW)
        key = (await session.get_one(Person, keep)).key
    async with db.read() as session:
        rows = list(await session.scalars(select(Fact).order_by(Fact.id)))
    assert {row.person_key for row in rows} == {key}
    assert [row.void_reason for row in rows] == ["", "merge", ""]


async def test_what_the_kept_row_lacks_comes_from_the_other(db: Database) -> None:
    async with db.begin() as session:
        keep = await make_person(session, "Иванова Мария", confirmed=False)
        gone = await make_person(session, "Иванова Мария Петровна")
        keep.birth_year, gone.import_key = None, "1001"
        await search.index(session, "person", gone.id, gone.full_name)
        await session.flush()
        await merging.merge(session, HEAD, keep.id, gone.id, now=NOW)
    async with db.read() as session:
        person = (await session.scalars(select(Person))).one()
        assert (person.middle_name, person.birth_year, person.import_key) == ("Петровна", 1984, "1001")
        assert person.confirmed_at == NOW
        assert [found for found, _ in await search.find(session, "person", "мария петровна")] == [keep.id]
        change = (await session.scalars(select(Change))).one()
        assert (change.action, change.entity_id, change.before) == ("merged", keep.id, {"gone": gone.id})


async def test_nobody_merges_beyond_her_reach(db: Database) -> None:
    async with db.begin() as session:
        first, second = await make_person(session), await make_person(session)
        place = (await session.scalars(select(Employment.organisation_id))).first()
        own_school = Scope(None, (Grant(Role.centre_staff, ScopeKind.organisation, place),))
        for scope in (own_school, Scope(None, (Grant(Role.methodist, ScopeKind.region),)), Scope()):
            with pytest.raises(NotAllowed):
                await merging.merge(session, scope, first.id, second.id, now=NOW)
        with pytest.raises(UserError):
            await merging.merge(session, HEAD, first.id, first.id, now=NOW)
    assert await count(db, select(func.count()).select_from(Person)) == 2


async def test_doubles_are_suspected_by_name_and_year(db: Database) -> None:
    async with db.begin() as session:
        first = await make_person(session)
        second = await make_person(session)
        await make_person(session, birth_year=1999)
        await make_person(session, "Другая Вера Львовна")
        pairs = await merging.doubles(session, HEAD, now=NOW)
    assert [(a, b) for a, b, _ in pairs] == [(first.id, second.id)]
