"""What of a wave may be published: cells of ten and more, and nothing others could be computed from.

A wave is two tables over the same answers (place × level, stage × level) and their totals. Rows that
may not stand alone become one unnamed rest, so do levels; what remains goes through
``suppression.publish_table``, and ``known_small`` looks at the result as an attacker would, who knows
every published number and that counts are never negative.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.rules.suppression import publish, publish_table

LEAST = 10
"""A cell of fewer answers is not published (domain.md §4.2)."""

STEP = 5
"""Shares are rounded to so many percentage points."""

Table = Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table; None is «мало ответов», for few and for none alike."""

    value: str
    total: int | None
    cells: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything that is published of a wave: the total, the levels, a table per dimension."""

    total: int | None
    levels: tuple[int | None, ...]
    dimensions: dict[str, tuple[Row, ...]]


def tables(dimensions: Mapping[str, Table]) -> Tables:
    """The publishable part of the counters: dimension → value → answers by level."""
    counts = [list(table.values()) for table in dimensions.values()]
    by_level = [sum(column) for column in zip(*counts[0], strict=True)]
    rows = {name: publish([sum(line) for line in table.values()], least=LEAST) for name, table in dimensions.items()}
    levels = publish(by_level, least=LEAST)
    open_to_all = sum(by_level) >= LEAST and levels.total and all(one.total for one in rows.values())
    if not open_to_all:
        nothing = (None,) * len(by_level)
        return Tables(
            None, nothing, {name: tuple(Row(v, None, nothing) for v in table) for name, table in dimensions.items()}
        )
    return Tables(
        sum(by_level),
        tuple(count if ok else None for count, ok in zip(by_level, levels.lines, strict=True)),
        {name: _rows(table, rows[name].lines, levels.lines) for name, table in dimensions.items()},
    )


def _rows(table: Table, shown: Sequence[bool], levels: Sequence[bool]) -> tuple[Row, ...]:
    """One dimension: rows and levels that may not stand alone count as one rest each."""
    lines = list(table.values())
    named = [list(line) for line, ok in zip(lines, shown, strict=True) if ok]
    hidden = [line for line, ok in zip(lines, shown, strict=True) if not ok]
    whole = [*named, [sum(column) for column in zip(*hidden, strict=True)]] if hidden else named
    folded = [_fold(line, levels) for line in whole]
    open_cells = _open(folded)
    places: dict[int, int] = {}
    for number, ok in enumerate(levels):
        if ok:
            places[number] = len(places)
    made: list[Row] = []
    at = 0
    for value, ok, line in zip(table, shown, lines, strict=True):
        if not ok:
            made.append(Row(value, None, (None,) * len(levels)))
            continue
        cells = tuple(
            line[number] if number in places and open_cells[at][places[number]] else None
            for number in range(len(levels))
        )
        made.append(Row(value, sum(line), cells))
        at += 1
    return tuple(made)


def _fold(line: Sequence[int], levels: Sequence[bool]) -> list[int]:
    """Shown levels one by one, the others as one number at the end."""
    rest = [count for count, ok in zip(line, levels, strict=True) if not ok]
    return [count for count, ok in zip(line, levels, strict=True) if ok] + ([sum(rest)] if rest else [])


def _open(counts: Sequence[Sequence[int]]) -> list[list[bool]]:
    """Which cells of a folded table may be shown beside its totals; a table of one row or column has none."""
    height, width = len(counts), len(counts[0]) if counts else 0
    nothing = [[False] * width for _ in range(height)]
    if height < 2 or width < 2:
        return nothing
    shown = publish_table(counts, least=LEAST)
    while known_small(counts, shown):
        left = [(counts[r][c], r, c) for r in range(height) for c in range(width) if shown[r][c]]
        if not left:
            return nothing
        _, r, c = min(left)
        shown[r][c] = False
    return shown


def known_small(counts: Sequence[Sequence[int]], shown: Sequence[Sequence[bool]]) -> list[tuple[int, int]]:
    """Hidden cells below ten that somebody could tell to be below ten from shown cells and all totals.

    The most a hidden cell can be is its count and what can still flow around it: up to ten units are
    sent from its column to its row along other hidden cells, raising one and lowering the next.
    """
    height, width = len(counts), len(counts[0]) if counts else 0
    hidden = {(r, c) for r in range(height) for c in range(width) if not shown[r][c]}
    return [
        (r, c)
        for r, c in sorted(hidden)
        if counts[r][c] < LEAST and counts[r][c] + _flow(counts, hidden, (r, c), LEAST - counts[r][c]) < LEAST
    ]


def _flow(counts: Sequence[Sequence[int]], hidden: set[tuple[int, int]], cell: tuple[int, int], wanted: int) -> int:
    """How far a hidden cell can grow (no further than ``wanted``) while all totals stand."""
    change = dict.fromkeys(hidden - {cell}, 0)
    sent = 0
    while sent < wanted:
        found = _path(counts, change, cell)
        if found is None:
            break
        step = min([wanted - sent, *(counts[r][c] + change[r, c] for (r, c), sign in found if sign < 0)])
        for place, sign in found:
            change[place] += sign * step
        sent += step
    return sent


def _path(
    counts: Sequence[Sequence[int]], change: Mapping[tuple[int, int], int], cell: tuple[int, int]
) -> list[tuple[tuple[int, int], int]] | None:
    """Cells to lower and raise in turn, from the column of ``cell`` back to its row."""
    start, goal = ("column", cell[1]), ("row", cell[0])
    came: dict[tuple[str, int], tuple[tuple[str, int], tuple[int, int], int]] = {}
    seen, waiting = {start}, [start]
    while waiting:
        kind, number = node = waiting.pop(0)
        for r, c in change:
            if kind == "column" and c == number and counts[r][c] + change[r, c] > 0:
                following, sign = ("row", r), -1
            elif kind == "row" and r == number:
                following, sign = ("column", c), 1
            else:
                continue
            if following in seen:
                continue
            seen.add(following)
            came[following] = (node, (r, c), sign)
            waiting.append(following)
    if goal not in came:
        return None
    found: list[tuple[tuple[int, int], int]] = []
    node = goal
    while node != start:
        node, place, sign = came[node]
        found.append((place, sign))
    return found


def share(count: int, total: int) -> int:
    """A share in percent, to the nearest five points."""
    return STEP * ((200 * count + STEP * total) // (2 * STEP * total)) if total else 0
