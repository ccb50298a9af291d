"""Programmes with cohorts: for whom, who is in a cohort, tasks between the meetings; free slots of a methodist.

The meetings themselves are events of the cohort's series.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base, Id


class ProgrammeKind(StrEnum):
    """What is done with people over a year; the mechanism is the same."""

    young_school = "young_school"
    school_team = "school_team"
    closed_group = "closed_group"
    postcourse = "postcourse"
    course = "course"


class CohortState(StrEnum):
    """Life of a cohort."""

    gathering = "gathering"
    running = "running"
    finished = "finished"


class MemberState(StrEnum):
    """``completed``: the rule of the programme is met at its end; ``ended``: it was not."""

    invited = "invited"
    member = "member"
    declined = "declined"
    left = "left"
    completed = "completed"
    ended = "ended"


class JoinedBy(StrEnum):
    """How a person came into a cohort."""

    rule = "rule"
    code = "code"
    list = "list"
    moved = "moved"


class WorkState(StrEnum):
    """``later``: she asked for more time, nothing was handed in yet."""

    later = "later"
    sent = "sent"
    returned = "returned"
    accepted = "accepted"


class SlotState(StrEnum):
    """A free or taken half an hour with a methodist."""

    free = "free"
    booked = "booked"
    held = "held"
    missed = "missed"
    cancelled = "cancelled"


class Programme(Base):
    """What is offered: for whom, with which questions at the beginning and which rule at the end."""

    __tablename__ = "programmes"

    id: Mapped[Id]
    kind: Mapped[ProgrammeKind]
    title: Mapped[str]
    about: Mapped[str] = mapped_column(Text, default="")
    # The rule of belonging (services/campaigns/targets.py), with «growth» for people with a deficit; empty: by code.
    target: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # «Что сейчас труднее всего»: key → words.
    questions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # What a cohort begins with: ``meetings`` (title, kind), ``tasks`` (title, text), ``every_days``, ``minutes``.
    plan: Mapped[dict[str, Any]] = mapped_column(default=dict)
    years: Mapped[int] = mapped_column(default=1)
    # Percent of meetings and of accepted tasks at which it is completed.
    share: Mapped[int] = mapped_column(default=70)
    tasks_share: Mapped[int] = mapped_column(default=0)
    gives_certificate: Mapped[bool] = mapped_column(default=True)
    organiser: Mapped[str] = mapped_column(default="")
    # The line of the catalogue (and so of an ИОМ) that completing it closes.
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activities.id", ondelete="SET NULL"), index=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    archived_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Cohort(Base):
    """A group that goes through a programme together; its meetings are the events of the series."""

    __tablename__ = "cohorts"

    id: Mapped[Id]
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id", ondelete="CASCADE"), index=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("event_series.id"), unique=True)
    title: Mapped[str]
    # Which year of the path: 1, 2, 3.
    year: Mapped[int] = mapped_column(default=1)
    state: Mapped[CohortState] = mapped_column(default=CohortState.gathering)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    # Opens the cohort to who was told it; empty: only by rule or list.
    code: Mapped[str | None] = mapped_column(String(16), unique=True)
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    finished_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class CohortMember(Base):
    """A person in a cohort: one row, whatever happens."""

    __tablename__ = "cohort_members"
    __table_args__ = (
        UniqueConstraint("cohort_id", "person_id"),
        Index("ix_cohort_members_person_state", "person_id", "state"),
    )

    id: Mapped[Id]
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    state: Mapped[MemberState]
    how: Mapped[JoinedBy]
    # Keys of the questions she marked; null while she has not answered. Seen by those who lead, never by her school.
    needs: Mapped[list[str] | None]
    # The state she was told last; null before the first word.
    told: Mapped[MemberState | None]
    # Certificate of the programme; its number says nothing about the next one.
    number: Mapped[str | None] = mapped_column(String(16), unique=True)
    issued_on: Mapped[date | None]
    # The person may let the check page show the whole name.
    open_name: Mapped[bool] = mapped_column(default=False)
    revoked_at: Mapped[datetime | None]
    revoke_reason: Mapped[str] = mapped_column(Text, default="")
    # When it was said that she is no longer counted as young; her school goes on.
    young_told_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class CohortTask(Base):
    """A task between two meetings."""

    __tablename__ = "cohort_tasks"

    id: Mapped[Id]
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date]
    told_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class CohortWork(Base):
    """What a member handed in for a task: words or a file, and the word of who looked at it."""

    __tablename__ = "cohort_works"
    __table_args__ = (
        UniqueConstraint("task_id", "person_id"),
        Index("ix_cohort_works_state", "state", "sent_at"),
    )

    id: Mapped[Id]
    task_id: Mapped[int] = mapped_column(ForeignKey("cohort_tasks.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    state: Mapped[WorkState]
    text: Mapped[str] = mapped_column(Text, default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id", ondelete="SET NULL"), index=True)
    comment: Mapped[str] = mapped_column(Text, default="")
    sent_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)


class TutorialSlot(Base):
    """A time a methodist opened for a talk of two; at most one person takes it."""

    __tablename__ = "tutorial_slots"
    __table_args__ = (
        UniqueConstraint("methodist_id", "starts_at"),
        Index("ix_tutorial_slots_state_starts", "state", "starts_at"),
        # One person is in one place at a time, however fast two buttons are pressed.
        Index(
            "uq_tutorial_slots_person",
            "person_id",
            "starts_at",
            unique=True,
            sqlite_where=text("state = 'booked'"),
            postgresql_where=text("state = 'booked'"),
        ),
    )

    id: Mapped[Id]
    methodist_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]
    minutes: Mapped[int] = mapped_column(default=30)
    place: Mapped[str] = mapped_column(default="")
    state: Mapped[SlotState] = mapped_column(default=SlotState.free)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    booked_at: Mapped[datetime | None]
    # How far the reminders have gone: 1 booked told, 2 the day before, 3 the hour before.
    reminded: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
