"""Into a cohort and out of it: by rule, by code, by list; nobody is a member without her own word."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    Attempt,
    Cohort,
    CohortMember,
    CohortState,
    DeficitLevel,
    Event,
    EventState,
    GroupResult,
    JoinedBy,
    MemberState,
    Person,
    Programme,
    Purpose,
    Registration,
    RegistrationSource,
    RegistrationState,
)
from bot.rules import programmes as rules
from bot.services import audit, codes
from bot.services.access import Right, Scope
from bot.services.campaigns import targets
from bot.services.campaigns.targets import Target
from bot.services.events import signing
from bot.services.events.reading import place_of
from bot.services.people import require
from bot.services.programmes.reading import INSIDE, cohort_of, member_of, questions_of

ENTITY = "cohort"
ALPHABET = "АБВГДЕЖКЛМНПРСТУФХЦЧ23456789"
LENGTH = 8
GROWTH_FOR = timedelta(days=365)
"""A deficit found longer ago calls nobody into a group."""

SETTLED = (MemberState.completed, MemberState.ended)


@dataclass(frozen=True, slots=True)
class Invited:
    """What came of an invitation of many."""

    new: int
    known: int
    # They fit, but have not come to a chat yet: nobody could tell them.
    silent: int = 0


async def offered(session: AsyncSession, person_id: int, *, today: date) -> list[tuple[int, str, date]]:
    """Cohorts she may join by their rule and has no row in: id, title, first day. At most three."""
    own = select(CohortMember.cohort_id).where(CohortMember.person_id == person_id)
    rows = (
        await session.execute(
            select(Cohort, Programme)
            .join(Programme, Programme.id == Cohort.programme_id)
            .where(Cohort.state == CohortState.gathering, Cohort.id.not_in(own), Programme.archived_at.is_(None))
            .order_by(Cohort.starts_on, Cohort.id)
            .limit(20)
        )
    ).all()
    found = []
    for cohort, programme in rows:
        # A group that is closed is nobody's to find; its people are invited.
        if not programme.target or programme.target.get("growth"):
            continue
        if await _fits(session, programme, person_id, on=today):
            found.append((cohort.id, programme.title, cohort.starts_on))
    return found[:3]


async def join(session: AsyncSession, person_id: int, cohort_id: int, *, now: datetime, today: date) -> None:
    """Her word: yes. By an invitation, or because the rule of the programme is about her. Twice is once."""
    cohort, programme = await cohort_of(session, cohort_id, locked=True)
    own = await member_of(session, cohort_id, person_id)
    if own is not None and own.state is MemberState.member:
        return
    if cohort.state is CohortState.finished or (own is not None and own.state in SETTLED):
        raise UserError("programmes-over", buttons=BACK)
    if own is None and not (
        programme.target and not programme.target.get("growth") and await _fits(session, programme, person_id, on=today)
    ):
        raise NotFound()
    await _become(session, cohort, own, person_id, JoinedBy.rule, now=now)


async def by_code(session: AsyncSession, person_id: int, typed: str, *, place: str, now: datetime) -> int | None:
    """The cohort a code opens; None for a code that is nobody's (the wrong try is counted, the caller commits)."""
    await codes.check_open(session, place, now=now)
    plain = "".join(sign for sign in typed.upper() if sign.isalnum())[:16]
    cohort = await session.scalar(
        select(Cohort).where(Cohort.code == plain, Cohort.state != CohortState.finished).with_for_update()
    )
    if not plain or cohort is None:
        await codes.wrong(session, place, now=now)
        return None
    await codes.right(session, place)
    own = await member_of(session, cohort.id, person_id)
    if own is None or own.state not in INSIDE:
        await _become(session, cohort, own, person_id, JoinedBy.code, now=now)
    return cohort.id


async def decline(session: AsyncSession, person_id: int, cohort_id: int, *, now: datetime) -> str:
    """«Не в этом году», or out of the cohort: seats of the meetings ahead are free again. The title."""
    cohort, programme = await cohort_of(session, cohort_id, locked=True)
    own = await member_of(session, cohort_id, person_id)
    if own is None or own.state in SETTLED:
        raise NotFound()
    if own.state in (MemberState.invited, MemberState.member):
        was = own.state
        own.state = MemberState.declined if was is MemberState.invited else MemberState.left
        own.changed_at = now
        for event in await _ahead(session, cohort, now=now):
            if await place_of(session, event.id, person_id) is not None:
                await signing.leave(session, person_id, event.id, now=now)
    await session.flush()
    return programme.title


async def mark_need(session: AsyncSession, person_id: int, cohort_id: int, key: str, *, now: datetime) -> None:
    """A difficulty put in or taken out of the three."""
    _, programme = await cohort_of(session, cohort_id)
    own = await member_of(session, cohort_id, person_id, locked=True)
    if own is None or own.state not in (MemberState.invited, MemberState.member):
        raise NotFound()
    own.needs = rules.toggled(list(own.needs or []), key, [one for one, _ in questions_of(programme)])
    own.changed_at = now
    await session.flush()


# --- staff -------------------------------------------------------------------------------------------


async def invite_by_rule(session: AsyncSession, scope: Scope, cohort_id: int, *, now: datetime, today: date) -> Invited:
    """Everybody whom the rule is about on the day and who has no row yet."""
    scope.require(Right.programmes_edit)
    cohort, programme = await cohort_of(session, cohort_id, locked=True)
    _must_gather(cohort)
    if not programme.target:
        raise UserError("programmes-no-rule")
    rows = (await session.execute(await _people(session, programme, on=today))).all()
    reached = [row.id for row in rows if row.registered_at is not None]
    found = await _invite(session, cohort, reached, JoinedBy.rule, now=now)
    audit.changed(session, scope, ENTITY, cohort_id, "invited", now=now, after={"people": found.new})
    return Invited(found.new, found.known, len(rows) - len(reached))


