"""What is stored of a person, who looked at it, and the way to the one responsible for data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Attempt, MessageClass, Person, PrivacyRequest, Role, RoleAssignment, View
from bot.services import outbox
from bot.services.identities import Caller
from bot.ui.screen import Screen

ANSWER_WITHIN = timedelta(days=14)
"""Ten working days to answer a request about data (152-ФЗ ст. 20), counted as two weeks."""


@dataclass(frozen=True, slots=True)
class Stored:
    """How much there is of a person."""

    attempts: int
    iom_steps: int = 0
    registrations: int = 0
    questions: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody's look at one's results."""

    at: datetime
    name: str
    role: str
    what: str


async def stored(session: AsyncSession, person_id: int) -> Stored:
    """Counts for «Мои данные»."""
    attempts = await session.scalar(select(func.count()).select_from(Attempt).where(Attempt.person_id == person_id))
    return Stored(int(attempts or 0))


async def looks(session: AsyncSession, person_id: int, *, page: int = 0, size: int = 3) -> tuple[list[Look], int]:
    """Who looked at the results, newest first, and how many looks there were."""
    total = await session.scalar(select(func.count()).select_from(View).where(View.person_id == person_id))
    rows = await session.execute(
        select(View, Person)
        .outerjoin(Person, Person.id == View.viewer_id)
        .where(View.person_id == person_id)
        .order_by(View.at.desc(), View.id.desc())
        .offset(page * size)
        .limit(size)
    )
    found = [Look(view.at, viewer.full_name if viewer else "", view.role, view.what) for view, viewer in rows]
    return found, int(total or 0)


async def complain(session: AsyncSession, caller: Caller, *, kind: str, now: datetime) -> PrivacyRequest:
    """«Сообщить»: a request to the one responsible for data."""
    request = PrivacyRequest(person_id=caller.id, kind=kind, created_at=now, due_at=now + ANSWER_WITHIN)
    session.add(request)
    await session.flush()
    return request


async def tell_officers(session: AsyncSession, request: PrivacyRequest, notice: Screen, *, now: datetime) -> None:
    """The notice, at once, to everyone responsible for data; no name goes out in it."""
    officers = await session.scalars(
        select(RoleAssignment.person_id)
        .where(
            RoleAssignment.role == Role.privacy_officer,
            RoleAssignment.revoked_at.is_(None),
            RoleAssignment.since <= now.date(),
            or_(RoleAssignment.until.is_(None), RoleAssignment.until >= now.date()),
        )
        .distinct()
    )
    for officer_id in officers.all():
        await outbox.say(
            session,
            officer_id,
            notice,
            message_class=MessageClass.staff,
            kind="privacy-request",
            dedupe=f"privacy:{request.id}:{officer_id}",
            now=now,
        )
