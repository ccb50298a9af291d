"""The line «ЦНППМ на связи»: questions with their history, the roster of duty, ready answers."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base, Id
from bot.models.people import Messenger


class TicketTheme(StrEnum):
    """What questions are about (domain.md §6); the words are in locales."""

    programmes = "programmes"
    assessment = "assessment"
    exams = "exams"
    literacy = "literacy"
    inclusion = "inclusion"
    homeroom = "homeroom"
    iom = "iom"
    courses = "courses"
    attestation = "attestation"
    mentoring = "mentoring"
    digital = "digital"
    contests = "contests"
    workload = "workload"
    other = "other"


class TicketState(StrEnum):
    """Life of a question. A draft is being written and is nobody's business but its author's."""

    draft = "draft"
    new = "new"
    assigned = "assigned"
    clarify = "clarify"
    answered = "answered"
    closed = "closed"
    faq_candidate = "faq_candidate"
    faq = "faq"
    # Taken back by its author, or found to be another one written twice.
    withdrawn = "withdrawn"
    merged = "merged"


class TicketGrade(StrEnum):
    """«Помогло», «Отчасти», «Не помогло»; the same three for «получилось применить?»."""

    yes = "yes"
    partly = "partly"
    no = "no"


class Whose(StrEnum):
    """Whose words a message of a question holds."""

    asker = "asker"
    clarify = "clarify"
    answer = "answer"
    # Seen by the staff of the line only.
    note = "note"


class FaqState(StrEnum):
    """Life of a ready answer: черновик → у автора вопроса → опубликован → на проверке → снят."""

    candidate = "candidate"
    asked = "asked"
    agreed = "agreed"
    published = "published"
    refused = "refused"
    withdrawn = "withdrawn"


class HotlineSession(Base):
    """«Задайте вопросы до четверга»: questions on one theme are gathered and answered by one post."""

    __tablename__ = "hotline_sessions"
    __table_args__ = (Index("ix_hotline_sessions_closes", "closes_at", "id"),)

    id: Mapped[Id]
    title: Mapped[str] = mapped_column(String(60))
    theme: Mapped[TicketTheme]
    # Questions are taken until then; the answer is promised for this moment.
    closes_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    methodist_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    answer: Mapped[str] = mapped_column(Text, default="")
    announced_at: Mapped[datetime | None]
    # The methodist was told that no more questions come.
    told_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]


class Ticket(Base):
    """One question of one person; its id is the number people see."""

    __tablename__ = "hotline_tickets"
    __table_args__ = (
        Index("ix_hotline_tickets_queue", "state", "due_at", "id"),
        Index("ix_hotline_tickets_author", "author_id", "state", "id"),
        Index("ix_hotline_tickets_holder", "methodist_id", "state", "due_at"),
        Index("ix_hotline_tickets_asked", "asked_at", "theme"),
        Index(
            "uq_hotline_tickets_draft",
            "author_id",
            unique=True,
            sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
    )

    id: Mapped[Id]
    # None after the author has left: the question stays without its words.
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    # The staff see no name; the answer still finds its way.
    anonymous: Mapped[bool] = mapped_column(default=False)
    messenger: Mapped[Messenger | None]
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipalities.id"))
    subject_slug: Mapped[str | None] = mapped_column(ForeignKey("subjects.slug"))
    theme: Mapped[TicketTheme] = mapped_column(default=TicketTheme.other)
    state: Mapped[TicketState] = mapped_column(default=TicketState.draft)
    complex_one: Mapped[bool] = mapped_column(default=False)
    # Who answers, or answered. ``promised_id`` is the name the author was told.
    methodist_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    promised_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("hotline_sessions.id", ondelete="SET NULL"), index=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("hotline_tickets.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    # The hour that was named, and the end of the whole term.
    due_at: Mapped[datetime | None]
    resolve_by: Mapped[datetime | None]
    # When 80 % of the term is over; whether that, and the end of the term, were told.
    warn_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    escalated: Mapped[int] = mapped_column(default=0)
    first_answer_at: Mapped[datetime | None]
    # False when the first response came after the hour that was first promised.
    in_term: Mapped[bool | None]
    answered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reopened: Mapped[int] = mapped_column(default=0)
    grade: Mapped[TicketGrade | None]
    applied: Mapped[TicketGrade | None]
    asked_applied_at: Mapped[datetime | None]


class TicketMessage(Base):
    """What was written in a question; an edit keeps what stood before."""

    __tablename__ = "hotline_messages"
    __table_args__ = (UniqueConstraint("source"),)

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("hotline_tickets.id", ondelete="CASCADE"), index=True)
    whose: Mapped[Whose]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    text: Mapped[str] = mapped_column(Text, default="")
    # ``messenger:chat:message``: the same message told twice is one; None for what came from the admin.
    source: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class TicketMessageVersion(Base):
    """The words of a message before an edit."""

    __tablename__ = "hotline_message_versions"

    id: Mapped[Id]
    message_id: Mapped[int] = mapped_column(ForeignKey("hotline_messages.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime]


class TicketFile(Base):
    """A photo, document or voice of a message."""

    __tablename__ = "hotline_files"

    message_id: Mapped[int] = mapped_column(ForeignKey("hotline_messages.id", ondelete="CASCADE"), primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id", ondelete="CASCADE"), primary_key=True)


class TicketEvent(Base):
    """One step of a question's life."""

    __tablename__ = "hotline_events"

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("hotline_tickets.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    # None: by itself.
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    action: Mapped[str] = mapped_column(String(32))
    before: Mapped[TicketState | None]
    after: Mapped[TicketState]
    # To whom it was given, and why.
    to_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    reason: Mapped[str] = mapped_column(Text, default="")


class DutySlot(Base):
    """Somebody is on duty from one moment to another; no themes are all of them."""

    __tablename__ = "duty_slots"
    __table_args__ = (
        UniqueConstraint("methodist_id", "starts_at"),
        Index("ix_duty_slots_ends_at", "ends_at"),
    )

    id: Mapped[Id]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    methodist_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    substitute_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    themes: Mapped[list[str]] = mapped_column(default=list)
    # The day was announced to those who want to know; the shift was handed over.
    announced_at: Mapped[datetime | None]
    handed_at: Mapped[datetime | None]


class DutySwap(Base):
    """«Моя смена на вашу»: valid when the other agrees."""

    __tablename__ = "duty_swaps"

    id: Mapped[Id]
    mine_id: Mapped[int] = mapped_column(ForeignKey("duty_slots.id", ondelete="CASCADE"), index=True)
    theirs_id: Mapped[int] = mapped_column(ForeignKey("duty_slots.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    agreed_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]


class FaqEntry(Base):
    """A ready answer: of a question, or written as such. Only published ones are offered."""

    __tablename__ = "hotline_entries"
    __table_args__ = (Index("ix_hotline_entries_state", "state", "review_on"),)

    id: Mapped[Id]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("hotline_tickets.id", ondelete="SET NULL"), unique=True)
    theme: Mapped[TicketTheme]
    subject_slug: Mapped[str | None] = mapped_column(ForeignKey("subjects.slug"))
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[FaqState] = mapped_column(default=FaqState.candidate)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    checked_on: Mapped[date | None]
    review_on: Mapped[date | None]
    offered: Mapped[int] = mapped_column(default=0)
    helped: Mapped[int] = mapped_column(default=0)
    not_helped: Mapped[int] = mapped_column(default=0)
    is_demo: Mapped[bool] = mapped_column(default=False)


class Canned(Base):
    """A piece of an answer that is written often (заготовка)."""

    __tablename__ = "hotline_canned"

    id: Mapped[Id]
    title: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    theme: Mapped[TicketTheme | None]
    created_at: Mapped[datetime]
