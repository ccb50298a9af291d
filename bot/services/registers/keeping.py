"""Who keeps a register, when it was last said to be right, and the reminders to its keeper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.models import (
    MessageClass,
    Person,
    PersonState,
    RecordState,
    Register,
    RegisterRecord,
    Role,
    RoleAssignment,
)
from bot.rules import registers as rules
from bot.rules.registers import Freshness
from bot.services import audit, outbox
from bot.services.access import RIGHTS, Right, Scope
from bot.services.registers.editing import ENTITY
from bot.services.registers.kinds import Kind, kinds
from bot.services.registers.looking import require
from bot.ui.screen import Screen

AGAIN = timedelta(days=7)
"""A register that stays unchecked is named again after so long."""


@dataclass(frozen=True, slots=True)
class Due:
    """A register that its keeper should look at: its term of review, records whose own term is near."""

    kind: Kind
    owner_id: int
    locale: str
    review_on: date | None
    freshness: Freshness
    ending: int
    broken: int


Speak = Callable[[str, Sequence[Due]], Screen]


async def appoint(session: AsyncSession, scope: Scope, slug: str, owner_id: int | None, *, now: datetime) -> None:
    """Who keeps the register; None takes the keeper away. UserError for a person who may not edit it."""
    require(scope, slug, Right.registers_edit)
    if owner_id is not None and owner_id not in {number for number, _ in await keepers(session, today=now.date())}:
        raise UserError("registers-no-keeper")
    row = await _row(session, slug)
    row.owner_id = owner_id
    audit.changed(session, scope, ENTITY, 0, "keeper", now=now, after={"register": slug, "owner": owner_id or 0})
    await session.flush()


async def keepers(session: AsyncSession, *, today: date) -> list[tuple[int, str]]:
    """(person, name) of those who may edit registers."""
    roles = [role for role in Role if Right.registers_edit in RIGHTS[role]]
    r = RoleAssignment
    rows = await session.scalars(
        select(Person)
        .join(r, r.person_id == Person.id)
        .where(
            r.role.in_(roles), r.since <= today, (r.until.is_(None)) | (r.until >= today), r.revoked_at.is_(None),
            Person.state == PersonState.active,
        )
        .order_by(Person.sort, Person.id)
        .distinct()
    )  # fmt: skip
    return [(row.id, row.full_name) for row in rows]


async def confirm(session: AsyncSession, scope: Scope, slug: str, *, now: datetime, today: date) -> None:
    """«Реестр актуален»: looked over today by this person."""
    require(scope, slug, Right.registers_edit)
    row = await _row(session, slug)
    row.checked_on, row.checked_by_id = today, scope.person_id
    audit.changed(session, scope, ENTITY, 0, "confirmed", now=now, after={"register": slug})
    await session.flush()


async def due(session: AsyncSession, *, today: date) -> list[Due]:
    """Registers with a keeper whose review is near or late, or whose records end soon or have dead links."""
    found: list[Due] = []
    r = RegisterRecord
    rows = await session.execute(
        select(Register, Person.locale)
        .join(Person, Person.id == Register.owner_id)
        .where(Person.state == PersonState.active)
        .order_by(Register.slug)
    )
    for row, locale in rows.all():
        kind = kinds().get(row.slug)
        if kind is None or row.owner_id is None:
            continue
        ending = broken = 0
        active = (r.register == row.slug, r.state == RecordState.active)
        if kind.soon_days:
            last = today + timedelta(days=kind.soon_days)
            ending = int(await session.scalar(select(func.count()).where(*active, r.ends_on <= last)) or 0)
        if kind.link is not None:
            broken = int(await session.scalar(select(func.count()).where(*active, r.link_broken_on.is_not(None))) or 0)
        state = rules.freshness(row.checked_on, kind.review_months, today)
        if ending or broken or state is not Freshness.fresh:
            review_on = rules.review_on(row.checked_on, kind.review_months)
            found.append(Due(kind, row.owner_id, locale, review_on, state, ending, broken))
    return found


async def tell(session: AsyncSession, mine: Sequence[Due], speak: Speak, *, now: datetime, today: date) -> bool:
    """One letter a week to one keeper about all of hers. True when it is new."""
    owner_id, week = mine[0].owner_id, today.isocalendar()
    return await outbox.say(
        session,
        owner_id,
        speak(mine[0].locale, mine),
        message_class=MessageClass.staff,
        kind="registers-review",
        dedupe=f"registers:{owner_id}:{week.year}-{week.week}",
        now=now,
        expires_at=now + AGAIN,
    )


async def _row(session: AsyncSession, slug: str) -> Register:
    row = await session.get(Register, slug, with_for_update=True)
    if row is None:
        row = Register(slug=slug)
        session.add(row)
    return row
