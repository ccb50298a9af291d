"""Registers on paper: a sheet that can be loaded again (XLSX), a list to print and sign (DOCX)."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import wrap

import xlsxwriter

from bot.i18n import Translator
from bot.services.documents.page import Paper
from bot.services.documents.route_card import day

USABLE = 267
"""Millimetres of a landscape page between its margins."""

SIZE = 8.5
LETTER = 1.75
"""Millimetres of a letter at that size, with room for the wide ones."""

MOST_WORD = 45
"""A longer word is broken: it would push the others off the page."""

Cell = str | int | date | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, millimetres in print (0 stays out of print)."""

    title: str
    width: int


def records_sheet(
    title: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], *, note: str, name: str = ""
) -> bytes:
    """The rows as they are: days are days, numbers are numbers; the heading stands first, so it loads again.

    ``title`` is printed above every page; ``name`` is that of the sheet where it is another.
    """
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    sheet = book.add_worksheet(_sheet_name(name or title))
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    plain = book.add_format({"align": "left", "valign": "top"})
    when = book.add_format({"num_format": "dd.mm.yyyy", "align": "left", "valign": "top"})
    widths = [_signs(column, [row[place] for row in rows]) for place, column in enumerate(columns)]
    sheet.set_row(0, _height([column.title for column in columns], widths))
    for place, column in enumerate(columns):
        sheet.set_column(place, place, widths[place])
        sheet.write_string(0, place, column.title, head)
    for number, row in enumerate(rows, start=1):
        sheet.set_row(number, _height(row, widths))
        for place, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(number, place, value, when)
            elif isinstance(value, int):
                sheet.write_number(number, place, value, plain)
            elif value:
                sheet.write_string(number, place, value, text)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(1, len(rows)), len(columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_header(f"&C&B{title[:120].replace('&', '&&')}")
    sheet.set_footer(f"&L{note[:120]}&R&P")
    book.close()
    return out.getvalue()


def _signs(column: Column, cells: Sequence[Cell]) -> int:
    """Width in signs: as wide as what stands there, up to a line that is still easy to print."""
    longest = max((len(cell) if isinstance(cell, str) else 10 for cell in cells if cell is not None), default=0)
    words = max((len(word) for word in column.title.split()), default=0)
    return max(8, words + 4, min(34, longest + 3))


def _height(cells: Sequence[Cell], widths: Sequence[int]) -> int:
    """Points of a row that shows everything: not every program grows rows by itself."""
    texts = [(cell, width) for cell, width in zip(cells, widths, strict=True) if isinstance(cell, str)]
    return 15 * max((len(wrap(cell, width)) for cell, width in texts if len(cell) > width), default=1)


def records_list(
    t: Translator,
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    *,
    under: str,
    keeper: str,
) -> bytes:
    """The printed list: numbered lines, a repeating head, how many, who signs."""
    paper = Paper(title)
    paper.heading(title, under)
    # A column that says nothing in any row only narrows the others.
    printed = [n for n, column in enumerate(columns) if column.width and (not rows or any(words(r[n]) for r in rows))]
    head = [t("registers-paper.number"), *(columns[place].title for place in printed)]
    lines = [[str(number), *(words(row[place]) for place in printed)] for number, row in enumerate(rows, start=1)]
    widths = _fitted([10, *(columns[place].width for place in printed)], [head, *lines])
    paper.table(head, lines, widths, SIZE)
    paper.line(t("registers-paper.total", n=len(rows)))
    paper.signatures([(t("registers-paper.keeper"), keeper)], t("documents-sign.day"))
    return paper.content()


def problems_sheet(t: Translator, problems: Sequence[tuple[int, str, str]], heads: Mapping[str, str]) -> bytes:
    """Wrong rows of a table: the number of the row, the column, what to put right."""
    columns = [Column(heads["row"], 20), Column(heads["column"], 60), Column(heads["why"], 160)]
    return records_sheet(t("registers-paper.problems"), columns, problems, note="")


def words(value: Cell) -> str:
    """A cell as people read it."""
    if isinstance(value, date):
        return day(value)
    return "" if value is None else str(value)


def _fitted(wanted: Sequence[int], lines: Sequence[Sequence[str]]) -> list[int]:
    """Millimetres of the columns: the longest word of each stays whole where the page allows, the rest as wanted."""
    least = []
    for place in range(len(wanted)):
        longest = max((len(word) for line in lines for word in line[place].split()), default=1)
        least.append(min(MOST_WORD, int(longest * LETTER) + 4))
    spare = USABLE - sum(least)
    if spare <= 0:
        return [max(8, width * USABLE // sum(least)) for width in least]
    more = [max(0, width - smallest) for width, smallest in zip(wanted, least, strict=True)]
    whole = sum(more) or 1
    return [smallest + spare * one // whole for smallest, one in zip(least, more, strict=True)]


def _sheet_name(title: str) -> str:
    return "".join(sign for sign in title if sign not in "[]:*?/\\'")[:31] or "1"
