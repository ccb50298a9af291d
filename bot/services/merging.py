"""Two rows that are one person become one: every reference is moved or resolved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    Attempt,
    AttemptState,
    Attendance,
    Base,
    BodyMembership,
    Bookmark,
    BroadcastRecipient,
    CampaignInvite,
    Certificate,
    CohortMember,
    CohortWork,
    ContestReminder,
    CourseWish,
    DutySlot,
    Employment,
    EmploymentSubject,
    EventFeedback,
    Fact,
    Iom,
    IomState,
    MailingChoice,
    MeasurePerson,
    MemberState,
    Outbox,
    OutboxState,
    Person,
    PersonState,
    Practice,
    PracticeReview,
    PracticeState,
    PracticeUse,
    QuizResult,
    Registration,
    RegistrationState,
    RoadmapReminder,
    RoleAssignment,
    SlotState,
    StaffAccount,
    Ticket,
    TicketState,
    TutorAssignment,
    TutorialSlot,
    WorkState,
)
from bot.rules.profile import Name
from bot.services import audit, identities, people, search
from bot.services.access import Right, Scope
from bot.services.mentoring.uniting import UNITED

Resolver = Callable[[AsyncSession, int, int], Awaitable[None]]


async def merge(session: AsyncSession, scope: Scope, keep_id: int, gone_id: int, *, now: datetime) -> None:
    """Make ``gone`` part of ``keep``: accounts, work, attempts, facts, roles, the audit.

    Raises NotAllowed outside the scope, UserError for one and the same person.
    """
    if keep_id == gone_id:
        raise UserError("error-not-found")
    for person_id in (keep_id, gone_id):
        await people.require(session, scope, Right.people_edit, person_id, today=now.date())
    await unite(session, scope, keep_id, gone_id, now=now)


async def unite(
    session: AsyncSession, scope: Scope, keep_id: int, gone_id: int, *, now: datetime, where: str = "admin"
) -> None:
    """``merge`` without the question of rights: whoever calls it has proved that both are hers."""
    keep, gone = await session.get(Person, keep_id), await session.get(Person, gone_id)
    if keep is None or gone is None:
        raise NotFound()
    identities.changed(session, gone_id)
    for resolve in RESOLVERS.values():
        await resolve(session, keep_id, gone_id)
    for table, column in references():
        if (table.name, column) not in RESOLVERS:
            await session.execute(update(table).where(table.c[column] == gone_id).values({column: keep_id}))
    await _facts(session, keep.key, gone.key)
    _fill(keep, gone)
    people.put_name(keep, Name(keep.last_name, keep.first_name, keep.middle_name))
    before = {"gone": gone_id}
    await search.drop(session, people.PERSON, gone_id)
    import_key, gone.import_key = gone.import_key, None
    await session.flush()
    keep.import_key = keep.import_key or import_key
    await session.execute(delete(Person).where(Person.id == gone_id))
    await people.index(session, keep)
    audit.changed(session, scope, "person", keep_id, "merged", now=now, before=before, where=where)
    await session.flush()
    identities.changed(session, keep_id)


def references() -> list[tuple[Table, str]]:
    """Every foreign key to ``people`` in the schema, as (table, column)."""
    found = []
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table.name == "people" for key in column.foreign_keys):
                found.append((table, column.name))
    return found


async def _open_attempts(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """One open attempt per version: the one touched last goes on, the other is closed without a result."""
    mine = {
        row.version_id: row
        for row in await session.scalars(
            select(Attempt).where(Attempt.person_id == keep_id, Attempt.state == AttemptState.open)
        )
    }
    for theirs in await session.scalars(
        select(Attempt).where(Attempt.person_id == gone_id, Attempt.state == AttemptState.open)
    ):
        own = mine.get(theirs.version_id)
        if own is not None:
            (own if own.touched_at < theirs.touched_at else theirs).state = AttemptState.abandoned
    await session.flush()
    await session.execute(update(Attempt).where(Attempt.person_id == gone_id).values(person_id=keep_id))


async def _open_routes(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """One open route: the kept person's stays, the other is closed as stopped."""
    mine = await session.scalar(select(Iom.id).where(Iom.person_id == keep_id, Iom.closed_at.is_(None)))
    theirs = await session.scalar(select(Iom).where(Iom.person_id == gone_id, Iom.closed_at.is_(None)))
    if mine is not None and theirs is not None:
        theirs.state, theirs.closed_at = IomState.stopped, theirs.created_at
    await session.flush()
    await session.execute(update(Iom).where(Iom.person_id == gone_id).values(person_id=keep_id))


