"""All indicators of a period: one pass over the facts, region and municipalities at once; remembered until
something that was read changes."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    Change,
    CohortMember,
    Employment,
    Fact,
    MemberState,
    MethodistAssignment,
    Organisation,
    Person,
    Practice,
    RegisterVersion,
    RoleAssignment,
    StatFigure,
    TutorAssignment,
)
from bot.rules.indicators import counting as rules
from bot.rules.indicators.arrays import Ledger
from bot.rules.indicators.counting import Counted
from bot.rules.indicators.judging import figure_of, judge
from bot.rules.indicators.model import Compare, Count, Definition, Doubt, Figure, Outcome, Rule
from bot.rules.indicators.periods import Period
from bot.services import region
from bot.services.indicators import definitions, figures
from bot.services.indicators.figures import Known
from bot.services.indicators.loading import load

MOVING = ("person", "people", "organisation", "municipality", "employment", "role", "setting", "settings")
"""What staff change that a number may stand on and no column below shows; opening a list is not among it."""
KEPT = 4
"""Reports remembered in a process."""


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator: the number of the region, of each municipality, what stands beside, what it is made of."""

    definition: Definition
    outcome: Outcome
    counted: Counted | None
    places: dict[int, Outcome]
    beside: tuple[tuple[str, int | None], ...] = ()

    @property
    def of_records(self) -> bool:
        """Made of records of a register, not of people."""
        rule = self.definition.numerator
        return rule is not None and rule.count is Count.records

    @property
    def has_places(self) -> bool:
        """Some municipality has a number of its own."""
        return any(there.numerator is not None for there in self.places.values())


@dataclass(frozen=True, slots=True)
class Report:
    """All indicators of a period as known at a moment."""

    period: Period
    as_of: date
    # None: as known now.
    known_at: datetime | None
    counted_at: datetime
    lines: tuple[Line, ...]
    ledger: Ledger
    figures: Known

    def line(self, indicator: str) -> Line:
        """One of the lines. UserError when there is none."""
        definition = definitions.find([line.definition for line in self.lines], indicator)
        return next(line for line in self.lines if line.definition is definition)


async def pack_of(session: AsyncSession) -> str:
    """The name of the region's pack."""
    return str((await region.setting(session, "pack")).get("name", ""))


async def report(
    session: AsyncSession,
    period: Period,
    *,
    as_of: date | None = None,
    now: datetime,
    zone: ZoneInfo,
    known: Sequence[Definition] | None = None,
    known_at: datetime | None = None,
) -> Report:
    """The indicators of the region's pack (or ``known``) in a period.

    ``as_of`` in the past shows what was known when that day ended: facts of it and before, recorded by then.
    """
    today = now.astimezone(zone).date()
    as_of = min(as_of or today, today)
    if known_at is None and as_of < today:
        known_at = datetime.combine(as_of + timedelta(days=1), time(), tzinfo=zone) - timedelta(microseconds=1)
    if known is None:
        known = definitions.in_force(definitions.of_pack(await pack_of(session)), min(as_of, period.last))
    known = tuple(known)
    bind = session.get_bind()
    stamp = await _stamp(session)
    key = (str(bind.engine.url), period, as_of, known_at, known)
    held = _kept.get(key)
    if held is not None and held[0] == stamp:
        _kept.move_to_end(key)
        return held[1]
    made = await _count(session, period, as_of, known_at, known, now=now, zone=zone)
    _kept[key] = (stamp, made)
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return made


Stamp = tuple[object, ...]
_kept: OrderedDict[tuple[object, ...], tuple[Stamp, Report]] = OrderedDict()


def forget() -> None:
    """Nothing is remembered (tests, measurements)."""
    _kept.clear()


