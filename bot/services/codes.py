"""Codes and phrases: made at random, kept as keyed hashes, wrong tries counted."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.models import CodeTries

TRIES = 5
CLOSED_FOR = timedelta(hours=1)

CLOSED_BUTTONS = (("people-code-wrong.help", "menu:help"), ("button-menu", "menu:home"))


PLACES = ("link", "phrase", "event", "cohort")
"""What may be typed wrong in a chat; each is counted for itself."""


def place_of(kind: str, messenger: str, chat_id: int) -> str:
    """The place where wrong tries of a kind are counted."""
    return f"{kind}:{messenger}:{chat_id}"


def places_of(messenger: str, chat_id: int) -> list[str]:
    """Every place of one chat."""
    return [place_of(kind, messenger, chat_id) for kind in PLACES]


def keyed_hash(secret: bytes, kind: str, value: str) -> str:
    """What is stored in place of a code; ``kind`` keeps the kinds apart."""
    return hmac.new(secret, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()


async def check_open(session: AsyncSession, place: str, *, now: datetime) -> None:
    """Raise UserError while the input is closed for this place (a chat, an address)."""
    tries = await session.get(CodeTries, place)
    if tries is not None and tries.closed_until is not None and tries.closed_until > now:
        raise UserError("people-code-closed", buttons=CLOSED_BUTTONS)


async def wrong(session: AsyncSession, place: str, *, now: datetime) -> None:
    """Count a wrong code; the fifth closes the input for an hour."""
    tries = await session.get(CodeTries, place)
    if tries is None:
        tries = CodeTries(place=place, wrong=0, updated_at=now)
        session.add(tries)
    if now - tries.updated_at > CLOSED_FOR:
        tries.wrong = 0
    tries.wrong += 1
    tries.updated_at = now
    if tries.wrong >= TRIES:
        tries.closed_until, tries.wrong = now + CLOSED_FOR, 0
    await session.flush()


async def right(session: AsyncSession, place: str) -> None:
    """A right code clears the count."""
    tries = await session.get(CodeTries, place)
    if tries is not None:
        await session.delete(tries)
        await session.flush()
