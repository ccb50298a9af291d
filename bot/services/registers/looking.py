"""Registers as staff read them: the list of all, pages with search and filters, a card with its history, any day."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, NotFound
from bot.models import (
    Municipality,
    Organisation,
    Person,
    RecordState,
    Register,
    RegisterRecord,
    RegisterVersion,
)
from bot.rules import registers as rules
from bot.rules.registers import Freshness, Value
from bot.rules.words import folded
from bot.services import search
from bot.services.access import RIGHTS, Right, Scope
from bot.services.registers.kinds import Kind, kind_of, kinds, search_kind

SIZE = 20
FOUND = 200
"""A search shows its best this many."""

PORTION = 500


@dataclass(frozen=True, slots=True)
class Filters:
    """What a page is narrowed to. ``on``: how the register stood on that day, None for now."""

    query: str = ""
    state: RecordState | None = None
    municipality_id: int | None = None
    broken: bool = False
    on: date | None = None


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """A register in the list of all."""

    kind: Kind
    total: int
    owner_id: int | None
    owner: str
    checked_on: date | None
    review_on: date | None
    freshness: Freshness


@dataclass(frozen=True, slots=True)
class Line:
    """A record as it is, or as it was on the day asked for."""

    id: int
    title: str
    code: str
    state: RecordState
    person_id: int | None
    organisation: str
    municipality: str
    starts_on: date | None
    ends_on: date | None
    values: Mapping[str, Value]
    link_broken_on: date | None = None
    link_checked_on: date | None = None
    organisation_id: int | None = None
    municipality_id: int | None = None
    is_demo: bool = False


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A step of a record's history."""

    since: date
    at: datetime
    by: str
    note: str
    title: str
    state: RecordState
    changed: tuple[str, ...]
    """Names of what is other than before: of fields, or ``title``, ``state``, ``place``, ``term``."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a register."""

    lines: Sequence[Line]
    total: int
    page: int
    size: int = SIZE
    more: bool = False

    @property
    def first(self) -> int:
        """Number of the first line, from 1."""
        return self.page * self.size + 1

    @property
    def last(self) -> int:
        """Number of the last line."""
        return self.page * self.size + len(self.lines)

    @property
    def has_next(self) -> bool:
        """True when there is a page after this one."""
        return self.last < self.total


@dataclass(frozen=True, slots=True)
class Card:
    """A record with its history, the latest first."""

    kind: Kind
    line: Line
    person: str
    history: Sequence[VersionLine] = field(default=())


def allowed(scope: Scope, kind: Kind, right: Right = Right.registers_see) -> bool:
    """Whether the scope opens a register: those about people want the right to see people too."""
    if not scope.may(right):
        return False
    return not (kind.of_people and not kind.public) or scope.may(Right.people_see)


def require(scope: Scope, slug: str, right: Right = Right.registers_see) -> Kind:
    """The kind. NotFound for an unknown one, NotAllowed outside the scope."""
    kind = kind_of(slug)
    if not allowed(scope, kind, right):
        raise NotAllowed()
    return kind


def districts(scope: Scope) -> list[int] | None:
    """The municipalities a reader is kept to; None for the whole region."""
    mine = [grant for grant in scope.grants if Right.registers_see in RIGHTS[grant.role]]
    if any(grant.kind.value == "region" for grant in mine):
        return None
    return [grant.id for grant in mine if grant.kind.value == "municipality" and grant.id is not None]


async def listing(session: AsyncSession, scope: Scope, *, today: date) -> list[RegisterLine]:
    """Every register that the scope opens, with its owner, its size and the day it was last checked."""
    scope.require(Right.registers_see)
    r = RegisterRecord
    counts = dict(
        (
            await session.execute(
                select(r.register, func.count())
                .where(r.state != RecordState.removed, _reach(scope))
                .group_by(r.register)
            )
        ).all()
    )
    kept = {row.slug: row for row in await session.scalars(select(Register))}
    names = await _names(session, {row.owner_id for row in kept.values() if row.owner_id})
    found = []
    for slug, kind in kinds().items():
        if not allowed(scope, kind):
            continue
        row = kept.get(slug)
        owner_id = row.owner_id if row else None
        checked_on = row.checked_on if row else None
        found.append(
            RegisterLine(
                kind=kind,
                total=counts.get(slug, 0),
                owner_id=owner_id,
                owner=names.get(owner_id or 0, ""),
                checked_on=checked_on,
                review_on=rules.review_on(checked_on, kind.review_months),
                freshness=rules.freshness(checked_on, kind.review_months, today),
            )
        )
    return found


