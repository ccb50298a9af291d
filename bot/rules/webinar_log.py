"""How long somebody was in a webinar: lengths and moments as platforms write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

MOST = 10_000
"""Minutes nobody spends in one webinar: a mistake."""

_clock = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2})")
_words = re.compile(
    r"(?:(\d{1,3})\s*(?:ч|час\w*|h|hr)\.?)?\s*(?:(\d{1,4})\s*(?:м|мин\w*|min\w*)\.?)?\s*(?:\d{1,2}\s*(?:с|сек\w*|s)\.?)?"
)
_moment = re.compile(
    r"(?:(\d{4})-(\d{2})-(\d{2})|(\d{1,2})\.(\d{1,2})\.(\d{4}))[ T,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?"
)
_address = re.compile(r"[^@\s<>,;\"]{1,64}@[^@\s<>,;\"]{1,190}\.[^@\s<>,;\".]{2,24}")


def minutes_of(text: str) -> int | None:
    """«75», «75,5», «1:15» (an hour and a quarter), «1:15:00», «1 ч 15 мин» as minutes; None for anything else."""
    text = text.strip().casefold()
    if re.fullmatch(r"\d{1,5}([.,]\d{1,4})?", text):
        found = round(float(text.replace(",", ".")))
    elif match := _clock.fullmatch(text):
        hours, minutes, seconds = (match[1], match[2], match[3]) if match[1] else (match[2], match[3], "0")
        if int(minutes) > 59 or int(seconds) > 59:
            return None
        found = int(hours) * 60 + int(minutes) + (int(seconds) >= 30)
    elif (match := _words.fullmatch(text)) and (match[1] or match[2]):
        found = int(match[1] or 0) * 60 + int(match[2] or 0)
    else:
        return None
    return found if found <= MOST else None


def moment_of(text: str) -> datetime | None:
    """«09.12.2026 15:02», «2026-12-09 15:02:11» without a zone; None for anything else."""
    match = _moment.fullmatch(text.strip())
    if match is None:
        return None
    day = (match[1], match[2], match[3]) if match[1] else (match[6], match[5], match[4])
    try:
        year, month, number, hour, minute, second = map(int, (*day, match[7], match[8], match[9] or "0"))
        # Platforms write the clock of their own; only differences are taken.
        return datetime(year, month, number, hour, minute, second)  # noqa: DTZ001
    except ValueError:
        return None


def together(stays: Iterable[tuple[datetime, datetime]]) -> int:
    """Minutes covered by entries and exits: two windows open at once are not twice the time."""
    seconds, reached = 0.0, None
    for begin, end in sorted(stays):
        if reached is None or begin > reached:
            reached = begin
        if end > reached:
            seconds += (end - reached).total_seconds()
            reached = end
    return round(seconds / 60)


def address(text: str) -> str:
    """An e-mail in one spelling; empty for what is none."""
    bare = text.strip().strip("<>").lower()
    return bare if _address.fullmatch(bare) else ""
