"""Whose young years are over, in a school for the young or in a pair: said once, and nothing is taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dateutil.relativedelta import relativedelta
from sqlalchemy import ColumnElement, Row, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    Cohort,
    CohortMember,
    CohortState,
    MemberState,
    MentorPair,
    PairState,
    Person,
    PersonState,
    Programme,
    ProgrammeKind,
)
from bot.rules.people import AGE, YEARS, young_span
from bot.services import region

PORTION = 100

Found = Sequence[Row[CohortMember | MentorPair, Person]]


@dataclass(frozen=True, slots=True)
class Limits:
    """Whom the region counts as young."""

    age: int
    years: int


@dataclass(frozen=True, slots=True)
class Over:
    """Somebody to be told: the last day on which she was young; ``school``: she is in one, not only in a pair."""

    person_id: int
    locale: str
    last: date
    limits: Limits
    school: bool
    key: str


async def limits_of(session: AsyncSession) -> Limits:
    """The settings of the region."""
    given = await region.setting(session, "young")
    return Limits(int(given.get("age", AGE)), int(given.get("years", YEARS)))


def last_day(person: Person, limits: Limits) -> date | None:
    """The last day on which a person is young; None for who never was, or whose years are not known."""
    span = young_span(
        person.birth_year, person.teach_since_year, person.teach_since, age=limits.age, years=limits.years
    )
    return span[1] if span is not None else None


async def over(session: AsyncSession, *, now: datetime, today: date) -> tuple[list[Over], int]:
    """The next portion of those who stopped being young, and how many rows were looked at.

    Schools go first, pairs when no member of a school is left: who is in both, or in two schools, hears it once.
    Who joined when no longer young has nothing to hear.
    """
    limits = await limits_of(session)
    rows: Found = await _members(session, limits, today)
    school = bool(rows)
    rows = rows or await _mentees(session, limits, today)
    found: dict[int, Over] = {}
    for row, person in rows:
        row.young_told_at = now
        last = last_day(person, limits)
        if last is not None and row.created_at.date() <= last < today:
            key = f"young-end:{person.id}:{last}"
            found.setdefault(person.id, Over(person.id, person.locale, last, limits, school, key))
    await session.flush()
    # Also what is paused or waits today: when it goes on, it is no news any more.
    for table, whose in ((CohortMember, CohortMember.person_id), (MentorPair, MentorPair.mentee_id)):
        told = update(table).where(whose.in_(found), table.young_told_at.is_(None)).values(young_told_at=now)
        await session.execute(told, execution_options={"synchronize_session": False})
    return list(found.values()), len(rows)


async def _members(
    session: AsyncSession, limits: Limits, today: date
) -> Sequence[Row[CohortMember | MentorPair, Person]]:
    m = CohortMember
    statement = (
        select(m, Person)
        .join(Person, Person.id == m.person_id)
        .join(Cohort, Cohort.id == m.cohort_id)
        .join(Programme, Programme.id == Cohort.programme_id)
        .where(
            m.state == MemberState.member,
            m.young_told_at.is_(None),
            Programme.kind == ProgrammeKind.young_school,
            Cohort.state != CohortState.finished,
            Person.state == PersonState.active,
            _past(limits, today),
        )
    )
    return (await session.execute(statement.order_by(m.id).limit(PORTION))).all()


async def _mentees(
    session: AsyncSession, limits: Limits, today: date
) -> Sequence[Row[CohortMember | MentorPair, Person]]:
    p = MentorPair
    statement = (
        select(p, Person)
        .join(Person, Person.id == p.mentee_id)
        .where(
            p.state == PairState.active,
            p.young_told_at.is_(None),
            Person.state == PersonState.active,
            _past(limits, today),
        )
    )
    return (await session.execute(statement.order_by(p.id).limit(PORTION))).all()


def _past(limits: Limits, today: date) -> ColumnElement[bool]:
    """Older than the limit, or longer at work. Who has not told her years is not judged, now or later."""
    since = today - relativedelta(years=limits.years)
    first_year = since.year if date(since.year, 9, 1) < since else since.year - 1
    at_work = or_(
        Person.teach_since < since,
        and_(Person.teach_since.is_(None), Person.teach_since_year <= first_year),
    )
    known = and_(
        Person.birth_year.is_not(None), or_(Person.teach_since.is_not(None), Person.teach_since_year.is_not(None))
    )
    return and_(known, or_(Person.birth_year < today.year - limits.age, at_work))
