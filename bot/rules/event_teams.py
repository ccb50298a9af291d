"""Arithmetic of a school team: its size, its term, how long an invitation waits."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

MOST = 30
"""Members of the largest team an event may ask for."""

BEFORE = timedelta(days=2)
"""So long before the day of the event a team should stand."""

LEAST = timedelta(hours=12)
"""An answer has at least so much time from the moment one may be written to, also when the term is over by then."""


class Size(StrEnum):
    """How a number of people stands to what the event asks for."""

    few = "few"
    right = "right"
    many = "many"


def may_be(least: int | None, most: int | None, seats: int | None) -> bool:
    """True for two bounds an event may have: none at all, or 1 < least ≤ most within its seats."""
    if least is None or most is None:
        return least is most
    return 1 < least <= most <= min(MOST, most if seats is None else seats)


def size(people: int, least: int, most: int) -> Size:
    """The organiser counts."""
    if people < least:
        return Size.few
    return Size.right if people <= most else Size.many


def term(starts_at: datetime, closes_at: datetime | None, zone: ZoneInfo, *, made_at: datetime) -> datetime:
    """By when the team should have answered: the evening two days before, never after sign-up closes.

    A team gathered later than that still has ``LEAST``.
    """
    day = starts_at.astimezone(zone).date() - BEFORE
    evening = datetime.combine(day, time(23, 59), tzinfo=zone)
    last = starts_at if closes_at is None else min(closes_at, starts_at)
    return min(max(evening, made_at + LEAST), last)


def hold(begins: datetime, usual: datetime, until: datetime, starts_at: datetime) -> datetime:
    """Until when a seat waits for a word asked for at ``begins``: the term of the team, but never a night only."""
    return min(usual, max(until, begins + LEAST), starts_at)
