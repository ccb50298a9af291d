"""Persons, their messenger accounts, roles and the codes that open them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.models.base import Base, Id
from bot.models.places import Employment


class Messenger(StrEnum):
    """The channels."""

    telegram = "telegram"
    vk = "vk"
    max = "max"
    web = "web"


class PersonState(StrEnum):
    """Life of a profile; a deleted person is no row at all."""

    active = "active"
    deleting = "deleting"
    archived = "archived"


class Person(Base):
    """A member of staff: self-registered or imported, made one by ``merge``."""

    __tablename__ = "people"
    __table_args__ = (Index("ix_people_state_sort", "state", "sort"), Index("ix_people_sort_id", "sort", "id"))

    id: Mapped[Id]
    # The key that facts hold: it says nothing, and deletion replaces it by another.
    key: Mapped[str] = mapped_column(String(32), unique=True)
    last_name: Mapped[str] = mapped_column(String(100))
    first_name: Mapped[str] = mapped_column(String(100))
    middle_name: Mapped[str] = mapped_column(String(100), default="")
    birth_year: Mapped[int | None]
    teach_since_year: Mapped[int | None]
    teach_since: Mapped[date | None]
    category: Mapped[str] = mapped_column(String(32), default="")
    state: Mapped[PersonState] = mapped_column(default=PersonState.active)
    locale: Mapped[str] = mapped_column(String(8), default="ru")
    # School curator, coordinator or import code; indicators count confirmed people.
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    confirmed_how: Mapped[str] = mapped_column(String(32), default="")
    # False for an imported person who has not yet come to a chat herself.
    registered_at: Mapped[datetime | None]
    # Outside key of the import (табельный номер or another), never shown in chats.
    import_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    # «Когда писать»: HH-HH in region time, or "answers" for answers only.
    writing_window: Mapped[str] = mapped_column(String(16), default="")
    preferred_identity_id: Mapped[int | None]
    delete_after: Mapped[datetime | None] = mapped_column(index=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    search: Mapped[str] = mapped_column(Text, default="")
    sort: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    identities: Mapped[list[Identity]] = relationship(lazy="raise", foreign_keys="Identity.person_id")
    employments: Mapped[list[Employment]] = relationship(lazy="raise", foreign_keys="Employment.person_id")
    roles: Mapped[list[RoleAssignment]] = relationship(lazy="raise", foreign_keys="RoleAssignment.person_id")

    @property
    def full_name(self) -> str:
        """Фамилия Имя Отчество."""
        return " ".join(part for part in (self.last_name, self.first_name, self.middle_name) if part)

    @property
    def short_name(self) -> str:
        """Имя Отчество, the way one is addressed."""
        return " ".join(part for part in (self.first_name, self.middle_name) if part)


class Identity(Base):
    """A messenger account of a person. Ids are coded (messengers/base.py) and fit in BIGINT."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("messenger", "user_id"),)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    messenger: Mapped[Messenger]
    user_id: Mapped[int] = mapped_column(BigInteger)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    linked_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]
    blocked_at: Mapped[datetime | None]


class Role(StrEnum):
    """Role slugs of design.md, decision 12."""

    teacher = "teacher"
    mentor = "mentor"
    methodist = "methodist"
    duty = "duty"
    school_head = "school_head"
    curator = "curator"
    municipal_coordinator = "municipal_coordinator"
    tutor = "tutor"
    centre_staff = "centre_staff"
    centre_head = "centre_head"
    analyst = "analyst"
    privacy_officer = "privacy_officer"
    tech_admin = "tech_admin"
    responsible = "responsible"


class ScopeKind(StrEnum):
    """How far a role reaches."""

    region = "region"
    municipality = "municipality"
    organisation = "organisation"
    body = "body"
    assigned = "assigned"
    theme = "theme"


