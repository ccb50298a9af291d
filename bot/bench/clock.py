"""Time of a run that would be long on the wall: waiting costs nothing and moves the time on."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta


class VirtualClock:
    """Moves only when somebody waits; waiters who wait together move it once."""

    def __init__(self, now: datetime) -> None:
        self._start = now
        self._spent = 0.0

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._spent)

    def monotonic(self) -> float:
        return self._spent

    async def sleep(self, seconds: float) -> None:
        until = self._spent + seconds
        await asyncio.sleep(0)
        self._spent = max(self._spent, until)
