"""Routes on the desk of staff: a filtered list, the story of one route, its pitfalls. Always within a Scope."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    Activity,
    Consent,
    ConsentKind,
    Employment,
    Iom,
    IomMove,
    IomRevision,
    IomState,
    IomStep,
    Organisation,
    Person,
    Position,
    StepState,
)
from bot.rules import iom_draft, iom_states
from bot.rules.iom_draft import Offer
from bot.services import search
from bot.services.access import Right, Scope
from bot.services.iom import reach, staff
from bot.services.iom.staff import IomLine
from bot.services.iom.views import Route
from bot.services.people import PERSON

SIZE = 15
FOUND = 200
"""A search shows its best this many."""

STORY = 60
"""Newest moves of a route that its page shows."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to; empty values narrow nothing."""

    query: str = ""
    state: IomState | None = None
    methodist_id: int | None = None
    municipality_id: int | None = None
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class IomPage:
    """A page of routes."""

    lines: Sequence[IomLine]
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
class Move:
    """A change of state: of the route (no title) or of a step."""

    at: datetime
    actor: str
    title: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Revision:
    """A change of the approved route: who asked, why, what was decided."""

    number: int
    op: str
    title: str
    due: date
    reason: str
    by: str
    at: datetime
    decided_at: datetime | None
    agreed: bool | None


async def page(
    session: AsyncSession, scope: Scope, filters: Filters, *, today: date, number: int = 0, size: int = SIZE
) -> IomPage:
    """One page of routes, those that wait longest first. A fixed number of queries."""
    here = await reach.scope_here(session, scope)
    here.require(Right.iom_see)
    condition: ColumnElement[bool] = Iom.id.in_(_ids(here, filters, today))
    if not search.is_blank(filters.query):
        people = select(Iom.person_id).where(condition)
        found = await search.find(session, PERSON, filters.query, limit=FOUND, among=people)
        condition = and_(
            condition,
            or_(Iom.person_id.in_([person_id for person_id, _ in found]), Iom.reg_no == filters.query),
        )
    total = int(await session.scalar(select(func.count()).select_from(Iom).where(condition)) or 0)
    return IomPage(await staff.lines(session, condition, today, number, size), total, number, size)


async def methodists(session: AsyncSession, scope: Scope, *, today: date) -> list[tuple[int, str]]:
    """(id, name) of those who accompany the routes within the scope."""
    here = await reach.scope_here(session, scope)
    mine = select(Iom.methodist_id).where(Iom.id.in_(_ids(here, Filters(), today)))
    rows = await session.scalars(select(Person).where(Person.id.in_(mine)).order_by(Person.sort, Person.id))
    return [(person.id, person.full_name) for person in rows]


async def work_of(session: AsyncSession, person_id: int) -> tuple[str, str]:
    """(position, organisation) of the main job, empty when nobody has written it."""
    row = (
        await session.execute(
            select(Position.title, Organisation.short_name)
            .select_from(Employment)
            .outerjoin(Position, Position.slug == Employment.position_slug)
            .outerjoin(Organisation, Organisation.id == Employment.organisation_id)
            .where(Employment.person_id == person_id, Employment.is_main, Employment.until.is_(None))
            .limit(1)
        )
    ).one_or_none()
    return (row[0] or "", row[1] or "") if row else ("", "")


async def story(session: AsyncSession, iom_id: int) -> list[Move]:
    """Changes of state, newest first."""
    rows = await session.execute(
        select(IomMove, Person, IomStep.title)
        .outerjoin(Person, Person.id == IomMove.actor_id)
        .outerjoin(IomStep, IomStep.id == IomMove.step_id)
        .where(IomMove.iom_id == iom_id)
        .order_by(IomMove.at.desc(), IomMove.id.desc())
        .limit(STORY)
    )
    return [
        Move(move.at, actor.full_name if actor else "", title or "", move.before, move.after)
        for move, actor, title in rows
    ]


async def revisions(session: AsyncSession, iom_id: int) -> list[Revision]:
    """Changes of the approved route, newest first."""
    rows = await session.execute(
        select(IomRevision, Person)
        .outerjoin(Person, Person.id == IomRevision.proposed_by_id)
        .where(IomRevision.iom_id == iom_id)
        .order_by(IomRevision.number.desc())
    )
    return [
        Revision(
            number=row.number,
            op=row.change["op"],
            title=row.change["title"],
            due=date.fromisoformat(row.change["due"]),
            reason=row.reason,
            by=person.full_name if person else "",
            at=row.proposed_at,
            decided_at=row.decided_at,
            agreed=row.agreed,
        )
        for row, person in rows
    ]


async def pitfalls(session: AsyncSession, route: Route) -> tuple[dict[int, str], set[int]]:
    """(step → title it clashes with by days, steps whose activity was called off), open steps only."""
    open_steps = [step for step in route.steps if step.open and step.activity_id is not None]
    ids = [step.activity_id for step in open_steps]
    rows = {row.id: row for row in await session.scalars(select(Activity).where(Activity.id.in_(ids)))}
    gone = {step.id for step in open_steps if step.activity_id in rows and not rows[step.activity_id].active}
    clashes: dict[int, str] = {}
    known = [(step, _offer(rows[step.activity_id])) for step in open_steps if step.activity_id in rows]
    for place, (step, offer) in enumerate(known):
        for other, its in known[place + 1 :]:
            if iom_draft.clash(offer, its):
                clashes.setdefault(step.id, other.title)
                clashes.setdefault(other.id, step.title)
    return clashes, gone


async def left_out(session: AsyncSession, iom_id: int, step_id: int | None) -> str:
    """The title of a step that was just left out of the plan, to offer it back; empty when there is none."""
    found = await session.scalar(
        select(IomStep.title).where(
            IomStep.iom_id == iom_id, IomStep.id == step_id, IomStep.state == StepState.cancelled
        )
    )
    return found or ""


async def without_consent(session: AsyncSession, person_ids: Collection[int]) -> set[int]:
    """Those of them whose consent is not in force: nothing of theirs can be approved."""
    given = await session.scalars(
        select(Consent.person_id).where(
            Consent.person_id.in_(person_ids), Consent.kind == ConsentKind.data, Consent.withdrawn_at.is_(None)
        )
    )
    return set(person_ids) - set(given)


# --- inside ------------------------------------------------------------------------------------------


def _ids(here: Scope, filters: Filters, today: date) -> Select[Any]:
    statement = reach.within(select(Iom.id), here, Right.iom_see, today=today)
    return statement.where(*_conditions(filters, today)).distinct()


def _conditions(filters: Filters, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.state is not None:
        found.append(Iom.state == filters.state)
    if filters.methodist_id is not None:
        found.append(Iom.methodist_id == filters.methodist_id)
    if filters.municipality_id is not None:
        found.append(Organisation.municipality_id == filters.municipality_id)
    if filters.overdue:
        late = exists().where(IomStep.iom_id == Iom.id, IomStep.state.in_(iom_states.OPEN_STEP), IomStep.due_on < today)
        found.append(Iom.state.in_(iom_states.FOLLOWED) & late)
    return found


def _offer(row: Activity) -> Offer:
    return Offer(row.id, row.kind.value, (), row.hours, row.starts_on, row.ends_on, form=row.form.value)
