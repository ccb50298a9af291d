"""Indicators: numbers from statistics, snapshots that never change."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base, Id


class StatFigure(Base):
    """A number of official statistics for a territory and a time; a correction withdraws it and adds another."""

    __tablename__ = "stat_figures"
    __table_args__ = (Index("ix_stat_figures_slug_place", "slug", "municipality_id", "first"),)

    id: Mapped[Id]
    # What is counted: a slug of data/common/figures.yaml.
    slug: Mapped[str] = mapped_column(String(64))
    # Null: the whole region.
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipalities.id"), index=True)
    # The days it is used for, both inside.
    first: Mapped[date]
    last: Mapped[date]
    value: Mapped[int]
    # Form or order («ОО-1»), its number or address, the day whose state it gives.
    source: Mapped[str]
    document: Mapped[str] = mapped_column(default="")
    state_on: Mapped[date | None]
    # The form whose total it is.
    form_id: Mapped[int | None] = mapped_column(ForeignKey("forms.id", ondelete="SET NULL"), index=True)
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    entered_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class SnapshotState(StrEnum):
    """``taken`` waits for approval; ``reopened`` stands no longer, the next one replaces it."""

    taken = "taken"
    frozen = "frozen"
    reopened = "reopened"


class Snapshot(Base):
    """All indicators of a period as they were known at a moment, with their definitions and figures."""

    __tablename__ = "indicator_snapshots"

    id: Mapped[Id]
    title: Mapped[str]
    # As it is asked for: 2026, 2026-Q1, 2025/2026, A..B.
    period: Mapped[str] = mapped_column(String(32))
    as_of: Mapped[date]
    # What was recorded later is not in it.
    known_at: Mapped[datetime]
    state: Mapped[SnapshotState] = mapped_column(default=SnapshotState.taken)
    order_no: Mapped[str] = mapped_column(String(64), default="")
    order_date: Mapped[date | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    approved_at: Mapped[datetime | None]
    reopened_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    reopened_at: Mapped[datetime | None]
    reopen_reason: Mapped[str] = mapped_column(Text, default="")
    taken_at: Mapped[datetime]
    # Definitions, figures and numbers: services/indicators/freezing.py.
    content: Mapped[dict[str, Any]] = mapped_column(default=dict)
    digest: Mapped[str] = mapped_column(String(64), default="")


class SnapshotList(Base):
    """Whom a number of a snapshot is made of: numbers of facts with their places, packed; no person is named."""

    __tablename__ = "indicator_snapshot_lists"

    snapshot_id: Mapped[int] = mapped_column(ForeignKey("indicator_snapshots.id", ondelete="CASCADE"), primary_key=True)
    indicator: Mapped[str] = mapped_column(String(16), primary_key=True)
    rows: Mapped[bytes] = mapped_column(LargeBinary)
