"""Arithmetic of the wellbeing check: index, level, whether the telephones are fresh."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

FRESH = timedelta(days=180)
"""A telephone checked longer ago is not shown, and closes the check (domain.md §4.3)."""

SOON = timedelta(days=21)
"""Staff are told this long before."""


class Level(StrEnum):
    """How much of one's strength is spent: low, noticeable, high."""

    low = "low"
    mid = "mid"
    high = "high"


@dataclass(frozen=True, slots=True)
class Scale:
    """How answers become an index: the greatest answer, turned items (by place), two borders of levels."""

    most: int
    turned: frozenset[int]
    borders: tuple[int, int]


def index(answers: Sequence[int], scale: Scale) -> int:
    """Mean of the answers as 0–100, turned items turned, rounded half up (domain.md §4.1)."""
    if not answers or any(not 0 <= answer <= scale.most for answer in answers):
        raise ValueError("an answer is outside its scale")
    total = sum(scale.most - answer if place in scale.turned else answer for place, answer in enumerate(answers))
    return (200 * total + scale.most * len(answers)) // (2 * scale.most * len(answers))


def level(value: int, scale: Scale) -> Level:
    """The level of an index; a border belongs to the upper one."""
    first, second = scale.borders
    return Level.low if value < first else Level.mid if value < second else Level.high


class Contacts(StrEnum):
    """What the list of telephones allows."""

    fresh = "fresh"
    soon = "soon"
    stale = "stale"
    none = "none"

    @property
    def opens(self) -> bool:
        """True while the check may be open."""
        return self in (Contacts.fresh, Contacts.soon)


def is_fresh(checked_on: date | None, *, today: date) -> bool:
    """True for a check of the last 180 days; one of tomorrow is none."""
    return checked_on is not None and today - FRESH <= checked_on <= today


def contacts(checked: Sequence[date | None], *, today: date) -> Contacts:
    """The state of a list by the days of its checks: one stale line is enough to close."""
    if not checked:
        return Contacts.none
    if not all(is_fresh(day, today=today) for day in checked):
        return Contacts.stale
    if any(not is_fresh(day, today=today + SOON) and day < today + SOON for day in checked if day is not None):
        return Contacts.soon
    return Contacts.fresh
