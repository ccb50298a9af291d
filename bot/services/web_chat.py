"""The web chat as rows: visitors, lines, and a revision by which a reader resumes."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import touch
from bot.models import Identity, Messenger, StoredFile, WebMessage, WebVisitor

WEB = "web"
"""Topic of ``touch``: a line of this visitor's chat is new or changed."""

SEEN_EVERY = timedelta(minutes=10)
PAGE = 40


@dataclass(frozen=True, slots=True)
class FileOf:
    """What a line says about its file; ``size`` in bytes."""

    id: int
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the chat as it stands now."""

    id: int
    revision: int
    from_person: bool
    text: str
    keyboard: Sequence[Sequence[dict[str, Any]]]
    sent_at: datetime
    deleted: bool
    file: FileOf | None = None


def hash_of(token: str) -> str:
    """What is stored of a cookie's token (256 random bits, so a plain hash is enough)."""
    return hashlib.sha256(token.encode()).hexdigest()


async def new_visitor(session: AsyncSession, *, now: datetime) -> tuple[int, str]:
    """A browser that came for the first time: (id, token for its cookie)."""
    token = secrets.token_urlsafe(32)
    visitor = WebVisitor(token_hash=hash_of(token), created_at=now, seen_at=now)
    session.add(visitor)
    await session.flush()
    return visitor.id, token


async def visitor_of(session: AsyncSession, token: str) -> tuple[int, datetime] | None:
    """(id, last seen) of the browser with this token."""
    found = await session.execute(
        select(WebVisitor.id, WebVisitor.seen_at).where(WebVisitor.token_hash == hash_of(token))
    )
    row = found.one_or_none()
    return (row.id, row.seen_at) if row else None


async def seen(session: AsyncSession, visitor_id: int, *, now: datetime) -> None:
    """Remember that the browser was here."""
    await session.execute(update(WebVisitor).where(WebVisitor.id == visitor_id).values(seen_at=now))


async def leave(session: AsyncSession, visitor_id: int) -> None:
    """Forget this browser and what was said in it; the profile stays."""
    await session.execute(delete(WebVisitor).where(WebVisitor.id == visitor_id))


async def person_of(session: AsyncSession, chat_id: int) -> int | None:
    """The person behind a web chat (coded id)."""
    return await session.scalar(
        select(Identity.person_id).where(Identity.messenger == Messenger.web, Identity.user_id == chat_id)
    )


async def add(
    session: AsyncSession,
    visitor_id: int,
    text: str,
    *,
    now: datetime,
    from_person: bool = False,
    keyboard: Iterable[Sequence[dict[str, Any]]] = (),
    file_id: int | None = None,
) -> int | None:
    """A new line; its id, or None when the browser was forgotten."""
    revision = await _next_revision(session, visitor_id)
    if revision is None:
        return None
    line = WebMessage(
        visitor_id=visitor_id,
        revision=revision,
        from_person=from_person,
        text=text,
        keyboard=[list(row) for row in keyboard],
        file_id=file_id,
        sent_at=now,
    )
    session.add(line)
    await session.flush()
    touch(session, WEB, visitor_id)
    return line.id


async def change(session: AsyncSession, visitor_id: int, message_id: int, **values: Any) -> bool:
    """Change a line of ours (text, keyboard, deleted_at); False when there is none."""
    revision = await _next_revision(session, visitor_id)
    changed = await session.execute(
        update(WebMessage)
        .where(
            WebMessage.id == message_id,
            WebMessage.visitor_id == visitor_id,
            WebMessage.from_person.is_(False),
            WebMessage.deleted_at.is_(None),
        )
        .values(revision=revision, **values)
        .returning(WebMessage.id)
    )
    if changed.scalar_one_or_none() is None:
        return False
    touch(session, WEB, visitor_id)
    return True


async def hide(session: AsyncSession, message_id: int, *, now: datetime) -> None:
    """Take a line off the page: a press of the page's own button reads as no line."""
    await session.execute(update(WebMessage).where(WebMessage.id == message_id).values(deleted_at=now))


async def line_of(session: AsyncSession, visitor_id: int, message_id: int) -> Line | None:
    """One line of this chat that still stands."""
    found = await _lines(session, visitor_id, WebMessage.id == message_id, WebMessage.deleted_at.is_(None))
    return found[0] if found else None


async def changes(session: AsyncSession, visitor_id: int, after: int, *, limit: int = 200) -> list[Line]:
    """What is new or changed since a revision, oldest change first."""
    return await _lines(session, visitor_id, WebMessage.revision > after, order=WebMessage.revision, limit=limit)


async def page(session: AsyncSession, visitor_id: int, *, before: int | None = None) -> tuple[list[Line], bool]:
    """The last lines (before a line), oldest first, and whether there are earlier ones."""
    conditions: list[ColumnElement[bool]] = [WebMessage.deleted_at.is_(None)]
    if before is not None:
        conditions.append(WebMessage.id < before)
    found = await _lines(session, visitor_id, *conditions, order=WebMessage.id.desc(), limit=PAGE + 1)
    return found[:PAGE][::-1], len(found) > PAGE


async def revision_of(session: AsyncSession, visitor_id: int) -> int:
    """The newest revision, 0 in an empty chat."""
    newest = await session.scalar(select(func.max(WebMessage.revision)).where(WebMessage.visitor_id == visitor_id))
    return newest or 0


async def drop_old(session: AsyncSession, *, before: datetime) -> int:
    """Forget lines older than a moment, and browsers without a profile not seen since."""
    gone = await session.execute(delete(WebMessage).where(WebMessage.sent_at < before).returning(WebMessage.id))
    return len(gone.all())


async def _next_revision(session: AsyncSession, visitor_id: int) -> int | None:
    # The visitor's row is locked, so revisions are committed in their order on PostgreSQL too.
    locked = await session.scalar(select(WebVisitor.id).where(WebVisitor.id == visitor_id).with_for_update())
    if locked is None:
        return None
    return await revision_of(session, visitor_id) + 1


async def _lines(
    session: AsyncSession, visitor_id: int, *conditions: Any, order: Any = None, limit: int = 1
) -> list[Line]:
    m, f = WebMessage, StoredFile
    statement = (
        select(
            m.id, m.revision, m.from_person, m.text, m.keyboard, m.sent_at, m.deleted_at,
            f.id.label("file"), f.name, f.media_type, f.size,
        )
        .outerjoin(f, f.id == m.file_id)
        .where(m.visitor_id == visitor_id, *conditions)
        .limit(limit)
    )  # fmt: skip
    if order is not None:
        statement = statement.order_by(order)
    return [
        Line(
            id=row.id,
            revision=row.revision,
            from_person=row.from_person,
            text=row.text,
            keyboard=row.keyboard,
            sent_at=row.sent_at,
            deleted=row.deleted_at is not None,
            file=FileOf(row.file, row.name, row.media_type, row.size) if row.file is not None else None,
        )
        for row in await session.execute(statement)
    ]
