"""Tables described in ``data/``: columns, lists of words, the workbook to fill in; files are read once a process."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import xlsxwriter

from bot.rules.words import folded
from bot.services.data_files import Entry, read
from bot.services.importing import Column


@lru_cache(maxsize=32)
def columns_of(path: Path, section: str = "columns") -> tuple[Column, ...]:
    """The columns of a table."""
    return tuple(
        Column(
            entry.need("name", str),
            tuple(str(header) for header in entry.need("headers", list)),
            required=entry.maybe("required", bool, False),
        )
        for entry in read(path).entries(section)
    )


@lru_cache(maxsize=32)
def words_of(path: Path) -> Mapping[str, Mapping[str, str]]:
    """Every list of ``words``: word as it is typed → what it means."""
    words = read(path).need("words", Entry)
    return {name: meanings(words.need(name, Entry)) for name in words}


def meanings(group: Entry) -> dict[str, str]:
    """Words of a list. ``folded`` drops signs, and «+» is a usual way to say yes."""
    return {folded(str(word)) or str(word): meaning for meaning in group for word in group.need(meaning, list)}


def hints_of(path: Path, section: str = "columns") -> dict[str, str]:
    """What stands beside a heading."""
    return {entry.need("name", str): entry.maybe("hint", str, "") for entry in read(path).entries(section)}


def sample_book(
    columns: Sequence[Column],
    hints: Mapping[str, str],
    samples: Sequence[Mapping[str, str]],
    *,
    width: Callable[[Column], int] = lambda column: max(14, len(column.title) + 8),
    frozen: int = 0,
) -> bytes:
    """An XLSX to fill in: headings with hints (what must be filled is yellow), invented rows, all cells text."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        must = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#FFF2CC"})
        as_text = book.add_format({"num_format": "@"})
        for place, column in enumerate(columns):
            sheet.set_column(place, place, width(column), as_text)
            sheet.write_string(0, place, column.title, must if column.required else bold)
            if hints.get(column.name):
                sheet.write_comment(0, place, hints[column.name], {"x_scale": 2})
            for number, row in enumerate(samples, 1):
                sheet.write_string(number, place, str(row.get(column.name) or ""), as_text)
        sheet.freeze_panes(1, frozen)
    return buffer.getvalue()
