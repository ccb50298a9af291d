"""What the chat and the pages know of programmes: values, read with a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound
from bot.models import (
    Attendance,
    Cohort,
    CohortMember,
    CohortState,
    CohortTask,
    CohortWork,
    Event,
    MemberState,
    Person,
    Programme,
    ProgrammeKind,
    WorkState,
)
from bot.rules import programmes as rules
from bot.rules.programmes import Progress
from bot.services import tutors
from bot.services.events.reading import COUNTED, SHOWN, EventLine, line_of

INSIDE = (MemberState.member, MemberState.completed, MemberState.ended)
"""States of those who are, or were to the end, in a cohort."""


@dataclass(frozen=True, slots=True)
class CohortLine:
    """A cohort of a person: a line of «Мои программы»."""

    id: int
    title: str
    kind: ProgrammeKind
    state: MemberState
    cohort_state: CohortState
    starts_on: date
    progress: Progress


@dataclass(frozen=True, slots=True)
class CohortCard:
    """A cohort as its member (or an invited person) sees it; ``state`` is None for who may join by rule."""

    id: int
    title: str
    about: str
    kind: ProgrammeKind
    year: int
    years: int
    state: MemberState | None
    cohort_state: CohortState
    starts_on: date
    ends_on: date
    progress: Progress
    meeting: EventLine | None
    open_tasks: int
    questions: tuple[tuple[str, str], ...]
    needs: tuple[str, ...] | None
    leader: str
    gives_certificate: bool
    has_certificate: bool
    # The assignment and the name of who helps her.
    tutor: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting of the plan, and whether it is counted for her."""

    line: EventLine
    was: bool


async def mine(session: AsyncSession, person_id: int) -> list[CohortLine]:
    """Her cohorts, those that go on first."""
    rows = (
        await session.execute(
            select(CohortMember.state, Cohort, Programme)
            .join(Cohort, Cohort.id == CohortMember.cohort_id)
            .join(Programme, Programme.id == Cohort.programme_id)
            .where(CohortMember.person_id == person_id, CohortMember.state.in_((MemberState.invited, *INSIDE)))
            .order_by(Cohort.finished_at.is_not(None), Cohort.starts_on.desc(), Cohort.id.desc())
            .limit(5)
        )
    ).all()
    counted = await progress_of(session, [(cohort, programme) for _, cohort, programme in rows], [person_id])
    return [
        CohortLine(
            cohort.id, programme.title, programme.kind, state, cohort.state, cohort.starts_on,
            counted[cohort.id, person_id],
        )
        for state, cohort, programme in rows
    ]  # fmt: skip


async def card(session: AsyncSession, person_id: int, cohort_id: int, *, now: datetime) -> CohortCard:
    """One cohort for one person; who has no row in it may see what she may join (``belonging.fits`` asks)."""
    cohort, programme = await cohort_of(session, cohort_id)
    own = await member_of(session, cohort_id, person_id)
    counted = await progress_of(session, [(cohort, programme)], [person_id])
    nearest = await session.scalar(
        select(Event)
        .where(Event.series_id == cohort.series_id, Event.state.in_(SHOWN), Event.ends_at > now)
        .order_by(Event.starts_at, Event.id)
        .limit(1)
    )
    taken = select(CohortWork.task_id).where(
        CohortWork.person_id == person_id, CohortWork.state.in_((WorkState.sent, WorkState.accepted))
    )
    open_tasks = await session.scalar(
        select(func.count()).where(CohortTask.cohort_id == cohort_id, CohortTask.id.not_in(taken))
    )
    leader = await session.get(Person, cohort.leader_id) if cohort.leader_id is not None else None
    return CohortCard(
        id=cohort.id,
        title=programme.title,
        about=programme.about,
        kind=programme.kind,
        year=cohort.year,
        years=programme.years,
        state=own.state if own else None,
        cohort_state=cohort.state,
        starts_on=cohort.starts_on,
        ends_on=cohort.ends_on,
        progress=counted[cohort_id, person_id],
        meeting=line_of(nearest) if nearest else None,
        open_tasks=open_tasks or 0,
        questions=questions_of(programme),
        needs=tuple(own.needs) if own is not None and own.needs is not None else None,
        leader=leader.short_name if leader else "",
        gives_certificate=programme.gives_certificate,
        has_certificate=own is not None and own.number is not None and own.revoked_at is None,
        tutor=await tutors.of_learner(session, person_id, cohort_id),
    )


