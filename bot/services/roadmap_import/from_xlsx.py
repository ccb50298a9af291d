"""Sheets of an XLSX: dates as people write them, merged cells, formulas left as formulas."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from bot.errors import UserError
from bot.rules.roadmap_table import Line, Paragraphs, paragraphs

MAX_ROWS = 20_000
MAX_COLUMNS = 40
MAX_BLANK = 1_000
"""So many empty rows in a row are the end of the table."""


def tables(content: bytes) -> list[list[Line]]:
    """Every visible sheet with something on it."""
    try:
        book = load_workbook(io.BytesIO(content), data_only=False, keep_links=False)
        sheets = [_lines(sheet) for sheet in book.worksheets if sheet.sheet_state == "visible"]
    except (BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, ParseError, OSError) as error:
        raise UserError("road-file-broken") from error
    found = [lines for lines in sheets if lines]
    if not found:
        raise UserError("road-file-no-table")
    return found


def _lines(sheet: Any) -> list[Line]:
    down: dict[tuple[int, int], tuple[int, int]] = {}
    for merged in sheet.merged_cells.ranges:
        if merged.size["rows"] * merged.size["columns"] > MAX_ROWS:
            continue
        for row in range(merged.min_row + 1, merged.max_row + 1):
            down[row, merged.min_col] = (merged.min_row, merged.min_col)
    lines: list[Line] = []
    blank = 0
    for number, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), 1):
        cells: list[Paragraphs] = []
        shared: set[int] = set()
        for at, cell in enumerate(row):
            origin = down.get((number, at + 1))
            if origin is not None:
                shared.add(at)
                cells.append(_text(sheet.cell(*origin).value))
            else:
                cells.append(_text(cell.value))
        blank = 0 if any(cells) else blank + 1
        if blank > MAX_BLANK:
            break
        if any(cells):
            lines.append(Line(number, tuple(cells), shared=frozenset(shared)))
        if len(lines) > MAX_ROWS:
            raise UserError("road-file-too-long", limit=MAX_ROWS)
    width = max((at + 1 for line in lines for at, cell in enumerate(line.cells) if cell), default=0)
    return [Line(line.place, line.cells[:width], shared=line.shared) for line in lines]


def _text(value: Any) -> Paragraphs:
    if value is None:
        return ()
    if isinstance(value, datetime | date):
        return (value.strftime("%d.%m.%Y"),)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return paragraphs(str(value))
