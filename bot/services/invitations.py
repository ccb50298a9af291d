"""Roles are opened by one-time codes with a scope and a last day."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, NotFound, UserError
from bot.models import Body, Invitation, Municipality, Organisation, Role, RoleAssignment, ScopeKind
from bot.services import audit, codes, identities
from bot.services.access import RIGHTS, Grant, Right, Scope
from bot.services.identities import Caller

ALPHABET = "АБВГДЕЖИКЛМНПРСТУФХЦЧШЭЮЯ23456789"
"""33 signs that are not mistaken for one another; twelve of them hold 60 bits."""

LENGTH = 12
CODE_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a code opens."""

    invitation_id: int
    role: Role
    kind: ScopeKind
    place: str
    until: date
    token: str
    """Proves that the accepting person was shown this offer."""


async def invite(
    session: AsyncSession,
    role: Role,
    kind: ScopeKind,
    scope_id: int | None,
    until: date,
    *,
    secret: bytes,
    now: datetime,
    by: Scope | None = None,
) -> str:
    """A code for a role. ``by`` is the inviting person's scope (None: the command line).

    Raises NotAllowed beyond one's own reach, NotFound for a place that is not there.
    """
    if by is not None and not _within(by, kind, scope_id):
        raise NotAllowed()
    await _place(session, kind, scope_id)
    if until < now.date():
        raise UserError("people-invitation-over")
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    invitation = Invitation(
        code_hash=codes.keyed_hash(secret, "role", code),
        role=role,
        scope_kind=kind,
        scope_id=scope_id,
        until=until,
        expires_at=now + CODE_FOR,
        created_by_id=by.person_id if by else None,
        created_at=now,
    )
    session.add(invitation)
    await session.flush()
    after = {"role": role.value, "scope": f"{kind.value}:{scope_id or ''}"}
    audit.changed(session, by or Scope(), "invitation", invitation.id, "created", now=now, after=after)
    return "-".join(code[start : start + 4] for start in range(0, LENGTH, 4))


async def look(session: AsyncSession, code: str, person_id: int, *, secret: bytes, now: datetime) -> Offer:
    """What a code opens for a person; UserError when it is used, over or unknown."""
    invitation = await session.scalar(
        select(Invitation).where(Invitation.code_hash == codes.keyed_hash(secret, "role", _plain(code)))
    )
    if (
        invitation is None
        or invitation.used_at is not None
        or invitation.expires_at < now
        or invitation.until < now.date()
    ):
        raise UserError("people-invitation-over")
    place = await _place(session, invitation.scope_kind, invitation.scope_id)
    token = _token(secret, invitation.id, person_id)
    return Offer(invitation.id, invitation.role, invitation.scope_kind, place, invitation.until, token)


async def accept(
    session: AsyncSession, caller: Caller, invitation_id: int, token: str, *, secret: bytes, now: datetime
) -> Role:
    """Take the role; the code is used up. ``token`` comes from the offer; accepting twice is once."""
    invitation = await session.get(Invitation, invitation_id)
    if invitation is None or not hmac.compare_digest(token, _token(secret, invitation_id, caller.id)):
        raise UserError("people-invitation-over")
    if invitation.used_by_id == caller.id:
        return invitation.role
    if invitation.used_at is not None or invitation.expires_at < now or invitation.until < now.date():
        raise UserError("people-invitation-over")
    invitation.used_by_id, invitation.used_at = caller.id, now
    session.add(
        RoleAssignment(
            person_id=caller.id,
            role=invitation.role,
            scope_kind=invitation.scope_kind,
            scope_id=invitation.scope_id,
            since=now.date(),
            until=invitation.until,
            granted_by_id=invitation.created_by_id,
        )
    )
    await session.flush()
    after = {"role": invitation.role.value}
    audit.changed(
        session, Scope(caller.id), "invitation", invitation.id, "accepted", now=now, after=after, where="chat"
    )
    identities.changed(session, caller.id)
    return invitation.role


async def revoke(session: AsyncSession, scope: Scope, assignment_id: int, *, now: datetime) -> None:
    """End a role at once; the row stays."""
    scope.require(Right.roles_grant)
    assignment = await session.get(RoleAssignment, assignment_id)
    if assignment is None:
        raise NotFound()
    if not _within(scope, assignment.scope_kind, assignment.scope_id):
        raise NotAllowed()
    assignment.revoked_at = now
    audit.changed(session, scope, "role", assignment.id, "revoked", now=now, before={"role": assignment.role.value})
    await session.flush()
    identities.changed(session, assignment.person_id)


def looks_like_code(text: str) -> bool:
    """True for what may be an invitation code."""
    plain = _plain(text)
    return len(plain) == LENGTH and all(sign in ALPHABET for sign in plain)


def _token(secret: bytes, invitation_id: int, person_id: int) -> str:
    return codes.keyed_hash(secret, "offer", f"{invitation_id}:{person_id}")[:20]


def _plain(code: str) -> str:
    return code.upper().replace("Ё", "Е").replace("-", "").replace("–", "").replace(" ", "")


def _within(scope: Scope, kind: ScopeKind, scope_id: int | None) -> bool:
    """One may grant what one's own roles reach: the region everything, others their own place."""
    mine = [grant for grant in scope.grants if Right.roles_grant in RIGHTS[grant.role]]
    return any(grant.kind is ScopeKind.region or grant == Grant(grant.role, kind, scope_id) for grant in mine)


async def _place(session: AsyncSession, kind: ScopeKind, scope_id: int | None) -> str:
    """The name of the place; empty where the kind says all. NotFound for an unknown one."""
    row: Municipality | Organisation | Body | None = None
    if kind is ScopeKind.municipality:
        row = await session.get(Municipality, scope_id or 0)
    elif kind is ScopeKind.organisation:
        row = await session.get(Organisation, scope_id or 0)
    elif kind is ScopeKind.body:
        row = await session.get(Body, scope_id or 0)
    else:
        return ""
    if row is None:
        raise NotFound()
    return row.abbreviation if isinstance(row, Body) else row.name
