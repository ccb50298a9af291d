"""What a deadline phrase becomes, and the conventions it is read by."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

Occurrence = tuple[date | None, date]
"""(start, due); a start only where the phrase names a window."""


@dataclass(frozen=True)
class Conventions:
    """How a phrase that leaves a choice is read; a region may choose otherwise."""

    twice_a_year: tuple[int, ...] = (6, 12)
    """Months whose last day closes a half-year."""
    quarter_ends: tuple[int, ...] = (3, 6, 9, 12)
    school_year_start: tuple[int, int] = (9, 1)
    school_year_end: tuple[int, int] = (5, 31)
    school_year_other_end: tuple[int, int] = (8, 31)
    school_quarters: tuple[tuple[int, int], ...] = ((9, 10), (11, 12), (1, 3), (4, 5))
    """First and last month of each quarter of the school year."""
    years_ahead: int = 3
    """How many years after the document's own the dates are unfolded."""


@dataclass(frozen=True)
class Note:
    """One sentence for people: a key of ``locales/ru/deadlines.ftl`` and what stands in it."""

    key: str
    args: dict[str, str] = field(default_factory=dict)


@dataclass
class Deadline:
    """A phrase as read; what is missing is a question to a person."""

    phrase: str
    normalized: str
    kind: str | None = None
    components: list[str] = field(default_factory=list)
    start: date | None = None
    end: date | None = None
    bounds_by_anchor: tuple[date, date] | None = None
    occurrences: list[Occurrence] = field(default_factory=list)
    rrule: str | None = None
    dtstart: date | None = None
    rrule_more: list[dict[str, Any]] = field(default_factory=list)
    date_source: str | None = None
    offset: dict[str, Any] | None = None
    tentative: bool = False
    doubtful: bool = False
    alternatives: list[dict[str, Any]] = field(default_factory=list)
    error: Note | None = None
    conflict: Note | None = None
    notes: list[Note] = field(default_factory=list)
