"""Organisations that people added themselves: approved, or joined to the one that was there already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, NotFound, UserError
from bot.models import Base, Employment, Municipality, Organisation, RoleAssignment, ScopeKind
from bot.services import audit, search
from bot.services.access import Right, Scope
from bot.services.places import ORGANISATION, Place, find_organisations


@dataclass(frozen=True, slots=True)
class Waiting:
    """A place that waits, how many people named it, and places that look like it."""

    id: int
    name: str
    municipality: str
    people: int
    alike: tuple[Place, ...]


async def count(session: AsyncSession, scope: Scope, *, today: date) -> int:
    """How many places wait within the scope."""
    return int(await session.scalar(select(func.count()).select_from(_waiting(scope, today).subquery())) or 0)


async def waiting(session: AsyncSession, scope: Scope, *, today: date, limit: int = 20) -> list[Waiting]:
    """Places that wait within the scope, by name."""
    scope.require(Right.people_confirm)
    rows = await session.execute(
        select(Organisation, Municipality.name)
        .join(Municipality, Municipality.id == Organisation.municipality_id)
        .where(Organisation.id.in_(_waiting(scope, today)))
        .order_by(Organisation.sort, Organisation.id)
        .limit(limit)
    )
    found: list[Waiting] = []
    for row, district in rows.all():
        people = await session.scalar(
            select(func.count())
            .select_from(Employment)
            .where(Employment.organisation_id == row.id, Employment.until.is_(None))
        )
        places = await find_organisations(session, row.name, municipality_id=row.municipality_id, limit=4)
        alike = tuple(place for place in places if place.id != row.id)
        found.append(Waiting(row.id, row.name, district, int(people or 0), alike))
    return found


async def approve(session: AsyncSession, scope: Scope, organisation_id: int, *, now: datetime) -> None:
    """The place is real; NotAllowed outside the scope."""
    row = await _own(session, scope, organisation_id, now)
    row.approved_at = now
    audit.changed(session, scope, "organisation", row.id, "approved", now=now)
    await session.flush()


async def join(session: AsyncSession, scope: Scope, organisation_id: int, into_id: int, *, now: datetime) -> None:
    """The place is another one under a new name: everything moves there, the row goes.

    Only a place that waits can be joined. NotAllowed outside the scope, for either of the two.
    """
    row = await _own(session, scope, organisation_id, now)
    into = await session.get(Organisation, into_id)
    if into is None or into.id == row.id:
        raise NotFound()
    if row.approved_at is not None:
        raise UserError("admin-organisation-done")
    if not _covers(scope, into):
        raise NotAllowed()
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table.name == "organisations" for key in column.foreign_keys):
                await session.execute(update(table).where(column == row.id).values({column.name: into.id}))
    await session.execute(
        update(RoleAssignment)
        .where(RoleAssignment.scope_kind == ScopeKind.organisation, RoleAssignment.scope_id == row.id)
        .values(scope_id=into.id)
    )
    await search.drop(session, ORGANISATION, row.id)
    await session.execute(delete(Organisation).where(Organisation.id == row.id))
    audit.changed(session, scope, "organisation", into.id, "joined", now=now, before={"gone": organisation_id})
    await session.flush()


def _waiting(scope: Scope, today: date) -> Select[int]:
    return scope.limit(
        select(Organisation.id).where(Organisation.approved_at.is_(None)),
        Right.people_confirm,
        organisation=Organisation.id,
        municipality=Organisation.municipality_id,
        today=today,
    )


async def _own(session: AsyncSession, scope: Scope, organisation_id: int, now: datetime) -> Organisation:
    row = await session.get(Organisation, organisation_id)
    if row is None or not _covers(scope, row):
        raise NotAllowed()
    return row


def _covers(scope: Scope, row: Organisation) -> bool:
    return scope.covers(Right.people_confirm, ScopeKind.municipality, row.municipality_id) or scope.covers(
        Right.people_confirm, ScopeKind.organisation, row.id
    )
