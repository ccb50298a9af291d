"""A roadmap's table: lines as they stand in the file, rows as they are meant, and what a person must look at."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.rules.deadlines import Note

Paragraphs = tuple[str, ...]
"""A cell as its paragraphs; an empty cell has none."""

ROLES = ("number", "direction", "task", "measure", "responsible", "executors", "deadline", "result")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table as printed. ``shared``: cells a vertical merge repeats from above."""

    place: int
    cells: tuple[Paragraphs, ...]
    after_break: bool = False
    shared: frozenset[int] = frozenset()


@dataclass(slots=True)
class Row:
    """A measure with its own deadline; words stand as in the document, joined over page breaks."""

    places: tuple[int, ...]
    number: str
    direction: str
    direction_title: str
    task: str
    measure: str
    responsible: Paragraphs
    executors: Paragraphs
    deadline_raw: str
    result: str
    quote: str
    doubts: list[Note] = field(default_factory=list)


@dataclass(slots=True)
class Table:
    """What was found: rows, and what concerns the table as a whole."""

    rows: list[Row]
    doubts: list[Note] = field(default_factory=list)
