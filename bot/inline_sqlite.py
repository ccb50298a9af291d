"""aiosqlite without its thread, for the one writing connection.

Our statements are shorter than the hop to a thread (docs/decisions/0003). The private names used
here belong to aiosqlite 0.22.1, which is pinned; where they are missing, the plain connection is
used, slower and otherwise the same.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator
from typing import Any

import aiosqlite


class InlineConnection(aiosqlite.Connection):
    """Runs every call at once in the event loop. Safe with exactly one writer in the process."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return fn(*args, **kwargs)

    async def _connect(self) -> aiosqlite.Connection:
        self._connection = self._connector()
        return self

    def __await__(self) -> Generator[Any, None, aiosqlite.Connection]:
        return self._connect().__await__()

    def stop(self) -> None:
        """Close at once: there is no thread to stop."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def close(self) -> None:
        """Close at once."""
        self.stop()


def can_be_inline() -> bool:
    """True while aiosqlite still has the names that the class above replaces."""
    return all(hasattr(aiosqlite.Connection, name) for name in ("_execute", "_connect", "stop", "close"))


async def open_inline(path: str, *, busy_seconds: float = 5.0) -> aiosqlite.Connection:
    """A writing connection to ``path``; transactions are begun by hand (no implicit BEGIN)."""

    def connector() -> sqlite3.Connection:
        return sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)

    if not can_be_inline():  # pragma: no cover - another aiosqlite
        return await aiosqlite.connect(path, timeout=busy_seconds, isolation_level=None)
    return await InlineConnection(connector, iter_chunk_size=64)
