"""The half-year report and the indicator T-22 over one small history: where they agree, and every case in which not."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import Database
from bot.models import FactKind, MentorPair, Organisation, PairState, Person, Side
from bot.rules.indicators.periods import Period
from bot.services import facts, my_data
from bot.services.indicators import counting
from bot.services.mentoring import leaving, monitoring, pairs
from tests.factories import NOW, make_person
from tests.services.test_mentoring import HEAD, TODAY, school

ZONE = ZoneInfo("Europe/Moscow")
HALF = Period("2026-2", date(2026, 7, 1), date(2026, 12, 31))
FAR = date(2027, 8, 31)


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    counting.forget()


async def a_pair(
    session: AsyncSession,
    place: Organisation,
    *,
    since: date,
    until: date = FAR,
    ended: date | None = None,
    confirmed: bool = True,
    prolonged: date | None = None,
) -> None:
    """A pair with its order and its facts, as the services leave them."""
    mentor = await make_person(session, "Опытная Анна Львовна", organisation=place)
    mentee = await make_person(
        session, "Новикова Ольга Игоревна", organisation=place, birth_year=2000, teach_since_year=2025,
        confirmed=confirmed,
    )  # fmt: skip
    pair = MentorPair(
        mentor_id=mentor.id, mentee_id=mentee.id, organisation_id=place.id, municipality_id=place.municipality_id,
        state=PairState.active, since=since, until=until, order_no="17-н", order_date=since, created_at=NOW,
        published_at=NOW, lines=[],
    )  # fmt: skip
    session.add(pair)
    await session.flush()
    for person, side in ((mentor, "mentor"), (mentee, "mentee")):
        told = {"source": ("mentor_pair", pair.id), "now": NOW, "evidence": {"side": side}}
        await facts.add(session, person.id, FactKind.paired, occurred_on=since, **told)  # type: ignore[arg-type]
    if prolonged is not None:
        await pairs.prolong(session, HEAD, pair.id, no="18-н", on=prolonged, until=FAR, now=NOW, today=prolonged)
    if ended is not None:
        pair.leaves_on, pair.left_by = ended, Side.mentee
        await leaving.due(session, now=datetime.combine(ended, time(12), ZONE), today=ended)


async def both(db: Database) -> tuple[int, int | None]:
    """Young people with a mentor: of the report, of the indicator."""
    async with db.read() as session:
        report = await monitoring.report(session, HEAD, HALF.name, zone=ZONE, today=TODAY)
        made = await counting.report(session, HALF, now=NOW, zone=ZONE)
    return report.total("covered"), made.line("T-22").outcome.numerator


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        pytest.param({"since": date(2026, 9, 1)}, (1, 1), id="of this half"),
        pytest.param({"since": date(2025, 10, 1)}, (1, 1), id="of the year before, still working"),
        pytest.param({"since": date(2026, 2, 1), "ended": date(2026, 6, 1)}, (0, 0), id="ended before the half"),
        pytest.param(
            {"since": date(2025, 5, 1), "until": date(2026, 4, 30), "prolonged": date(2026, 4, 20)},
            (1, 1),
            id="of long ago, prolonged by another order",
        ),
        pytest.param(
            {"since": date(2025, 5, 1), "until": date(2026, 4, 30), "prolonged": date(2026, 4, 20)}
            | {"ended": date(2026, 6, 15)},
            (0, 0),
            id="prolonged and ended before the half",
        ),
        # From here on they differ, and the page says so.
        pytest.param(
            {"since": date(2026, 9, 1), "ended": date(2026, 11, 1)}, (0, 1), id="worked in the half and ended"
        ),
        pytest.param(
            {"since": date(2026, 2, 1), "until": date(2026, 10, 1)}, (0, 1), id="the term ran out, not closed"
        ),
        pytest.param({"since": date(2025, 5, 1)}, (1, 0), id="one order for more than twelve months"),
        pytest.param({"since": date(2026, 9, 1), "confirmed": False}, (1, 0), id="a person nobody confirmed"),
    ],
)
async def test_where_the_two_agree_and_where_not(
    db: Database, pair: dict[str, object], expected: tuple[int, int]
) -> None:
    place = await school(db)
    async with db.begin() as session:
        await a_pair(session, place, **pair)  # type: ignore[arg-type]
    assert await both(db) == expected


async def test_the_end_of_a_prolonged_pair_is_one_line_of_my_data(db: Database) -> None:
    """Each order has an end of its own for the indicators; a person is told of the pair."""
    place = await school(db)
    async with db.begin() as session:
        await a_pair(
            session, place, since=date(2025, 9, 1), until=date(2026, 8, 31), prolonged=date(2026, 8, 20),
            ended=date(2026, 11, 10),
        )  # fmt: skip
    async with db.read() as session:
        people = list(await session.scalars(select(Person.id).order_by(Person.id)))
        told = [(await my_data.collect(session, person))["facts"] for person in people[-2:]]
    for lines in told:
        assert [(row["kind"], row["occurred_on"]) for row in lines] == [
            (FactKind.paired, date(2025, 9, 1)), (FactKind.paired, date(2026, 8, 20)),
            (FactKind.mentoring_ended, date(2026, 11, 10)),
        ]  # fmt: skip
