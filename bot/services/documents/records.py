"""Registers on paper: a sheet that can be loaded again (XLSX), a list to print and sign (DOCX)."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import xlsxwriter

from bot.i18n import Translator
from bot.services.documents.page import Paper
from bot.services.documents.route_card import day

USABLE = 267
"""Millimetres of a landscape page between its margins."""

Cell = str | int | date | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, millimetres in print (0 stays out of print)."""

    title: str
    width: int


def records_sheet(title: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], *, note: str) -> bytes:
    """The rows as they are: days are days, numbers are numbers; the heading stands first, so it loads again."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    sheet = book.add_worksheet(_sheet_name(title))
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    when = book.add_format({"num_format": "dd.mm.yyyy", "align": "left"})
    for place, column in enumerate(columns):
        sheet.set_column(place, place, max(12, len(column.title) + 2, column.width // 2))
        sheet.write_string(0, place, column.title, head)
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(number, place, value, when)
            elif isinstance(value, int):
                sheet.write_number(number, place, value)
            elif value:
                sheet.write_string(number, place, value)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(1, len(rows)), len(columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer(f"&L{note[:120]}&R&P")
    book.close()
    return out.getvalue()


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
    printed = [place for place, column in enumerate(columns) if column.width]
    widths = _fitted([10, *(columns[place].width for place in printed)])
    lines = [[str(number), *(words(row[place]) for place in printed)] for number, row in enumerate(rows, start=1)]
    paper.table([t("registers-paper.number"), *(columns[place].title for place in printed)], lines, widths, 9)
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


def _fitted(widths: Sequence[int]) -> list[int]:
    total = sum(widths)
    return [max(8, width * USABLE // total) for width in widths]


def _sheet_name(title: str) -> str:
    return "".join(sign for sign in title if sign not in "[]:*?/\\'")[:31] or "1"
