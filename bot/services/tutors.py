"""Tutors for learners: who may be one, who is offered one first, assigning, «вижу», the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.errors import NotFound, UserError
from bot.models import (
    Attempt,
    AttemptState,
    Cohort,
    CohortMember,
    GroupResult,
    MemberState,
    MessageClass,
    Outbox,
    Person,
    PersonState,
    Programme,
    Purpose,
    Role,
    RoleAssignment,
    TutorAssignment,
)
from bot.rules import tutors as rules
from bot.services import audit, outbox
from bot.services.access import Right, Scope
from bot.ui.screen import Screen

ENTITY = "tutor"
WAITS = timedelta(days=14)
"""A message about an assignment is news for so long."""

_a = TutorAssignment


@dataclass(frozen=True, slots=True)
class Learner:
    """A member of a cohort with her tutor, if there is one; ``low`` is None where nobody asked to see results."""

    person_id: int
    name: str
    tutor_id: int | None
    tutor: str
    since: date | None
    seen_at: datetime | None
    low: bool | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Learners of a cohort; ``need`` and ``served``: of those with a low readiness, all and with a tutor."""

    cohort_id: int
    title: str
    learners: tuple[Learner, ...]
    need: int | None = None
    served: int | None = None


@dataclass(frozen=True, slots=True)
class Mine:
    """A learner as her tutor sees her: nothing of her results."""

    id: int
    name: str
    cohort: str
    since: date
    seen: bool


Speak = Callable[[str, Mine], Screen]

LETTER, LETTERS = 700, 10
"""Signs of a letter between a learner and the tutor, and letters of a day to one person."""


@dataclass(frozen=True, slots=True)
class Side:
    """Whom one writes to: the tutor, or the learner."""

    id: int
    person_id: int
    name: str
    cohort: str
    is_tutor: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """Words on their way: ``name`` is who wrote them."""

    id: int
    name: str
    cohort: str
    by_tutor: bool
    text: str


SpeakLetter = Callable[[str, Letter], Screen]


async def page(
    session: AsyncSession, scope: Scope, cohort_id: int, *, low: bool = False, now: datetime
) -> Page:  # fmt: skip
    """Learners of a cohort. ``low`` looks at results, which is written down and shown to each of them."""
    scope.require(Right.programmes_edit)
    title = await session.scalar(select(Cohort.title).where(Cohort.id == cohort_id))
    if title is None:
        raise NotFound()
    member, tutor = Person, aliased(Person)
    rows = await session.execute(
        select(member, _a, tutor)
        .join(CohortMember, CohortMember.person_id == member.id)
        .outerjoin(
            _a, (_a.person_id == member.id) & (_a.cohort_id == cohort_id) & _a.until.is_(None)
        )
        .outerjoin(tutor, tutor.id == _a.tutor_id)
        .where(
            CohortMember.cohort_id == cohort_id, CohortMember.state == MemberState.member,
            member.state == PersonState.active,
        )
        .order_by(member.sort, member.id)
    )  # fmt: skip
    found = [
        Learner(
            person.id, person.full_name, own.tutor_id if own else None,
            helper.full_name if helper else "", own.since if own else None, own.seen_at if own else None,
        )
        for person, own, helper in rows
    ]  # fmt: skip
    if not low:
        return Page(cohort_id, title, tuple(found))
    scope.require(Right.results_see)
    asking = await _readiness(session, [one.person_id for one in found])
    await audit.viewed_many(session, scope, list(asking), "results", right=Right.results_see, now=now)
    shown = [
        Learner(one.person_id, one.name, one.tutor_id, one.tutor, one.since, one.seen_at, asking.get(one.person_id))
        for one in found
    ]
    shown.sort(key=lambda one: not one.low)
    need = [one for one in shown if one.low]
    return Page(cohort_id, title, tuple(shown), len(need), sum(one.tutor_id is not None for one in need))


async def tutors(session: AsyncSession, scope: Scope, *, today: date) -> list[tuple[int, str, int]]:
    """(person, name, how many learners now) of those who may be a tutor: tutors and methodists."""
    scope.require(Right.programmes_edit)
    r = RoleAssignment
    loads = dict(
        (await session.execute(select(_a.tutor_id, func.count()).where(_a.until.is_(None)).group_by(_a.tutor_id))).all()
    )
    rows = await session.scalars(
        select(Person)
        .join(r, r.person_id == Person.id)
        .where(
            r.role.in_((Role.tutor, Role.methodist)), r.since <= today, or_(r.until.is_(None), r.until >= today),
            r.revoked_at.is_(None), Person.state == PersonState.active,
        )
        .order_by(Person.sort, Person.id)
        .distinct()
    )  # fmt: skip
    return [(row.id, row.full_name, loads.get(row.id, 0)) for row in rows]


