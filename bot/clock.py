"""The only place that asks the machine for the time; rules and services take it as an argument.

At the edge (a chat, a page, a command, a job) the moment is put into the region's zone, so that its day is the
region's day: a role given at half past midnight begins at once, and ends with the region's evening.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo


def utcnow() -> datetime:
    """The moment now, aware, in UTC."""
    return datetime.now(UTC)


def now_in(zone: tzinfo) -> datetime:
    """The moment now, aware, in the region's time zone."""
    return utcnow().astimezone(zone)


def local_date(moment: datetime, zone: tzinfo) -> date:
    """The calendar day of ``moment`` in the region's time zone."""
    return moment.astimezone(zone).date()
