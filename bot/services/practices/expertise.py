"""Experts: two of other schools, five criteria, a third where they differ; publishing follows from their words."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, NotFound, UserError
from bot.models import (
    Certificate,
    CompetenceGroup,
    Employment,
    EmploymentSubject,
    FactKind,
    Person,
    PersonState,
    Practice,
    PracticeReview,
    PracticeState,
    ReviewVerdict,
    Role,
    RoleAssignment,
    Subject,
)
from bot.rules import practices as rules
from bot.rules.events import certificate_number
from bot.rules.practices import CRITERIA, Candidate, Decision
from bot.services import audit, facts
from bot.services.access import Right, Scope
from bot.services.practices import base, entry
from bot.services.practices.base import Attached, Notice, NoticeKind, Speak, tell
from bot.services.practices.writing import base_places, tell_centre

OFFERED = 5
LEAST_WORDS = 10
"""Signs of what an author is asked to add."""
POOL = 300
SKILLED = (Role.methodist, Role.duty, Role.centre_staff, Role.mentor)
"""Whose experience makes an expert before somebody is named by hand."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Somebody who may be asked."""

    person_id: int
    name: str
    subject: bool
    busy: int


@dataclass(frozen=True, slots=True)
class Look:
    """An expert's work in the eyes of the centre."""

    id: int
    name: str
    due_on: date
    marks: dict[str, int]
    verdict: ReviewVerdict | None
    comment: str
    round: int
    done_at: datetime | None
    refused: bool = False

    @property
    def percent(self) -> int:
        """Of the best there may be."""
        return rules.percent(self.marks)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What an expert reads: no author, no school."""

    review_id: int
    practice_id: int
    title: str
    problem: str
    actions: str
    outcome: str
    subject: str
    grades: str
    link: str
    files: tuple[Attached, ...]
    due_on: date
    marks: dict[str, int]
    verdict: ReviewVerdict | None
    comment: str
    done: bool
    round: int
    group: str = ""

    @property
    def next(self) -> str:
        """The first criterion without a mark; empty when all have one."""
        return next((name for name in CRITERIA if name not in self.marks), "")


@dataclass(frozen=True, slots=True)
class Task:
    """A line of an expert's list."""

    id: int
    title: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Waiting:
    """A practice that waits for somebody: how many experts it has, how many have spoken."""

    id: int
    title: str
    asked: int
    done: int
    due_on: date | None
    third: bool


# --- the centre ----------------------------------------------------------------------------------------


async def waiting(session: AsyncSession, scope: Scope, *, number: int = 0, size: int = 5) -> tuple[list[Waiting], int]:
    """What lies with the experts, those without enough of them first."""
    scope.require(Right.practices_assign)
    r = PracticeReview
    live = (r.practice_id == Practice.id) & (r.round == Practice.round) & r.refused_at.is_(None)
    yes = func.count(r.id).filter(r.verdict == ReviewVerdict.accept, r.done_at.is_not(None))
    no = func.count(r.id).filter(r.verdict == ReviewVerdict.revise, r.done_at.is_not(None))
    asked = func.count(r.id)
    rows = await session.execute(
        select(Practice.id, Practice.title, asked, func.count(r.done_at), Practice.due_on, yes, no)
        .outerjoin(r, live)
        .where(Practice.state == PracticeState.review)
        .group_by(Practice.id, Practice.title, Practice.due_on)
        .order_by(asked - func.count(r.done_at), Practice.due_on, Practice.id)
        .limit(size)
        .offset(number * size)
    )
    total = await session.scalar(select(func.count()).where(Practice.state == PracticeState.review))
    lines = [
        Waiting(n, title, given, done, due, third=given < rules.EXPERTS + 1 and bool(accepts and refuses))
        for n, title, given, done, due, accepts, refuses in rows
    ]
    return lines, int(total or 0)