SURER = (
    RegistrationState.signed, RegistrationState.offered, RegistrationState.invited, RegistrationState.waiting,
)  # fmt: skip


async def _registrations(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """On one list twice: the surer place stays, the seat of the other is free again."""
    mine = {
        row.event_id: row
        for row in await session.scalars(select(Registration).where(Registration.person_id == keep_id))
    }
    for theirs in await session.scalars(select(Registration).where(Registration.person_id == gone_id)):
        own = mine.get(theirs.event_id)
        if own is None:
            theirs.person_id = keep_id
            continue
        if theirs.state in SURER and (own.state not in SURER or SURER.index(theirs.state) < SURER.index(own.state)):
            own.state, own.queued_at, own.held_until = theirs.state, theirs.queued_at, theirs.held_until
            own.reason, own.source, own.team_id = theirs.reason, theirs.source, theirs.team_id
        await session.delete(theirs)
    await session.flush()


async def _attendances(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """One standing mark of an event: the one that meets its rule."""
    standing = Attendance.voided_at.is_(None)
    mine = {
        row.event_id: row
        for row in await session.scalars(select(Attendance).where(Attendance.person_id == keep_id, standing))
    }
    for theirs in await session.scalars(select(Attendance).where(Attendance.person_id == gone_id, standing)):
        own = mine.get(theirs.event_id)
        if own is not None:
            weaker = own if theirs.completed and not own.completed else theirs
            weaker.voided_at, weaker.void_reason = theirs.at, "merge"
    await session.flush()
    await session.execute(update(Attendance).where(Attendance.person_id == gone_id).values(person_id=keep_id))


MEMBERSHIP = (
    MemberState.completed, MemberState.ended, MemberState.member, MemberState.invited, MemberState.left,
    MemberState.declined,
)  # fmt: skip


async def _cohort_members(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """Once in a cohort: what reached furthest stays, with its certificate."""
    mine = {
        row.cohort_id: row
        for row in await session.scalars(select(CohortMember).where(CohortMember.person_id == keep_id))
    }
    for theirs in await session.scalars(select(CohortMember).where(CohortMember.person_id == gone_id)):
        own = mine.get(theirs.cohort_id)
        if own is not None:
            further = MEMBERSHIP.index(theirs.state) < MEMBERSHIP.index(own.state)
            await session.delete(own if further else theirs)
    await session.flush()
    await session.execute(update(CohortMember).where(CohortMember.person_id == gone_id).values(person_id=keep_id))


WORKS = (WorkState.accepted, WorkState.sent, WorkState.returned, WorkState.later)


async def _cohort_works(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """One work for a task: the one that got furthest."""
    mine = {
        row.task_id: row for row in await session.scalars(select(CohortWork).where(CohortWork.person_id == keep_id))
    }
    for theirs in await session.scalars(select(CohortWork).where(CohortWork.person_id == gone_id)):
        own = mine.get(theirs.task_id)
        if own is not None:
            further = WORKS.index(theirs.state) < WORKS.index(own.state)
            await session.delete(own if further else theirs)
    await session.flush()
    await session.execute(update(CohortWork).where(CohortWork.person_id == gone_id).values(person_id=keep_id))


async def _tutorials(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """Two talks at one time were one person's: the seat of the other is free again."""
    mine = select(TutorialSlot.starts_at).where(
        TutorialSlot.person_id == keep_id, TutorialSlot.state == SlotState.booked
    )
    await session.execute(
        update(TutorialSlot)
        .where(
            TutorialSlot.person_id == gone_id,
            TutorialSlot.state == SlotState.booked,
            TutorialSlot.starts_at.in_(mine.scalar_subquery()),
        )
        .values(state=SlotState.free, person_id=None, booked_at=None)
    )
    await session.execute(update(TutorialSlot).where(TutorialSlot.person_id == gone_id).values(person_id=keep_id))


async def _tutors(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """One slot of a methodist at a time: the one that somebody has taken."""
    mine = {
        row.starts_at: row
        for row in await session.scalars(select(TutorialSlot).where(TutorialSlot.methodist_id == keep_id))
    }
    for theirs in await session.scalars(select(TutorialSlot).where(TutorialSlot.methodist_id == gone_id)):
        own = mine.get(theirs.starts_at)
        if own is not None:
            await session.delete(own if own.person_id is None else theirs)
    await session.flush()
    await session.execute(update(TutorialSlot).where(TutorialSlot.methodist_id == gone_id).values(methodist_id=keep_id))


async def _certificates(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """One certificate of an event: the one that stands, else the kept person's."""
    mine = {
        row.event_id: row for row in await session.scalars(select(Certificate).where(Certificate.person_id == keep_id))
    }
    for theirs in await session.scalars(select(Certificate).where(Certificate.person_id == gone_id)):
        own = mine.get(theirs.event_id)
        if own is not None and (own.revoked_at is None or theirs.revoked_at is not None):
            await session.delete(theirs)
            continue
        if own is not None:
            await session.delete(own)
            await session.flush()
        theirs.person_id = keep_id
    await session.flush()


async def _feedback(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """One answer of a person."""
    held = select(EventFeedback.event_id).where(EventFeedback.person_id == keep_id)
    await session.execute(
        update(EventFeedback)
        .where(EventFeedback.person_id == gone_id, EventFeedback.event_id.not_in(held))
        .values(person_id=keep_id)
    )
    await session.execute(delete(EventFeedback).where(EventFeedback.person_id == gone_id))


async def _staff_account(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """One password: the kept person's, else the other's."""
    if await session.get(StaffAccount, keep_id) is None:
        await session.execute(update(StaffAccount).where(StaffAccount.person_id == gone_id).values(person_id=keep_id))
    else:
        await session.execute(delete(StaffAccount).where(StaffAccount.person_id == gone_id))


async def _memberships(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """The same post since the same day is one membership."""
    mine = {
        (row.body_id, row.post, row.since)
        for row in await session.scalars(select(BodyMembership).where(BodyMembership.person_id == keep_id))
    }
    for row in await session.scalars(select(BodyMembership).where(BodyMembership.person_id == gone_id)):
        if (row.body_id, row.post, row.since) in mine:
            await session.delete(row)
        else:
            row.person_id = keep_id
    await session.flush()


async def _invites(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """Invited twice to one campaign: the invitation that went further stays."""
    mine = {
        row.campaign_id: row
        for row in await session.scalars(select(CampaignInvite).where(CampaignInvite.person_id == keep_id))
    }
    for theirs in await session.scalars(select(CampaignInvite).where(CampaignInvite.person_id == gone_id)):
        own = mine.get(theirs.campaign_id)
        if own is None:
            theirs.person_id = keep_id
            continue
        further = (theirs.attempt_id is not None, theirs.answered_at is not None)
        if further > (own.attempt_id is not None, own.answered_at is not None):
            own.state, own.attempt_id, own.answered_at = theirs.state, theirs.attempt_id, theirs.answered_at
        await session.delete(theirs)
    await session.flush()


async def _appointed(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """Appointed twice to one measure is once."""
    held = select(MeasurePerson.measure_id, MeasurePerson.part).where(MeasurePerson.person_id == keep_id)
    mine = {tuple(row) for row in await session.execute(held)}
    for row in await session.scalars(select(MeasurePerson).where(MeasurePerson.person_id == gone_id)):
        if (row.measure_id, row.part) in mine:
            await session.delete(row)
        else:
            row.person_id = keep_id
    await session.flush()


async def _reminded(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """What either of them was told is told."""
    r = RoadmapReminder
    held = select(r.about, r.object_id, r.stage).where(r.person_id == keep_id)
    mine = {tuple(row) for row in await session.execute(held)}
    for row in await session.scalars(select(r).where(r.person_id == gone_id)):
        if (row.about, row.object_id, row.stage) in mine:
            await session.delete(row)
        else:
            row.person_id = keep_id
    await session.flush()


async def _drafts(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """One question in writing: the kept person's stays, else the other's."""
    draft = (Ticket.author_id == keep_id, Ticket.state == TicketState.draft)
    if await session.scalar(select(Ticket.id).where(*draft)) is not None:
        await session.execute(delete(Ticket).where(Ticket.author_id == gone_id, Ticket.state == TicketState.draft))
    await session.execute(update(Ticket).where(Ticket.author_id == gone_id).values(author_id=keep_id))


async def _slots(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """The same hours of duty twice are one slot."""
    mine = select(DutySlot.starts_at).where(DutySlot.methodist_id == keep_id)
    await session.execute(delete(DutySlot).where(DutySlot.methodist_id == gone_id, DutySlot.starts_at.in_(mine)))
    await session.execute(update(DutySlot).where(DutySlot.methodist_id == gone_id).values(methodist_id=keep_id))


async def _employments(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """The same current job twice is one; a second main job becomes an additional one."""
    current = list(
        await session.scalars(select(Employment).where(Employment.person_id == keep_id, Employment.until.is_(None)))
    )
    for job in await session.scalars(select(Employment).where(Employment.person_id == gone_id)):
        same = [
            own
            for own in current
            if own.organisation_id == job.organisation_id and own.position_slug == job.position_slug
        ]
        if same and job.until is None:
            same[0].since = min(same[0].since, job.since)
            await _subjects(session, same[0].id, job.id)
            await session.execute(delete(Employment).where(Employment.id == job.id))
            continue
        job.person_id = keep_id
        if job.until is None and job.is_main and any(own.is_main for own in current):
            job.is_main = False
    await session.flush()


async def _subjects(session: AsyncSession, keep_job: int, gone_job: int) -> None:
    """Subjects of both jobs, each once."""
    held = select(EmploymentSubject.subject_slug).where(EmploymentSubject.employment_id == keep_job)
    await session.execute(
        update(EmploymentSubject)
        .where(EmploymentSubject.employment_id == gone_job, EmploymentSubject.subject_slug.not_in(held))
        .values(employment_id=keep_job)
    )


async def _roles(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """The same role for the same place twice is one: the one that lasts longer."""
    mine = {
        (row.role, row.scope_kind, row.scope_id): row
        for row in await session.scalars(_standing_roles(keep_id).order_by(RoleAssignment.id))
    }
    for row in await session.scalars(_standing_roles(gone_id)):
        own = mine.get((row.role, row.scope_kind, row.scope_id))
        if own is not None:
            own.since = min(own.since, row.since)
            own.until = None if own.until is None or row.until is None else max(own.until, row.until)
            await session.delete(row)
    await session.flush()
    await session.execute(update(RoleAssignment).where(RoleAssignment.person_id == gone_id).values(person_id=keep_id))


def _standing_roles(person_id: int) -> Select[RoleAssignment]:
    return select(RoleAssignment).where(RoleAssignment.person_id == person_id, RoleAssignment.revoked_at.is_(None))


async def _recipients(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """One broadcast to both profiles: the message that went further stays, a second one is not sent."""
    mine = {
        row.broadcast_id: row
        for row in await session.scalars(select(BroadcastRecipient).where(BroadcastRecipient.person_id == keep_id))
    }
    for theirs in await session.scalars(select(BroadcastRecipient).where(BroadcastRecipient.person_id == gone_id)):
        if theirs.broadcast_id not in mine:
            theirs.person_id = keep_id
            continue
        await session.execute(
            update(Outbox)
            .where(Outbox.id == theirs.outbox_id, Outbox.state == OutboxState.queued)
            .values(state=OutboxState.expired)
        )
        await session.delete(theirs)
    await session.flush()


async def _mailing(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """Both chose about the same thing: the later word counts."""
    mine = {
        row.topic: row for row in await session.scalars(select(MailingChoice).where(MailingChoice.person_id == keep_id))
    }
    for theirs in await session.scalars(select(MailingChoice).where(MailingChoice.person_id == gone_id)):
        own = mine.get(theirs.topic)
        if own is None:
            theirs.person_id = keep_id
            continue
        if theirs.changed_at > own.changed_at:
            own.is_on, own.changed_at = theirs.is_on, theirs.changed_at
        await session.delete(theirs)
    await session.flush()


async def _practices(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """One practice in writing: the kept person's stays a draft, the other waits among what was taken back."""
    p = Practice
    mine = await session.scalar(select(p.id).where(p.author_id == keep_id, p.state == PracticeState.draft))
    if mine is not None:
        theirs = (p.author_id == gone_id, p.state == PracticeState.draft)
        await session.execute(update(p).where(*theirs).values(state=PracticeState.withdrawn))
    await session.execute(update(p).where(p.author_id == gone_id).values(author_id=keep_id))


async def _reviews(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """One look of an expert at a round; nobody judges what is her own."""
    r = PracticeReview
    held = {(row.practice_id, row.round): row for row in await session.scalars(select(r).where(r.expert_id == keep_id))}
    for theirs in await session.scalars(select(r).where(r.expert_id == gone_id)):
        own = held.get((theirs.practice_id, theirs.round))
        if own is not None and (own.done_at is not None or theirs.done_at is None):
            await session.delete(theirs)
            continue
        if own is not None:
            await session.delete(own)
            await session.flush()
        theirs.expert_id = keep_id
    await session.flush()
    written = select(Practice.id).where(Practice.author_id.in_((keep_id, gone_id)))
    await session.execute(delete(r).where(r.expert_id == keep_id, r.done_at.is_(None), r.practice_id.in_(written)))


async def _uses(session: AsyncSession, keep_id: int, gone_id: int) -> None:
    """«Получилось применить» once a person; not of one's own practice."""
    u = PracticeUse
    held = select(u.practice_id).where(u.person_id == keep_id)
    await session.execute(delete(u).where(u.person_id == gone_id, u.practice_id.in_(held)))
    await session.execute(update(u).where(u.person_id == gone_id).values(person_id=keep_id))


def _once_each(model: Any, *names: str) -> Resolver:
    """The same thing kept (asked for, wished) by both is kept once."""

    async def resolve(session: AsyncSession, keep_id: int, gone_id: int) -> None:
        columns = [getattr(model, name) for name in names]
        held = {tuple(row) for row in await session.execute(select(*columns).where(model.person_id == keep_id))}
        for row in await session.scalars(select(model).where(model.person_id == gone_id)):
            if tuple(getattr(row, name) for name in names) in held:
                await session.delete(row)
            else:
                row.person_id = keep_id
        await session.flush()

    return resolve


RESOLVERS: dict[tuple[str, str], Resolver] = {
    ("practices", "author_id"): _practices,
    ("practice_reviews", "expert_id"): _reviews,
    ("practice_uses", "person_id"): _uses,
    ("navigator_bookmarks", "person_id"): _once_each(Bookmark, "source", "object_id"),
    ("contest_reminders", "person_id"): _once_each(ContestReminder, "record_id"),
    ("attempts", "person_id"): _open_attempts,
    ("broadcast_recipients", "person_id"): _recipients,
    ("campaign_invites", "person_id"): _invites,
    ("mailing_choices", "person_id"): _mailing,
    ("tutor_assignments", "person_id"): _once_each(TutorAssignment, "cohort_id"),
    ("course_wishes", "person_id"): _once_each(CourseWish, "key"),
    ("ioms", "person_id"): _open_routes,
    ("duty_slots", "methodist_id"): _slots,
    ("hotline_tickets", "author_id"): _drafts,
    ("staff_accounts", "person_id"): _staff_account,
    ("body_memberships", "person_id"): _memberships,
    ("employments", "person_id"): _employments,
    ("measure_people", "person_id"): _appointed,
    ("roadmap_reminders", "person_id"): _reminded,
    ("registrations", "person_id"): _registrations,
    ("attendances", "person_id"): _attendances,
    ("certificates", "person_id"): _certificates,
    ("event_feedback", "person_id"): _feedback,
    ("event_quiz_results", "person_id"): _once_each(QuizResult, "event_id"),
    ("cohort_members", "person_id"): _cohort_members,
    ("cohort_works", "person_id"): _cohort_works,
    ("tutorial_slots", "person_id"): _tutorials,
    ("tutorial_slots", "methodist_id"): _tutors,
    ("role_assignments", "person_id"): _roles,
    **UNITED,
}
"""References where moving alone would break a unique key or say a thing twice."""


async def _facts(session: AsyncSession, keep_key: str, gone_key: str) -> None:
    """Facts follow the person; one that both have is voided on the side that goes."""
    mine = select(Fact.kind, Fact.source_type, Fact.source_id).where(
        Fact.person_key == keep_key, Fact.voided_at.is_(None)
    )
    held = {tuple(row) for row in await session.execute(mine)}
    for fact in await session.scalars(select(Fact).where(Fact.person_key == gone_key)):
        if (fact.kind, fact.source_type, fact.source_id) in held and fact.voided_at is None:
            fact.voided_at, fact.void_reason = fact.recorded_at, "merge"
        fact.person_key = keep_key
    await session.flush()


def _fill(keep: Person, gone: Person) -> None:
    """What the kept row lacks comes from the other."""
    fields: tuple[str, ...] = (
        "middle_name", "birth_year", "teach_since_year", "teach_since", "category", "registered_at",
        "confirmed_at", "confirmed_by_id", "confirmed_how", "preferred_identity_id",
    )  # fmt: skip
    for name in fields:
        if not getattr(keep, name):
            setattr(keep, name, getattr(gone, name))
    if keep.state is PersonState.archived:
        keep.state = gone.state


async def doubles(session: AsyncSession, scope: Scope, *, now: datetime, limit: int = 20) -> list[tuple[int, int, str]]:
    """Pairs that may be one person: the same name (and year of birth, where both are known)."""
    scope.require(Right.people_edit)
    same = (
        select(Person.sort)
        .where(Person.state == PersonState.active, Person.sort != "")
        .group_by(Person.sort)
        .having(func.count() > 1)
        .order_by(Person.sort)
        .limit(limit)
    )
    rows: dict[str, list[Any]] = {}
    statement = select(Person.id, Person.sort, Person.birth_year).where(
        Person.sort.in_(same), Person.state == PersonState.active
    )
    for row in await session.execute(statement.order_by(Person.sort, Person.id)):
        rows.setdefault(row.sort, []).append(row)
    pairs: list[tuple[int, int, str]] = []
    for found in rows.values():
        first = found[0]
        pairs += [
            (first.id, other.id, first.sort)
            for other in found[1:]
            if first.birth_year is None or other.birth_year is None or first.birth_year == other.birth_year
        ]
    return pairs[:limit]
