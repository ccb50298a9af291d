"""The roadmap: its order, measures, who answers for them, their due days, evidence, questions and reminders."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.models.base import Base, BigId, Id


class RoadmapState(StrEnum):
    """Only a ``running`` one reminds people."""

    draft = "draft"
    running = "running"
    closed = "closed"


class MeasurePart(StrEnum):
    """What a body or a person has to do with a measure."""

    responsible = "responsible"
    executor = "executor"
    checker = "checker"


class OccurrenceKind(StrEnum):
    """``due``: a day of the schedule; ``word``: the quarterly word about a measure without days."""

    due = "due"
    word = "word"


class OccurrenceState(StrEnum):
    """``partly`` is still open; ``sent`` waits for the second pair of eyes; ``cancelled`` left the schedule."""

    open = "open"
    partly = "partly"
    sent = "sent"
    closed = "closed"
    cancelled = "cancelled"


class ProofKind(StrEnum):
    """What proves that a measure is done. ``snapshot``: a register of ours, frozen as a file."""

    text = "text"
    link = "link"
    file = "file"
    photo = "photo"
    snapshot = "snapshot"


class ProofState(StrEnum):
    """``withdrawn`` by its sender before anybody looked."""

    waiting = "waiting"
    accepted = "accepted"
    returned = "returned"
    withdrawn = "withdrawn"


class QuestionState(StrEnum):
    """``answered`` with a date; ``dropped`` when the schedule no longer needs one."""

    open = "open"
    answered = "answered"
    dropped = "dropped"


class Roadmap(Base):
    """One order with its table. A repeated import makes the next ``version`` of the same row."""

    __tablename__ = "roadmaps"

    id: Mapped[Id]
    title: Mapped[str]
    # The year of the document: months without a year are read by it.
    year: Mapped[int]
    order_no: Mapped[str] = mapped_column(String(64), default="")
    order_date: Mapped[date | None]
    # The region pack its short titles came from; empty for a roadmap that staff loaded.
    pack: Mapped[str] = mapped_column(String(64), default="")
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[RoadmapState] = mapped_column(default=RoadmapState.draft)
    # Days before this one are not asked about: nobody is reminded of what was before the roadmap came here.
    runs_since: Mapped[date]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id", ondelete="SET NULL"), index=True)
    # The roadmap whose lasting part this one goes on with.
    grown_from_id: Mapped[int | None] = mapped_column(ForeignKey("roadmaps.id", ondelete="SET NULL"), index=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
    imported_at: Mapped[datetime]


class RoadmapSection(Base):
    """A direction of the roadmap."""

    __tablename__ = "roadmap_sections"
    __table_args__ = (UniqueConstraint("roadmap_id", "number"),)

    id: Mapped[Id]
    roadmap_id: Mapped[int] = mapped_column(ForeignKey("roadmaps.id", ondelete="CASCADE"))
    number: Mapped[str] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[int] = mapped_column(default=0)


class RoadmapFormat(Base):
    """A format that people know by its name («Методическая среда») and the measures it belongs to, by their codes."""

    __tablename__ = "roadmap_formats"
    __table_args__ = (UniqueConstraint("roadmap_id", "title"),)

    id: Mapped[Id]
    roadmap_id: Mapped[int] = mapped_column(ForeignKey("roadmaps.id", ondelete="CASCADE"))
    place: Mapped[int] = mapped_column(default=0)
    title: Mapped[str]
    period: Mapped[str] = mapped_column(default="")
    audience: Mapped[str] = mapped_column(default="")
    measures: Mapped[list[str]] = mapped_column(default=list)


class Measure(Base):
    """One measure. ``text`` and ``quote`` are the order's words, empty until the region has loaded its order."""

    __tablename__ = "measures"
    __table_args__ = (UniqueConstraint("roadmap_id", "code"),)

    id: Mapped[Id]
    roadmap_id: Mapped[int] = mapped_column(ForeignKey("roadmaps.id", ondelete="CASCADE"))
    section_id: Mapped[int] = mapped_column(ForeignKey("roadmap_sections.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(String(32))
    place: Mapped[int] = mapped_column(default=0)
    task: Mapped[str] = mapped_column(Text, default="")
    title: Mapped[str]
    text: Mapped[str] = mapped_column(Text, default="")
    quote: Mapped[str] = mapped_column(Text, default="")
    # Where in the document: clause, row, page, as the import says it.
    source: Mapped[str] = mapped_column(default="")
    # The deadline verbatim, and what a person put in its place (read by the same grammar).
    deadline: Mapped[str] = mapped_column(Text, default="")
    deadline_own: Mapped[str] = mapped_column(Text, default="")
    # The deadline in force as read (services/roadmap/schedule.py).
    schedule: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # A person has looked at a doubtful reading and said that it is right.
    read_confirmed_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(Text, default="")
    result_kind: Mapped[str] = mapped_column(String(32), default="")
    targets: Mapped[list[str]] = mapped_column(default=list)
    # Ids of indicators that slip when the measure slips: SMO-I05, T-15.
    indicators: Mapped[list[str]] = mapped_column(default=list)
    # The register of ours that proves it (rules/roadmap_registers.py); empty: guessed by its words.
    register: Mapped[str] = mapped_column(String(32), default="")
    # Parts whose bodies a person has put right: a new edition of the order leaves them.
    bodies_own: Mapped[list[str]] = mapped_column(default=list)
    doubts: Mapped[list[Any]] = mapped_column(default=list)
    # No longer in the newest version of the order.
    dropped_at: Mapped[datetime | None]
    unfolded_until: Mapped[date | None] = mapped_column(index=True)

    roadmap: Mapped[Roadmap] = relationship(lazy="raise")
    section: Mapped[RoadmapSection] = relationship(lazy="raise")


class MeasureBody(Base):
    """A body named beside a measure; ``body_id`` is empty while the name is not known here."""

    __tablename__ = "measure_bodies"
    __table_args__ = (UniqueConstraint("measure_id", "part", "name"),)

    id: Mapped[Id]
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id", ondelete="CASCADE"))
    part: Mapped[MeasurePart]
    name: Mapped[str]
    body_id: Mapped[int | None] = mapped_column(ForeignKey("bodies.id"), index=True)


class MeasurePerson(Base):
    """A person appointed to a measure by hand; without one the bodies' own people answer."""

    __tablename__ = "measure_people"
    __table_args__ = (UniqueConstraint("measure_id", "part", "person_id"),)

    id: Mapped[Id]
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id", ondelete="CASCADE"))
    part: Mapped[MeasurePart]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]


class Occurrence(Base):
    """One day by which a measure is to be done. ``key`` is the day the schedule gave, whatever became of it."""

    __tablename__ = "measure_occurrences"
    __table_args__ = (
        UniqueConstraint("measure_id", "kind", "key"),
        Index("ix_measure_occurrences_state_due", "state", "due"),
        Index("ix_measure_occurrences_state_start", "state", "start"),
    )

    id: Mapped[Id]
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id", ondelete="CASCADE"))
    kind: Mapped[OccurrenceKind] = mapped_column(default=OccurrenceKind.due)
    key: Mapped[date]
    start: Mapped[date | None]
    due: Mapped[date]
    # A backstop until the real date is named.
    tentative: Mapped[bool] = mapped_column(default=False)
    state: Mapped[OccurrenceState] = mapped_column(default=OccurrenceState.open)
    # What was said to be done so far.
    said: Mapped[str] = mapped_column(Text, default="")
    sent_at: Mapped[datetime | None]
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    # A transfer that somebody asked for and nobody has decided.
    move_to: Mapped[date | None]
    move_reason: Mapped[str] = mapped_column(Text, default="")
    move_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)

    measure: Mapped[Measure] = relationship(lazy="raise")


