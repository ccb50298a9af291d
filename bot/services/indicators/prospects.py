"""What is planned and could bring the people an indicator lacks: events, campaigns, routes, pairs on their way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    Campaign,
    CampaignInvite,
    CampaignState,
    Event,
    EventState,
    InviteState,
    Iom,
    IomState,
    MentorPair,
    PairState,
    Registration,
    RegistrationState,
)
from bot.rules.indicators import counting as rules
from bot.rules.indicators.arrays import Small
from bot.rules.indicators.model import Count, Rule
from bot.services.indicators.counting import Line, Report
from bot.services.indicators.drilling import Reach

MOST = 8
"""Lines that are shown."""
COMING = (EventState.open, EventState.closed)
LISTED = (RegistrationState.signed, RegistrationState.invited, RegistrationState.offered, RegistrationState.waiting)
ON_THEIR_WAY = (IomState.draft, IomState.offered, IomState.agreed)
BEFORE_ORDER = (PairState.proposed, PairState.consent_wait, PairState.to_order)


@dataclass(frozen=True, slots=True)
class Prospect:
    """Something planned: ``people`` are on its list and not counted yet; ``free`` seats, None without a limit."""

    kind: str
    number: int
    title: str
    on: date | None
    people: int
    free: int | None = None


@dataclass(frozen=True, slots=True)
class Ahead:
    """All of it; ``people`` counts each person once."""

    lines: tuple[Prospect, ...] = ()
    people: int = 0


@dataclass(slots=True)
class _Search:
    """Whom a fact would add to the number."""

    report: Report
    line: Line
    reach: Reach
    rule: Rule
    index: dict[int, int] = field(default_factory=dict)
    found: set[int] = field(default_factory=set)

    def new(self, people: Iterable[int], on: date) -> int:
        """How many of them are not counted yet and would be; they are remembered."""
        ledger = self.report.ledger
        if not self.index:
            self.index = _index(self.report)
        person = _uncounted(self.report, self.line, self.rule, people, on, self.index)
        if not self.reach.whole:
            municipality, organisation = ledger.places.municipality[person], ledger.places.organisation[person]
            person = person[
                np.isin(municipality, list(self.reach.municipalities))
                | np.isin(organisation, list(self.reach.organisations))
            ]
        mine = person.tolist()
        self.found.update(mine)
        return len(mine)


def uncounted(report: Report, line: Line, people: Iterable[int], on: date) -> set[int]:
    """Which of them are not counted in an indicator yet and would be by a fact of this day."""
    rule = line.definition.numerator
    if rule is None or rule.count is not Count.people:
        return set()
    person = _uncounted(report, line, rule, people, on, _index(report))
    return set(report.ledger.people.ids[person].tolist())


def _index(report: Report) -> dict[int, int]:
    return {number: place for place, number in enumerate(report.ledger.people.ids.tolist())}


def _uncounted(report: Report, line: Line, rule: Rule, people: Iterable[int], on: date, index: dict[int, int]) -> Small:
    person = np.array(sorted({index[one] for one in people if one in index}), dtype=np.int32)
    fits = rules.would_count(rule, report.ledger, person, on.toordinal())
    if line.counted is not None:
        fits &= ~np.isin(person, line.counted.person)
    return person[fits]


async def ahead(
    session: AsyncSession, report: Report, line: Line, reach: Reach, *, now: datetime, zone: ZoneInfo
) -> Ahead:
    """What could add people to an indicator before its period ends; nothing for a number that is entered."""
    rule = line.definition.numerator
    today = now.astimezone(zone).date()
    if rule is None or rule.count is not Count.people or report.period.last < today or report.as_of < today:
        return Ahead()
    search = _Search(report, line, reach, rule)
    found: list[Prospect] = []
    if {"attended", "event_completed"} & set(rule.facts):
        found += await _events(session, search, now=now, zone=zone)
    if "diagnosed" in rule.facts:
        found += await _campaigns(session, search, today)
    if "iom_received" in rule.facts:
        found += await _routes(session, search, today)
    if "paired" in rule.facts:
        found += await _pairs(session, search, today)
    return Ahead(tuple(found[:MOST]), len(search.found))


async def _events(session: AsyncSession, search: _Search, *, now: datetime, zone: ZoneInfo) -> list[Prospect]:
    end = datetime.combine(search.report.period.last + timedelta(days=1), time(), tzinfo=zone)
    rows = await session.scalars(
        select(Event)
        .where(Event.state.in_(COMING), Event.starts_at > now, Event.starts_at < end)
        .order_by(Event.starts_at, Event.id)
    )
    events = [event for event in rows if _says(search.rule, event)][:MOST]
    listed = await _listed(session, [event.id for event in events])
    found = []
    for event in events:
        people = listed.get(event.id, [])
        on = event.starts_at.astimezone(zone).date()
        free = None if event.seats is None else max(0, event.seats - len(people))
        found.append(Prospect("event", event.id, event.title, on, search.new(people, on), free))
    return found


async def _listed(session: AsyncSession, events: Sequence[int]) -> dict[int, list[int]]:
    r = Registration
    found: dict[int, list[int]] = {}
    for event, person in await session.execute(
        select(r.event_id, r.person_id).where(r.event_id.in_(events), r.state.in_(LISTED))
    ):
        found.setdefault(event, []).append(person)
    return found


async def _campaigns(session: AsyncSession, search: _Search, today: date) -> list[Prospect]:
    c, i = Campaign, CampaignInvite
    rows = await session.execute(
        select(c.id, c.title, c.until, i.person_id)
        .join(CampaignInvite, i.campaign_id == c.id)
        .where(
            c.state == CampaignState.running, c.until >= today,
            i.state.in_((InviteState.absent, InviteState.invited, InviteState.accepted)),
        )
        .order_by(c.until, c.id)
    )  # fmt: skip
    asked: dict[tuple[int, str, date], list[int]] = {}
    for number, title, until, person in rows:
        asked.setdefault((number, title, until), []).append(person)
    last = search.report.period.last
    return [
        Prospect("campaign", number, title, until, search.new(people, min(until, last)))
        for (number, title, until), people in asked.items()
    ]


async def _routes(session: AsyncSession, search: _Search, today: date) -> list[Prospect]:
    people = list(await session.scalars(select(Iom.person_id).where(Iom.state.in_(ON_THEIR_WAY))))
    count = search.new(people, today)
    return [Prospect("routes", 0, "", None, count)] if count else []


async def _pairs(session: AsyncSession, search: _Search, today: date) -> list[Prospect]:
    p = MentorPair
    rows = (await session.execute(select(p.mentor_id, p.mentee_id).where(p.state.in_(BEFORE_ORDER)))).all()
    sides = {value for name, values in search.rule.where if name == "side" for value in values}
    people = [row.mentor_id for row in rows if not sides or "mentor" in sides]
    people += [row.mentee_id for row in rows if not sides or "mentee" in sides]
    count = search.new(people, today)
    return [Prospect("pairs", 0, "", None, count)] if count else []


def _says(rule: Rule, event: Event) -> bool:
    """The marks of the rule, as its attendance will bear them."""
    given = {"tags": list(event.tags), "kind": [event.kind.value]}
    if any(name in given and not set(values) & set(given[name]) for name, values in rule.where):
        return False
    return not any(name in given and set(values) & set(given[name]) for name, values in rule.but)
