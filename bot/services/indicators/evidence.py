"""The records behind a number: what a register or the bank of practices held on the day, with its own access."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed
from bot.models import Municipality, Organisation, Practice, RegisterRecord, RegisterVersion
from bot.rules.indicators.arrays import NEVER
from bot.rules.indicators.counting import Counted
from bot.rules.indicators.model import LEARNERS, PRACTICES
from bot.rules.registers import Value
from bot.services import audit, registers
from bot.services.access import Right, Scope
from bot.services.indicators import drilling
from bot.services.indicators.counting import Line, Report
from bot.services.registers import Kind


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it stood; both days inside."""

    id: int
    title: str
    place: str
    since: date
    until: date | None
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Records:
    """A page of them; ``kind`` None is the bank of practices."""

    kind: Kind | None
    lines: Sequence[Record]
    total: int
    page: int

    @property
    def first(self) -> int:
        """Number of the first line, from 1."""
        return self.page * drilling.SIZE + 1

    @property
    def last(self) -> int:
        """Number of the last line."""
        return self.page * drilling.SIZE + len(self.lines)

    @property
    def more(self) -> bool:
        """There is a next page."""
        return self.last < self.total


def opens(scope: Scope, line: Line) -> bool:
    """There are records behind the number, and the role may see that register."""
    if not line.of_records or not line.counted or line.outcome.counted_from is not None:
        return False
    slug = line.definition.numerator.register if line.definition.numerator else ""
    if slug == LEARNERS:
        return False  # A list of them would tell whose result is low.
    if slug == PRACTICES:
        return scope.may(Right.practices_see)
    return registers.allowed(scope, registers.kind_of(slug))


async def records(
    session: AsyncSession,
    scope: Scope,
    report: Report,
    line: Line,
    *,
    municipality: int | None = None,
    organisation: int | None = None,
    page: int = 0,
    now: datetime,
) -> Records:
    """A page of the records that are counted, the latest first. NotAllowed without the right to their register."""
    reach = await drilling.reach_of(session, scope)
    slug = line.definition.numerator.register if line.definition.numerator and line.of_records else ""
    kind = None
    if slug == LEARNERS:
        raise NotAllowed()
    if slug == PRACTICES:
        scope.require(Right.practices_see)
    elif slug:
        kind = registers.require(scope, slug)
    if line.counted is None or not slug or line.outcome.counted_from is not None:
        return Records(kind, (), 0, 0)
    counted = line.counted
    mask = np.ones(len(counted), dtype=np.bool_)
    if not reach.whole:
        # Records of the whole region name no place; they are open to a district too.
        mask &= np.isin(counted.municipality, [0, *reach.municipalities]) | np.isin(
            counted.organisation, list(reach.organisations)
        )
    if municipality is not None:
        mask &= counted.municipality == municipality
    if organisation is not None:
        mask &= counted.organisation == organisation
    numbers = counted.fact[mask][np.lexsort((-counted.fact[mask], -counted.day[mask]))].tolist()
    page = max(0, min(page, (len(numbers) - 1) // drilling.SIZE))
    shown = numbers[page * drilling.SIZE : (page + 1) * drilling.SIZE]
    found = await (_practices(session, shown) if kind is None else _versions(session, shown))
    audit.changed(
        session, scope, "indicator", 0, "opened", now=now,
        after={"indicator": line.definition.id, "register": slug, "municipality": municipality,
               "organisation": organisation, "n": len(numbers), "page": page + 1},
    )  # fmt: skip
    terms = _terms(report, slug, counted)
    lines = [
        Record(found[number].id, found[number].title, found[number].place, *terms[number], found[number].values)
        for number in shown
        if number in found
    ]
    return Records(kind, lines, len(numbers), page)


def _terms(report: Report, slug: str, counted: Counted) -> dict[int, tuple[date, date | None]]:
    """From which day each has been in force and until which."""
    rows = report.ledger.records[slug]
    mine = np.isin(rows.ids, counted.fact)
    return {
        number: (date.fromordinal(since), None if until == NEVER else date.fromordinal(until))
        for number, since, until in zip(
            rows.ids[mine].tolist(), rows.since[mine].tolist(), rows.until[mine].tolist(), strict=True
        )
    }


@dataclass(frozen=True, slots=True)
class _Said:
    id: int
    title: str
    place: str
    values: Mapping[str, Value]


async def _versions(session: AsyncSession, numbers: Sequence[int]) -> dict[int, _Said]:
    r, v = RegisterRecord, RegisterVersion
    rows = (
        await session.execute(select(v.id, r.id, v.snapshot).join(r, r.id == v.record_id).where(v.id.in_(numbers)))
    ).all()
    schools = {shot.get("organisation_id") for _, _, shot in rows} - {None}
    places = {shot.get("municipality_id") for _, _, shot in rows} - {None}
    o, m = Organisation, Municipality
    titles = dict((await session.execute(select(o.id, o.short_name).where(o.id.in_(schools)))).all())
    names = dict((await session.execute(select(m.id, m.name).where(m.id.in_(places)))).all())
    return {
        number: _Said(
            record, str(shot["title"]),
            titles.get(shot.get("organisation_id") or 0) or names.get(shot.get("municipality_id") or 0, ""),
            shot.get("values", {}),
        )
        for number, record, shot in rows
    }  # fmt: skip


async def _practices(session: AsyncSession, numbers: Sequence[int]) -> dict[int, _Said]:
    p, o = Practice, Organisation
    rows = await session.execute(
        select(p.id, p.title, o.short_name, p.reviewed).outerjoin(o, o.id == p.organisation_id).where(p.id.in_(numbers))
    )
    return {number: _Said(number, title, place or "", {"reviewed": done}) for number, title, place, done in rows}
