"""Consents: one document, one aim, one version (152-ФЗ ст. 9 as of 01.09.2025)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.models.base import Base, Id
from bot.models.people import Messenger


class ConsentKind(StrEnum):
    """The aim of a consent."""

    data = "data"
    news = "news"
    publish = "publish"
    share = "share"


class ConsentText(Base):
    """A published version of a consent document; never changed afterwards."""

    __tablename__ = "consent_texts"
    __table_args__ = (UniqueConstraint("kind", "version"),)

    id: Mapped[Id]
    kind: Mapped[ConsentKind]
    version: Mapped[int]
    title: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime]


class Consent(Base):
    """A consent given, and perhaps taken back."""

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_person_kind", "person_id", "kind"),)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    kind: Mapped[ConsentKind]
    text_id: Mapped[int] = mapped_column(ForeignKey("consent_texts.id"))
    messenger: Mapped[Messenger]
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    text: Mapped[ConsentText] = relationship(lazy="raise")
