"""The catalogue in the chat: look for an activity, open its card."""

from __future__ import annotations

from datetime import date

from bot.i18n import SafeHtml, Translator
from bot.models import ActivitySource
from bot.screens.menu import menu_row
from bot.services.catalogue import ActivityCard, ActivityLine, CataloguePage
from bot.ui.pager import Page, digits, turns
from bot.ui.screen import Button, Screen, cut, rows

HOME = "catalogue:home"


def home(t: Translator) -> Screen:
    """What is awaited: a word; or everything, page by page."""
    every = Button(t("catalogue-home.all"), "catalogue:all:0", primary=True)
    return Screen(t.screen("catalogue-home"), rows(every, menu_row(t)))


def found(t: Translator, page: CataloguePage, *, typed: bool, today: date) -> Screen:
    """Five to a page; ``typed`` pages turn within what was searched for."""
    here = Page(page.lines, page.page, page.total, size=page.size)
    lines = "\n".join(
        t.html("catalogue-found.line", i=str(i), title=cut(line.title, 80), about=_about(t, line, today))
        for i, line in enumerate(page.lines, start=1)
    )
    title = t.html(
        "catalogue-found.title" if here.pages == 1 else "catalogue-found.title-pages",
        n=str(page.total),
        page=str(page.page + 1),
        pages=str(here.pages),
    )
    verb = "more" if typed else "all"
    return Screen(
        f"<b>{title}</b>\n\n{t.html('catalogue-found', lines=SafeHtml(lines))}",
        rows(
            digits(here, lambda line: f"catalogue:card:{line.id}"),
            turns(t, here, lambda number: f"catalogue:{verb}:{number}") or None,
            menu_row(t, HOME),
        ),
    )


def nothing(t: Translator, query: str) -> Screen:
    """What was searched for, and where to go on."""
    every = Button(t("catalogue-nothing.all"), "catalogue:all:0")
    want = Button(t("catalogue-nothing.want"), "wishes:want")
    return Screen(t.screen("catalogue-nothing", query=cut(query, 40)), rows(want, every, menu_row(t, HOME)))


def empty(t: Translator) -> Screen:
    """Nobody has filled the catalogue yet."""
    door = Button(t("catalogue-empty.diagnostics"), "diagnostics:home", primary=True)
    return Screen(t.screen("catalogue-empty"), rows(door, menu_row(t)))


def card(t: Translator, card: ActivityCard, *, today: date) -> Screen:
    """What it is, when, what for, who holds it, what proves it."""
    line = card.line
    parts = [
        t.html("catalogue-card.kind", kind=kind(t, line), form=form(t, line), hours=hours(t, line.hours)),
        _when(t, line, today),
    ]
    if line.groups:
        parts.append(t.html("catalogue-card.why", groups=", ".join(line.groups).lower()))
    if line.subjects:
        parts.append(t.html("catalogue-card.subjects", subjects=cut(", ".join(line.subjects), 120)))
    if line.organiser:
        parts.append(t.html("catalogue-card.organiser", organiser=cut(line.organiser, 120)))
    parts.append(t.html("catalogue-card.proof", proof=t(f"catalogue-proof.{line.kind.value}")))
    if card.in_register:
        parts.append(t.html("catalogue-card.register", number=card.register_number))
    if card.requires:
        titles = "; ".join(f"«{cut(title, 80)}»" for _, title in card.requires[:2])
        parts.append(t.html("catalogue-card.requires", titles=titles))
    if card.link and line.link_broken_on:
        parts.append(t("catalogue-card.broken"))
    if not line.active:
        parts.append(t("catalogue-card.archived"))
    if line.source is ActivitySource.demo:
        parts.append(t("catalogue-card.demo"))
    words = "\n".join(parts)
    if card.about:
        words = f"{t.html('catalogue-card', lines=cut(card.about, 200))}\n\n{words}"
    title = t.html("catalogue-card.title", title=cut(line.title, 60))
    link = Button(t("catalogue-card.link"), url=card.link) if card.link and not line.link_broken_on else None
    return Screen(f"<b>{title}</b>\n\n{words}", rows(link, menu_row(t, HOME)))


def kind(t: Translator, line: ActivityLine) -> str:
    """«Вебинар»."""
    return t(f"catalogue-kind.{line.kind.value}")


def form(t: Translator, line: ActivityLine) -> str:
    """«дистанционно»."""
    return t(f"catalogue-form.{line.form.value}")


def hours(t: Translator, number: int) -> str:
    """«2 часа»."""
    return t("catalogue-hours", h=number)


def _about(t: Translator, line: ActivityLine, today: date) -> str:
    if line.starts_on is None:
        return hours(t, line.hours)
    return t("catalogue-found.line-day", date=t.day(line.starts_on, today=today), hours=hours(t, line.hours))


def _when(t: Translator, line: ActivityLine, today: date) -> str:
    if line.starts_on is None:
        if line.ends_on is None:
            return t("catalogue-card.any")
        return t.html("catalogue-card.until", date=t.day(line.ends_on, today=today))
    first = t.day(line.starts_on, today=today)
    if line.ends_on in (None, line.starts_on):
        return t.html("catalogue-card.when", date=first)
    assert line.ends_on is not None
    return t.html("catalogue-card.period", **{"from": first, "to": t.day(line.ends_on, today=today)})
