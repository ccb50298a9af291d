"""Consents: one document, one aim, one version; given, read, taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from bot.errors import NotFound
from bot.models import Consent, ConsentKind, ConsentText, Messenger
from bot.services import identities


@dataclass(frozen=True, slots=True)
class Document:
    """A published text."""

    id: int
    kind: ConsentKind
    version: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Given:
    """A consent in force."""

    id: int
    kind: ConsentKind
    title: str
    version: int
    given_at: datetime


async def document(session: AsyncSession, kind: ConsentKind) -> Document:
    """The newest version; NotFound while none is published."""
    row = await session.scalar(
        select(ConsentText).where(ConsentText.kind == kind).order_by(ConsentText.version.desc()).limit(1)
    )
    if row is None:
        raise NotFound()
    return Document(row.id, row.kind, row.version, row.title, row.text)


async def in_force(session: AsyncSession, person_id: int) -> list[Given]:
    """What a person agreed to and has not taken back."""
    rows = await session.scalars(
        select(Consent)
        .where(Consent.person_id == person_id, Consent.withdrawn_at.is_(None))
        .options(joinedload(Consent.text))
        .order_by(Consent.id.desc())
    )
    # Two profiles made one may both have agreed: the newer consent speaks.
    newest = {row.kind: row for row in reversed(rows.all())}
    order = list(ConsentKind)
    return [
        Given(row.id, row.kind, row.text.title, row.text.version, row.given_at)
        for row in sorted(newest.values(), key=lambda row: order.index(row.kind))
    ]


async def has(session: AsyncSession, person_id: int, kind: ConsentKind) -> bool:
    """True while a consent of the kind is in force."""
    found = await session.scalar(
        select(Consent.id)
        .where(Consent.person_id == person_id, Consent.kind == kind, Consent.withdrawn_at.is_(None))
        .limit(1)
    )
    return found is not None


async def give(
    session: AsyncSession, person_id: int, kind: ConsentKind, *, messenger: Messenger, now: datetime, text_id: int = 0
) -> None:
    """Record a consent to the version that was shown (``text_id``), else to the newest; twice is once."""
    if await has(session, person_id, kind):
        return
    shown = text_id or (await document(session, kind)).id
    session.add(Consent(person_id=person_id, kind=kind, text_id=shown, messenger=messenger, given_at=now))
    await session.flush()


async def withdraw(session: AsyncSession, person_id: int, kind: ConsentKind, *, now: datetime) -> bool:
    """Take a consent back; False when there was none."""
    changed = await session.execute(
        update(Consent)
        .where(Consent.person_id == person_id, Consent.kind == kind, Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
        .returning(Consent.id)
    )
    identities.changed(session, person_id)
    return bool(changed.all())
