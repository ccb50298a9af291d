"""«Хочу такой курс»: what people ask for and nobody holds yet."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base, Id


class WishState(StrEnum):
    """``invited``: an event came of it and she was told."""

    waiting = "waiting"
    invited = "invited"
    withdrawn = "withdrawn"


class CourseWish(Base):
    """One person wants one thing. ``key`` is equal for words that mean the same."""

    __tablename__ = "course_wishes"
    __table_args__ = (UniqueConstraint("person_id", "key"), Index("ix_course_wishes_key", "key", "state"))

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    topic: Mapped[str] = mapped_column(String(120))
    key: Mapped[str] = mapped_column(String(255))
    state: Mapped[WishState] = mapped_column(default=WishState.waiting)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
