"""The open list of what «Навигатор» searches. A subject that wants to be found calls ``plug`` once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.navigator.index import Entry

Reader = Callable[..., Awaitable[list[Entry]]]
"""``reader(session, after=ID, limit=N, today=DAY)``: entries with ``object_id > after`` in order of it."""


@dataclass(frozen=True, slots=True)
class Source:
    """A subject that may be found."""

    slug: str
    """Latin letters and digits, ≤ 16: stands in links and buttons."""
    kinds: tuple[str, ...]
    """Kinds of its entries; their words are ``navigator-kind.<kind>``."""
    read: Reader
    action: str
    """The press that opens an entry; its number follows: ``events:card`` → ``events:card:15``."""
    page: str = ""
    """Open page of an entry, ``{id}`` in it; empty: the card in the web chat."""
    after: str = ""
    """What follows the number in the press."""

    def press(self, object_id: int) -> str:
        """The press that opens it."""
        return f"{self.action}:{object_id}{self.after}"

    def address(self, object_id: int) -> str:
        """Where a browser opens it, from the root of the site."""
        return self.page.format(id=object_id) if self.page else f"/?start={link(self.slug, object_id)}"


SOURCES: dict[str, Source] = {}


def plug(*sources: Source) -> None:
    """Add sources; the same slug again replaces what stood there."""
    for source in sources:
        if not source.slug.isascii() or not source.slug.isalnum() or len(source.slug) > 16:
            raise ValueError(source.slug)
        SOURCES[source.slug] = source


def kinds() -> list[str]:
    """Every kind there may be, in the order of the sources."""
    return list(dict.fromkeys(kind for source in SOURCES.values() for kind in source.kinds))


def link(slug: str, object_id: int) -> str:
    """The payload of a deep link, the same in every messenger."""
    return f"nav_{slug}-{object_id}"


async def portions(session: AsyncSession, source: Source, *, after: int, limit: int, today: date) -> list[Entry]:
    """The next entries of a source."""
    return await source.read(session, after=after, limit=limit, today=today)
