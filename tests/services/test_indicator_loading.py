"""The ledger as arrays: odd keys, gaps between numbers, evidence of every kind, on both databases."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from bot.db import Database
from bot.models import Employment, Fact, FactKind, Messenger, MethodistAssignment, Person, Role, ScopeKind
from bot.rules.indicators.model import Count, Rule, Who
from bot.rules.indicators.periods import Period
from bot.services.access import Grant, Scope
from bot.services.indicators import engagement, loading
from tests.factories import NOW, make_organisation, make_person

ZONE = ZoneInfo("Europe/Moscow")
YEAR = Period("2026", date(2026, 1, 1), date(2026, 12, 31))
HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
BOTH = pytest.mark.parametrize("database", ["sqlite", pytest.param("@postgres", marks=pytest.mark.postgres)])


@pytest.fixture
def in_region() -> bool:
    return True


@BOTH
async def test_every_row_comes_with_its_own_columns(
    db: Database, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "PORTION", 3)
    odd = {"tags": ["выгорание, «сон»", "a\x1fb\n", 'quote"']}
    async with db.begin() as session:
        schools = [await make_organisation(session, f"Школа {n}") for n in range(2)]
        people = [await make_person(session, f"Иванова {n}", organisation=schools[n % 2]) for n in range(5)]
        await session.execute(update(Person).where(Person.id == people[1].id).values(key="short"))
        await session.execute(
            update(Person).where(Person.id == people[2].id).values(confirmed_at=None, teach_since=date(2026, 2, 3))
        )
        keys = [one.key for one in people]
        keys[1] = "short"
        rows = [
            # number of the fact, person, day, school, evidence
            (900_002, keys[0], date(2026, 3, 2), 0, odd),
            (900_001, keys[0], date(2026, 3, 2), 1, {}),
            (17, keys[1], date(2026, 3, 1), None, {"tags": []}),
            (18, "f" * 32, date(2026, 12, 31), 1, {}),
            (20, "f" * 32, date(2026, 1, 1), 1, {}),
            (21, keys[4], date(2027, 1, 1), 1, {}),
        ]
        for number, key, on, school, evidence in rows:
            session.add(
                Fact(
                    id=number, person_key=key, kind=FactKind.attended, occurred_on=on, recorded_at=NOW,
                    organisation_id=None if school is None else schools[school].id,
                    municipality_id=None if school is None else schools[school].municipality_id,
                    source_type="test", source_id=number, evidence=evidence,
                )
            )  # fmt: skip
        session.add(MethodistAssignment(methodist_id=people[3].id, person_id=people[4].id, since=date(2026, 5, 6)))
        await session.execute(
            update(Employment).where(Employment.person_id == people[0].id).values(until=date(2026, 6, 30))
        )
        numbers = [one.id for one in people]
    rule = Rule(Count.people, facts=("attended",), where=(("tags", ("quote",)),), who=(Who.young,))
    async with db.read() as session:
        made = await loading.load(session, [rule], [YEAR], until=YEAR.last, known_at=None, zone=ZONE)
    attended = made.facts["attended"]
    assert attended.ids.tolist() == [20, 17, 900_001, 900_002, 18], "by day, then by number"
    assert attended.source.tolist() == attended.ids.tolist()
    persons = [made.people.ids[one] if one < made.people.known else None for one in attended.person.tolist()]
    assert persons == [None, numbers[1], numbers[0], numbers[0], None]
    assert attended.person[0] == attended.person[4] == made.people.known, "one deleted person is one"
    assert attended.day[1] == date(2026, 3, 1).toordinal()
    assert attended.organisation.tolist()[1:4] == [0, schools[1].id, schools[0].id]
    assert made.words[attended.words[3]] == odd
    assert made.people.confirmed.tolist().count(False) == 1
    place = numbers.index(made.people.ids[2])
    assert not made.people.confirmed[place]
    assert made.places.organisation[made.people.ids.tolist().index(numbers[0])] == 0, "the job has ended by then"
    assert made.places.organisation[made.people.ids.tolist().index(numbers[1])] == schools[1].id
    (methodist,), (since,) = made.appointed.methodist.tolist(), made.appointed.since.tolist()
    assert made.people.ids[methodist] == numbers[3]
    assert since == date(2026, 5, 6).toordinal()


@BOTH
async def test_the_use_of_the_bot_is_counted_alike(db: Database, database: str) -> None:
    async with db.begin() as session:
        school = await make_organisation(session, "Школа")
        for number in range(6):
            person = await make_person(
                session, f"Иванова {number}", organisation=school, accounts={Messenger.vk: number + 1}
            )
            for kind in (FactKind.diagnosed, FactKind.attended) if number else (FactKind.attended,):
                session.add(
                    Fact(
                        person_key=person.key, kind=kind, occurred_on=date(2026, 5, 6), recorded_at=NOW,
                        source_type="test", source_id=number, evidence={},
                    )
                )  # fmt: skip
    async with db.read() as session:
        found = await engagement.engagement(session, HEAD, now=NOW, zone=ZONE)
    assert found.whole.counts == (6, 5, None, None, None), "who has no route is not counted at a meeting"
    assert [(row.title, row.counts[:2]) for row in found.channels] == [("vk", (6, 5))]
    assert len(found.weeks) == engagement.WEEKS


@BOTH
async def test_an_empty_region_is_no_mistake(db: Database, database: str) -> None:
    rule = Rule(Count.people, facts=("attended",), where=(("tags", ("x",)),), who=(Who.young,))
    async with db.read() as session:
        then = datetime(2026, 1, 1, tzinfo=ZONE)
        made = await loading.load(session, [rule], [YEAR], until=YEAR.last, known_at=then, zone=ZONE)
    assert len(made.people.ids) == 0
    assert len(made.facts["attended"]) == 0
