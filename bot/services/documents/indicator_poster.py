"""One page for the minister as PDF: how many targets are met, the main shares beside their targets, what to do."""

from __future__ import annotations

from typing import Any

from bot.i18n import Translator, date_ru
from bot.services.documents.certificate import fonts
from bot.services.documents.indicator_book import standing
from bot.services.documents.indicator_report import Report
from bot.services.indicators import wording as words
from bot.services.indicators.edition import Row

PDF = "application/pdf"
WIDTH, HEIGHT, MARGIN = 210, 297, 16
INK, QUIET, GRID = (18, 33, 31), (77, 94, 90), (226, 233, 231)
GOOD, LACKING, DEEP = (20, 101, 58), (179, 106, 0), (0, 95, 107)
BARS = 9
"""Shares on the page."""
SAYINGS = 4
"""Sentences on the page."""
ONLY = 190
"""Letters of a sentence."""


def pdf(t: Translator, report: Report) -> bytes:
    """A portrait page."""
    from fpdf import FPDF

    page: Any = FPDF(orientation="portrait", format="A4")
    page.set_margins(MARGIN, MARGIN, MARGIN)
    page.set_auto_page_break(False)
    regular, bold = fonts()
    page.add_font("DejaVu", "", regular)
    page.add_font("DejaVu", "B", bold)
    page.set_title(t("indicator-poster.title"))
    page.add_page()
    _top(page, t, report)
    _tiles(page, t, report)
    y = _bars(page, t, report, 104)
    _sayings(page, t, report, y + 6)
    _foot(page, t, report)
    return bytes(page.output())


def _top(page: Any, t: Translator, report: Report) -> None:
    page.set_fill_color(*DEEP)
    page.rect(0, 0, WIDTH, 46, style="F")
    page.set_text_color(255, 255, 255)
    page.set_font("DejaVu", "", 10)
    page.set_xy(MARGIN, 9)
    page.multi_cell(WIDTH - 2 * MARGIN, 5, report.centre, align="L")
    page.set_font("DejaVu", "B", 21)
    page.set_xy(MARGIN, 18)
    page.cell(WIDTH - 2 * MARGIN, 10, t("indicator-poster.title"))
    page.set_font("DejaVu", "", 11)
    page.set_xy(MARGIN, 31)
    first, last = f"{report.edition.period.first:%d.%m.%Y}", f"{report.edition.period.last:%d.%m.%Y}"
    page.cell(
        WIDTH - 2 * MARGIN, 7, t("indicator-poster.when", first=first, last=last, on=date_ru(report.edition.as_of))
    )


def _tiles(page: Any, t: Translator, report: Report) -> None:
    rows = report.edition.rows
    met = sum(row.outcome.met is True for row in rows)
    not_met = sum(row.outcome.met is False for row in rows)
    unknown = len(rows) - met - not_met
    width = (WIDTH - 2 * MARGIN - 10) / 3
    for place, (count, name, shade) in enumerate(
        ((met, "met", GOOD), (not_met, "not-met", LACKING), (unknown, "unknown", QUIET))
    ):
        x = MARGIN + place * (width + 5)
        page.set_draw_color(*GRID)
        page.set_line_width(0.5)
        page.rect(x, 54, width, 36, round_corners=True, corner_radius=3)
        page.set_text_color(*shade)
        page.set_font("DejaVu", "B", 34)
        page.set_xy(x, 58)
        page.cell(width, 16, str(count), align="C")
        page.set_text_color(*INK)
        page.set_font("DejaVu", "", 9.5)
        page.set_xy(x + 2, 77)
        page.multi_cell(width - 4, 4.6, t(f"indicator-poster.{name}", n=count), align="C")


