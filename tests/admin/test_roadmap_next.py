"""Next year's roadmap from what goes on: proposed with its days, put right, a draft; no day is in two roadmaps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from sqlalchemy import select

from bot.db import Database
from bot.models import BodyPost, Measure, MeasurePart, MeasurePerson, Occurrence, OccurrenceState, Roadmap, Role
from bot.models import RoadmapState as State
from bot.services import roadmap
from bot.services.roadmap import Row, next_year
from tests.admin.conftest import SignIn
from tests.factories import NOW
from tests.roads import HEAD, make_body, make_member, run_roadmap

ROWS = [
    Row("Собрать отчёты", "ежеквартально", code="1", result="отчёт", result_kind="report", indicators=("T-15",)),
    Row("Провести форум", "ежегодно до 20 сентября", code="2"),
    Row("Начать цикл", "сентябрь 2026 г. (далее – ежеквартально)", code="3"),
    Row("Вести страницу", "постоянно", code="4"),
    Row("Замер", "ежегодно (по графику ФИОКО)", code="5"),
    Row("Утвердить положение", "до 15 марта 2026 года", code="6"),
    Row("Обновить сведения", "раз в три года", code="7"),
]


@pytest.fixture
async def plan(db: Database) -> int:
    async with db.begin() as session:
        body = await make_body(session)
        me = await make_member(session, body, BodyPost.responsible, "Рябинина Зоя Филипповна")
        number = await run_roadmap(session, ROWS, body.id, now=NOW, since=date(2026, 1, 1))
        (first,) = await session.scalars(select(Measure.id).where(Measure.code == "1"))
        session.add(MeasurePerson(measure_id=first, part=MeasurePart.responsible, person_id=me.id, at=NOW))
    return number


async def due(db: Database, roadmap_id: int, code: str, year: int) -> list[date]:
    async with db.read() as session:
        rows = await session.scalars(
            select(Occurrence.due)
            .join(Measure, Measure.id == Occurrence.measure_id)
            .where(Measure.roadmap_id == roadmap_id, Measure.code == code)
            .where(Occurrence.state != OccurrenceState.cancelled)
            .order_by(Occurrence.due)
        )
        return [day for day in rows if day.year == year]


async def test_what_goes_on_is_proposed_with_the_days_it_has(db: Database, plan: int) -> None:
    async with db.read() as session:
        found = await next_year.propose(session, HEAD, plan)
    said = {one.code: (one.lasting, one.deadline, [day.isoformat() for day in one.days]) for one in found.measures}
    assert said["1"] == (True, "ежеквартально", ["2027-03-31", "2027-06-30", "2027-09-30", "2027-12-31"])
    assert said["2"] == (True, "ежегодно до 20 сентября", ["2027-09-20"])
    assert said["3"][0]
    assert said["3"][2]
    assert said["4"] == (True, "постоянно", [])
    assert said["5"][:2] == (True, "ежегодно (по графику ФИОКО)")
    assert said["6"] == (False, "", []), "it was for once"
    assert said["7"] == (False, "", []), "its next day is in 2028"


async def test_the_words_of_another_year_become_its_days(db: Database) -> None:
    """«Раз в два года» is counted from the year of the document: in the new one it would mean other days."""
    async with db.begin() as session:
        body = await make_body(session)
        rows: Sequence[Row] = [Row("Смотр", "раз в два года", code="1")]
        number = await run_roadmap(session, list(rows), body.id, now=NOW, since=date(2026, 1, 1))
    async with db.read() as session:
        (one,) = (await next_year.propose(session, HEAD, number)).measures
    assert (one.deadline, one.put_right) == ("до 31.12.2027", True)


async def test_a_draft_is_made_by_hand_and_takes_over_with_the_new_year(
    db: Database, plan: int, sign_in: SignIn
) -> None:
    staff = await sign_in(None, Role.centre_head)
    await staff.opens("/roadmap", roadmap=plan)
    assert staff.sees("Предложить карту на 2027 год")
    assert await staff.opens(f"/roadmap/{plan}/next") == 200
    assert staff.sees("Карта на 2027 год", "продолжаются меры: 5", "31.03.2027", "Разовые меры")
    async with db.read() as session:
        numbers = dict((await session.execute(select(Measure.code, Measure.id))).all())
    page = f"/roadmap/{plan}/next"
    fields = {"title": "Карта 2027"}
    for code, phrase in (("1", "ежеквартально"), ("2", "до 25 сентября 2027 года"), ("6", "непонятно когда")):
        fields |= {f"take-{numbers[code]}": "yes", f"deadline-{numbers[code]}": phrase}
    assert await staff.sends(page, **fields) == 422
    assert staff.sees("Мера 6", "непонятно когда")
    fields[f"deadline-{numbers['6']}"] = "до 1 марта 2027 г."
    assert await staff.sends(page, **fields) == 200
    assert staff.sees("Черновик карты создан")
    assert await staff.sends(page, **fields) == 422
    assert staff.sees("уже предложена")
    async with db.read() as session:
        (made,) = await session.scalars(select(Roadmap).where(Roadmap.grown_from_id == plan))
        rows = {m.code: m for m in await session.scalars(select(Measure).where(Measure.roadmap_id == made.id))}
        appointed = list(await session.scalars(select(MeasurePerson.measure_id)))
    assert (made.year, made.state, made.title, sorted(rows)) == (2027, State.draft, "Карта 2027", ["1", "2", "6"])
    assert (rows["1"].indicators, rows["1"].text, rows["1"].quote) == (["T-15"], "", "")
    assert rows["1"].id in appointed, "who answered goes on"
    assert await due(db, plan, "1", 2027), "a draft changes nothing"

    async with db.begin() as session:
        await roadmap.start(session, HEAD, made.id, now=NOW, today=NOW.date())
    assert await due(db, plan, "1", 2027) == []
    assert [day for day in await due(db, plan, "1", 2026) if day.month == 12] == [date(2026, 12, 31)]
    assert (await due(db, made.id, "1", 2027))[0] == date(2027, 3, 31)
    assert await due(db, made.id, "2", 2027) == [date(2027, 9, 25)]
    assert await due(db, plan, "3", 2027), "what was not taken goes on in its own roadmap"
