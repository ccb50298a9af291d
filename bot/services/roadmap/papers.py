"""The monitoring report as DOCX and XLSX, in the order of the document."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from bot.i18n import Words, date_ru
from bot.services.documents.page import Paper
from bot.services.roadmap.report import Outcome, Report, ReportLine

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

COLUMNS: tuple[tuple[str, int], ...] = (
    ("code", 16), ("title-of", 62), ("bodies", 44), ("deadline", 38), ("state", 34), ("evidence", 45), ("checked", 28),
)  # fmt: skip
"""Of the page, widths in mm."""

SHEET: tuple[tuple[str, int], ...] = (
    ("direction", 20), ("code", 7), ("title-of", 34), ("bodies", 16), ("person", 20), ("deadline", 24), ("due", 11),
    ("state", 14), ("closed", 12), ("evidence", 24), ("checked", 20), ("said-so-far", 22), ("result", 24),
)  # fmt: skip


TALL, LINE = 32, 15
"""Points of a heading of two lines and of a line: not every program fits the height of a row by itself."""


def docx(t: Words, report: Report) -> bytes:
    """A page for the ministry: the sum first, then every direction, signatures last."""
    paper = Paper(t("roadmap-paper.title"))
    paper.heading(t("roadmap-paper.title"), report.title)
    for line in _facts(t, report):
        paper.line(line)
    paper.part(t("roadmap-paper.sum"))
    head = [t("roadmap-paper.direction"), t("roadmap-paper.total"), *(t(f"roadmap-outcome.{o.value}") for o in Outcome)]
    rows = [
        [f"{part.number}. {part.title}".rstrip(". "), str(len(part.lines)), *(str(part.counts[o]) for o in Outcome)]
        for part in report.parts
    ]
    rows.append([t("roadmap-paper.all"), str(report.total), *(str(report.counts[o]) for o in Outcome)])
    paper.table(head, rows, (79, 20, *(24 for _ in Outcome)), 9)
    for part in report.parts:
        paper.part(f"{part.number}. {part.title}".rstrip(". "))
        paper.table(
            [t(f"roadmap-paper.{name}") for name, _ in COLUMNS],
            [_cells(t, line) for line in part.lines],
            tuple(width for _, width in COLUMNS),
            8.5,
        )
    paper.signatures([(t("roadmap-paper.post"), "")], t("roadmap-paper.date"))
    return paper.content()


def xlsx(t: Words, report: Report) -> bytes:
    """The same rows to be filtered: dates are dates."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    bold = book.add_format({"bold": True, "font_size": 13})
    head = book.add_format({"bold": True, "border": 1, "text_wrap": True, "valign": "top", "bg_color": "#E8EEF7"})
    text = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    when = book.add_format({"border": 1, "valign": "top", "num_format": "dd.mm.yyyy"})
    number = book.add_format({"border": 1, "valign": "top"})
    total = book.add_worksheet(t("roadmap-paper.sum"))
    total.write_string(0, 0, t("roadmap-paper.title"), bold)
    for row, fact in enumerate([report.title, *_facts(t, report)], start=1):
        total.write_string(row, 0, fact)
    top = 3 + len(_facts(t, report))
    titles = [t("roadmap-paper.direction"), t("roadmap-paper.total")]
    titles += [t(f"roadmap-outcome.{o.value}") for o in Outcome]
    for column, title in enumerate(titles):
        total.write_string(top, column, title, head)
    total.set_column(0, 0, 50)
    total.set_column(1, len(titles), 12)
    total.set_row(top, TALL)
    _printed(total)
    lines = [(f"{part.number}. {part.title}".rstrip(". "), len(part.lines), part.counts) for part in report.parts]
    lines.append((t("roadmap-paper.all"), report.total, report.counts))
    for row, (title, count, counts) in enumerate(lines, start=top + 1):
        total.write_string(row, 0, title, text)
        total.write_number(row, 1, count, number)
        for column, outcome in enumerate(Outcome, start=2):
            total.write_number(row, column, counts[outcome], number)
    sheet = book.add_worksheet(t("roadmap-paper.measures"))
    for column, (name, width) in enumerate(SHEET):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, t(f"roadmap-paper.{name}"), head)
    row = 0
    for part in report.parts:
        for line in part.lines:
            row += 1
            values = _values(t, f"{part.number}. {part.title}".rstrip(". "), line)
            sheet.set_row(row, LINE * _lines(values))
            for column, value in enumerate(values):
                if isinstance(value, date):
                    sheet.write_datetime(row, column, datetime.combine(value, time()), when)
                else:
                    sheet.write_string(row, column, value or "", text)
    sheet.freeze_panes(1, 3)
    sheet.autofilter(0, 0, max(row, 1), len(SHEET) - 1)
    sheet.set_row(0, TALL)
    _printed(sheet)
    sheet.repeat_rows(0)
    book.close()
    return out.getvalue()


def _lines(values: Sequence[str | date | None]) -> int:
    """Lines of the fullest cell of a row; words do not fill a line to its end."""
    texts = ((value, width) for value, (_, width) in zip(values, SHEET, strict=True) if isinstance(value, str))
    return min(20, max((-(-len(text) * 5 // (width * 4)) for text, width in texts), default=1) or 1)


def _printed(sheet: Any) -> None:
    """A4 across, as wide as the table."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4)
    sheet.fit_to_pages(1, 0)


def _facts(t: Words, report: Report) -> list[str]:
    said = [t("roadmap-paper.on", date=date_ru(report.on))]
    if report.order_no and report.order_date:
        said.append(t("roadmap-paper.basis", number=report.order_no, date=date_ru(report.order_date)))
    counts = report.counts
    said.append(
        t(
            "roadmap-paper.said", total=str(report.total),
            done=str(counts[Outcome.done] + counts[Outcome.done_late]), late=str(counts[Outcome.late]),
            check=str(counts[Outcome.check]), nodate=str(counts[Outcome.nodate]),
        )
    )  # fmt: skip
    return said


def _state(t: Words, line: ReportLine) -> str:
    words = t(f"roadmap-outcome.{line.outcome.value}")
    if line.closed_on is not None:
        return f"{words}, {date_ru(line.closed_on)}"
    return words


def _cells(t: Words, line: ReportLine) -> list[str]:
    due = f" ({date_ru(line.due)})" if line.due is not None else ""
    state = _state(t, line) + (f". {line.said}" if line.said and line.closed_on is None else "")
    bodies = "\n".join(part for part in (line.bodies, line.persons) if part)
    return [line.code, line.title, bodies, f"{line.deadline}{due}", state, line.evidence, line.checked_by]


def _values(t: Words, direction: str, line: ReportLine) -> list[str | date | None]:
    return [
        direction, line.code, line.title, line.bodies, line.persons, line.deadline, line.due,
        t(f"roadmap-outcome.{line.outcome.value}"), line.closed_on, line.evidence, line.checked_by, line.said,
        line.result,
    ]  # fmt: skip
