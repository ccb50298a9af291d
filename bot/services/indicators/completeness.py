"""What is not entered yet before a report: numbers of statistics, people to confirm, attendance to mark."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Event, EventState, Municipality, Person, PersonState
from bot.rules.indicators.judging import figure_of
from bot.rules.indicators.model import Count, Doubt
from bot.services.indicators import definitions
from bot.services.indicators.counting import Report

DATES = ((6, 1), (12, 1))
"""Days of the year on which snapshots are taken (month, day): the monitoring of the federal operator."""

SHOWN = 5
"""Names of a list that are spelled out."""


def next_date(today: date) -> date:
    """The next day of a snapshot, today included."""
    ahead = [date(year, month, day) for year in (today.year, today.year + 1) for month, day in DATES]
    return min(one for one in ahead if one >= today)


async def gaps(session: AsyncSession, report: Report) -> list[Doubt]:
    """What is missing, as keys of the words with their numbers; empty when nothing is."""
    found: list[Doubt] = []
    titles = {slug: entry.need("title", str) for slug, entry in definitions.figures().items()}
    missing: dict[str, int] = {}
    parted: dict[str, list[int]] = {}
    for line in report.lines:
        for rule in line.definition.rules():
            slug = figure_of(rule)
            if not slug:
                continue
            if rule.count is Count.figure and report.figures.of(slug) is None:
                missing[slug] = missing.get(slug, 0) + 1
            elif any(key[0] == slug and key[1] is not None for key in report.figures.given):
                parted[slug] = report.figures.missing(slug)
    for slug, count in sorted(missing.items(), key=lambda one: (-one[1], one[0])):
        found.append(Doubt("figure", (("what", titles.get(slug, slug)), ("n", count))))
    names = dict((await session.execute(select(Municipality.id, Municipality.name))).all())
    for slug, places in sorted(parted.items()):
        if places:
            said = ", ".join(names.get(place, "") for place in places[:SHOWN])
            found.append(
                Doubt(
                    "places",
                    (("what", titles.get(slug, slug)), ("places", said), ("more", max(0, len(places) - SHOWN))),
                )
            )
    waiting = await session.scalar(
        select(func.count(Person.id)).where(Person.confirmed_at.is_(None), Person.state == PersonState.active)
    )
    if waiting:
        found.append(Doubt("unconfirmed", (("n", waiting),)))
    found += await _unmarked(session, report.counted_at)
    return found


async def _unmarked(session: AsyncSession, now: datetime) -> list[Doubt]:
    """Events that are over and whose marking nobody has finished."""
    count = await session.scalar(
        select(func.count(Event.id)).where(
            Event.state.in_((EventState.open, EventState.closed)), Event.ends_at < now,
            Event.marking_closed_at.is_(None),
        )
    )  # fmt: skip
    return [Doubt("unmarked", (("n", count),))] if count else []
