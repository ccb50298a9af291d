"""Recognised text: one line of the table a line, cells by tabs, an empty line between pages."""

from __future__ import annotations

from bot.errors import UserError
from bot.rules.roadmap_table import Line, paragraphs

MAX_LINES = 60_000


def tables(content: bytes) -> list[list[Line]]:
    """The whole text as one table: what has no tabs is skipped by the reader of rows."""
    text = _decoded(content)
    lines: list[Line] = []
    broken = False
    for place, line in enumerate(text.splitlines(), 1):
        if place > MAX_LINES:
            raise UserError("road-file-too-long", limit=MAX_LINES)
        if not line.strip():
            broken = True
            continue
        lines.append(Line(place, tuple(paragraphs(cell) for cell in line.split("\t")), broken))
        broken = False
    if not any(len(line.cells) > 2 for line in lines):
        raise UserError("road-file-no-table")
    return [lines]


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings: tuple[str, ...] = ("utf-16",)
    elif b"\0" in content:
        raise UserError("road-file-wrong")
    else:
        encodings = ("utf-8-sig", "cp1251")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UserError("road-file-wrong")
