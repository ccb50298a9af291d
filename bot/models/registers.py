"""Registers of the region: records of every kind in one table, each with its history; imports under way."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import AskedLink, Base, Id


class RecordState(StrEnum):
    """``removed``: written by mistake, counted nowhere; its history stays."""

    active = "active"
    paused = "paused"
    closed = "closed"
    removed = "removed"


class Register(Base):
    """Who keeps a register and on which day it was last said to be right; its kind is data of ``data/registers``."""

    __tablename__ = "registers"

    slug: Mapped[str] = mapped_column(String(14), primary_key=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    checked_on: Mapped[date | None]
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)


class RegisterRecord(AskedLink, Base):
    """A line of a register as it stands now; ``values`` are the fields of its kind."""

    __tablename__ = "register_records"
    __table_args__ = (
        UniqueConstraint("register", "code"),
        Index("ix_register_records_sort", "register", "state", "sort", "id"),
        Index("ix_register_records_print", "register", "fingerprint"),
        Index("ix_register_records_ends", "register", "ends_on"),
    )

    id: Mapped[Id]
    register: Mapped[str] = mapped_column(String(14))
    # The key of the region's own table: a repeated import finds the line by it.
    code: Mapped[str | None] = mapped_column(String(64))
    # The name of the thing, or of the person in registers of people.
    title: Mapped[str] = mapped_column(String(500))
    state: Mapped[RecordState] = mapped_column(default=RecordState.active)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipalities.id"), index=True)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Equal for two rows that say the same thing, when there is no code to know them by.
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    is_demo: Mapped[bool] = mapped_column(default=False)
    sort: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class RegisterVersion(Base):
    """How a record stood from a day on; the latest is the record itself."""

    __tablename__ = "register_versions"
    __table_args__ = (Index("ix_register_versions_record", "record_id", "since", "id"),)

    id: Mapped[Id]
    record_id: Mapped[int] = mapped_column(ForeignKey("register_records.id", ondelete="CASCADE"))
    since: Mapped[date] = mapped_column(index=True)
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    # title, state, organisation_id, municipality_id, starts_on, ends_on, values.
    snapshot: Mapped[dict[str, Any]] = mapped_column(default=dict)
    note: Mapped[str] = mapped_column(Text, default="")


class ImportState(StrEnum):
    """A table is read, looked at by a person, written; ``failed`` could not be read."""

    reading = "reading"
    ready = "ready"
    writing = "writing"
    done = "done"
    failed = "failed"


class RegisterImport(Base):
    """A table on its way into a register, and how far it is."""

    __tablename__ = "register_imports"

    id: Mapped[Id]
    register: Mapped[str] = mapped_column(String(14))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id", ondelete="SET NULL"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    state: Mapped[ImportState] = mapped_column(default=ImportState.reading)
    created_at: Mapped[datetime]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    # Rows by what they are: new, changed, same, wrong.
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # The first wrong rows with reasons, and headings that are not used.
    found: Mapped[dict[str, Any]] = mapped_column(default=dict)
