"""The only place that asks the machine for the time; rules and services take it as an argument."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo


def utcnow() -> datetime:
    """The moment now, aware, in UTC."""
    return datetime.now(UTC)


def local_date(moment: datetime, zone: tzinfo) -> date:
    """The calendar day of ``moment`` in the region's time zone."""
    return moment.astimezone(zone).date()
