"""changed(...) and viewed(...): the trace that people can read."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Change, View
from bot.services.access import Right, Scope

SAME_LOOK = timedelta(minutes=10)
"""A page opened again within this time is the same look."""


def changed(
    session: AsyncSession,
    scope: Scope,
    entity: str,
    entity_id: int,
    action: str,
    *,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    where: str = "admin",
) -> None:
    """Record who changed what. No names or contacts in ``before`` and ``after``: ids and states."""
    session.add(
        Change(
            at=now,
            actor_id=scope.person_id,
            entity=entity,
            entity_id=entity_id,
            action=action,
            before=before or {},
            after=after or {},
            where=where,
        )
    )


async def viewed(
    session: AsyncSession,
    scope: Scope,
    person_id: int,
    what: str,
    *,
    right: Right,
    now: datetime,
    object_id: int | None = None,
    where: str = "admin",
    role: str = "",
) -> None:
    """Record a look at another person's result; one's own is not recorded. ``role``: whoever looks by no grant."""
    if scope.person_id == person_id:
        return
    recent = await session.scalar(
        select(View.id)
        .where(
            View.viewer_id == scope.person_id,
            View.person_id == person_id,
            View.what == what,
            View.object_id == object_id,
            View.at > now - SAME_LOOK,
        )
        .limit(1)
    )
    if recent is None:
        session.add(
            View(
                at=now,
                viewer_id=scope.person_id,
                person_id=person_id,
                role=role or scope.role_for(right),
                what=what,
                object_id=object_id,
                where=where,
            )
        )


async def record(session: AsyncSession, entity: str, entity_id: int, action: str, *, now: datetime) -> int:
    """Something the system did by itself; the number of the record."""
    change = Change(at=now, actor_id=None, entity=entity, entity_id=entity_id, action=action, where="system")
    session.add(change)
    await session.flush()
    return change.id


async def viewed_many(
    session: AsyncSession, scope: Scope, people: Collection[int], what: str, *, right: Right, now: datetime
) -> None:
    """``viewed`` for a page of a list in two statements."""
    recent = set(
        await session.scalars(
            select(View.person_id).where(
                View.viewer_id == scope.person_id,
                View.person_id.in_(people),
                View.what == what,
                View.at > now - SAME_LOOK,
            )
        )
    )
    session.add_all(
        View(at=now, viewer_id=scope.person_id, person_id=one, role=scope.role_for(right), what=what, where="admin")
        for one in dict.fromkeys(people)
        if one not in recent and one != scope.person_id
    )
