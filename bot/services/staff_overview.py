"""What waits for a member of staff, how delivery is doing, what was changed: the reading side of the admin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import Policy, Settings
from bot.models import (
    Change,
    Identity,
    Invitation,
    Messenger,
    Outbox,
    OutboxState,
    Person,
    PersonState,
    PrivacyRequest,
    View,
)
from bot.services import audit, merging, people_list, place_review, region
from bot.services.access import Right, Scope
from bot.services.catalogue import links as catalogue_links

LATE = timedelta(minutes=15)
"""A queued message that could have gone this long ago is late."""

RECENT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request about data that nobody has answered yet."""

    id: int
    person_id: int | None
    kind: str
    created_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Attention:
    """Counts of what waits; zero where the right is missing."""

    to_confirm: int = 0
    doubles: int = 0
    organisations: int = 0
    unknown: int = 0
    late: int = 0
    requests: tuple[Asked, ...] = ()
    deleting: int = 0
    links: int = 0


@dataclass(frozen=True, slots=True)
class Channel:
    """One messenger: is it on, what may it carry, whom does it reach."""

    messenger: Messenger
    on: bool
    policy: Policy
    people: int
    blocked: int
    waiting: int
    unknown: int
    failed: int
    last_sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Unsure:
    """A message nobody can say arrived; no words of it, only its kind."""

    id: int
    person_id: int
    kind: str
    messenger: Messenger | None
    claimed_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class Trace:
    """A line of the log."""

    at: datetime
    actor_id: int | None
    entity: str
    entity_id: int
    action: str
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Look:
    """A look at somebody's results."""

    at: datetime
    viewer_id: int | None
    person_id: int
    role: str
    what: str


async def attention(session: AsyncSession, scope: Scope, *, now: datetime) -> Attention:
    """Everything that waits within the scope and the rights of this role."""
    today = now.date()
    unknown = late = deleting = 0
    requests: tuple[Asked, ...] = ()
    if scope.may(Right.delivery_see):
        unknown = await _outbox(session, OutboxState.unknown)
        late = int(
            await session.scalar(
                select(func.count())
                .select_from(Outbox)
                .where(Outbox.state == OutboxState.queued, Outbox.not_before < now - LATE)
                .where(or_(Outbox.expires_at.is_(None), Outbox.expires_at > now))
            )
            or 0
        )
    if scope.may(Right.audit_see):
        rows = await session.scalars(
            select(PrivacyRequest).where(PrivacyRequest.closed_at.is_(None)).order_by(PrivacyRequest.due_at).limit(50)
        )
        requests = tuple(Asked(r.id, r.person_id, r.kind, r.created_at, r.due_at) for r in rows)
        deleting = int(
            await session.scalar(select(func.count()).select_from(Person).where(Person.state == PersonState.deleting))
            or 0
        )
    doubles: list[tuple[people_list.PersonLine, people_list.PersonLine]] = []
    if scope.may(Right.people_edit):
        doubles = await people_list.pairs(session, scope, await merging.doubles(session, scope, now=now), today=today)
    confirming = scope.may(Right.people_confirm)
    return Attention(
        to_confirm=await people_list.to_confirm(session, scope, today=today) if confirming else 0,
        doubles=len(doubles),
        organisations=await place_review.count(session, scope, today=today) if confirming else 0,
        unknown=unknown,
        late=late,
        requests=requests,
        deleting=deleting,
        links=await catalogue_links.broken(session, scope, today=today),
    )


async def close_request(session: AsyncSession, scope: Scope, request_id: int, *, now: datetime) -> None:
    """A request about data was answered; recorded. Twice is once."""
    scope.require(Right.audit_see)
    row = await session.get(PrivacyRequest, request_id)
    if row is not None and row.closed_at is None:
        row.closed_at = now
        audit.changed(session, scope, "request", request_id, "closed", now=now)
        await session.flush()


async def channels(session: AsyncSession, settings: Settings, *, now: datetime) -> list[Channel]:
    """Every messenger of this installation."""
    people: dict[Messenger, tuple[int, int]] = {}
    for messenger, total, blocked in await session.execute(
        select(Identity.messenger, func.count(), func.count(Identity.blocked_at)).group_by(Identity.messenger)
    ):
        people[messenger] = (total, blocked)
    queue: dict[tuple[Messenger | None, OutboxState], int] = {
        (messenger, state): number
        for messenger, state, number in await session.execute(
            select(Outbox.messenger, Outbox.state, func.count())
            .where(
                or_(
                    Outbox.state.in_((OutboxState.queued, OutboxState.sending, OutboxState.unknown)),
                    Outbox.created_at > now - RECENT,
                )
            )
            .group_by(Outbox.messenger, Outbox.state)
        )
    }
    latest = select(Outbox.messenger, func.max(Outbox.sent_at)).group_by(Outbox.messenger)
    sent = dict((await session.execute(latest)).all())
    return [
        Channel(
            messenger,
            on,
            policy,
            *people.get(messenger, (0, 0)),
            waiting=sum(queue.get((messenger, s), 0) for s in (OutboxState.queued, OutboxState.sending)),
            unknown=queue.get((messenger, OutboxState.unknown), 0),
            failed=queue.get((messenger, OutboxState.failed), 0),
            last_sent_at=sent.get(messenger),
        )
        for messenger, on, policy in installed(settings)
    ]


