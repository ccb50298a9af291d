"""Telephones of help: data of the region with the day they were checked; without them the check is closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import HelpContact
from bot.rules import wellbeing as rules
from bot.rules.wellbeing import Contacts
from bot.services import audit, region
from bot.services.access import Right, Scope

EMERGENCY = "112"
"""Stands on every card by itself, so it is not a line of the list."""

MOST = 6


@dataclass(frozen=True, slots=True)
class Line:
    """One telephone."""

    id: int
    title: str
    phone: str
    about: str
    for_children: bool
    checked_on: date | None


@dataclass(frozen=True, slots=True)
class Help:
    """The list as it stands today; ``lines`` holds fresh ones only."""

    state: Contacts
    lines: tuple[Line, ...]

    @property
    def adults(self) -> tuple[Line, ...]:
        """Lines for the teacher herself."""
        return tuple(line for line in self.lines if not line.for_children)

    @property
    def children(self) -> tuple[Line, ...]:
        """Lines for a pupil one is worried about."""
        return tuple(line for line in self.lines if line.for_children)

    @property
    def opens(self) -> bool:
        """True when the check may be open: every line is fresh and one of them is for adults."""
        return self.state.opens and bool(self.adults)

    @property
    def checked_on(self) -> date | None:
        """The oldest check."""
        return min((line.checked_on for line in self.lines if line.checked_on), default=None)


async def help_of(session: AsyncSession, *, today: date) -> Help:
    """The list as people may see it; one statement."""
    lines = await _lines(session)
    state = rules.contacts([line.checked_on for line in lines], today=today)
    return Help(state, tuple(line for line in lines if rules.is_fresh(line.checked_on, today=today)))


async def listed(session: AsyncSession, scope: Scope) -> Sequence[Line]:
    """Every line for those who keep the list, stale ones too."""
    scope.require(Right.wellbeing_see)
    return await _lines(session)


async def load(session: AsyncSession) -> int:
    """Lines of the region's pack that were never here; nobody has checked them until somebody has."""
    given = (await region.setting(session, "help")).get("contacts", [])
    known = set(await session.scalars(select(HelpContact.code).where(HelpContact.code != "")))
    fresh = [one for one in given if one.get("phone") != EMERGENCY and one.get("phone") not in known]
    for one in fresh:
        session.add(
            HelpContact(
                code=str(one["phone"]),
                title=str(one["title"]),
                phone=str(one["phone"]),
                about=str(one.get("about") or ""),
                for_children=bool(one.get("for_children", False)),
                checked_on=date.fromisoformat(str(one["checked_on"])) if one.get("checked_on") else None,
            )
        )
    await session.flush()
    return len(fresh)


async def save(
    session: AsyncSession,
    scope: Scope,
    *,
    title: str,
    phone: str,
    about: str,
    for_children: bool,
    checked_on: date | None,
    today: date,
    now: datetime,
    contact_id: int | None = None,
) -> int:
    """A new line, or one put right. UserError without a name or a number, or for a check of tomorrow."""
    scope.require(Right.wellbeing_run)
    title, phone, about = title.strip(), phone.strip(), about.strip()
    if not title or sum(sign.isdigit() for sign in phone) < 2 or len(phone) > 32 or len(title) > 80 or len(about) > 80:
        raise UserError("wellbeing-contact-wrong")
    if checked_on is not None and checked_on > today:
        raise UserError("wellbeing-contact-tomorrow")
    if contact_id is None:
        if len(await _lines(session)) >= MOST:
            raise UserError("wellbeing-contact-many", n=MOST)
        row = HelpContact(code="", checked_on=None, removed_on=None)
        session.add(row)
    else:
        row = await _row(session, contact_id)
    if row.phone != phone and contact_id is not None and checked_on == row.checked_on:
        # Another number was checked, not this one.
        checked_on = None
    row.title, row.phone, row.about, row.for_children = title, phone, about, for_children
    row.checked_on = checked_on
    await session.flush()
    audit.changed(session, scope, "help_contact", row.id, "saved", now=now)
    return row.id


async def checked(session: AsyncSession, scope: Scope, contact_id: int, *, today: date, now: datetime) -> None:
    """Somebody has called the number today."""
    scope.require(Right.wellbeing_run)
    row = await _row(session, contact_id)
    row.checked_on = today
    audit.changed(session, scope, "help_contact", row.id, "checked", now=now)


async def remove(session: AsyncSession, scope: Scope, contact_id: int, *, today: date, now: datetime) -> None:
    """A line that answers no more; it does not come back with the pack."""
    scope.require(Right.wellbeing_run)
    row = await _row(session, contact_id)
    row.removed_on = today
    audit.changed(session, scope, "help_contact", row.id, "removed", now=now)


async def _lines(session: AsyncSession) -> tuple[Line, ...]:
    rows = await session.scalars(
        select(HelpContact).where(HelpContact.removed_on.is_(None)).order_by(HelpContact.for_children, HelpContact.id)
    )
    return tuple(Line(row.id, row.title, row.phone, row.about, row.for_children, row.checked_on) for row in rows)


async def _row(session: AsyncSession, contact_id: int) -> HelpContact:
    row = await session.get(HelpContact, contact_id)
    if row is None or row.removed_on is not None:
        raise NotFound()
    return row
