"""Ids of chats that are unique over all messengers, so that nobody's words go to a namesake number."""

from __future__ import annotations

from bot.models.people import Messenger

RANGES: dict[Messenger, int] = {
    Messenger.telegram: 0,
    Messenger.vk: 2 * 10**15,
    Messenger.max: 3 * 10**15,
    Messenger.web: 5 * 10**15,
}
"""First coded id of each messenger; every id fits in 2**53 and BIGINT."""

SPAN = 10**15

MAX_GROUPS = 4 * 10**15
"""First coded id of MAX's chats of many, whose own numbers are negative."""


def coded(messenger: Messenger, number: int) -> int:
    """A messenger's own id as ours: unique over all messengers."""
    return RANGES[messenger] + abs(number)


def decoded(messenger: Messenger, number: int) -> int:
    """The messenger's own id; ValueError for a number of a foreign range."""
    start = RANGES[messenger]
    if not start <= number < start + SPAN and not (messenger is Messenger.telegram and number < 0):
        raise ValueError(f"{number} is not a chat of {messenger}")
    return number - start
