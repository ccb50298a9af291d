"""Members of a school for the young whose young years are over: said once, and nothing is taken away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from dateutil.relativedelta import relativedelta
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Cohort, CohortMember, CohortState, MemberState, Person, PersonState, Programme, ProgrammeKind
from bot.rules.people import AGE, YEARS, young_span
from bot.services import region

PORTION = 100


@dataclass(frozen=True, slots=True)
class Limits:
    """Whom the region counts as young."""

    age: int
    years: int


@dataclass(frozen=True, slots=True)
class Over:
    """Somebody to be told: the last day on which she was young."""

    person_id: int
    locale: str
    last: date
    limits: Limits
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
    """The next portion of members who stopped being young, and how many rows were looked at.

    A person in two schools hears it once; who joined when no longer young has nothing to hear.
    """
    limits = await limits_of(session)
    m = CohortMember
    rows = (
        await session.execute(
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
            .order_by(m.id)
            .limit(PORTION)
        )
    ).all()
    found: dict[int, Over] = {}
    for member, person in rows:
        member.young_told_at = now
        last = last_day(person, limits)
        if last is not None and member.created_at.date() <= last < today:
            key = f"young-end:{person.id}:{last}"
            found.setdefault(person.id, Over(person.id, person.locale, last, limits, key))
    await session.flush()
    return list(found.values()), len(rows)


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
