"""Forms: questions as data sent to municipalities, organisations, bodies or people of a role; one reply each."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base, Id


class FormState(StrEnum):
    """``draft`` may change; ``open`` is being filled in; ``closed`` takes no more."""

    draft = "draft"
    open = "open"
    closed = "closed"


class FormAudience(StrEnum):
    """Of whom a reply is."""

    municipalities = "municipalities"
    organisations = "organisations"
    bodies = "bodies"
    people = "people"


class ReplyState(StrEnum):
    """``started`` has answers that were not sent yet."""

    waiting = "waiting"
    started = "started"
    sent = "sent"


class Form(Base):
    """A form. ``questions``: {key, text, type, options, required}; ``target`` narrows the audience."""

    __tablename__ = "forms"

    id: Mapped[Id]
    title: Mapped[str]
    about: Mapped[str] = mapped_column(Text, default="")
    questions: Mapped[list[Any]] = mapped_column(default=list)
    audience: Mapped[FormAudience]
    target: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[FormState] = mapped_column(default=FormState.draft)
    due_on: Mapped[date | None]
    # The day of the roadmap that the term was taken from.
    occurrence_id: Mapped[int | None] = mapped_column(
        ForeignKey("measure_occurrences.id", ondelete="SET NULL"), index=True
    )
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]


class FormReply(Base):
    """The reply of one subject; ``subject_id`` is of the kind that the form's audience says."""

    __tablename__ = "form_replies"
    __table_args__ = (UniqueConstraint("form_id", "subject_id"), Index("ix_form_replies_state", "form_id", "state"))

    id: Mapped[Id]
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id", ondelete="CASCADE"))
    subject_id: Mapped[int]
    # The subject's name on the day the form was opened.
    name: Mapped[str] = mapped_column(String(500))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    state: Mapped[ReplyState] = mapped_column(default=ReplyState.waiting)
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    filled_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    sent_at: Mapped[datetime | None]
