"""A gallery of every screen with invented people, as things usually are and at their longest."""

from bot.screens.samples.gallery import gallery
from bot.screens.samples.invented import Sample

__all__ = ["Sample", "gallery"]
