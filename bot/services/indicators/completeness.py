"""What is not entered yet before a report: numbers of statistics, people to confirm, attendance to mark."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, time

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    Event,
    EventState,
    MessageClass,
    Municipality,
    Outbox,
    Person,
    PersonState,
    RoleAssignment,
    ScopeKind,
)
from bot.rules.indicators.judging import figure_of
from bot.rules.indicators.model import Count, Doubt
from bot.services import audit, outbox, region
from bot.services.access import RIGHTS, Right, Scope
from bot.services.indicators import definitions
from bot.services.indicators.counting import Report
from bot.ui.screen import Screen

DATES = ((6, 1), (12, 1))
"""Days of the year on which snapshots are taken (month, day): the monitoring of the federal operator."""
SETTING = "snapshots"
"""The region's own days: ``{"dates": [[6, 1], [12, 1]]}``."""
WEEK = 7
"""Days before a snapshot when the data are to be checked."""
MOST = 12
"""Days of snapshots a year."""

SHOWN = 5
"""Names of a list that are spelled out."""


Dates = tuple[tuple[int, int], ...]


def next_date(today: date, dates: Dates = DATES) -> date:
    """The next day of a snapshot, today included; 29 February is the 28th in other years."""
    ahead = [_on(year, month, day) for year in (today.year, today.year + 1) for month, day in dates]
    return min(one for one in ahead if one >= today)


async def dates(session: AsyncSession) -> Dates:
    """The days of the region, those of the federal monitoring where it has not set its own."""
    kept = (await region.setting(session, SETTING)).get("dates")
    return tuple((int(month), int(day)) for month, day in kept) if kept else DATES


def read_dates(text: str) -> Dates | None:
    """«01.06, 01.12» as days of the year, in their order; None for anything else."""
    found = set()
    for word in text.replace(";", ",").replace(",", " ").split():
        day, _, month = word.strip(".").partition(".")
        if not (day.isdecimal() and month.isdecimal()):
            return None
        try:
            found.add((int(month), int(day)))
            date(2024, int(month), int(day))
        except ValueError:
            return None
    return tuple(sorted(found)) if 0 < len(found) <= MOST else None


async def set_dates(session: AsyncSession, scope: Scope, wanted: Dates, *, now: datetime) -> None:
    """Put the days of the region. NotAllowed to those who may not freeze."""
    scope.require(Right.indicators_freeze)
    before = await dates(session)
    if wanted == before:
        return
    await region.set_setting(session, SETTING, {"dates": [list(one) for one in wanted]})
    audit.changed(
        session, scope, "setting", 0, "changed", now=now,
        before={SETTING: [list(one) for one in before]}, after={SETTING: [list(one) for one in wanted]},
    )  # fmt: skip


async def keepers(session: AsyncSession, *, today: date) -> list[Person]:
    """Who is asked to check the data: everybody who enters figures or freezes for the whole region."""
    roles = [role for role, rights in RIGHTS.items() if rights & {Right.indicators_figures, Right.indicators_freeze}]
    r = RoleAssignment
    rows = await session.scalars(
        select(Person)
        .join(RoleAssignment, r.person_id == Person.id)
        .where(
            r.role.in_(roles), r.scope_kind == ScopeKind.region, r.since <= today,
            or_(r.until.is_(None), r.until >= today), r.revoked_at.is_(None), Person.state == PersonState.active,
        )
        .order_by(Person.id)
    )  # fmt: skip
    return list(rows.unique())


async def is_asked(session: AsyncSession, person_id: int, *, on: date) -> bool:
    """Whether her reminder of this snapshot has been queued."""
    return await session.scalar(select(Outbox.id).where(Outbox.dedupe == _dedupe(person_id, on))) is not None


async def ask(session: AsyncSession, person: Person, screen: Screen, *, on: date, now: datetime) -> bool:
    """Queue the reminder of one snapshot for a person, once, ever; True if it is new."""
    return await outbox.say(
        session, person.id, screen, message_class=MessageClass.staff, kind="indicators-check",
        dedupe=_dedupe(person.id, on), now=now,
        expires_at=datetime.combine(on, time(), tzinfo=now.tzinfo),
    )  # fmt: skip


def _dedupe(person_id: int, on: date) -> str:
    return f"indicators-check:{on.isoformat()}:{person_id}"


def _on(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


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
            unkept = rule.count is Count.records and rule.register not in report.ledger.records
            if (rule.count is Count.figure or unkept) and report.figures.of(slug) is None:
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
