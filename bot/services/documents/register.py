"""The register of routes as XLSX: one row a route, to be filtered and printed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import xlsxwriter

from bot.i18n import Translator


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """A route of the register; ``state`` and ``outcome`` are words already."""

    number: str
    name: str
    position: str
    organisation: str
    municipality: str
    methodist: str
    basis: str
    starts: date | None
    ends: date | None
    order_number: str
    order_date: date | None
    lines: int
    hours: int
    accepted: int
    state: str
    closed_on: date | None = None
    outcome: str = ""


COLUMNS: tuple[tuple[str, int], ...] = (
    ("number", 12), ("name", 34), ("position", 22), ("organisation", 36), ("municipality", 26), ("methodist", 30),
    ("basis", 24), ("starts", 12), ("ends", 12), ("order_number", 14), ("order_date", 12), ("lines", 10), ("hours", 10),
    ("accepted", 12), ("state", 18), ("closed_on", 12), ("outcome", 22),
)  # fmt: skip


def register(t: Translator, lines: Sequence[RegisterLine], *, on: date) -> bytes:
    """The sheet; dates and numbers are dates and numbers, not text."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    sheet = book.add_worksheet(t("documents-register.sheet"))
    bold = book.add_format({"bold": True, "font_size": 13})
    head = book.add_format({"bold": True, "border": 1, "text_wrap": True, "valign": "top", "bg_color": "#E8EEF7"})
    text = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    when = book.add_format({"border": 1, "valign": "top", "num_format": "dd.mm.yyyy"})
    sheet.write_string(0, 0, t("documents-register.title", date=f"{on:%d.%m.%Y}"), bold)
    for column, (name, width) in enumerate(COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(1, column, t(f"documents-register.{name.replace('_', '-')}"), head)
    for row, line in enumerate(lines, start=2):
        for column, (name, _) in enumerate(COLUMNS):
            value = getattr(line, name)
            if isinstance(value, date):
                sheet.write_datetime(row, column, value, when)
            elif isinstance(value, int):
                sheet.write_number(row, column, value, text)
            else:
                sheet.write_string(row, column, value or "", text)
    sheet.freeze_panes(2, 2)
    sheet.autofilter(1, 0, max(2, len(lines) + 1), len(COLUMNS) - 1)
    sheet.set_landscape()
    sheet.set_paper(8)  # A3: seventeen columns have to be read
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(1)
    book.close()
    return out.getvalue()