async def candidates(
    session: AsyncSession, scope: Scope, practice_id: int, *, today: date, limit: int = OFFERED
) -> list[Offer]:
    """Who may be asked, the fittest first: staff with experience, of other schools, with least to read."""
    scope.require(Right.practices_assign)
    row = await session.get(Practice, practice_id)
    if row is None:
        raise NotFound("practices-gone")
    ids = await session.scalars(
        select(RoleAssignment.person_id)
        .join(Person, Person.id == RoleAssignment.person_id)
        .where(
            RoleAssignment.role.in_(SKILLED), RoleAssignment.revoked_at.is_(None), RoleAssignment.since <= today,
            # Who appoints does not offer herself.
            RoleAssignment.person_id != scope.person_id,
            (RoleAssignment.until.is_(None)) | (RoleAssignment.until >= today),
            Person.state == PersonState.active, Person.registered_at.is_not(None),
        )
        .distinct()
        .order_by(RoleAssignment.person_id)
        .limit(POOL)
    )  # fmt: skip
    pool = await _described(session, list(ids))
    fits = await _fitting(session, row, pool)
    best = rules.ranked(fits, subject=row.subject_slug)[:limit]
    names = await _names(session, [one.person_id for one in best])
    return [Offer(one.person_id, names[one.person_id], row.subject_slug in one.subjects, one.busy) for one in best]


async def assign(
    session: AsyncSession, scope: Scope, practice_id: int, expert_ids: list[int], *, now: datetime, speak: Speak
) -> int:
    """Ask these people; how many were new. UserError for the author, for her school, for too many."""
    scope.require(Right.practices_assign)
    row = await base.locked(session, practice_id)
    if row.state is not PracticeState.review or row.due_on is None:
        raise UserError("practices-not-waiting")
    if scope.person_id == row.author_id:
        raise UserError("practices-own")
    held = await base.reviews_of(session, row)
    decision = rules.decide([one.verdict for one in held if one.verdict and one.done_at])
    most = rules.EXPERTS + 1 if decision is Decision.third else rules.EXPERTS
    fresh = [one for one in dict.fromkeys(expert_ids) if one not in {review.expert_id for review in held}]
    if len(held) + len(fresh) > most:
        raise UserError("practices-enough", most=str(most))
    described = await _described(session, fresh)
    if len(described) < len(fresh) or len(await _fitting(session, row, described)) < len(fresh):
        raise UserError("practices-expert-near")
    for expert_id in fresh:
        review = PracticeReview(
            practice_id=row.id, expert_id=expert_id, round=row.round, due_on=row.due_on, marks={},
            assigned_by_id=scope.person_id, assigned_at=now,
        )  # fmt: skip
        session.add(review)
        await session.flush()
        notice = Notice(NoticeKind.asked, row.id, row.title, day=row.due_on, review_id=review.id)
        await tell(session, expert_id, speak, notice, key=f"{row.round}:{expert_id}", now=now)
    if fresh:
        audit.changed(session, scope, "practice", row.id, "experts", now=now, after={"experts": len(held) + len(fresh)})
    await session.flush()
    return len(fresh)


async def suggest(
    session: AsyncSession, scope: Scope, practice_id: int, *, now: datetime, speak: Speak
) -> tuple[int, int]:
    """As many of the fittest as are wanted, in one press: (asked now, still wanted)."""
    row = await base.locked(session, practice_id)
    if row.state is not PracticeState.review:
        raise UserError("practices-not-waiting")
    held = await base.reviews_of(session, row)
    decision = rules.decide([one.verdict for one in held if one.verdict and one.done_at])
    wanted = (rules.EXPERTS + 1 if decision is Decision.third else rules.EXPERTS) - len(held)
    if wanted <= 0:
        return 0, 0
    best = await candidates(session, scope, practice_id, today=now.date(), limit=wanted)
    asked = await assign(session, scope, practice_id, [one.person_id for one in best], now=now, speak=speak)
    return asked, wanted - asked


