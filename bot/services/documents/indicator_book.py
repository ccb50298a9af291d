"""The table of indicators as XLSX: numbers with formulas over them, municipalities, passports, lists.

Rows go to the disk as they come (``constant_memory``): a list of any length takes no more memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor
from pathlib import Path
from textwrap import wrap
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from bot.i18n import Translator
from bot.rules.indicators.model import Compare
from bot.services.indicators import wording as words
from bot.services.indicators.edition import Cell, Edition, Listed, Row
from bot.services.indicators.evidence import Record

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEAD = 4
"""Row of the headings of the first sheet, from 0: title, period, source and a free line stand above."""
# Columns of the first sheet.
TARGET, TOP, BOTTOM, BEFORE, LOAD, VALUE = "FGHIJK"
WIDTHS = (10, 36, 30, 12, 10, 9, 11, 12, 11, 11, 10, 10, 9, 11, 12, 30, 44)
COLUMNS = (
    "id", "name", "clause", "unit", "compare", "target", "numerator", "denominator", "before", "load", "value",
    "average", "needed", "gap", "met", "source", "doubts",
)  # fmt: skip
PLACE_WIDTHS = (10, 44, 30, 12, 13, 11, 10, 10, 12, 12, 40)
PLACE_COLUMNS = (
    "id", "name", "place", "numerator", "denominator", "value", "target", "needed", "gap", "met", "doubts",
)  # fmt: skip
LIST = {"no": 7, "person": 36, "organisation": 40, "place": 30, "day": 12, "fact": 34, "proof": 50}
SCHOOL = {"place": 30, "organisation": 60, "count": 12}
RECORD = {"no": 7, "record": 70, "where": 44, "begins": 13, "ends": 13}
"""Columns of a list with their widths: of people; of organisations where names may not be seen; of records."""
LINE = 15
"""Points of a line of text: a row written at once to the disk does not grow by itself."""


class Book:
    """A workbook that is written line by line; ``close`` finishes the file."""

    def __init__(self, path: Path, t: Translator, edition: Edition) -> None:
        options = {
            "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
            "strings_to_numbers": False,
        }  # fmt: skip
        self.book = xlsxwriter.Workbook(str(path), options)
        self.book.set_calc_mode("auto")
        self.t, self.edition = t, edition
        made: dict[str, dict[str, Any]] = {
            "bold": {"bold": True, "font_size": 13}, "plain": {}, "mute": {"font_color": "#555555"},
            "head": {"bold": True, "border": 1, "text_wrap": True, "valign": "top", "bg_color": "#E3EFEC"},
            "cell": {"border": 1, "text_wrap": True, "valign": "top"},
            "whole": {"border": 1, "valign": "top", "num_format": "#,##0"},
            "two": {"border": 1, "valign": "top", "num_format": "#,##0.00"},
            "day": {"border": 1, "valign": "top", "num_format": "dd.mm.yyyy", "align": "left"},
        }  # fmt: skip
        self.style = {name: self.book.add_format(look) for name, look in made.items()}
        self._row = 0
        self._list: Any = None

    def numbers(self) -> None:
        """The sheet of indicators, of municipalities, and of passports."""
        self._indicators()
        self._places()
        self._passports()

    def begin(self, row: Row, columns: Mapping[str, int]) -> None:
        """A sheet for the list of an indicator: ``LIST``, ``SCHOOL`` or ``RECORD``."""
        t = self.t
        self._list = self.book.add_worksheet(row.definition.id)
        for place, width in enumerate(columns.values()):
            self._list.set_column(place, place, width)
        self._list.write_string(0, 0, f"{row.definition.id}. {row.definition.title}", self.style["bold"])
        self._list.write_string(1, 0, row.definition.numerator_text, self.style["mute"])
        self._heads(self._list, 2, [t(f"indicator-book.{name}") for name in columns])
        self._list.freeze_panes(3, 0)
        self._page(self._list, 2)
        self._row = 3

    def people(self, listed: Sequence[Listed]) -> None:
        """More lines of the list that was begun."""
        t, sheet, style = self.t, self._list, self.style
        for one in listed:
            name = one.name or t("indicator-book.gone" if one.is_gone else "indicator-book.unnamed")
            _grow(
                sheet, self._row, (name, one.organisation, one.municipality, one.proof),
                (LIST["person"], LIST["organisation"], LIST["place"], LIST["proof"]),
            )  # fmt: skip
            sheet.write_number(self._row, 0, self._row - 2, style["whole"])
            sheet.write_string(self._row, 1, name, style["cell"])
            sheet.write_string(self._row, 2, one.organisation, style["cell"])
            sheet.write_string(self._row, 3, one.municipality, style["cell"])
            if one.on is None:
                sheet.write_blank(self._row, 4, None, style["cell"])
            else:
                sheet.write_datetime(self._row, 4, one.on, style["day"])
            sheet.write_string(self._row, 5, words.fact(t, one.kind) if one.kind else "", style["cell"])
            sheet.write_string(self._row, 6, one.proof, style["cell"])
            self._row += 1

    def records(self, rows: Sequence[Record]) -> None:
        """More lines of the list of records that was begun."""
        sheet, style = self._list, self.style
        for one in rows:
            _grow(sheet, self._row, (one.title, one.place), (RECORD["record"], RECORD["where"]))
            sheet.write_number(self._row, 0, self._row - 2, style["whole"])
            sheet.write_string(self._row, 1, one.title, style["cell"])
            sheet.write_string(self._row, 2, one.place, style["cell"])
            for place, day in ((3, one.since), (4, one.until)):
                if day is None:
                    sheet.write_blank(self._row, place, None, style["cell"])
                else:
                    sheet.write_datetime(self._row, place, day, style["day"])
            self._row += 1

    def organisations(self, rows: Sequence[tuple[str, str, int]]) -> None:
        """Organisations with how many of theirs are counted."""
        for place, title, count in rows:
            self._list.write_string(self._row, 0, place, self.style["cell"])
            self._list.write_string(self._row, 1, title, self.style["cell"])
            self._list.write_number(self._row, 2, count, self.style["whole"])
            self._row += 1
        if not rows:
            self._list.write_string(self._row, 0, self.t("indicator-book.few"), self.style["mute"])
            self._row += 1

    def close(self) -> None:
        """Finish the file."""
        self.book.close()

    def _indicators(self) -> None:
        t, style = self.t, self.style
        sheet = self.book.add_worksheet(t("indicator-book.sheet"))
        for place, width in enumerate(WIDTHS):
            sheet.set_column(place, place, width)
        sheet.write_string(0, 0, t("indicator-book.title", period=self.edition.period.name), style["bold"])
        sheet.write_string(1, 0, standing(t, self.edition), style["mute"])
        sheet.write_string(2, 0, t("indicator-book.how"), style["mute"])
        sheet.set_row(HEAD, 2 * LINE)
        self._heads(sheet, HEAD, [t(f"indicator-book.{name}") for name in COLUMNS])
        for number, row in enumerate(self.edition.rows, start=HEAD + 1):
            self._indicator(sheet, number, row)
        sheet.freeze_panes(HEAD + 1, 2)
        sheet.autofilter(HEAD, 0, HEAD + max(1, len(self.edition.rows)), len(COLUMNS) - 1)
        self._page(sheet, HEAD)

    def _indicator(self, sheet: Any, at: int, row: Row) -> None:
        t, style = self.t, self.style
        one, found = row.definition, row.outcome
        clause = f"{t('indicator-order', no=one.order_no, date=f'{one.order_date:%d.%m.%Y}')}, {one.clause}"
        why = [t(f"indicator-reason.{found.reason}")] if found.reason else []
        source = words.sourced(t, one, found)
        doubts = "\n".join([*why, *words.doubts(t, found)])
        texts = (one.id, one.title, clause, one.unit, t(f"indicator-compare.{one.compare.name}"))
        _grow(sheet, at, (*texts, source, doubts), (*WIDTHS[:5], *WIDTHS[15:]))
        for place, text in enumerate(texts):
            sheet.write_string(at, place, text, style["cell"])
        self._number(sheet, at, 5, None if one.target is None else float(one.target))
        for place, count in enumerate((found.numerator, found.denominator, found.before, row.load), start=6):
            self._number(sheet, at, place, count)
        value = None if found.value is None else float(found.value)
        shown = (words.value(t, one, found) if one.compare is Compare.yes else value) if value is not None else None
        average = None if found.average is None else float(found.average)
        yes, no = t("indicator-value.yes"), t("indicator-value.no")
        met = "" if found.met is None else yes if found.met else no
        results: tuple[tuple[str, Any, str], ...] = (
            (_value(row, at + 1, yes, no), shown, "two"),
            (f'=IF(N(H{at + 1})>0,G{at + 1}/H{at + 1},"")' if one.compare is Compare.most else "", average, "two"),
            (_needed(row, at + 1), found.needed, "whole"),
            (_gap(row, at + 1), found.gap, "whole"),
            (_met(row, at + 1, yes, no), met, "cell"),
        )
        for place, (formula, cached, look) in enumerate(results, start=10):
            if formula and not found.reason:
                sheet.write_formula(at, place, formula, style[look], "" if cached is None else cached)
            else:
                sheet.write_blank(at, place, None, style[look])
        sheet.write_string(at, 15, source, style["cell"])
        sheet.write_string(at, 16, doubts, style["cell"])

    def _places(self) -> None:
        t, style = self.t, self.style
        sheet = self.book.add_worksheet(t("indicator-book.places"))
        for place, width in enumerate(PLACE_WIDTHS):
            sheet.set_column(place, place, width)
        self._heads(sheet, 0, [t(f"indicator-book.{name}") for name in PLACE_COLUMNS])
        yes, no = t("indicator-value.yes"), t("indicator-value.no")
        at, where = 1, {}
        for row in self.edition.rows:
            if not row.behind and not any(cell.numerator for cell in row.places.values()):
                continue
            for number, (title, cell) in zip(row.places, self.edition.of_municipalities(row), strict=True):
                self._place(sheet, at, row, title, cell, yes, no)
                where[row.definition.id, number] = at + 1
                at += 1
        if at == 1:
            sheet.write_string(1, 0, t("indicator-book.no-places"), style["mute"])
        sheet.freeze_panes(1, 3)
        sheet.autofilter(0, 0, max(1, at - 1), len(PLACE_COLUMNS) - 1)
        self._page(sheet, 0)
        self._matrix(where)

    def _place(self, sheet: Any, at: int, row: Row, title: str, cell: Cell, yes: str, no: str) -> None:
        style, one, n = self.style, row.definition, at + 1
        texts = (one.id, one.title, title)
        _grow(sheet, at, texts, PLACE_WIDTHS)
        for place, text in enumerate(texts):
            sheet.write_string(at, place, text, style["cell"])
        if cell.hidden:
            sheet.write_string(at, 3, self.t("indicator-book.hidden"), style["cell"])
        else:
            self._number(sheet, at, 3, cell.numerator)
        self._number(sheet, at, 4, cell.denominator)
        over = cell.denominator is not None and cell.numerator is not None and cell.numerator > cell.denominator
        doubt = self.t("indicator-doubt.over", n=cell.numerator or 0, d=cell.denominator or 0)
        sheet.write_string(at, 10, doubt if over and one.is_share else "", style["cell"])
        target = float(one.target) if one.target is not None and one.is_share else None
        share = needed = None
        if one.is_share and cell.numerator is not None and cell.denominator:
            share = cell.numerator * 100 / cell.denominator
        if share is not None and target is not None and one.target is not None and cell.denominator:
            exact = one.target * cell.denominator / 100
            needed = floor(exact) if one.compare is Compare.at_most else ceil(exact)
        if share is None:
            sheet.write_blank(at, 5, None, style["two"])
        else:
            sheet.write_formula(at, 5, f'=IF(N(E{n})>0,D{n}/E{n}*100,"")', style["two"], share)
        self._number(sheet, at, 6, target)
        if needed is None or cell.numerator is None:
            for place in (7, 8, 9):
                sheet.write_blank(at, place, None, style["cell"])
            return
        upto = one.compare is Compare.at_most
        gap = max(0, cell.numerator - needed if upto else needed - cell.numerator)
        turn = "ROUNDDOWN" if upto else "ROUNDUP"
        sheet.write_formula(at, 7, f"={turn}(ROUND(G{n}*E{n}/100,6),0)", style["whole"], needed)
        lack = f"D{n}-H{n}" if upto else f"H{n}-D{n}"
        sheet.write_formula(at, 8, f"=MAX(0,{lack})", style["whole"], gap)
        sheet.write_formula(at, 9, f'=IF({lack}<=0,"{yes}","{no}")', style["cell"], no if gap else yes)

    def _matrix(self, where: dict[tuple[str, int], int]) -> None:
        """Municipalities beside each other: each cell points to its line of the long sheet."""
        t, style = self.t, self.style
        chosen = [row for row in self.edition.rows if row.definition.is_share and any(
            cell.denominator and cell.numerator is not None for cell in row.places.values()
        )]  # fmt: skip
        if not chosen or not self.edition.titles:
            return
        sheet = self.book.add_worksheet(t("indicator-book.matrix"))
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, len(chosen), 12)
        self._heads(sheet, 0, [t("indicator-book.place"), *(row.definition.id for row in chosen)])
        long = t("indicator-book.places")
        at = 1
        for number, title in self.edition.titles.items():
            sheet.write_string(at, 0, title, style["cell"])
            for place, row in enumerate(chosen, start=1):
                cell = row.places.get(number)
                line = where.get((row.definition.id, number))
                if cell is None or line is None or not cell.denominator or cell.numerator is None:
                    sheet.write_blank(at, place, None, style["two"])
                    continue
                share = cell.numerator * 100 / cell.denominator
                sheet.write_formula(at, place, f"='{long}'!F{line}", style["two"], share)
            at += 1
        last = at - 1
        for place in range(1, len(chosen) + 1):
            column = xl_col_to_name(place)
            sheet.conditional_format(
                f"{column}2:{column}{last + 1}",
                {
                    "type": "2_color_scale",
                    "min_type": "num",
                    "min_value": 0,
                    "min_color": "#FFFFFF",
                    "max_color": "#8CC3BC",
                },
            )
        sheet.freeze_panes(1, 1)
        self._page(sheet, 0)

    def _passports(self) -> None:
        t = self.t
        sheet = self.book.add_worksheet(t("indicator-book.passports"))
        names = (
            "id",
            "name",
            "order",
            "version",
            "owner",
            "unit",
            "often",
            "numerator",
            "denominator",
            "counted",
            "note",
        )
        widths = (10, 40, 40, 12, 26, 12, 22, 40, 34, 70, 50)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        self._heads(sheet, 0, [t(f"indicator-book.{name}") for name in names])
        for at, row in enumerate(self.edition.rows, start=1):
            one = row.definition
            order = f"{t('indicator-order', no=one.order_no, date=f'{one.order_date:%d.%m.%Y}')}, {one.clause}"
            since = t("indicator-book.since", n=str(one.version), date=f"{one.since:%d.%m.%Y}")
            cells = (
                one.id, one.title, order, since, one.owner, one.unit, one.period, one.numerator_text,
                one.denominator_text, " ".join(words.how(t, one)), one.note or one.counts,
            )  # fmt: skip
            _grow(sheet, at, cells, widths)
            for place, text in enumerate(cells):
                sheet.write_string(at, place, text, self.style["cell"])
        sheet.freeze_panes(1, 2)
        self._page(sheet, 0)

    def _heads(self, sheet: Any, at: int, titles: Sequence[str]) -> None:
        for place, title in enumerate(titles):
            sheet.write_string(at, place, title, self.style["head"])

    def _number(self, sheet: Any, at: int, place: int, value: float | None) -> None:
        if value is None:
            sheet.write_blank(at, place, None, self.style["cell"])
        else:
            sheet.write_number(at, place, value, self.style["whole" if value == int(value) else "two"])

    def _page(self, sheet: Any, repeated: int) -> None:
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(repeated)
        sheet.set_footer(f"&L{standing(self.t, self.edition)[:120]}&R&P")


def _grow(sheet: Any, at: int, texts: Sequence[str], widths: Sequence[int]) -> None:
    """Make a row as high as the longest of its cells; before the row is written."""
    lines = max(
        sum(max(1, len(wrap(part, max(1, width - 2)))) for part in text.split("\n"))
        for text, width in zip(texts, widths, strict=False)
    )
    if lines > 1:
        sheet.set_row(at, lines * LINE)


def standing(t: Translator, edition: Edition) -> str:
    """Of which days the numbers are and whether they are frozen."""
    first, last = f"{edition.period.first:%d.%m.%Y}", f"{edition.period.last:%d.%m.%Y}"
    said = t("indicator-book.standing", first=first, last=last, on=f"{edition.as_of:%d.%m.%Y}")
    if edition.is_frozen and edition.order_date is not None:
        date = f"{edition.order_date:%d.%m.%Y}"
        return f"{said} {t('indicator-book.frozen', id=str(edition.snapshot), no=edition.order_no, date=date)}"
    return f"{said} {t('indicator-book.live')}" if not edition.snapshot else said


def _value(row: Row, n: int, yes: str, no: str) -> str:
    match row.definition.compare:
        case Compare.most:
            return f'=IF(J{n}="","",J{n})'
        case Compare.growth:
            return f'=IF(I{n}="","",G{n}-I{n})'
        case Compare.yes:
            return f'=IF(G{n}>=MAX(1,N(H{n})),"{yes}","{no}")'
        case _ if row.definition.is_share:
            return f'=IF(N(H{n})>0,G{n}/H{n}*100,"")'
    return f"=G{n}"


def _needed(row: Row, n: int) -> str:
    """How many are needed; the same arithmetic as rules/indicators/judging.py."""
    one = row.definition
    turn = "ROUNDDOWN" if one.compare in (Compare.at_most, Compare.most) else "ROUNDUP"
    match one.compare:
        case Compare.growth:
            return f'=IF(I{n}="","",I{n}+INT(N(F{n}))+1)'
        case Compare.yes:
            return f"=MAX(1,N(H{n}))"
    if one.target is None:
        return ""
    if one.is_share and one.compare is not Compare.most:
        return f'=IF(N(H{n})>0,{turn}(ROUND(F{n}*H{n}/100,6),0),"")'
    return f"={turn}(ROUND(F{n},6),0)"


def _gap(row: Row, n: int) -> str:
    if row.outcome.gap is None:
        return ""
    if row.definition.compare is Compare.most:
        return f"=MAX(0,INT(J{n}-F{n}))"
    if row.definition.compare is Compare.at_most:
        return f"=MAX(0,G{n}-M{n})"
    return f'=IF(M{n}="","",MAX(0,M{n}-G{n}))'


def _met(row: Row, n: int, yes: str, no: str) -> str:
    one = row.definition
    if row.outcome.met is None:
        return ""
    if one.compare is Compare.most:
        held = f"J{n}<=F{n}"
    elif one.compare is Compare.at_most:
        held = f"G{n}<=M{n}"
    elif one.compare is Compare.exactly and one.sign_stated:
        held = f"ABS(K{n}-F{n})<0.0000001"
    else:
        held = f"G{n}>=M{n}"
    return f'=IF({held},"{yes}","{no}")'
