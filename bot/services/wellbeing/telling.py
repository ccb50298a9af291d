"""The staff hear in time that the telephones of help want a check, or that the check is closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import MessageClass, Role, RoleAssignment, ScopeKind
from bot.rules.wellbeing import Contacts
from bot.services import outbox
from bot.services.wellbeing import contacts
from bot.ui.screen import Screen

TOLD = (Role.centre_head, Role.centre_staff)
WEEK = timedelta(days=7)


async def tell_staff(session: AsyncSession, speak: Callable[[Contacts], Screen], *, today: date, now: datetime) -> int:
    """Once a week while it lasts; how many were told."""
    told = await contacts.help_of(session, today=today)
    if told.state is Contacts.fresh and told.opens:
        return 0
    why = told.state if told.state is not Contacts.fresh else Contacts.none
    r = RoleAssignment
    people = await session.scalars(
        select(r.person_id)
        .where(
            r.role.in_(TOLD), r.scope_kind == ScopeKind.region, r.revoked_at.is_(None), r.since <= today,
            or_(r.until.is_(None), r.until >= today),
        )
        .distinct()
        .order_by(r.person_id)
    )  # fmt: skip
    year, week, _ = today.isocalendar()
    written = 0
    for person_id in list(people):
        written += await outbox.say(
            session, person_id, speak(why), message_class=MessageClass.staff, kind="wellbeing-contacts",
            dedupe=f"wellbeing-contacts:{why.value}:{year}-{week}:{person_id}", now=now, expires_at=now + WEEK,
        )  # fmt: skip
    return written
