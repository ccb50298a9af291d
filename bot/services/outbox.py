"""Putting a message into the outbox, in the transaction that made it necessary."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import touch
from bot.models import MessageClass, Outbox, OutboxState
from bot.ui.screen import Screen

OUTBOX = "outbox"
"""Topic of ``touch``: something is waiting to be sent."""


async def say(
    session: AsyncSession,
    person_id: int,
    screen: Screen,
    *,
    message_class: MessageClass,
    kind: str,
    dedupe: str,
    now: datetime,
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
    file_id: int | None = None,
    identity_id: int | None = None,
) -> bool:
    """Queue one message for a person; the same ``dedupe`` is queued once, ever. True if new."""
    if await session.scalar(select(Outbox.id).where(Outbox.dedupe == dedupe)) is not None:
        return False
    session.add(
        Outbox(
            person_id=person_id,
            message_class=message_class,
            kind=kind,
            dedupe=dedupe,
            screen=screen.as_json(),
            file_id=file_id,
            identity_id=identity_id,
            not_before=not_before or now,
            expires_at=expires_at,
            created_at=now,
        )
    )
    await session.flush()
    touch(session, OUTBOX)
    return True


async def take_back(session: AsyncSession, beginning: str) -> int:
    """What is still waiting under a ``dedupe`` that begins so is no longer to be said. Rows taken back."""
    found = await session.execute(
        update(Outbox)
        .where(Outbox.state == OutboxState.queued, Outbox.dedupe.startswith(beginning, autoescape=True))
        .values(state=OutboxState.expired)
        .returning(Outbox.id)
    )
    return len(found.all())
