"""Programmes of the demonstration: a school of young teachers in the middle of its year, a team, a closed group."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    ActivityForm,
    Cohort,
    CohortMember,
    CohortState,
    CohortTask,
    CohortWork,
    Event,
    JoinedBy,
    MemberState,
    Programme,
    Registration,
    Role,
    ScopeKind,
    TutorAssignment,
    WorkState,
)
from bot.services.access import Grant, Scope
from bot.services.demo.cast import Character
from bot.services.events import attending
from bot.services.programmes import belonging, keeping
from bot.services.programmes.reading import meetings_of
from bot.services.programmes.templates import templates

GROUPS = (
    ("young_school", "2026/2027, первый год", 75, "17:00", 0, 14),
    ("team_turnkey", "Команды зимы", -18, "15:30", 0, 6),
    ("assembly_point", "Малая группа", -6, "16:00", 6, 5),
)
"""Configuration, name, how many days ago it began, clock, which of the people."""

WORKS = (
    "Урок о дробях: делили яблоко, спорили о равных частях. Иначе сделаю итог — не хватило пяти минут.",
    "Провела урок-расследование по рассказу. Получилось включить тех, кто обычно молчит.",
    "Попробовал билет на выход. Половина класса ответила, вторая не успела: дам раньше.",
)


async def add(
    session: AsyncSession,
    rng: Random,
    cast: Sequence[Character],
    ids: Sequence[int],
    staff: Sequence[tuple[str, int]],
    *,
    now: datetime,
    zone: ZoneInfo,
) -> None:
    """Cohorts with members, what was on, works that wait for a look."""
    held = dict(staff)
    leader = held.get(Role.methodist.value, held[Role.centre_head.value])
    scope = Scope(leader, (Grant(Role.centre_head, ScopeKind.region),))
    people = [(one, number) for one, number in zip(cast, ids, strict=True) if one.registered and not one.role]
    for slug, title, ago, clock, since, many in GROUPS:
        day = now.astimezone(zone).date() - timedelta(days=ago)
        while day.weekday() > 4:
            day -= timedelta(days=1)
        first = datetime.combine(day, time.fromisoformat(clock), tzinfo=zone)
        then = min(now, first - timedelta(days=20))
        programme = await keeping.begin(session, scope, templates()[slug], now=then)
        (await session.get_one(Programme, programme)).is_demo = True
        number = await keeping.gather(
            session, scope, programme, title=title, first=first, form=ActivityForm.mixed,
            place="Смоленск, улица Октябрьской Революции, 20а", link="https://room.example/school", now=then,
        )  # fmt: skip
        cohort = await session.get_one(Cohort, number)
        young = [person for one, person in people if one.is_young]
        others = [person for one, person in people if not one.is_young]
        chosen = young[:14] if slug == "young_school" else others[since : since + many]
        await _fill(session, rng, scope, cohort, chosen, now=now, then=then)
        if ago > 0:
            cohort.state = CohortState.running
            _tutors(session, held, leader, cohort.id, chosen[:5], now=now)
        else:
            cohort.code = f"{rng.choice('АБВГДЕ')}{rng.randrange(10**7):07d}"
    await session.flush()


async def _fill(
    session: AsyncSession,
    rng: Random,
    scope: Scope,
    cohort: Cohort,
    people: Sequence[int],
    *,
    now: datetime,
    then: datetime,
) -> None:
    programme = await session.get_one(Programme, cohort.programme_id)
    keys = list(programme.questions)
    meetings = await meetings_of(session, cohort.series_id)
    for meeting in meetings:
        meeting.is_demo, meeting.secret = True, f"{rng.getrandbits(128):032x}"
    tasks = list(await session.scalars(select(CohortTask).where(CohortTask.cohort_id == cohort.id)))
    for task in tasks:
        task.told_at = task.reminded_at = now
    members = []
    for place, number in enumerate(people):
        invited = place == len(people) - 1 and len(people) > 3
        session.add(
            CohortMember(
                cohort_id=cohort.id,
                person_id=number,
                state=MemberState.invited if invited else MemberState.member,
                told=MemberState.invited,
                how=JoinedBy.rule if programme.target else JoinedBy.list,
                needs=sorted(rng.sample(keys, 2), key=keys.index) if keys and not invited else None,
                created_at=then,
                changed_at=then,
            )
        )
        if not invited:
            members.append(number)
    await session.flush()
    await belonging.seat(session, meetings, members, now=then)
    await _tokens(session, rng, meetings)
    for meeting in meetings:
        if meeting.ends_at < now:
            came = [number for number in members if rng.random() < 0.85]
            await attending.mark_by_sheet(session, scope, meeting.id, came, now=meeting.ends_at)
    for place, number in enumerate(members[: len(WORKS)] if tasks and meetings[0].ends_at < now else ()):
        accepted = place == 0
        session.add(
            CohortWork(
                task_id=tasks[0].id,
                person_id=number,
                state=WorkState.accepted if accepted else WorkState.sent,
                text=WORKS[place],
                comment="Хороший итог, возьмите его на следующий урок." if accepted else "",
                sent_at=now - timedelta(days=4 - place),
                decided_at=now - timedelta(days=3) if accepted else None,
                told_at=now if accepted else None,
                decided_by_id=scope.person_id if accepted else None,
            )
        )
    await session.flush()


def _tutors(
    session: AsyncSession, held: dict[str, int], by_id: int, cohort_id: int, people: Sequence[int], *, now: datetime
) -> None:
    """The first of a running group have somebody beside them; the last one has not been seen yet."""
    helpers = [held[role.value] for role in (Role.tutor, Role.methodist) if role.value in held]
    for place, number in enumerate(people if helpers else ()):
        since = now - timedelta(days=20 - place)
        seen = since + timedelta(days=1) if place < len(people) - 1 else None
        session.add(
            TutorAssignment(
                cohort_id=cohort_id, person_id=number, tutor_id=helpers[place % len(helpers)], by_id=by_id,
                since=since.date(), seen_at=seen,
            )
        )  # fmt: skip


async def _tokens(session: AsyncSession, rng: Random, meetings: Sequence[Event]) -> None:
    """The same arguments give the same rows."""
    for row in await session.scalars(
        select(Registration).where(Registration.event_id.in_([one.id for one in meetings])).order_by(Registration.id)
    ):
        row.token, row.reminded = f"{rng.getrandbits(120):030x}", 4
