"""Days of the calendar as a deadline names them: exact, or Broken."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date, datetime, time

from dateutil.rrule import rrule, rrulestr

from bot.rules.deadlines.model import Note
from bot.rules.deadlines.parts import LAST_DAY


class Broken(Exception):
    """The phrase contradicts the calendar or itself."""

    def __init__(self, key: str, *, conflict: bool = False, **args: str) -> None:
        super().__init__(key)
        self.note, self.conflict = Note(key, args), conflict


def day_of(year: int, month: int, day: int) -> date:
    """A day of the calendar; Broken when there is none."""
    if not (1 <= month <= 12 and 1900 <= year <= 2200):
        raise Broken("deadline-no-such-date", date=f"{day}.{month}.{year}")
    last = calendar.monthrange(year, month)[1]
    if day == LAST_DAY:
        return date(year, month, last)
    if not 1 <= day <= last:
        raise Broken("deadline-no-such-date", date=f"{day:02d}.{month:02d}.{year}")
    return date(year, month, day)


def first_of(text: str, begin: date) -> date | None:
    """The first date of a rule that starts on a day or after it."""
    rule = rrulestr(text, dtstart=at(begin))
    assert isinstance(rule, rrule)
    moment = rule.after(at(begin), inc=True)
    return None if moment is None else moment.date()


def nth_weekday(year: int, month: int, nth: int, weekday: int) -> date:
    """The n-th (or last) weekday of a month."""
    days = [week[weekday - 1] for week in calendar.Calendar(0).monthdatescalendar(year, month)]
    days = [day for day in days if day.month == month]
    if nth > len(days):
        raise Broken("deadline-no-such-date", date=f"{nth}. {month:02d}.{year}")
    return days[nth if nth < 0 else nth - 1]


def listed(numbers: Iterable[object]) -> str:
    """Numbers as a rule writes them."""
    return ",".join(str(number) for number in numbers)


def at(day: date) -> datetime:
    """Midnight: rules are counted in moments."""
    return datetime.combine(day, time())
