"""The list that goes with the order about accompanying routes, as DOCX."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.i18n import Translator
from bot.services.documents.page import Paper
from bot.services.documents.route_card import day

WIDTHS = (12, 25, 65, 70, 55, 40)
COLUMNS = ("n", "number", "name", "place", "methodist", "period")


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A route approved by the order."""

    number: str
    name: str
    organisation: str
    municipality: str
    methodist: str
    starts: date
    ends: date


def order_list(t: Translator, lines: Sequence[OrderLine], *, number: str, on: date | None, head: str) -> bytes:
    """The annex; an order that is not signed yet has lines to fill in by hand."""
    title = t("documents-order.title")
    paper = Paper(title)
    at = t("documents-order.order", number=number or "______", date=day(on) if on else "____________")
    paper.right(t("documents-order.annex"), at)
    paper.heading(title)
    rows = [
        (
            str(place),
            line.number,
            line.name,
            f"{line.organisation}, {line.municipality}",
            line.methodist,
            f"{day(line.starts)}–{day(line.ends)}",
        )
        for place, line in enumerate(lines, start=1)
    ]
    paper.table([t(f"documents-order.{name}") for name in COLUMNS], rows, WIDTHS, 10)
    paper.line(t("documents-order.total", n=len(lines)))
    paper.signatures([(t("documents-sign.head"), head)], t("documents-sign.day"))
    return paper.content()
