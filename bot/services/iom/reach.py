"""Whose routes a member of staff reaches; a refusal is logged, a look is recorded."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import structlog
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed
from bot.models import Employment, Iom, Organisation, Person, Role
from bot.services import audit, people, region
from bot.services.access import Grant, Right, Scope
from bot.services.iom.views import Route, load

log = structlog.get_logger()

SETTING = "iom"
"""Region setting: ``{"without_methodists": true}`` gives coordinators the methodist's part (order 003)."""


async def scope_here(session: AsyncSession, scope: Scope) -> Scope:
    """The scope as this region means it: without methodists a coordinator does their part in her municipality."""
    if not scope.has(Role.municipal_coordinator):
        return scope
    if not await without_methodists(session):
        return scope
    more = tuple(
        Grant(Role.methodist, grant.kind, grant.id)
        for grant in scope.grants
        if grant.role is Role.municipal_coordinator
    )
    return Scope(scope.person_id, scope.grants + more)


async def without_methodists(session: AsyncSession) -> bool:
    """True where the municipal coordinators do the methodist's part."""
    return bool((await region.setting(session, SETTING)).get("without_methodists"))


async def set_without_methodists(session: AsyncSession, scope: Scope, *, on: bool, now: datetime) -> None:
    """Give the coordinators the methodist's part, or take it back; recorded."""
    scope.require(Right.settings_edit)
    value = {**await region.setting(session, SETTING), "without_methodists": on}
    await region.set_setting(session, SETTING, value)
    audit.changed(session, scope, "settings", 0, "iom-coordinators", now=now, after={"on": on})


async def require(session: AsyncSession, scope: Scope, right: Right, iom_id: int, *, today: date) -> Iom:
    """The route, locked, if the scope reaches its teacher. NotAllowed otherwise, and the log says who tried."""
    iom = await session.scalar(select(Iom).where(Iom.id == iom_id).with_for_update())
    if iom is None:
        raise NotAllowed()
    try:
        await people.require(session, await scope_here(session, scope), right, iom.person_id, today=today)
    except NotAllowed:
        log.warning("iom-refused", viewer=scope.person_id, iom=iom_id, right=right.value)
        raise
    return iom


async def opened(
    session: AsyncSession, scope: Scope, iom_id: int, *, now: datetime, today: date, where: str = "admin"
) -> Route:
    """The whole route for staff; the look is recorded and the teacher can read of it."""
    iom = await require(session, scope, Right.iom_open, iom_id, today=today)
    here = await scope_here(session, scope)
    await audit.viewed(session, here, iom.person_id, "iom", right=Right.iom_open, now=now, where=where)
    route = await load(session, iom_id)
    assert route is not None
    return route


def within(statement: Select[Any], scope: Scope, right: Right, *, today: date) -> Select[Any]:
    """A statement over ``Iom`` joined with person and main job, only what the scope reaches."""
    joined = (
        statement.join(Person, Person.id == Iom.person_id)
        .outerjoin(Employment, (Employment.person_id == Person.id) & Employment.is_main & Employment.until.is_(None))
        .outerjoin(Organisation, Organisation.id == Employment.organisation_id)
    )
    return scope.limit(
        joined,
        right,
        person=Person.id,
        organisation=Organisation.id,
        municipality=Organisation.municipality_id,
        today=today,
    )
