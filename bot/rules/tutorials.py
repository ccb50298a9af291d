"""Tutorials: what a methodist types to open slots, and the slots of a window. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTES = 30
MOST = 16
"""Slots of one window: a working day."""

_window = re.compile(
    r"^\s*(?P<day>\d{1,2})\.(?P<month>\d{1,2})(?:\.(?P<year>\d{4}))?[\s,]+(?:с\s+)?"
    r"(?P<h1>\d{1,2})[:.](?P<m1>\d{2})\s*(?:-|–|—|до)\s*(?P<h2>\d{1,2})[:.](?P<m2>\d{2})\s*$"
)


def window(text: str, *, today: date, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """«28.11 15:00–17:00» as two moments; a day without a year is the nearest one ahead. None: not readable."""
    match = _window.match(text)
    if match is None:
        return None
    try:
        year = int(match["year"] or today.year)
        day = date(year, int(match["month"]), int(match["day"]))
        if match["year"] is None and day < today:
            day = day.replace(year=year + 1)
        begin, end = time(int(match["h1"]), int(match["m1"])), time(int(match["h2"]), int(match["m2"]))
    except ValueError:
        return None
    if end <= begin:
        return None
    return datetime.combine(day, begin, tzinfo=zone), datetime.combine(day, end, tzinfo=zone)


def slots(begin: datetime, end: datetime, minutes: int = MINUTES) -> list[datetime]:
    """Beginnings of the whole slots of a window, at most a working day of them."""
    found: list[datetime] = []
    while begin + timedelta(minutes=minutes) <= end and len(found) < MOST:
        found.append(begin)
        begin += timedelta(minutes=minutes)
    return found
