"""A line's cells under their columns: a lost merged cell, an extra empty one, found by where the deadline stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.rules.deadlines import Note
from bot.rules.roadmap_table.cleaning import joined
from bot.rules.roadmap_table.model import Line, Paragraphs

IsDeadline = Callable[[str], bool]


def align(
    line: Line, width: int, roles: Mapping[int, str], is_deadline: IsDeadline
) -> tuple[list[Paragraphs], Paragraphs, Note | None]:
    """(cells under their columns, what hangs over at the end, a doubt when cells were moved)."""
    cells = list(line.cells)
    at = next((index for index, role in roles.items() if role == "deadline"), None)
    over: Paragraphs = ()
    if at is None or (sum(map(bool, cells)) <= 1 and len(cells) <= width):
        return _padded(cells, width), over, None
    moved = False
    found = _deadline_at(cells, at, is_deadline)
    while len(cells) > width:
        if found is not None and found > at and (empty := _empty_before(cells, found)) is not None:
            del cells[empty]
            found -= 1
            moved = True
        elif found is None or found == at:
            after = next((index for index in range(at + 1, len(cells)) if not cells[index]), None)
            if found is None and not any(cells[:-1]):
                cells = [()] * (width - 1) + cells[-1:]
            elif after is not None:
                moved = moved or any(cells[after + 1 :])
                del cells[after]
            else:
                over = cells.pop() + over
                moved = True
        else:
            # Nothing empty to take away: the line has more columns than the heading.
            cells[width - 1 :] = [tuple(part for cell in cells[width - 1 :] for part in cell)]
            moved, found = True, None
    cells = _padded(cells, width)
    if found is not None and found < at and not any(cells[width - (at - found) :]):
        cells = [()] * (at - found) + cells[: width - (at - found)]
        moved = True
    elif found is not None and found > at:
        empties = [index for index in range(found) if not cells[index] and index > 0]
        for index in reversed(empties[-(found - at) :]):
            del cells[index]
            moved = True
        cells = _padded(cells, width)
    return cells, over, Note("road-read-moved") if moved else None


def _deadline_at(cells: list[Paragraphs], at: int, is_deadline: IsDeadline) -> int | None:
    """Where the deadline stands: in its column, or in the only other cell that reads as one."""
    if at < len(cells) and cells[at] and all(is_deadline(part) for part in cells[at]):
        return at
    others = [
        index for index, cell in enumerate(cells) if index != at and cell and all(is_deadline(part) for part in cell)
    ]
    return others[0] if len(others) == 1 else None


def _empty_before(cells: list[Paragraphs], found: int) -> int | None:
    return next((index for index in range(found - 1, 0, -1) if not cells[index]), None)


def _padded(cells: list[Paragraphs], width: int) -> list[Paragraphs]:
    return (cells + [()] * (width - len(cells)))[:width] if len(cells) < width else cells


def text_of(cells: list[Paragraphs]) -> str:
    """The line as a person sees it, for the quote."""
    return " | ".join(joined(cell) for cell in cells if cell)
