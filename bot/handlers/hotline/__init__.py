"""«ЦНППМ на связи» in the chat: asking, ready answers, words nobody waited for."""

from bot.handlers.hotline.answers import router as answers
from bot.handlers.hotline.asking import router as asking
from bot.handlers.hotline.kept import router as kept

__all__ = ["answers", "asking", "kept"]