async def _stamp(session: AsyncSession) -> Stamp:
    """Changes when anything does that a number stands on: facts, people, work, appointments, figures, settings."""
    p, e, a = Person, Employment, MethodistAssignment
    row = (
        await session.execute(
            select(
                select(func.max(Fact.id)).scalar_subquery(),
                select(func.max(Fact.voided_at)).where(Fact.voided_at.is_not(None)).scalar_subquery(),
                select(func.count(Fact.id)).where(Fact.voided_at.is_not(None)).scalar_subquery(),
                select(func.max(Change.id)).where(Change.entity.in_(MOVING)).scalar_subquery(),
                select(func.max(StatFigure.id)).scalar_subquery(),
                select(func.max(StatFigure.withdrawn_at)).scalar_subquery(),
                select(func.max(RoleAssignment.id)).scalar_subquery(),
                select(func.max(RoleAssignment.revoked_at)).scalar_subquery(),
                select(func.count(RoleAssignment.until)).scalar_subquery(),
                select(func.max(RegisterVersion.id)).scalar_subquery(),
                select(func.max(TutorAssignment.id)).scalar_subquery(),
                select(func.max(TutorAssignment.since)).scalar_subquery(),
                select(func.count(TutorAssignment.until)).scalar_subquery(),
                select(func.count(CohortMember.id)).where(CohortMember.state == MemberState.member).scalar_subquery(),
                select(func.max(Practice.published_at)).scalar_subquery(),
                select(func.max(Practice.withdrawn_at)).scalar_subquery(),
                select(func.count(Practice.id)).where(Practice.reviewed).scalar_subquery(),
                select(func.max(Organisation.id)).scalar_subquery(),
                select(func.sum(Organisation.municipality_id)).scalar_subquery(),
            )
        )
    ).one()
    people = (
        await session.execute(
            select(
                func.count(p.id), func.max(p.id), func.count(p.confirmed_at), func.max(p.confirmed_at),
                func.sum(p.birth_year), func.sum(p.teach_since_year), func.max(p.teach_since),
                func.count(p.teach_since),
            )
        )
    ).one()  # fmt: skip
    work = (
        await session.execute(
            select(
                func.max(e.id), func.count(e.until), func.max(e.until), func.max(e.since),
                func.sum(e.organisation_id), select(func.max(a.id)).scalar_subquery(),
                select(func.count(a.until)).scalar_subquery(), select(func.count(a.id)).scalar_subquery(),
            )
        )
    ).one()  # fmt: skip
    limits = await region.setting(session, "young")
    return (*row, *people, *work, tuple(sorted(limits.items())))


async def _count(
    session: AsyncSession,
    period: Period,
    as_of: date,
    known_at: datetime | None,
    known: Sequence[Definition],
    *,
    now: datetime,
    zone: ZoneInfo,
) -> Report:
    growing = any(one.compare is Compare.growth for one in known)
    needed = [rule for one in known for rule in one.rules()]
    periods = [period, period.before()] if growing else [period]
    until = min(as_of, period.last)
    ledger = await load(session, needed, periods, until=until, known_at=known_at, zone=zone)
    given = await figures.known(
        session, on=until if until >= period.first else period.first, known_at=known_at, zone=zone
    )
    # Arrays are counted aside: nobody's question waits for a report.
    lines = await asyncio.to_thread(lines_of, known, ledger, given, period, until)
    return Report(period, as_of, known_at, now, lines, ledger, given)


def lines_of(
    known: Sequence[Definition], ledger: Ledger, given: Known, period: Period, until: date
) -> tuple[Line, ...]:
    """The numbers of the definitions over what was read."""
    counter = _Counter(ledger, given, period, until)
    return tuple(counter.line(one) for one in known)


