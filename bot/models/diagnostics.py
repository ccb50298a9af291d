"""Instruments as immutable versions, attempts, answers and their results."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.models.base import Base, Id
from bot.models.people import Messenger


class InstrumentKind(StrEnum):
    """How answers are got (domain.md §1.2); further kinds come with their issue."""

    self_likert = "self_likert"


class VersionState(StrEnum):
    """Life of a version: черновик → экспертиза → апробация → верифицирован → архив."""

    draft = "draft"
    review = "review"
    trial = "trial"
    verified = "verified"
    archived = "archived"


class Direction(StrEnum):
    """What a high value means; the same four words exist for both."""

    competence = "competence"
    deficit = "deficit"


class DeficitLevel(StrEnum):
    """Level of deficit (domain.md §1.3)."""

    minimal = "minimal"
    low = "low"
    middle = "middle"
    high = "high"


class Purpose(StrEnum):
    """Why an attempt was made; ``trial`` is «для себя» and visible to nobody else."""

    trial = "trial"
    official = "official"
    entry = "entry"
    exit = "exit"
    campaign = "campaign"


class AttemptState(StrEnum):
    """An open attempt is the state of the dialogue."""

    open = "open"
    finished = "finished"
    abandoned = "abandoned"


class CompetenceGroup(Base):
    """A group of competences: data, not code."""

    __tablename__ = "competence_groups"

    slug: Mapped[str] = mapped_column(String(32), primary_key=True)
    title: Mapped[str]
    place: Mapped[int] = mapped_column(default=0)


class Instrument(Base):
    """A questionnaire or test under one name, whatever its version."""

    __tablename__ = "instruments"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[str]
    audience: Mapped[str] = mapped_column(String(32))
    kind: Mapped[InstrumentKind]
    is_demo: Mapped[bool] = mapped_column(default=False)


class InstrumentVersion(Base):
    """One immutable content of an instrument; results keep its id."""

    __tablename__ = "instrument_versions"
    __table_args__ = (UniqueConstraint("instrument_id", "number"),)

    id: Mapped[Id]
    instrument_id: Mapped[int] = mapped_column(ForeignKey("instruments.id"))
    number: Mapped[int]
    state: Mapped[VersionState]
    direction: Mapped[Direction] = mapped_column(default=Direction.competence)
    instruction: Mapped[str] = mapped_column(Text, default="")
    # {"minimal": 70, "low": 50, "middle": 30}: the lower bound of each level of deficit, in percent.
    cuts: Mapped[dict[str, Any]]
    # Five labels of the scale, values 1…5.
    scale: Mapped[list[Any]]
    minutes: Mapped[int] = mapped_column(default=7)
    content_hash: Mapped[str] = mapped_column(String(64))
    verified_on: Mapped[date | None]
    protocol: Mapped[str] = mapped_column(String(64), default="")
    published_at: Mapped[datetime | None]

    instrument: Mapped[Instrument] = relationship(lazy="raise")
    groups: Mapped[list[VersionGroup]] = relationship(lazy="raise", order_by="VersionGroup.place")
    items: Mapped[list[Item]] = relationship(lazy="raise", order_by="Item.place")


class VersionGroup(Base):
    """A group of items within a version."""

    __tablename__ = "version_groups"
    __table_args__ = (UniqueConstraint("version_id", "slug"),)

    id: Mapped[Id]
    version_id: Mapped[int] = mapped_column(ForeignKey("instrument_versions.id"))
    slug: Mapped[str] = mapped_column(String(32))
    title: Mapped[str]
    weight: Mapped[float] = mapped_column(default=1.0)
    # Standard error of measurement in percent points, once item analysis knows it.
    sem: Mapped[float | None]
    place: Mapped[int]


class Item(Base):
    """A statement or task; ``texts`` holds other wordings by audience."""

    __tablename__ = "items"
    __table_args__ = (UniqueConstraint("version_id", "code"), UniqueConstraint("version_id", "place"))

    id: Mapped[Id]
    version_id: Mapped[int] = mapped_column(ForeignKey("instrument_versions.id"))
    group_id: Mapped[int] = mapped_column(ForeignKey("version_groups.id"), index=True)
    code: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16), default="scale")
    text: Mapped[str] = mapped_column(Text)
    # A few words for lists of strengths and growth points.
    short: Mapped[str] = mapped_column(default="")
    texts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    options: Mapped[list[Any]] = mapped_column(default=list)
    place: Mapped[int]


class Attempt(Base):
    """One taking of a version by a person; while open it is the dialogue's state."""

    __tablename__ = "attempts"
    __table_args__ = (
        Index("ix_attempts_person_state", "person_id", "state"),
        Index(
            "uq_attempts_open",
            "person_id",
            "version_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    version_id: Mapped[int] = mapped_column(ForeignKey("instrument_versions.id"), index=True)
    purpose: Mapped[Purpose]
    state: Mapped[AttemptState] = mapped_column(default=AttemptState.open)
    # Index of the question on the screen, 0…n; n means all are answered.
    position: Mapped[int] = mapped_column(default=0)
    audience: Mapped[str] = mapped_column(String(32), default="teacher")
    messenger: Mapped[Messenger]
    started_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    finished_at: Mapped[datetime | None] = mapped_column(index=True)
    total_pct: Mapped[float | None]

    version: Mapped[InstrumentVersion] = relationship(lazy="raise")
    answers: Mapped[list[Answer]] = relationship(lazy="raise")
    results: Mapped[list[GroupResult]] = relationship(lazy="raise", order_by="GroupResult.group_id")


class Answer(Base):
    """An answer; ``value`` is null for «не моя практика»."""

    __tablename__ = "answers"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    value: Mapped[int | None]
    answered_at: Mapped[datetime]


class GroupResult(Base):
    """Result of one group of one finished attempt, both directions in the open."""

    __tablename__ = "group_results"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("version_groups.id"), primary_key=True)
    # Share of the possible, 0…100, direction competence; null when too few answers.
    pct: Mapped[float | None]
    sem: Mapped[float | None]
    deficit_level: Mapped[DeficitLevel | None]
    is_deficit: Mapped[bool] = mapped_column(default=False)
    answered: Mapped[int]
    total: Mapped[int]

    group: Mapped[VersionGroup] = relationship(lazy="raise")
