"""Lengths and moments of a webinar log as platforms write them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import webinar_log as rules


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("75", 75), ("75,4", 75), ("75.6", 76), ("1:15", 75), ("01:15:00", 75), ("0:44:31", 45), ("1 ч 15 мин", 75),
        ("2 часа", 120), ("40 мин.", 40), ("0", 0), ("1:75", None), ("", None), ("долго", None), ("99999", None),
        ("-5", None), ("1:2:3:4", None), ("ч", None),
    ],
)  # fmt: skip
def test_lengths(text: str, minutes: int | None) -> None:
    assert rules.minutes_of(text) == minutes


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("09.12.2026 15:02", datetime(2026, 12, 9, 15, 2)),
        ("2026-12-09 15:02:11", datetime(2026, 12, 9, 15, 2, 11)),
        ("2026-12-09T15:02:11.120", datetime(2026, 12, 9, 15, 2, 11)),
        ("31.02.2026 10:00", None),
        ("09.12.2026", None),
        ("15:02", None),
    ],
)
def test_moments(text: str, moment: datetime | None) -> None:
    assert rules.moment_of(text) == moment


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" <Anna.P@School.Example> ", "anna.p@school.example"), ("анна@школа.рф", "анна@школа.рф"), ("anna", ""),
        ("a@b", ""), ("a b@c.ru", ""), ("", ""),
    ],
)  # fmt: skip
def test_addresses(text: str, address: str) -> None:
    assert rules.address(text) == address


spans = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 120)), max_size=12)


@given(spans)
def test_time_together_is_what_a_clock_would_count(pairs: list[tuple[int, int]]) -> None:
    zero = datetime(2026, 12, 9, 15)
    stays = [(zero + timedelta(minutes=a), zero + timedelta(minutes=a + length)) for a, length in pairs]
    assert rules.together(stays) == len({minute for a, length in pairs for minute in range(a, a + length)})
