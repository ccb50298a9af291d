"""Leaving: thirty days to change one's mind, then nothing leads back to the person."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    CodeTries,
    ConsentKind,
    DialogState,
    Fact,
    Identity,
    Messenger,
    Outbox,
    OutboxState,
    Person,
    PersonState,
    PrivacyRequest,
    SentMessage,
    Ticket,
    TicketEvent,
    TicketMessage,
    TicketState,
    WebMessage,
    WireId,
)
from bot.rules.chat_ids import decoded
from bot.services import audit, codes, consents, identities, people, registers, search
from bot.services.access import Scope
from bot.services.practices import writing as practices

DELETE_AFTER = timedelta(days=30)
"""Term of destruction after a withdrawal (152-ФЗ ст. 21)."""


@dataclass(frozen=True, slots=True)
class Gone:
    """What remains of a deleted profile: the record's number, and the chats where it may be said, once."""

    number: int
    chats: tuple[tuple[Messenger, int], ...]
    """The one last used first; closed ones are left out."""
    locale: str


async def ask(session: AsyncSession, person_id: int, *, now: datetime) -> datetime:
    """Begin the thirty days; the day by which everything is gone. Asking again changes nothing."""
    person = await session.get_one(Person, person_id)
    until = person.delete_after
    if until is None:
        until = now + DELETE_AFTER
        person.state, person.delete_after = PersonState.deleting, until
        await consents.withdraw(session, person_id, ConsentKind.news, now=now)
        waiting = (Outbox.person_id == person_id, Outbox.state == OutboxState.queued)
        await session.execute(delete(Outbox).where(*waiting))
        audit.changed(session, Scope(person_id), "person", person_id, "deletion-asked", now=now, where="chat")
    identities.changed(session, person_id)
    await session.flush()
    return until


async def change_mind(session: AsyncSession, person_id: int, *, now: datetime) -> bool:
    """In time: everything is as it was, except invitations. False when nothing was being deleted."""
    person = await session.get_one(Person, person_id)
    if person.state is not PersonState.deleting:
        return False
    person.state, person.delete_after = PersonState.active, None
    audit.changed(session, Scope(person_id), "person", person_id, "deletion-cancelled", now=now, where="chat")
    identities.changed(session, person_id)
    await session.flush()
    return True


async def due(session: AsyncSession, *, now: datetime, limit: int = 20) -> list[int]:
    """Persons whose thirty days are over, oldest first."""
    rows = await session.scalars(
        select(Person.id)
        .where(Person.state == PersonState.deleting, Person.delete_after <= now)
        .order_by(Person.delete_after)
        .limit(limit)
    )
    return list(rows)


async def carry_out(session: AsyncSession, person_id: int, *, now: datetime) -> Gone | None:
    """Destroy one profile that is due; None when she changed her mind meanwhile.

    Name, accounts, answers, consents and what was written in chats go; facts keep date, kind and
    place under a key that leads to nobody.
    """
    person = await session.get(Person, person_id)
    if person is None or person.state is not PersonState.deleting or (person.delete_after or now) > now:
        return None
    accounts = list(
        await session.scalars(
            select(Identity)
            .where(Identity.person_id == person_id)
            .order_by(Identity.last_seen_at.desc(), Identity.id.desc())
        )
    )
    await session.execute(
        update(Fact).where(Fact.person_key == person.key).values(person_key=secrets.token_hex(16), evidence={})
    )
    await session.execute(update(PrivacyRequest).where(PrivacyRequest.person_id == person_id).values(text=""))
    await _forget_questions(session, person_id)
    await practices.forget(session, person_id)
    await registers.forget(session, person_id)
    for account in accounts:
        await _forget_chat(session, account)
    await search.drop(session, people.PERSON, person_id)
    locale = person.locale
    identities.changed(session, person_id)
    await session.execute(delete(Person).where(Person.id == person_id))
    number = await audit.record(session, "person", 0, "deleted", now=now)
    chats = tuple((account.messenger, account.chat_id) for account in accounts if account.blocked_at is None)
    return Gone(number, chats, locale)


async def _forget_questions(session: AsyncSession, person_id: int) -> None:
    """Words of her questions go, with their files and drafts; theme, place and hours stay for the registers."""
    hers = select(Ticket.id).where(Ticket.author_id == person_id)
    await session.execute(delete(Ticket).where(Ticket.author_id == person_id, Ticket.state == TicketState.draft))
    await session.execute(delete(TicketMessage).where(TicketMessage.ticket_id.in_(hers)))
    await session.execute(update(TicketEvent).where(TicketEvent.ticket_id.in_(hers)).values(reason=""))
    waiting = (TicketState.new, TicketState.assigned, TicketState.clarify)
    await session.execute(
        update(Ticket)
        .where(Ticket.author_id == person_id, Ticket.state.in_(waiting))
        .values(state=TicketState.withdrawn)
    )


async def _forget_chat(session: AsyncSession, account: Identity) -> None:
    """What was typed and shown in one chat, and what counted wrong codes there."""
    await session.execute(delete(DialogState).where(DialogState.user_id == account.user_id))
    await session.execute(
        delete(SentMessage).where(SentMessage.messenger == account.messenger, SentMessage.chat_id == account.chat_id)
    )
    await session.execute(
        delete(WireId).where(WireId.messenger == account.messenger, WireId.chat_id == account.chat_id)
    )
    places = codes.places_of(account.messenger, account.chat_id)
    await session.execute(delete(CodeTries).where(CodeTries.place.in_(places)))
    if account.messenger is Messenger.web:
        visitor_id = decoded(Messenger.web, account.chat_id)
        await session.execute(delete(WebMessage).where(WebMessage.visitor_id == visitor_id))