async def relieve(session: AsyncSession, scope: Scope, review_id: int, *, now: datetime) -> None:
    """An expert who does not answer is let go; what she has not said is not waited for."""
    scope.require(Right.practices_assign)
    review = await session.get(PracticeReview, review_id)
    if review is None or review.done_at is not None:
        raise NotFound("practices-gone")
    review.refused_at = now
    audit.changed(session, scope, "practice", review.practice_id, "expert-let-go", now=now)
    await session.flush()


async def looks(session: AsyncSession, scope: Scope, practice_id: int) -> list[Look]:
    """What experts said, all rounds."""
    scope.require(Right.practices_see)
    rows = await session.execute(
        select(PracticeReview, Person)
        .outerjoin(Person, Person.id == PracticeReview.expert_id)
        .where(PracticeReview.practice_id == practice_id)
        .order_by(PracticeReview.round, PracticeReview.id)
    )
    return [
        Look(
            one.id, person.full_name if person else "", one.due_on, one.marks, one.verdict, one.comment, one.round,
            one.done_at, one.refused_at is not None,
        )
        for one, person in rows
    ]  # fmt: skip


async def set_topic(session: AsyncSession, scope: Scope, practice_id: int, group: str, *, now: datetime) -> None:
    """Which group of competences it helps with: growth points lead to it."""
    scope.require(Right.practices_assign)
    row = await base.locked(session, practice_id)
    if group and await session.get(CompetenceGroup, group) is None:
        raise NotFound()
    row.group_slug, row.updated_at = group or None, now
    audit.changed(session, scope, "practice", row.id, "topic", now=now, after={"group": group})
    await entry.refresh(session, row)
    await session.flush()


async def publish_without(
    session: AsyncSession, scope: Scope, practice_id: int, reason: str, *, now: datetime, speak: Speak
) -> None:
    """By the centre, with a reason that is kept; it is not a product with an expertise."""
    scope.require(Right.practices_edit)
    row = await base.locked(session, practice_id)
    if scope.person_id == row.author_id:
        raise UserError("practices-own")
    if not reason.strip():
        raise UserError("practices-reason")
    if row.state is not PracticeState.review or row.agreed_at is None:
        raise UserError("practices-not-waiting")
    row.published_why = reason.strip()[:255]
    await _publish(session, row, reviewed=False, now=now, speak=speak)
    after = {"reason": row.published_why}
    audit.changed(session, scope, "practice", row.id, "published-without", now=now, after=after)
    await session.flush()


async def take_down(
    session: AsyncSession, scope: Scope, practice_id: int, reason: str, *, now: datetime, speak: Speak
) -> None:
    """By the centre, with a reason the author is told."""
    scope.require(Right.practices_edit)
    row = await base.locked(session, practice_id)
    if not reason.strip():
        raise UserError("practices-reason")
    if row.state is not PracticeState.published:
        raise UserError("practices-not-waiting")
    row.state, row.withdrawn_at, row.withdrawn_why = PracticeState.withdrawn, now, reason.strip()[:255]
    row.updated_at = now
    await entry.refresh(session, row)
    audit.changed(session, scope, "practice", row.id, "taken-down", now=now, after={"reason": row.withdrawn_why})
    notice = Notice(NoticeKind.withdrawn, row.id, row.title, text=row.withdrawn_why)
    await tell(session, row.author_id, speak, notice, key=f"{now:%Y%m%d%H%M%S}", now=now)
    await session.flush()


# --- the expert ------------------------------------------------------------------------------------------


async def tasks(session: AsyncSession, person_id: int, *, limit: int = 5) -> list[Task]:
    """What somebody was asked to look at, the nearest term first."""
    rows = await session.execute(
        select(PracticeReview.id, Practice.title, PracticeReview.due_on)
        .join(Practice, Practice.id == PracticeReview.practice_id)
        .where(
            PracticeReview.expert_id == person_id, PracticeReview.done_at.is_(None),
            PracticeReview.refused_at.is_(None), PracticeReview.round == Practice.round,
            Practice.state == PracticeState.review,
        )
        .order_by(PracticeReview.due_on, PracticeReview.id)
        .limit(limit)
    )  # fmt: skip
    return [Task(*row) for row in rows]


