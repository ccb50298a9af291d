"""What staff do with programmes: begin one from a configuration, gather a cohort, add meetings, lead it on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    Activity,
    ActivityForm,
    Attendance,
    Cohort,
    CohortMember,
    CohortState,
    CohortTask,
    CohortWork,
    Employment,
    Event,
    EventKind,
    EventRule,
    EventSeries,
    EventState,
    JoinedBy,
    MemberState,
    Municipality,
    Organisation,
    Person,
    Programme,
    ProgrammeKind,
    WorkState,
)
from bot.rules.events import may_be_printed
from bot.rules.programmes import Progress
from bot.services import audit
from bot.services.access import Right, Scope
from bot.services.events import keeping as events
from bot.services.events.keeping import EventDraft
from bot.services.events.reading import EventLine, lines_of
from bot.services.programmes.belonging import seat
from bot.services.programmes.reading import INSIDE, cohort_of, counts, meetings_of, progress_of, questions_of
from bot.services.programmes.templates import Template
from bot.services.programmes.young import Limits, last_day, limits_of

ENTITY = "programme"
LONGEST = 400
MOST_MEETINGS = 60


@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    """A programme with its cohorts, for the list."""

    id: int
    title: str
    kind: ProgrammeKind
    about: str
    years: int
    share: int
    tasks_share: int
    gives_certificate: bool
    activity_id: int | None
    activity: str
    by_rule: bool
    archived: bool
    cohorts: tuple[CohortRow, ...]


@dataclass(frozen=True, slots=True)
class CohortRow:
    """A cohort in the list: its numbers."""

    id: int
    title: str
    year: int
    state: CohortState
    starts_on: date
    ends_on: date
    invited: int
    members: int
    completed: int
    meetings: int


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A line of the register: a member, her meetings, her works."""

    person_id: int
    name: str
    organisation: str
    municipality: str
    state: MemberState
    how: JoinedBy
    needs: tuple[str, ...]
    was: frozenset[int]
    works: dict[int, WorkState]
    progress: Progress
    number: str
    revoked: bool
    # The last day on which she was young, once it is past; in a school for the young only.
    young_until: date | None = None


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task with what has come of it."""

    id: int
    title: str
    text: str
    due_on: date
    sent: int
    accepted: int
    later: int


@dataclass(frozen=True, slots=True)
class CohortPage:
    """A cohort as its page shows it."""

    id: int
    programme_id: int
    programme: str
    kind: ProgrammeKind
    title: str
    year: int
    years: int
    state: CohortState
    starts_on: date
    ends_on: date
    code: str
    leader: str
    share: int
    by_rule: bool
    meetings: tuple[EventLine, ...]
    members: tuple[MemberRow, ...]
    tasks: tuple[TaskRow, ...]
    # What was marked at the beginning: words and how many; empty for who may not see it.
    needs: tuple[tuple[str, int], ...]


async def begin(session: AsyncSession, scope: Scope, template: Template, *, title: str = "", now: datetime) -> int:
    """A programme from a configuration; everything may be changed after."""
    scope.require(Right.programmes_edit)
    row = Programme(
        kind=template.kind,
        title=" ".join(title.split())[:150] or template.title,
        about=template.about,
        target=dict(template.target),
        questions=dict(template.questions),
        plan={
            "every_days": template.every_days,
            "minutes": template.minutes,
            "meetings": [[one.title, one.kind.value] for one in template.meetings],
            "tasks": [list(one) for one in template.tasks],
        },
        years=template.years,
        share=template.share,
        tasks_share=template.tasks_share,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    audit.changed(session, scope, ENTITY, row.id, "added", now=now)
    return row.id


async def change(
    session: AsyncSession,
    scope: Scope,
    programme_id: int,
    *,
    title: str,
    about: str,
    share: int,
    tasks_share: int,
    gives_certificate: bool,
    activity_id: int | None,
    now: datetime,
) -> None:
    """The words and the rule; a rule in force for cohorts that go on is the one of the day they end."""
    scope.require(Right.programmes_edit)
    row = await session.get(Programme, programme_id)
    if row is None:
        raise NotFound()
    title = " ".join(title.split())
    if not title or len(title) > 150:
        raise UserError("events-wrong-title")
    if not 1 <= share <= 100 or not 0 <= tasks_share <= 100:
        raise UserError("programmes-wrong-share")
    if gives_certificate and not may_be_printed(title):
        raise UserError("events-wrong-words")
    if activity_id is not None and await session.get(Activity, activity_id) is None:
        raise UserError("programmes-wrong-activity")
    row.title, row.about, row.share, row.tasks_share = title, about.strip()[:2000], share, tasks_share
    row.gives_certificate, row.activity_id = gives_certificate, activity_id
    audit.changed(session, scope, ENTITY, programme_id, "changed", now=now)
    await session.flush()


async def gather(
    session: AsyncSession,
    scope: Scope,
    programme_id: int,
    *,
    title: str,
    first: datetime,
    form: ActivityForm = ActivityForm.mixed,
    place: str = "",
    link: str = "",
    year: int = 1,
    now: datetime,
) -> int:
    """A cohort with the meetings and tasks of its programme's plan, from the first moment on."""
    scope.require(Right.programmes_edit)
    programme = await session.get(Programme, programme_id)
    if programme is None:
        raise NotFound()
    title = " ".join(title.split())
    if not title or len(title) > 120:
        raise UserError("events-wrong-title")
    if first <= now:
        raise UserError("events-into-the-past")
    if not 1 <= year <= programme.years:
        raise UserError("programmes-wrong-year")
    series = EventSeries(title=f"{programme.title}: {title}", rule="", created_by_id=scope.person_id, created_at=now)
    session.add(series)
    await session.flush()
    zone = first.tzinfo if isinstance(first.tzinfo, ZoneInfo) else ZoneInfo("UTC")
    plan = programme.plan
    every, minutes = int(plan.get("every_days", 30)), int(plan.get("minutes", 90))
    last = first
    for place_no, (name, kind) in enumerate(list(plan.get("meetings", ()))[:MOST_MEETINGS]):
        last = datetime.combine((first + timedelta(days=every * place_no)).date(), first.timetz())
        draft = _meeting(programme, name, EventKind(kind), last, minutes, str(zone), form, place, link)
        await _open(session, draft, series.id, by_id=scope.person_id, now=now)
    cohort = Cohort(
        programme_id=programme_id,
        series_id=series.id,
        title=title,
        year=year,
        starts_on=first.date(),
        ends_on=last.date(),
        leader_id=scope.person_id,
        created_at=now,
    )
    session.add(cohort)
    await session.flush()
    for number, (name, words) in enumerate(plan.get("tasks", ()), start=1):
        due = first.date() + timedelta(days=every * number - 1)
        session.add(CohortTask(cohort_id=cohort.id, title=name, text=words, due_on=due, created_at=now))
    await session.flush()
    audit.changed(session, scope, ENTITY, programme_id, "cohort-added", now=now, after={"cohort": cohort.id})
    return cohort.id


