"""Sign-in of staff to the admin: links, passwords, one-time codes, sessions; roles given on a card."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, NotFound, UserError
from bot.models import (
    Person,
    PersonState,
    Role,
    RoleAssignment,
    ScopeKind,
    SigninLink,
    StaffAccount,
    StaffSession,
)
from bot.services import audit, identities, region
from bot.services.access import RIGHTS, Right, Scope, scope_of

LINK_FOR = timedelta(hours=24)
DEMO_LINK_FOR = timedelta(days=90)
CODE_WITHIN = timedelta(minutes=15)
"""How long the one-time code is awaited after the right password."""

SESSION_FOR = timedelta(hours=12)
IDLE_FOR = timedelta(hours=2)
SEEN_EVERY = timedelta(minutes=5)
"""A session is marked as used no more often than this: reading pages should not write."""

TRIES = 5
LOCKED_FOR = timedelta(minutes=15)
PASSWORD_LENGTH = 10
STEP_SECONDS = 30

OPEN, CODE = "open", "code"

_hasher = PasswordHasher()


class LockedOut(UserError):
    """Too many wrong passwords or codes; ``minutes`` until the next try."""

    def __init__(self, until: datetime, now: datetime) -> None:
        self.minutes = max(1, -(-int((until - now).total_seconds()) // 60))
        super().__init__("admin-locked", minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Account:
    """What the sign-in pages need of a person; ``password_hash`` is empty before the first sign-in."""

    person_id: int
    name: str
    password_hash: str
    totp_secret: str
    totp_set: bool
    tries_left: int
    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live session and the person behind it, from fresh rows."""

    token_hash: str
    person_id: int
    name: str
    locale: str
    stage: str
    role: str
    scope: Scope
    seen_at: datetime

    @property
    def roles(self) -> tuple[Role, ...]:
        """Roles that open the admin, each once, in the order they were given."""
        return tuple(dict.fromkeys(g.role for g in self.scope.grants if Right.admin_open in RIGHTS[g.role]))

    @property
    def acting(self) -> Scope:
        """Only the chosen role; with one role there is nothing to choose."""
        roles = self.roles
        chosen = self.role if self.role in roles else roles[0] if len(roles) == 1 else ""
        return Scope(self.person_id, tuple(g for g in self.scope.grants if g.role == chosen))


# --- links -------------------------------------------------------------------------------------------


async def signin_link(
    session: AsyncSession, person_id: int, *, role: str = "", reusable: bool = False, now: datetime, public_url: str
) -> str:
    """The address of a link that opens the admin. Reusable ones are for a demonstration only.

    Raises NotFound for a person who is gone, NotAllowed without a role for the admin.
    """
    if await session.get(Person, person_id) is None:
        raise NotFound()
    scope = await scope_of(session, person_id, today=now.date())
    if reusable and not await is_demo(session):
        raise NotAllowed("admin-link-only-demo")
    # In a demonstration a teacher may look too: she reads, kindly, that these pages are not hers.
    if (not reusable and not scope.may(Right.admin_open)) or (role and role not in {g.role for g in scope.grants}):
        raise NotAllowed("admin-no-role")
    await session.execute(delete(SigninLink).where(SigninLink.expires_at < now))
    token = secrets.token_urlsafe(32)
    session.add(
        SigninLink(
            token_hash=_hash(token),
            person_id=person_id,
            role=role,
            reusable=reusable,
            expires_at=now + (DEMO_LINK_FOR if reusable else LINK_FOR),
        )
    )
    await session.flush()
    return f"{public_url.rstrip('/')}/admin/in/{token}"


async def link_for(session: AsyncSession, scope: Scope, person_id: int, *, now: datetime, public_url: str) -> str:
    """A one-time link made by a member of staff for another; recorded. NotAllowed without the right."""
    scope.require(Right.roles_grant)
    url = await signin_link(session, person_id, now=now, public_url=public_url)
    audit.changed(session, scope, "staff", person_id, "link-made", now=now)
    return url


async def look_at_link(session: AsyncSession, token: str, *, now: datetime) -> SigninLink:
    """A link that still opens; UserError when it was used, is over, or never was. Looking uses nothing up."""
    link = await session.get(SigninLink, _hash(token))
    if link is None or link.expires_at <= now or (link.used_at is not None and not link.reusable):
        raise UserError("admin-link-over")
    if link.reusable and not await is_demo(session):
        raise UserError("admin-link-over")
    return link


async def is_demo(session: AsyncSession) -> bool:
    """True where the demonstration mark stands."""
    return bool((await region.setting(session, "demo")).get("on"))


# --- password and code -------------------------------------------------------------------------------


