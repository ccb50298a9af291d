"""When a message may reach a person: quiet hours, days off, the window of invitations (conversation.md §2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.rules.calendar import is_working

ANSWERS_ONLY = "answers"
"""«Когда писать: только ответы»."""

USUAL_WINDOW = (time(14), time(18))
"""Invitations and news come on working days within these hours, unless the person chose others."""

_HORIZON = 366
"""Days looked ahead; a calendar without a working day in a year is a mistake."""


@dataclass(frozen=True, slots=True)
class Hours:
    """The region's quiet hours (they may run over midnight), its zone and its days that differ."""

    begin: time
    end: time
    zone: ZoneInfo
    days: Mapping[date, bool] = field(default_factory=dict)

    def is_quiet(self, moment: datetime) -> bool:
        """True at night and on a day off."""
        local = moment.astimezone(self.zone)
        return not is_working(local.date(), self.days) or self._at_night(local.time())

    def end_of_quiet(self, moment: datetime) -> datetime:
        """The moment itself when it is not quiet, else the first one after it that is not (UTC)."""
        if not self.is_quiet(moment):
            return moment
        local = moment.astimezone(self.zone)
        for ahead in range(_HORIZON):
            day = local.date() + timedelta(days=ahead)
            # Of a day only two moments can end the quiet: its beginning and the end of the night.
            for start in sorted({time(0), self.end}):
                candidate = datetime.combine(day, start, self.zone).astimezone(UTC)
                if candidate > moment and not self.is_quiet(candidate):
                    return candidate
        raise ValueError(f"it is quiet for a year after {moment}")

    def in_window(self, moment: datetime, window: tuple[time, time]) -> bool:
        """True on a working day within the window (its end is outside)."""
        local = moment.astimezone(self.zone)
        return is_working(local.date(), self.days) and window[0] <= local.time() < window[1]

    def next_window(self, moment: datetime, window: tuple[time, time]) -> datetime:
        """The moment itself when it is in the window, else the next beginning of one (UTC)."""
        if self.in_window(moment, window):
            return moment
        day = moment.astimezone(self.zone).date()
        for ahead in range(_HORIZON):
            candidate = datetime.combine(day + timedelta(days=ahead), window[0], self.zone).astimezone(UTC)
            if candidate > moment and self.in_window(candidate, window):
                return candidate
        raise ValueError(f"no working day within a year after {moment}")

    def next_day(self, moment: datetime) -> datetime:
        """The beginning of the next local day (UTC)."""
        tomorrow = moment.astimezone(self.zone).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time(0), self.zone).astimezone(UTC)

    def _at_night(self, local: time) -> bool:
        if self.begin <= self.end:
            return self.begin <= local < self.end
        return local >= self.begin or local < self.end


def read_hours(text: str) -> tuple[time, time]:
    """«20:00-08:00» as two times; equal ones mean that no hour is quiet."""
    begin, _, end = text.replace("–", "-").partition("-")
    return _time(begin), _time(end)


def own_window(text: str) -> tuple[time, time] | None:
    """The person's «14-18»; None for «только ответы». Empty or unknown is the usual time."""
    if text == ANSWERS_ONLY:
        return None
    begin, _, end = text.partition("-")
    if begin.isdigit() and end.isdigit() and 0 <= int(begin) < int(end) <= 23:
        return time(int(begin)), time(int(end))
    return USUAL_WINDOW


def _time(text: str) -> time:
    hours, _, minutes = text.strip().partition(":")
    return time(int(hours), int(minutes))