async def invite(
    session: AsyncSession, scope: Scope, cohort_id: int, people: Sequence[int], *, now: datetime, today: date
) -> Invited:
    """A list of chosen people (a school's team, a course's list); each answers herself."""
    scope.require(Right.programmes_edit)
    cohort, _ = await cohort_of(session, cohort_id, locked=True)
    _must_gather(cohort)
    for person_id in people:
        await require(session, scope, Right.people_see, person_id, today=today)
    found = await _invite(session, cohort, people, JoinedBy.list, now=now)
    audit.changed(session, scope, ENTITY, cohort_id, "invited", now=now, after={"people": found.new})
    return found


async def new_code(session: AsyncSession, scope: Scope, cohort_id: int, *, on: bool, now: datetime) -> str | None:
    """Another code of the cohort (the one before opens nothing any more), or none."""
    scope.require(Right.programmes_edit)
    cohort, _ = await cohort_of(session, cohort_id, locked=True)
    cohort.code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH)) if on else None
    audit.changed(session, scope, ENTITY, cohort_id, "code-made" if on else "code-closed", now=now)
    await session.flush()
    return cohort.code


async def fitting_of(session: AsyncSession, cohort_id: int, *, on: date) -> int:
    """How many people the rule of a cohort's programme is about on a day."""
    _, programme = await cohort_of(session, cohort_id)
    if not programme.target:
        return 0
    people = (await _people(session, programme, on=on)).order_by(None).subquery()
    return int(await session.scalar(select(func.count(people.c.id.distinct()))) or 0)


async def seat(session: AsyncSession, events: Sequence[Event], people: Sequence[int], *, now: datetime) -> None:
    """Members are on the lists of their meetings; who has cancelled one is not put back."""
    if not events or not people:
        return
    known = {
        (event_id, person_id)
        for event_id, person_id in await session.execute(
            select(Registration.event_id, Registration.person_id).where(
                Registration.event_id.in_([one.id for one in events]), Registration.person_id.in_(people)
            )
        )
    }
    for event in events:
        for person_id in people:
            if (event.id, person_id) not in known:
                row = signing.new_row(event.id, person_id, now=now)
                row.source, row.told_no = RegistrationSource.list, event.notice_no
                session.add(row)
    await session.flush()


# --- inside ------------------------------------------------------------------------------------------

BACK = (("programmes-home.button", "programmes:home"), ("button-menu", "menu:home"))


def _must_gather(cohort: Cohort) -> None:
    if cohort.state is CohortState.finished:
        raise UserError("programmes-over")


async def _invite(
    session: AsyncSession, cohort: Cohort, people: Sequence[int], how: JoinedBy, *, now: datetime
) -> Invited:
    wanted = list(dict.fromkeys(people))
    known = set(await session.scalars(select(CohortMember.person_id).where(CohortMember.cohort_id == cohort.id)))
    new = [number for number in wanted if number not in known]
    session.add_all(
        CohortMember(
            cohort_id=cohort.id, person_id=number, state=MemberState.invited, how=how, created_at=now, changed_at=now
        )
        for number in new
    )
    await session.flush()
    return Invited(len(new), len(wanted) - len(new))


async def _become(
    session: AsyncSession, cohort: Cohort, own: CohortMember | None, person_id: int, how: JoinedBy, *, now: datetime
) -> None:
    if own is None:
        own = CohortMember(cohort_id=cohort.id, person_id=person_id, how=how, created_at=now)
    came_back = own.state in (MemberState.left, MemberState.declined)
    own.state, own.changed_at = MemberState.member, now
    session.add(own)
    await session.flush()
    ahead = await _ahead(session, cohort, now=now)
    if came_back:
        for event in ahead:
            row = await place_of(session, event.id, person_id)
            if row is not None and row.state is RegistrationState.cancelled:
                row.state, row.changed_at = RegistrationState.signed, now
    await seat(session, ahead, [person_id], now=now)


async def _ahead(session: AsyncSession, cohort: Cohort, *, now: datetime) -> list[Event]:
    return list(
        await session.scalars(
            select(Event)
            .where(
                Event.series_id == cohort.series_id,
                Event.starts_at > now,
                Event.state.in_((EventState.announced, EventState.open, EventState.closed)),
            )
            .order_by(Event.id)
        )
    )


async def _fits(session: AsyncSession, programme: Programme, person_id: int, *, on: date) -> bool:
    statement = await _people(session, programme, on=on, among=Person.id == person_id)
    return (await session.execute(statement)).first() is not None


async def _people(
    session: AsyncSession, programme: Programme, *, on: date, among: ColumnElement[bool] | None = None
) -> Any:
    """People whom the rule is about; heads of schools belong only where their post is named."""
    growth = _has_growth(on) if programme.target.get("growth") else None
    both = [one for one in (among, growth) if one is not None]
    condition = both[0] & both[1] if len(both) == 2 else both[0] if both else None
    audience = str(programme.target.get("audience") or "teacher")
    return targets.people_of(
        Target.from_json(programme.target), audience, on=on, young=await targets.limits(session), among=condition
    )


def _has_growth(on: date) -> ColumnElement[bool]:
    """An official result of the last year with a growth zone."""
    return exists(
        select(GroupResult.group_id)
        .join(Attempt, Attempt.id == GroupResult.attempt_id)
        .where(
            Attempt.person_id == Person.id,
            Attempt.purpose == Purpose.official,
            Attempt.finished_at >= datetime.combine(on - GROWTH_FOR, time(), tzinfo=UTC),
            GroupResult.deficit_level == DeficitLevel.high,
        )
    )
