"""Numbers of statistics: what is used for a time and place, entering, correcting, a table of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.models import Municipality, Person, StatFigure
from bot.rules.indicators.model import Figure
from bot.services import audit
from bot.services.access import Right, Scope
from bot.services.indicators import definitions

MOST = 100_000_000
"""No number of a region is larger; a larger one is a slip of the hand."""


@dataclass(frozen=True, slots=True)
class Known:
    """The numbers that are used on a day: (slug, municipality or None) → figure; ``places`` are all municipalities."""

    given: Mapping[tuple[str, int | None], Figure]
    places: Sequence[int]

    def of(self, slug: str, municipality: int | None = None) -> Figure | None:
        """The number of a place; the region's may be the sum of all municipalities, never of some."""
        found = self.given.get((slug, municipality))
        if found is not None or municipality is not None:
            return found
        parts = [self.given.get((slug, place)) for place in self.places]
        known = [part for part in parts if part is not None]
        if not known or len(known) < len(parts):
            return None
        newest = max(known, key=lambda one: one.id)
        days = [one.state_on for one in known if one.state_on is not None]
        return Figure(
            newest.id, sum(one.value for one in known), newest.source, newest.document, min(days, default=None),
            newest.entered_on, newest.entered_by, parts=len(known),
            form=newest.form if len({one.form for one in known}) == 1 else 0,
        )  # fmt: skip

    def sum_of_parts(self, slug: str) -> int | None:
        """What the municipalities add up to, when all are given."""
        parts = [self.given.get((slug, place)) for place in self.places]
        known = [part.value for part in parts if part is not None]
        return sum(known) if known and len(known) == len(parts) else None

    def missing(self, slug: str) -> list[int]:
        """Municipalities without a number."""
        return [place for place in self.places if (slug, place) not in self.given]


@dataclass(frozen=True, slots=True)
class Entry:
    """A number as it is entered."""

    slug: str
    municipality_id: int | None
    first: date
    last: date
    value: int
    source: str
    document: str = ""
    state_on: date | None = None
    form_id: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the list of numbers."""

    id: int
    slug: str
    title: str
    place: str
    first: date
    last: date
    value: int
    source: str
    document: str
    state_on: date | None
    entered_at: datetime
    entered_by: str
    form_id: int | None


async def known(session: AsyncSession, *, on: date, known_at: datetime | None, zone: ZoneInfo) -> Known:
    """The numbers that are used on a day as they were known at a moment (None: now); the latest entered wins."""
    f = StatFigure
    statement = select(f, Person.last_name, Person.first_name, Person.middle_name).outerjoin(
        Person, Person.id == f.entered_by_id
    )
    statement = statement.where(f.first <= on, f.last >= on).order_by(f.id)
    if known_at is None:
        statement = statement.where(f.withdrawn_at.is_(None))
    else:
        statement = statement.where(f.entered_at <= known_at, or_(f.withdrawn_at.is_(None), f.withdrawn_at > known_at))
    given = {
        (row.slug, row.municipality_id): Figure(
            row.id, row.value, row.source, row.document, row.state_on, row.entered_at.astimezone(zone).date(),
            _initials(last, first, middle), form=row.form_id or 0,
        )
        for row, last, first, middle in await session.execute(statement)
    }  # fmt: skip
    places = list(await session.scalars(select(Municipality.id).order_by(Municipality.sort, Municipality.id)))
    return Known(given, places)


async def enter(session: AsyncSession, scope: Scope, entries: Sequence[Entry], *, now: datetime) -> int:
    """Enter numbers; one for the same place and time is withdrawn, not rewritten. How many were new or changed."""
    scope.require(Right.indicators_figures)
    f = StatFigure
    standing: defaultdict[tuple[str, int | None, date, date], list[StatFigure]] = defaultdict(list)
    for row in await session.scalars(select(f).where(f.withdrawn_at.is_(None))):
        standing[row.slug, row.municipality_id, row.first, row.last].append(row)
    changed = 0
    for entry in entries:
        _check(entry)
        held = standing[entry.slug, entry.municipality_id, entry.first, entry.last]
        if any(_same(row, entry) for row in held):
            continue
        for row in held:
            row.withdrawn_at = now
        made = StatFigure(
            slug=entry.slug, municipality_id=entry.municipality_id, first=entry.first, last=entry.last,
            value=entry.value, source=entry.source, document=entry.document, state_on=entry.state_on,
            form_id=entry.form_id, entered_by_id=scope.person_id, entered_at=now,
        )  # fmt: skip
        session.add(made)
        await session.flush()
        standing[entry.slug, entry.municipality_id, entry.first, entry.last] = [made]
        before = {"value": held[-1].value} if held else {}
        after = {"slug": entry.slug, "value": entry.value}
        audit.changed(session, scope, "figure", made.id, "entered", now=now, before=before, after=after)
        changed += 1
    return changed


async def withdraw(session: AsyncSession, scope: Scope, figure_id: int, *, now: datetime) -> None:
    """Take a number back; reports that stand on it keep it."""
    scope.require(Right.indicators_figures)
    row = await session.get(StatFigure, figure_id)
    if row is None or row.withdrawn_at is not None:
        raise UserError("figure-gone")
    row.withdrawn_at = now
    audit.changed(session, scope, "figure", row.id, "withdrawn", now=now, before={"value": row.value})


async def listing(session: AsyncSession, scope: Scope, *, on: date) -> list[Listed]:
    """The numbers that are used on a day."""
    scope.require(Right.indicators_see)
    f = StatFigure
    rows = await session.execute(
        select(f, Municipality.name, Person.last_name, Person.first_name, Person.middle_name)
        .outerjoin(Municipality, Municipality.id == f.municipality_id)
        .outerjoin(Person, Person.id == f.entered_by_id)
        .where(f.withdrawn_at.is_(None), f.last >= on)
        .order_by(f.slug, Municipality.sort, f.first, f.id)
    )
    titles = {slug: entry.need("title", str) for slug, entry in definitions.figures().items()}
    return [
        Listed(
            row.id, row.slug, titles.get(row.slug, row.slug), place or "", row.first, row.last, row.value, row.source,
            row.document, row.state_on, row.entered_at, _initials(last, first, middle), row.form_id,
        )
        for row, place, last, first, middle in rows
    ]  # fmt: skip


def _check(entry: Entry) -> None:
    if entry.slug not in definitions.figures():
        raise UserError("figure-unknown", name=entry.slug)
    if not 0 <= entry.value <= MOST:
        raise UserError("figure-value")
    if entry.first > entry.last:
        raise UserError("figure-days")
    if not entry.source.strip():
        raise UserError("figure-source")


def _same(row: StatFigure, entry: Entry) -> bool:
    mine = (row.value, row.source, row.document, row.state_on, row.form_id)
    return mine == (entry.value, entry.source, entry.document, entry.state_on, entry.form_id)


def _initials(last: str | None, first: str | None, middle: str | None) -> str:
    """Фамилия И. О.; empty for nobody."""
    if not last:
        return ""
    return " ".join([last, *(f"{name[0]}." for name in (first, middle) if name)])
