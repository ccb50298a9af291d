"""The draft order on the results of a school year: pairs that finished, what came of them, thanks to the mentors."""

from __future__ import annotations

from collections.abc import Sequence

from bot.i18n import Translator
from bot.services.documents.mentoring import PairPaper
from bot.services.documents.page import Paper
from bot.services.documents.route_card import day

ANNEX = ("n", "mentee", "mentor", "term", "met", "result")
WIDTHS = (8, 48, 48, 24, 17, 30)


def results_order(t: Translator, pairs: Sequence[PairPaper], *, place: str, year: str, head: str) -> bytes:
    """The order and its annex on another page; what is not known yet has a line to fill in by hand."""
    title = t("documents-results.title", year=year)
    paper = Paper(title, upright=True)
    at = t("documents-pairs.at", number="______", date="____________")
    paper.heading(place or "_" * 40)
    paper.heading(t("documents-pairs.order"), at)
    paper.part(title)
    reached = sum(one.reached for one in pairs)
    thanked = ", ".join(dict.fromkeys(one.mentor.name for one in pairs))
    paper.body(
        t("documents-results.why", year=year),
        t("documents-results.annexed", n=len(pairs), reached=reached),
        t("documents-results.thanks", names=thanked),
        t("documents-results.next"),
        t("documents-results.last"),
    )
    paper.signatures([(t("documents-pairs.head"), head)], t("documents-sign.day"))
    paper.new_page()
    paper.right(t("documents-pairs.annex"), t("documents-pairs.to-order", at=at))
    paper.heading(t("documents-results.list"))
    rows = [
        (
            str(number), ", ".join(filter(None, (one.mentee.name, one.mentee.organisation))),
            ", ".join(filter(None, (one.mentor.name, one.mentor.position))),
            f"{day(one.since)}–{day(one.closed)}" if one.since and one.closed else "—", str(one.met), one.result,
        )
        for number, one in enumerate(pairs, start=1)
    ]  # fmt: skip
    paper.table([t(f"documents-results.{name}") for name in ANNEX], rows, WIDTHS, 9)
    paper.line(t("documents-pairs.total", n=len(pairs)))
    return paper.content()