class _Counter:
    """Equal rules are counted once."""

    def __init__(self, ledger: Ledger, given: Known, period: Period, until: date) -> None:
        self.ledger, self.given, self.period, self.until = ledger, given, period, until
        self._made: dict[tuple[Rule, Period], Counted | None] = {}
        self._by_place: dict[int, dict[int, int]] = {}

    def counted(self, rule: Rule | None, period: Period | None = None) -> Counted | None:
        """The people of a rule; None for a rule over figures or a source nobody keeps."""
        if rule is None or rule.count is Count.figure:
            return None
        asked = period or self.period
        if (rule, asked) not in self._made:
            # Of the period before all of it is counted, of this one what has been so far.
            until = self.until.toordinal() if asked is self.period else asked.last.toordinal()
            self._made[rule, asked] = rules.count(rule, self.ledger, asked, until)
        return self._made[rule, asked]

    def number(self, rule: Rule | None, counted: Counted | None, place: int | None) -> tuple[int | None, Figure | None]:
        """How many, of the region or a municipality, and the figure it was read from."""
        if rule is None:
            return None, None
        slug = figure_of(rule)
        figure = self.given.of(slug, place) if slug else None
        if counted is not None and (len(counted) or figure is None):
            if rule.count is Count.records and place is not None and not self._has_places(rule.register):
                return None, None  # Records of the whole region: no municipality has a share of them.
            return (len(counted) if place is None else self._in(counted, place)), None
        return (figure.value, figure) if figure is not None else (None, None)

    def _has_places(self, register: str) -> bool:
        rows = self.ledger.records.get(register)
        return rows is not None and bool((rows.municipality > 0).any())

    def line(self, one: Definition) -> Line:
        """The number of an indicator everywhere."""
        top, bottom = self.counted(one.numerator), self.counted(one.denominator)
        before = self.counted(one.numerator, self.period.before()) if one.compare is Compare.growth else None
        whole = self._outcome(one, top, bottom, before, None, tuple(self._doubts(one, top)))
        places = {place: self._outcome(one, top, bottom, before, place, ()) for place in self.given.places}
        beside = tuple((title, self.number(rule, self.counted(rule), None)[0]) for title, rule in one.beside)
        return Line(one, whole, top, places, beside)

    def _outcome(
        self,
        one: Definition,
        top: Counted | None,
        bottom: Counted | None,
        before: Counted | None,
        place: int | None,
        doubts: tuple[Doubt, ...],
    ) -> Outcome:
        numerator, counted_from = self.number(one.numerator, top, place)
        denominator, source = self.number(one.denominator, bottom, place)
        earlier = None if before is None else len(before) if place is None else self._in(before, place)
        reason = "" if numerator is not None else self._why_not(one)
        load = top.load if top is not None and place is None else None
        return judge(
            one, numerator=numerator, denominator=denominator, before=earlier, load=load, source=source,
            counted_from=counted_from, reason=reason, doubts=doubts, on=self.until,
        )  # fmt: skip

    def _in(self, counted: Counted, place: int) -> int:
        key = id(counted)
        if key not in self._by_place:
            self._by_place[key] = counted.by_municipality()
        return self._by_place[key].get(place, 0)

    def _why_not(self, one: Definition) -> str:
        if one.numerator is None:
            return "broken"
        return "no-figure" if one.numerator.count in (Count.figure, Count.records) else "absent"

    def _doubts(self, one: Definition, top: Counted | None) -> Iterator[Doubt]:
        if self.until < self.period.first:
            yield Doubt("future")
        if one.numerator is not None and one.numerator.facts and top is not None:
            strange = [kind for kind in one.numerator.facts if kind not in self.ledger.sources]
            if strange:
                yield Doubt("partly", (("kinds", ", ".join(strange)),))
        if one.denominator is not None and one.denominator.count is Count.figure:
            slug = one.denominator.figure
            whole, parts = self.given.of(slug), self.given.sum_of_parts(slug)
            if whole is not None and not whole.parts and parts is not None and parts != whole.value:
                yield Doubt("sums-differ", (("whole", whole.value), ("parts", parts)))
        if top is None:
            return
        if one.numerator is not None and one.numerator.count is Count.records:
            entered = self.given.of(one.numerator.or_figure) if one.numerator.or_figure else None
            if entered is not None and entered.value != len(top):
                yield Doubt("register-differs", (("kept", len(top)), ("entered", entered.value)))
            return
        if top.unconfirmed:
            yield Doubt("unconfirmed", (("n", top.unconfirmed),))
        if gone := int((top.person >= self.ledger.people.known).sum()):
            yield Doubt("gone", (("n", gone),))
        if nowhere := int((top.municipality == 0).sum()):
            yield Doubt("nowhere", (("n", nowhere),))
        lies = self.ledger.places.of_organisation[top.organisation]
        if moved := int(np.count_nonzero((lies != top.municipality) & (top.organisation > 0))):
            yield Doubt("moved", (("n", moved),))
