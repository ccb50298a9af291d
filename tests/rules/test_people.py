"""«Молодой»: year of the date − year of birth inclusive, experience from 1 September."""

from datetime import date

import pytest

from bot.rules.people import age_on, experience_on, is_young

CASES = [
    # birth, first year, known date, on the day, young
    (1991, 2024, None, date(2026, 11, 24), True),  # 35 this year, inclusive
    (1990, 2024, None, date(2026, 11, 24), False),  # 36 this year, though the birthday may be ahead
    (1991, 2024, None, date(2027, 1, 1), False),  # the year has turned
    (2000, 2023, None, date(2026, 9, 1), True),  # three full years on the day, inclusive
    (2000, 2023, None, date(2026, 9, 2), False),
    (2000, 2023, date(2023, 12, 1), date(2026, 11, 30), True),  # a known date is stronger than 1 September
    (2000, 2023, date(2023, 1, 15), date(2026, 8, 31), False),
    (2000, 2026, None, date(2026, 8, 31), False),  # has not begun yet
    (2000, 2026, None, date(2026, 9, 1), True),
    (None, 2024, None, date(2026, 11, 24), False),
    (2000, None, None, date(2026, 11, 24), False),
    (2000, None, date(2024, 9, 1), date(2026, 11, 24), True),
    (2000, 2024, date(2024, 2, 29), date(2027, 2, 28), True),  # a leap day ends on the 28th
    (2000, 2024, date(2024, 2, 29), date(2027, 3, 1), False),
]


@pytest.mark.parametrize(("birth", "year", "day", "on", "expected"), CASES)
def test_young(birth, year, day, on, expected):
    assert is_young(birth, year, day, on=on) is expected


def test_limits_are_the_regions():
    assert is_young(1986, 2021, on=date(2026, 11, 24), age=40, years=6)
    assert not is_young(1986, 2021, on=date(2026, 11, 24))


def test_age_and_experience():
    assert age_on(1984, date(2026, 1, 1)) == 42
    assert experience_on(2008, None, date(2026, 8, 31)) == 17
    assert experience_on(2008, None, date(2026, 9, 1)) == 18
    assert experience_on(2027, None, date(2026, 9, 1)) == -1
    assert experience_on(None, None, date(2026, 9, 1)) is None
