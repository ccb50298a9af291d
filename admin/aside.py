"""Work that goes on after the answer: held from being forgotten, one at a time for a key, its failure logged."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Hashable
from typing import Any

import structlog

log = structlog.get_logger()


class Aside:
    """Tasks of one page; ``stopped`` is the event of the log when one fails."""

    def __init__(self, stopped: str) -> None:
        self._stopped = stopped
        self._tasks: dict[Hashable, asyncio.Task[None]] = {}

    def is_going(self, key: Hashable) -> bool:
        """True while the work of the key goes on in this process."""
        return key in self._tasks

    def begin(self, key: Hashable, work: Coroutine[Any, Any, Any]) -> None:
        """Begin, unless the work of the key already goes on."""
        if key in self._tasks:
            work.close()
            return
        task = asyncio.create_task(self._run(key, work))
        self._tasks[key] = task
        task.add_done_callback(lambda _: self._tasks.pop(key, None))

    async def settled(self) -> None:
        """When everything begun has ended."""
        await asyncio.gather(*self._tasks.values())

    async def _run(self, key: Hashable, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        except Exception:
            log.exception(self._stopped, key=str(key))
