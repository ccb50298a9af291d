"""The bank of practices in the chat: telling, reading and trying, experts."""

from bot.handlers.practices.experts import router as experts
from bot.handlers.practices.reading import router as reading
from bot.handlers.practices.writing import router as writing

__all__ = ["experts", "reading", "writing"]
