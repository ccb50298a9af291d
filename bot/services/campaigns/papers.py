"""Papers of a campaign: the analytic note (DOCX) and its tables (XLSX). Pure: what was read in, bytes out."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.i18n import Words, date_ru
from bot.rules.suppression import LEAST
from bot.services.campaigns.progress import Difficulty, Figure, Progress, ProgressLine, ResultLine, Results
from bot.services.campaigns.staff import CampaignLine

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

COUNTS = ("group", "asked", "done", "share")


@dataclass(frozen=True, slots=True)
class Report:
    """All that a note says; ``made`` is in the region's zone."""

    line: CampaignLine
    verified: bool
    progress: Progress
    results: Sequence[Results]
    difficulties: Sequence[Difficulty]
    made: datetime


def docx(t: Words, report: Report) -> bytes:
    """«Аналитическая справка по диагностике»."""
    from docx import Document
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm, Pt

    document = Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(1.7)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(12)
    document.core_properties.author = report.line.organiser
    document.core_properties.title = report.line.title

    document.add_heading(t("campaigns-paper"), 1)
    document.add_paragraph(f"{report.line.organiser}. {report.line.title}")
    for sentence in _facts(t, report):
        document.add_paragraph(sentence)
    if report.progress.lines:
        document.add_heading(t("campaigns-paper.progress"), 2)
        head = [
            t("campaigns-paper.place"),
            *(t(f"admin-campaign.{name}") for name in ("group", "asked", "done", "share")),
        ]
        _table(document, head, [_progress_cells(line.title, line) for line in report.progress.lines])
    for found in report.results:
        document.add_heading(t("campaigns-paper.results", cut=t(f"campaigns-paper.{found.cut.value}")), 2)
        head, rows = _result_rows(t, found)
        _table(document, head, rows)
        if found.hidden:
            document.add_paragraph(t("campaigns-paper.why-hidden", least=str(LEAST)))
    if report.difficulties:
        document.add_heading(t("campaigns-paper.difficulties"), 2)
        head = [t(f"campaigns-paper.{name}") for name in ("difficulty", "group", "n", "share")]
        _table(document, head, [[d.text, d.group, str(d.n), f"{d.share:.0f}"] for d in report.difficulties])
    document.add_paragraph(t("campaigns-paper.made", moment=f"{date_ru(report.made.date())}, {report.made:%H:%M}"))
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def xlsx(t: Words, report: Report) -> bytes:
    """The same tables, a sheet each; percentages are numbers."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        number = book.add_format({"num_format": "0.0", "valign": "top"})

        def sheet(title: str, head: Sequence[str], rows: Sequence[Sequence[str | float | None]]) -> None:
            page = book.add_worksheet(title[:31])
            page.freeze_panes(1, 1)
            page.set_column(0, 0, 44, wrap)
            page.set_column(1, len(head), 18)
            page.write_row(0, 0, head, bold)
            for place, row in enumerate(rows, start=1):
                for column, value in enumerate(row):
                    if value is not None:
                        page.write(place, column, value, number if isinstance(value, float) else wrap)

        head = [
            t("campaigns-paper.place"),
            *(t(f"admin-campaign.{name}") for name in ("group", "asked", "done", "share")),
        ]
        total = report.progress.total
        lines = [(t("campaigns-paper.total"), total), *((line.title, line) for line in report.progress.lines)]
        sheet(
            t("campaigns-paper.progress"),
            head,
            [[title, line.group, line.invited, line.finished, line.share] for title, line in lines],
        )
        for found in report.results:
            sheet(t(f"campaigns-paper.{found.cut.value}"), *_result_numbers(t, found))
        sheet(
            t("admin-campaign.difficulties"),
            [t(f"campaigns-paper.{name}") for name in ("difficulty", "group", "n", "share")],
            [[d.text, d.group, d.n, d.share] for d in report.difficulties],
        )
    return buffer.getvalue()


def _facts(t: Words, report: Report) -> list[str]:
    line, total = report.line, report.progress.total
    said = []
    if line.order_no and line.order_date:
        said.append(t("campaigns-paper.basis", number=line.order_no, date=date_ru(line.order_date)))
    said.append(
        t(
            "campaigns-paper.span",
            since=date_ru(line.since),
            until=date_ru(line.until),
            instrument=line.instrument,
            version=str(line.version),
        )
    )
    if line.is_demo:
        said.append(t("campaigns-paper.demo"))
    elif not report.verified:
        said.append(t("campaigns-paper.trial"))
    said.append(
        t(
            "campaigns-paper.progress-line",
            group=str(total.group),
            invited=str(total.invited),
            finished=str(total.finished),
            share=f"{total.share or 0:.0f}",
        )
    )
    return said


def _progress_cells(title: str, line: ProgressLine) -> list[str]:
    share = "—" if line.share is None else f"{line.share:.0f}"
    return [title, str(line.group), str(line.invited), str(line.finished), share]


def _result_rows(t: Words, found: Results) -> tuple[list[str], list[list[str]]]:
    head = [t("campaigns-paper.place"), t("campaigns-paper.n"), *found.groups]
    rows = [_result_cells(t, t("campaigns-paper.total"), found.total)]
    rows += [_result_cells(t, line.title or t("campaigns-paper.unknown"), line) for line in found.lines]
    return head, rows


def _result_cells(t: Words, title: str, line: ResultLine) -> list[str]:
    if line.n is None:
        return [title, t("campaigns-paper.hidden"), *("" for _ in line.figures)]
    return [title, str(line.n), *(_figure(t, figure) for figure in line.figures)]


def _figure(t: Words, figure: Figure | None) -> str:
    return (
        "—"
        if figure is None
        else t("admin-campaign.figure", mean=f"{figure.mean:.0f}", deficit=f"{figure.deficit:.0f}")
    )


def _result_numbers(t: Words, found: Results) -> tuple[list[str], list[list[str | float | None]]]:
    mean, deficit = t("campaigns-paper.mean"), t("campaigns-paper.deficit")
    head = [t("campaigns-paper.place"), t("campaigns-paper.n")]
    head += [f"{group}: {name}" for group in found.groups for name in (mean, deficit)]
    rows: list[list[str | float | None]] = []
    for title, line in [
        (t("campaigns-paper.total"), found.total),
        *((one.title or t("campaigns-paper.unknown"), one) for one in found.lines),
    ]:
        row: list[str | float | None] = [title, t("campaigns-paper.hidden") if line.n is None else line.n]
        for figure in line.figures:
            row += [None, None] if figure is None else [figure.mean, figure.deficit]
        rows.append(row)
    return head, rows


def _table(document: Any, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = document.add_table(rows=1, cols=len(head))
    table.style = "Table Grid"
    for cell, words in zip(table.rows[0].cells, head, strict=True):
        cell.paragraphs[0].add_run(words).bold = True
    for row in rows:
        for cell, words in zip(table.add_row().cells, row, strict=True):
            cell.text = words
