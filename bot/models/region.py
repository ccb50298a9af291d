"""Facts about this installation that staff may change, and wording they put in place of ours."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base


class RegionSetting(Base):
    """A named value: centre, phones, limits of «молодой», the demonstration mark …"""

    __tablename__ = "region_settings"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[dict[str, Any]]


class WorkingDay(Base):
    """A day that differs from its week: holiday or transferred working day."""

    __tablename__ = "working_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    is_working: Mapped[bool]
    title: Mapped[str] = mapped_column(default="")


class TextOverride(Base):
    """Wording of staff over the shipped one («Тексты»)."""

    __tablename__ = "text_overrides"

    locale: Mapped[str] = mapped_column(String(8), primary_key=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