async def sheet(session: AsyncSession, person_id: int, review_id: int) -> Sheet:
    """One's own task. NotFound for anybody else's: experts do not see each other's words."""
    review, row = await _task(session, person_id, review_id)
    subject = await session.scalar(select(Subject.title).where(Subject.slug == row.subject_slug))
    group = await session.scalar(select(CompetenceGroup.title).where(CompetenceGroup.slug == row.group_slug))
    return Sheet(
        review.id, row.id, row.title, row.problem, row.actions, row.outcome, subject or "", row.grades, row.link,
        tuple(await base.files_of(session, row.id)), review.due_on, dict(review.marks), review.verdict,
        review.comment, review.done_at is not None, review.round, group or "",
    )  # fmt: skip


async def mark(session: AsyncSession, person_id: int, review_id: int, criterion: str, value: int) -> None:
    """0, 1 or 2 for one criterion; may be changed until the word is given."""
    if criterion not in CRITERIA or not 0 <= value <= rules.BEST:
        raise NotFound("practices-gone")
    review, _ = await _running(session, person_id, review_id)
    review.marks = {**review.marks, criterion: value}
    await session.flush()


async def refuse(session: AsyncSession, person_id: int, review_id: int, *, now: datetime, speak: Speak) -> None:
    """«Не смогу»: somebody else is looked for."""
    review, row = await _running(session, person_id, review_id)
    review.refused_at = now
    await session.flush()
    if review.assigned_by_id is not None:
        notice = Notice(NoticeKind.arrived, row.id, row.title, day=row.due_on)
        await tell(session, review.assigned_by_id, speak, notice, key=f"{row.round}:again:{review.id}", now=now)


async def conclude(
    session: AsyncSession, person_id: int, review_id: int, verdict: ReviewVerdict, comment: str, *, now: datetime,
    speak: Speak,
) -> Decision:  # fmt: skip
    """The expert's word. What follows from all of them happens in the same transaction."""
    row_id = await session.scalar(select(PracticeReview.practice_id).where(PracticeReview.id == review_id))
    row = await base.locked(session, row_id or 0)
    review, _ = await _running(session, person_id, review_id)
    if not rules.complete(review.marks):
        raise UserError("practices-marks-missing")
    said = " ".join(comment.split())[:1500]
    if verdict is ReviewVerdict.revise and len(said) < LEAST_WORDS:
        raise UserError("practices-comment-needed")
    review.verdict, review.comment, review.done_at = verdict, said, now
    await facts.add(
        session, person_id, FactKind.practice_reviewed, occurred_on=now.date(),
        source=("practice_review", review.id), now=now,
    )  # fmt: skip
    await session.flush()
    held = await base.reviews_of(session, row)
    decision = rules.decide([one.verdict for one in held if one.verdict and one.done_at])
    match decision:
        case Decision.publish:
            await _publish(session, row, reviewed=True, now=now, speak=speak)
        case Decision.revise:
            await _return(session, row, held, now=now, speak=speak)
        case Decision.third if len(held) <= rules.EXPERTS:
            await tell_centre(session, row, NoticeKind.third, speak, now=now)
    await session.flush()
    return decision


# --- inside ------------------------------------------------------------------------------------------


async def _publish(session: AsyncSession, row: Practice, *, reviewed: bool, now: datetime, speak: Speak) -> None:
    row.state, row.reviewed, row.updated_at, row.comment = PracticeState.published, reviewed, now, ""
    row.published_at = row.published_at or now
    row.certificate_no = row.certificate_no or await free_number(session, now.year)
    await facts.add(
        session, row.author_id, FactKind.practice_published, occurred_on=now.date(), source=("practice", row.id),
        now=now, evidence={"reviewed": reviewed},
    )  # fmt: skip
    await entry.refresh(session, row)
    notice = Notice(NoticeKind.published, row.id, row.title, number=row.certificate_no)
    await tell(session, row.author_id, speak, notice, key=str(row.round), now=now)


