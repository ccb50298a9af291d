"""A year of a region's reminders day by day, and what clocks do to it: every reminder once, none twice."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select

from bot.bench.roadmap_year import YEAR_DAYS, live
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.jobs import roadmap as job
from bot.models import BodyPost, Outbox, ReminderOf, RoadmapReminder
from bot.services.roadmap import Row
from tests.roads import make_body, make_member, run_roadmap


async def test_a_year_of_a_region_is_told_exactly(db: Database) -> None:
    """The others are measured by ``bench roadmap_year``: a year takes some ten seconds."""
    year = await live(db, "grozny", twice=0.1)
    print(f"{year.region}: measures {year.measures}, days {year.due}, reminders due {year.expected}, told {year.told}, "
          f"missing {len(year.missing)}, twice {year.twice}, messages {year.messages}")  # fmt: skip
    assert (year.missing, year.extra, year.twice, year.unasked) == ([], [], 0, 0)
    assert year.expected == year.told > 200
    assert year.most_a_day == 1


async def test_a_year_with_days_away_and_a_clock_that_jumps_back(db: Database) -> None:
    """What was missed is said on the next morning once; a clock set back by days says nothing again."""
    rng = Random(9)
    away = {number for number in range(YEAR_DAYS) if rng.random() < 0.1} | set(range(200, 215))
    back = {number: rng.choice((1, 3, 20)) for number in range(YEAR_DAYS) if rng.random() < 0.1}
    year = await live(db, "grozny", away=away, back=back)
    assert (year.missing, year.extra, year.twice) == ([], [], 0)
    assert year.passed > 0, "stages that passed meanwhile were said by the later one"
    assert year.most_a_day == 1


@pytest.mark.parametrize("switch", [date(2026, 3, 29), date(2026, 10, 25)], ids=["an hour lost", "an hour twice"])
async def test_summer_time_comes_and_goes(db: Database, settings: Settings, texts: Texts, switch: date) -> None:
    """The job looks in every half hour of four days; a day of the region has one message, never before nine."""
    region = settings.region.model_copy(update={"timezone": "Europe/Berlin"})
    settings = settings.model_copy(update={"region": region})
    first = datetime.combine(switch - timedelta(days=2), datetime.min.time(), tzinfo=UTC)
    async with db.begin() as session:
        body = await make_body(session)
        await make_member(session, body, BodyPost.responsible, "Рябинина Зоя Филипповна")
        rows = [
            Row("Мера на понедельник", f"{switch + timedelta(days=1):%d.%m.%Y}", code="1"),
            Row("Мера через неделю", f"{switch + timedelta(days=9):%d.%m.%Y}", code="2"),
        ]
        await run_roadmap(session, rows, body.id, now=first - timedelta(days=60))
    for half in range(4 * 48):
        await job.run(db, texts, settings, now=first + timedelta(minutes=30 * half))
    async with db.read() as session:
        sent = list(await session.scalars(select(Outbox).order_by(Outbox.id)))
        stages = await session.execute(
            select(RoadmapReminder.object_id, RoadmapReminder.stage).where(
                RoadmapReminder.about == ReminderOf.occurrence
            )
        )
    local = [row.created_at.astimezone(settings.zone) for row in sent]
    assert [moment.date() for moment in local] == [
        switch - timedelta(days=2),
        *(switch + timedelta(days=n) for n in (1,)),
    ]
    assert all((moment.hour, moment.minute) == (9, 0) for moment in local)
    assert max(Counter(tuple(row) for row in stages).values()) == 1
