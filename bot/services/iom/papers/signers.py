"""Who signs papers, and how a name is written on them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Person, Role, RoleAssignment, ScopeKind


async def head_of_centre(session: AsyncSession, today: date) -> str:
    """The head of the centre as she signs; empty when nobody is appointed."""
    found = await holder(session, Role.centre_head, ScopeKind.region, None, today)
    return initials(found) if found else ""


async def holder(
    session: AsyncSession, role: Role, kind: ScopeKind, scope_id: int | None, today: date
) -> Person | None:
    """Who holds a role at a place today, the first appointed."""
    r = RoleAssignment
    place = r.scope_id == scope_id if scope_id is not None else r.scope_id.is_(None)
    found: Person | None = await session.scalar(
        select(Person)
        .join(r, r.person_id == Person.id)
        .where(
            r.role == role,
            r.scope_kind == kind,
            place,
            r.revoked_at.is_(None),
            r.since <= today,
            or_(r.until.is_(None), r.until >= today),
        )
        .order_by(r.id)
        .limit(1)
    )
    return found


def initials(person: Person) -> str:
    """Фамилия И. О."""
    letters = " ".join(f"{name[0]}." for name in (person.first_name, person.middle_name) if name)
    return f"{person.last_name} {letters}".strip()
