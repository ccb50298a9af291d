"""Tables of a DOCX: paragraphs of a cell, list items, cells merged down and across."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any
from zipfile import BadZipFile

from bot.errors import UserError
from bot.rules.roadmap_table import Line, Paragraphs, paragraphs

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MAX_ROWS = 20_000
MAX_COLUMNS = 40


def tables(content: bytes) -> list[list[Line]]:
    """Every table of the document; two that follow each other with the same columns are one,
    and the line of text above a table opens it."""
    # The package of DOCX is heavy and wanted only here.
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError

    try:
        body = Document(io.BytesIO(content)).element.body
    except (PackageNotFoundError, BadZipFile, SyntaxError, KeyError, ValueError) as error:
        raise UserError("road-file-broken") from error
    found: list[list[Line]] = []
    place = 0
    joins, title = False, ""
    for child in body:
        if child.tag == f"{W}tbl":
            lines = list(_lines(child, place))
            place += len(lines)
            if place > MAX_ROWS:
                raise UserError("road-file-too-long", limit=MAX_ROWS)
            if joins and found and lines and len(found[-1][-1].cells) == len(lines[0].cells):
                found[-1].extend(lines)
            elif lines:
                found.append([Line(lines[0].place, ((title,),)), *lines] if title else lines)
            joins, title = True, ""
        elif child.tag == f"{W}p" and (text := "".join(_printed(node) for node in child.iter()).strip()):
            joins, title = False, text
    if not found:
        raise UserError("road-file-no-table")
    return found


def _lines(table: Any, before: int) -> Iterator[Line]:
    above: dict[int, Paragraphs] = {}
    for number, row in enumerate(table.iter(f"{W}tr"), before + 1):
        if row.getparent() is not table and row.getparent().getparent() is not table:
            continue  # A row of a table inside a cell.
        cells: list[Paragraphs] = []
        shared: set[int] = set()
        cells.extend([()] * _grid_before(row))
        for cell in _cells(row):
            if len(cells) >= MAX_COLUMNS:
                break
            at = len(cells)
            merged = cell.find(f"{W}tcPr/{W}vMerge")
            goes_on = merged is not None and merged.get(f"{W}val") != "restart"
            if goes_on:
                shared.add(at)
                text = above.get(at, ())
            else:
                text = _text(cell)
            above[at] = text
            cells.append(text)
            cells.extend([()] * (_span(cell) - 1))
        yield Line(number, tuple(cells), shared=frozenset(shared))


def _cells(row: Any) -> Iterator[Any]:
    for child in row:
        if child.tag == f"{W}tc":
            yield child
        elif child.tag == f"{W}sdt":
            yield from child.iter(f"{W}tc")


def _grid_before(row: Any) -> int:
    found = row.find(f"{W}trPr/{W}gridBefore")
    return min(int(found.get(f"{W}val", "0")), MAX_COLUMNS) if found is not None else 0


def _span(cell: Any) -> int:
    found = cell.find(f"{W}tcPr/{W}gridSpan")
    return min(int(found.get(f"{W}val", "1")), MAX_COLUMNS) if found is not None else 1


def _text(cell: Any) -> Paragraphs:
    """What is printed in the cell: a deleted word of a tracked change is not, an inserted one is."""
    pieces: list[str] = []
    for paragraph in cell.iter(f"{W}p"):
        text = "".join(_printed(node) for node in paragraph.iter())
        item = paragraph.find(f"{W}pPr/{W}numPr") is not None
        if text.strip():
            pieces.append(f"– {text.strip()}" if item and pieces else text)
    return paragraphs("\n".join(pieces))


def _printed(node: Any) -> str:
    if node.tag == f"{W}t":
        return node.text or ""
    if node.tag in (f"{W}br", f"{W}cr"):
        return "\n"
    if node.tag == f"{W}noBreakHyphen":
        return "-"
    return " " if node.tag == f"{W}tab" else ""
