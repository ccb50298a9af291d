"""The route card (маршрутная карта) of an ИОМ as DOCX: header, profile, goals, table of steps, signatures."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from bot.i18n import Translator
from bot.models import ActivityForm, ActivityKind
from bot.services.documents.page import Paper


@dataclass(frozen=True, slots=True)
class Deficit:
    """A line of the profile; ``level`` is the official word, ``source`` the instrument with its version."""

    group: str
    pct: float | None
    level: str
    source: str


@dataclass(frozen=True, slots=True)
class Goal:
    """A task with the result it is measured by."""

    text: str
    measure: str = ""


@dataclass(frozen=True, slots=True)
class RouteLine:
    """A step of the route."""

    stage: str
    need: str
    title: str
    kind: ActivityKind
    form: ActivityForm
    organiser: str
    due: date
    hours: int
    proof: str = ""
    accepted_on: date | None = None
    accepted_by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class RouteCard:
    """Everything the card says. ``contact`` is for the internal form only and left out when empty."""

    number: str
    name: str
    position: str
    organisation: str
    municipality: str
    starts: date
    ends: date
    basis: str
    methodist: str
    centre_head: str
    goal: str
    lines: tuple[RouteLine, ...]
    subjects: tuple[str, ...] = ()
    experience: str = ""
    category: str = ""
    education: str = ""
    last_course: str = ""
    contact: str = ""
    curator: str = ""
    order_number: str = ""
    order_date: date | None = None
    goals: tuple[Goal, ...] = ()
    deficits: tuple[Deficit, ...] = field(default_factory=tuple)
    result: str = ""


WIDTHS = (6, 27, 29, 33, 26, 23, 27, 18, 11, 25, 25, 17)
"""Millimetres of the twelve columns, 267 together."""

COLUMNS = ("n", "stage", "need", "title", "kind", "form", "organiser", "due", "hours", "proof", "accepted", "note")


def route_card(t: Translator, card: RouteCard) -> bytes:
    """The card as a Word file."""
    title = t("documents-card.title")
    paper = Paper(f"{title} № {card.number}")
    order = t("documents-card.order", number=card.order_number, date=day(card.order_date)) if card.order_number else ""
    paper.heading(title, t("documents-card.number", number=card.number) + (f", {order}" if order else ""))
    head = [
        ("name", card.name),
        ("position", card.position),
        ("subjects", ", ".join(card.subjects)),
        ("place", f"{card.organisation}, {card.municipality}"),
        ("experience", card.experience),
        ("category", card.category),
        ("education", card.education),
        ("last-course", card.last_course),
        ("period", f"{day(card.starts)}–{day(card.ends)}"),
        ("basis", card.basis),
        ("methodist", card.methodist),
        ("curator", card.curator),
    ]
    if card.contact:
        head.append(("contact", card.contact))
    paper.pairs([(t(f"documents-card.{name}"), value) for name, value in head])
    if card.deficits:
        paper.part(t("documents-card.profile"))
        columns = [t(f"documents-card.{name}") for name in ("group", "pct", "level", "source")]
        rows = [(d.group, "—" if d.pct is None else f"{d.pct:.0f} %", d.level, d.source) for d in card.deficits]
        paper.table(columns, rows, (80, 25, 52, 110))
    paper.part(t("documents-card.goal"))
    paper.line(card.goal)
    for number, goal in enumerate(card.goals, start=1):
        measure = t("documents-card.measure", measure=goal.measure) if goal.measure else ""
        paper.line(f"{number}. {goal.text} {measure}".rstrip())
    paper.part(t("documents-card.steps"))
    paper.table([t(f"documents-steps.{name}") for name in COLUMNS], [*_steps(t, card), _total(t, card)], WIDTHS, 8)
    if card.result:
        paper.part(t("documents-card.result"))
        paper.line(card.result)
    signers = (("teacher", card.name), ("methodist", card.methodist), ("head", card.centre_head))
    rows_to_sign = [(t(f"documents-sign.{who}"), name) for who, name in signers]
    if card.curator:
        rows_to_sign.insert(2, (t("documents-sign.curator"), card.curator))
    paper.signatures(rows_to_sign, t("documents-sign.day"))
    return paper.content()


def day(value: date | None) -> str:
    """22.11.2026, a dash for nothing."""
    return "—" if value is None else f"{value:%d.%m.%Y}"


def _steps(t: Translator, card: RouteCard) -> list[tuple[str, ...]]:
    return [
        (
            str(number),
            line.stage,
            line.need,
            line.title,
            t(f"catalogue-kind.{line.kind.value}"),
            t(f"catalogue-form.{line.form.value}"),
            line.organiser,
            t("documents-steps.until", date=day(line.due)),
            str(line.hours),
            line.proof or t(f"catalogue-proof.{line.kind.value}"),
            f"{day(line.accepted_on)}, {line.accepted_by}".rstrip(", ") if line.accepted_on else "",
            line.note,
        )
        for number, line in enumerate(card.lines, start=1)
    ]


def _total(t: Translator, card: RouteCard) -> tuple[str, ...]:
    cells = [""] * len(COLUMNS)
    cells[COLUMNS.index("title")] = t("documents-steps.total")
    cells[COLUMNS.index("hours")] = str(sum(line.hours for line in card.lines))
    return tuple(cells)
