"""The end of a cohort: who met the rule gets the fact, the closed step of the ИОМ and the certificate."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    Attendance,
    Certificate,
    Cohort,
    CohortMember,
    CohortState,
    Event,
    Fact,
    FactKind,
    MemberState,
    Person,
    Programme,
)
from bot.rules.events import certificate_number, masked, may_be_printed, read_number
from bot.services import audit, facts, iom, region
from bot.services.access import Right, Scope
from bot.services.events.after import Paper
from bot.services.events.reading import line_of
from bot.services.programmes.reading import cohort_of, counts, meetings_of, member_of, progress_of

ENTITY = "cohort"
SOURCE = "cohort"
"""Source type of the facts."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of the end."""

    completed: int
    ended: int


async def finish(session: AsyncSession, scope: Scope, cohort_id: int, *, now: datetime, today: date) -> Ended:
    """Close a cohort after its last meeting. UserError before; twice is once."""
    scope.require(Right.programmes_edit)
    cohort, programme = await cohort_of(session, cohort_id, locked=True)
    if cohort.state is CohortState.finished:
        raise UserError("programmes-over")
    meetings = await meetings_of(session, cohort.series_id)
    if not meetings or meetings[-1].ends_at > now:
        raise UserError("programmes-not-over")
    if programme.gives_certificate and not may_be_printed(programme.title):
        raise UserError("events-wrong-words")
    members = list(
        await session.scalars(
            select(CohortMember)
            .where(CohortMember.cohort_id == cohort_id, CohortMember.state == MemberState.member)
            .order_by(CohortMember.id)
        )
    )
    counted = await progress_of(session, [(cohort, programme)], [one.person_id for one in members])
    completed = 0
    for member in members:
        met = counted[cohort_id, member.person_id].met
        completed += met
        member.state, member.changed_at = (MemberState.completed if met else MemberState.ended), now
        if met:
            await _completed(session, cohort, programme, member, now=now, today=today)
    for invited in await session.scalars(
        select(CohortMember).where(CohortMember.cohort_id == cohort_id, CohortMember.state == MemberState.invited)
    ):
        invited.state, invited.changed_at = MemberState.declined, now
    cohort.state, cohort.finished_at = CohortState.finished, now
    audit.changed(session, scope, ENTITY, cohort_id, "finished", now=now, after={"completed": completed})
    await session.flush()
    return Ended(completed, len(members) - completed)


async def revoke(
    session: AsyncSession, scope: Scope, cohort_id: int, person_id: int, *, reason: str, now: datetime
) -> None:
    """Completion taken back with author and reason: the fact is voided, the certificate says so."""
    scope.require(Right.programmes_edit)
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise UserError("events-reason-needed")
    own = await member_of(session, cohort_id, person_id, locked=True)
    if own is None or own.state is not MemberState.completed:
        raise NotFound()
    own.state, own.told, own.changed_at = MemberState.ended, MemberState.ended, now
    if own.number is not None:
        own.revoked_at, own.revoke_reason = now, reason
    key = await session.scalar(select(Person.key).where(Person.id == person_id))
    for fact in await session.scalars(
        select(Fact).where(
            Fact.person_key == key,
            Fact.source_type == SOURCE,
            Fact.source_id == cohort_id,
            Fact.kind == FactKind.programme_completed,
            Fact.voided_at.is_(None),
        )
    ):
        await facts.void(session, fact, by_id=scope.person_id, reason=reason, now=now)
    audit.changed(session, scope, ENTITY, cohort_id, "completion-revoked", now=now, after={"person": person_id})
    await session.flush()


async def own_paper(session: AsyncSession, person_id: int, cohort_id: int) -> Paper:
    """Her certificate of a programme; NotFound when there is none or it was taken back."""
    own = await member_of(session, cohort_id, person_id)
    if own is None or own.number is None or own.revoked_at is not None:
        raise NotFound()
    paper = await check(session, own.number)
    if paper is None:
        raise NotFound()
    return paper


async def check(session: AsyncSession, typed: str) -> Paper | None:
    """What the open page tells of the number of a programme's certificate; None when there is no such number."""
    number = read_number(typed)
    if number is None:
        return None
    row = (
        await session.execute(
            select(CohortMember, Cohort, Programme, Person)
            .join(Cohort, Cohort.id == CohortMember.cohort_id)
            .join(Programme, Programme.id == Cohort.programme_id)
            .join(Person, Person.id == CohortMember.person_id)
            .where(CohortMember.number == number)
        )
    ).one_or_none()
    if row is None:
        return None
    member, cohort, programme, person = row
    meetings = await meetings_of(session, cohort.series_id)
    if not meetings or member.issued_on is None:
        return None
    hours = await _hours(session, meetings, person.id)
    centre = await region.centre(session)
    line = replace(line_of(meetings[-1]), title=programme.title, hours=hours)
    return Paper(
        number=number,
        name=person.full_name,
        masked=masked(person.last_name, person.first_name, person.middle_name),
        title=programme.title,
        kind="school",
        day=line.day(),
        hours=hours,
        organiser=programme.organiser or str(centre["name"] or centre["short_name"]),
        issued_on=member.issued_on,
        revoked_on=member.revoked_at.date() if member.revoked_at else None,
        revoke_reason=member.revoke_reason,
        open_name=member.open_name,
        line=line,
        is_demo=programme.is_demo,
    )


async def _completed(
    session: AsyncSession, cohort: Cohort, programme: Programme, member: CohortMember, *, now: datetime, today: date
) -> None:
    evidence = {"kind": programme.kind.value, "year": cohort.year}
    await facts.add(
        session, member.person_id, FactKind.programme_completed, occurred_on=today, source=(SOURCE, cohort.id),
        now=now, evidence=evidence,
    )  # fmt: skip
    if programme.activity_id is not None:
        source = iom.Source(SOURCE, cohort.id, today, activity_id=programme.activity_id)
        await iom.close_by(session, member.person_id, source, now=now)
    if programme.gives_certificate and member.number is None:
        member.number, member.issued_on = await _free_number(session, today.year), today


async def _hours(session: AsyncSession, meetings: list[Event], person_id: int) -> float:
    """Hours of the meetings that are counted for her, of all the others nothing."""
    was = set(
        await session.scalars(
            select(Attendance.event_id).where(
                Attendance.person_id == person_id, Attendance.event_id.in_([one.id for one in meetings]), *counts()
            )
        )
    )
    return sum(one.hours for one in meetings if one.id in was)


async def _free_number(session: AsyncSession, year: int) -> str:
    while True:
        number = certificate_number(year, secrets.randbits(50))
        taken = await session.scalar(select(Certificate.id).where(Certificate.number == number))
        if taken is None and await session.scalar(select(CohortMember.id).where(CohortMember.number == number)) is None:
            return number