async def add_meeting(
    session: AsyncSession,
    scope: Scope,
    cohort_id: int,
    *,
    title: str,
    kind: EventKind,
    starts_at: datetime,
    minutes: int,
    form: ActivityForm,
    place: str = "",
    link: str = "",
    now: datetime,
) -> int:
    """One more meeting; those who are in the cohort are on its list."""
    scope.require(Right.programmes_edit)
    cohort, programme = await cohort_of(session, cohort_id, locked=True)
    if cohort.state is CohortState.finished:
        raise UserError("programmes-over")
    if starts_at <= now:
        raise UserError("events-into-the-past")
    if not 10 <= minutes <= 600:
        raise UserError("events-wrong-time")
    zone = starts_at.tzinfo if isinstance(starts_at.tzinfo, ZoneInfo) else ZoneInfo("UTC")
    draft = _meeting(programme, title, kind, starts_at, minutes, str(zone), form, place, link)
    event = await _open(session, draft, cohort.series_id, by_id=scope.person_id, now=now)
    people = list(
        await session.scalars(
            select(CohortMember.person_id).where(
                CohortMember.cohort_id == cohort_id, CohortMember.state == MemberState.member
            )
        )
    )
    await seat(session, [event], people, now=now)
    cohort.ends_on = max(cohort.ends_on, starts_at.date())
    audit.changed(session, scope, "cohort", cohort_id, "meeting-added", now=now, after={"event": event.id})
    return event.id


async def start(session: AsyncSession, scope: Scope, cohort_id: int, *, now: datetime) -> None:
    """The gathering is over: nobody finds the cohort any more, a code and a list still open it."""
    scope.require(Right.programmes_edit)
    cohort, _ = await cohort_of(session, cohort_id, locked=True)
    if cohort.state is not CohortState.gathering:
        raise UserError("events-wrong-step")
    cohort.state = CohortState.running
    audit.changed(session, scope, "cohort", cohort_id, "started", now=now)
    await session.flush()


async def lead_on(
    session: AsyncSession, scope: Scope, cohort_id: int, *, title: str, first: datetime, now: datetime
) -> int:
    """The next year of the path: a new cohort to which everybody who was there to the end is invited.

    «Молодой» is not asked again: a school that was begun stays with her.
    """
    scope.require(Right.programmes_edit)
    cohort, programme = await cohort_of(session, cohort_id)
    if cohort.state is not CohortState.finished:
        raise UserError("programmes-not-finished")
    if cohort.year >= programme.years:
        raise UserError("programmes-last-year")
    made = await gather(session, scope, programme.id, title=title, first=first, year=cohort.year + 1, now=now)
    people = await session.scalars(
        select(CohortMember.person_id)
        .where(CohortMember.cohort_id == cohort_id, CohortMember.state.in_((MemberState.completed, MemberState.ended)))
        .order_by(CohortMember.id)
    )
    session.add_all(
        CohortMember(
            cohort_id=made, person_id=number, state=MemberState.invited, how=JoinedBy.moved, created_at=now,
            changed_at=now,
        )
        for number in people
    )  # fmt: skip
    await session.flush()
    return made