def installed(settings: Settings) -> list[tuple[Messenger, bool, Policy]]:
    """(messenger, is it on, what it may carry), in the order people meet them."""
    return [
        (Messenger.max, bool(settings.max.token), settings.max.policy),
        (Messenger.vk, bool(settings.vk.token), settings.vk.policy),
        (Messenger.telegram, bool(settings.telegram.token), settings.telegram.policy),
        (Messenger.web, True, Policy.full),
    ]


async def unassigned(session: AsyncSession) -> int:
    """Messages that wait and have no messenger yet: it is chosen when they go."""
    return int(
        await session.scalar(
            select(func.count())
            .select_from(Outbox)
            .where(Outbox.state == OutboxState.queued, Outbox.messenger.is_(None))
        )
        or 0
    )


async def unsure(session: AsyncSession, scope: Scope, *, limit: int = 50) -> list[Unsure]:
    """Messages in flight when something stopped: shown to a person, never repeated blindly."""
    scope.require(Right.delivery_see)
    rows = await session.scalars(
        select(Outbox).where(Outbox.state == OutboxState.unknown).order_by(Outbox.id.desc()).limit(limit)
    )
    return [Unsure(r.id, r.person_id, r.kind, r.messenger, r.claimed_at, r.error) for r in rows]


async def settle(session: AsyncSession, scope: Scope, outbox_id: int, *, again: bool, now: datetime) -> None:
    """A person decided: send an unsure message again, or take it as delivered; recorded."""
    scope.require(Right.delivery_see)
    row = await session.get(Outbox, outbox_id, with_for_update=True)
    if row is None or row.state is not OutboxState.unknown:
        return
    if again:
        row.state, row.not_before, row.claimed_at, row.claimed_by = OutboxState.queued, now, None, ""
    else:
        row.state, row.sent_at = OutboxState.sent, row.claimed_at or now
    audit.changed(session, scope, "outbox", outbox_id, "send-again" if again else "taken-as-sent", now=now)
    await session.flush()


# --- the log -----------------------------------------------------------------------------------------


async def changes(
    session: AsyncSession, scope: Scope, *, entity: str = "", page: int = 0, size: int = 30
) -> tuple[list[Trace], bool]:
    """Changes, newest first; True when there is another page."""
    scope.require(Right.audit_see)
    statement = select(Change).order_by(Change.at.desc(), Change.id.desc()).offset(page * size).limit(size + 1)
    if entity:
        statement = statement.where(Change.entity == entity)
    rows = list(await session.scalars(statement))
    lines = [Trace(r.at, r.actor_id, r.entity, r.entity_id, r.action, {**r.before, **r.after}) for r in rows[:size]]
    return lines, len(rows) > size


async def views(session: AsyncSession, scope: Scope, *, page: int = 0, size: int = 30) -> tuple[list[Look], bool]:
    """Looks at results, newest first; True when there is another page."""
    scope.require(Right.audit_see)
    rows = list(
        await session.scalars(select(View).order_by(View.at.desc(), View.id.desc()).offset(page * size).limit(size + 1))
    )
    return [Look(r.at, r.viewer_id, r.person_id, r.role, r.what) for r in rows[:size]], len(rows) > size


async def invitations(session: AsyncSession, scope: Scope, *, limit: int = 50) -> Sequence[Invitation]:
    """Codes that were made, newest first."""
    scope.require(Right.roles_grant)
    return (await session.scalars(select(Invitation).order_by(Invitation.id.desc()).limit(limit))).all()


# --- «государственное учреждение?» -------------------------------------------------------------------


async def institution(session: AsyncSession) -> bool | None:
    """True for a state institution, None while nobody has answered."""
    value = (await region.setting(session, "institution")).get("state")
    return value if isinstance(value, bool) else None


async def set_institution(session: AsyncSession, scope: Scope, *, state: bool, now: datetime) -> None:
    """Answer the question of the first start; recorded."""
    scope.require(Right.settings_edit)
    await region.set_setting(session, "institution", {"state": state})
    audit.changed(session, scope, "settings", 0, "institution", now=now, after={"state": state})


async def _outbox(session: AsyncSession, state: OutboxState) -> int:
    return int(await session.scalar(select(func.count()).select_from(Outbox).where(Outbox.state == state)) or 0)
