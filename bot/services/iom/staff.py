"""What waits for staff: queues of the methodist and of the head, the list with states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true
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
    scope.require(Right.iom_approve)
    ids = reach.within(select(Iom.id), scope, Right.iom_approve, today=today).distinct()
    condition = and_(Iom.state == IomState.agreed, Iom.id.in_(ids))
    total = await session.scalar(select(func.count()).select_from(Iom).where(condition))
    return await lines(session, condition, today, page, size), int(total or 0)


async def queue(
    session: AsyncSession, scope: Scope, *, today: date, page: int = 0, size: int = 5
) -> tuple[list[Task], int]:
    """What waits for a methodist: evidence first, then changes, conclusions, drafts. Four queries."""
    here = await reach.scope_here(session, scope)
    here.require(Right.iom_edit)
    ids = reach.within(select(Iom.id), here, Right.iom_edit, today=today).distinct()
    named = select(Iom.id, Person).join(Person, Person.id == Iom.person_id).where(Iom.id.in_(ids))
    tasks: list[Task] = []
    evidence = named.add_columns(IomStep.id, IomStep.title).join(IomStep, IomStep.iom_id == Iom.id)
    for iom_id, person, step_id, title in await session.execute(
        evidence.where(IomStep.state == StepState.submitted).order_by(IomStep.due_on, IomStep.id)
    ):
        tasks.append(Task("evidence", iom_id, person.full_name, step_id, title))
    asked = named.add_columns(IomRevision.id).join(IomRevision, IomRevision.iom_id == Iom.id)
    for iom_id, person, change_id in await session.execute(
        asked.where(IomRevision.decided_at.is_(None), IomRevision.proposed_by_id == Iom.person_id).order_by(
            IomRevision.id
        )
    ):
        tasks.append(Task("change", iom_id, person.full_name, change_id))
    waiting = or_(
        (Iom.state == IomState.draft) & Iom.agreed_at.is_not(None),
        (Iom.state == IomState.offered) & (Iom.remark != ""),
        (Iom.state == IomState.exit_check) & (func.json_array_length(Iom.reflections) >= 3),
    )
    for iom_id, person, state in await session.execute(
        named.add_columns(Iom.state).where(waiting).order_by(Iom.created_at, Iom.id)
    ):
        tasks.append(Task("conclude" if state is IomState.exit_check else "offer", iom_id, person.full_name))
    return tasks[page * size : (page + 1) * size], len(tasks)


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
