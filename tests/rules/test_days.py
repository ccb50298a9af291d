"""Days as people type them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.days import day_from

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("12.01.2027", date(2027, 1, 12)),
        (" 12.1.27 ", date(2027, 1, 12)),
        ("12.01", date(2027, 1, 12)),
        ("24.11", TODAY),
        ("23.11", date(2027, 11, 23)),
        ("5 мая", date(2027, 5, 5)),
        ("5 Марта 2027", date(2027, 3, 5)),
        ("1 декабря 2026 года", date(2026, 12, 1)),
        ("31.12.2026 г.", date(2026, 12, 31)),
        ("31.02.2027", None),
        ("29.02", None),
        ("5 мюля", None),
        ("завтра", None),
        ("", None),
    ],
)
def test_days(text: str, day: date | None) -> None:
    assert day_from(text, today=TODAY) == day


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_written_day_is_read_again(day: date) -> None:
    assert day_from(f"{day:%d.%m.%Y}", today=TODAY) == day


@given(st.text(max_size=20))
def test_nothing_breaks_it(text: str) -> None:
    found = day_from(text, today=TODAY)
    assert found is None or isinstance(found, date)
