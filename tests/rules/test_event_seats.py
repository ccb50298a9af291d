"""Kept seats: a table of cases, and that nobody ever gets a seat that is not there."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.event_seats import Seats, given_up_on, next_in_turn


@pytest.mark.parametrize(
    ("seats", "kept", "anybody", "routed"),
    [
        (Seats(None), 0, None, None),
        (Seats(None, reserved=5), 0, None, None),
        (Seats(10), 0, 10, 10),
        (Seats(10, held=12), 0, 0, 0),
        (Seats(10, 4), 4, 6, 10),
        (Seats(10, 4, held=6), 4, 0, 4),
        # Two of the kept seats are taken by those for whom they were kept.
        (Seats(10, 4, held=5, routed=2), 2, 3, 5),
        (Seats(10, 4, held=8, routed=8), 0, 2, 2),
        # The number was raised when ordinary seats had been given: no more is kept than there is.
        (Seats(10, 4, held=9), 1, 0, 1),
        (Seats(3, 4, held=1), 2, 0, 2),
        (Seats(10, 4, held=10), 0, 0, 0),
    ],
)
def test_for_whom_the_free_seats_are(seats: Seats, kept: int, anybody: int | None, routed: int | None) -> None:
    assert (seats.kept, seats.left(routed=False), seats.left(routed=True)) == (kept, anybody, routed)


def test_given_up_three_days_before_or_on_a_named_day() -> None:
    assert given_up_on(date(2026, 12, 9), None) == date(2026, 12, 6)
    assert given_up_on(date(2026, 12, 9), date(2026, 12, 1)) == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("seats", "queue", "first"),
    [
        (Seats(2), "ooo", [0, 1]),
        (Seats(2, 1), "ooo", [0]),
        (Seats(2, 1), "oor", [0, 2]),
        (Seats(2, 2), "oro", [1]),
        # One in front with the event in her route takes a kept seat and leaves the ordinary one.
        (Seats(2, 1), "roo", [0, 1]),
        (Seats(3, 1, held=3), "ror", []),
        (Seats(None, 1), "oro", [0, 1, 2]),
    ],
)
def test_whose_turn_it_is(seats: Seats, queue: str, first: list[int]) -> None:
    assert list(next_in_turn(seats, ((n, who == "r") for n, who in enumerate(queue)))) == first


@given(
    limit=st.integers(1, 20),
    reserved=st.integers(0, 25),
    before=st.lists(st.booleans(), max_size=20),
    queue=st.lists(st.booleans(), max_size=40),
)
def test_never_oversold_never_passed_by(limit: int, reserved: int, before: list[bool], queue: list[bool]) -> None:
    before = before[:limit]
    seats = Seats(limit, reserved, len(before), sum(before))
    got = set(next_in_turn(seats, enumerate(queue)))
    after = Seats(limit, reserved, seats.held + len(got), seats.routed + sum(queue[n] for n in got))
    assert after.held <= limit
    ordinary = sum(not queue[n] for n in got)
    assert ordinary <= (seats.open or 0), "what is kept goes to nobody else"
    for routed in (True, False):
        line = [n for n, one in enumerate(queue) if one is routed]
        assert [n in got for n in line] == sorted((n in got for n in line), reverse=True), "in order among equals"
    if any(n not in got and routed for n, routed in enumerate(queue)):
        assert after.free == 0
