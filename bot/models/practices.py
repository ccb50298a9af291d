"""The bank of practices: what colleagues tell, what experts say of it, who tried it; bookmarks of «Навигатор»."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import AskedLink, Base, BigId, Id


class PracticeState(StrEnum):
    """Life of a practice: черновик → у экспертов → (возвращена → у экспертов) → опубликована → снята."""

    draft = "draft"
    review = "review"
    returned = "returned"
    published = "published"
    withdrawn = "withdrawn"


class FileDoubt(StrEnum):
    """What is known of pupils in a file: nothing suspicious, asked about, the parents agreed."""

    clean = "clean"
    asked = "asked"
    agreed = "agreed"


class ReviewVerdict(StrEnum):
    """What one expert advises."""

    accept = "accept"
    revise = "revise"


class Practice(AskedLink, Base):
    """A practice as its author tells it. Six steps; whatever is written stays."""

    __tablename__ = "practices"
    __table_args__ = (
        Index("ix_practices_state", "state", "published_at", "id"),
        Index("ix_practices_author", "author_id", "state"),
        Index(
            "uq_practices_draft",
            "author_id",
            unique=True,
            sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
    )

    id: Mapped[Id]
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    state: Mapped[PracticeState] = mapped_column(default=PracticeState.draft)
    title: Mapped[str] = mapped_column(default="")
    problem: Mapped[str] = mapped_column(Text, default="")
    actions: Mapped[str] = mapped_column(Text, default="")
    outcome: Mapped[str] = mapped_column(Text, default="")
    subject_slug: Mapped[str | None] = mapped_column(ForeignKey("subjects.slug"), index=True)
    grades: Mapped[str] = mapped_column(String(80), default="")
    link: Mapped[str] = mapped_column(String(500), default="")
    group_slug: Mapped[str | None] = mapped_column(ForeignKey("competence_groups.slug"), index=True)
    # The author's word: to publish at all, and whether with her name. The name needs the consent in force too.
    agreed_at: Mapped[datetime | None]
    named: Mapped[bool] = mapped_column(default=False)
    # The author says that names and numbers standing in the words may be there.
    words_agreed_at: Mapped[datetime | None]
    # Where she worked when it was sent: experts of the same school don't judge it.
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipalities.id"), index=True)
    round: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    due_on: Mapped[date | None]
    comment: Mapped[str] = mapped_column(Text, default="")
    published_at: Mapped[datetime | None]
    # Published after experts, or by the centre with a reason.
    reviewed: Mapped[bool] = mapped_column(default=False)
    published_why: Mapped[str] = mapped_column(default="")
    # The title as it is compared.
    search: Mapped[str] = mapped_column(default="")
    certificate_no: Mapped[str | None] = mapped_column(String(32), unique=True)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_why: Mapped[str] = mapped_column(default="")
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class PracticeFile(Base):
    """A file of a practice."""

    __tablename__ = "practice_files"

    practice_id: Mapped[int] = mapped_column(ForeignKey("practices.id", ondelete="CASCADE"), primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id", ondelete="CASCADE"), primary_key=True, index=True)
    doubt: Mapped[FileDoubt] = mapped_column(default=FileDoubt.clean)


class PracticeReview(Base):
    """One expert's look at one round of a practice."""

    __tablename__ = "practice_reviews"
    __table_args__ = (
        UniqueConstraint("practice_id", "expert_id", "round"),
        Index("ix_practice_reviews_expert", "expert_id", "done_at"),
    )

    id: Mapped[Id]
    practice_id: Mapped[int] = mapped_column(ForeignKey("practices.id", ondelete="CASCADE"))
    # None after the expert has left: her marks stay.
    expert_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    round: Mapped[int]
    due_on: Mapped[date]
    marks: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    verdict: Mapped[ReviewVerdict | None]
    comment: Mapped[str] = mapped_column(Text, default="")
    assigned_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    assigned_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]


class PracticeUse(Base):
    """«Получилось применить»: a few words of a colleague, once a person."""

    __tablename__ = "practice_uses"
    __table_args__ = (UniqueConstraint("practice_id", "person_id"),)

    id: Mapped[Id]
    practice_id: Mapped[int] = mapped_column(ForeignKey("practices.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(Text)
    named: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]


class NavigatorEntry(Base):
    """What «Навигатор» finds, of whatever subject: its copy of a title and of what narrows a search."""

    __tablename__ = "navigator_entries"
    __table_args__ = (
        UniqueConstraint("source", "object_id"),
        Index("ix_navigator_entries_kind", "kind", "id"),
        Index("ix_navigator_entries_group", "group_slug", "kind"),
        Index("ix_navigator_entries_subject", "subject_slug", "kind"),
    )

    id: Mapped[Id]
    source: Mapped[str] = mapped_column(String(16))
    object_id: Mapped[int] = mapped_column(BigId)
    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str]
    about: Mapped[str] = mapped_column(Text, default="")
    subject_slug: Mapped[str | None] = mapped_column(String(32))
    group_slug: Mapped[str | None] = mapped_column(String(32))
    # What comes to its end is not found afterwards.
    until: Mapped[date | None]
    # Of everything that was read from the source: what did not change is not indexed again.
    digest: Mapped[str] = mapped_column(String(64))


class Bookmark(Base):
    """«В закладки»."""

    __tablename__ = "navigator_bookmarks"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(String(16), primary_key=True)
    object_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime]