def _bars(page: Any, t: Translator, report: Report, y: float) -> float:
    """The shares with the most people behind them; where the list ended."""
    chosen = [row for row in report.edition.rows if row.definition.is_share and row.outcome.value is not None]
    # Those counted from facts of people say most; equal titles once.
    chosen.sort(key=lambda row: (row.behind is None, row.definition.id))
    shown: list[Row] = []
    for row in chosen:
        if len(shown) < BARS and all(row.definition.title != one.definition.title for one in shown):
            shown.append(row)
    page.set_text_color(*INK)
    page.set_font("DejaVu", "B", 12)
    page.set_xy(MARGIN, y - 8)
    page.cell(WIDTH - 2 * MARGIN, 6, t("indicator-poster.shares"))
    y += 2
    wide = WIDTH - 2 * MARGIN
    for row in shown:
        one, found = row.definition, row.outcome
        assert found.value is not None
        shade = GOOD if found.met else LACKING
        page.set_text_color(*INK)
        page.set_font("DejaVu", "", 9.5)
        page.set_xy(MARGIN, y)
        page.cell(wide - 62, 5, _cut(page, one.title, wide - 64))
        page.set_text_color(*shade)
        page.set_font("DejaVu", "B", 9.5)
        page.set_xy(WIDTH - MARGIN - 62, y)
        said = t("indicator-poster.of-target", value=words.value(t, one, found), target=words.target(t, one))
        page.cell(62, 5, said, align="R")
        most = max(100.0, float(found.value))
        page.set_fill_color(*GRID)
        page.rect(MARGIN, y + 5.6, wide, 3, style="F", round_corners=True, corner_radius=1.5)
        if length := wide * float(found.value) / most:
            page.set_fill_color(*shade)
            page.rect(MARGIN, y + 5.6, max(length, 3), 3, style="F", round_corners=True, corner_radius=1.5)
        if one.target is not None:
            mark = MARGIN + wide * min(1.0, float(one.target) / most)
            page.set_draw_color(*INK)
            page.set_line_width(0.7)
            page.line(mark, y + 4.8, mark, y + 9.4)
        y += 13
    if not shown:
        page.set_font("DejaVu", "", 10)
        page.set_xy(MARGIN, y)
        page.cell(wide, 6, t("indicator-poster.no-shares"))
        y += 10
    return y


def _sayings(page: Any, t: Translator, report: Report, y: float) -> None:
    page.set_text_color(*INK)
    page.set_font("DejaVu", "B", 12)
    page.set_xy(MARGIN, y)
    page.cell(WIDTH - 2 * MARGIN, 6, t("indicator-poster.next"))
    y += 8
    page.set_font("DejaVu", "", 9)
    lines = [line.strip() for line in report.texts.get("recommendations", "").splitlines() if line.strip()]
    for line in lines[:SAYINGS]:
        text = line if len(line) <= ONLY else f"{line[: ONLY - 1].rstrip()}…"
        if y > HEIGHT - 30:
            break
        page.set_fill_color(*DEEP)
        page.ellipse(MARGIN, y + 1.5, 1.8, 1.8, style="F")
        page.set_xy(MARGIN + 4, y)
        page.multi_cell(WIDTH - 2 * MARGIN - 4, 4.6, text, align="L")
        y = page.get_y() + 1.5


def _foot(page: Any, t: Translator, report: Report) -> None:
    page.set_draw_color(*GRID)
    page.set_line_width(0.4)
    page.line(MARGIN, HEIGHT - 20, WIDTH - MARGIN, HEIGHT - 20)
    page.set_text_color(*QUIET)
    page.set_font("DejaVu", "", 7.5)
    page.set_xy(MARGIN, HEIGHT - 18)
    page.multi_cell(WIDTH - 2 * MARGIN, 3.8, f"{standing(t, report.edition)} {t('indicator-poster.foot')}", align="L")


def _cut(page: Any, text: str, width: float) -> str:
    while page.get_string_width(text) > width and len(text) > 4:
        text = f"{text[:-2].rstrip('…').rstrip()}…"
    return text
