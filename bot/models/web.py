"""The web chat: its visitors and what was said there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base, Id


class WebVisitor(Base):
    """A browser with our cookie; its id becomes the coded user and chat id."""

    __tablename__ = "web_visitors"

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class WebMessage(Base):
    """A line of the web chat; ``revision`` grows with each change, so a reader can resume."""

    __tablename__ = "web_messages"
    __table_args__ = (Index("ix_web_messages_revision", "visitor_id", "revision"),)

    id: Mapped[Id]
    visitor_id: Mapped[int] = mapped_column(ForeignKey("web_visitors.id", ondelete="CASCADE"))
    revision: Mapped[int] = mapped_column(BigInteger)
    from_person: Mapped[bool]
    text: Mapped[str] = mapped_column(Text, default="")
    # Rows of {"label", "action" | "url", "style"}.
    keyboard: Mapped[list[Any]] = mapped_column(default=list)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id", ondelete="SET NULL"))
    sent_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
