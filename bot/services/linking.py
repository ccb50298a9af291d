"""Several messengers, one person: a six-digit code from the chat one already has."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.models import Identity, LinkCode, MessageClass, Messenger, Person
from bot.services import codes, identities, outbox
from bot.services.identities import Caller
from bot.ui.screen import Screen

CODE_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Linked:
    """A chat joined to a profile."""

    person_id: int
    short_name: str
    identity_id: int
    others: tuple[Messenger, ...]


async def make_code(session: AsyncSession, person_id: int, *, secret: bytes, now: datetime) -> str:
    """Six digits, valid once for ten minutes; a new code ends the one before."""
    await cancel_codes(session, person_id)
    code = f"{secrets.randbelow(10**6):06}"
    session.add(
        LinkCode(person_id=person_id, code_hash=codes.keyed_hash(secret, "link", code), expires_at=now + CODE_FOR)
    )
    await session.flush()
    return code


async def cancel_codes(session: AsyncSession, person_id: int) -> None:
    """End every unused code of a person."""
    await session.execute(delete(LinkCode).where(LinkCode.person_id == person_id, LinkCode.used_at.is_(None)))


async def redeem(session: AsyncSession, caller: Caller, code: str, *, secret: bytes, now: datetime) -> int | None:
    """The person a code belongs to, and the code is used up; None for a wrong or old one."""
    digits = "".join(sign for sign in code if sign.isdigit())
    used = await session.execute(
        update(LinkCode)
        .where(
            LinkCode.code_hash == codes.keyed_hash(secret, "link", digits),
            LinkCode.used_at.is_(None),
            LinkCode.expires_at > now,
        )
        .values(used_at=now)
        .returning(LinkCode.person_id)
    )
    found = used.scalars().all()
    return found[0] if len(found) == 1 else None


async def join(session: AsyncSession, caller: Caller, person_id: int, *, now: datetime) -> Linked:
    """Add this chat to a profile; UserError when it has another one, which is not dropped in silence."""
    person = await session.get_one(Person, person_id)
    row = await session.scalar(
        select(Identity).where(Identity.messenger == caller.messenger, Identity.user_id == caller.user_id)
    )
    if row is None:
        row = Identity(
            person_id=person_id,
            messenger=caller.messenger,
            user_id=caller.user_id,
            chat_id=caller.chat_id,
            linked_at=now,
        )
        session.add(row)
    elif row.person_id != person_id:
        raise UserError("people-link-other")
    row.last_seen_at, row.blocked_at = now, None
    person.registered_at = person.registered_at or now
    await session.flush()
    others = await session.scalars(
        select(Identity.messenger)
        .where(Identity.person_id == person_id, Identity.id != row.id)
        .order_by(Identity.last_seen_at.desc(), Identity.id)
    )
    identities.changed(session, person_id)
    return Linked(person_id, person.short_name, row.id, tuple(dict.fromkeys(others.all())))


async def alike(session: AsyncSession, first_id: int, second_id: int) -> bool:
    """True when two profiles may be one person's: the same name, and no other year of birth."""
    first, second = await session.get_one(Person, first_id), await session.get_one(Person, second_id)
    years = {person.birth_year for person in (first, second) if person.birth_year is not None}
    return first.sort == second.sort and len(years) < 2


async def announce(session: AsyncSession, linked: Linked, notice: Screen, *, now: datetime) -> None:
    """Tell every other chat of the person that a new one was joined, at once, whatever the hour."""
    rows = await session.scalars(
        select(Identity.id).where(
            Identity.person_id == linked.person_id,
            Identity.id != linked.identity_id,
            Identity.blocked_at.is_(None),
        )
    )
    for identity_id in rows.all():
        await outbox.say(
            session,
            linked.person_id,
            notice,
            message_class=MessageClass.answer,
            kind="linked",
            dedupe=f"linked:{linked.identity_id}:{identity_id}:{int(now.timestamp())}",
            now=now,
            identity_id=identity_id,
        )


async def unlink(session: AsyncSession, person_id: int, identity_id: int) -> bool:
    """Take a chat away from a profile; False when it is not (or no longer) hers."""
    gone = await session.execute(
        delete(Identity).where(Identity.id == identity_id, Identity.person_id == person_id).returning(Identity.id)
    )
    identities.changed(session, person_id)
    return bool(gone.all())


async def prefer(session: AsyncSession, person_id: int, identity_id: int) -> Messenger | None:
    """Where messages go from now on; None when that chat is not hers."""
    row = await session.scalar(select(Identity).where(Identity.id == identity_id, Identity.person_id == person_id))
    if row is None:
        return None
    await session.execute(update(Person).where(Person.id == person_id).values(preferred_identity_id=identity_id))
    return row.messenger


async def other_identity(session: AsyncSession, person_id: int, messenger: Messenger) -> int | None:
    """The account of a person in a messenger."""
    found: int | None = await session.scalar(
        select(Identity.id).where(Identity.person_id == person_id, Identity.messenger == messenger).limit(1)
    )
    return found