async def assign(
    session: AsyncSession,
    scope: Scope,
    cohort_id: int,
    people: Sequence[int],
    tutor_id: int,
    to_tutor: Speak,
    to_learner: Speak,
    *,
    now: datetime,
    today: date,
) -> int:
    """Give learners a tutor (another one replaces the former); both are told. How many assignments are new."""
    scope.require(Right.programmes_edit)
    cohort = await session.get(Cohort, cohort_id)
    if cohort is None:
        raise NotFound()
    names = {number: name for number, name, _ in await tutors(session, scope, today=today)}
    if tutor_id not in names:
        raise UserError("tutors-no-tutor")
    tutor = await session.get_one(Person, tutor_id)
    members = set(
        await session.scalars(
            select(CohortMember.person_id).where(
                CohortMember.cohort_id == cohort_id, CohortMember.state == MemberState.member
            )
        )
    )
    chosen = [number for number in dict.fromkeys(people) if number in members and number != tutor_id]
    if not chosen:
        raise UserError("tutors-nobody")
    held = {
        row.person_id: row
        for row in await session.scalars(
            select(_a).where(_a.cohort_id == cohort_id, _a.person_id.in_(chosen)).with_for_update()
        )
    }
    made = 0
    for person_id in chosen:
        row = held.get(person_id)
        if row is not None and row.tutor_id == tutor_id and row.until is None:
            continue
        if row is None:
            row = _a(cohort_id=cohort_id, person_id=person_id)
            session.add(row)
        row.tutor_id, row.by_id, row.since, row.until, row.seen_at = tutor_id, scope.person_id, today, None, None
        await session.flush()
        person = await session.get_one(Person, person_id)
        for to, speak, of in ((tutor, to_tutor, person), (person, to_learner, tutor)):
            await outbox.say(
                session,
                to.id,
                speak(to.locale, Mine(row.id, of.full_name, cohort.title, today, seen=False)),
                message_class=MessageClass.for_you,
                kind="tutors-assigned",
                dedupe=f"tutor:{row.id}:{tutor_id}:{today}:{to.id}",
                now=now,
                expires_at=now + WAITS,
            )
        audit.changed(session, scope, ENTITY, row.id, "assigned", now=now, after={"tutor": tutor_id})
        made += 1
    return made


async def end(
    session: AsyncSession, scope: Scope, cohort_id: int, person_id: int, *, now: datetime, today: date
) -> None:
    """The learner goes on without a tutor."""
    scope.require(Right.programmes_edit)
    row = await session.scalar(
        select(_a).where(_a.cohort_id == cohort_id, _a.person_id == person_id, _a.until.is_(None)).with_for_update()
    )
    if row is None:
        raise NotFound()
    row.until = today
    await outbox.take_back(session, f"tutor:{row.id}:")
    audit.changed(session, scope, ENTITY, row.id, "ended", now=now, after={"tutor": row.tutor_id})
    await session.flush()


async def mine(session: AsyncSession, tutor_id: int) -> list[Mine]:
    """Learners of a tutor, those she has not seen yet first."""
    rows = await session.execute(
        select(_a, Person, Programme.title, Cohort.title)
        .join(Person, Person.id == _a.person_id)
        .join(Cohort, Cohort.id == _a.cohort_id)
        .join(Programme, Programme.id == Cohort.programme_id)
        .where(_a.tutor_id == tutor_id, _a.until.is_(None), Person.state == PersonState.active)
        .order_by(_a.seen_at.is_not(None), Person.sort, _a.id)
    )
    return [
        Mine(row.id, person.full_name, f"{programme}: {cohort}", row.since, row.seen_at is not None)
        for row, person, programme, cohort in rows
    ]


async def see(session: AsyncSession, tutor_id: int, assignment_id: int, *, now: datetime) -> None:
    """«Вижу»; pressed twice it is once. NotFound for another's."""
    row = await session.get(_a, assignment_id)
    if row is None or row.tutor_id != tutor_id or row.until is not None:
        raise NotFound("tutors-gone")
    if row.seen_at is None:
        row.seen_at = now
        await session.flush()


