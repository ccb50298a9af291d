"""Who may join the methodical active: a route done to the end and no deficit of it left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import DeficitLevel, Employment, Iom, IomDeficit, IomState, Municipality, Organisation, Person
from bot.services import audit
from bot.services.access import Right, Scope
from bot.services.iom import reach

SIZE = 25

OVERCOME = (DeficitLevel.minimal, DeficitLevel.low)
"""Levels at which a deficit counts as overcome (domain.md §2.3)."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A teacher with what her last finished route came to."""

    person_id: int
    iom_id: int
    name: str
    organisation: str
    municipality: str
    closed_on: date
    groups: tuple[str, ...]
    conclusion: str


@dataclass(frozen=True, slots=True)
class Candidates:
    """A page of them."""

    lines: tuple[Candidate, ...]
    total: int
    page: int

    @property
    def first(self) -> int:
        """Number of the first line, from 1."""
        return self.page * SIZE + 1

    @property
    def last(self) -> int:
        """Number of the last line."""
        return self.page * SIZE + len(self.lines)

    @property
    def has_next(self) -> bool:
        """True when there is a page after this one."""
        return self.last < self.total


async def candidates(
    session: AsyncSession, scope: Scope, *, zone: ZoneInfo, now: datetime, today: date, page: int = 0
) -> Candidates:
    """Those within the scope, the latest first. What a route came to is a result: the look is recorded."""
    here = await reach.scope_here(session, scope)
    here.require(Right.iom_open)
    d, later = IomDeficit, Iom.__table__.alias("later")
    wanted = and_(
        Iom.state == IomState.completed,
        exists(select(d.iom_id).where(d.iom_id == Iom.id)),
        ~exists(select(d.iom_id).where(d.iom_id == Iom.id, d.after_level.is_(None) | d.after_level.not_in(OVERCOME))),
        # Only the last route a person has finished speaks for her.
        ~exists(select(later.c.id).where(later.c.person_id == Iom.person_id, later.c.closed_at > Iom.closed_at)),
    )
    ids = reach.within(select(Iom.id), here, Right.iom_open, today=today).where(wanted).distinct()
    total = int(await session.scalar(select(func.count()).select_from(ids.subquery())) or 0)
    main = (
        select(func.min(Employment.id))
        .where(Employment.person_id == Iom.person_id, Employment.is_main, Employment.until.is_(None))
        .correlate(Iom)
        .scalar_subquery()
    )
    rows = (
        await session.execute(
            select(Iom, Person, Organisation.short_name, Municipality.name)
            .join(Person, Person.id == Iom.person_id)
            .outerjoin(Employment, Employment.id == main)
            .outerjoin(Organisation, Organisation.id == Employment.organisation_id)
            .outerjoin(Municipality, Municipality.id == Organisation.municipality_id)
            .where(Iom.id.in_(ids))
            .order_by(Iom.closed_at.desc(), Iom.id.desc())
            .offset(page * SIZE)
            .limit(SIZE)
        )
    ).all()
    groups: dict[int, list[str]] = {}
    for iom_id, title in await session.execute(
        select(d.iom_id, d.title).where(d.iom_id.in_([row.Iom.id for row in rows])).order_by(d.iom_id, d.title)
    ):
        groups.setdefault(iom_id, []).append(title)
    found: list[Candidate] = []
    for iom, person, place, town in rows:
        assert iom.closed_at is not None
        await audit.viewed(session, here, person.id, "iom", right=Right.iom_open, now=now)
        found.append(
            Candidate(
                person_id=person.id,
                iom_id=iom.id,
                name=person.full_name,
                organisation=place or "",
                municipality=town or "",
                closed_on=iom.closed_at.astimezone(zone).date(),
                groups=tuple(groups.get(iom.id, ())),
                conclusion=iom.conclusion,
            )
        )
    return Candidates(tuple(found), total, page)