class MeasureEvidence(Base):
    """What was handed in for one day, and what the checker said."""

    __tablename__ = "measure_evidence"
    __table_args__ = (Index("ix_measure_evidence_state_at", "state", "at"),)

    id: Mapped[Id]
    occurrence_id: Mapped[int] = mapped_column(ForeignKey("measure_occurrences.id", ondelete="CASCADE"), index=True)
    kind: Mapped[ProofKind]
    text: Mapped[str] = mapped_column(Text, default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id", ondelete="SET NULL"), index=True)
    # Of a snapshot: which register, since, until, how many.
    snapshot: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[ProofState] = mapped_column(default=ProofState.waiting)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime]
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    checked_at: Mapped[datetime | None]
    comment: Mapped[str] = mapped_column(Text, default="")


class DateQuestion(Base):
    """A date that only a person can name: whom we ask, when next, what was answered."""

    __tablename__ = "date_questions"
    __table_args__ = (Index("ix_date_questions_state_ask_on", "state", "ask_on"),)

    id: Mapped[Id]
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id", ondelete="CASCADE"), index=True)
    # Why: plan, request, event, school_calendar (as the grammar says), or ``reading``: the phrase is not understood.
    about: Mapped[str] = mapped_column(String(32))
    state: Mapped[QuestionState] = mapped_column(default=QuestionState.open)
    # Who has to know; empty: the people of the measure.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    ask_on: Mapped[date]
    times: Mapped[int] = mapped_column(default=0)
    answer: Mapped[date | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    answered_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    measure: Mapped[Measure] = relationship(lazy="raise")


class ReminderOf(StrEnum):
    """What a reminder is about."""

    occurrence = "occurrence"
    question = "question"
    digest = "digest"


class RoadmapReminder(Base):
    """The table is the schedule: a person, a thing and a stage are told once, ever.

    ``told`` is False for a stage that passed while nobody was running: a later one has said it all.
    """

    __tablename__ = "roadmap_reminders"
    __table_args__ = (
        UniqueConstraint("person_id", "about", "object_id", "stage"),
        Index("ix_roadmap_reminders_person_day", "person_id", "day"),
        Index("ix_roadmap_reminders_object", "about", "object_id"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    about: Mapped[ReminderOf]
    object_id: Mapped[int] = mapped_column(BigId)
    stage: Mapped[str] = mapped_column(String(24))
    day: Mapped[date]
    told: Mapped[bool] = mapped_column(default=True)
    at: Mapped[datetime]


class MeasureEvent(Base):
    """A line of a measure's history; ``details`` hold ids, days and the words people wrote about the measure."""

    __tablename__ = "measure_events"
    __table_args__ = (Index("ix_measure_events_measure_at", "measure_id", "at"),)

    id: Mapped[Id]
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id", ondelete="CASCADE"))
    occurrence_id: Mapped[int | None] = mapped_column(
        ForeignKey("measure_occurrences.id", ondelete="SET NULL"), index=True
    )
    kind: Mapped[str] = mapped_column(String(32))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime]