async def low_since(session: AsyncSession, people: Select[int], *, known_at: datetime | None) -> dict[int, datetime]:
    """Of some people those whose readiness is low by the last finished attempt, and when it was finished.

    For numbers only: nobody's result is looked at, so nothing is written into «Кто смотрел».
    """
    at = Attempt
    done = [at.person_id.in_(people), at.state == AttemptState.finished, at.purpose != Purpose.trial]
    if known_at is not None:
        done.append(at.finished_at <= known_at)
    latest = select(func.max(at.id).label("id")).where(*done).group_by(at.person_id).subquery()
    g = GroupResult
    rows = await session.execute(
        select(at.person_id, at.finished_at, func.sum(case((g.is_deficit, 1), else_=0)), func.count(g.deficit_level))
        .join(latest, latest.c.id == at.id)
        .join(g, g.attempt_id == at.id)
        .group_by(at.person_id, at.finished_at)
    )
    return {
        number: moment
        for number, moment, asking, groups in rows
        if moment is not None and rules.is_low(int(asking or 0), groups)
    }


async def open_one(session: AsyncSession, tutor_id: int, assignment_id: int, *, now: datetime) -> Mine:
    """A learner opened by her tutor: seen from now on."""
    await see(session, tutor_id, assignment_id, now=now)
    return next(one for one in await mine(session, tutor_id) if one.id == assignment_id)


async def other_side(session: AsyncSession, person_id: int, assignment_id: int) -> Side:
    """Whom this person writes to. NotFound for a stranger, or when the help is over."""
    row = await session.get(_a, assignment_id)
    if row is None or row.until is not None or person_id not in (row.tutor_id, row.person_id):
        raise NotFound("tutors-gone")
    is_tutor = row.person_id == person_id
    other = await session.get_one(Person, row.tutor_id if is_tutor else row.person_id)
    if other.state is not PersonState.active:
        raise NotFound("tutors-gone")
    cohort = await session.get_one(Cohort, row.cohort_id)
    return Side(row.id, other.id, other.full_name, cohort.title, is_tutor)


async def write(
    session: AsyncSession, person_id: int, assignment_id: int, speak: SpeakLetter, *, text: str, now: datetime
) -> Side:
    """Pass words on; nothing of them is kept but the message itself. UserError for too many or too long."""
    side = await other_side(session, person_id, assignment_id)
    words = text.strip()
    if not words or len(words) > LETTER:
        raise UserError("tutors-letter-long", limit=LETTER)
    beginning = f"tutor-letter:{assignment_id}:{person_id}:"
    today = select(func.count()).where(Outbox.dedupe.startswith(beginning), Outbox.created_at > now - timedelta(days=1))
    if (await session.scalar(today) or 0) >= LETTERS:
        raise UserError("tutors-letters-many")
    me, to = await session.get_one(Person, person_id), await session.get_one(Person, side.person_id)
    await outbox.say(
        session,
        to.id,
        speak(to.locale, Letter(side.id, me.full_name, side.cohort, not side.is_tutor, words)),
        message_class=MessageClass.for_you,
        kind="tutors-letter",
        dedupe=f"{beginning}{int(now.timestamp() * 1000)}",
        now=now,
        expires_at=now + WAITS,
    )
    return side


async def of_learner(session: AsyncSession, person_id: int, cohort_id: int) -> tuple[int, str] | None:
    """(assignment, the tutor's name) of a learner in a cohort."""
    row = (
        await session.execute(
            select(_a.id, Person)
            .join(Person, Person.id == _a.tutor_id)
            .where(
                _a.person_id == person_id, _a.cohort_id == cohort_id, _a.until.is_(None),
                Person.state == PersonState.active,
            )
        )
    ).one_or_none()  # fmt: skip
    return (row[0], row[1].full_name) if row is not None else None


async def _readiness(session: AsyncSession, people: Sequence[int]) -> dict[int, bool]:
    """Person → whether the readiness is low by the last finished attempt that counts."""
    latest = (
        select(func.max(Attempt.id).label("id"), Attempt.person_id)
        .where(Attempt.person_id.in_(people), Attempt.state == AttemptState.finished, Attempt.purpose != Purpose.trial)
        .group_by(Attempt.person_id)
        .subquery()
    )
    g = GroupResult
    rows = await session.execute(
        select(latest.c.person_id, func.sum(case((g.is_deficit, 1), else_=0)), func.count(g.deficit_level))
        .join(g, g.attempt_id == latest.c.id)
        .group_by(latest.c.person_id)
    )
    return {number: rules.is_low(int(asking or 0), groups) for number, asking, groups in rows}
