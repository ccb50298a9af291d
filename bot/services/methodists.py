"""Who accompanies whom; the ИОМ subject owns appointing."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import MethodistAssignment, Person


async def name_for(session: AsyncSession, person_id: int, *, today: date) -> str:
    """Имя Отчество of the methodist appointed to a teacher today, or an empty string."""
    a = MethodistAssignment
    methodist = await session.scalar(
        select(Person)
        .join(a, a.methodist_id == Person.id)
        .where(a.person_id == person_id, a.since <= today, or_(a.until.is_(None), a.until >= today))
        .order_by(a.since.desc(), a.id.desc())
        .limit(1)
    )
    return methodist.short_name if methodist else ""
