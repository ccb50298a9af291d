"""Papers of a pair as DOCX: the draft order with its annex, consent, supplement, programme, letter of thanks.

Drafts: the employer reads, changes and signs them. ТК РФ, ст. 351.8; письмо АЗ-1128/08 and № 657 of 21.12.2021.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.i18n import Translator
from bot.services.documents.page import Paper
from bot.services.documents.route_card import day

ANNEX = ("n", "mentee", "mentor", "place", "form", "term")
ANNEX_WIDTHS = (8, 42, 42, 39, 24, 20)
PROGRAMME = ("n", "topic", "due", "state", "result")
PROGRAMME_WIDTHS = (10, 118, 28, 31, 80)


@dataclass(frozen=True, slots=True)
class Worker:
    """One of the two as the papers write her; ``head`` signs for her employer, empty when unknown."""

    name: str
    position: str
    organisation: str
    head: str = ""


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A line of the programme; ``state`` is a word already."""

    topic: str
    due: date | None
    state: str
    result: str = ""


@dataclass(frozen=True, slots=True)
class PairPaper:
    """Everything the papers of one pair say; ``form``, ``kind`` and ``result`` are words."""

    mentor: Worker
    mentee: Worker
    form: str
    kind: str
    since: date | None
    until: date | None
    order_no: str = ""
    order_date: date | None = None
    goal: str = ""
    result: str = ""
    met: int = 0
    lines: tuple[PaperLine, ...] = ()
    centre_head: str = ""
    # The day it came to its end, and whether the goal was reached.
    closed: date | None = None
    reached: bool = False


def pairs_order(
    t: Translator, pairs: Sequence[PairPaper], *, place: str, number: str, on: date | None, head: str
) -> bytes:
    """The order that fixes pairs, its annex on another page; what is not known yet has a line to fill in by hand."""
    title = t("documents-pairs.title")
    paper = Paper(title, upright=True)
    at = t("documents-pairs.at", number=number or "______", date=day(on) if on else "____________")
    paper.heading(place or "_" * 40)
    paper.heading(t("documents-pairs.order"), at)
    paper.part(title)
    paper.body(*(t(f"documents-pairs.body-{n}", n=len(pairs)) for n in ("why", "pairs", "mentors", "curator", "last")))
    paper.signatures([(t("documents-pairs.head"), head)], t("documents-sign.day"))
    paper.new_page()
    paper.right(t("documents-pairs.annex"), t("documents-pairs.to-order", at=at))
    paper.heading(t("documents-pairs.list"))
    rows = [
        (
            str(number_), _who(one.mentee), _who(one.mentor), one.mentee.organisation,
            f"{one.form}, {one.kind.lower()}", _term(t, one),
        )
        for number_, one in enumerate(pairs, start=1)
    ]  # fmt: skip
    paper.table([t(f"documents-pairs.{name}") for name in ANNEX], rows, ANNEX_WIDTHS, 9)
    paper.line(t("documents-pairs.total", n=len(pairs)))
    return paper.content()


def pair_consent(t: Translator, pair: PairPaper) -> bytes:
    """The mentor's written consent (ст. 351.8: content, term and form are named, she may refuse early)."""
    paper = Paper(t("documents-pair-consent.title"), upright=True)
    mentor = pair.mentor
    paper.right(t("documents-pair-consent.to"), mentor.organisation, mentor.head or "_" * 24)
    paper.right(t("documents-pair-consent.from", name=mentor.name), mentor.position)
    paper.heading(t("documents-pair-consent.title"))
    words = {"mentee": pair.mentee.name, "position": pair.mentee.position or "—", "place": pair.mentee.organisation}
    paper.body(
        t("documents-pair-consent.agree", **words),
        t("documents-pair-consent.content"),
        t("documents-pair-consent.how", form=pair.form.lower(), kind=pair.kind.lower(), term=_term(t, pair)),
        t("documents-pair-consent.pay"),
        t("documents-pair-consent.leave"),
    )
    paper.signatures([(t("documents-pair-consent.mentor"), mentor.name)], t("documents-sign.day"))
    return paper.content()


