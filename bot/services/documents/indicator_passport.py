"""Data for the паспорт ДПО of a year as XLSX (domain.md §7.2): a line, its number, where it comes from."""

from __future__ import annotations

import io
from collections.abc import Iterator

from bot.i18n import Translator
from bot.rules.suppression import LEAST
from bot.services.documents.indicator_book import standing
from bot.services.documents.indicator_report import Report
from bot.services.indicators import wording as words

Cell = str | float | None
Line = tuple[str, Cell, str, str]
"""What, the number, its unit, the source."""
FACTS = (
    "diagnosed", "iom_received", "iom_completed", "course_completed", "internship", "attended", "event_completed",
    "programme_completed", "consulted", "paired", "mentoring_completed", "contest_entered", "practice_published",
)  # fmt: skip
WIDTHS = (80, 14, 18, 70)


def xlsx(t: Translator, report: Report) -> bytes:
    """One sheet of sections; a number that is not known is a line without a number, never a zero."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    sheet = book.add_worksheet(t("indicator-passport.sheet"))
    bold = book.add_format({"bold": True, "font_size": 13})
    mute = book.add_format({"font_color": "#555555"})
    head = book.add_format({"bold": True, "border": 1, "text_wrap": True, "valign": "top", "bg_color": "#E3EFEC"})
    part = book.add_format({"bold": True, "border": 1, "bg_color": "#F3F7F6"})
    cell = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    number = book.add_format({"border": 1, "valign": "top"})
    for place, width in enumerate(WIDTHS):
        sheet.set_column(place, place, width)
    sheet.write_string(0, 0, t("indicator-passport.title", period=report.edition.period.name), bold)
    sheet.write_string(1, 0, standing(t, report.edition), mute)
    sheet.write_string(2, 0, t("indicator-passport.how", least=str(LEAST)), mute)
    for place, name in enumerate(("what", "number", "unit", "source")):
        sheet.write_string(3, place, t(f"indicator-passport.{name}"), head)
    at = 4
    for title, lines in _sections(t, report):
        sheet.merge_range(at, 0, at, 3, title, part)
        at += 1
        for what, value, unit, source in lines:
            sheet.write_string(at, 0, what, cell)
            if value is None:
                sheet.write_blank(at, 1, None, cell)
            elif isinstance(value, str):
                sheet.write_string(at, 1, value, cell)
            else:
                sheet.write_number(at, 1, value, number)
            sheet.write_string(at, 2, unit, cell)
            sheet.write_string(at, 3, source, cell)
            at += 1
    sheet.freeze_panes(4, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(3)
    book.close()
    return out.getvalue()


def _sections(t: Translator, report: Report) -> Iterator[tuple[str, list[Line]]]:
    people, counted = t("indicator-passport.people"), t("indicator-passport.counted")
    yield t("indicator-passport.staff"), _figures(t, report)
    facts = report.beside.facts
    yield (
        t("indicator-passport.work"),
        [(t(f"indicator-passport.fact-{kind}"), _few(t, facts.get(kind, 0)), people, counted) for kind in FACTS],
    )
    events = report.beside.events
    if events:
        lines: list[Line] = [
            (t(f"events-kind.{one.kind}"), one.held, t("indicator-passport.pieces"), counted) for one in events
        ]
        yield t("indicator-passport.events"), lines
    if report.beside.hotline is not None:
        line, pieces = report.beside.hotline, t("indicator-passport.pieces")
        asked: list[Line] = [
            (t("indicator-passport.asked"), line.total, pieces, counted),
            (t("indicator-passport.answered"), line.answered, pieces, counted),
            (t("indicator-passport.in-term"), line.in_term, pieces, counted),
        ]
        yield t("indicator-passport.hotline"), asked
    yield (
        t("indicator-passport.indicators"),
        [_indicator(t, report, place) for place in range(len(report.edition.rows))],
    )


def _figures(t: Translator, report: Report) -> list[Line]:
    """Numbers of statistics that denominators stand on, each once."""
    known: dict[tuple[str, int], Line] = {}
    for row in report.edition.rows:
        figure = row.outcome.source
        if figure is not None:
            what = row.definition.denominator_text
            known.setdefault((what, figure.id), (what, figure.value, "", words.source(t, figure)))
    return list(known.values())


def _indicator(t: Translator, report: Report, place: int) -> Line:
    row = report.edition.rows[place]
    one, found = row.definition, row.outcome
    what = f"{one.id}. {one.title} ({t('admin-indicators.at-target', target=words.target(t, one))})"
    source = words.sourced(t, one, found)
    if found.reason:
        return what, None, one.unit, t(f"indicator-reason.{found.reason}")
    value = None if found.value is None else round(float(found.value), 2)
    return what, value, one.unit, source or t("indicator-passport.counted")


def _few(t: Translator, n: int) -> Cell:
    return n if n >= LEAST or not n else t("indicator-book.hidden")
