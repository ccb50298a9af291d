"""A region's order with its roadmap: a file → measures, each with its source and its doubts. Nothing is saved here."""

from __future__ import annotations

from bot.services.roadmap_import.directory import directory_of_pack, directory_of_region
from bot.services.roadmap_import.reading import Measure, Reading, read_file

__all__ = ["Measure", "Reading", "directory_of_pack", "directory_of_region", "read_file"]
