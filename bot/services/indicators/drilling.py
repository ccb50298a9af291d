"""From a number to its people: municipalities, organisations, a page of the list with what proves each line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed
from bot.models import Event, Fact, Iom, Municipality, Organisation, Person, ScopeKind
from bot.rules.indicators.arrays import Bools, Ints, Ledger
from bot.rules.indicators.counting import Counted
from bot.rules.indicators.model import Definition, Outcome
from bot.rules.suppression import publish
from bot.rules.words import folded
from bot.services import audit
from bot.services.access import RIGHTS, Right, Scope
from bot.services.indicators.counting import Line, Report

SIZE = 20
FOUND = 2_000
"""A search looks through its first so many namesakes."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose numbers and names the role opens: the whole region or some places of it."""

    whole: bool
    municipalities: frozenset[int]
    organisations: frozenset[int]
    # Names of people, in the same places.
    names: bool

    def sees(self, municipality: int) -> bool:
        """A line of a municipality may be shown."""
        return self.whole or municipality in self.municipalities


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a breakdown; ``count`` None is a small number that is not published."""

    id: int
    title: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Proof:
    """What proves a line: the kind of the source and its number; ``paper`` may be opened by this role."""

    source: str
    number: int
    title: str
    detail: str
    paper: bool


@dataclass(frozen=True, slots=True)
class Behind:
    """A counted person. Without an id her data were deleted; the line stays."""

    person_id: int | None
    name: str
    organisation: str
    on: date
    fact_id: int
    kind: str
    proof: Proof | None


@dataclass(frozen=True, slots=True)
class People:
    """A page of the list."""

    lines: Sequence[Behind]
    total: int
    page: int

    @property
    def first(self) -> int:
        """Number of the first line, from 1."""
        return self.page * SIZE + 1

    @property
    def last(self) -> int:
        """Number of the last line."""
        return self.page * SIZE + len(self.lines)

    @property
    def more(self) -> bool:
        """There is a next page."""
        return self.last < self.total


async def reach_of(session: AsyncSession, scope: Scope) -> Reach:
    """What the role opens. NotAllowed without the right."""
    scope.require(Right.indicators_see)
    mine = [grant for grant in scope.grants if Right.indicators_see in RIGHTS[grant.role]]
    organisations = {grant.id for grant in mine if grant.kind is ScopeKind.organisation and grant.id is not None}
    municipalities = {grant.id for grant in mine if grant.kind is ScopeKind.municipality and grant.id is not None}
    return Reach(
        whole=any(grant.kind is ScopeKind.region for grant in mine),
        municipalities=frozenset(municipalities),
        organisations=frozenset(organisations),
        names=scope.may(Right.people_see),
    )


def narrowed(counted: Counted, reach: Reach) -> Counted:
    """Only the rows of the places that the role opens."""
    if reach.whole:
        return counted
    mask = np.isin(counted.municipality, list(reach.municipalities)) | np.isin(
        counted.organisation, list(reach.organisations)
    )
    return _among(counted, mask)


async def municipalities(session: AsyncSession, line: Line, reach: Reach) -> list[Place]:
    """Every municipality that the role opens, small counts hidden from those who may not see names."""
    rows = (await session.execute(select(Municipality.id, Municipality.name).order_by(Municipality.sort))).all()
    rows = [row for row in rows if reach.sees(row.id)]
    counts = [line.places[row.id].numerator for row in rows if row.id in line.places]
    shown = _shown([count or 0 for count in counts], reach, line)
    return [Place(row.id, row.name, count if ok else None) for row, count, ok in zip(rows, counts, shown, strict=False)]


async def heat(session: AsyncSession, lines: Sequence[Line], reach: Reach) -> list[tuple[Place, list[Outcome | None]]]:
    """Municipalities with their numbers of several indicators; None is a small number that is not published."""
    rows = (await session.execute(select(Municipality.id, Municipality.name).order_by(Municipality.sort))).all()
    rows = [row for row in rows if reach.sees(row.id) and all(row.id in line.places for line in lines)]
    shown = [_shown([line.places[row.id].numerator or 0 for row in rows], reach, line) for line in lines]
    return [
        (
            Place(row.id, row.name, None),
            [line.places[row.id] if ok[number] else None for line, ok in zip(lines, shown, strict=True)],
        )
        for number, row in enumerate(rows)
    ]


async def organisations(session: AsyncSession, line: Line, municipality: int, reach: Reach) -> list[Place]:
    """Organisations of a municipality with how many of theirs are counted, most first."""
    if not reach.sees(municipality):
        raise NotAllowed()
    if line.counted is None:
        return []
    counts = line.counted.by_organisation(municipality)
    titles = dict(
        (
            await session.execute(
                select(Organisation.id, Organisation.short_name).where(Organisation.id.in_(list(counts)))
            )
        ).all()
    )
    ordered = sorted(counts.items(), key=lambda one: (-one[1], titles.get(one[0], "")))
    shown = _shown([count for _, count in ordered], reach, line)
    return [
        Place(number, titles.get(number, ""), count if ok else None)
        for (number, count), ok in zip(ordered, shown, strict=True)
    ]


async def people(
    session: AsyncSession,
    scope: Scope,
    report: Report,
    line: Line,
    *,
    municipality: int | None = None,
    organisation: int | None = None,
    query: str = "",
    page: int = 0,
    now: datetime,
) -> People:
    """A page of those who are counted, newest first; opening it is written down and shown to each of them."""
    scope.require(Right.people_see)
    reach = await reach_of(session, scope)
    if line.counted is None or line.of_records:
        return People((), 0, 0)
    counted = narrowed(line.counted, reach)
    if municipality is not None:
        counted = _among(counted, counted.municipality == municipality)
    if organisation is not None:
        counted = _among(counted, counted.organisation == organisation)
    if query:
        counted = _among(counted, np.isin(ids_of(counted, report.ledger), await _found(session, query)))
    order = np.lexsort((-counted.fact, -counted.day))
    page = max(0, min(page, (len(order) - 1) // SIZE))
    chosen = order[page * SIZE : page * SIZE + SIZE]
    lines = await _lines(session, scope, report, counted, chosen)
    audit.changed(
        session, scope, "indicator", 0, "opened", now=now,
        after={"indicator": line.definition.id, "municipality": municipality, "organisation": organisation,
               "n": len(counted), "page": page + 1},
    )  # fmt: skip
    seen = [one.person_id for one in lines if one.person_id is not None]
    await audit.viewed_many(session, scope, seen, "indicator", right=Right.people_see, now=now)
    return People(lines, len(order), page)


async def _lines(session: AsyncSession, scope: Scope, report: Report, counted: Counted, chosen: Ints) -> list[Behind]:
    facts = {
        fact.id: fact for fact in await session.scalars(select(Fact).where(Fact.id.in_(counted.fact[chosen].tolist())))
    }
    ids = ids_of(counted, report.ledger)[chosen].tolist()
    names = {person.id: person.full_name for person in await session.scalars(select(Person).where(Person.id.in_(ids)))}
    places = dict(
        (
            await session.execute(
                select(Organisation.id, Organisation.short_name).where(
                    Organisation.id.in_(counted.organisation[chosen].tolist())
                )
            )
        ).all()
    )
    proofs = await _proofs(session, scope, list(facts.values()))
    found = []
    for place, person_id in zip(chosen.tolist(), ids, strict=True):
        number = int(counted.fact[place])
        fact = facts.get(number)
        found.append(
            Behind(
                person_id=person_id if person_id in names else None,
                name=names.get(person_id, ""),
                organisation=places.get(int(counted.organisation[place]), ""),
                on=date.fromordinal(int(counted.day[place])),
                fact_id=number,
                kind=str(fact.kind) if fact is not None else "",
                proof=proofs.get(number),
            )
        )
    return found


async def _proofs(session: AsyncSession, scope: Scope, facts: Sequence[Fact]) -> dict[int, Proof]:
    """Route, event, attempt, question: what each fact stands on; never a score."""
    routes = await _titles(session, facts, "iom")
    events = await _titles(session, facts, "event")
    opened: Mapping[str, Right] = {
        "iom": Right.iom_open, "event": Right.events_see, "attempt": Right.results_see,
        "hotline": Right.hotline_manage,
    }  # fmt: skip
    found = {}
    for fact in facts:
        title, detail = (routes if fact.source_type == "iom" else events).get(fact.source_id, ("", ""))
        right = opened.get(fact.source_type)
        paper = right is not None and scope.may(right)
        found[fact.id] = Proof(fact.source_type, fact.source_id, title, detail, paper)
    return found


async def _titles(session: AsyncSession, facts: Sequence[Fact], source: str) -> dict[int, tuple[str, str]]:
    numbers = {fact.source_id for fact in facts if fact.source_type == source}
    if not numbers:
        return {}
    if source == "iom":
        rows = await session.execute(
            select(Iom.id, Iom.reg_no, Iom.order_no, Iom.order_date, Iom.state).where(Iom.id.in_(numbers))
        )
        return {
            row.id: (row.reg_no or "", f"{row.order_no}|{row.order_date:%d.%m.%Y}" if row.order_date else "")
            for row in rows
        }
    rows = await session.execute(select(Event.id, Event.title).where(Event.id.in_(numbers)))
    return {row.id: (row.title, "") for row in rows}


def ids_of(counted: Counted, ledger: Ledger) -> Ints:
    """Numbers of persons; 0 for those whose data were deleted."""
    known = (counted.person >= 0) & (counted.person < ledger.people.known)
    ids = np.zeros(len(counted.person), dtype=np.int64)
    ids[known] = ledger.people.ids[counted.person[known]]
    return ids


async def _found(session: AsyncSession, query: str) -> list[int]:
    words = folded(query)
    return list(
        await session.scalars(
            select(Person.id).where(Person.sort.startswith(words, autoescape=True)).order_by(Person.sort).limit(FOUND)
        )
    )


def _shown(counts: Sequence[int], reach: Reach, line: Line) -> list[bool]:
    """Small numbers of people are not published; of documents they are."""
    return [True] * len(counts) if all_shown(line.definition, reach) else list(publish(counts).lines)


def all_shown(one: Definition, reach: Reach) -> bool:
    """Small numbers need not be hidden: the role sees names, or no people are counted."""
    rule = one.numerator
    if rule is None:
        return reach.names
    return rule.of_documents or (reach.names and not rule.of_results)


def _among(counted: Counted, mask: Bools) -> Counted:
    return Counted(
        counted.person[mask], counted.fact[mask], counted.day[mask], counted.municipality[mask],
        counted.organisation[mask],
    )  # fmt: skip
