"""Time that a test moves by hand."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta


class VirtualClock:
    """Sleeping costs nothing and moves the time on."""

    def __init__(self, now: datetime) -> None:
        self._start = now
        self._spent = 0.0

    @property
    def spent(self) -> float:
        """Seconds that have passed."""
        return self._spent

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._spent)

    def monotonic(self) -> float:
        return self._spent

    async def sleep(self, seconds: float) -> None:
        self._spent += seconds
        await asyncio.sleep(0)

    def go_to(self, moment: datetime) -> None:
        """Move on to a moment."""
        self._spent = max(self._spent, (moment - self._start).total_seconds())


def next_working_afternoon(now: datetime) -> datetime:
    """Three o'clock on a working day after ``now``: people are written to then, whenever the test runs."""
    moment = (now + timedelta(days=1)).replace(hour=15, minute=0)
    while moment.weekday() > 4:
        moment += timedelta(days=1)
    return moment
