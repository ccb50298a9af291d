"""Where people work: municipalities, organisations, bodies (органы), dated employment."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.models.base import Base, Id


class Municipality(Base):
    """A municipal district or okrug of the region."""

    __tablename__ = "municipalities"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(String(32), default="district")
    sort: Mapped[str] = mapped_column(index=True)


class Organisation(Base):
    """A school, kindergarten or other place of work."""

    __tablename__ = "organisations"

    id: Mapped[Id]
    code: Mapped[str | None] = mapped_column(String(64), unique=True)
    name: Mapped[str]
    short_name: Mapped[str]
    kind: Mapped[str] = mapped_column(String(32), default="school")
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipalities.id"), index=True)
    settlement: Mapped[str] = mapped_column(default="")
    flags: Mapped[list[str]] = mapped_column(default=list)
    # Added by a person who did not find hers; a coordinator approves or merges it.
    approved_at: Mapped[datetime | None]
    search: Mapped[str] = mapped_column(Text, default="")
    sort: Mapped[str] = mapped_column(index=True)

    municipality: Mapped[Municipality] = relationship(lazy="raise")


class Position(Base):
    """A post of the staff list (должность); data of the pack, the slug is stable."""

    __tablename__ = "positions"

    slug: Mapped[str] = mapped_column(String(32), primary_key=True)
    title: Mapped[str]
    # Which wording of an instrument fits, and which instrument: teacher, preschool, leader.
    audience: Mapped[str] = mapped_column(String(32), default="teacher")
    is_manager: Mapped[bool] = mapped_column(default=False)
    place: Mapped[int] = mapped_column(default=0)


class Subject(Base):
    """A school subject; data of the pack, the slug is stable."""

    __tablename__ = "subjects"

    slug: Mapped[str] = mapped_column(String(32), primary_key=True)
    title: Mapped[str]
    place: Mapped[int] = mapped_column(default=0)


class Employment(Base):
    """Work of a person at an organisation, dated; one main job at a time."""

    __tablename__ = "employments"
    __table_args__ = (Index("ix_employments_person_current", "person_id", "until"),)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    position_slug: Mapped[str] = mapped_column(ForeignKey("positions.slug"))
    position_title: Mapped[str] = mapped_column(default="")
    is_main: Mapped[bool] = mapped_column(default=True)
    share: Mapped[float] = mapped_column(default=1.0)
    since: Mapped[date]
    until: Mapped[date | None]

    organisation: Mapped[Organisation] = relationship(lazy="raise")
    position: Mapped[Position] = relationship(lazy="raise")
    subjects: Mapped[list[EmploymentSubject]] = relationship(lazy="raise", cascade="all, delete-orphan")


class EmploymentSubject(Base):
    """A subject taught within an employment."""

    __tablename__ = "employment_subjects"

    employment_id: Mapped[int] = mapped_column(ForeignKey("employments.id", ondelete="CASCADE"), primary_key=True)
    subject_slug: Mapped[str] = mapped_column(ForeignKey("subjects.slug"), primary_key=True, index=True)

    subject: Mapped[Subject] = relationship(lazy="raise")


class BodyLevel(StrEnum):
    """The level of a body, as structure.md §4 marks it."""

    federal = "federal"
    regional = "regional"
    municipal = "municipal"
    institution = "institution"
    community = "community"


class BodyPost(StrEnum):
    """What a person is in a body."""

    head = "head"
    deputy = "deputy"
    responsible = "responsible"
    member = "member"


class Body(Base):
    """An organ or institution that answers for measures: ministry, ИРО, ЦНППМ, УО, ММС …"""

    __tablename__ = "bodies"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(64), unique=True)
    abbreviation: Mapped[str]
    name: Mapped[str] = mapped_column(Text)
    level: Mapped[BodyLevel]
    aliases: Mapped[list[str]] = mapped_column(default=list)
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipalities.id"), index=True)


class BodyMembership(Base):
    """A person's dated post in a body; the pack never fills real persons."""

    __tablename__ = "body_memberships"
    __table_args__ = (UniqueConstraint("body_id", "person_id", "post", "since"),)

    id: Mapped[Id]
    body_id: Mapped[int] = mapped_column(ForeignKey("bodies.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    post: Mapped[BodyPost]
    title: Mapped[str] = mapped_column(default="")
    since: Mapped[date]
    until: Mapped[date | None]

    body: Mapped[Body] = relationship(lazy="raise")