async def account(session: AsyncSession, person_id: int, *, now: datetime) -> Account | None:
    """The account of an active person; an empty one before the first sign-in; None when there is no such person."""
    person = await session.get(Person, person_id)
    if person is None or person.state is not PersonState.active:
        return None
    row = await session.get(StaffAccount, person_id)
    if row is None:
        return Account(person_id, person.full_name, "", "", False, TRIES, None)
    locked = row.locked_until if row.locked_until is not None and row.locked_until > now else None
    return Account(
        person_id,
        person.full_name,
        row.password_hash,
        row.totp_secret,
        row.totp_last_step > 0,
        max(0, TRIES - row.wrong),
        locked,
    )


def hash_password(password: str) -> str:
    """argon2id; slow on purpose, call it in a thread."""
    return _hasher.hash(password)


def password_fits(password_hash: str, password: str) -> bool:
    """True for the right password; as slow for an unknown person as for a known one."""
    try:
        return _hasher.verify(password_hash or _nobody(), password) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


def check_new_password(password: str, again: str) -> None:
    """UserError for a password that is short, of one sign, or typed differently the second time."""
    if len(password) < PASSWORD_LENGTH or len(set(password)) < 5:
        raise UserError("admin-password-short", length=str(PASSWORD_LENGTH))
    if password != again:
        raise UserError("admin-password-differs")


async def after_password(
    session: AsyncSession,
    person_id: int,
    *,
    right: bool,
    now: datetime,
    token: str = "",
    role: str = "",
    new_hash: str = "",
) -> str:
    """Count a wrong password, or begin the wait for the code. The cookie of the session, "" when wrong.

    ``token``: the link by which the person came; it is used up. ``new_hash``: the password was set just now.
    """
    row = await _row(session, person_id)
    _not_locked(row, now)
    if new_hash:
        if row.password_hash:
            raise UserError("admin-link-over")
        row.password_hash = new_hash
    elif not right:
        _wrong(row, now)
        return ""
    if token:
        link = await look_at_link(session, token, now=now)
        link.used_at = now
        role = link.role
    if not row.totp_secret:
        row.totp_secret = pyotp.random_base32()
    return await _new_session(session, person_id, CODE, role, now)


async def after_code(session: AsyncSession, signed: SignedIn, code: str, *, now: datetime) -> str:
    """The code ends the sign-in: the cookie of a new, open session, "" when the code is wrong.

    A code opens once: the same half minute is not taken twice.
    """
    row = await _row(session, signed.person_id)
    _not_locked(row, now)
    step = _step_of(row.totp_secret, "".join(code.split()), now)
    if step is None or step <= row.totp_last_step:
        _wrong(row, now)
        return ""
    row.totp_last_step, row.wrong, row.locked_until = step, 0, None
    await session.execute(delete(StaffSession).where(StaffSession.token_hash == signed.token_hash))
    audit.changed(session, Scope(signed.person_id), "staff", signed.person_id, "signed-in", now=now)
    return await _new_session(session, signed.person_id, OPEN, signed.role, now)


def totp_address(secret: str, name: str, issuer: str) -> str:
    """What the QR code of the authenticator holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


async def open_demo(session: AsyncSession, token: str, *, now: datetime) -> str:
    """The cookie of an open session by a reusable link; UserError for any other link."""
    link = await look_at_link(session, token, now=now)
    if not link.reusable:
        raise UserError("admin-link-over")
    return await _new_session(session, link.person_id, OPEN, link.role, now)


async def reset_signin(session: AsyncSession, scope: Scope, person_id: int, *, now: datetime) -> None:
    """Forget password and code (a lost phone): the next link sets them anew, open sessions end."""
    scope.require(Right.roles_grant)
    await session.execute(delete(StaffAccount).where(StaffAccount.person_id == person_id))
    await session.execute(delete(StaffSession).where(StaffSession.person_id == person_id))
    await session.execute(delete(SigninLink).where(SigninLink.person_id == person_id, SigninLink.reusable.is_(False)))
    audit.changed(session, scope, "staff", person_id, "signin-reset", now=now)


# --- sessions ----------------------------------------------------------------------------------------

SIGNED_IN = (
    select(
        StaffSession.token_hash,
        StaffSession.person_id,
        StaffSession.stage,
        StaffSession.role,
        StaffSession.seen_at,
        StaffSession.expires_at,
        Person.last_name,
        Person.first_name,
        Person.middle_name,
        Person.locale,
        Person.state,
    )
    .join(Person, Person.id == StaffSession.person_id)
    .where(StaffSession.token_hash == bindparam("token"))
)
"""Every request of the admin asks this."""


async def signed_in(session: AsyncSession, token: str, *, now: datetime) -> SignedIn | None:
    """The live session of a cookie with today's roles; None when it is over or unknown."""
    row = (await session.execute(SIGNED_IN, {"token": _hash(token)})).one_or_none()
    if row is None or row.expires_at <= now or row.seen_at + IDLE_FOR <= now or row.state is not PersonState.active:
        return None
    name = " ".join(part for part in (row.last_name, row.first_name, row.middle_name) if part)
    scope = await scope_of(session, row.person_id, today=now.date())
    return SignedIn(row.token_hash, row.person_id, name, row.locale, row.stage, row.role, scope, row.seen_at)


