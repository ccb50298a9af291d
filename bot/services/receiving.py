"""Events taken once over all processes, how far polling came, and what our messages last looked like."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Messenger, ReceivedEvent, ReceiverCursor, SentMessage, WireId


def _insert(session: AsyncSession, table: Any) -> Any:
    return (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(table)


async def not_taken(session: AsyncSession, messenger: Messenger, key: str) -> None:
    """The event was not handled after all: delivered again it is new."""
    await session.execute(
        delete(ReceivedEvent).where(ReceivedEvent.messenger == messenger, ReceivedEvent.key == key[:160])
    )


class Claim(StrEnum):
    """What became of asking for an event."""

    taken = "taken"
    busy = "busy"
    done = "done"


async def claim(session: AsyncSession, messenger: Messenger, key: str, *, now: datetime, lease: timedelta) -> Claim:
    """Take an event for this process; one that somebody took and has not finished within ``lease`` is taken over."""
    statement = _insert(session, ReceivedEvent).values(messenger=messenger, key=key[:160], received_at=now)
    statement = statement.on_conflict_do_update(
        index_elements=["messenger", "key"],
        set_={"received_at": now},
        where=(ReceivedEvent.done_at.is_(None)) & (ReceivedEvent.received_at <= now - lease),
    )
    if (await session.execute(statement.returning(ReceivedEvent.key))).first() is not None:
        return Claim.taken
    found = select(ReceivedEvent.done_at).where(ReceivedEvent.messenger == messenger, ReceivedEvent.key == key[:160])
    return Claim.busy if await session.scalar(found) is None else Claim.done


async def done(session: AsyncSession, messenger: Messenger, keys: Collection[str], *, now: datetime) -> None:
    """Events have been handled: delivered again they are passed over."""
    await session.execute(
        update(ReceivedEvent)
        .where(ReceivedEvent.messenger == messenger, ReceivedEvent.key.in_([key[:160] for key in keys]))
        .values(done_at=now)
        .execution_options(synchronize_session=False)
    )


async def cursor(session: AsyncSession, messenger: Messenger) -> str:
    """Where polling goes on; empty before the first time."""
    return await session.scalar(select(ReceiverCursor.value).where(ReceiverCursor.messenger == messenger)) or ""


async def keep_cursor(session: AsyncSession, messenger: Messenger, value: str, *, now: datetime) -> None:
    """Everything before ``value`` has been handled."""
    values = {"value": value, "updated_at": now}
    statement = _insert(session, ReceiverCursor).values(messenger=messenger, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["messenger"], set_=values))


async def remember(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """The whole of messages as they now stand: an edit must repeat all of it. The moment of sending stays."""
    statement = _insert(session, SentMessage.__table__)
    changed = {name: statement.excluded[name] for name in ("text", "keyboard", "attachments")}
    place = ["messenger", "chat_id", "message_id"]
    await session.execute(statement.on_conflict_do_update(index_elements=place, set_=changed), rows)


async def remembered(session: AsyncSession, messenger: Messenger, chat_id: int, message_id: int) -> SentMessage | None:
    """What a message of ours last looked like."""
    found: SentMessage | None = await session.scalar(
        select(SentMessage).where(
            SentMessage.messenger == messenger,
            SentMessage.chat_id == chat_id,
            SentMessage.message_id == message_id,
        )
    )
    return found


async def forget(session: AsyncSession, messenger: Messenger, chat_id: int, message_id: int) -> None:
    """The message was deleted."""
    await session.execute(
        delete(SentMessage).where(
            SentMessage.messenger == messenger,
            SentMessage.chat_id == chat_id,
            SentMessage.message_id == message_id,
        )
    )


async def wires(
    session: AsyncSession, messenger: Messenger, chat_id: int, message_ids: Collection[int]
) -> dict[int, str]:
    """Names a messenger gave by itself, by message; 0 is the chat's own. Mostly nothing: they follow from ours."""
    rows = await session.execute(
        select(WireId.message_id, WireId.wire).where(
            WireId.messenger == messenger, WireId.chat_id == chat_id, WireId.message_id.in_(message_ids)
        )
    )
    return {row.message_id: row.wire for row in rows}


async def keep_wire(
    session: AsyncSession, messenger: Messenger, chat_id: int, message_id: int, wire: str, *, now: datetime
) -> None:
    """A name that does not follow from ours."""
    values = {"wire": wire, "noted_at": now}
    statement = _insert(session, WireId).values(messenger=messenger, chat_id=chat_id, message_id=message_id, **values)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["messenger", "chat_id", "message_id"], set_=values)
    )


async def chats_noted(session: AsyncSession, messenger: Messenger, wire: str) -> set[int]:
    """Chats of which this was noted."""
    found = select(WireId.chat_id).where(WireId.messenger == messenger, WireId.message_id == 0, WireId.wire == wire)
    return set(await session.scalars(found))


async def forget_wire(session: AsyncSession, messenger: Messenger, chat_id: int) -> None:
    """What was noted of a chat is no longer so."""
    await session.execute(
        delete(WireId).where(WireId.messenger == messenger, WireId.chat_id == chat_id, WireId.message_id == 0)
    )
