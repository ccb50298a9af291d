"""What the papers are printed from: the numbers of a live count or of a snapshot, as somebody's role shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Event, Fact, Iom, Municipality, Organisation, Person, Snapshot, SnapshotList, SnapshotState
from bot.rules.indicators.arrays import Bools, Ints
from bot.rules.indicators.model import Compare, Count, Definition, Outcome
from bot.rules.indicators.periods import Period, period_of
from bot.rules.suppression import publish
from bot.services.indicators import drilling, freezing, parts
from bot.services.indicators.counting import Line, Report
from bot.services.indicators.drilling import Reach
from bot.services.indicators.parts import Parts

PORTION = 2_000
"""People of a list that are read at once."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of a municipality; ``hidden`` is a small one that is not published."""

    numerator: int | None
    denominator: int | None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Behind:
    """The rows of a list: facts (0: counted without one), places, days and keys of people where they are known."""

    fact: Ints
    organisation: Ints
    municipality: Ints
    # None for a snapshot: it names nobody, people are found by their facts.
    person: Ints | None = None
    day: Ints | None = None

    def __len__(self) -> int:
        return len(self.fact)


@dataclass(frozen=True, slots=True)
class Row:
    """An indicator with its municipalities."""

    definition: Definition
    outcome: Outcome
    places: Mapping[int, Cell]
    behind: Behind | None

    @property
    def load(self) -> int | None:
        """The largest number for one methodist, where that is what is compared."""
        one = self.outcome
        return int(one.value) if self.definition.compare is Compare.most and one.value is not None else None