async def plan(session: AsyncSession, person_id: int, cohort_id: int) -> list[Meeting]:
    """Every meeting in order, with hers marked."""
    cohort, _ = await cohort_of(session, cohort_id)
    events = await meetings_of(session, cohort.series_id)
    was = set(
        await session.scalars(
            select(Attendance.event_id).where(
                Attendance.person_id == person_id, Attendance.event_id.in_([one.id for one in events]), *counts()
            )
        )
    )
    return [Meeting(line_of(one), one.id in was) for one in events]


async def progress_of(
    session: AsyncSession, cohorts: Sequence[tuple[Cohort, Programme]], people: Sequence[int]
) -> dict[tuple[int, int], Progress]:
    """Progress of people in cohorts: four queries, however many they are."""
    series: dict[int | None, int] = {cohort.series_id: cohort.id for cohort, _ in cohorts}
    ids = list(series.values())
    totals = await _numbers(
        session.execute(
            select(Event.series_id, func.count())
            .where(Event.series_id.in_(series), Event.state.in_(SHOWN))
            .group_by(Event.series_id)
        )
    )
    tasks = await _numbers(
        session.execute(
            select(CohortTask.cohort_id, func.count())
            .where(CohortTask.cohort_id.in_(ids))
            .group_by(CohortTask.cohort_id)
        )
    )
    was: dict[tuple[int, int], int] = {}
    for series_id, person_id, number in await session.execute(
        select(Event.series_id, Attendance.person_id, func.count())
        .join(Attendance, Attendance.event_id == Event.id)
        .where(Event.series_id.in_(series), Event.state.in_(SHOWN), Attendance.person_id.in_(people), *counts())
        .group_by(Event.series_id, Attendance.person_id)
    ):
        was[series[series_id], person_id] = number
    accepted: dict[tuple[int, int], int] = {}
    for cohort_id, person_id, number in await session.execute(
        select(CohortTask.cohort_id, CohortWork.person_id, func.count())
        .join(CohortWork, CohortWork.task_id == CohortTask.id)
        .where(
            CohortTask.cohort_id.in_(ids),
            CohortWork.person_id.in_(people),
            CohortWork.state == WorkState.accepted,
        )
        .group_by(CohortTask.cohort_id, CohortWork.person_id)
    ):
        accepted[cohort_id, person_id] = number
    return {
        (cohort.id, person_id): rules.progress(
            was.get((cohort.id, person_id), 0),
            totals.get(cohort.series_id, 0),
            programme.share,
            accepted=accepted.get((cohort.id, person_id), 0),
            tasks=tasks.get(cohort.id, 0),
            tasks_share=programme.tasks_share,
        )
        for cohort, programme in cohorts
        for person_id in people
    }


async def meetings_of(session: AsyncSession, series_id: int) -> list[Event]:
    """Meetings of a cohort in order, without drafts and cancelled ones."""
    return list(
        await session.scalars(
            select(Event)
            .where(Event.series_id == series_id, Event.state.in_(SHOWN))
            .order_by(Event.starts_at, Event.id)
        )
    )


async def cohort_of(session: AsyncSession, cohort_id: int, *, locked: bool = False) -> tuple[Cohort, Programme]:
    """A cohort and its programme; NotFound when there is none."""
    statement = select(Cohort).where(Cohort.id == cohort_id).execution_options(populate_existing=True)
    cohort = await session.scalar(statement.with_for_update() if locked else statement)
    if cohort is None:
        raise NotFound()
    return cohort, await session.get_one(Programme, cohort.programme_id)


async def member_of(
    session: AsyncSession, cohort_id: int, person_id: int, *, locked: bool = False
) -> CohortMember | None:
    """Her row in a cohort."""
    statement = (
        select(CohortMember)
        .where(CohortMember.cohort_id == cohort_id, CohortMember.person_id == person_id)
        .execution_options(populate_existing=True)
    )
    return await session.scalar(statement.with_for_update() if locked else statement)


def questions_of(programme: Programme) -> tuple[tuple[str, str], ...]:
    """Key and words of the questions at the beginning."""
    return tuple((str(key), str(words)) for key, words in programme.questions.items())


def counts() -> tuple[ColumnElement[bool], ...]:
    """Attendance that counts: it stands, somebody surely was there, the rule of the meeting is met."""
    return (Attendance.voided_at.is_(None), Attendance.completed.is_(True), Attendance.confidence.in_(COUNTED))


async def _numbers(rows: object) -> dict[int, int]:
    return {int(key): int(number) for key, number in await rows}  # type: ignore[misc]
