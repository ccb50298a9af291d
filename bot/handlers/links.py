"""Deep links: what follows «/start», and what survives a registration."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.middlewares.turn import Turn

Opener = Callable[[Turn, str], Awaitable[None]]

LINKS: dict[str, Opener] = {}
"""Prefix of the payload (``role``, ``event`` …) → what opens ``prefix_rest``."""


async def open_link(turn: Turn, payload: str) -> bool:
    """Open the screen a link names; False when no part of the product knows it."""
    prefix, _, rest = payload.partition("_")
    opener = LINKS.get(prefix)
    if opener is None or not rest:
        return False
    await opener(turn, rest)
    return True
