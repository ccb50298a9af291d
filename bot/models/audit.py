"""Who changed what, and who looked at whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base, Id


class Change(Base):
    """A change by a member of staff or by the system (``actor_id`` null)."""

    __tablename__ = "changes"
    __table_args__ = (Index("ix_changes_entity", "entity", "entity_id"),)

    id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    entity: Mapped[str] = mapped_column(String(32))
    entity_id: Mapped[int]
    action: Mapped[str] = mapped_column(String(64))
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(default=dict)
    where: Mapped[str] = mapped_column(String(16), default="admin")


class View(Base):
    """A look at another person's result; the person reads it in «Кто смотрел»."""

    __tablename__ = "views"
    __table_args__ = (Index("ix_views_person", "person_id", "at"),)

    id: Mapped[Id]
    at: Mapped[datetime]
    viewer_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(32), default="")
    what: Mapped[str] = mapped_column(String(64))
    object_id: Mapped[int | None]
    where: Mapped[str] = mapped_column(String(16), default="admin")
