"""ИОМ: a route of steps from deficits to a measured effect, its revisions, evidence and history."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base, BigId, Id
from bot.models.catalogue import ActivityForm, ActivityKind
from bot.models.diagnostics import DeficitLevel


class IomState(StrEnum):
    """Life of a route (domain.md §2.3)."""

    draft = "draft"
    offered = "offered"
    agreed = "agreed"
    approved = "approved"
    active = "active"
    paused = "paused"
    exit_check = "exit_check"
    completed = "completed"
    completed_partly = "completed_partly"
    stopped = "stopped"


class StepState(StrEnum):
    """Life of a step; overdue is computed from the date, never stored."""

    planned = "planned"
    in_work = "in_work"
    submitted = "submitted"
    accepted = "accepted"
    returned = "returned"
    replaced = "replaced"
    cancelled = "cancelled"


class IomBasis(StrEnum):
    """Why there is a route."""

    diagnosis = "diagnosis"
    request = "request"


class EvidenceKind(StrEnum):
    """How a step is proved."""

    text = "text"
    link = "link"
    file = "file"


class NoticeKind(StrEnum):
    """What the teacher is told about the route."""

    offered = "offered"
    approved = "approved"
    accepted = "accepted"
    returned = "returned"
    auto = "auto"
    changed = "changed"
    moved = "moved"
    exit = "exit"
    closed = "closed"
    gone = "gone"


class Advice(StrEnum):
    """What the methodist advises when a route ends."""

    another = "another"
    enough = "enough"
    active = "active"  # a candidate for the methodical active


class Iom(Base):
    """An ИОМ of a person; one that is not closed at a time."""

    __tablename__ = "ioms"
    __table_args__ = (
        Index("ix_ioms_state_methodist", "state", "methodist_id"),
        Index(
            "uq_ioms_open",
            "person_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    reg_no: Mapped[str | None] = mapped_column(String(32), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    methodist_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    basis: Mapped[IomBasis]
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempts.id", ondelete="SET NULL"))
    exit_attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempts.id", ondelete="SET NULL"))
    state: Mapped[IomState] = mapped_column(default=IomState.draft)
    # Of the last accepted change; an approved route changes only by a revision.
    revision: Mapped[int] = mapped_column(default=1)
    variant: Mapped[str] = mapped_column(String(16), default="")
    # What the teacher wrote: a request, a remark on the whole.
    remark: Mapped[str] = mapped_column(Text, default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    # The mandatory steps the teacher agreed to: other ones need a new agreement.
    agreed_steps: Mapped[list[Any]] = mapped_column(default=list)
    agreed_at: Mapped[datetime | None]
    order_no: Mapped[str] = mapped_column(String(64), default="")
    order_date: Mapped[date | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    reflections: Mapped[list[Any]] = mapped_column(default=list)
    conclusion: Mapped[str] = mapped_column(Text, default="")
    advice: Mapped[Advice | None]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class IomDeficit(Base):
    """A group the route works on, before and after, both with their error."""

    __tablename__ = "iom_deficits"

    iom_id: Mapped[int] = mapped_column(ForeignKey("ioms.id", ondelete="CASCADE"), primary_key=True)
    group_slug: Mapped[str] = mapped_column(ForeignKey("competence_groups.slug"), primary_key=True)
    title: Mapped[str]
    pct: Mapped[float | None]
    sem: Mapped[float | None]
    level: Mapped[DeficitLevel | None]
    after_pct: Mapped[float | None]
    after_sem: Mapped[float | None]
    after_level: Mapped[DeficitLevel | None]


class IomGoal(Base):
    """A task of the route, tied to a deficit, with what it is measured by."""

    __tablename__ = "iom_goals"

    id: Mapped[Id]
    iom_id: Mapped[int] = mapped_column(ForeignKey("ioms.id", ondelete="CASCADE"), index=True)
    group_slug: Mapped[str | None] = mapped_column(ForeignKey("competence_groups.slug"))
    text: Mapped[str] = mapped_column(Text)
    measure: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[int]


class IomStep(Base):
    """A line of the route. Title, kind, form and hours are copied: the catalogue may change, the route does not."""

    __tablename__ = "iom_steps"
    __table_args__ = (Index("ix_iom_steps_state_due", "state", "due_on"),)

    id: Mapped[Id]
    iom_id: Mapped[int] = mapped_column(ForeignKey("ioms.id", ondelete="CASCADE"), index=True)
    goal_id: Mapped[int | None] = mapped_column(ForeignKey("iom_goals.id", ondelete="SET NULL"))
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activities.id"), index=True)
    place: Mapped[int]
    kind: Mapped[ActivityKind]
    title: Mapped[str]
    form: Mapped[ActivityForm]
    hours: Mapped[int]
    due_on: Mapped[date]
    mandatory: Mapped[bool] = mapped_column(default=True)
    state: Mapped[StepState] = mapped_column(default=StepState.planned)
    # Why: slugs of groups, ids of the answered items that are growth points.
    groups: Mapped[list[str]] = mapped_column(default=list)
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    remark: Mapped[str] = mapped_column(Text, default="")
    muted: Mapped[bool] = mapped_column(default=False)
    remind_on: Mapped[date | None]
    accepted_on: Mapped[date | None]
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    # The fact that closed it by itself.
    source_type: Mapped[str] = mapped_column(String(32), default="")
    source_id: Mapped[int | None] = mapped_column(BigId)


class Evidence(Base):
    """Something sent for a step; a verdict is written once, «Забрать» removes what has none."""

    __tablename__ = "iom_evidence"

    id: Mapped[Id]
    step_id: Mapped[int] = mapped_column(ForeignKey("iom_steps.id", ondelete="CASCADE"), index=True)
    kind: Mapped[EvidenceKind]
    text: Mapped[str] = mapped_column(Text, default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id", ondelete="SET NULL"))
    submitted_at: Mapped[datetime]
    accepted: Mapped[bool | None]
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    reviewed_at: Mapped[datetime | None]
    comment: Mapped[str] = mapped_column(Text, default="")


class IomRevision(Base):
    """A change of an approved route, asked for by one side with a reason and decided by the other."""

    __tablename__ = "iom_revisions"
    __table_args__ = (UniqueConstraint("iom_id", "number"),)

    id: Mapped[Id]
    iom_id: Mapped[int] = mapped_column(ForeignKey("ioms.id", ondelete="CASCADE"))
    number: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    # {"step": id, "activity": id or null, "due": ISO day}
    change: Mapped[dict[str, Any]]
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    proposed_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    agreed: Mapped[bool | None]


class IomMove(Base):
    """History of states of a route and of its steps."""

    __tablename__ = "iom_moves"

    id: Mapped[Id]
    iom_id: Mapped[int] = mapped_column(ForeignKey("ioms.id", ondelete="CASCADE"), index=True)
    step_id: Mapped[int | None] = mapped_column(ForeignKey("iom_steps.id", ondelete="CASCADE"))
    before: Mapped[str] = mapped_column(String(32))
    after: Mapped[str] = mapped_column(String(32))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    at: Mapped[datetime]


class IomNotice(Base):
    """Something the teacher must hear; a job turns it into a message of the outbox."""

    __tablename__ = "iom_notices"
    __table_args__ = (
        Index(
            "ix_iom_notices_waiting",
            "id",
            sqlite_where=text("told_at IS NULL"),
            postgresql_where=text("told_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    iom_id: Mapped[int] = mapped_column(ForeignKey("ioms.id", ondelete="CASCADE"), index=True)
    step_id: Mapped[int | None] = mapped_column(ForeignKey("iom_steps.id", ondelete="CASCADE"))
    kind: Mapped[NoticeKind]
    words: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
    told_at: Mapped[datetime | None]


class DraftRun(Base):
    """Drafts for many teachers at once; ``cursor`` is the last person it came to, so that it can go on."""

    __tablename__ = "draft_runs"

    id: Mapped[Id]
    variant: Mapped[str] = mapped_column(String(16))
    # Which municipality (its id or null) and which subject (its slug or nothing).
    target: Mapped[dict[str, Any]]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    cursor: Mapped[int] = mapped_column(BigId, default=0)
    total: Mapped[int]
    made: Mapped[int] = mapped_column(default=0)
    # Nothing to work on, or nothing in the catalogue that fits.
    without: Mapped[int] = mapped_column(default=0)
    # Somebody began a route of her own meanwhile.
    had: Mapped[int] = mapped_column(default=0)
