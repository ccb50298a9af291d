"""Tutors of learners: who goes beside whom in a cohort, whether the tutor has seen it, until when."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base, Id


class TutorAssignment(Base):
    """One row for a learner and a cohort, whatever happens; who held it before is in the log."""

    __tablename__ = "tutor_assignments"
    __table_args__ = (UniqueConstraint("cohort_id", "person_id"),)

    id: Mapped[Id]
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    tutor_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    since: Mapped[date]
    until: Mapped[date | None]
    # The tutor pressed «Вижу».
    seen_at: Mapped[datetime | None]
