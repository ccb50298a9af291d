"""Who is a young specialist on a day (docs/glossary.md: ``young``; limits are region settings)."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from dateutil.relativedelta import relativedelta

AGE = 35
"""Whole years, inclusive, counted as year of the date − year of birth."""

YEARS = 3
"""Years of work with children, inclusive."""


def age_on(birth_year: int, on: date) -> int:
    """Age as the region counts it: only the year of birth is known."""
    return on.year - birth_year


def started_on(teach_since_year: int | None, teach_since: date | None) -> date | None:
    """The first day of work with children: the known date, else 1 September of the first year."""
    if teach_since is not None:
        return teach_since
    return date(teach_since_year, 9, 1) if teach_since_year is not None else None


def experience_on(teach_since_year: int | None, teach_since: date | None, on: date) -> int | None:
    """Full years of work on a day; None when the start is unknown, −1 when it is still ahead."""
    start = started_on(teach_since_year, teach_since)
    if start is None:
        return None
    return relativedelta(on, start).years if start <= on else -1


def young_span(
    birth_year: int | None,
    teach_since_year: int | None,
    teach_since: date | None = None,
    *,
    age: int = AGE,
    years: int = YEARS,
) -> tuple[date, date] | None:
    """The days, both inside, on which ``is_young`` holds; None when there is none."""
    start = started_on(teach_since_year, teach_since)
    if birth_year is None or start is None:
        return None
    last = min(date(birth_year + age, 12, 31), _years_later(start, years))
    return (start, last) if start <= last else None


@lru_cache(maxsize=4096)
def _years_later(day: date, years: int) -> date:
    return day + relativedelta(years=years)


def is_young(
    birth_year: int | None,
    teach_since_year: int | None,
    teach_since: date | None = None,
    *,
    on: date,
    age: int = AGE,
    years: int = YEARS,
) -> bool:
    """At most ``age`` years old and at most ``years`` years of work; the unknown is not young."""
    start = started_on(teach_since_year, teach_since)
    if birth_year is None or start is None or age_on(birth_year, on) > age:
        return False
    return start <= on <= start + relativedelta(years=years)
