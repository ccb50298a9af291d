"""«Навигатор»: one search over what the product holds; every subject plugs in as a source."""

from bot.services.navigator.index import Entry, drop, put
from bot.services.navigator.sources import SOURCES, Source, plug

__all__ = ["SOURCES", "Entry", "Source", "drop", "plug", "put"]
