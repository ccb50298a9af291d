"""A region's order with its roadmap: a file → measures, each with its source and its doubts → a roadmap."""

from __future__ import annotations

from bot.services.roadmap_import.applying import Choice, Fix, Plan, PlannedRow, apply, choices, only_of, plan, put
from bot.services.roadmap_import.directory import directory_of_pack, directory_of_region, names_of_region
from bot.services.roadmap_import.pack import load_measures
from bot.services.roadmap_import.reading import Measure, Reading, read_file

__all__ = [
    "Choice", "Fix", "Measure", "Plan", "PlannedRow", "Reading", "apply", "choices", "directory_of_pack",
    "directory_of_region", "load_measures", "names_of_region", "only_of", "plan", "put", "read_file",
]  # fmt: skip
