"""Small groups are not published, nor anything they could be computed from (domain.md §9: n ≥ 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LEAST = 5
"""A group of fewer persons is not shown."""


@dataclass(frozen=True, slots=True)
class Published:
    """Which lines of a list may be shown, and whether their total may."""

    lines: tuple[bool, ...]
    total: bool


def publish(counts: Sequence[int], *, least: int = LEAST) -> Published:
    """Which counts of a list may stand beside their total.

    Small lines are hidden, then the smallest of the others until what is hidden cannot be had by
    subtraction: at least two lines, together at least ``least`` persons and more persons than lines
    (else each would be one person). Where that is impossible the total is hidden as well. Empty and
    small look the same: a line of nobody is hidden too.
    """
    shown = [count >= least for count in counts]
    if all(shown):
        return Published(tuple(shown), sum(counts) >= least)
    for place in sorted((place for place, ok in enumerate(shown) if ok), key=lambda place: (counts[place], place)):
        if _safe([count for count, ok in zip(counts, shown, strict=True) if not ok], least):
            break
        shown[place] = False
    hidden = [count for count, ok in zip(counts, shown, strict=True) if not ok]
    return Published(tuple(shown), _safe(hidden, least))


def publish_table(counts: Sequence[Sequence[int]], *, least: int = LEAST) -> list[list[bool]]:
    """Which cells of a table may stand beside the totals of rows and columns.

    A hidden cell can be computed exactly when it is the only hidden one in a chain of sums. Seen as a
    graph (rows and columns are points, hidden cells are lines between them) such a cell is a bridge;
    further cells are hidden, smallest first, until none is left and each line's hidden sum is safe.
    """
    height, width = len(counts), len(counts[0]) if counts else 0
    shown = [[count >= least for count in row] for row in counts]
    while (worst := _unsafe(counts, shown, least)) is not None:
        row, column = worst
        near = [(r, c) for r in range(height) for c in range(width) if shown[r][c] and (r == row or c == column)]
        far = [(r, c) for r in range(height) for c in range(width) if shown[r][c]]
        candidates = near or far
        if not candidates:
            break
        r, c = min(candidates, key=lambda cell: (counts[cell[0]][cell[1]], cell))
        shown[r][c] = False
    return shown


def _safe(hidden: Sequence[int], least: int) -> bool:
    """True when a published total tells nothing of the hidden lines one by one."""
    if not hidden:
        return True
    return len(hidden) >= 2 and sum(hidden) >= least and sum(hidden) > len(hidden)


def _unsafe(counts: Sequence[Sequence[int]], shown: Sequence[Sequence[bool]], least: int) -> tuple[int, int] | None:
    """(row, column) of a hidden cell that could be computed, else None."""
    height, width = len(shown), len(shown[0]) if shown else 0
    hidden = [(r, c) for r in range(height) for c in range(width) if not shown[r][c]]
    for r, c in hidden:
        row = [counts[r][k] for k in range(width) if not shown[r][k]]
        column = [counts[k][c] for k in range(height) if not shown[k][c]]
        if not _safe(row, least) or not _safe(column, least) or _is_bridge(hidden, (r, c)):
            return r, c
    return None


def _is_bridge(cells: Sequence[tuple[int, int]], cell: tuple[int, int]) -> bool:
    """True when no other way through hidden cells leads from the cell's row to its column."""
    seen = {("row", cell[0])}
    waiting = [("row", cell[0])]
    while waiting:
        kind, number = waiting.pop()
        for r, c in cells:
            if (r, c) == cell or (r if kind == "row" else c) != number:
                continue
            other = ("column", c) if kind == "row" else ("row", r)
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return ("column", cell[1]) not in seen
