"""Numbers of statistics of the demonstration: invented, of this year and the last."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import ROOT
from bot.models import Employment, Municipality, Organisation, Person, Position, StatFigure
from bot.rules.people import is_young
from bot.services.data_files import read

PATH = ROOT / "data" / "demo" / "indicators.yaml"
GROWTH = 100
"""In how many hundredths of this year's number the last year's was smaller by one."""


async def add(session: AsyncSession, by_id: int, *, now: datetime) -> None:
    """The numbers of ``data/demo/indicators.yaml`` for the calendar year of ``now`` and the one before."""
    book = read(PATH)
    municipalities = {row.code: row.id for row in await session.execute(select(Municipality.code, Municipality.id))}
    people = await _people(session, now.date())
    for year in (now.year - 1, now.year):
        state = date(year - 1, book.need("state_on_month", int), 20)
        entered = datetime(year, 1, 14, 12, tzinfo=now.tzinfo)
        for entry in book.entries("figures"):
            slug = entry.need("slug", str)
            values: dict[int | None, int] = {None: entry.maybe("value", int, 0)}
            if "share" in entry:
                share, more = entry.need("share", float), entry.need("more", int)
                values = {place: round(people[slug][place] * share) + more for place in municipalities.values()}
                whole = sum(values.values())
                values.pop(municipalities.get(entry.maybe("missing", str, ""), 0), None)
                values = {**(values if entry.maybe("everywhere", bool, False) else {}), None: whole}
            for place, value in values.items():
                session.add(
                    StatFigure(
                        slug=slug, municipality_id=place, first=date(year, 1, 1), last=date(year, 12, 31),
                        value=value - (value // GROWTH if year < now.year else 0),
                        source=entry.need("source", str), document=entry.maybe("document", str, ""), state_on=state,
                        entered_by_id=by_id, entered_at=min(entered, now - timedelta(minutes=1)),
                    )
                )  # fmt: skip
    await session.flush()


async def _people(session: AsyncSession, today: date) -> dict[str, Counter[int | None]]:
    """How many people of the demonstration work where, by what the numbers count."""
    found: dict[str, Counter[int | None]] = {slug: Counter() for slug in ("teachers", "managers", "young_teachers")}
    rows = await session.execute(
        select(
            Organisation.municipality_id, Position.is_manager, Person.birth_year, Person.teach_since_year,
            Person.teach_since,
        )
        .join(Employment, Employment.person_id == Person.id)
        .join(Organisation, Organisation.id == Employment.organisation_id)
        .join(Position, Position.slug == Employment.position_slug)
        .where(Employment.is_main, Employment.until.is_(None))
    )  # fmt: skip
    for place, manager, born, since_year, since in rows:
        found["managers" if manager else "teachers"][place] += 1
        if is_young(born, since_year, since, on=today):
            found["young_teachers"][place] += 1
    return found
