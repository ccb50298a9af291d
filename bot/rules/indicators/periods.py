"""Periods: a calendar year, a quarter, an academic year, any dates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

_year = re.compile(r"(\d{4})")
_quarter = re.compile(r"(\d{4})-Q([1-4])", re.IGNORECASE)
_academic = re.compile(r"(\d{4})/(\d{4}|\d{2})")
_range = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True, slots=True)
class Period:
    """Two days, both inside; ``name`` is what was asked for: 2026, 2026-Q1, 2025/2026, A..B."""

    name: str
    first: date
    last: date

    @property
    def kind(self) -> str:
        """year, quarter, academic, range."""
        if ".." in self.name:
            return "range"
        if "/" in self.name:
            return "academic"
        return "quarter" if "Q" in self.name else "year"

    def before(self) -> Period:
        """The same period before: a year earlier, for any dates as many days just before."""
        if self.kind == "range":
            days = self.last - self.first
            last = self.first - timedelta(days=1)
            return _days(last - days, last)
        back = relativedelta(years=1)
        first = self.first - back
        name = f"{first.year}/{first.year + 1}" if self.kind == "academic" else f"{first.year}{self.name[4:]}"
        return Period(name, first, self.last - back)


def period_of(text: str) -> Period | None:
    """The period that is meant, None for anything else (years 1990–2100)."""
    found = _read(text.strip())
    return found if found is not None and found.first.year >= 1990 and found.last.year <= 2101 else None


def _read(text: str) -> Period | None:
    try:
        if found := _year.fullmatch(text):
            year = int(found[1])
            return Period(text, date(year, 1, 1), date(year, 12, 31))
        if found := _quarter.fullmatch(text):
            first = date(int(found[1]), int(found[2]) * 3 - 2, 1)
            return Period(text.upper(), first, first + relativedelta(months=3, days=-1))
        if found := _academic.fullmatch(text):
            year, end = int(found[1]), int(found[2])
            if end not in (year + 1, (year + 1) % 100):
                return None
            return Period(f"{year}/{year + 1}", date(year, 9, 1), date(year + 1, 8, 31))
        if found := _range.fullmatch(text):
            first, last = date.fromisoformat(found[1]), date.fromisoformat(found[2])
            return _days(first, last) if first <= last else None
    except ValueError:
        return None
    return None


def academic_year_of(day: date) -> Period:
    """The academic year (1 September – 31 August) a day belongs to."""
    year = day.year if day.month >= 9 else day.year - 1
    return Period(f"{year}/{year + 1}", date(year, 9, 1), date(year + 1, 8, 31))


def quarter_of(day: date) -> Period:
    """The quarter of a day."""
    found = period_of(f"{day.year}-Q{(day.month + 2) // 3}")
    assert found is not None
    return found


def _days(first: date, last: date) -> Period:
    return Period(f"{first.isoformat()}..{last.isoformat()}", first, last)