async def listing(session: AsyncSession, scope: Scope) -> list[ProgrammeRow]:
    """Every programme with its cohorts: the number of queries does not grow with them."""
    scope.require(Right.programmes_see)
    closed = scope.may(Right.programmes_run)
    programmes = [
        row
        for row in await session.scalars(select(Programme).order_by(Programme.archived_at.is_not(None), Programme.id))
        if closed or not is_closed(row)
    ]
    known = [one.activity_id for one in programmes if one.activity_id is not None]
    titles = dict(iter(await session.execute(select(Activity.id, Activity.title).where(Activity.id.in_(known)))))
    cohorts = list(
        await session.scalars(
            select(Cohort)
            .where(Cohort.programme_id.in_([one.id for one in programmes]))
            .order_by(Cohort.finished_at.is_not(None), Cohort.starts_on.desc(), Cohort.id.desc())
        )
    )
    rows = await _cohort_rows(session, cohorts)
    return [
        ProgrammeRow(
            one.id, one.title, one.kind, one.about, one.years, one.share, one.tasks_share, one.gives_certificate,
            one.activity_id, titles.get(one.activity_id or 0, ""), bool(one.target), one.archived_at is not None,
            tuple(rows[cohort.id] for cohort in cohorts if cohort.programme_id == one.id),
        )
        for one in programmes
    ]  # fmt: skip


async def page(session: AsyncSession, scope: Scope, cohort_id: int, *, today: date) -> CohortPage:
    """The register of a cohort within the scope: members × meetings, tasks, what they marked."""
    scope.require(Right.programmes_see)
    cohort, programme = await cohort_of(session, cohort_id)
    leads = cohort.leader_id is not None and cohort.leader_id == scope.person_id
    if is_closed(programme) and not leads:
        # Being in such a group tells of a result: only those who lead see who is in it.
        scope.require(Right.programmes_run)
    meetings = await meetings_of(session, cohort.series_id)
    members = await _members(session, scope, cohort, programme, meetings, everybody=leads, today=today)
    leader = await session.get(Person, cohort.leader_id) if cohort.leader_id is not None else None
    words = dict(questions_of(programme))
    marked = [key for one in members for key in one.needs if key in words]
    return CohortPage(
        id=cohort.id,
        programme_id=programme.id,
        programme=programme.title,
        kind=programme.kind,
        title=cohort.title,
        year=cohort.year,
        years=programme.years,
        state=cohort.state,
        starts_on=cohort.starts_on,
        ends_on=cohort.ends_on,
        code=cohort.code or "",
        leader=leader.full_name if leader else "",
        share=programme.share,
        by_rule=bool(programme.target),
        meetings=tuple(await lines_of(session, meetings)),
        members=tuple(members),
        tasks=tuple(await _tasks(session, cohort_id)),
        needs=tuple((title, marked.count(key)) for key, title in words.items() if key in marked),
    )


def is_closed(programme: Programme) -> bool:
    """True when belonging to it says something of a person's results."""
    return programme.kind is ProgrammeKind.closed_group or bool(programme.target.get("growth"))


# --- inside ------------------------------------------------------------------------------------------


def _meeting(
    programme: Programme,
    title: str,
    kind: EventKind,
    starts_at: datetime,
    minutes: int,
    zone: str,
    form: ActivityForm,
    place: str,
    link: str,
) -> EventDraft:
    return EventDraft(
        title=" ".join(title.split()),
        kind=kind,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        zone=zone,
        hours=minutes / 60,
        form=form,
        place=place[:255],
        link=link[:500],
        organiser=programme.organiser,
        members_only=True,
        rule=EventRule.any,
    )


async def _open(session: AsyncSession, draft: EventDraft, series_id: int, *, by_id: int | None, now: datetime) -> Event:
    event = await events.write(session, draft, by_id=by_id, now=now, series_id=series_id)
    await events.publish(session, event.id, state=EventState.open, now=now)
    return event


