"""Events of the region: what takes place, who signed up, who was there, what was given after."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.models.base import Base, Id
from bot.models.catalogue import ActivityForm


class EventKind(StrEnum):
    """What kind of meeting it is (domain.md §3)."""

    webinar = "webinar"
    seminar = "seminar"
    workshop = "workshop"
    masterclass = "masterclass"
    tutorial = "tutorial"
    intensive = "intensive"
    consult = "consult"
    conference = "conference"
    forum = "forum"
    internship_day = "internship_day"
    round_table = "round_table"
    project_session = "project_session"
    contest = "contest"
    olympiad = "olympiad"
    community = "community"
    school = "school"
    young_school = "young_school"


class EventLevel(StrEnum):
    """Who is invited from where."""

    municipal = "municipal"
    regional = "regional"
    interregional = "interregional"


class EventState(StrEnum):
    """Life of an event; whether sign-up is open on a day is computed from the window."""

    draft = "draft"
    announced = "announced"
    open = "open"
    closed = "closed"
    held = "held"
    reported = "reported"
    cancelled = "cancelled"


class EventRule(StrEnum):
    """How participation is counted, shown before the event."""

    code = "code"
    log = "log"
    sheet = "sheet"
    quiz = "quiz"
    any = "any"


class RegistrationState(StrEnum):
    """``invited``: put on a list by somebody, her word is awaited; ``offered``: a seat is held for her."""

    invited = "invited"
    signed = "signed"
    waiting = "waiting"
    offered = "offered"
    passed = "passed"
    cancelled = "cancelled"
    declined = "declined"


class RegistrationSource(StrEnum):
    """How she came onto the list."""

    own = "own"
    list = "list"
    out_of_turn = "out_of_turn"
    door = "door"


class AttendanceMethod(StrEnum):
    """How it is known that somebody was there."""

    code_word = "code_word"
    qr_window = "qr_window"
    quiz = "quiz"
    log_import = "log_import"
    sheet = "sheet"
    manual = "manual"


class Confidence(StrEnum):
    """``low`` is not counted before a member of staff has looked."""

    high = "high"
    medium = "medium"
    low = "low"


class EventSeries(Base):
    """A rhythm («каждую вторую среду») from which events are made."""

    __tablename__ = "event_series"

    id: Mapped[Id]
    title: Mapped[str]
    # RFC 5545 (RRULE), in the time of the region.
    rule: Mapped[str] = mapped_column(String(255))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]


class Event(Base):
    """A meeting with a beginning and an end."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_state_starts", "state", "starts_at", "id"),
        Index("ix_events_starts", "starts_at", "id"),
    )

    id: Mapped[Id]
    series_id: Mapped[int | None] = mapped_column(ForeignKey("event_series.id", ondelete="SET NULL"), index=True)
    # The key of the centre's own table: a repeated import finds the line by it.
    code: Mapped[str | None] = mapped_column(String(64), unique=True)
    title: Mapped[str]
    kind: Mapped[EventKind]
    level: Mapped[EventLevel] = mapped_column(default=EventLevel.regional)
    state: Mapped[EventState] = mapped_column(default=EventState.draft)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    zone: Mapped[str] = mapped_column(String(64))
    # Of the certificate: «продолжительность мероприятия N ч».
    hours: Mapped[float]
    form: Mapped[ActivityForm]
    place: Mapped[str] = mapped_column(default="")
    # Only for those who signed up, and only through a page of ours: the room may change.
    link: Mapped[str] = mapped_column(String(500), default="")
    organiser: Mapped[str] = mapped_column(default="")
    speakers: Mapped[str] = mapped_column(default="")
    about: Mapped[str] = mapped_column(Text, default="")
    bring: Mapped[str] = mapped_column(default="")
    # Slugs of positions; empty means everybody.
    positions: Mapped[list[str]] = mapped_column(default=list)
    young_only: Mapped[bool] = mapped_column(default=False)
    managers_only: Mapped[bool] = mapped_column(default=False)
    # A meeting of a cohort: seen by who has a place on its list, and by nobody else.
    members_only: Mapped[bool] = mapped_column(default=False)
    tags: Mapped[list[str]] = mapped_column(default=list)
    seats: Mapped[int | None]
    # Signed up to by teams of a school, of so many people; both empty: each signs up for herself.
    team_from: Mapped[int | None]
    team_to: Mapped[int | None]
    # So many of the seats are kept for people whose ИОМ has the event, until the day (null: three days before).
    reserved: Mapped[int] = mapped_column(default=0)
    release_on: Mapped[date | None]
    hold_hours: Mapped[int] = mapped_column(default=12)
    # People are asked to cancel so many hours before the beginning; later they still may. Null: nothing is asked.
    cancel_hours: Mapped[int | None]
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    rule: Mapped[EventRule] = mapped_column(default=EventRule.code)
    # Share of the time in the log that counts as participation, percent.
    log_share: Mapped[int] = mapped_column(default=70)
    # A short quiz after the session: how many questions there are now and which edition of them, the share of right
    # answers that is enough (percent), how often one may try, how many hours after the end it stays open.
    quiz_size: Mapped[int] = mapped_column(default=0)
    quiz_version: Mapped[int] = mapped_column(default=0)
    quiz_share: Mapped[int] = mapped_column(default=60)
    quiz_tries: Mapped[int] = mapped_column(default=2)
    quiz_hours: Mapped[int] = mapped_column(default=24)
    materials: Mapped[str] = mapped_column(String(500), default="")
    recording: Mapped[str] = mapped_column(String(500), default="")
    gives_certificate: Mapped[bool] = mapped_column(default=False)
    # When staff asked to issue certificates to all who completed.
    certificates_at: Mapped[datetime | None]
    order_no: Mapped[str] = mapped_column(String(64), default="")
    order_date: Mapped[date | None]
    project: Mapped[str] = mapped_column(default="")
    responsible_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    # What everybody on the list is to be told: which notice, its number, what was before, why.
    notice: Mapped[str] = mapped_column(String(16), default="")
    notice_no: Mapped[int] = mapped_column(default=0)
    was_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    # The key of the rotating word, and how often the presenter has changed it by hand.
    secret: Mapped[str] = mapped_column(String(32))
    word_turn: Mapped[int] = mapped_column(default=0)
    marking_closed_at: Mapped[datetime | None]
    is_demo: Mapped[bool] = mapped_column(default=False)
    search: Mapped[str] = mapped_column(Text, default="")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    groups: Mapped[list[EventGroup]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="EventGroup.group_slug"
    )
    subjects: Mapped[list[EventSubject]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="EventSubject.subject_slug"
    )


