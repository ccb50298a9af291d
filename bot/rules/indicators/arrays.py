"""The ledger as arrays, one set of columns for each kind of fact. Days are proleptic ordinals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Small = NDArray[np.int32]
Bools = NDArray[np.bool_]

NEVER = 2**31 - 1
"""A day that does not come."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of one kind, ordered by day and number; ``words`` point into ``Ledger.words``."""

    ids: Ints
    person: Small
    day: Small
    municipality: Small
    organisation: Small
    source: Ints
    words: Small

    def __len__(self) -> int:
        return len(self.ids)

    def among(self, mask: Bools) -> Facts:
        """The same columns, only these rows."""
        return Facts(
            self.ids[mask],
            self.person[mask],
            self.day[mask],
            self.municipality[mask],
            self.organisation[mask],
            self.source[mask],
            self.words[mask],
        )


@dataclass(frozen=True, slots=True)
class Spans:
    """For every person the days (both inside) when something held: layers of first and last days."""

    layers: tuple[tuple[Small, Small], ...] = ()

    def hold(self, person: Small, day: Small) -> Bools:
        """Whether it held for each of the persons on each of the days."""
        held = np.zeros(len(person), dtype=np.bool_)
        for since, until in self.layers:
            held |= (since[person] <= day) & (day <= until[person])
        return held

    @classmethod
    def of(cls, size: int, rows: Mapping[int, list[tuple[int, int]]]) -> Spans:
        """From each person's list of spans."""
        depth = max((len(spans) for spans in rows.values()), default=0)
        layers = []
        for level in range(depth):
            since = np.full(size, NEVER, dtype=np.int32)
            until = np.full(size, -1, dtype=np.int32)
            for person, spans in rows.items():
                if level < len(spans):
                    since[person], until[person] = spans[level]
            layers.append((since, until))
        return cls(tuple(layers))


@dataclass(frozen=True, slots=True)
class People:
    """Persons by their index; those beyond ``known`` are keys of people who were deleted."""

    ids: Ints
    known: int
    confirmed: Bools
    young: Spans
    manager: Spans
    roles: Mapping[str, Spans] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Appointed:
    """Teachers of methodists with the place of their main job."""

    person: Small
    methodist: Small
    since: Small
    until: Small


@dataclass(frozen=True, slots=True)
class Records:
    """How the records of a register stood: a row for each version that was in force, both days inside."""

    ids: Ints
    record: Ints
    since: Small
    until: Small
    municipality: Small
    organisation: Small
    words: tuple[Mapping[str, Any], ...]

    def __len__(self) -> int:
        return len(self.ids)

    def among(self, mask: Bools) -> Records:
        """The same columns, only these rows."""
        return Records(
            self.ids[mask], self.record[mask], self.since[mask], self.until[mask], self.municipality[mask],
            self.organisation[mask], tuple(self.words[place] for place in np.flatnonzero(mask).tolist()),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Places:
    """Where each person works today and where each organisation lies today (0: nowhere), by their index or id."""

    municipality: Small
    organisation: Small
    of_organisation: Small
    low_results: Bools


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was known at a moment: facts of the kinds that are asked for, people, appointments."""

    facts: Mapping[str, Facts]
    # Kinds that somebody writes: a fact of the others cannot be there.
    sources: frozenset[str]
    words: tuple[Mapping[str, Any], ...]
    people: People
    appointed: Appointed
    places: Places
    # By register; one that holds nothing is not there.
    records: Mapping[str, Records] = field(default_factory=dict)


def empty() -> Facts:
    """No facts."""
    none = np.zeros(0, dtype=np.int32)
    return Facts(none.astype(np.int64), none, none, none, none, none.astype(np.int64), none)
