"""Contests: who asked to be reminded of a term. The contests themselves are records of their register."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base, BigId


class ContestReminder(Base):
    """«Напомнить»: this person, this contest."""

    __tablename__ = "contest_reminders"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    record_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("register_records.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    at: Mapped[datetime]