def pair_supplement(t: Translator, pair: PairPaper) -> bytes:
    """The supplement to the mentor's contract; payment and the contract's number are filled in by hand."""
    paper = Paper(t("documents-pair-supplement.title"), upright=True)
    mentor = pair.mentor
    paper.heading(t("documents-pair-supplement.title"), t("documents-pair-supplement.contract"))
    paper.body(
        t(
            "documents-pair-supplement.sides",
            place=mentor.organisation or "_" * 30, head=mentor.head or "_" * 24, name=mentor.name,
            position=mentor.position or "—",
        ),
        t("documents-pair-supplement.work", mentee=pair.mentee.name, place=pair.mentee.organisation),
        t("documents-pair-supplement.content"),
        t("documents-pair-supplement.how", form=pair.form.lower(), kind=pair.kind.lower()),
        t("documents-pair-supplement.term", term=_term(t, pair)),
        t("documents-pair-supplement.pay"),
        t("documents-pair-supplement.leave"),
        t("documents-pair-supplement.copies"),
    )  # fmt: skip
    paper.signatures(
        [(t("documents-pair-supplement.employer"), mentor.head), (t("documents-pair-supplement.worker"), mentor.name)],
        t("documents-sign.day"),
    )
    return paper.content()


def pair_programme(t: Translator, pair: PairPaper) -> bytes:
    """The personalised programme: the two, the goal, what by when with what result."""
    title = t("documents-pair-programme.title")
    paper = Paper(title)
    paper.heading(title, t("documents-pair-programme.under", form=pair.form, kind=pair.kind.lower()))
    order = t("documents-pairs.at", number=pair.order_no, date=day(pair.order_date)) if pair.order_date else ""
    paper.pairs(
        [
            (t("documents-pair-programme.mentee"), _who(pair.mentee, place=True)),
            (t("documents-pair-programme.mentor"), _who(pair.mentor, place=True)),
            (t("documents-pair-programme.term"), _term(t, pair)),
            (t("documents-pair-programme.by-order"), order),
            (t("documents-pair-programme.goal"), pair.goal),
            (t("documents-pair-programme.met"), str(pair.met)),
        ]
    )
    paper.part(t("documents-pair-programme.plan"))
    if pair.lines:
        rows = [
            (str(n), one.topic, day(one.due) if one.due else "", one.state, one.result)
            for n, one in enumerate(pair.lines, start=1)
        ]
        heads = [t(f"documents-pair-programme.{name}") for name in PROGRAMME]
        paper.table(heads, rows, PROGRAMME_WIDTHS, 10)
    else:
        paper.line(t("documents-pair-programme.empty"))
    if pair.result:
        paper.part(t("documents-pair-programme.outcome"))
        paper.line(pair.result)
    paper.signatures(
        [
            (t("documents-pair-programme.mentor"), pair.mentor.name),
            (t("documents-pair-programme.mentee"), pair.mentee.name),
            (t("documents-pairs.head"), pair.mentee.head),
        ],
        t("documents-sign.day"),
    )
    return paper.content()


def thanks_letter(t: Translator, pair: PairPaper, *, on: date) -> bytes:
    """A letter of thanks to the mentor, from the centre."""
    paper = Paper(t("documents-pair-thanks.title"), upright=True)
    paper.heading(t("documents-pair-thanks.title"))
    paper.heading(pair.mentor.name, ", ".join(filter(None, (pair.mentor.position, pair.mentor.organisation))))
    paper.body(
        t("documents-pair-thanks.for", mentee=pair.mentee.name, place=pair.mentee.organisation),
        t("documents-pair-thanks.done", met=pair.met),
        t("documents-pair-thanks.wish"),
    )
    paper.signatures([(t("documents-sign.head"), pair.centre_head)], day(on))
    return paper.content()


def _who(one: Worker, *, place: bool = False) -> str:
    parts = (one.name, one.position, one.organisation if place else "")
    return ", ".join(part for part in parts if part)


def _term(t: Translator, pair: PairPaper) -> str:
    if pair.since is None or pair.until is None:
        return t("documents-pairs.no-term")
    return f"{day(pair.since)}–{day(pair.until)}"
