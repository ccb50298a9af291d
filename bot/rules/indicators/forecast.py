"""Where a growing number will be at the pace of late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

LEAST = 3
"""Points a pace is judged by: the last so many."""


def ahead(points: Sequence[tuple[date, int]], on: date) -> int | None:
    """The number on a later day if it grows as over the last points; None where nothing is said of the future.

    Too few points, a day that is not ahead, a number that falls: no pace.
    """
    if len(points) < LEAST:
        return None
    (begun, was), (now, is_) = points[-LEAST], points[-1]
    if on <= now or is_ < was:
        return None
    # Whole people, rounded down: a promise is not made larger than it is.
    return is_ + (is_ - was) * (on - now).days // (now - begun).days
