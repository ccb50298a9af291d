"""Working days: Monday to Friday, except where the region's calendar says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

Exceptions = Mapping[date, bool]
"""Days that differ from their week: True is working, False is a day off."""

_LONGEST_REST = 366
"""A calendar without a working day in a year is a mistake, not a holiday."""


def is_working(day: date, exceptions: Exceptions) -> bool:
    """True on a working day."""
    return exceptions.get(day, day.isoweekday() < 6)


def next_working(day: date, exceptions: Exceptions) -> date:
    """The day itself when it is working, else the first working day after it."""
    for ahead in range(_LONGEST_REST):
        candidate = day + timedelta(days=ahead)
        if is_working(candidate, exceptions):
            return candidate
    raise ValueError(f"no working day within a year of {day}")


def previous_working(day: date, exceptions: Exceptions) -> date:
    """The day itself when it is working, else the last working day before it."""
    for back in range(_LONGEST_REST):
        candidate = day - timedelta(days=back)
        if is_working(candidate, exceptions):
            return candidate
    raise ValueError(f"no working day within a year before {day}")


def add_working_days(day: date, count: int, exceptions: Exceptions) -> date:
    """``count`` working days later (earlier when negative); the day itself is not counted."""
    step = timedelta(days=1 if count >= 0 else -1)
    for _ in range(abs(count)):
        day += step
        day = next_working(day, exceptions) if count > 0 else previous_working(day, exceptions)
    return day


def working_days_between(after: date, until: date, exceptions: Exceptions) -> int:
    """Working days later than ``after`` up to ``until`` inclusive; 0 when ``until`` is not later."""
    days = (until - after).days
    return sum(is_working(after + timedelta(days=number), exceptions) for number in range(1, days + 1))
