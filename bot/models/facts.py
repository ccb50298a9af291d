"""Facts: append-only, what the indicators are counted from."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base, Id


class FactKind(StrEnum):
    """What happened; each subject adds its own with its issue."""

    diagnosed = "diagnosed"
    iom_received = "iom_received"
    iom_completed = "iom_completed"
    # A question to the line was answered; questions without a name leave no fact.
    consulted = "consulted"
    attended = "attended"
    event_completed = "event_completed"
    practice_published = "practice_published"
    practice_applied = "practice_applied"
    practice_reviewed = "practice_reviewed"
    # The rule of a programme with cohorts was met at its end.
    programme_completed = "programme_completed"
    # A document on qualification was issued; a contest was taken part in: both from the registers.
    course_completed = "course_completed"
    internship = "internship"
    contest_entered = "contest_entered"
    # Mentoring: a pair by order, a meeting both confirmed, a programme to its end.
    paired = "paired"
    mentored = "mentored"
    mentoring_completed = "mentoring_completed"
    # A pair came to its end before its programme did.
    mentoring_ended = "mentoring_ended"


class Fact(Base):
    """Something that happened to a person; a correction voids it and adds another."""

    __tablename__ = "facts"
    __table_args__ = (
        Index("ix_facts_kind_occurred", "kind", "occurred_on"),
        Index("ix_facts_person", "person_key", "kind"),
        Index(
            "ix_facts_voided_at",
            "voided_at",
            sqlite_where=text("voided_at IS NOT NULL"),
            postgresql_where=text("voided_at IS NOT NULL"),
        ),
        Index(
            "uq_facts_source",
            "kind",
            "source_type",
            "source_id",
            "person_key",
            unique=True,
            sqlite_where=text("voided_at IS NULL"),
            postgresql_where=text("voided_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    person_key: Mapped[str] = mapped_column(String(32))
    kind: Mapped[FactKind]
    occurred_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(index=True)
    # As of that day, copied, not looked up later.
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipalities.id"))
    source_type: Mapped[str] = mapped_column(String(32))
    source_id: Mapped[int]
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    voided_at: Mapped[datetime | None]
    voided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    void_reason: Mapped[str] = mapped_column(Text, default="")
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("facts.id"))