async def seen(session: AsyncSession, signed: SignedIn, *, now: datetime) -> None:
    """Push the idle limit on; sessions that ended long ago go."""
    await session.execute(update(StaffSession).where(StaffSession.token_hash == signed.token_hash).values(seen_at=now))
    await session.execute(delete(StaffSession).where(StaffSession.expires_at < now))


async def choose_role(session: AsyncSession, signed: SignedIn, role: str) -> None:
    """Work in another of one's roles; NotAllowed for one that is not held."""
    if role not in signed.roles:
        raise NotAllowed()
    await session.execute(update(StaffSession).where(StaffSession.token_hash == signed.token_hash).values(role=role))


async def sign_out(session: AsyncSession, token: str) -> None:
    """End a session; an unknown one is ended already."""
    await session.execute(delete(StaffSession).where(StaffSession.token_hash == _hash(token)))


# --- roles on a card ---------------------------------------------------------------------------------


async def grant_role(
    session: AsyncSession,
    scope: Scope,
    person_id: int,
    role: Role,
    kind: ScopeKind,
    scope_id: int | None,
    *,
    until: date | None,
    now: datetime,
) -> int:
    """Give a role at once, without a code; its id. NotAllowed beyond one's own reach; twice is once."""
    if not scope.covers(Right.roles_grant, kind, scope_id):
        raise NotAllowed()
    if until is not None and until < now.date():
        raise UserError("people-invitation-over")
    if await session.get(Person, person_id) is None:
        raise NotFound()
    r = RoleAssignment
    held = await session.scalar(
        select(r).where(
            r.person_id == person_id,
            r.role == role,
            r.scope_kind == kind,
            r.scope_id.is_(None) if scope_id is None else r.scope_id == scope_id,
            r.revoked_at.is_(None),
        )
    )
    if held is None:
        held = r(
            person_id=person_id,
            role=role,
            scope_kind=kind,
            scope_id=scope_id,
            since=now.date(),
            until=until,
            granted_by_id=scope.person_id,
        )
        session.add(held)
    held.until = until
    await session.flush()
    after = {"role": role.value, "scope": f"{kind.value}:{scope_id or ''}", "until": until.isoformat() if until else ""}
    audit.changed(session, scope, "role", held.id, "granted", now=now, after=after)
    identities.changed(session, person_id)
    return held.id


# --- inside ------------------------------------------------------------------------------------------


async def _new_session(session: AsyncSession, person_id: int, stage: str, role: str, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            token_hash=_hash(token),
            person_id=person_id,
            stage=stage,
            role=role,
            created_at=now,
            seen_at=now,
            expires_at=now + (SESSION_FOR if stage == OPEN else CODE_WITHIN),
        )
    )
    await session.flush()
    return token


async def _row(session: AsyncSession, person_id: int) -> StaffAccount:
    row = await session.get(StaffAccount, person_id, with_for_update=True)
    if row is None:
        row = StaffAccount(person_id=person_id, password_hash="", totp_secret="", totp_last_step=0, wrong=0)
        session.add(row)
        await session.flush()
    return row


def _not_locked(row: StaffAccount, now: datetime) -> None:
    if row.locked_until is not None:
        if row.locked_until > now:
            raise LockedOut(row.locked_until, now)
        row.locked_until, row.wrong = None, 0


def _wrong(row: StaffAccount, now: datetime) -> None:
    row.wrong += 1
    if row.wrong >= TRIES:
        row.locked_until = now + LOCKED_FOR


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The half minute a code belongs to: this one or the one before, None for a wrong code."""
    generator = pyotp.TOTP(secret)
    current = int(now.timestamp()) // STEP_SECONDS
    for step in (current, current - 1, current + 1):
        if secrets.compare_digest(generator.generate_otp(step), code if code.isascii() else ""):
            return step
    return None


def _hash(token: str) -> str:
    # 256 random bits need no key and no salt.
    return hashlib.sha256(token.encode()).hexdigest()


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _hasher.hash(secrets.token_hex(16))
