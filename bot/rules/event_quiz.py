"""The quiz after a session: when it is open, what is enough, what a press may say. No keys leave these functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

BEFORE_END = timedelta(minutes=15)
"""So long before the end of the event the quiz opens: the presenter may leave time for it."""

MOST = 5
OPTIONS = (2, 5)


class Stand(StrEnum):
    """Where a person stands before the quiz."""

    ask = "ask"
    early = "early"
    over = "over"
    marked = "marked"
    spent = "spent"


def window(ends_at: datetime, hours: int) -> tuple[datetime, datetime]:
    """When the quiz opens and when it closes."""
    return ends_at - BEFORE_END, ends_at + timedelta(hours=hours)


def stand(
    *, now: datetime, opens: datetime, until: datetime, closed_at: datetime | None, marked: bool, tries: int, most: int
) -> Stand:
    """What is said first: a mark that counts, then the clock, then the tries."""
    if marked:
        return Stand.marked
    if now < opens:
        return Stand.early
    if now > until or (closed_at is not None and closed_at <= now):
        return Stand.over
    return Stand.ask if tries < most else Stand.spent


def needed(size: int, share: int) -> int:
    """The least number of right answers that is at least ``share`` percent of ``size``; never none."""
    return max(-(-size * share // 100), 1)


def read(chosen: str, sizes: Sequence[int]) -> tuple[int, ...] | None:
    """«012» of a button as places of options; None for what no button of this quiz says."""
    if len(chosen) > len(sizes) or not (chosen.isascii() and (chosen.isdigit() or not chosen)):
        return None
    places = tuple(int(one) for one in chosen)
    return places if all(place < size for place, size in zip(places, sizes, strict=False)) else None


def graded(chosen: Sequence[int], keys: Sequence[int]) -> tuple[bool, ...]:
    """Question by question: right or not."""
    return tuple(one == key for one, key in zip(chosen, keys, strict=True))
