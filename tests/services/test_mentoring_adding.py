"""«Что, если» on both databases: the indicator's own share and denominator, within the coordinator's reach."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from bot.db import Database
from bot.errors import NotAllowed
from bot.models import MentorPair, Municipality, Organisation, PairState, Person, Role, ScopeKind
from bot.rules.mentoring import Cover, Share, Step, Way
from bot.services.access import Grant, Scope
from bot.services.indicators import at_hand, counting, figures
from bot.services.indicators.figures import Entry
from bot.services.mentoring import adding, profiles
from bot.services.mentoring.profiles import NeedCard
from tests.factories import NOW, make_municipality, make_organisation
from tests.services.test_mentoring import (
    HEAD,
    TODAY,
    agreed,
    matched,
    mentee,
    mentor,
    offered,
    on_both,  # noqa: F401 — a fixture
    ordered,
    pair_of,
    school,
)

ZONE = ZoneInfo("Europe/Moscow")
HALF, MORE = Fraction(50), Fraction(70)


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    counting.forget()


async def asked(db: Database, scope: Scope = HEAD, *, town: int | None = None, **more: Any) -> adding.WhatIf:
    return await adding.what_if(db, scope, municipality_id=town, now=NOW, zone=ZONE, **more)


async def young_people(db: Database, value: int, town: int | None = None) -> None:
    """The official number of young teachers of a place."""
    async with db.begin() as session:
        entry = Entry("young_teachers", town, date(2026, 1, 1), date(2026, 12, 31), value, "ОО-1")
        await figures.enter(session, HEAD, [entry], now=NOW)


async def a_working_pair(db: Database, place: Organisation, name: str) -> None:
    """With both consents and an order: the indicator counts it."""
    anna = await mentor(db, f"Опытная {name}", organisation=place, load=1)
    olga = await mentee(db, f"Новикова {name}", organisation=place)
    await matched(db)
    pair_id = await offered(db, olga)
    await agreed(db, anna, olga, pair_id=pair_id)
    await ordered(db, pair_id)


async def test_the_share_is_the_indicator_s(on_both: Database) -> None:  # noqa: F811
    db = on_both
    place = await school(db)
    await young_people(db, 10)
    await a_working_pair(db, place, "Анна")
    # Both have agreed, the order is not there yet: on the way.
    anna = await mentor(db, "Опытная Вера", organisation=place, load=1)
    olga = await mentee(db, "Новикова Вера", organisation=place)
    await matched(db)
    await agreed(db, anna, olga, pair_id=await offered(db, olga))
    await mentor(db, "Опытная Галина", organisation=place, load=1)
    for number in range(6):
        await mentee(db, f"Молодых {number}", organisation=place)
    # Not young, and somebody nobody confirmed: a mentor for them changes no indicator.
    await mentee(db, "Давно Работает", organisation=place, teach_since_year=2001, birth_year=1975, basis="own")
    lost = await mentee(db, "Неподтверждённая Ольга", organisation=place)
    async with db.begin() as session:
        await session.execute(update(Person).where(Person.id == lost).values(confirmed_at=None))

    found = await asked(db, more=1)
    assert (found.now, found.then, found.needing) == (1, 4, 8)
    assert found.young is not None
    assert (found.young.share, found.young.cover) == (Share(1, 1, 10), Cover(6, 1, 6))
    async with db.read() as session:
        report = await counting.report(session, at_hand.year_of(TODAY), now=NOW, zone=ZONE)
    outcome = report.line("T-22").outcome
    assert found.young.share.percent() == outcome.value == Fraction(10)
    assert (found.young.share.counted, found.young.share.whole) == (outcome.numerator, outcome.denominator)
    assert found.young.share.percent(found.young.present) == Fraction(30)
    assert found.young.share.percent(found.young.then) == Fraction(60)
    assert found.young.steps == (Step(HALF, Way.mentors, 1), Step(MORE, Way.mentors, 2))
    (wider,) = found.young.wider
    assert (wider.definition.id, wider.outcome) == ("SMO-I15", report.line("SMO-I15").outcome)


async def test_a_pair_of_this_year_that_ended_is_counted_once(db: Database) -> None:
    """She asks again: the indicator has her already, another mentor adds nobody to it."""
    place = await school(db)
    await young_people(db, 4)
    await a_working_pair(db, place, "Анна")
    async with db.read() as session:
        olga = await session.scalar(select(Person.id).where(Person.last_name == "Новикова"))
    assert olga is not None
    pair = await pair_of(db, olga)
    assert pair is not None
    async with db.begin() as session:
        await session.execute(
            update(MentorPair).where(MentorPair.id == pair.id).values(state=PairState.broken, closed_at=NOW)
        )
        await profiles.save_need(session, olga, NeedCard(("method",), parts=("after",)), now=NOW, today=TODAY)
    found = await asked(db)
    assert found.needing == 1
    assert found.young is not None
    assert (found.young.share, found.young.cover.asking) == (Share(1, 0, 4), 0)


async def test_of_another_subject_says_whom_such_mentors_do_not_bring(db: Database) -> None:
    place = await school(db)
    await young_people(db, 4)
    for number, subject in enumerate(("math", "math", "history")):
        await mentee(db, f"Молодых {number}", organisation=place, subjects=(subject,))
    async with db.read() as session:
        assert [one.key for one in await adding.subjects(session, HEAD, municipality_id=None)] == ["math", "history"]
        nowhere = await adding.subjects(session, HEAD, municipality_id=10_000)
    assert nowhere == []

    async def steps(subject: str, mode: str = "quality") -> tuple[Step, ...]:
        found = await asked(db, subject=subject, mode=mode)
        assert found.young is not None
        return found.young.steps

    assert await steps("math") == (Step(HALF, Way.mentors, 1), Step(MORE, Way.other_kind, missing=1))
    assert await steps("history") == (Step(HALF, Way.other_kind, missing=1), Step(MORE, Way.other_kind, missing=2))
    assert await steps("history", "nobody_forgotten") == (Step(HALF, Way.mentors, 1), Step(MORE, Way.mentors, 1))
    await young_people(db, 100)
    assert await steps("") == (Step(HALF, Way.few_ask, missing=47), Step(MORE, Way.few_ask, missing=67))


async def test_a_coordinator_sees_the_share_of_her_district_only(db: Database) -> None:
    async with db.begin() as session:
        near, far = await make_municipality(session, "Близкий"), await make_municipality(session, "Дальний")
        here = await make_organisation(session, "Школа № 1", municipality=near)
        there = await make_organisation(session, "Школа № 2", municipality=far)
        places = [one for one in await session.scalars(select(Municipality.id)) if one]
    for one in places:
        await young_people(db, {near.id: 4, far.id: 40}.get(one, 1), one)
    await a_working_pair(db, here, "Анна")
    await a_working_pair(db, there, "Вера")
    await mentee(db, "Молодых Ольга", organisation=here)
    scope = Scope(None, (Grant(Role.municipal_coordinator, ScopeKind.municipality, near.id),))
    found = await asked(db, scope, town=near.id)
    assert found.young is not None
    assert found.young.share == Share(1, 0, 4)
    assert found.young.steps == (Step(HALF, Way.mentors, 1), Step(MORE, Way.few_ask, missing=1))
    for town in (far.id, None):
        with pytest.raises(NotAllowed):
            await asked(db, scope, town=town)
    whole = await asked(db)
    assert whole.young is not None
    assert whole.young.share == Share(2, 0, 44 + len(places) - 2)


async def test_without_a_denominator_or_an_indicator_there_is_no_share(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = await school(db)
    for number in range(3):
        await mentee(db, f"Молодых {number}", organisation=place)
    found = await asked(db, more=1)
    assert (found.now, found.then, found.needing, found.young, found.reason) == (0, 3, 3, None, "no-denominator")
    await young_people(db, 0)
    assert (await asked(db)).reason == "zero"
    await young_people(db, 3)
    found = await asked(db)
    assert found.young is not None
    assert found.young.share == Share(0, 0, 3)

    async def of_nothing(*_: object) -> str:
        return "no such pack"

    monkeypatch.setattr(counting, "pack_of", of_nothing)
    counting.forget()
    assert (await asked(db)).reason == "not-kept"
