"""The register of key problems as DOCX and XLSX."""

from __future__ import annotations

import io
from datetime import date

from bot.i18n import Translator
from bot.services.documents.page import Paper
from bot.services.hotline.register import Problem, Register

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = ("n", "theme", "count", "answered", "in-term", "helped", "subjects", "places", "examples")
WIDTHS = (10, 34, 18, 18, 18, 20, 40, 44, 65)


def _row(t: Translator, number: int, one: Problem) -> list[str]:
    return [
        str(number),
        t(f"hotline-theme.{one.theme.value}"),
        str(one.count),
        str(one.answered),
        str(one.in_term),
        f"{one.helped}/{one.graded}" if one.graded else "—",
        "; ".join(f"{name} — {n}" for name, n in one.subjects[:5]) or "—",
        "; ".join(f"{name} — {n}" for name, n in one.municipalities[:5]) or "—",
        " ".join(f"«{' '.join(text.split())}»" for text in one.examples) or "—",
    ]


def docx(t: Translator, made: Register, on: date) -> bytes:
    """For the ministry: a table with counts and examples, and how it was counted."""
    title = t("documents-problems.title")
    paper = Paper(title)
    paper.heading(title)
    paper.line(t("documents-problems.period", quarter=str(made.quarter), year=str(made.year)))
    rows = [tuple(_row(t, number, one)) for number, one in enumerate(made.problems, start=1)]
    paper.table([t(f"documents-problems.{name}") for name in COLUMNS], rows, WIDTHS, 9)
    paper.line(t("documents-problems.total", n=str(made.total), answered=str(made.answered), term=str(made.in_term)))
    if made.median_minutes is not None:
        paper.line(t("documents-problems.median", minutes=str(made.median_minutes)))
    paper.line(t("documents-problems.how"))
    paper.signatures([(t("documents-sign.head"), "")], t("documents-sign.day"))
    return paper.content()


def xlsx(t: Translator, made: Register, on: date) -> bytes:
    """The same as a sheet; numbers are numbers."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    sheet = book.add_worksheet(t("documents-problems.sheet"))
    bold = book.add_format({"bold": True, "font_size": 13})
    head = book.add_format({"bold": True, "border": 1, "text_wrap": True, "valign": "top", "bg_color": "#E8EEF7"})
    cell = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    period = t("documents-problems.period", quarter=str(made.quarter), year=str(made.year))
    sheet.write_string(0, 0, f"{t('documents-problems.title')}. {period}", bold)
    for column, (name, width) in enumerate(zip(COLUMNS, WIDTHS, strict=True)):
        sheet.set_column(column, column, width * 0.55)
        sheet.write_string(1, column, t(f"documents-problems.{name}"), head)
    for row, one in enumerate(made.problems, start=2):
        for column, value in enumerate(_row(t, row - 1, one)):
            if value.isdigit():
                sheet.write_number(row, column, int(value), cell)
            else:
                sheet.write_string(row, column, value, cell)
    sheet.freeze_panes(2, 2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(1)
    book.close()
    return out.getvalue()
