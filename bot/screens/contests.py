"""The calendar of contests: terms, a card, «напомнить», one's own results."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.i18n import SafeHtml, Translator
from bot.rules.contests import Standing
from bot.screens.menu import menu_row
from bot.services.contests import Contest, Shelf, Took
from bot.ui.pager import Page, digits, turns
from bot.ui.screen import Button, Screen, cut, rows

HOME = "contests:home:0"
SHOWN = 8


def calendar(t: Translator, shelf: Shelf, *, known: bool, today: date) -> Screen:
    """The nearest term first, five to a page."""
    mine = Button(t("contests-home.mine"), "contests:mine") if known else None
    if not shelf.contests:
        return Screen(t.screen("contests-none"), rows(mine, menu_row(t, "navigator:home")))
    here = Page(shelf.contests, shelf.number, shelf.total)
    lines = "\n".join(
        t.html("contests-home.line", i=str(i), title=cut(one.title, 80), about=_about(t, one, today))
        for i, one in enumerate(here.things, start=1)
    )
    title = t.html(
        "contests-home.title" if here.pages == 1 else "contests-home.title-pages",
        page=str(here.number + 1),
        pages=str(here.pages),
    )
    return Screen(
        f"<b>{title}</b>\n\n{t.html('contests-home', lines=SafeHtml(lines))}",
        rows(
            digits(here, lambda one: f"contests:card:{one.id}"),
            turns(t, here, lambda number: f"contests:home:{number}") or None,
            mine,
            menu_row(t, "navigator:home"),
        ),
    )


def card(t: Translator, contest: Contest, *, known: bool, saved: bool = False, today: date, toast: str = "") -> Screen:
    """Who may take part, by when, who holds it; the reminder in one press."""
    parts = [_term(t, contest, today)]
    if contest.starts_on or contest.ends_on:
        first, last = contest.starts_on or contest.ends_on, contest.ends_on
        assert first is not None
        when = t.day(first, today=today)
        until = t.day(last, today=today) if last and last != first else ""
        held = t.html("contests-card.period", **{"from": when, "to": until}) if until else t.html(
            "contests-card.day", date=when
        )  # fmt: skip
        parts.append(held)
    if contest.level:
        parts.append(t.html("contests-card.level", level=contest.level))
    if contest.audience:
        parts.append(t.html("contests-card.audience", audience=cut(contest.audience, 120)))
    if contest.organiser:
        parts.append(t.html("contests-card.organiser", organiser=cut(contest.organiser, 120)))
    if contest.mine:
        parts.append(t.html("contests-card.own", result=contest.mine))
    if contest.asked:
        parts.append(t("contests-card.asked"))
    if contest.link_broken:
        parts.append(t("contests-card.broken"))
    link = Button(t("contests-card.link"), url=contest.link) if contest.link and not contest.link_broken else None
    title = t.html("contests-card.title", title=cut(contest.title, 58))
    at = f"contest:{contest.id}"
    keep = Button(t("navigator-one.unsave"), f"navigator:unsave:{at}") if saved else Button(
        t("navigator-one.save"), f"navigator:save:{at}"
    )  # fmt: skip
    share = Button(t("navigator-one.share"), f"navigator:share:{at}")
    text = t.html("contests-card", lines=SafeHtml("\n".join(parts)))
    whole = t.html("contests-card.whole", title=cut(contest.title, 300)) + "\n\n" if len(contest.title) > 58 else ""
    return Screen(
        f"<b>{title}</b>\n\n{whole}{text}",
        rows(_ask(t, contest), link, [keep, share] if known else share, menu_row(t, HOME)),
        toast=toast,
    )


def mine(t: Translator, took: Sequence[Took], *, today: date) -> Screen:
    """One's own participations, the latest first."""
    if not took:
        return Screen(t.screen("contests-mine-none"), rows(menu_row(t, HOME)))
    lines = [
        t.html(
            "contests-mine.line",
            title=cut(one.contest, 80),
            date=t.day(one.on, today=today) if one.on else "",
            result=one.result,
        )
        for one in took[:SHOWN]
    ]
    if len(took) > SHOWN:
        lines.append(t("contests-mine.more", n=len(took) - SHOWN))
    return Screen(t.screen("contests-mine", lines=SafeHtml("\n".join(lines))), rows(menu_row(t, HOME)))


def term(t: Translator, contest: Contest, *, today: date) -> Screen:
    """The message a week before the term."""
    assert contest.apply_by is not None
    who = t.html("contests-term.organiser", organiser=cut(contest.organiser, 120)) if contest.organiser else ""
    text = t.screen(
        "contests-term", title=cut(contest.title, 120), date=t.day(contest.apply_by, today=today), who=SafeHtml(who)
    )
    link = Button(t("contests-card.link"), url=contest.link) if contest.link and not contest.link_broken else None
    return Screen(
        text, rows(Button(t("contests-term.open"), f"contests:card:{contest.id}", primary=True), link, menu_row(t))
    ).kept()


def _ask(t: Translator, contest: Contest) -> Button | None:
    if contest.asked:
        return Button(t("contests-card.forget"), f"contests:forget:{contest.id}")
    if contest.standing in (Standing.open, Standing.closing):
        return Button(t("contests-card.remind"), f"contests:remind:{contest.id}", primary=True)
    return None


def _term(t: Translator, contest: Contest, today: date) -> str:
    if contest.apply_by is not None and contest.standing in (Standing.open, Standing.closing):
        return t.html("contests-card.apply", date=t.day(contest.apply_by, today=today))
    return t(f"contests-standing.{contest.standing.value.replace('_', '-')}")


def _about(t: Translator, contest: Contest, today: date) -> str:
    said = [contest.level] if contest.level else []
    if contest.apply_by is not None and contest.standing in (Standing.open, Standing.closing):
        said.append(t("contests-home.until", date=t.day(contest.apply_by, today=today)))
    else:
        said.append(t(f"contests-short.{contest.standing.value.replace('_', '-')}"))
    if contest.asked:
        said.append(t("contests-home.asked"))
    return ", ".join(said)
