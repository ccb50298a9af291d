"""The results of a wave as DOCX and XLSX: only what the page shows, with how it may be read."""

from __future__ import annotations

import io
from datetime import date
from textwrap import wrap

from bot.i18n import Translator, date_ru
from bot.rules.wellbeing import Level
from bot.rules.wellbeing_tables import LEAST, Row, share
from bot.services.documents.page import Paper
from bot.services.wellbeing import instruments
from bot.services.wellbeing.waves import DIMENSIONS, UNSAID, Report

WIDTHS = (107, 40, 40, 40, 40)
SIGNS = (44, 16, 16, 16, 16)


def docx(t: Translator, made: Report, on: date) -> bytes:
    """For the head and the ministry."""
    title = t("admin-wellbeing-paper.title")
    paper = Paper(title)
    paper.heading(title, f"{made.wave.title}. {period(t, made)}")
    paper.line(t("admin-wellbeing-paper.ground"))
    instrument = instruments.all_of().get(made.wave.instrument)
    if instrument is not None:
        paper.line(f"{t('admin-wellbeing-paper.instrument')}: {instrument.title}. {t('wellbeing-page.not-diagnosis')}")
    for line in notes(t, made):
        paper.line(line)
    paper.part(t("admin-wellbeing.levels"))
    paper.table(_head(t, t("admin-wellbeing.wave")), [_whole(t, made)], WIDTHS, 10)
    for name in DIMENSIONS:
        paper.part(t(f"admin-wellbeing.by-{name}"))
        paper.table(
            _head(t, t(f"admin-wellbeing.head-{name}")),
            [place_line(t, made, name, row) for row in made.tables.dimensions[name]],
            WIDTHS,
            10,
        )
    paper.line(t("admin-wellbeing-paper.made", on=date_ru(on)))
    return paper.content()


def xlsx(t: Translator, made: Report, on: date) -> bytes:
    """The same on one sheet; a published number is a number, a hidden one is words."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    sheet = book.add_worksheet(t("admin-wellbeing-paper.sheet"))
    bold = book.add_format({"bold": True, "font_size": 13})
    head = book.add_format({"bold": True, "border": 1, "text_wrap": True, "valign": "top", "bg_color": "#E8EEF7"})
    cell = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    count = book.add_format({"border": 1, "align": "left", "valign": "top"})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    for column, width in enumerate(SIGNS):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, f"{t('admin-wellbeing-paper.title')}: {made.wave.title}. {period(t, made)}", bold)
    at = 1
    for line in notes(t, made):
        sheet.merge_range(at, 0, at, 4, line, plain)
        sheet.set_row(at, 15 * len(wrap(line, sum(SIGNS))))
        at += 1
    tables: list[tuple[str, list[tuple[str, int | None, tuple[int | None, ...]]]]] = [
        (t("admin-wellbeing.levels"), [(t("admin-wellbeing.total"), made.tables.total, made.tables.levels)])
    ]
    for name in DIMENSIONS:
        rows = [(row_name(t, made, name, row), row.total, row.cells) for row in made.tables.dimensions[name]]
        tables.append((t(f"admin-wellbeing.by-{name}"), rows))
    for title, rows in tables:
        at += 1
        for column, words in enumerate(_head(t, title)):
            sheet.write_string(at, column, words, head)
        for words, total, cells in rows:
            at += 1
            sheet.write_string(at, 0, words, cell)
            for column, number in enumerate((total, *cells), start=1):
                if number is None:
                    sheet.write_string(at, column, t("admin-wellbeing.few"), cell)
                else:
                    sheet.write_number(at, column, number, count)
        at += 1
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4)
    sheet.fit_to_pages(1, 0)
    book.close()
    return out.getvalue()


def period(t: Translator, made: Report) -> str:
    """«С 01.10.2026 по 21.10.2026»."""
    said = t("admin-wellbeing.period", **{"from": date_ru(made.wave.opens_on), "to": date_ru(made.wave.closes_on)})
    return f"{said}, {t('admin-wellbeing.early')}" if made.wave.closed_early else said


def notes(t: Translator, made: Report) -> list[str]:
    """How the numbers may be read."""
    said = [t("admin-wellbeing.not-a-sample"), t("admin-wellbeing.rules", least=LEAST)]
    instrument = instruments.all_of().get(made.wave.instrument)
    if instrument is not None:
        first, second = instrument.scale.borders
        said.append(t("admin-wellbeing.index", first=first, second=second))
    return said


def row_name(t: Translator, made: Report, dimension: str, row: Row) -> str:
    """Name of a municipality or a stage."""
    return t("admin-wellbeing.unsaid") if row.value == UNSAID else made.names[dimension].get(row.value, row.value)


def number(t: Translator, count: int | None, total: int | None) -> str:
    """«24 (35 %)», «24» without a total, «мало ответов»."""
    if count is None:
        return t("admin-wellbeing.few")
    return t("admin-wellbeing.share", n=str(count), share=str(share(count, total))) if total else str(count)


def _head(t: Translator, first: str) -> list[str]:
    return [first, t("admin-wellbeing.total"), *(t(f"admin-wellbeing-level.{level.value}") for level in Level)]


def _whole(t: Translator, made: Report) -> list[str]:
    total = made.tables.total
    return [made.wave.title, number(t, total, None), *(number(t, count, total) for count in made.tables.levels)]


def summary(t: Translator, made: Report) -> tuple[list[str], list[str]]:
    """The headings of a table and its line of everybody."""
    return _head(t, t("admin-wellbeing.wave")), _whole(t, made)


def place_line(t: Translator, made: Report, dimension: str, row: Row) -> list[str]:
    """A line of a table by a dimension."""
    return [
        row_name(t, made, dimension, row),
        number(t, row.total, None),
        *(number(t, n, row.total) for n in row.cells),
    ]
