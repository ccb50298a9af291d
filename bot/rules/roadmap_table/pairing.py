"""Blocks → rows: each measure with its own deadline, body and result; where the counts differ, a doubt."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.rules.deadlines import Note
from bot.rules.roadmap_table.blocks import Block
from bot.rules.roadmap_table.model import Row
from bot.rules.roadmap_table.splitting import deadlines, sure_titles, titles

_ITEM = re.compile(r"\d{1,2}[.)]\s|[а-я]\)\s")
_BRACKETS = re.compile(r"\(([^()]{3,80})\)")

Reads = Callable[[str], bool]


def pair(block: Block, reads: Reads, reads_exactly: Reads) -> list[Row]:
    """The rows of a block, in order."""
    doubts = list(block.doubts)
    dates = _whole_deadlines(block.deadline, reads)
    measures = _whole_titles(block.measure)
    if len(measures) > len(dates):
        measures = _lists_joined(measures)
    measures, dates = _balanced(measures, dates, block, doubts, reads, reads_exactly)
    count = max(len(measures), len(dates), 1)
    rows = []
    for place in range(count):
        measure = measures[place] if place < len(measures) else ""
        shared = len(dates) == 1 and count > 1
        deadline = dates[0] if shared else dates[place] if place < len(dates) else ""
        notes = list(doubts)
        if shared:
            inner = _in_brackets(measure, reads)
            if inner and inner != deadline:
                deadline = inner
                notes.append(Note("road-read-deadline-in-title", {"text": inner}))
            else:
                notes.append(Note("road-read-shared-deadline", {"count": str(count)}))
        if not measure:
            notes.append(Note("road-read-no-title"))
        if not deadline:
            notes.append(Note("road-read-no-deadline"))
        rows.append(
            Row(
                places=tuple(block.places), number=block.number, direction="", direction_title="", task="",
                measure=measure, responsible=_nth(block.responsible, place, count),
                executors=_nth(block.executors, place, count), deadline_raw=deadline,
                result=" ".join(_nth(block.result, place, count)), quote="\n".join(block.quotes), doubts=notes,
            )
        )  # fmt: skip
    if count > 1:
        uneven = {len(cell) for cell in (block.responsible, block.executors, block.result) if cell} - {1, count}
        if uneven:
            for row in rows:
                row.doubts.append(Note("road-read-uneven"))
    return rows


def _balanced(
    measures: list[str], dates: list[str], block: Block, doubts: list[Note], reads: Reads, reads_exactly: Reads
) -> tuple[list[str], list[str]]:
    """As many deadlines as measures, when there is one way to see them."""
    whole = " ".join(dates)
    if len(measures) == 1:
        clear = len(dates) == 1 and reads_exactly(dates[0])
        pieces = _cut_titles(measures[0]) if clear or len(dates) == 1 else titles(measures[0])
        several = len(dates) > 1 or not reads(whole)
        if len(pieces) == 1 and several:
            pieces = titles(measures[0])
        if len(pieces) > 1 and (not several or len(pieces) >= len(dates)):
            cut = [] if clear else _cut_to(pieces, dates, reads)
            if cut or not several:
                doubts.append(Note("road-read-title-split"))
                return pieces, cut or dates
        if len(dates) > 1:
            if len(block.responsible) == len(dates):
                return measures, dates
            return measures, [whole]
    elif len(measures) > len(dates) == 1 and reads_exactly(whole):
        pieces = [piece for measure in measures for piece in _cut_titles(measure)]
        if len(pieces) > len(measures):
            doubts.append(Note("road-read-title-split"))
        return pieces, dates
    elif len(measures) > len(dates) >= 1:
        cut = _cut_to(measures, dates, reads)
        if cut:
            doubts.append(Note("road-read-deadline-split"))
            return measures, cut
    elif not measures and len(dates) > 1 and len(block.responsible) != len(dates):
        return measures, [whole]
    if len(dates) > 1 and len(measures) > len(dates):
        doubts.append(Note("road-read-uneven"))
    return measures, dates


def _cut_titles(measure: str) -> list[str]:
    """Cut everywhere once one place is sure."""
    return titles(measure) if len(sure_titles(measure)) > 1 else [measure]


def _cut_to(measures: Sequence[str], dates: Sequence[str], reads: Reads) -> list[str]:
    """The deadlines cut so that each measure has one; empty when that cannot be done in one way."""
    if len(measures) == len(dates):
        return list(dates)
    wanted = len(measures) - len(dates) + 1
    if wanted < 2:
        return []
    ways = [
        [*dates[:place], *pieces, *dates[place + 1 :]]
        for place, text in enumerate(dates)
        if (pieces := deadlines(text, wanted, reads))
    ]
    return ways[0] if len(ways) == 1 else []


def _whole_deadlines(parts: Sequence[str], reads: Reads) -> list[str]:
    """A paragraph that is no deadline by itself goes on from the one above."""
    out: list[str] = []
    for part in parts:
        goes_on = part.startswith("(") or part.lower().startswith("далее") or not reads(part)
        ends_open = bool(out) and bool(re.search(r"([–—,(-]|далее)\s*$", out[-1]))
        if out and (goes_on or ends_open or not reads(out[-1])):
            out[-1] = f"{out[-1]} {part}"
        else:
            out.append(part)
    return out


def _whole_titles(parts: Sequence[str]) -> list[str]:
    out: list[str] = []
    for part in parts:
        if out and (part[:1].islower() or out[-1].endswith(",")):
            out[-1] = f"{out[-1]} {part}"
        else:
            out.append(part)
    return out


def _lists_joined(parts: Sequence[str]) -> list[str]:
    """«Провести: 1. … 2. …» under fewer deadlines than items is one measure with its list."""
    out: list[str] = []
    for part in parts:
        opened = bool(out) and (":" in out[-1][-2:] or bool(re.search(r":\s*(\d{1,2}[.)]|[а-я]\))\s", out[-1])))
        if opened and _ITEM.match(part):
            out[-1] = f"{out[-1]} {part}"
        else:
            out.append(part)
    return out


def _in_brackets(measure: str, reads: Reads) -> str:
    found = [text.strip() for text in _BRACKETS.findall(measure) if reads(text.strip())]
    return found[0] if len(found) == 1 else ""


def _nth(parts: Sequence[str], place: int, count: int) -> tuple[str, ...]:
    """The paragraph of this measure when each has its own, else the whole cell."""
    return (parts[place],) if len(parts) == count and count > 1 else tuple(parts)
