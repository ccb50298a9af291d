"""Seats of an event: some are kept for those whose route (ИОМ) has it, until a day; then they are everybody's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

KEPT_UNTIL = timedelta(days=3)
"""Before the beginning: when nobody named a day, what is still kept is given up then."""


@dataclass(frozen=True, slots=True)
class Seats:
    """``limit`` None: no limit. ``held`` seats are taken, ``routed`` of them by people whose route has the event."""

    limit: int | None
    reserved: int = 0
    held: int = 0
    routed: int = 0

    @property
    def free(self) -> int | None:
        """Seats nobody holds."""
        return None if self.limit is None else max(self.limit - self.held, 0)

    @property
    def kept(self) -> int:
        """Free seats that wait for people whose route has the event."""
        if self.limit is None:
            return 0
        return min(max(min(self.reserved, self.limit) - self.routed, 0), self.free or 0)

    @property
    def open(self) -> int | None:
        """Free seats anybody may take."""
        return None if self.free is None else self.free - self.kept

    def left(self, *, routed: bool) -> int | None:
        """Free seats for one person."""
        return self.free if routed else self.open

    def taken(self, *, routed: bool) -> Seats:
        """The seats after one more person has got one."""
        return Seats(self.limit, self.reserved, self.held + 1, self.routed + routed)


def given_up_on(starts_on: date, release_on: date | None) -> date:
    """The day from which the kept seats are everybody's."""
    return release_on or starts_on - KEPT_UNTIL


def next_in_turn(seats: Seats, queue: Iterable[tuple[int, bool]]) -> Iterator[int]:
    """Whose turn it is: of (person, has the event in the route) in the order of the list, those who get a seat now.

    A person for whom nothing is free yet stays where she stands; nobody behind takes a seat she could have had.
    """
    for person, routed in queue:
        if seats.free == 0:
            return
        if seats.left(routed=routed) != 0:
            seats = seats.taken(routed=routed)
            yield person
