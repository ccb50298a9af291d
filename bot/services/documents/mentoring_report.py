"""Half-year monitoring of mentoring: DOCX to hand in, XLSX whose totals and shares are formulas."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from bot.i18n import Translator
from bot.services.documents.page import Paper
from bot.services.documents.route_card import day

PARTS = ("organisations", "mentors", "covered", "methodists")
TARGETS = {"organisations": 100, "mentors": 5, "covered": 50, "methodists": 30}
"""Per cent (domain.md §5.1): every organisation, ≥ 5 % of teachers, ≥ 50 % of the young, ≥ 30 % of methodists."""

COLUMNS = (
    "organisation", "municipality", "has", "teachers", "mentors", "mentors-share", "young", "covered", "covered-share",
    "methodists", "methodists-mentors", "pairs", "started", "finished", "broken", "meetings",
)  # fmt: skip
PLAIN = ("teachers", "mentors", "young", "covered", "methodists", "methodists_mentors", "pairs", "started", "finished",
         "broken", "meetings")  # fmt: skip
SHARES = {"mentors-share": ("mentors", "teachers"), "covered-share": ("covered", "young")}
WIDTHS = (42, 30, 19, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16)
PRINTED = tuple(name for name in COLUMNS if name not in ("started", "methodists-mentors"))


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """One organisation on the day of the report; people of the main work, pairs with an order."""

    name: str
    municipality: str
    teachers: int
    mentors: int
    young: int
    covered: int
    methodists: int
    methodists_mentors: int
    pairs: int
    started: int
    finished: int
    broken: int
    meetings: int

    @property
    def has(self) -> bool:
        """Mentoring lives here: a pair of the organisation works, or somebody of it is a mentor."""
        return bool(self.pairs or self.mentors)


@dataclass(frozen=True, slots=True)
class Report:
    """All organisations of somebody's reach; ``half`` is «2026-2»."""

    half: str
    on: date
    lines: tuple[PlaceLine, ...]

    def total(self, name: str) -> int:
        """The sum of a column."""
        return sum(getattr(line, name) for line in self.lines)

    def parts(self) -> dict[str, tuple[int, int]]:
        """Numerator and denominator of the four lines of the summary."""
        return {
            "organisations": (sum(line.has for line in self.lines), len(self.lines)),
            "mentors": (self.total("mentors"), self.total("teachers")),
            "covered": (self.total("covered"), self.total("young")),
            "methodists": (self.total("methodists_mentors"), self.total("methodists")),
        }


def title_of(t: Translator, report: Report) -> str:
    """With the half in words and the day whose state it gives."""
    year, part = report.half.split("-")
    return t("documents-mentoring.title-of", half=t(f"documents-mentoring.half-{part}", year=year), date=day(report.on))


def monitoring_paper(t: Translator, report: Report) -> bytes:
    """The summary and a table by organisation."""
    paper = Paper(t("documents-mentoring.title"))
    paper.heading(title_of(t, report))
    head = [t(f"documents-mentoring.{name}") for name in ("indicator", "fact", "of", "share", "target", "met")]
    rows = []
    for name, (of, all_) in report.parts().items():
        share = _share(of, all_)
        reached = "—" if share is None else t(f"documents-mentoring.{'yes' if share >= TARGETS[name] else 'no'}")
        rows.append(
            (t(f"documents-mentoring.line-{name}"), str(of), str(all_), _percent(t, share), _target(t, name), reached)
        )
    paper.table(head, rows, (97, 30, 30, 35, 45, 30), 11)
    paper.part(t("documents-mentoring.sheet"))
    paper.table([t(f"documents-mentoring.{name}") for name in PRINTED], _printed(t, report), WIDTHS, 8)
    paper.line(t("documents-mentoring.how"))
    return paper.content()


def _printed(t: Translator, report: Report) -> list[list[str]]:
    rows = []
    for line in report.lines:
        cells = {name.replace("_", "-"): str(getattr(line, name)) for name in PLAIN}
        cells |= {
            "organisation": line.name, "municipality": line.municipality,
            "has": t(f"documents-mentoring.{'yes' if line.has else 'no'}"),
            "mentors-share": _percent(t, _share(line.mentors, line.teachers), short=True),
            "covered-share": _percent(t, _share(line.covered, line.young), short=True),
            "methodists": f"{line.methodists_mentors}/{line.methodists}",
        }  # fmt: skip
        rows.append([cells[name] for name in PRINTED])
    return rows


