"""When somebody who asked is reminded of a contest's term, and how a contest stands on a day."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

BEFORE = timedelta(days=7)
"""So long before the term: a week is enough to write an application."""


class Standing(StrEnum):
    """``open``: applications are taken; ``closing``: the last week of it; ``running``: they are not, it goes on."""

    open = "open"
    closing = "closing"
    no_term = "no_term"
    running = "running"
    over = "over"


def standing(apply_by: date | None, ends_on: date | None, today: date) -> Standing:
    """How a contest stands. The day of the term itself is still open."""
    if apply_by is not None and apply_by >= today:
        return Standing.closing if apply_by - today <= BEFORE else Standing.open
    if ends_on is not None and ends_on < today:
        return Standing.over
    if apply_by is None:
        return Standing.no_term
    return Standing.running if ends_on is not None else Standing.over


def remind_on(apply_by: date, asked_on: date) -> date | None:
    """A week before the term; the day before it for who asked later; None when there is no day left."""
    if asked_on <= apply_by - BEFORE:
        return apply_by - BEFORE
    day = apply_by - timedelta(days=1)
    return day if asked_on < apply_by else None
