"""Аналитическая справка as DOCX: the twelve parts of domain.md §7.4 with charts and tables by municipality."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from bot.i18n import Translator, date_ru
from bot.rules.indicators.model import Compare
from bot.rules.suppression import LEAST
from bot.services.documents import charts
from bot.services.documents import wellbeing as wellbeing_paper
from bot.services.documents.charts import Bar
from bot.services.documents.indicator_book import standing
from bot.services.documents.page import Paper
from bot.services.indicators import wording as words
from bot.services.indicators.edition import Cell, Edition, Row
from bot.services.indicators.gathering import Gathered, Share
from bot.services.wellbeing.waves import DIMENSIONS

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
WIDE = 8
"""Indicators beside each other in a table by municipality."""
CHART = 18
"""Bars of one chart."""


@dataclass(frozen=True, slots=True)
class Report:
    """What is printed: numbers, what stands beside them, the words of parts 10–12 as edited."""

    edition: Edition
    beside: Gathered
    texts: Mapping[str, str]
    centre: str
    made_on: date
    before: Mapping[str, Fraction]
    before_on: date | None


def docx(t: Translator, report: Report) -> bytes:
    """The whole paper."""
    return _Writer(t, report).content()


class _Writer:
    def __init__(self, t: Translator, report: Report) -> None:
        self.t, self.report, self.edition = t, report, report.edition
        self.paper = Paper(self.t("indicator-report.title"))

    def content(self) -> bytes:
        """Every part in its order."""
        edition = self.edition
        under = self.t("indicator-report.under", period=self._period(), on=date_ru(edition.as_of))
        self.paper.heading(self.t("indicator-report.title"), under)
        for number, part in enumerate(
            (
                self._ground, self._method, self._numbers, self._deficits, self._routes, self._events,
                self._mentoring, self._hotline, self._wellbeing,
            ),
            start=1,
        ):  # fmt: skip
            self.paper.part(f"{number}. {self.t(f'indicator-report.part-{number}')}")
            part()
        for number, name in enumerate(("conclusions", "recommendations", "decisions"), start=10):
            self.paper.part(f"{number}. {self.t(f'indicator-report.part-{number}')}")
            self._sentences(number, self.report.texts.get(name, ""))
        self.paper.part(self.t("indicator-report.appendices"))
        self._appendices()
        self.paper.signatures([(self.t("documents-sign.head"), "")], self.t("documents-sign.day"))
        return self.paper.content()

    def _period(self) -> str:
        return f"{self.edition.period.first:%d.%m.%Y}–{self.edition.period.last:%d.%m.%Y}"

    def _ground(self) -> None:
        t = self.t
        orders: dict[tuple[str, date], int] = {}
        for row in self.edition.rows:
            key = (row.definition.order_no, row.definition.order_date)
            orders[key] = orders.get(key, 0) + 1
        for (no, day), n in sorted(orders.items(), key=lambda one: -one[1]):
            self.paper.line(t("indicator-report.order", no=no, date=date_ru(day), n=n))
        self.paper.line(t("indicator-report.aim"))
        if self.report.centre:
            self.paper.line(t("indicator-report.maker", centre=self.report.centre))

    def _method(self) -> None:
        t = self.t
        self.paper.line(standing(t, self.edition))
        self.paper.line(t("indicator-report.method", least=LEAST))
        if self.edition.snapshot and self.edition.parts is None:
            # Taken before parts were kept: the numbers are the snapshot's, the rest is not.
            self.paper.line(t("indicator-report.parts-live", on=date_ru(self.report.made_on)))
        known: dict[str, list[str]] = {}
        for row in self.edition.rows:
            if row.outcome.source is not None:
                told = f"{row.definition.denominator_text} — {words.grouped(row.outcome.source.value)}"
                known.setdefault(f"{told}|{words.source(t, row.outcome.source)}", []).append(row.definition.id)
        if known:
            self._lead(t("indicator-report.denominators"))
            head = [t("indicator-book.denominator"), t("indicator-book.source"), t("indicator-report.used")]
            rows = [[*key.split("|", 1), ", ".join(ids)] for key, ids in known.items()]
            self.paper.table(head, rows, (90, 97, 80), 9)
        limits = [(row, line) for row in self.edition.rows for line in _limits(t, row)]
        if limits:
            self._lead(t("indicator-report.limits"))
            rows = [[row.definition.id, row.definition.title, line] for row, line in limits]
            head = [t("indicator-book.id"), t("indicator-book.name"), t("indicator-book.doubts")]
            self.paper.table(head, rows, (20, 90, 157), 9)

    def _numbers(self) -> None:
        t = self.t
        before = self.report.before_on
        moved = t("indicator-report.moved", on=date_ru(before)) if before else t("indicator-report.moved-none")
        head = [
            t("indicator-book.id"), t("indicator-book.name"), t("indicator-report.plan"), t("indicator-report.fact"),
            t("indicator-report.from"), t("indicator-report.apart"), moved,
        ]  # fmt: skip
        self.paper.table(head, [self._number(row) for row in self.edition.rows], (18, 95, 24, 24, 34, 46, 26), 9)
        shares = [row for row in self.edition.rows if row.definition.is_share and row.outcome.value is not None]
        for start in range(0, len(shares), CHART):
            drawn = shares[start : start + CHART]
            self._lead(t("indicator-report.chart"))
            self._picture(charts.bars([self._bar(row) for row in drawn]))
        placed = [row for row in shares if any(cell.denominator for cell in row.places.values())]
        for start in range(0, len(placed), WIDE):
            self._by_place(placed[start : start + WIDE])
        if not placed:
            self.paper.line(t("indicator-report.no-places"))

    def _number(self, row: Row) -> list[str]:
        t, one, found = self.t, row.definition, row.outcome
        made = "—" if found.numerator is None else words.grouped(found.numerator)
        if found.numerator is not None and found.denominator is not None:
            made = t("indicator-report.of", n=made, d=words.grouped(found.denominator))
        apart = t(f"indicator-reason.{found.reason}") if found.reason else words.gap(t, one, found) or "—"
        was = self.report.before.get(one.id)
        step = "—" if was is None or found.value is None else words.decimal(found.value - was)
        if was is not None and found.value is not None and found.value > was:
            step = f"+{step}"
        return [one.id, one.title, words.target(t, one), words.value(t, one, found), made, apart, step]

    def _bar(self, row: Row) -> Bar:
        one, found = row.definition, row.outcome
        assert found.value is not None
        fits = one.target is not None and one.compare is not Compare.growth
        label = charts.short(f"{one.id} {one.title}")
        target = float(one.target) if fits and one.target is not None else None
        return Bar(label, float(found.value), words.value(self.t, one, found), target, found.met)

    def _by_place(self, rows: Sequence[Row]) -> None:
        t = self.t
        self._lead(
            t("indicator-report.by-place", names="; ".join(f"{r.definition.id} — {r.definition.title}" for r in rows))
        )
        head = [t("indicator-book.place"), *(row.definition.id for row in rows)]
        lines = []
        hidden = 0
        for number, title in self.edition.titles.items():
            cells = [row.places.get(number) for row in rows]
            if any(cell is not None and cell.numerator is not None for cell in cells):
                lines.append([title, *(_share(t, cell) for cell in cells)])
            else:
                hidden += 1
        lines.append([t("indicator-report.region"), *(words.value(t, row.definition, row.outcome) for row in rows)])
        wide = 207 // len(rows)
        self.paper.table(head, lines, (267 - wide * len(rows), *[wide] * len(rows)), 8.5)
        self._left_out(hidden)

    def _deficits(self) -> None:
        t, beside = self.t, self.report.beside
        if not beside.groups:
            self.paper.line(t("indicator-report.no-results", least=LEAST))
        else:
            self._lead(t("indicator-report.groups"))
            drawn = beside.groups[:CHART]
            self._picture(charts.bars([_weak_bar(t, one) for one in drawn]))
        for name, lines in beside.cuts:
            if any(one.n is not None for one in lines):
                self._lead(t(f"indicator-report.cut-{name}"))
                head = [
                    t(f"indicator-report.cut-{name}-line"),
                    t("indicator-report.people"),
                    t("indicator-report.weak"),
                ]
                shown = [one for one in lines if one.n is not None]
                self.paper.table(head, [self._cut(name, one) for one in shown], (147, 60, 60), 9)
                self._left_out(len(lines) - len(shown))
        if beside.top:
            self._lead(t("indicator-report.top"))
            head = [
                t("indicator-report.place"), t("indicator-report.statement"), t("indicator-report.group"),
                t("indicator-report.people"), t("indicator-report.hard"),
            ]  # fmt: skip
            rows = [
                [str(n), one.text, one.group, str(one.n), _percent(one.share)] for n, one in enumerate(beside.top, 1)
            ]
            self.paper.table(head, rows, (14, 120, 73, 30, 30), 9)
        self._quality()

    def _cut(self, name: str, one: Share) -> list[str]:
        t = self.t
        title = t(f"indicator-report.side-{name}-{one.title}") if name in ("low", "young") else one.title
        few = t("indicator-book.hidden")
        return [
            title,
            str(one.n),
            few if one.weak is None else f"{one.weak} ({_percent(one.weak * 100 / (one.n or 1))})",
        ]

    def _quality(self) -> None:
        t = self.t
        if not self.report.beside.quality:
            return
        self._lead(t("indicator-report.quality"))
        rows = []
        for one in self.report.beside.quality:
            title = f"{one.title}, {t('indicator-report.version', n=one.number)}"
            title += f" ({t('indicator-report.demo')})" if one.is_demo else ""
            for group, n, alpha in one.groups:
                told = "—" if alpha is None or n < LEAST else f"{alpha:.2f}".replace(".", ",")
                rows.append([title, group, str(one.n) if one.n >= LEAST else t("indicator-book.hidden"), told])
        head = [t("indicator-report.material"), t("indicator-report.group"), "n", "α"]
        self.paper.table(head, rows, (120, 97, 25, 25), 9)

    def _routes(self) -> None:
        t, beside = self.t, self.report.beside
        received, completed = beside.facts.get("iom_received", 0), beside.facts.get("iom_completed", 0)
        self.paper.line(t("indicator-report.routes", received=_few(t, received), completed=_few(t, completed)))
        self._places(("iom_received", "iom_completed"))
        if beside.effect is None:
            self._under(t("indicator-report.no-effect", least=LEAST))
        else:
            n, before, after = beside.effect
            self._under(t("indicator-report.effect", n=n, before=_plain(before), after=_plain(after)))

    def _events(self) -> None:
        t, lines = self.t, self.report.beside.events
        if not lines:
            self.paper.line(t("indicator-report.no-events"))
            return
        head = [t(f"indicator-report.{name}") for name in ("kind", "held", "registered", "attended", "completed")]
        rows = [
            [t(f"events-kind.{one.kind}"), *(str(n) for n in (one.held, one.registered, one.attended, one.completed))]
            for one in lines
        ]
        sums = [sum(getattr(one, name) for one in lines) for name in ("held", "registered", "attended", "completed")]
        self.paper.table(head, [*rows, [t("indicator-report.total"), *map(str, sums)]], (107, 40, 40, 40, 40), 9)
        self._under(t("indicator-report.apart-numbers"))

    def _mentoring(self) -> None:
        t, facts = self.t, self.report.beside.facts
        self.paper.line(
            t(
                "indicator-report.mentoring", paired=_few(t, facts.get("paired", 0)),
                met=_few(t, facts.get("mentored", 0)), done=_few(t, facts.get("mentoring_completed", 0)),
            )
        )  # fmt: skip
        self._places(("paired",))
        young = [row for row in self.edition.rows if row.definition.id in ("SMO-I15", "T-21", "T-22")]
        for row in young:
            one, found = row.definition, row.outcome
            args = {"title": one.title, "value": words.value(t, one, found), "target": words.target(t, one)}
            self.paper.line(t("indicator-report.young", **args))

    def _hotline(self) -> None:
        t, line = self.t, self.report.beside.hotline
        if line is None or not line.total:
            self.paper.line(t("indicator-report.no-questions"))
            return
        self.paper.line(
            t("indicator-report.hotline", n=line.total, answered=str(line.answered), term=str(line.in_term))
        )
        if line.median_minutes is not None:
            self.paper.line(t("documents-problems.median", minutes=str(line.median_minutes)))
        if line.themes:
            head = [t("documents-problems.theme"), t("documents-problems.count")]
            rows = [[t(f"hotline-theme.{name}"), str(n)] for name, n in line.themes]
            self.paper.table(head, rows, (187, 80), 9)
        self._under(t("indicator-report.few-themes", least=LEAST))

    def _wellbeing(self) -> None:
        t, made = self.t, self.report.beside.wellbeing
        if made is None:
            self.paper.line(t("indicator-report.no-wave"))
            return
        self.paper.line(f"{made.wave.title}. {wellbeing_paper.period(t, made)}")
        for note in wellbeing_paper.notes(t, made):
            self.paper.line(note)
        head, whole = wellbeing_paper.summary(t, made)
        self.paper.table(head, [whole], wellbeing_paper.WIDTHS, 9)
        for name in DIMENSIONS:
            rows = [wellbeing_paper.place_line(t, made, name, row) for row in made.tables.dimensions[name]]
            if rows and any(row.total is not None for row in made.tables.dimensions[name]):
                self._lead(t(f"admin-wellbeing.by-{name}"))
                self.paper.table(head, rows, wellbeing_paper.WIDTHS, 9)

    def _places(self, kinds: Sequence[str]) -> None:
        """A table of people by municipality, small numbers hidden."""
        t, places = self.t, self.report.beside.places
        rows, hidden = [], 0
        for number, title in self.edition.titles.items():
            cells = [places.get(kind, {}).get(number, 0) for kind in kinds]
            if not any(cells):
                hidden += 1
            else:
                rows.append([title, *(t("indicator-book.hidden") if n is None or not n else str(n) for n in cells)])
        if rows:
            head = [t("indicator-book.place"), *(words.fact(t, kind) for kind in kinds)]
            self.paper.table(head, rows, (147, *[120 // len(kinds)] * len(kinds)), 9)
        self._left_out(hidden)

    def _left_out(self, count: int) -> None:
        """Lines that are not published, or of nobody: the two look the same."""
        if count:
            self._under(self.t("indicator-report.left-out", n=count))

    def _lead(self, text: str) -> None:
        """A line that stays with the table or the picture under it."""
        from docx.shared import Pt

        self.paper.line(text)
        shape = self.paper.document.paragraphs[-1].paragraph_format
        shape.keep_with_next, shape.space_before = True, Pt(8)

    def _under(self, text: str) -> None:
        """A line under a table, a little apart from it."""
        from docx.shared import Pt

        self.paper.line(text)
        self.paper.document.paragraphs[-1].paragraph_format.space_before = Pt(4)

    def _sentences(self, part: int, text: str) -> None:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        for number, line in enumerate(lines, start=1):
            self.paper.line(f"{part}.{number}. {line}")
        if not lines:
            self.paper.line(self.t("indicator-report.empty"))

    def _appendices(self) -> None:
        for name in ("table", "lists", "passport"):
            self._lead(f"— {self.t(f'indicator-report.appendix-{name}')}")
        self._lead(self.t("indicator-report.made", on=date_ru(self.report.made_on)))

    def _picture(self, content: bytes) -> None:
        from docx.shared import Mm

        self.paper.document.add_picture(io.BytesIO(content), width=Mm(240))


def _limits(t: Translator, row: Row) -> list[str]:
    why = [t(f"indicator-reason.{row.outcome.reason}")] if row.outcome.reason else []
    return [*why, *words.doubts(t, row.outcome)]


def _share(t: Translator, cell: Cell | None) -> str:
    if cell is None or (cell.numerator is None and not cell.hidden):
        return "—"
    if cell.hidden or cell.numerator is None:
        return t("indicator-book.hidden")
    if not cell.denominator:
        return words.grouped(cell.numerator)
    return f"{words.decimal(Fraction(cell.numerator * 100, cell.denominator))}\u00a0%"


def _weak_bar(t: Translator, one: Share) -> Bar:
    share = (one.weak or 0) * 100 / (one.n or 1)
    word = t("indicator-report.weak-of", share=_percent(share), n=str(one.n))
    return Bar(charts.short(one.title), share, word)


def _few(t: Translator, n: int) -> str:
    return words.grouped(n) if n >= LEAST or not n else t("indicator-book.hidden")


def _percent(value: float) -> str:
    return f"{value:.1f}".replace(".", ",") + "\u00a0%"


def _plain(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")
