"""Which methodist a teacher goes to: same subject first, then same district, then who has the fewest."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

CAP = 250
"""Teachers of one methodist, unless the order says otherwise (order about regional methodists)."""

WARN = 225


@dataclass(frozen=True, slots=True)
class Seeker:
    """A teacher who needs a methodist."""

    id: int
    subjects: frozenset[str] = frozenset()
    municipality: int | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """A methodist: what and where she works, how many teachers she has, how many she may have."""

    id: int
    subjects: frozenset[str] = frozenset()
    municipalities: frozenset[int] = frozenset()
    load: int = 0
    cap: int = CAP

    @property
    def room(self) -> int:
        """How many more fit."""
        return max(0, self.cap - self.load)


def fit(seeker: Seeker, desk: Desk) -> int:
    """3 for subject and district, 2 for the subject, 1 for the district, 0 otherwise."""
    return 2 * (not seeker.subjects.isdisjoint(desk.subjects)) + (seeker.municipality in desk.municipalities)


def distribute(seekers: Iterable[Seeker], desks: Collection[Desk]) -> dict[int, int]:
    """Teacher → methodist; whoever has no place is left out. The same input gives the same answer.

    Those with a colleague of their own subject or district choose first, so that room is not spent on others.
    """
    load = {desk.id: desk.load for desk in desks}
    cap = {desk.id: desk.cap for desk in desks}
    fits: dict[tuple[frozenset[str], int | None], list[tuple[int, int]]] = {}
    given: dict[int, int] = {}
    ordered: list[tuple[int, int, list[tuple[int, int]]]] = []
    for seeker in seekers:
        # Many teachers are alike: what suits them is found once.
        alike = (seeker.subjects, seeker.municipality)
        if alike not in fits:
            fits[alike] = [(-fit(seeker, desk), desk.id) for desk in desks]
        ordered.append((min(fits[alike], default=(0, 0))[0], seeker.id, fits[alike]))
    for _, person_id, suits in sorted(ordered, key=lambda one: one[:2]):
        free = [(worth, load[n], n) for worth, n in suits if load[n] < cap[n] and n != person_id]
        if free:
            chosen = min(free)[2]
            given[person_id] = chosen
            load[chosen] += 1
    return given
