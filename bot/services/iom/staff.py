"""What waits for staff: queues of the methodist and of the head, the list with states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    Employment,
    Iom,
    IomRevision,
    IomState,
    IomStep,
    Organisation,
    Person,
    StepState,
)
from bot.rules import iom_states
from bot.services.access import Right, Scope
from bot.services.iom import reach


@dataclass(frozen=True, slots=True)
class IomLine:
    """A route in a list: its state and how far it is, no results."""

    id: int
    person_id: int
    name: str
    organisation: str
    state: IomState
    reg_no: str
    methodist: str
    hours: int
    done: int
    total: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Task:
    """Something a methodist has to do: ``offer``, ``evidence``, ``change``, ``conclude``."""

    kind: str
    iom_id: int
    name: str
    step_id: int | None = None
    title: str = ""


async def listing(
    session: AsyncSession,
    scope: Scope,
    *,
    today: date,
    state: IomState | None = None,
    page: int = 0,
    size: int = 50,
) -> tuple[list[IomLine], int]:
    """Routes within the scope, those that wait longest first, and how many there are. Two queries."""
    here = await reach.scope_here(session, scope)
    here.require(Right.iom_see)
    ids = reach.within(select(Iom.id), here, Right.iom_see, today=today).distinct()
    condition = and_(Iom.id.in_(ids), Iom.state == state if state is not None else true())
    total = await session.scalar(select(func.count()).select_from(Iom).where(condition))
    return await lines(session, condition, today, page, size), int(total or 0)


async def to_approve(
    session: AsyncSession, scope: Scope, *, today: date, page: int = 0, size: int = 3
) -> tuple[list[IomLine], int]:
    """Agreed routes within the head's scope."""
    condition = _agreed(scope, today)
    total = await session.scalar(select(func.count()).select_from(Iom).where(condition))
    return await lines(session, condition, today, page, size), int(total or 0)


async def queue(
    session: AsyncSession, scope: Scope, *, today: date, page: int = 0, size: int = 5
) -> tuple[list[Task], int]:
    """What waits for a methodist: evidence first, then changes, conclusions and drafts. Two queries, however long."""
    tasks = _tasks(await reach.scope_here(session, scope), today)
    total = await session.scalar(select(func.count()).select_from(tasks))
    rows = await session.execute(
        select(tasks.c.kind, tasks.c.iom_id, tasks.c.step_id, tasks.c.title, Person)
        .join(Person, Person.id == tasks.c.person_id)
        .order_by(tasks.c.rank, tasks.c.day, tasks.c.iom_id, tasks.c.step_id)
        .offset(page * size)
        .limit(size)
    )
    found = [Task(kind, iom_id, person.full_name, step_id, title) for kind, iom_id, step_id, title, person in rows]
    return found, int(total or 0)


async def waiting(session: AsyncSession, scope: Scope, *, today: date) -> tuple[int, int]:
    """(tasks of the methodist, routes for the head to approve); zero where the right is missing."""
    here = await reach.scope_here(session, scope)
    tasks = agreed = 0
    if here.may(Right.iom_edit):
        tasks = await session.scalar(select(func.count()).select_from(_tasks(here, today))) or 0
    if scope.may(Right.iom_approve):
        agreed = await session.scalar(select(func.count()).select_from(Iom).where(_agreed(scope, today))) or 0
    return tasks, agreed


def _agreed(scope: Scope, today: date) -> ColumnElement[bool]:
    scope.require(Right.iom_approve)
    ids = reach.within(select(Iom.id), scope, Right.iom_approve, today=today).distinct()
    return and_(Iom.state == IomState.agreed, Iom.id.in_(ids))


def _tasks(here: Scope, today: date) -> Subquery:
    """Everything that waits as rows of one shape."""
    here.require(Right.iom_edit)
    ids = reach.within(select(Iom.id), here, Right.iom_edit, today=today).distinct()

    def row(kind: ColumnElement[str], rank: int, number: Any, title: Any, day: Any) -> Select[Any]:
        return select(
            kind.label("kind"),
            literal(rank).label("rank"),
            Iom.id.label("iom_id"),
            Iom.person_id.label("person_id"),
            number.label("step_id"),
            title.label("title"),
            day.label("day"),
        ).where(Iom.id.in_(ids))

    evidence = (
        row(literal("evidence"), 0, IomStep.id, IomStep.title, IomStep.due_on)
        .join(IomStep, IomStep.iom_id == Iom.id)
        .where(IomStep.state == StepState.submitted)
    )
    asked = (
        row(literal("change"), 1, IomRevision.id, literal(""), Iom.starts_on)
        .join(IomRevision, IomRevision.iom_id == Iom.id)
        .where(IomRevision.decided_at.is_(None), IomRevision.proposed_by_id == Iom.person_id)
    )
    remarked = exists().where(IomStep.iom_id == Iom.id, IomStep.remark != "", IomStep.state.not_in(iom_states.GONE))
    kind = case((Iom.state == IomState.exit_check, "conclude"), else_="offer")
    rest = row(kind, 2, cast(null(), BigInteger), literal(""), Iom.starts_on).where(
        or_(
            (Iom.state == IomState.draft) & Iom.agreed_at.is_not(None),
            (Iom.state == IomState.offered) & or_(Iom.remark != "", remarked),
            (Iom.state == IomState.exit_check) & (func.json_array_length(Iom.reflections) >= 3),
        )
    )
    return union_all(evidence, asked, rest).subquery()


# --- inside ------------------------------------------------------------------------------------------


async def lines(
    session: AsyncSession, condition: ColumnElement[bool], today: date, page: int, size: int
) -> list[IomLine]:
    """Routes that meet a condition, open ones first, oldest first. One query."""
    kept = IomStep.state.not_in(iom_states.GONE)
    late = IomStep.state.in_(iom_states.OPEN_STEP) & (IomStep.due_on < today)
    counts = (
        select(
            IomStep.iom_id,
            func.sum(case((kept, IomStep.hours), else_=0)).label("hours"),
            func.sum(case((IomStep.state == StepState.accepted, 1), else_=0)).label("done"),
            func.sum(case((kept, 1), else_=0)).label("total"),
            func.sum(case((late, 1), else_=0)).label("late"),
        )
        .group_by(IomStep.iom_id)
        .subquery()
    )
    methodist = select(Person).subquery()
    place = (
        select(Organisation.short_name)
        .join(Employment, Employment.organisation_id == Organisation.id)
        .where(Employment.person_id == Iom.person_id, Employment.is_main, Employment.until.is_(None))
        .limit(1)
        .scalar_subquery()
    )
    rows = await session.execute(
        select(Iom, Person, place, methodist.c.last_name, methodist.c.first_name, counts)
        .join(Person, Person.id == Iom.person_id)
        .outerjoin(methodist, methodist.c.id == Iom.methodist_id)
        .outerjoin(counts, counts.c.iom_id == Iom.id)
        .where(condition)
        .order_by(Iom.closed_at.is_not(None), Iom.created_at, Iom.id)
        .offset(page * size)
        .limit(size)
    )
    return [
        IomLine(
            iom.id,
            iom.person_id,
            person.full_name,
            organisation or "",
            iom.state,
            iom.reg_no or "",
            f"{last} {first}" if last else "",
            int(hours or 0),
            int(done or 0),
            int(total or 0),
            int(overdue or 0) if iom.state in iom_states.FOLLOWED else 0,
        )
        for iom, person, organisation, last, first, _, hours, done, total, overdue in rows
    ]