async def _return(
    session: AsyncSession, row: Practice, held: list[PracticeReview], *, now: datetime, speak: Speak
) -> None:
    row.state, row.updated_at = PracticeState.returned, now
    row.comment = "\n".join(one.comment for one in held if one.verdict is ReviewVerdict.revise and one.comment)
    notice = Notice(NoticeKind.returned, row.id, row.title, text=row.comment)
    await tell(session, row.author_id, speak, notice, key=str(row.round), now=now)


async def free_number(session: AsyncSession, year: int) -> str:
    """A number neither a participant's nor an author's certificate has."""
    while True:
        number = certificate_number(year, secrets.randbits(50))
        taken = await session.scalar(select(Certificate.id).where(Certificate.number == number))
        taken = taken or await session.scalar(select(Practice.id).where(Practice.certificate_no == number))
        if taken is None:
            return number


async def _task(session: AsyncSession, person_id: int, review_id: int) -> tuple[PracticeReview, Practice]:
    found = (
        await session.execute(
            select(PracticeReview, Practice)
            .join(Practice, Practice.id == PracticeReview.practice_id)
            .where(PracticeReview.id == review_id, PracticeReview.expert_id == person_id)
        )
    ).one_or_none()
    if found is None or found[0].refused_at is not None:
        raise NotFound("practices-gone")
    return found[0], found[1]


async def _running(session: AsyncSession, person_id: int, review_id: int) -> tuple[PracticeReview, Practice]:
    review, row = await _task(session, person_id, review_id)
    if row.author_id == person_id:
        raise NotAllowed()
    if row.state is not PracticeState.review or row.round != review.round or review.done_at is not None:
        raise UserError("practices-decided")
    return review, row


async def _described(session: AsyncSession, ids: list[int]) -> list[Candidate]:
    places: dict[int, set[int]] = {number: set() for number in ids}
    subjects: dict[int, set[str]] = {number: set() for number in ids}
    known = await session.scalars(select(Person.id).where(Person.id.in_(ids), Person.state == PersonState.active))
    rows = await session.execute(
        select(Employment.person_id, Employment.organisation_id, EmploymentSubject.subject_slug)
        .outerjoin(EmploymentSubject, EmploymentSubject.employment_id == Employment.id)
        .where(Employment.person_id.in_(ids), Employment.until.is_(None))
    )
    for person_id, place, slug in rows:
        places[person_id].add(place)
        if slug:
            subjects[person_id].add(slug)
    busy = dict(
        (
            await session.execute(
                select(PracticeReview.expert_id, func.count())
                .where(
                    PracticeReview.expert_id.in_(ids), PracticeReview.done_at.is_(None),
                    PracticeReview.refused_at.is_(None),
                )
                .group_by(PracticeReview.expert_id)
            )
        ).all()
    )  # fmt: skip
    return [Candidate(n, frozenset(places[n]), frozenset(subjects[n]), busy.get(n, 0)) for n in known.all()]


async def _fitting(session: AsyncSession, row: Practice, pool: list[Candidate]) -> list[Candidate]:
    places = set(await base_places(session, row.author_id)) | ({row.organisation_id} if row.organisation_id else set())
    asked = await session.scalars(
        select(PracticeReview.expert_id).where(PracticeReview.practice_id == row.id, PracticeReview.round == row.round)
    )
    taken = {number for number in asked if number is not None}
    return [one for one in pool if rules.may_judge(one, author_id=row.author_id, author_places=places, taken=taken)]


async def _names(session: AsyncSession, ids: list[int]) -> dict[int, str]:
    return {one.id: one.full_name for one in await session.scalars(select(Person).where(Person.id.in_(ids)))}