async def _cohort_rows(session: AsyncSession, cohorts: Sequence[Cohort]) -> dict[int, CohortRow]:
    ids = [one.id for one in cohorts]
    states: dict[tuple[int, MemberState], int] = {}
    for cohort_id, state, number in await session.execute(
        select(CohortMember.cohort_id, CohortMember.state, func.count())
        .where(CohortMember.cohort_id.in_(ids))
        .group_by(CohortMember.cohort_id, CohortMember.state)
    ):
        states[cohort_id, state] = number
    rows = await session.execute(
        select(Event.series_id, func.count())
        .where(
            Event.series_id.in_([one.series_id for one in cohorts]),
            Event.state.not_in((EventState.draft, EventState.cancelled)),
        )
        .group_by(Event.series_id)
    )
    meetings = dict(iter(rows))
    return {
        one.id: CohortRow(
            one.id, one.title, one.year, one.state, one.starts_on, one.ends_on,
            states.get((one.id, MemberState.invited), 0),
            sum(states.get((one.id, state), 0) for state in INSIDE),
            states.get((one.id, MemberState.completed), 0),
            meetings.get(one.series_id, 0),
        )
        for one in cohorts
    }  # fmt: skip


async def _members(
    session: AsyncSession,
    scope: Scope,
    cohort: Cohort,
    programme: Programme,
    meetings: Sequence[Event],
    *,
    everybody: bool,
    today: date,
) -> list[MemberRow]:
    statement: Any = (
        select(CohortMember, Person, Organisation.short_name, Municipality.name)
        .join(Person, Person.id == CohortMember.person_id)
        .outerjoin(
            Employment,
            (Employment.person_id == Person.id)
            & Employment.is_main
            & (Employment.since <= today)
            & or_(Employment.until.is_(None), Employment.until >= today),
        )
        .outerjoin(Organisation, Organisation.id == Employment.organisation_id)
        .outerjoin(Municipality, Municipality.id == Organisation.municipality_id)
        .where(CohortMember.cohort_id == cohort.id)
        .order_by(Person.sort, Person.id)
        .limit(LONGEST)
    )
    if not everybody:
        statement = scope.limit(
            statement,
            Right.programmes_see,
            person=Person.id,
            organisation=Employment.organisation_id,
            municipality=Organisation.municipality_id,
            today=today,
        )
    rows = {row[0].person_id: row for row in await session.execute(statement)}
    was: dict[int, set[int]] = {}
    for event_id, person_id in await session.execute(
        select(Attendance.event_id, Attendance.person_id).where(
            Attendance.event_id.in_([one.id for one in meetings]), *counts()
        )
    ):
        was.setdefault(person_id, set()).add(event_id)
    works: dict[int, dict[int, WorkState]] = {}
    for task_id, person_id, state in await session.execute(
        select(CohortWork.task_id, CohortWork.person_id, CohortWork.state)
        .join(CohortTask, CohortTask.id == CohortWork.task_id)
        .where(CohortTask.cohort_id == cohort.id)
    ):
        works.setdefault(person_id, {})[task_id] = state
    progress = await progress_of(session, [(cohort, programme)], list(rows))
    # What she marked, and what tells of her age, is for those who lead.
    leads = scope.may(Right.programmes_run)
    limits = await limits_of(session) if leads and programme.kind is ProgrammeKind.young_school else None
    return [
        MemberRow(
            person_id=number,
            name=person.full_name,
            organisation=place or "",
            municipality=municipality or "",
            state=member.state,
            how=member.how,
            needs=tuple(member.needs or ()) if leads else (),
            was=frozenset(was.get(number, ())),
            works=works.get(number, {}),
            progress=progress[cohort.id, number],
            number=member.number or "",
            revoked=member.revoked_at is not None,
            young_until=_young_until(person, limits, today) if limits else None,
        )
        for number, (member, person, place, municipality) in rows.items()
    ]


def _young_until(person: Person, limits: Limits, today: date) -> date | None:
    last = last_day(person, limits)
    return last if last is not None and last < today else None


async def _tasks(session: AsyncSession, cohort_id: int) -> list[TaskRow]:
    numbers: dict[tuple[int, WorkState], int] = {}
    for task_id, state, number in await session.execute(
        select(CohortWork.task_id, CohortWork.state, func.count())
        .join(CohortTask, CohortTask.id == CohortWork.task_id)
        .where(CohortTask.cohort_id == cohort_id)
        .group_by(CohortWork.task_id, CohortWork.state)
    ):
        numbers[task_id, state] = number
    rows = await session.scalars(
        select(CohortTask).where(CohortTask.cohort_id == cohort_id).order_by(CohortTask.due_on, CohortTask.id)
    )
    return [
        TaskRow(
            one.id, one.title, one.text, one.due_on,
            numbers.get((one.id, WorkState.sent), 0),
            numbers.get((one.id, WorkState.accepted), 0),
            numbers.get((one.id, WorkState.later), 0),
        )
        for one in rows
    ]  # fmt: skip


def at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """A moment on the region's clock."""
    return datetime.combine(day, clock.replace(tzinfo=None), tzinfo=zone)
