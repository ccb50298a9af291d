"""The catalogue of activities: what a line of a route (ИОМ) may be made of."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.models.base import AskedLink, Base, BigId, Id


class ActivityKind(StrEnum):
    """What is done; the kind says what proves it and who accepts (domain.md §2.2)."""

    dpp_register = "dpp_register"
    dpp_other = "dpp_other"
    internship = "internship"
    webinar = "webinar"
    seminar = "seminar"
    masterclass = "masterclass"
    intensive = "intensive"
    conference = "conference"
    event_other = "event_other"
    consult = "consult"
    mentoring = "mentoring"
    open_lesson = "open_lesson"
    self_study = "self_study"
    postcourse = "postcourse"
    community = "community"
    contest = "contest"
    transfer = "transfer"


class ActivityForm(StrEnum):
    """Очно, дистанционно, смешанно."""

    in_person = "in_person"
    distance = "distance"
    mixed = "mixed"


class ActivitySource(StrEnum):
    """Where a line of the catalogue came from; a made-up one is never shown as real."""

    staff = "staff"
    table = "table"
    event = "event"
    demo = "demo"


class Activity(AskedLink, Base):
    """A line of the catalogue. Without dates it is always there; without seats it has room for all."""

    __tablename__ = "activities"
    __table_args__ = (Index("ix_activities_active_sort", "active", "sort", "id"),)

    id: Mapped[Id]
    # The key of the centre's own table: a repeated import finds the line by it.
    code: Mapped[str | None] = mapped_column(String(64), unique=True)
    kind: Mapped[ActivityKind] = mapped_column(index=True)
    title: Mapped[str]
    about: Mapped[str] = mapped_column(Text, default="")
    organiser: Mapped[str] = mapped_column(default="")
    form: Mapped[ActivityForm]
    hours: Mapped[int]
    # Slugs of instruments' audiences (teacher, preschool, leader); empty means everybody.
    audiences: Mapped[list[str]] = mapped_column(default=list)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    seats: Mapped[int | None]
    link: Mapped[str] = mapped_column(String(500), default="")
    # Programmes of the federal register of additional professional programmes.
    in_register: Mapped[bool] = mapped_column(default=False)
    register_number: Mapped[str] = mapped_column(String(64), default="")
    register_until: Mapped[date | None]
    # Where an internship takes place.
    site_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    # The event of the calendar that stands behind the line; its table comes with the events.
    event_id: Mapped[int | None] = mapped_column(BigId, unique=True)
    active: Mapped[bool] = mapped_column(default=True)
    source: Mapped[ActivitySource] = mapped_column(default=ActivitySource.staff)
    search: Mapped[str] = mapped_column(Text, default="")
    sort: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    groups: Mapped[list[ActivityGroup]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="ActivityGroup.group_slug"
    )
    subjects: Mapped[list[ActivitySubject]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="ActivitySubject.subject_slug"
    )
    requires: Mapped[list[ActivityRequirement]] = relationship(
        lazy="raise",
        cascade="all, delete-orphan",
        foreign_keys="ActivityRequirement.activity_id",
        order_by="ActivityRequirement.needs_id",
    )


class ActivityGroup(Base):
    """A group of competences that an activity helps with."""

    __tablename__ = "activity_groups"

    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id", ondelete="CASCADE"), primary_key=True)
    group_slug: Mapped[str] = mapped_column(ForeignKey("competence_groups.slug"), primary_key=True, index=True)


class ActivitySubject(Base):
    """A subject an activity is for; none means any subject."""

    __tablename__ = "activity_subjects"

    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id", ondelete="CASCADE"), primary_key=True)
    subject_slug: Mapped[str] = mapped_column(ForeignKey("subjects.slug"), primary_key=True, index=True)


class ActivityRequirement(Base):
    """An activity that has to be done before another."""

    __tablename__ = "activity_requirements"

    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id", ondelete="CASCADE"), primary_key=True)
    needs_id: Mapped[int] = mapped_column(ForeignKey("activities.id", ondelete="CASCADE"), primary_key=True, index=True)
