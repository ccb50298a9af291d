"""Who belongs to a campaign: a rule over what the system knows, never a list of names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from dateutil.relativedelta import relativedelta
from sqlalchemy import ColumnElement, Select, String, and_, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Employment, EmploymentSubject, Organisation, Person, PersonState, Position
from bot.rules import people as rules
from bot.services import region

LOW_RESULTS = "low_results"
"""Mark of a school with low results (ШНОР)."""

NEW_YEARS = 1
"""«Новые»: the first year of work."""


@dataclass(frozen=True, slots=True)
class Target:
    """The rule. Empty lists and switched-off marks narrow nothing; several subjects or districts are «or»."""

    subjects: tuple[str, ...] = ()
    municipalities: tuple[int, ...] = ()
    positions: tuple[str, ...] = ()
    low_results: bool = False
    young: bool = False
    new: bool = False

    def as_json(self) -> dict[str, Any]:
        """For the campaign's row."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Target:
        """Back from the campaign's row; an unknown mark of a later version is left out."""
        return cls(
            subjects=tuple(raw.get("subjects", ())),
            municipalities=tuple(raw.get("municipalities", ())),
            positions=tuple(raw.get("positions", ())),
            low_results=bool(raw.get("low_results")),
            young=bool(raw.get("young")),
            new=bool(raw.get("new")),
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """Who is young in this region."""

    age: int = rules.AGE
    years: int = rules.YEARS


async def limits(session: AsyncSession) -> Limits:
    """As the region's pack has them."""
    known = await region.setting(session, "young")
    return Limits(int(known.get("age", rules.AGE)), int(known.get("years", rules.YEARS)))


def people_of(
    target: Target, audience: str, *, on: date, young: Limits, among: ColumnElement[bool] | None = None
) -> Select[int, datetime | None, str, int, int, str, int]:
    """(person, registered_at, locale, organisation, municipality, position) by the main job on a day."""
    statement = (
        select(
            Person.id,
            Person.registered_at,
            Person.locale,
            Employment.organisation_id,
            Organisation.municipality_id,
            Employment.position_slug,
            Employment.id.label("employment_id"),
        )
        .join(Employment, Employment.person_id == Person.id)
        .join(Organisation, Organisation.id == Employment.organisation_id)
        .join(Position, Position.slug == Employment.position_slug)
        .where(
            Person.state == PersonState.active,
            Employment.is_main,
            Employment.since <= on,
            or_(Employment.until.is_(None), Employment.until >= on),
            Position.audience == "leader" if audience == "leader" else Position.audience != "leader",
        )
        .order_by(Person.id)
    )
    if among is not None:
        statement = statement.where(among)
    if target.subjects:
        taught = select(EmploymentSubject.employment_id).where(EmploymentSubject.subject_slug.in_(target.subjects))
        statement = statement.where(Employment.id.in_(taught))
    if target.municipalities:
        statement = statement.where(Organisation.municipality_id.in_(target.municipalities))
    if target.positions:
        statement = statement.where(Employment.position_slug.in_(target.positions))
    if target.low_results:
        statement = statement.where(cast(Organisation.flags, String).contains(f'"{LOW_RESULTS}"'))
    if target.young:
        aged = Person.birth_year >= on.year - young.age
        statement = statement.where(and_(aged, worked_at_most(young.years, on)))
    if target.new:
        statement = statement.where(worked_at_most(NEW_YEARS, on))
    return statement


async def count(session: AsyncSession, target: Target, audience: str, *, on: date) -> tuple[int, int]:
    """(people in the group, those of them who have come to a chat)."""
    group = people_of(target, audience, on=on, young=await limits(session)).order_by(None).subquery()
    row = (await session.execute(select(func.count(group.c.id.distinct()), func.count(group.c.registered_at)))).one()
    return int(row[0]), int(row[1])


async def first_subjects(session: AsyncSession, employments: Sequence[int]) -> dict[int, str]:
    """One subject of each job, so that a person is counted once."""
    rows = await session.execute(
        select(EmploymentSubject.employment_id, func.min(EmploymentSubject.subject_slug))
        .where(EmploymentSubject.employment_id.in_(employments))
        .group_by(EmploymentSubject.employment_id)
    )
    return dict(iter(rows))


def worked_at_most(years: int, on: date) -> ColumnElement[bool]:
    """At most so many years of work; the same as ``rules.people.is_young`` says of the start."""
    begin = on - relativedelta(years=years)
    first = begin.year if date(begin.year, 9, 1) >= begin else begin.year + 1
    last = on.year if date(on.year, 9, 1) <= on else on.year - 1
    known = and_(Person.teach_since >= begin, Person.teach_since <= on)
    guessed = and_(Person.teach_since.is_(None), Person.teach_since_year >= first, Person.teach_since_year <= last)
    return or_(known, guessed)
