"""The report of an item analysis: DOCX to read, XLSX to count further. Pure: an analysis in, bytes out."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.i18n import Words, date_ru
from bot.models import VersionState
from bot.services.diagnostics.analysis import Analysis, GroupLine, ItemLine
from bot.services.documents.page import Paper

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = ("link", "difficulty", "differs", "skipped")


def docx(t: Words, found: Analysis, reasons: Mapping[int, str], *, made: datetime) -> bytes:
    """The report; ``made`` is in the region's zone, ``reasons`` say per item why it is worth a look."""
    paper = Paper(found.title)
    paper.heading(t("analysis.title"), t("analysis.version", title=found.title, number=str(found.number)))
    paper.line(t("analysis-who", n=found.n))
    for sentence in _standing(t, found):
        paper.line(sentence)
    paper.part(t("analysis.reliability"))
    head = [t("analysis.group"), "n", "α", "±", t("analysis.skipped"), t("analysis.verdict")]
    paper.table(head, [_group_row(t, group) for group in found.groups], (97, 50, 25, 25, 30, 40), size=10)
    for group in found.groups:
        paper.part(t("analysis-group", title=group.title, n=len(group.items)))
        head = ["№", t("analysis.question"), *(t(f"analysis.{name}") for name in COLUMNS)]
        head += [t("analysis-report.experts"), t("analysis.verdict")]
        rows = [
            [
                item.code,
                item.text + (f"\n{reasons[item.item_id]}" if reasons.get(item.item_id) else ""),
                *(_coefficient(value) for value in _numbers(item)[:3]),
                _share(item.statistics.skipped) if group.statistics.n else "—",
                _coefficient(item.cvi),
                "—" if group.statistics.hidden else t(f"analysis-verdict.{item.statistics.verdict.value}"),
            ]
            for item in group.items
        ]
        paper.table(head, rows, (14, 103, 24, 26, 26, 22, 24, 28), size=10)
    paper.line(t("analysis-report.how"))
    paper.line(t("analysis-report.made", moment=f"{date_ru(made.date())}, {made:%H:%M}"))
    return paper.content()


def xlsx(t: Words, found: Analysis, reasons: Mapping[int, str]) -> bytes:
    """Groups on one sheet, items on another; coefficients are numbers."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        number = book.add_format({"num_format": "0.00", "valign": "top"})

        def sheet(title: str, head: Sequence[str], rows: Sequence[Sequence[str | float | None]]) -> None:
            page = book.add_worksheet(title[:31])
            page.freeze_panes(1, 0)
            page.set_column(0, 0, 24)
            page.set_column(1, 1, 12)
            page.set_column(2, len(head), 18)
            page.write_row(0, 0, head, bold)
            for place, row in enumerate(rows, start=1):
                for column, value in enumerate(row):
                    if value is not None:
                        page.write(place, column, value, number if isinstance(value, float) else wrap)

        sheet(
            t("analysis.groups"),
            [t("analysis.group"), "n", "α", "±", t("analysis.skipped"), t("analysis.verdict")],
            [
                [
                    g.title,
                    g.statistics.complete,
                    g.statistics.alpha,
                    g.statistics.sem,
                    g.statistics.skipped,
                    _alpha(t, g),
                ]
                for g in found.groups
            ],
        )
        sheet(
            t("analysis-report.items"),
            [
                t("analysis.group"), "№", t("analysis.question"), *(t(f"analysis.{name}") for name in COLUMNS),
                t("analysis-report.without"), t("analysis-report.experts"), t("analysis.verdict"),
                t("analysis-report.why"),
            ],
            [
                [
                    group.title, item.code, item.text, *_numbers(item), item.statistics.alpha_without, item.cvi,
                    None if group.statistics.hidden else t(f"analysis-verdict.{item.statistics.verdict.value}"),
                    reasons.get(item.item_id) or None,
                ]
                for group in found.groups
                for item in group.items
            ],
        )  # fmt: skip
    return buffer.getvalue()


def _standing(t: Words, found: Analysis) -> list[str]:
    """Verified with what protocol, or that it is not; what is to be written anew."""
    if found.state is VersionState.verified and found.verified_on is not None:
        said = [t("analysis-report.verified", number=found.protocol or "—", date=date_ru(found.verified_on))]
    else:
        said = [t("analysis-report.unverified")]
    if found.is_demo:
        said.append(t("campaigns-paper.demo"))
    if found.to_rewrite:
        said.append(t("analysis-rewrite", items=", ".join(found.to_rewrite)))
    return said


def _group_row(t: Words, group: GroupLine) -> list[str]:
    one = group.statistics
    n = f"{one.complete}, {t('analysis.provisional')}" if one.provisional else str(one.complete)
    return [
        group.title,
        n,
        _coefficient(one.alpha),
        _points(one.sem),
        _share(one.skipped) if one.n else "—",
        _alpha(t, group),
    ]


def _alpha(t: Words, group: GroupLine) -> str:
    band = group.statistics.alpha_band
    return t(f"analysis-alpha.{band.value}") if band else "—"


def _numbers(item: ItemLine) -> list[float | None]:
    one = item.statistics
    return [one.rest, one.difficulty, one.discrimination, one.skipped]


def _coefficient(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f}".replace(".", ",").replace("-", "−")


def _points(value: float | None) -> str:
    return "—" if value is None else f"{value:.1f}".replace(".", ",")


def _share(value: float | None) -> str:
    return "—" if value is None else f"{value * 100:.0f} %"
