"""Pages, cards and search of the catalogue; the offers a draft is made from. Nothing in it is personal."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound
from bot.models import (
    Activity,
    ActivityForm,
    ActivityGroup,
    ActivityKind,
    ActivityRequirement,
    ActivitySource,
    ActivitySubject,
    CompetenceGroup,
    Organisation,
    Subject,
)
from bot.rules.iom_draft import Offer
from bot.services import search
from bot.services.access import Right, Scope
from bot.services.catalogue.shelf import shelf
from bot.services.places import Choice

KIND = "activity"
"""The name of the catalogue in the search index."""

SIZE = 15
FOUND = 200
"""A search shows its best this many."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; empty values narrow nothing."""

    query: str = ""
    kind: ActivityKind | None = None
    group: str = ""
    subject: str = ""
    archived: bool = False
    # Lines whose link does not open and that are not over on this day.
    broken_on: date | None = None


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """A line of the catalogue in a list; groups and subjects by their titles."""

    id: int
    code: str
    kind: ActivityKind
    title: str
    organiser: str
    form: ActivityForm
    hours: int
    starts_on: date | None
    ends_on: date | None
    seats: int | None
    groups: tuple[str, ...]
    subjects: tuple[str, ...]
    active: bool
    source: ActivitySource
    link_broken_on: date | None = None


@dataclass(frozen=True, slots=True)
class ActivityCard:
    """One activity with everything that is known."""

    line: ActivityLine
    about: str
    link: str
    audiences: tuple[str, ...]
    in_register: bool
    register_number: str
    register_until: date | None
    site: str
    requires: tuple[tuple[int, str], ...]
    group_slugs: tuple[str, ...]
    subject_slugs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CataloguePage:
    """A page of the catalogue."""

    lines: Sequence[ActivityLine]
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


async def page(
    session: AsyncSession, scope: Scope, filters: Filters, *, number: int = 0, size: int = SIZE
) -> CataloguePage:
    """A page for staff: by title, or by likeness when something is searched for."""
    scope.require(Right.catalogue_see)
    return await _page(session, filters, number, size)


async def everything(session: AsyncSession, scope: Scope, filters: Filters) -> list[ActivityLine]:
    """The whole list for a sheet, by title."""
    scope.require(Right.catalogue_see)
    if not search.is_blank(filters.query):
        found = await search.find(session, KIND, filters.query, limit=FOUND, among=_within(filters))
        return await _lines(session, [number for number, _ in found])
    ids = list(await session.scalars(_within(filters).order_by(Activity.sort, Activity.id)))
    return [line for start in range(0, len(ids), 500) for line in await _lines(session, ids[start : start + 500])]


async def find(session: AsyncSession, filters: Filters, *, today: date, number: int, size: int = 5) -> CataloguePage:
    """For the chat: what is open to anybody and not over."""
    return await _page(session, filters, number, size, today=today)


async def card(session: AsyncSession, activity_id: int) -> ActivityCard:
    """One activity, archived ones too: a route may stand on it. NotFound when it never was."""
    row = await session.get(Activity, activity_id)
    if row is None:
        raise NotFound()
    lines = await _lines(session, [activity_id])
    needed = await session.execute(
        select(Activity.id, Activity.title)
        .join(ActivityRequirement, ActivityRequirement.needs_id == Activity.id)
        .where(ActivityRequirement.activity_id == activity_id)
        .order_by(Activity.sort, Activity.id)
    )
    groups = select(ActivityGroup.group_slug).where(ActivityGroup.activity_id == activity_id)
    subjects = select(ActivitySubject.subject_slug).where(ActivitySubject.activity_id == activity_id)
    site = await session.scalar(select(Organisation.name).where(Organisation.id == row.site_id))
    return ActivityCard(
        line=lines[0],
        about=row.about,
        link=row.link,
        audiences=tuple(row.audiences),
        in_register=row.in_register,
        register_number=row.register_number,
        register_until=row.register_until,
        site=site or "",
        requires=tuple((number, title) for number, title in needed),
        group_slugs=tuple(sorted(await session.scalars(groups))),
        subject_slugs=tuple(sorted(await session.scalars(subjects))),
    )


