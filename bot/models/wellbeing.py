"""Wellbeing: waves of the check, counters that know no person, telephones of help."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base, Id


class WellbeingWave(Base):
    """A time in which answers are counted; before its end nobody sees a number, after it nothing changes."""

    __tablename__ = "wellbeing_waves"

    id: Mapped[Id]
    title: Mapped[str]
    # Slug of the file in data/wellbeing, with its version.
    instrument: Mapped[str] = mapped_column(String(64))
    opens_on: Mapped[date]
    # The last day of counting, included.
    closes_on: Mapped[date] = mapped_column(index=True)
    closed_early: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class WellbeingCounter(Base):
    """How many answers of a wave fell into one cell: a value of one dimension × a level.

    Every row is made with the wave, in the order of the lists, so that an answer leaves nothing but
    a greater number: no row, no time, no person, no link between the two dimensions.
    """

    __tablename__ = "wellbeing_counters"

    wave_id: Mapped[int] = mapped_column(ForeignKey("wellbeing_waves.id", ondelete="CASCADE"), primary_key=True)
    dimension: Mapped[str] = mapped_column(String(16), primary_key=True)
    value: Mapped[str] = mapped_column(String(32), primary_key=True)
    level: Mapped[str] = mapped_column(String(8), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)


class HelpContact(Base):
    """A telephone of help; shown only while its check is fresh."""

    __tablename__ = "help_contacts"

    id: Mapped[Id]
    # Of the region's pack, so that a removed one does not come back; empty for what staff added.
    code: Mapped[str] = mapped_column(String(64), default="")
    title: Mapped[str]
    phone: Mapped[str] = mapped_column(String(32))
    about: Mapped[str] = mapped_column(default="")
    for_children: Mapped[bool] = mapped_column(default=False)
    checked_on: Mapped[date | None]
    removed_on: Mapped[date | None]
