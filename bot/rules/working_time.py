"""Working time: hours of the week, several intervals a day, days that differ; adding and measuring only within it.

A moment counts as working from the beginning of an interval to its end, both included: «до 18:00» is a promise
that can be kept at 18:00.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.rules.calendar import Exceptions, is_working

Hours = tuple[tuple[time, time], ...]
"""Intervals of one day, in order, not touching."""

Span = tuple[datetime, datetime]

_MORNING, _LUNCH, _AFTERNOON = time(9), time(13), time(14)
USUAL_WEEK: Mapping[int, Hours] = {
    **{day: ((_MORNING, _LUNCH), (_AFTERNOON, time(18))) for day in range(1, 5)},
    5: ((_MORNING, _LUNCH), (_AFTERNOON, time(17))),
}
"""By number of the weekday; a region may set its own."""

_HORIZON = 400
"""Days looked ahead; a calendar without a working day in a year is a mistake."""


class NoTime(ValueError):
    """The calendar has no working time left where some was asked for."""


class Time(Protocol):
    """Spans of time that do not touch, in order, from a moment on."""

    def spans(self, since: datetime) -> Iterator[Span]: ...


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """The region's hours. ``days`` are those that differ from their week (holidays, transferred days)."""

    zone: ZoneInfo
    week: Mapping[int, Hours] = field(default_factory=lambda: USUAL_WEEK)
    days: Exceptions = field(default_factory=dict)

    def hours(self, day: date) -> Hours:
        """Intervals of a day. A working Saturday has the hours of a Monday where Saturdays have none."""
        if not is_working(day, self.days):
            return ()
        return self.week.get(day.isoweekday()) or self.week.get(1, ())

    def spans(self, since: datetime) -> Iterator[Span]:
        """Intervals that end after ``since``."""
        day = since.astimezone(self.zone).date()
        for ahead in range(_HORIZON):
            for begin, end in self.of_day(day + timedelta(days=ahead)):
                if end > since:
                    yield begin, end

    def of_day(self, day: date) -> list[Span]:
        """Intervals of a day as moments (UTC)."""
        return [
            (
                datetime.combine(day, begin, self.zone).astimezone(UTC),
                datetime.combine(day, end, self.zone).astimezone(UTC),
            )
            for begin, end in self.hours(day)
        ]

    @property
    def shortest_day(self) -> timedelta:
        """How much time a working day has at least: «one working day» is never longer than any day of the week."""
        lengths = [sum((_length(*pair) for pair in hours), timedelta()) for hours in self.week.values() if hours]
        if not lengths:
            raise NoTime("no hours in the week")
        return min(lengths)


@dataclass(frozen=True, slots=True)
class Within:
    """The part of some working time that lies inside given spans: hours of duty that are working hours."""

    time: WorkingTime
    inside: tuple[Span, ...]

    def spans(self, since: datetime) -> Iterator[Span]:
        """Common parts, in order; spans that overlap or touch are one."""
        for begin, end in united(self.inside):
            if end <= since:
                continue
            for first, last in self.time.spans(max(begin, since)):
                if first >= end:
                    break
                common = max(first, begin), min(last, end)
                if common[0] < common[1] and common[1] > since:
                    yield common


def is_open(time: Time, moment: datetime) -> bool:
    """True inside a span; its end is outside, as there is no time left."""
    begin, _ = next(time.spans(moment), (None, None))
    return begin is not None and begin <= moment


def opening(time: Time, moment: datetime) -> datetime:
    """The moment itself when it is inside, else the next beginning. NoTime when there is none."""
    for begin, _ in time.spans(moment):
        return max(begin, moment)
    raise NoTime(f"nothing after {moment}")


def add(time: Time, moment: datetime, amount: timedelta) -> datetime:
    """The moment by which ``amount`` of the time has passed. NoTime when there is not so much."""
    if amount < timedelta():
        raise ValueError("time is not taken back")
    left = amount
    for begin, end in time.spans(moment):
        begin = max(begin, moment)
        if left <= end - begin:
            return begin + left
        left -= end - begin
    raise NoTime(f"{left} missing after {moment}")


def between(time: Time, first: datetime, last: datetime) -> timedelta:
    """How much of the time lies between two moments; nothing when ``last`` is not later."""
    passed = timedelta()
    for begin, end in time.spans(first):
        if begin >= last:
            break
        passed += min(end, last) - max(begin, first)
    return passed


def united(spans: Sequence[Span]) -> list[Span]:
    """Spans in order; those that overlap or touch become one."""
    made: list[Span] = []
    for begin, end in sorted(spans):
        if begin >= end:
            continue
        if made and begin <= made[-1][1]:
            made[-1] = made[-1][0], max(made[-1][1], end)
        else:
            made.append((begin, end))
    return made


def read_hours(text: str) -> Hours:
    """«9:00–13:00, 14:00–18:00» as intervals. ValueError when they are not hours in order."""
    made: list[tuple[time, time]] = []
    for part in text.replace("–", "-").replace("—", "-").split(","):
        if not part.strip():
            continue
        begin, dash, end = part.partition("-")
        if not dash:
            raise ValueError(f"no interval: {part!r}")
        pair = _time(begin), _time(end)
        if pair[0] >= pair[1] or (made and pair[0] <= made[-1][1]):
            raise ValueError(f"not in order: {part!r}")
        made.append(pair)
    return tuple(made)


def write_hours(hours: Hours) -> str:
    """Back to words: «9:00–13:00, 14:00–18:00»."""
    return ", ".join(f"{a.hour}:{a.minute:02}–{b.hour}:{b.minute:02}" for a, b in hours)


def _time(text: str) -> time:
    hours, _, minutes = text.strip().replace(".", ":").partition(":")
    return time(int(hours), int(minutes or 0))


def _length(begin: time, end: time) -> timedelta:
    day = date(2000, 1, 3)
    return datetime.combine(day, end) - datetime.combine(day, begin)
