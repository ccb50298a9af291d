"""A table becomes measures: once, again and changed; days are written down once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from bot.db import Database
from bot.errors import NotAllowed
from bot.models import (
    Body,
    BodyLevel,
    DateQuestion,
    Measure,
    MeasureBody,
    Occurrence,
    OccurrenceKind,
    OccurrenceState,
    Roadmap,
    Role,
    ScopeKind,
)
from bot.services import roadmap
from bot.services.access import Grant, Scope
from bot.services.roadmap import Heading, Named, Row, schedule
from tests.factories import NOW

HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
COORDINATOR = Scope(None, (Grant(Role.municipal_coordinator, ScopeKind.municipality, 1),))
TODAY = NOW.date()
HEADING = Heading("Дорожная карта (проверка)", 2026, "12-А", date(2026, 1, 12))
ROWS = [
    Row("Собрать реестр маршрутов", "до 10 декабря 2026 года", (Named("Центр"),), result="реестр", code="1.1"),
    Row("Провести замер", "по графику ФИОКО", (Named("Ведомство"),), code="1.2"),
    Row("Вести страницу на сайте", "постоянно", code="1.3"),
    Row("Отчитаться о работе", "ежеквартально", code="2.1", direction="2", direction_title="Отчёты"),
]


async def days(db: Database, code: str) -> list[date]:
    async with db.read() as session:
        rows = await session.scalars(
            select(Occurrence.due)
            .join(Measure, Measure.id == Occurrence.measure_id)
            .where(Measure.code == code, Occurrence.state != OccurrenceState.cancelled)
            .order_by(Occurrence.due)
        )
        return list(rows)


async def saved(db: Database, rows: list[Row] = ROWS, *, into: int | None = None) -> roadmap.Saved:
    async with db.begin() as session:
        return await roadmap.save(session, HEAD, HEADING, rows, into=into, now=NOW, today=TODAY)


async def started(db: Database, rows: list[Row] = ROWS) -> int:
    done = await saved(db, rows)
    async with db.begin() as session:
        await roadmap.start(session, HEAD, done.roadmap_id, now=NOW, today=TODAY)
    return done.roadmap_id


async def test_a_draft_has_no_days_until_it_runs(db: Database) -> None:
    done = await saved(db)
    assert (done.version, done.added, done.dropped) == (1, 4, 0)
    assert await days(db, "1.1") == []
    async with db.begin() as session:
        await roadmap.start(session, HEAD, done.roadmap_id, now=NOW, today=TODAY)
    assert await days(db, "1.1") == [date(2026, 12, 10)]
    quarters = await days(db, "2.1")
    assert quarters[0] == date(2026, 12, 31), "what was due before the roadmap came here is not asked about"
    assert len(quarters) == 4


async def test_a_date_nobody_knows_is_a_question_and_a_lasting_measure_asks_for_a_word(db: Database) -> None:
    await started(db)
    async with db.read() as session:
        (question,) = (
            await session.execute(select(DateQuestion.about, Measure.code).join(Measure).order_by(DateQuestion.id))
        ).all()
        words = await session.scalars(select(Occurrence.kind).join(Measure).where(Measure.code == "1.3").distinct())
        assert list(words) == [OccurrenceKind.word]
    assert tuple(question) == ("plan", "1.2")
    assert await days(db, "1.2") == []
    assert (await days(db, "1.3"))[0] == date(2026, 12, 31)


async def test_the_same_table_again_doubles_nothing(db: Database) -> None:
    number = await started(db)
    again = await saved(db, into=number)
    assert (again.version, again.added, again.changed, again.same, again.dropped) == (2, 0, 0, 4, 0)
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Measure)) == 4
        assert await session.scalar(select(func.count()).select_from(MeasureBody)) == 2
        assert await session.scalar(select(func.count()).select_from(Roadmap)) == 1


async def test_a_new_version_changes_what_it_changes_and_drops_the_rest(db: Database) -> None:
    number = await started(db)
    rows = [
        Row("Собрать реестр маршрутов", "до 20 декабря 2026 года", (Named("Центр"),), code="1.1"),
        Row("Провести замер", "по графику ФИОКО", (Named("Ведомство"),), code="9.9"),
        Row("Новая мера", "до 1 марта 2027 года"),
    ]
    again = await saved(db, rows, into=number)
    assert (again.added, again.dropped) == (1, 2)
    assert await days(db, "1.1") == [date(2026, 12, 20)], "a new deadline takes the place of the old one"
    assert await days(db, "2.1") == [], "a measure that left the order no longer asks"
    async with db.read() as session:
        (measure,) = await session.scalars(select(Measure).where(Measure.code == "1.2"))
        assert measure.text == "Провести замер", "it is met by its words when its number is another"


async def test_unfolding_twice_writes_nothing_twice_and_the_horizon_moves(db: Database) -> None:
    await started(db)
    before = await days(db, "2.1")
    async with db.begin() as session:
        assert await schedule.roll(session, today=TODAY, now=NOW) == 0
    later = TODAY + timedelta(days=100)
    async with db.begin() as session:
        assert await schedule.roll(session, today=later, now=NOW + timedelta(days=100)) == 4
    after = await days(db, "2.1")
    assert after[: len(before)] == before
    assert len(after) == len(before) + 2
    assert len(set(after)) == len(after)


async def test_bodies_that_the_directory_does_not_know_stay_as_words(db: Database) -> None:
    async with db.begin() as session:
        body = Body(code="centre", abbreviation="ЦНППМ", name="Центр", level=BodyLevel.institution, aliases=[])
        session.add(body)
        await session.flush()
        number = body.id
    row = Row("Мера", "до 10 декабря 2026 г.", (Named("ЦНППМ", number), Named("Кто-то", 10**6)))
    await saved(db, [row])
    async with db.read() as session:
        rows = await session.execute(select(MeasureBody.name, MeasureBody.body_id))
        assert dict(rows.all()) == {"ЦНППМ": number, "Кто-то": None}


async def test_only_the_centre_may_load_a_roadmap(db: Database) -> None:
    with pytest.raises(NotAllowed):
        async with db.begin() as session:
            await roadmap.save(session, COORDINATOR, HEADING, ROWS, now=NOW, today=TODAY)