def monitoring_sheet(t: Translator, report: Report) -> bytes:
    """Two sheets: organisations (shares and totals are formulas) and the summary that reads them."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        bold = book.add_format({"bold": True, "font_size": 13})
        head = book.add_format({"bold": True, "border": 1, "text_wrap": True, "valign": "top", "bg_color": "#E8EEF7"})
        text = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
        whole = book.add_format({"border": 1, "valign": "top", "num_format": "0"})
        share = book.add_format({"border": 1, "valign": "top", "num_format": "0.0"})
        sum_of = book.add_format({"border": 1, "bold": True, "num_format": "0"})
        summary = book.add_worksheet(t("documents-mentoring.totals"))
        sheet = book.add_worksheet(t("documents-mentoring.sheet"))
        at = {name: place for place, name in enumerate(COLUMNS)}
        first, last = 2, 1 + len(report.lines)
        below = last + 1
        sheet.write_string(0, 0, title_of(t, report), bold)
        for name, place in at.items():
            sheet.set_column(place, place, {"organisation": 40, "municipality": 34}.get(name, 13))
            sheet.write_string(1, place, t(f"documents-mentoring.{name}"), head)
        sheet.set_row(1, 46)
        for row, line in enumerate(report.lines, start=first):
            sheet.write_string(row, 0, line.name, text)
            sheet.write_string(row, 1, line.municipality, text)
            for plain in PLAIN:
                sheet.write_number(row, at[plain.replace("_", "-")], getattr(line, plain), whole)
            pairs, mentors = xl_rowcol_to_cell(row, at["pairs"]), xl_rowcol_to_cell(row, at["mentors"])
            sheet.write_formula(row, at["has"], f"=IF({pairs}+{mentors}>0,1,0)", whole, int(line.has))
            for name, (of, all_) in SHARES.items():
                value = _share(getattr(line, of), getattr(line, all_))
                cells = xl_rowcol_to_cell(row, at[of]), xl_rowcol_to_cell(row, at[all_])
                sheet.write_formula(row, at[name], _divided(*cells), share, "" if value is None else value)
        sheet.write_string(below, 0, t("documents-mentoring.all"), head)
        sheet.write_formula(
            below, 1, f"=COUNTA(A{first + 1}:A{last + 1})" if report.lines else "=0", sum_of, len(report.lines)
        )
        for name in ("has", *(plain.replace("_", "-") for plain in PLAIN)):
            column = xl_col_to_name(at[name])
            value = report.parts()["organisations"][0] if name == "has" else report.total(name.replace("-", "_"))
            formula = f"=SUM({column}{first + 1}:{column}{last + 1})" if report.lines else "=0"
            sheet.write_formula(below, at[name], formula, sum_of, value)
        for name, (of, all_) in SHARES.items():
            value = _share(report.total(of), report.total(all_))
            cells = xl_rowcol_to_cell(below, at[of]), xl_rowcol_to_cell(below, at[all_])
            sheet.write_formula(below, at[name], _divided(*cells), share, "" if value is None else value)
        sheet.freeze_panes(2, 1)
        sheet.autofilter(1, 0, max(2, last), len(COLUMNS) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(1)
        _summary(t, report, summary, at, below, (bold, head, text, whole, share))
    return out.getvalue()


def _summary(
    t: Translator, report: Report, sheet: Any, at: dict[str, int], below: int, formats: tuple[Any, ...]
) -> None:
    bold, head, text, whole, share = formats
    sheet.write_string(0, 0, title_of(t, report), bold)
    for place, name in enumerate(("indicator", "fact", "of", "share", "target", "met")):
        sheet.set_column(place, place, 38 if place == 0 else 16)
        sheet.write_string(1, place, t(f"documents-mentoring.{name}"), head)
    columns = {
        "organisations": (at["has"], 1), "mentors": (at["mentors"], at["teachers"]),
        "covered": (at["covered"], at["young"]), "methodists": (at["methodists-mentors"], at["methodists"]),
    }  # fmt: skip
    name_of = t("documents-mentoring.sheet")
    yes, no = t("documents-mentoring.yes"), t("documents-mentoring.no")
    for row, (name, (of, all_)) in enumerate(report.parts().items(), start=2):
        value = _share(of, all_)
        sheet.write_string(row, 0, t(f"documents-mentoring.line-{name}"), text)
        for place, (column, known) in enumerate(zip(columns[name], (of, all_), strict=True), start=1):
            sheet.write_formula(row, place, f"='{name_of}'!{xl_rowcol_to_cell(below, column)}", whole, known)
        cell = f"D{row + 1}"
        sheet.write_formula(row, 3, _divided(f"B{row + 1}", f"C{row + 1}"), share, "" if value is None else value)
        sheet.write_number(row, 4, TARGETS[name], whole)
        reached = "" if value is None else yes if value >= TARGETS[name] else no
        sheet.write_formula(row, 5, f'=IF({cell}="","",IF({cell}>=E{row + 1},"{yes}","{no}"))', text, reached)
    note = t("documents-mentoring.how")
    sheet.merge_range(7, 0, 9, 5, note, text)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _divided(of: str, all_: str) -> str:
    return f'=IF({all_}=0,"",ROUNDDOWN({of}/{all_}*100,1))'


def _share(of: int, all_: int) -> float | None:
    """Per cent rounded down to a tenth, in both files: 4.96 must not be printed as the reached 5."""
    return of * 1000 // all_ / 10 if all_ else None


def _percent(t: Translator, share: float | None, *, short: bool = False) -> str:
    if share is None:
        return "—" if short else t("documents-mentoring.unknown")
    return f"{share:.1f}".replace(".", ",")


def _target(t: Translator, name: str) -> str:
    key = "exactly" if name == "organisations" else "at-least"
    return t(f"documents-mentoring.{key}", n=TARGETS[name])