class EventGroup(Base):
    """A group of competences an event helps with."""

    __tablename__ = "event_groups"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    group_slug: Mapped[str] = mapped_column(ForeignKey("competence_groups.slug"), primary_key=True, index=True)


class EventSubject(Base):
    """A subject an event is for; none means any subject."""

    __tablename__ = "event_subjects"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    subject_slug: Mapped[str] = mapped_column(ForeignKey("subjects.slug"), primary_key=True, index=True)


class EventTeam(Base):
    """A team of a school on the list of an event: one standing team of an organisation, whoever gathers it."""

    __tablename__ = "event_teams"
    __table_args__ = (
        Index(
            "uq_event_teams_standing",
            "event_id",
            "organisation_id",
            unique=True,
            sqlite_where=text("dissolved_at IS NULL"),
            postgresql_where=text("dissolved_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    # One of its signed members; the next one when she goes.
    organiser_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    # By when the invited are asked to answer, and when the organiser was told that too few had.
    until: Mapped[datetime] = mapped_column(index=True)
    told_at: Mapped[datetime | None]
    # A dissolved team goes when all its people have been told.
    dissolved_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Registration(Base):
    """A person's place on the list of an event: one row, whatever the channel and however often she presses."""

    __tablename__ = "registrations"
    __table_args__ = (
        UniqueConstraint("event_id", "person_id"),
        Index("ix_registrations_event_state", "event_id", "state", "queued_at", "id"),
        Index("ix_registrations_person_state", "person_id", "state"),
        Index("ix_registrations_state_held", "state", "held_until"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    state: Mapped[RegistrationState]
    source: Mapped[RegistrationSource] = mapped_column(default=RegistrationSource.own)
    # Why the order of the waiting list was not kept: everybody may read it.
    reason: Mapped[str] = mapped_column(default="")
    # Of a dissolved team only until she has been told of it.
    team_id: Mapped[int | None] = mapped_column(ForeignKey("event_teams.id", ondelete="SET NULL"), index=True)
    # Since when she waits; the order of the list.
    queued_at: Mapped[datetime | None]
    # An offered seat is held until then; empty until the offer has been told.
    held_until: Mapped[datetime | None]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    # Of the personal address through which she joins.
    token: Mapped[str] = mapped_column(String(32), unique=True)
    joined_at: Mapped[datetime | None]
    told_no: Mapped[int] = mapped_column(default=0)
    # How far the reminders have gone: 1 the day before, 2 the hour before, 3 the quiz, 4 after.
    reminded: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Attendance(Base):
    """Evidence that a person was there. Corrected by voiding and adding; one row stands."""

    __tablename__ = "attendances"
    __table_args__ = (
        Index(
            "uq_attendances_standing",
            "event_id",
            "person_id",
            unique=True,
            sqlite_where=text("voided_at IS NULL"),
            postgresql_where=text("voided_at IS NULL"),
        ),
        Index("ix_attendances_person", "person_id"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    method: Mapped[AttendanceMethod]
    confidence: Mapped[Confidence]
    # The rule of the event is met: not the same as having been there.
    completed: Mapped[bool] = mapped_column(default=False)
    minutes: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    voided_at: Mapped[datetime | None]
    voided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    void_reason: Mapped[str] = mapped_column(Text, default="")


class QuizQuestion(Base):
    """A question of the quiz after a session. Its key never leaves the server."""

    __tablename__ = "event_quiz_questions"
    __table_args__ = (UniqueConstraint("event_id", "place"),)

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    place: Mapped[int]
    text: Mapped[str]
    options: Mapped[list[str]]
    # Place of the right option.
    key: Mapped[int]
    # Said to who was wrong: what to come back to.
    why: Mapped[str] = mapped_column(default="")


class QuizResult(Base):
    """How a person did at the quiz: tries and whether it was enough; what she answered is not kept."""

    __tablename__ = "event_quiz_results"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    tries: Mapped[int] = mapped_column(default=0)
    passed: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]


class EventFeedback(Base):
    """«Пригодится ли это на уроках»: only from those who were there."""

    __tablename__ = "event_feedback"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    # Null: she chose not to answer and is not asked again.
    grade: Mapped[int | None]
    words: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]


class Certificate(Base):
    """A certificate of a participant; its number says nothing about the next one."""

    __tablename__ = "certificates"
    __table_args__ = (UniqueConstraint("event_id", "person_id"),)

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(16), unique=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    issued_on: Mapped[date]
    # The person may let the check page show the whole name.
    open_name: Mapped[bool] = mapped_column(default=False)
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    revoke_reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]


class LogRow(Base):
    """A line of a webinar log that a person has to look at; it goes once it is settled."""

    __tablename__ = "event_log_rows"

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(default="")
    minutes: Mapped[int]
    candidates: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime]


class LogAddress(Base):
    """Whose an e-mail of a webinar log is: learned when a member of staff settles its line, used by the next log."""

    __tablename__ = "event_log_addresses"

    email: Mapped[str] = mapped_column(String(255), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    learned_at: Mapped[datetime]