async def lists(session: AsyncSession) -> tuple[list[Choice], list[Choice]]:
    """Groups of competences and subjects, for choosing."""
    g, s = CompetenceGroup, Subject
    groups = await session.execute(select(g.slug, g.title).order_by(g.place, g.title))
    subjects = await session.execute(select(s.slug, s.title).order_by(s.place, s.title))
    return [Choice(slug, title) for slug, title in groups], [Choice(slug, title) for slug, title in subjects]


async def offers(
    session: AsyncSession,
    *,
    today: date,
    audience: str = "",
    subjects: Collection[str] = (),
    taken: Mapping[int, int] | None = None,
) -> list[Offer]:
    """What a draft may be made of, for people of this audience and these subjects, in four selects."""
    return (await shelf(session, today=today)).offers(audience=audience, subjects=subjects, taken=taken)


async def _page(
    session: AsyncSession, filters: Filters, number: int, size: int, *, today: date | None = None
) -> CataloguePage:
    within = _within(filters, today)
    if not search.is_blank(filters.query):
        found = [n for n, _ in await search.find(session, KIND, filters.query, limit=FOUND, among=within)]
        lines = await _lines(session, found[number * size : (number + 1) * size])
        return CataloguePage(lines, len(found), number, size)
    total = int(await session.scalar(select(func.count()).select_from(within.subquery())) or 0)
    # What has a day comes first in the chat: it will be over, the rest will still be there.
    order = [Activity.sort, Activity.id]
    by = order if today is None else [Activity.starts_on.is_(None), Activity.starts_on, *order]
    ids = list(await session.scalars(within.order_by(*by).offset(number * size).limit(size)))
    return CataloguePage(await _lines(session, ids), total, number, size)


def not_over(today: date) -> ColumnElement[bool]:
    """A line that is still to come, is on now, or is always there."""
    last = func.coalesce(Activity.ends_on, Activity.starts_on)
    return or_(last.is_(None), last >= today)


def _within(filters: Filters, today: date | None = None) -> Select[int]:
    statement = select(Activity.id).where(Activity.active.is_(not filters.archived))
    if today is not None:
        statement = statement.where(not_over(today))
    if filters.kind is not None:
        statement = statement.where(Activity.kind == filters.kind)
    if filters.group:
        with_group = select(ActivityGroup.activity_id).where(ActivityGroup.group_slug == filters.group)
        statement = statement.where(Activity.id.in_(with_group))
    if filters.subject:
        of_subject = select(ActivitySubject.activity_id).where(ActivitySubject.subject_slug == filters.subject)
        statement = statement.where(Activity.id.in_(of_subject))
    if filters.broken_on is not None:
        statement = statement.where(Activity.link_broken_on.is_not(None), not_over(filters.broken_on))
    return statement


async def _lines(session: AsyncSession, ids: Sequence[int]) -> list[ActivityLine]:
    """In the order of the ids, three selects."""
    if not ids:
        return []
    rows = {row.id: row for row in await session.scalars(select(Activity).where(Activity.id.in_(ids)))}
    groups = await _titles(
        session,
        select(ActivityGroup.activity_id, CompetenceGroup.title)
        .join(CompetenceGroup, CompetenceGroup.slug == ActivityGroup.group_slug)
        .where(ActivityGroup.activity_id.in_(ids))
        .order_by(CompetenceGroup.place),
    )
    subjects = await _titles(
        session,
        select(ActivitySubject.activity_id, Subject.title)
        .join(Subject, Subject.slug == ActivitySubject.subject_slug)
        .where(ActivitySubject.activity_id.in_(ids))
        .order_by(Subject.place),
    )
    return [
        ActivityLine(
            id=number,
            code=rows[number].code or "",
            kind=rows[number].kind,
            title=rows[number].title,
            organiser=rows[number].organiser,
            form=rows[number].form,
            hours=rows[number].hours,
            starts_on=rows[number].starts_on,
            ends_on=rows[number].ends_on,
            seats=rows[number].seats,
            groups=groups.get(number, ()),
            subjects=subjects.get(number, ()),
            active=rows[number].active,
            source=rows[number].source,
            link_broken_on=rows[number].link_broken_on,
        )
        for number in ids
        if number in rows
    ]


async def _titles(session: AsyncSession, statement: Select[int, str]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for number, title in await session.execute(statement):
        found[number] = (*found.get(number, ()), title)
    return found
