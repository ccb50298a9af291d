"""Instruments as immutable versions, attempts, answers and their results."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.models.base import Base, Id
from bot.models.people import Messenger


class InstrumentKind(StrEnum):
    """How answers are got (domain.md §1.2)."""

    self_likert = "self_likert"
    test_key = "test_key"
    case_rubric = "case_rubric"
    observation = "observation"
    external = "external"


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
    # Handed in, or begun by an observer: waits for the marks of ``rater``.
    waiting = "waiting"
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
    # Slug of the subject a test is about; empty: for everybody of the audience.
    subject: Mapped[str] = mapped_column(String(32), default="")
    is_demo: Mapped[bool] = mapped_column(default=False)


class InstrumentVersion(Base):
    """One immutable content of an instrument; results keep its id."""

    __tablename__ = "instrument_versions"
    __table_args__ = (UniqueConstraint("instrument_id", "number"),)

    id: Mapped[Id]
    instrument_id: Mapped[int] = mapped_column(ForeignKey("instruments.id"))
    number: Mapped[int]
    # Parallel forms (A, B) of one instrument measure the same with other tasks.
    form: Mapped[str] = mapped_column(String(8), default="")
    state: Mapped[VersionState]
    direction: Mapped[Direction] = mapped_column(default=Direction.competence)
    instruction: Mapped[str] = mapped_column(Text, default="")
    # {"minimal": 70, "low": 50, "middle": 30}: the lower bound of each level of deficit, in percent.
    cuts: Mapped[dict[str, Any]]
    # Five labels of the scale, values 1…5.
    scale: Mapped[list[Any]]
    minutes: Mapped[int] = mapped_column(default=7)
    # Minutes an attempt may last; None: as long as it takes.
    time_limit: Mapped[int | None]
    content_hash: Mapped[str] = mapped_column(String(64))
    verified_on: Mapped[date | None]
    protocol: Mapped[str] = mapped_column(String(64), default="")
    published_at: Mapped[datetime | None]
    # Shortening: off until somebody switches it on; the report of the simulation stands beside it.
    adaptive: Mapped[bool] = mapped_column(default=False)
    shortening: Mapped[dict[str, Any]] = mapped_column(default=dict)

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
    # How many persons that error was computed from, and when.
    sem_n: Mapped[int | None]
    sem_at: Mapped[datetime | None]
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
    # What is right: read by bot/questions on the server and shown to nobody who answers.
    answer_key: Mapped[dict[str, Any]] = mapped_column(default=dict)
    max_points: Mapped[float] = mapped_column(default=4.0)
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
    # None where the person did not answer in a chat herself: an observation, an import.
    messenger: Mapped[Messenger | None]
    # Who marks a case or an observation.
    rater_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    started_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    finished_at: Mapped[datetime | None] = mapped_column(index=True)
    total_pct: Mapped[float | None]
    # Begun while the version was shortened: tasks come by what they tell, not in their printed order.
    adaptive: Mapped[bool] = mapped_column(default=False)

    version: Mapped[InstrumentVersion] = relationship(lazy="raise")
    answers: Mapped[list[Answer]] = relationship(lazy="raise")
    results: Mapped[list[GroupResult]] = relationship(lazy="raise", order_by="GroupResult.group_id")


class Answer(Base):
    """An answer; ``value`` and ``points`` are null for «не моя практика» and for what was skipped.

    ``points`` is 0…``items.max_points``; ``given`` is the answer of a task: numbers of options, a number, words.
    """

    __tablename__ = "answers"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    value: Mapped[int | None]
    given: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    points: Mapped[float | None]
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


class Submission(Base):
    """What a person handed in for a case, and the words of whoever marked it."""

    __tablename__ = "submissions"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[str] = mapped_column(Text, default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id", ondelete="SET NULL"), index=True)
    comment: Mapped[str] = mapped_column(Text, default="")
    submitted_at: Mapped[datetime]


class ItemParameter(Base):
    """What the model of shortening knows of an item: slope and difficulty, and from how many persons."""

    __tablename__ = "item_parameters"

    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True)
    slope: Mapped[float]
    difficulty: Mapped[float]
    n: Mapped[int]
    computed_at: Mapped[datetime]


class ExpertRating(Base):
    """How relevant an expert finds an item, 1…4; the I-CVI is the share of 3 and 4."""

    __tablename__ = "expert_ratings"
    __table_args__ = (UniqueConstraint("item_id", "expert"),)

    id: Mapped[Id]
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"))
    # As the protocol of the expertise names her; experts need no account.
    expert: Mapped[str] = mapped_column(String(120))
    rating: Mapped[int]


class ExternalImport(Base):
    """One file of results from elsewhere: what it was, how far it is read."""

    __tablename__ = "external_imports"

    id: Mapped[Id]
    source: Mapped[str] = mapped_column(String(32))
    digest: Mapped[str] = mapped_column(String(64), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime]
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    saved: Mapped[int] = mapped_column(default=0)
    repeated: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]


class ExternalDoubt(Base):
    """A row whose person is not certain; it goes as soon as somebody decides."""

    __tablename__ = "external_doubts"

    id: Mapped[Id]
    import_id: Mapped[int] = mapped_column(ForeignKey("external_imports.id", ondelete="CASCADE"), index=True)
    row: Mapped[int]
    # The record as read: name, place, points. Deleted with the decision.
    record: Mapped[dict[str, Any]]


class ExternalResult(Base):
    """Where a result came from, as it was given; read-only."""

    __tablename__ = "external_results"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    import_id: Mapped[int | None] = mapped_column(ForeignKey("external_imports.id", ondelete="SET NULL"), index=True)
    source: Mapped[str] = mapped_column(String(32))
    title: Mapped[str]
    subject: Mapped[str] = mapped_column(default="")
    taken_on: Mapped[date]
    # «Высокий», «B2»…: the words of the source.
    level: Mapped[str] = mapped_column(String(64), default="")
    # One result once: of person, source, day, title, subject and group.
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
