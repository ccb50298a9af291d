"""The personal return phrase: the way back for a teacher who has the web chat and nothing else."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import ReturnPhrase
from bot.rules.words import folded
from bot.services import codes

CONSONANTS = "бвгджзклмнпрстфх"
VOWELS = "аоуи"
WORDS = 4
SYLLABLES = 3
"""16 × 4 syllables, three in a word, four words: 72 bits, and it can be said aloud."""


def make() -> str:
    """A new phrase: «балоду нитаро вукима сопиха»."""
    return " ".join(
        "".join(secrets.choice(CONSONANTS) + secrets.choice(VOWELS) for _ in range(SYLLABLES)) for _ in range(WORDS)
    )


async def replace(session: AsyncSession, person_id: int, *, secret: bytes, now: datetime) -> str:
    """A new phrase in place of the one before; it is shown once and kept as a keyed hash."""
    await revoke(session, person_id, now=now)
    phrase = make()
    session.add(ReturnPhrase(person_id=person_id, phrase_hash=_hash(secret, phrase), created_at=now))
    await session.flush()
    return phrase


async def revoke(session: AsyncSession, person_id: int, *, now: datetime) -> bool:
    """End the phrase; False when there was none."""
    ended = await session.execute(
        update(ReturnPhrase)
        .where(ReturnPhrase.person_id == person_id, ReturnPhrase.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(ReturnPhrase.id)
    )
    return bool(ended.all())


async def made_at(session: AsyncSession, person_id: int) -> datetime | None:
    """When the phrase that works now was made; None without one."""
    return await session.scalar(
        select(ReturnPhrase.created_at).where(ReturnPhrase.person_id == person_id, ReturnPhrase.revoked_at.is_(None))
    )


async def enter(session: AsyncSession, text: str, *, secret: bytes, now: datetime) -> int | None:
    """The person whose phrase it is, however it was spaced or capitalised; None for a wrong one."""
    used = await session.execute(
        update(ReturnPhrase)
        .where(ReturnPhrase.phrase_hash == _hash(secret, text), ReturnPhrase.revoked_at.is_(None))
        .values(used_at=now)
        .returning(ReturnPhrase.person_id)
    )
    return used.scalar_one_or_none()


def _hash(secret: bytes, phrase: str) -> str:
    return codes.keyed_hash(secret, "phrase", "".join(sign for sign in folded(phrase) if sign.isalpha()))