async def standing(session: AsyncSession, scope: Scope, slug: str, *, today: date) -> RegisterLine:
    """One register of the list."""
    require(scope, slug)
    return next(line for line in await listing(session, scope, today=today) if line.kind.slug == slug)


async def page(
    session: AsyncSession, scope: Scope, slug: str, filters: Filters, *, number: int = 0, size: int = SIZE
) -> Page:
    """A page: by name, or by likeness when something is searched for."""
    kind = require(scope, slug)
    where = _where(scope, kind, filters)
    if filters.on is not None:
        lines = await _as_of(session, scope, kind, filters, filters.on)
        return Page(lines[number * size : (number + 1) * size], len(lines), number, size)
    if not search.is_blank(filters.query):
        ids = await found_ids(session, kind, filters.query, where)
        return Page(await lines_of(session, ids[number * size : (number + 1) * size]), len(ids), number, size)
    r = RegisterRecord
    total = int(await session.scalar(select(func.count()).select_from(r).where(*where)) or 0)
    ids = list(
        await session.scalars(select(r.id).where(*where).order_by(r.sort, r.id).offset(number * size).limit(size))
    )
    return Page(await lines_of(session, ids), total, number, size)


async def everything(session: AsyncSession, scope: Scope, slug: str, filters: Filters) -> list[Line]:
    """The whole of it for a paper or a sheet."""
    kind = require(scope, slug)
    if filters.on is not None:
        return await _as_of(session, scope, kind, filters, filters.on)
    where = _where(scope, kind, filters)
    if not search.is_blank(filters.query):
        return await lines_of(session, await found_ids(session, kind, filters.query, where))
    r = RegisterRecord
    ids = list(await session.scalars(select(r.id).where(*where).order_by(r.sort, r.id)))
    return await lines_of(session, ids)


async def having(session: AsyncSession, scope: Scope, slug: str, *where: ColumnElement[bool]) -> list[Line]:
    """Records that meet conditions, within the scope."""
    kind, r = require(scope, slug), RegisterRecord
    ids = await session.scalars(select(r.id).where(*_where(scope, kind, Filters()), *where).order_by(r.sort, r.id))
    return await lines_of(session, list(ids))


async def card(session: AsyncSession, scope: Scope, slug: str, record_id: int) -> Card:
    """One record with its history. NotFound for what is not there or out of reach."""
    kind = require(scope, slug)
    r = RegisterRecord
    number = await session.scalar(select(r.id).where(r.id == record_id, r.register == slug, _reach(scope)))
    if number is None:
        raise NotFound()
    line = (await lines_of(session, [number]))[0]
    v = RegisterVersion
    rows = (await session.scalars(select(v).where(v.record_id == record_id).order_by(v.id))).all()
    people = {row.by_id for row in rows if row.by_id}
    if line.person_id:
        people.add(line.person_id)
    names = await _names(session, people)
    history = []
    before: dict[str, Any] = {}
    for row in rows:
        history.append(
            VersionLine(
                since=row.since,
                at=row.at,
                by=names.get(row.by_id or 0, ""),
                note=row.note,
                title=str(row.snapshot.get("title", "")),
                state=RecordState(row.snapshot.get("state", "active")),
                changed=_changed(before, row.snapshot) if before else (),
            )
        )
        before = row.snapshot
    return Card(kind, line, names.get(line.person_id or 0, ""), history[::-1])


async def found_ids(session: AsyncSession, kind: Kind, query: str, where: Sequence[ColumnElement[bool]]) -> list[int]:
    """Ids that fit the words and the conditions, best first."""
    found = [number for number, _ in await search.find(session, search_kind(kind.slug), query, limit=FOUND)]
    if not found:
        return []
    kept = set(await session.scalars(select(RegisterRecord.id).where(RegisterRecord.id.in_(found), *where)))
    return [number for number in found if number in kept]


