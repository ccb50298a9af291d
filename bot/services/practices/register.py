"""The bank for the staff: the list with its experts, one card, the share of products with an expertise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound
from bot.models import (
    CompetenceGroup,
    Municipality,
    Organisation,
    Person,
    Practice,
    PracticeReview,
    PracticeState,
    PracticeUse,
    Subject,
)
from bot.rules.practices import GOAL
from bot.rules.words import folded
from bot.services.access import Right, Scope
from bot.services.practices import base
from bot.services.practices.base import Attached

SIZE = 20
MOST = 20_000
STATES = (PracticeState.review, PracticeState.returned, PracticeState.published, PracticeState.withdrawn)
"""What the staff see: a draft is its author's business."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the register."""

    id: int
    title: str
    author: str
    school: str
    municipality: str
    subject: str
    grades: str
    group: str
    state: PracticeState
    sent_at: datetime | None
    due_on: date | None
    published_at: datetime | None
    reviewed: bool
    asked: int
    done: int
    applied: int
    named: bool
    number: str
    is_demo: bool


@dataclass(frozen=True, slots=True)
class Card:
    """Everything the staff may see of one."""

    row: Row
    problem: str
    actions: str
    outcome: str
    link: str
    link_broken_on: date | None
    files: tuple[Attached, ...]
    group_slug: str
    comment: str
    published_why: str
    withdrawn_why: str
    author_id: int
    round: int
    uses: tuple[tuple[date, str], ...]


@dataclass(frozen=True, slots=True)
class Share:
    """Products published in a span of days, and those that experts had seen."""

    published: int
    reviewed: int
    goal: int = GOAL

    @property
    def percent(self) -> float | None:
        """None while nothing was published."""
        return self.reviewed * 100 / self.published if self.published else None

    @property
    def kept(self) -> bool:
        """True when the goal is reached."""
        return self.percent is not None and self.percent >= self.goal


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to."""

    query: str = ""
    state: PracticeState | None = None
    subject: str = ""
    since: date | None = None


async def page(
    session: AsyncSession, scope: Scope, filters: Filters, *, number: int = 0, size: int = SIZE
) -> tuple[list[Row], int]:  # fmt: skip
    """A page of the register; a fixed number of statements."""
    scope.require(Right.practices_see)
    wanted = _wanted(filters)
    total = await session.scalar(wanted.with_only_columns(func.count(Practice.id)).order_by(None))
    rows = await session.execute(
        wanted.order_by(Practice.sent_at.desc(), Practice.id.desc()).limit(size).offset(number * size)
    )
    return [_row(one) for one in rows], int(total or 0)


async def everything(session: AsyncSession, scope: Scope, filters: Filters) -> list[Row]:
    """The register for a sheet."""
    rows, _ = await page(session, scope, filters, size=MOST)
    return rows


async def counts(session: AsyncSession, scope: Scope) -> dict[PracticeState, int]:
    """How many there are in each state."""
    scope.require(Right.practices_see)
    rows = await session.execute(
        select(Practice.state, func.count()).where(Practice.state.in_(STATES)).group_by(Practice.state)
    )
    return dict(rows.all())


async def card(session: AsyncSession, scope: Scope, practice_id: int) -> Card:
    """One practice. NotFound for a draft."""
    scope.require(Right.practices_see)
    found = (await session.execute(_statement().where(Practice.id == practice_id))).one_or_none()
    if found is None:
        raise NotFound("practices-gone")
    row: Practice = found[0]
    uses = await session.execute(
        select(PracticeUse.at, PracticeUse.text)
        .where(PracticeUse.practice_id == row.id)
        .order_by(PracticeUse.id.desc())
        .limit(20)
    )
    return Card(
        _row(found), row.problem, row.actions, row.outcome, row.link, row.link_broken_on,
        tuple(await base.files_of(session, row.id)),
        row.group_slug or "", row.comment, row.published_why, row.withdrawn_why, row.author_id, row.round,
        tuple((at.date(), text) for at, text in uses),
    )  # fmt: skip


async def share(session: AsyncSession, scope: Scope, *, since: date, until: date) -> Share:
    """Of what was published within the days and still stands."""
    scope.require(Right.practices_see)
    counted = select(func.count(), func.count().filter(Practice.reviewed)).where(
        Practice.state == PracticeState.published,
        Practice.published_at >= datetime.combine(since, time(), tzinfo=UTC),
        Practice.published_at < datetime.combine(until + timedelta(days=1), time(), tzinfo=UTC),
    )
    published, reviewed = (await session.execute(counted)).one()
    return Share(int(published), int(reviewed))


def _statement() -> Select[Any]:
    r = PracticeReview
    live = and_(r.practice_id == Practice.id, r.round == Practice.round, r.refused_at.is_(None))
    asked = select(func.count()).select_from(r).where(live).correlate(Practice).scalar_subquery()
    done = select(func.count()).select_from(r).where(live, r.done_at.is_not(None)).correlate(Practice).scalar_subquery()
    tried = (
        select(func.count())
        .select_from(PracticeUse)
        .where(PracticeUse.practice_id == Practice.id)
        .correlate(Practice)
        .scalar_subquery()
    )
    return (
        select(
            Practice, Person, Organisation.short_name, Municipality.name, Subject.title, CompetenceGroup.title, asked,
            done, tried,
        )
        .join(Person, Person.id == Practice.author_id)
        .outerjoin(Organisation, Organisation.id == Practice.organisation_id)
        .outerjoin(Municipality, Municipality.id == Practice.municipality_id)
        .outerjoin(Subject, Subject.slug == Practice.subject_slug)
        .outerjoin(CompetenceGroup, CompetenceGroup.slug == Practice.group_slug)
        .where(Practice.state.in_(STATES))
    )  # fmt: skip


def _wanted(filters: Filters) -> Select[Any]:
    wanted = _statement()
    if filters.state is not None:
        wanted = wanted.where(Practice.state == filters.state)
    for word in folded(filters.query).split()[:6]:
        by_name, by_title = (column.contains(word, autoescape=True) for column in (Person.search, Practice.search))
        wanted = wanted.where(by_name | by_title)
    if filters.subject:
        wanted = wanted.where(Practice.subject_slug == filters.subject)
    if filters.since is not None:
        wanted = wanted.where(Practice.sent_at >= datetime.combine(filters.since, time(), tzinfo=UTC))
    return wanted


def _row(found: Any) -> Row:
    row, person, school, municipality, subject, group, asked, done, tried = found
    return Row(
        row.id, row.title, person.full_name, school or "", municipality or "", subject or "", row.grades, group or "",
        row.state, row.sent_at, row.due_on, row.published_at, row.reviewed, asked, done, tried, row.named,
        row.certificate_no or "", row.is_demo,
    )  # fmt: skip
