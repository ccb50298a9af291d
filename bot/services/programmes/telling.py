"""What has to be said by itself: invitations, tasks, verdicts, the end. Words are the job's.

Every question asks tables what is due and marks what was asked, so that a run after a crash goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    Cohort,
    CohortMember,
    CohortState,
    CohortTask,
    CohortWork,
    MemberState,
    Person,
    PersonState,
    WorkState,
)
from bot.services.programmes.reading import CohortCard, card
from bot.services.programmes.working import TaskLine

PORTION = 100
AHEAD = timedelta(days=35)
"""A task is told so long before its last day, not earlier."""

REMIND = timedelta(days=2)
"""Before the last day of a task."""

TOLD = (MemberState.invited, MemberState.completed, MemberState.ended)


@dataclass(frozen=True, slots=True)
class Standing:
    """A change of belonging to be told."""

    person_id: int
    locale: str
    card: CohortCard
    key: str


@dataclass(frozen=True, slots=True)
class Task:
    """A task, or a verdict on a work, to be told."""

    person_id: int
    locale: str
    line: TaskLine
    key: str


async def standings(session: AsyncSession, *, now: datetime) -> list[Standing]:
    """Members whose state they have not heard of."""
    rows = (
        await session.execute(
            select(CohortMember, Person.locale)
            .join(Person, Person.id == CohortMember.person_id)
            .where(
                CohortMember.state.in_(TOLD),
                or_(CohortMember.told.is_(None), CohortMember.told != CohortMember.state),
                Person.state == PersonState.active,
            )
            .order_by(CohortMember.id)
            .limit(PORTION)
        )
    ).all()
    found = []
    for member, locale in rows:
        member.told = member.state
        told = await card(session, member.person_id, member.cohort_id, now=now)
        key = f"programme:{member.cohort_id}:{member.state.value}:{member.person_id}"
        found.append(Standing(member.person_id, locale, told, key))
    await session.flush()
    return found


async def new_tasks(session: AsyncSession, *, now: datetime, today: date) -> list[Task]:
    """Tasks that were given and not told: to everybody in the cohort."""
    task = await session.scalar(
        select(CohortTask)
        .join(Cohort, Cohort.id == CohortTask.cohort_id)
        .where(
            CohortTask.told_at.is_(None),
            CohortTask.due_on <= today + AHEAD,
            Cohort.state != CohortState.finished,
            Cohort.starts_on <= today,
        )
        .order_by(CohortTask.id)
        .limit(1)
    )
    if task is None:
        return []
    task.told_at = now
    return await _of(session, task, "task", done=())


async def due_tasks(session: AsyncSession, *, now: datetime, today: date) -> list[Task]:
    """The last days of a task: to those who have handed nothing in and asked for no time."""
    task = await session.scalar(
        select(CohortTask)
        .join(Cohort, Cohort.id == CohortTask.cohort_id)
        .where(
            CohortTask.told_at < now - timedelta(days=1),
            CohortTask.reminded_at.is_(None),
            CohortTask.due_on >= today,
            CohortTask.due_on <= today + REMIND,
            Cohort.state != CohortState.finished,
        )
        .order_by(CohortTask.id)
        .limit(1)
    )
    if task is None:
        return []
    task.reminded_at = now
    return await _of(session, task, "due", done=(WorkState.sent, WorkState.accepted, WorkState.later))


async def verdicts(session: AsyncSession, *, now: datetime) -> list[Task]:
    """Works that were accepted or returned."""
    rows = (
        await session.execute(
            select(CohortWork, CohortTask, Person.locale)
            .join(CohortTask, CohortTask.id == CohortWork.task_id)
            .join(Person, Person.id == CohortWork.person_id)
            .where(
                CohortWork.decided_at.is_not(None),
                CohortWork.state.in_((WorkState.accepted, WorkState.returned)),
                or_(CohortWork.told_at.is_(None), CohortWork.told_at < CohortWork.decided_at),
            )
            .order_by(CohortWork.id)
            .limit(PORTION)
        )
    ).all()
    found = []
    for work, task, locale in rows:
        work.told_at = now
        line = TaskLine(task.id, task.cohort_id, task.title, task.text, task.due_on, work.state, work.comment)
        key = f"programme-work:{work.id}:{work.decided_at:%Y%m%d%H%M%S}"
        found.append(Task(work.person_id, locale, line, key))
    await session.flush()
    return found


async def _of(session: AsyncSession, task: CohortTask, what: str, *, done: tuple[WorkState, ...]) -> list[Task]:
    handed = select(CohortWork.person_id).where(CohortWork.task_id == task.id, CohortWork.state.in_(done))
    rows = await session.execute(
        select(Person.id, Person.locale)
        .join(CohortMember, CohortMember.person_id == Person.id)
        .where(
            CohortMember.cohort_id == task.cohort_id,
            CohortMember.state == MemberState.member,
            Person.state == PersonState.active,
            Person.id.not_in(handed),
        )
        .order_by(Person.id)
    )
    line = TaskLine(task.id, task.cohort_id, task.title, task.text, task.due_on, None, "")
    found = [Task(number, locale, line, f"programme-{what}:{task.id}:{number}") for number, locale in rows]
    await session.flush()
    return found
