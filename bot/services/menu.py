"""What the main menu offers first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.services import region
from bot.services.identities import Caller


@dataclass(frozen=True, slots=True)
class NextStep:
    """The nearest thing: a locale key of its name, of its button, and where the button leads."""

    text: str
    button: str
    action: str
    args: dict[str, Any]


Source = Callable[..., Awaitable[NextStep | None]]

SOURCES: list[Source] = []
"""Subjects offer their nearest thing (``source(session, caller, now=…)``), the most urgent subject first."""


def offer(*sources: Source) -> None:
    """Set whose nearest things the menu shows, in this order."""
    SOURCES[:] = sources


async def nearest(session: AsyncSession, caller: Caller, *, now: datetime) -> NextStep | None:
    """The first thing any subject has for this person."""
    for source in SOURCES:
        step = await source(session, caller, now=now)
        if step is not None:
            return step
    return None


async def centre_name(session: AsyncSession) -> str:
    """The centre's name for the first screen."""
    values = await region.centre(session)
    return str(values["name"] or values["short_name"])


async def contact(session: AsyncSession) -> dict[str, str]:
    """Phone and hours of the centre."""
    values = await region.centre(session)
    return {"phone": str(values["phone"]), "hours": str(values["hours"])}
