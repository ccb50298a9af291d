"""Messages to many and posts of rubrics: what is said to whom, and what became of it for each person."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base, Id
from bot.models.people import Messenger


class BroadcastKind(StrEnum):
    """What a broadcast is about: a person turns off a kind, not the sender. ``rubric`` goes to subscribers."""

    news = "news"
    events = "events"
    courses = "courses"
    materials = "materials"
    surveys = "surveys"
    rubric = "rubric"


class BroadcastState(StrEnum):
    """``draft`` may change; ``scheduled`` waits for its hour; ``stopped`` and ``done`` are the end."""

    draft = "draft"
    scheduled = "scheduled"
    running = "running"
    paused = "paused"
    stopped = "stopped"
    done = "done"


class RecipientState(StrEnum):
    """What is known of one person; while ``waiting`` the row of the outbox knows better."""

    waiting = "waiting"
    delivered = "delivered"
    blocked = "blocked"
    unknown = "unknown"
    failed = "failed"
    # No room in the weekly budget before the last day, or she asked for answers only.
    dropped = "dropped"
    unsubscribed = "unsubscribed"
    no_channel = "no_channel"
    stopped = "stopped"


class Rubric(Base):
    """A regular column one may subscribe to; the region's pack brings them."""

    __tablename__ = "rubrics"

    slug: Mapped[str] = mapped_column(String(32), primary_key=True)
    title: Mapped[str] = mapped_column(String(40))
    about: Mapped[str]
    how_often: Mapped[str] = mapped_column(String(40))
    place: Mapped[int]


class Broadcast(Base):
    """One message to many, or one post of a rubric."""

    __tablename__ = "broadcasts"
    __table_args__ = (Index("ix_broadcasts_state_starts", "state", "starts_at"),)

    id: Mapped[Id]
    kind: Mapped[BroadcastKind]
    rubric_slug: Mapped[str | None] = mapped_column(ForeignKey("rubrics.slug"))
    title: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)
    # A door out: where the one button leads.
    link_label: Mapped[str] = mapped_column(String(40), default="")
    link_url: Mapped[str] = mapped_column(String(500), default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id", ondelete="SET NULL"))
    # Terms of services/broadcasts/segments.py with the values chosen.
    segment: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # The district beyond which it never goes; none for the whole region.
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipalities.id"), index=True)
    state: Mapped[BroadcastState] = mapped_column(default=BroadcastState.draft)
    starts_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    # Everybody up to this person has a row of her own.
    unfolded_through: Mapped[int] = mapped_column(BigInteger, default=0)
    unfolded: Mapped[bool] = mapped_column(Boolean, default=False)
    finished_at: Mapped[datetime | None]
    tests: Mapped[int] = mapped_column(Integer, default=0)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]


class BroadcastRecipient(Base):
    """A person of a broadcast and what came of it; kept longer than the outbox is."""

    __tablename__ = "broadcast_recipients"
    __table_args__ = (
        UniqueConstraint("broadcast_id", "person_id"),
        Index("ix_broadcast_recipients_state", "broadcast_id", "state"),
    )

    id: Mapped[Id]
    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    state: Mapped[RecipientState]
    messenger: Mapped[Messenger | None]
    settled_at: Mapped[datetime | None]
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id", ondelete="SET NULL"), index=True)


class BroadcastOpening(Base):
    """How many times the link of a message was opened from one messenger on one day; by whom is not known."""

    __tablename__ = "broadcast_openings"

    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True)
    messenger: Mapped[Messenger] = mapped_column(primary_key=True)
    on_day: Mapped[date] = mapped_column(primary_key=True)
    times: Mapped[int] = mapped_column(Integer)


class MailingChoice(Base):
    """What a person turned on (a rubric) or off (a kind of broadcast); no row is the usual way."""

    __tablename__ = "mailing_choices"
    __table_args__ = (UniqueConstraint("person_id", "topic"), Index("ix_mailing_choices_topic", "topic", "is_on"))

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    # "rubric:<slug>" or "kind:<kind>".
    topic: Mapped[str] = mapped_column(String(48))
    is_on: Mapped[bool]
    changed_at: Mapped[datetime]
