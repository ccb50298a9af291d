"""Tasks between meetings: given to a cohort, handed in by its members, accepted by who leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    Cohort,
    CohortMember,
    CohortState,
    CohortTask,
    CohortWork,
    Employment,
    MemberState,
    Organisation,
    Person,
    Programme,
    StoredFile,
    WorkState,
)
from bot.services import audit
from bot.services.access import Right, Scope
from bot.services.programmes.reading import cohort_of, member_of

ENTITY = "cohort"
WORDS = 3000
TITLE = 120


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task as its member sees it; ``state`` is None while nothing was handed in."""

    id: int
    cohort_id: int
    title: str
    text: str
    due_on: date
    state: WorkState | None
    comment: str


@dataclass(frozen=True, slots=True)
class WorkLine:
    """A work that waits for a look."""

    id: int
    cohort_id: int
    person_id: int
    name: str
    organisation: str
    programme: str
    task: str
    text: str
    file_id: int | None
    file_name: str
    state: WorkState
    sent_at: datetime
    comment: str


async def tasks(session: AsyncSession, person_id: int, cohort_id: int) -> list[TaskLine]:
    """Tasks of a cohort she is in, what is due first at the top."""
    await _inside(session, person_id, cohort_id)
    rows = await session.execute(
        select(CohortTask, CohortWork)
        .outerjoin(CohortWork, (CohortWork.task_id == CohortTask.id) & (CohortWork.person_id == person_id))
        .where(CohortTask.cohort_id == cohort_id)
        .order_by(CohortTask.due_on, CohortTask.id)
    )
    return [_line(task, work) for task, work in rows]


async def task(session: AsyncSession, person_id: int, task_id: int) -> TaskLine:
    """One task of a cohort she is in."""
    found, work, _ = await _own(session, person_id, task_id, locked=False)
    return _line(found, work)


async def send(
    session: AsyncSession, person_id: int, task_id: int, *, text: str = "", file_id: int | None = None, now: datetime
) -> TaskLine:
    """Words or a file for a task; before the verdict the last one counts."""
    text = text.strip()[:WORDS]
    if file_id is None and len(text) < 3:
        raise UserError("programmes-work-empty", buttons=(("button-back", f"programmes:task:{task_id}"),))
    found, work, cohort = await _own(session, person_id, task_id)
    if cohort.state is CohortState.finished:
        raise UserError("programmes-over")
    if work is not None and work.state is WorkState.accepted:
        raise UserError("programmes-work-accepted", buttons=(("button-back", f"programmes:tasks:{cohort.id}"),))
    if work is None:
        work = CohortWork(task_id=task_id, person_id=person_id)
        session.add(work)
    work.state, work.text, work.file_id, work.sent_at = WorkState.sent, text, file_id, now
    work.decided_at = work.decided_by_id = None
    await session.flush()
    return _line(found, work)


async def later(session: AsyncSession, person_id: int, task_id: int, *, now: datetime) -> TaskLine:
    """«Не успеваю»: those who lead see it, nobody reminds her any more."""
    found, work, _ = await _own(session, person_id, task_id)
    if work is None:
        work = CohortWork(task_id=task_id, person_id=person_id, state=WorkState.later, sent_at=now)
        session.add(work)
        await session.flush()
    return _line(found, work)


# --- staff -------------------------------------------------------------------------------------------


async def give(
    session: AsyncSession, scope: Scope, cohort_id: int, *, title: str, text: str, due_on: date, now: datetime
) -> int:
    """A task for everybody in a cohort; the job tells them."""
    scope.require(Right.programmes_run)
    cohort, _ = await cohort_of(session, cohort_id)
    title, text = " ".join(title.split()), text.strip()
    if cohort.state is CohortState.finished:
        raise UserError("programmes-over")
    if not title or len(title) > TITLE or not 3 <= len(text) <= WORDS:
        raise UserError("programmes-wrong-task")
    if due_on < now.date():
        raise UserError("programmes-wrong-due")
    row = CohortTask(cohort_id=cohort_id, title=title, text=text, due_on=due_on, created_at=now)
    session.add(row)
    await session.flush()
    audit.changed(session, scope, ENTITY, cohort_id, "task-given", now=now, after={"task": row.id})
    return row.id


async def queue(
    session: AsyncSession, scope: Scope, *, cohort_id: int | None = None, number: int = 0, size: int = 1, today: date
) -> tuple[list[WorkLine], int]:
    """Works that wait for a look within the scope, the oldest first, and how many there are."""
    scope.require(Right.programmes_run)
    statement = _works().where(CohortWork.state == WorkState.sent, _reach(scope, today))
    if cohort_id is not None:
        statement = statement.where(CohortTask.cohort_id == cohort_id)
    total = await session.scalar(
        select(func.count()).select_from(statement.with_only_columns(CohortWork.id).subquery())
    )
    rows = await session.execute(
        statement.order_by(CohortWork.sent_at, CohortWork.id).limit(size).offset(number * size)
    )
    return [_work(row) for row in rows], total or 0


