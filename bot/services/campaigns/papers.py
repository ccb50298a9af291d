"""Papers of a campaign: the analytic note (DOCX) and its tables (XLSX). Pure: what was read in, bytes out."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.i18n import Words, date_ru
from bot.rules.suppression import LEAST
from bot.services.campaigns.progress import Difficulty, Figure, Progress, ProgressLine, ResultLine, Results
from bot.services.campaigns.staff import CampaignLine
from bot.services.documents.page import Paper

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

WIDTH, PLACE, COUNT = 267, 50, 17
"""Of the page and of the first two columns of results, mm."""

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
    paper = Paper(report.line.title)
    paper.heading(t("campaigns-paper"), f"{report.line.organiser}. {report.line.title}")
    for sentence in _facts(t, report):
        paper.line(sentence)
    if report.progress.lines:
        paper.part(t("campaigns-paper.progress"))
        head = [t("campaigns-paper.place"), *(t(f"admin-campaign.{name}") for name in COUNTS)]
        rows = [_progress_cells(line.title, line) for line in report.progress.lines]
        paper.table(head, rows, (107, 40, 40, 40, 40), size=10)
    for found in report.results:
        paper.part(t("campaigns-paper.results", cut=t(f"campaigns-paper.{found.cut.value}")))
        head, rows = _result_rows(t, found)
        each = (WIDTH - PLACE - COUNT) // max(len(found.groups), 1)
        paper.table(head, rows, (PLACE, COUNT, *(each for _ in found.groups)), size=10)
        few = [line.title or t("campaigns-paper.unknown") for line in found.lines if line.n is None]
        if few:
            paper.line(t("campaigns-paper.few", places=", ".join(few)))
        if found.hidden:
            paper.line(t("campaigns-paper.why-hidden", least=str(LEAST)))
    if report.difficulties:
        paper.part(t("campaigns-paper.difficulties"))
        head = [t(f"campaigns-paper.{name}") for name in ("difficulty", "group", "n", "share")]
        hard = [[d.text, d.group, str(d.n), f"{d.share:.0f}"] for d in report.difficulties]
        paper.table(head, hard, (132, 67, 30, 38), size=10)
    paper.line(t("campaigns-paper.made", moment=f"{date_ru(report.made.date())}, {report.made:%H:%M}"))
    return paper.content()


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
    shown = [line for line in found.lines if line.n is not None]
    rows += [_result_cells(t, line.title or t("campaigns-paper.unknown"), line) for line in shown]
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
