"""Why a number changed: Δ taken apart into five causes whose parts add up to it exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from math import floor

import numpy as np

from bot.rules.indicators.arrays import Facts, Ledger


class Cause(StrEnum):
    """In the order in which they are applied."""

    corrections = "corrections"  # taken back, merged, confirmed, a corrected figure
    late = "late"  # happened before the first day, recorded after it
    new = "new"
    definition = "definition"
    denominator = "denominator"


@dataclass(frozen=True, slots=True)
class Part:
    """What one cause did: to the numerator, and to the value (None where there is no value)."""

    cause: Cause
    people: int
    value: Fraction | None


@dataclass(frozen=True, slots=True)
class Change:
    """From one number to another; ``parts`` add up to their difference."""

    before: Fraction | None
    after: Fraction | None
    numerators: tuple[int | None, int | None]
    denominators: tuple[int | None, int | None]
    parts: tuple[Part, ...]

    @property
    def delta(self) -> Fraction | None:
        """After − before."""
        return None if self.before is None or self.after is None else self.after - self.before

    def hundredths(self) -> tuple[int, ...]:
        """The parts rounded to hundredths so that they add up to the difference of the rounded ends."""
        if self.before is None:
            return ()
        at, found = self.before, []
        for part in self.parts:
            then = at + (part.value or 0)
            found.append(_hundredths(then) - _hundredths(at))
            at = then
        return tuple(found)


def taken_apart(
    steps: Sequence[tuple[int | None, Fraction | None]], denominators: tuple[int | None, int | None]
) -> Change:
    """The change from (numerator, value) before and after each cause, in their order: six pairs."""
    parts = []
    for cause, before, after in zip(Cause, steps, steps[1:], strict=False):
        people = (after[0] or 0) - (before[0] or 0)
        value = None if before[1] is None or after[1] is None else after[1] - before[1]
        parts.append(Part(cause, people, value))
    return Change(steps[0][1], steps[-1][1], (steps[0][0], steps[-1][0]), denominators, tuple(parts))


def surviving(then: Ledger, now: Ledger) -> Ledger:
    """Of the ledger now only the facts that were known then."""
    return _among(then, now, None)


def with_late(then: Ledger, now: Ledger, day: int) -> Ledger:
    """And those that had happened by the day but were recorded later."""
    return _among(then, now, day)


def _among(then: Ledger, now: Ledger, day: int | None) -> Ledger:
    kept: dict[str, Facts] = {}
    for kind, facts in now.facts.items():
        known = then.facts.get(kind)
        mask = np.isin(facts.ids, known.ids) if known is not None else np.zeros(len(facts), dtype=np.bool_)
        kept[kind] = facts.among(mask if day is None else mask | (facts.day <= day))
    records = {}
    for slug, rows in now.records.items():
        before = then.records.get(slug)
        held = np.isin(rows.ids, before.ids) if before is not None else np.zeros(len(rows), dtype=np.bool_)
        records[slug] = rows.among(held if day is None else held | (rows.since <= day))
    return replace(now, facts=kept, records=records)


def _hundredths(value: Fraction) -> int:
    return floor(value * 100 + Fraction(1, 2))