async def work(session: AsyncSession, scope: Scope, work_id: int, *, today: date) -> WorkLine:
    """One work within the scope."""
    scope.require(Right.programmes_run)
    row = (await session.execute(_works().where(CohortWork.id == work_id, _reach(scope, today)))).first()
    if row is None:
        raise NotFound()
    return _work(row)


async def decide(
    session: AsyncSession, scope: Scope, work_id: int, *, accept: bool, comment: str = "", now: datetime, today: date
) -> WorkLine:
    """Accept a work, or return it with words: without words nobody would know what to add."""
    comment = comment.strip()[:WORDS]
    if not accept and len(comment) < 5:
        raise UserError("programmes-comment-needed")
    await work(session, scope, work_id, today=today)
    row = await session.scalar(
        select(CohortWork).where(CohortWork.id == work_id).with_for_update().execution_options(populate_existing=True)
    )
    if row is None or row.state is not WorkState.sent:
        raise UserError("programmes-work-moved-on")
    row.state = WorkState.accepted if accept else WorkState.returned
    row.comment, row.decided_at, row.decided_by_id = comment, now, scope.person_id
    audit.changed(session, scope, ENTITY, work_id, f"work-{row.state.value}", now=now)
    await session.flush()
    return await work(session, scope, work_id, today=today)


async def file_for(session: AsyncSession, scope: Scope, work_id: int, *, now: datetime, today: date) -> StoredFile:
    """The file of a work within the scope; the look is recorded and shown to the person."""
    found = await work(session, scope, work_id, today=today)
    stored = await session.get(StoredFile, found.file_id) if found.file_id is not None else None
    if stored is None:
        raise NotFound()
    await audit.viewed(
        session, scope, found.person_id, "cohort-work", right=Right.programmes_run, object_id=work_id, now=now
    )
    return stored


# --- inside ------------------------------------------------------------------------------------------


async def _inside(session: AsyncSession, person_id: int, cohort_id: int) -> None:
    own = await member_of(session, cohort_id, person_id)
    if own is None or own.state not in (MemberState.member, MemberState.completed, MemberState.ended):
        raise NotFound()


async def _own(
    session: AsyncSession, person_id: int, task_id: int, *, locked: bool = True
) -> tuple[CohortTask, CohortWork | None, Cohort]:
    found = await session.get(CohortTask, task_id)
    if found is None:
        raise NotFound()
    await _inside(session, person_id, found.cohort_id)
    cohort, _ = await cohort_of(session, found.cohort_id, locked=locked)
    own = await session.scalar(
        select(CohortWork).where(CohortWork.task_id == task_id, CohortWork.person_id == person_id)
    )
    return found, own, cohort


def _line(one: CohortTask, work: CohortWork | None) -> TaskLine:
    return TaskLine(
        one.id, one.cohort_id, one.title, one.text, one.due_on,
        work.state if work else None, work.comment if work else "",
    )  # fmt: skip


def _works() -> Any:
    return (
        select(CohortWork, CohortTask, Programme.title, Person, Organisation.short_name, StoredFile.name)
        .join(CohortTask, CohortTask.id == CohortWork.task_id)
        .join(Cohort, Cohort.id == CohortTask.cohort_id)
        .join(Programme, Programme.id == Cohort.programme_id)
        .join(Person, Person.id == CohortWork.person_id)
        .outerjoin(Employment, (Employment.person_id == Person.id) & Employment.is_main & Employment.until.is_(None))
        .outerjoin(Organisation, Organisation.id == Employment.organisation_id)
        .outerjoin(StoredFile, StoredFile.id == CohortWork.file_id)
    )


def _reach(scope: Scope, today: date) -> ColumnElement[bool]:
    """Works of people within the scope, and of the cohorts one leads."""
    return or_(
        Cohort.leader_id == scope.person_id if scope.person_id is not None else false(),
        scope.where(
            Right.programmes_run,
            person=Person.id,
            organisation=Employment.organisation_id,
            municipality=Organisation.municipality_id,
            today=today,
        ),
    )


def _work(row: Any) -> WorkLine:
    work, task_row, programme, person, place, file_name = row
    return WorkLine(
        work.id, task_row.cohort_id, person.id, person.full_name, place or "", programme, task_row.title, work.text,
        work.file_id, file_name or "", work.state, work.sent_at, work.comment,
    )  # fmt: skip


async def members(session: AsyncSession, cohort_id: int) -> list[int]:
    """People who are in a cohort now."""
    return list(
        await session.scalars(
            select(CohortMember.person_id)
            .where(CohortMember.cohort_id == cohort_id, CohortMember.state == MemberState.member)
            .order_by(CohortMember.person_id)
        )
    )
