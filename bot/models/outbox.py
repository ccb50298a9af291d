"""The outbox (what is to be said) and the last state of what was said."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base, Id
from bot.models.people import Messenger


class MessageClass(StrEnum):
    """Why we write first; decides quiet hours and the weekly budget (conversation.md §2)."""

    answer = "answer"
    own_clock = "own_clock"
    for_you = "for_you"
    nudge = "nudge"
    news = "news"
    staff = "staff"


class OutboxState(StrEnum):
    """``unknown``: in flight at a crash, never repeated blindly."""

    queued = "queued"
    sending = "sending"
    sent = "sent"
    blocked = "blocked"
    unknown = "unknown"
    expired = "expired"
    failed = "failed"


class Outbox(Base):
    """One message to one person; its id is VK's ``random_id``."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "state", "not_before", "id"),
        Index("ix_outbox_lane", "state", "messenger", "not_before"),
        Index("ix_outbox_person", "person_id", "message_class", "sent_at"),
        Index("ix_outbox_kind", "kind", "state"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    message_class: Mapped[MessageClass]
    kind: Mapped[str] = mapped_column(String(64))
    dedupe: Mapped[str] = mapped_column(String(120), unique=True)
    # A rendered Screen (ui/screen.py, as_json).
    screen: Mapped[dict[str, Any]]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id", ondelete="SET NULL"))
    # Set when one account is meant (a security notice), else the best live channel.
    identity_id: Mapped[int | None] = mapped_column(ForeignKey("identities.id", ondelete="SET NULL"))
    state: Mapped[OutboxState] = mapped_column(default=OutboxState.queued)
    not_before: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    messenger: Mapped[Messenger | None]
    chat_id: Mapped[int | None] = mapped_column(BigInteger)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    claimed_at: Mapped[datetime | None]
    claimed_by: Mapped[str] = mapped_column(String(64), default="")
    sent_at: Mapped[datetime | None]
    # A «for you» message that may not have arrived waits here for the next screen.
    seen_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]


class SentMessage(Base):
    """The last state of a message we sent: messengers whose edits want all of it."""

    __tablename__ = "sent_messages"
    __table_args__ = (UniqueConstraint("messenger", "chat_id", "message_id"),)

    id: Mapped[Id]
    messenger: Mapped[Messenger]
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Text)
    keyboard: Mapped[list[Any]] = mapped_column(default=list)
    attachments: Mapped[list[Any]] = mapped_column(default=list)
    sent_at: Mapped[datetime] = mapped_column(index=True)