class RoleAssignment(Base):
    """A role of a person within a scope, dated; revoking keeps the row."""

    __tablename__ = "role_assignments"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role]
    scope_kind: Mapped[ScopeKind]
    scope_id: Mapped[int | None]
    since: Mapped[date]
    until: Mapped[date | None]
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    revoked_at: Mapped[datetime | None]


class Invitation(Base):
    """A one-time code that opens a role; only its hash is kept."""

    __tablename__ = "invitations"

    id: Mapped[Id]
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[Role]
    scope_kind: Mapped[ScopeKind]
    scope_id: Mapped[int | None]
    until: Mapped[date]
    expires_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    used_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    used_at: Mapped[datetime | None]


class LinkCode(Base):
    """A six-digit code that brings a profile to another messenger: 10 minutes, once."""

    __tablename__ = "link_codes"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class CodeTries(Base):
    """Wrong codes from one place; five close the input for an hour."""

    __tablename__ = "code_tries"

    place: Mapped[str] = mapped_column(String(80), primary_key=True)
    wrong: Mapped[int] = mapped_column(default=0)
    closed_until: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class ReturnPhrase(Base):
    """The personal phrase that opens the profile in the web chat (≥ 60 bits), kept as a keyed hash."""

    __tablename__ = "return_phrases"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    phrase_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class MethodistAssignment(Base):
    """A methodist appointed to a teacher, by order; the ИОМ subject owns its rules."""

    __tablename__ = "methodist_assignments"

    id: Mapped[Id]
    methodist_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    subject_slug: Mapped[str | None] = mapped_column(ForeignKey("subjects.slug"))
    order_no: Mapped[str] = mapped_column(String(64), default="")
    order_date: Mapped[date | None]
    since: Mapped[date]
    until: Mapped[date | None]


class AppointmentKind(StrEnum):
    """Why methodists were appointed."""

    rule = "rule"
    leaving = "leaving"


class Appointment(Base):
    """Teachers given to methodists by one order; it can be undone, and what it changed is kept."""

    __tablename__ = "appointments"
    __table_args__ = (
        Index(
            "ix_appointments_untold",
            "id",
            sqlite_where=text("told_at IS NULL"),
            postgresql_where=text("told_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    kind: Mapped[AppointmentKind]
    order_no: Mapped[str] = mapped_column(String(64))
    order_date: Mapped[date]
    # The order lets a methodist have more teachers than the cap.
    over_cap: Mapped[bool] = mapped_column(default=False)
    leaving_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    made_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    # When the people were told of it as it stands; undoing asks for telling again.
    told_at: Mapped[datetime | None]


class AppointmentMove(Base):
    """One teacher of an appointment: the row it made, the row it ended and until when that had been meant."""

    __tablename__ = "appointment_moves"

    id: Mapped[Id]
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    given_id: Mapped[int] = mapped_column(ForeignKey("methodist_assignments.id", ondelete="CASCADE"))
    taken_id: Mapped[int | None] = mapped_column(ForeignKey("methodist_assignments.id", ondelete="SET NULL"))
    taken_until: Mapped[date | None]


class StaffAccount(Base):
    """Sign-in of staff to the admin: password and one-time codes."""

    __tablename__ = "staff_accounts"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    password_hash: Mapped[str] = mapped_column(default="")
    totp_secret: Mapped[str] = mapped_column(String(64), default="")
    totp_last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    wrong: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]


class SigninLink(Base):
    """A link that opens the admin: once, or (demonstration) again and again."""

    __tablename__ = "signin_links"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(32), default="")
    reusable: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class StaffSession(Base):
    """A signed-in browser; the cookie holds the token, we keep its hash."""

    __tablename__ = "staff_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    # "code": the password was right, the one-time code is awaited; "open": signed in.
    stage: Mapped[str] = mapped_column(String(8), default="open")
    # The role the person works in now; empty until she chooses.
    role: Mapped[str] = mapped_column(String(32), default="")
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class PrivacyRequest(Base):
    """A person's request about her data, with the day by which it must be answered."""

    __tablename__ = "privacy_requests"

    id: Mapped[Id]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