async def lines_of(session: AsyncSession, ids: Sequence[int]) -> list[Line]:
    """Records in the order of the ids."""
    found: dict[int, Line] = {}
    for start in range(0, len(ids), PORTION):
        rows = await session.execute(
            select(RegisterRecord, Organisation.short_name, Municipality.name)
            .outerjoin(Organisation, Organisation.id == RegisterRecord.organisation_id)
            .outerjoin(Municipality, Municipality.id == RegisterRecord.municipality_id)
            .where(RegisterRecord.id.in_(ids[start : start + PORTION]))
        )
        for row, organisation, municipality in rows:
            found[row.id] = Line(
                id=row.id,
                title=row.title,
                code=row.code or "",
                state=row.state,
                person_id=row.person_id,
                organisation=organisation or "",
                municipality=municipality or "",
                starts_on=row.starts_on,
                ends_on=row.ends_on,
                values=dict(row.values),
                link_broken_on=row.link_broken_on,
                link_checked_on=row.link_checked_on,
                organisation_id=row.organisation_id,
                municipality_id=row.municipality_id,
                is_demo=row.is_demo,
            )
    return [found[number] for number in ids if number in found]


async def _as_of(session: AsyncSession, scope: Scope, kind: Kind, filters: Filters, on: date) -> list[Line]:
    """Every record as it stood on a day: the last version that began by then."""
    r, v = RegisterRecord, RegisterVersion
    latest = (
        select(func.max(v.id).label("id"))
        .join(r, r.id == v.record_id)
        .where(r.register == kind.slug, v.since <= on)
        .group_by(v.record_id)
        .subquery()
    )
    rows = (
        await session.execute(
            select(v.record_id, v.snapshot, r.code, r.person_id, r.is_demo)
            .join(latest, latest.c.id == v.id)
            .join(r, r.id == v.record_id)
        )
    ).all()
    organisations = await _titles(session, select(Organisation.id, Organisation.short_name))
    municipalities = await _titles(session, select(Municipality.id, Municipality.name))
    reach = districts(scope)
    asked = search.stems(filters.query)
    lines = []
    for record_id, shot, code, person_id, is_demo in rows:
        state = RecordState(shot["state"])
        place = shot.get("municipality_id")
        if state is RecordState.removed or (filters.state is not None and state is not filters.state):
            continue
        if filters.municipality_id is not None and place != filters.municipality_id:
            continue
        if reach is not None and place not in reach:
            continue
        if asked and not asked <= search.stems(" ".join([shot["title"], *map(str, shot["values"].values())])):
            continue
        lines.append(
            Line(
                id=record_id,
                title=shot["title"],
                code=code or "",
                state=state,
                person_id=person_id,
                organisation=organisations.get(shot.get("organisation_id") or 0, ""),
                municipality=municipalities.get(place or 0, ""),
                starts_on=_day(shot.get("starts_on")),
                ends_on=_day(shot.get("ends_on")),
                values=shot["values"],
                organisation_id=shot.get("organisation_id"),
                municipality_id=place,
                is_demo=is_demo,
            )
        )
    return sorted(lines, key=lambda line: (folded(line.title), line.id))


def _where(scope: Scope, kind: Kind, filters: Filters) -> list[ColumnElement[bool]]:
    r = RegisterRecord
    where: list[ColumnElement[bool]] = [r.register == kind.slug, _reach(scope)]
    where.append(r.state == filters.state if filters.state is not None else r.state != RecordState.removed)
    if filters.municipality_id is not None:
        where.append(r.municipality_id == filters.municipality_id)
    if filters.broken:
        where.append(r.link_broken_on.is_not(None))
    return where


def _reach(scope: Scope) -> ColumnElement[bool]:
    """Within a district: its own records and those of the whole region that name no place, unless about people."""
    inside = districts(scope)
    if inside is None:
        return true()
    r = RegisterRecord
    open_kinds = [slug for slug, kind in kinds().items() if not kind.of_people]
    return or_(r.municipality_id.in_(inside), (r.municipality_id.is_(None)) & r.register.in_(open_kinds))


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    groups = {
        "title": ("title",),
        "state": ("state",),
        "place": ("organisation_id", "municipality_id"),
        "term": ("starts_on", "ends_on"),
    }
    names = [name for name, keys in groups.items() if any(before.get(key) != after.get(key) for key in keys)]
    old, new = before.get("values", {}), after.get("values", {})
    return (*names, *(name for name in new if old.get(name) != new[name]))


async def _names(session: AsyncSession, ids: Collection[int]) -> dict[int, str]:
    rows = await session.scalars(select(Person).where(Person.id.in_(ids)))
    return {row.id: row.full_name for row in rows}


async def _titles(session: AsyncSession, statement: Select[int, str]) -> dict[int, str]:
    return dict((await session.execute(statement)).all())


def _day(raw: str | None) -> date | None:
    return date.fromisoformat(raw) if raw else None