@dataclass(frozen=True, slots=True)
class Edition:
    """Everything that is printed of a period; ``snapshot`` 0 is a live count."""

    period: Period
    as_of: date
    rows: tuple[Row, ...]
    titles: Mapping[int, str]
    reach: Reach
    snapshot: int = 0
    is_frozen: bool = False
    order_no: str = ""
    order_date: date | None = None
    organisations: Mapping[int, tuple[str, int]] = field(default_factory=dict)
    # Of a snapshot that keeps them: parts 4–9 and what it was compared with.
    parts: Parts | None = None

    @property
    def key(self) -> str:
        """What texts written for this paper are kept under."""
        return f"snapshot-{self.snapshot}" if self.snapshot else self.period.name

    def of_municipalities(self, row: Row) -> list[tuple[str, Cell]]:
        """Municipalities of a row in the region's order."""
        return [(title, row.places[number]) for number, title in self.titles.items() if number in row.places]

    def of_organisations(self, row: Row) -> list[tuple[str, str, int]]:
        """Organisations of a list: municipality, title, how many; small ones are left out with what betrays them."""
        if row.behind is None:
            return []
        numbers, counts = np.unique(row.behind.organisation, return_counts=True)
        found = []
        by_place: dict[int, list[tuple[str, int]]] = {}
        for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
            title, place = self.organisations.get(number, ("", 0))
            if title:
                by_place.setdefault(place, []).append((title, count))
        for place, mine in by_place.items():
            shown = [True] * len(mine) if self.reach.names else publish([count for _, count in mine]).lines
            found += [(self.titles.get(place, ""), title, n) for (title, n), ok in zip(mine, shown, strict=True) if ok]
        return sorted(found)


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of a list on paper; ``name`` is empty for somebody whose data were deleted or who is not kept."""

    person_id: int | None
    name: str
    organisation: str
    municipality: str
    on: date | None
    kind: str
    proof: str
    # Her data were deleted at her wish; the line is still counted.
    is_gone: bool = False


async def of_report(session: AsyncSession, report: Report, reach: Reach) -> Edition:
    """From a live count."""
    titles, organisations = await _places(session, reach)
    rows = []
    for line in report.lines:
        cells = {place: (found.numerator, found.denominator) for place, found in line.places.items()}
        rows.append(
            Row(
                line.definition,
                line.outcome,
                _cells(cells, titles, reach, line.definition),
                _behind(line, report, reach),
            )
        )
    return Edition(report.period, report.as_of, tuple(rows), titles, reach, organisations=organisations)


async def of_snapshot(session: AsyncSession, row: Snapshot, reach: Reach) -> Edition:
    """From a snapshot, frozen or waiting: nothing is counted again."""
    titles, organisations = await _places(session, reach)
    kept_parts = parts.read(row.content)
    if kept_parts is not None:  # Municipalities bear the names and the order of that day.
        titles = {number: name for number, name in kept_parts.titles if reach.sees(number)}
    lists = {
        one.indicator: freezing.unpacked(one.rows)
        for one in await session.scalars(select(SnapshotList).where(SnapshotList.snapshot_id == row.id))
    }
    period = period_of(row.period)
    assert period is not None
    rows = []
    for kept in freezing.lines_of(row):
        table = lists.get(kept.definition.id)
        behind = None
        rule = kept.definition.numerator
        if table is not None and not (rule is not None and rule.count is Count.records):
            table = table[_within(table[:, 2], table[:, 1], reach)]
            behind = Behind(table[:, 0], table[:, 1], table[:, 2])
        rows.append(Row(kept.definition, kept.outcome, _cells(kept.places, titles, reach, kept.definition), behind))
    return Edition(
        period, row.as_of, tuple(rows), titles, reach, snapshot=row.id,
        is_frozen=row.state is SnapshotState.frozen, order_no=row.order_no, order_date=row.order_date,
        organisations=organisations, parts=kept_parts,
    )  # fmt: skip


def outward(edition: Edition) -> Edition:
    """For papers that leave the centre: small numbers of municipalities hidden, whoever prints them."""
    reach = replace(edition.reach, names=False)
    rows = []
    for row in edition.rows:
        numbers = {place: (cell.numerator, cell.denominator) for place, cell in row.places.items()}
        cells = _cells(numbers, edition.titles, reach, row.definition) if edition.reach.names else row.places
        rows.append(replace(row, places=cells))
    return replace(edition, rows=tuple(rows), reach=reach)


async def people(session: AsyncSession, edition: Edition, row: Row, *, start: int) -> list[Listed]:
    """A portion of a list, newest facts first; those whose data were deleted stay in it without a name."""
    if row.behind is None or not edition.reach.names:
        return []
    behind = row.behind
    chosen = np.argsort(-behind.fact, kind="stable")[start : start + PORTION]
    facts = {
        one.id: one
        for one in await session.execute(
            select(Fact.id, Fact.person_key, Fact.kind, Fact.occurred_on, Fact.source_type, Fact.source_id).where(
                Fact.id.in_(behind.fact[chosen].tolist())
            )
        )
    }
    by_key, by_id = await _names(session, behind, chosen, {one.person_key for one in facts.values()})
    proofs = await _proofs(session, list(facts.values()))
    found = []
    for place in chosen.tolist():
        fact = facts.get(int(behind.fact[place]))
        number = int(behind.person[place]) if behind.person is not None else 0
        who = by_id.get(number) or (by_key.get(fact.person_key) if fact is not None else None)
        on = fact.occurred_on if fact is not None else None
        if on is None and behind.day is not None:
            on = date.fromordinal(int(behind.day[place]))
        found.append(
            Listed(
                person_id=who[0] if who else None,
                name=who[1] if who else "",
                organisation=edition.organisations.get(int(behind.organisation[place]), ("", 0))[0],
                municipality=edition.titles.get(int(behind.municipality[place]), ""),
                on=on,
                kind=str(fact.kind) if fact is not None else "",
                proof=proofs.get(fact.id, "") if fact is not None else "",
                is_gone=who is None and fact is not None,
            )
        )
    return found


def size(edition: Edition) -> int:
    """Lines of all lists with names."""
    return sum(len(row.behind or ()) for row in edition.rows) if edition.reach.names else 0


async def _names(
    session: AsyncSession, behind: Behind, chosen: Ints, keys: set[str]
) -> tuple[dict[str, tuple[int, str]], dict[int, tuple[int, str]]]:
    p = Person
    columns = (p.id, p.key, p.last_name, p.first_name, p.middle_name)
    by_key = {
        key: (number, _full(last, first, middle))
        for number, key, last, first, middle in await session.execute(select(*columns).where(p.key.in_(list(keys))))
    }
    by_id: dict[int, tuple[int, str]] = {}
    if behind.person is not None:
        ids = [number for number in behind.person[chosen].tolist() if number]
        for number, _, last, first, middle in await session.execute(select(*columns).where(p.id.in_(ids))):
            by_id[number] = (number, _full(last, first, middle))
    return by_key, by_id


async def _proofs(session: AsyncSession, facts: Sequence[Any]) -> dict[int, str]:
    """The paper behind a fact: number and order of a route, title of an event, number of the rest."""
    of = {name: {one.source_id for one in facts if one.source_type == name} for name in ("iom", "event")}
    routes = {
        number: ", ".join(part for part in (reg, order and f"{order} ({day:%d.%m.%Y})" if day else order) if part)
        for number, reg, order, day in await session.execute(
            select(Iom.id, Iom.reg_no, Iom.order_no, Iom.order_date).where(Iom.id.in_(of["iom"]))
        )
    }
    events = dict((await session.execute(select(Event.id, Event.title).where(Event.id.in_(of["event"])))).all())
    known: dict[str, Mapping[int, str]] = {"iom": routes, "event": events}
    return {one.id: known.get(one.source_type, {}).get(one.source_id) or f"№\u00a0{one.source_id}" for one in facts}


def _behind(line: Line, report: Report, reach: Reach) -> Behind | None:
    if line.counted is None or line.outcome.counted_from is not None or line.of_records:
        return None  # Lists on paper are of people; records have papers of their own register.
    counted = drilling.narrowed(line.counted, reach)
    return Behind(
        counted.fact, counted.organisation.astype(np.int64), counted.municipality.astype(np.int64),
        drilling.ids_of(counted, report.ledger), counted.day.astype(np.int64),
    )  # fmt: skip


def _cells(
    places: Mapping[int, tuple[int | None, int | None]], titles: Mapping[int, str], reach: Reach, one: Definition
) -> dict[int, Cell]:
    seen = [place for place in titles if place in places]
    counts = [places[place][0] or 0 for place in seen]
    shown = [True] * len(seen) if drilling.all_shown(one, reach) else list(publish(counts).lines)
    return {
        place: Cell(*places[place]) if ok or places[place][0] is None else Cell(None, places[place][1], hidden=True)
        for place, ok in zip(seen, shown, strict=True)
    }


def _within(municipality: Ints, organisation: Ints, reach: Reach) -> Bools:
    if reach.whole:
        return np.ones(len(municipality), dtype=np.bool_)
    mine: Bools = np.isin(municipality, list(reach.municipalities)) | np.isin(organisation, list(reach.organisations))
    return mine


async def _places(session: AsyncSession, reach: Reach) -> tuple[dict[int, str], dict[int, tuple[str, int]]]:
    rows = await session.execute(select(Municipality.id, Municipality.name).order_by(Municipality.sort))
    titles = {number: name for number, name in rows if reach.sees(number)}
    o = Organisation
    schools = await session.execute(select(o.id, o.short_name, o.municipality_id))
    return titles, {number: (name, place or 0) for number, name, place in schools}


def _full(last: str | None, first: str | None, middle: str | None) -> str:
    return " ".join(part for part in (last, first, middle) if part)
