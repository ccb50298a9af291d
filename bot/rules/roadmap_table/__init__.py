"""A roadmap's table as printed, scanned and cut by pages → measures with their deadlines; never a guess."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache, partial

from bot.rules.deadlines import Note, read
from bot.rules.roadmap_table import columns
from bot.rules.roadmap_table.blocks import Assembler, Block, Heading
from bot.rules.roadmap_table.cleaning import paragraphs
from bot.rules.roadmap_table.model import Line, Paragraphs, Row, Table
from bot.rules.roadmap_table.pairing import pair
from bot.rules.roadmap_table.repairs import repair
from bot.rules.words import stem, words

__all__ = ["Line", "Paragraphs", "Row", "Table", "heading_of", "paragraphs", "read_table"]

LONGEST_DEADLINE = 200
ALIKE = 0.85
"""Two titles that share this part of their words are shown as a possible repetition."""
_NUMBER = re.compile(r"\b(?:направлени[ея]|раздел|этап|блок|модуль)\s*№?\s*(\d+|[ivxх]+)\b", re.I)
_LEADING = re.compile(r"\s*(\d{1,2}|[IVX]{1,4})[.)]\s")
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10}
_LOST = re.compile(r"не менее\s*(?:чем)?\s*[.,;]*$|не более\s*[.,;]*$|составля\w+\s*$", re.I)


def read_table(lines: Sequence[Line], year: int) -> Table | None:
    """The measures of the first table with a heading; None when there is no such heading."""
    start, roles = heading_of(lines)
    if not roles:
        return None
    reads, reads_exactly = partial(_reads, year), partial(_reads_exactly, year)
    heading = lines[start].cells
    doubts = []
    if "deadline" not in roles.values():
        doubts.append(Note("road-read-no-deadline-column"))
    above = [text for line in lines[:start] if len(line.cells) == 1 and _printed(text := " ".join(line.cells[0]))]
    assembler = Assembler(roles, heading, reads, above[-1] if above else "")
    blocks = repair(assembler.run(lines[start + 1 :]))
    rows: list[Row] = []
    number = _Numbers(blocks)
    for block in blocks:
        for row in pair(block, reads, reads_exactly):
            row.direction, row.direction_title = number.of(block)
            row.task = block.task.text or row.direction_title
            if _LOST.search(row.result):
                row.doubts.append(Note("road-read-number-lost"))
            rows.append(row)
    _mark_repeated(rows)
    return Table(rows, doubts)


def heading_of(lines: Sequence[Line]) -> tuple[int, dict[int, str]]:
    """The first heading with a deadline column; failing that, the first with bodies or results."""
    second: tuple[int, dict[int, str]] = (0, {})
    for place, line in enumerate(lines):
        roles = columns.roles_of(line)
        if "deadline" in roles.values():
            return place, roles
        if roles and not second[1]:
            second = place, roles
    return second


@lru_cache(maxsize=8192)
def _reads(year: int, text: str) -> bool:
    if not text or len(text) > LONGEST_DEADLINE or text.isdigit():
        return False
    found = read(text, year)
    return bool(found.kind) and found.error is None


@lru_cache(maxsize=8192)
def _reads_exactly(year: int, text: str) -> bool:
    if not _reads(year, text):
        return False
    found = read(text, year)
    return not (found.doubtful or found.conflict)


class _Numbers:
    """The number of a direction as printed; by order where the directions are a column; 0 for a block without one."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.order: dict[int, int] = {}
        self.printed = any(_printed(self._heading(block).text) for block in blocks)

    def of(self, block: Block) -> tuple[str, str]:
        heading = self._heading(block)
        if not heading.text:
            return "", ""
        found = _printed(heading.text)
        if found:
            return found, heading.text
        if self.printed:
            return "0", heading.text
        return str(self.order.setdefault(id(heading), len(self.order) + 1)), heading.text

    @staticmethod
    def _heading(block: Block) -> Heading:
        return block.direction if block.direction.text else block.section


def _printed(text: str) -> str:
    found = _NUMBER.search(text) or _LEADING.match(text)
    if not found:
        return ""
    raw = found.group(1).lower().replace("х", "x")
    return raw if raw.isdigit() else str(_ROMAN.get(raw, ""))


def _mark_repeated(rows: Sequence[Row]) -> None:
    """The same measure twice is shown, not merged: it may have two deadlines on purpose."""
    seen: dict[tuple[str, ...], list[tuple[set[str], Row]]] = {}
    for row in rows:
        stems = [stem(word) for word in words(row.measure)]
        if len(stems) < 4:
            continue
        bucket = seen.setdefault(tuple(stems[:3]), [])
        mine = set(stems)
        for other, earlier in bucket[-20:]:
            if len(mine & other) >= ALIKE * len(mine | other):
                row.doubts.append(Note("road-read-twice", {"place": str(earlier.places[0])}))
                break
        bucket.append((mine, row))
