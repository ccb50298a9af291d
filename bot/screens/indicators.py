"""Indicators in the chat (conversation.md §3.14): numbers within one's own reach, never a name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.i18n import SafeHtml, Translator, date_ru
from bot.pictures import Share
from bot.rules.indicators.model import Definition, Outcome
from bot.screens.menu import menu_row
from bot.services.indicators import wording as words
from bot.services.indicators.at_hand import SIZE, AtHand, Month, Shown
from bot.services.indicators.drilling import Place
from bot.services.indicators.trend import Point
from bot.ui.pager import Page, digits, turns
from bot.ui.screen import Attachment, Button, Screen, cut, rows

PLACES = 8
"""Municipalities on a screen."""
TITLE = 44
"""Characters of a name in a list."""
POINTS = 13


def home(t: Translator, hand: AtHand, page: Page[Shown], *, section: int, subscribed: bool) -> Screen:
    """Some indicators with their targets; a digit opens one."""
    lines = [_line(t, number, one) for number, one in enumerate(page.things, start=page.first)]
    at = f"{page.number}:{section}"
    views = [Button(t("indicators-home.picture"), f"indicators:picture:{at}")] if shares(t, page.things) else []
    if len(hand.sections) > 1:
        views.append(Button(t("indicators-home.sections"), "indicators:sections"))
    monthly = "stop" if subscribed else "monthly"
    return Screen(
        t.screen(
            "indicators-home", date=date_ru(hand.report.as_of), place=_whose(t, hand.place_title, section),
            lines=SafeHtml("\n".join(lines)),
        ),
        rows(
            list(digits(page, lambda one: f"indicators:card:{one.definition.id}")),
            turns(t, page, lambda number: f"indicators:home:{number}:{section}"),
            views,
            Button(t(f"indicators-home.{monthly}"), "indicators:unsubscribe" if subscribed else "indicators:subscribe"),
            menu_row(t),
        ),
    )  # fmt: skip


def nothing(t: Translator) -> Screen:
    """The region's pack has no indicators."""
    return Screen(t.screen("indicators-nothing"), rows(menu_row(t)))


def sections(t: Translator, hand: AtHand) -> Screen:
    """Directions of the plan with what is met in each."""
    lines, buttons = [], []
    for section in hand.sections:
        mine = hand.of_section(section)
        title = _section(t, section)
        met = sum(one.outcome.met is True for one in mine)
        lines.append(t.html("indicators-sections.line", section=title, met=met, n=len(mine)))
        buttons.append(Button(cut(title, 40), f"indicators:home:0:{section}"))
    return Screen(
        t.screen("indicators-sections", lines=SafeHtml("\n".join(lines))),
        rows(*buttons, menu_row(t, "indicators:home")),
    )


def card(t: Translator, hand: AtHand, shown: Shown, *, names: bool) -> Screen:
    """One number: what it is made of, how far the target is, what makes one doubt it."""
    one, found = shown.definition, shown.outcome
    if found.value is None:
        return _no_value(t, hand, shown)
    parts = [_numbers(t, one, found)]
    parts.append(t.html("indicators-card.how", how=cut(" ".join(words.how(t, one)), 300)))
    doubts = words.doubts(t, found)
    if doubts:
        parts.append(t.html("indicators-card.doubts", doubts=cut(" ".join(doubts), 220)))
    for of, figure in words.sources(one, found):
        source = cut(words.source(t, figure), 120)
        parts.append(t.html("indicators-card.source", of=t(f"indicator-source.{of}"), source=source))
    parts.append(t.html("indicators-card.clause", no=one.order_no, date=date_ru(one.order_date), clause=one.clause))
    text = t.screen(
        "indicators-card", title=cut(one.title, TITLE), value=words.value(t, one, found),
        place=_whose(t, hand.place_title), body=SafeHtml("\n\n".join(parts)),
    )  # fmt: skip
    counted = shown.line.counted
    more = [
        Button(t("indicators-card.places"), f"indicators:places:{one.id}:0"),
        Button(t("indicators-card.course"), f"indicators:course:{one.id}"),
    ]
    people = (
        Button(t("indicators-card.people"), f"indicators:list:{one.id}")
        if names and counted and not shown.line.of_records
        else None
    )
    return Screen(text, rows(people, more if counted is not None else None, _back(t, shown)))


def who_enters(t: Translator, shown: Shown, *, address: str, may: bool) -> Screen:
    """A number of statistics is missing: whose work it is, and the page for those who may enter it."""
    door = Button(t("indicators-who-you.open"), url=address) if may else None
    key = "indicators-who-you" if may else "indicators-who"
    return Screen(t.screen(key), rows(door, menu_row(t, f"indicators:card:{shown.definition.id}")))


def people(t: Translator, shown: Shown, *, address: str) -> Screen:
    """Names stay in the browser."""
    door = Button(t("indicators-people.open"), url=address, primary=True)
    return Screen(t.screen("indicators-people"), rows(door, menu_row(t, f"indicators:card:{shown.definition.id}")))


def places(t: Translator, shown: Shown, page: Page[tuple[Place, Outcome]]) -> Screen:
    """Municipalities, those where most is missing first."""
    one = shown.definition
    lines = []
    for place, found in page.things:
        if place.count is None and found.numerator is not None:
            lines.append(t.html("indicators-places.few", place=cut(place.title, TITLE)))
            continue
        said = ", ".join(part for part in (words.value(t, one, found), words.gap(t, one, found)) if part)
        lines.append(t.html("indicators-places.line", place=cut(place.title, TITLE), said=said))
    return Screen(
        t.screen("indicators-places", title=cut(one.title, TITLE), lines=SafeHtml("\n".join(lines))),
        rows(
            turns(t, page, lambda number: f"indicators:places:{one.id}:{number}"),
            menu_row(t, f"indicators:card:{one.id}"),
        ),
    )


def course(t: Translator, hand: AtHand, shown: Shown, points: Sequence[Point], content: bytes = b"") -> Screen:
    """How the number came about, in words; with ``content`` the picture stands above them."""
    one = shown.definition
    back = menu_row(t, f"indicators:card:{one.id}")
    if not points:
        return Screen(t.screen("indicators-course-none", title=cut(one.title, TITLE)), rows(back))
    lines = [
        t.html("indicators-course.line", date=date_ru(point.day), value=words.value(t, one, point.outcome))
        for point in points[-POINTS:]
    ]
    drawn = Button(t("indicators-home.picture"), f"indicators:drawn:{one.id}") if one.is_share and not content else None
    made = Screen(
        t.screen(
            "indicators-course", title=cut(one.title, TITLE), place=_whose(t, hand.place_title),
            target=words.target(t, one), lines=SafeHtml("\n".join(lines)),
        ),
        rows(drawn, back),
        attachment=Attachment("dinamika.png", content, "image/png") if content else None,
    )  # fmt: skip
    return made.kept() if content else made


def picture(t: Translator, hand: AtHand, page: Page[Shown], content: bytes, *, section: int) -> Screen:
    """The bars with the same in words."""
    lines = [_line(t, number, one) for number, one in enumerate(page.things, start=page.first)]
    text = t.screen(
        "indicators-picture", date=date_ru(hand.report.as_of), place=_whose(t, hand.place_title),
        lines=SafeHtml("\n".join(lines)),
    )  # fmt: skip
    back = menu_row(t, f"indicators:home:{page.number}:{section}")
    return Screen(text, rows(back), attachment=Attachment("pokazateli.png", content, "image/png")).kept()


def subscribed(t: Translator) -> Screen:
    """The summary will come."""
    off = Button(t("indicators-home.stop"), "indicators:unsubscribe")
    return Screen(t.screen("indicators-subscribed"), rows(off, menu_row(t, "indicators:home")))


def unsubscribed(t: Translator) -> Screen:
    """It will not."""
    return Screen(t.screen("indicators-unsubscribed"), rows(menu_row(t)))


def month(t: Translator, told: Month) -> Screen:
    """The summary of a month."""
    said = [t.html("indicators-month.counts", up=told.up, same=told.same, down=told.down)]
    if told.near:
        said.append(t.html("indicators-month.near", title=cut(told.near, 80), n=words.grouped(told.near_gap)))
    if told.watch:
        said.append(t.html("indicators-month.watch", title=cut(told.watch, 80)))
    text = t.screen(
        "indicators-month", month=t(f"indicators-month-of.m{told.first.month}"), year=str(told.first.year),
        place=_whose(t, told.place_title), said=SafeHtml(" ".join(said)),
    )  # fmt: skip
    return Screen(
        text,
        rows(
            Button(t("indicators-month.open"), "indicators:home", primary=True),
            Button(t("indicators-home.stop"), "indicators:unsubscribe"),
            menu_row(t),
        ),
    ).kept()


def check(t: Translator, *, on: date, gaps: Sequence[str], address: str) -> Screen:
    """A week before a snapshot: what is not entered yet."""
    lines = "\n".join(t.html("indicators-check.line", said=cut(said, 160)) for said in gaps[:4])
    key = "indicators-check" if gaps else "indicators-check-whole"
    more = max(0, len(gaps) - 4)
    return Screen(
        t.screen(key, date=date_ru(on), lines=SafeHtml(lines), more=more),
        rows(Button(t("indicators-check.open"), url=address, primary=True), menu_row(t)),
    ).kept()


def shares(t: Translator, things: Sequence[Shown]) -> tuple[Share, ...]:
    """The bars of a picture: shares that have a value."""
    return tuple(
        Share(
            cut(one.definition.title, TITLE), words.value(t, one.definition, one.outcome),
            float(one.outcome.value), float(one.definition.target) if one.definition.target is not None else None,
            one.outcome.met is not False,
        )
        for one in things
        if one.definition.is_share and one.outcome.value is not None
    )  # fmt: skip


def page_of(hand: AtHand, number: int, section: int) -> Page[Shown]:
    """A page of a direction; numbers beyond the last are the last."""
    mine = hand.of_section(section)
    number = max(0, min(number, (len(mine) - 1) // SIZE))
    return Page(mine[number * SIZE : number * SIZE + SIZE], number, len(mine), SIZE)


def _line(t: Translator, number: int, shown: Shown) -> str:
    one, found = shown.definition, shown.outcome
    title = cut(one.title, 60)
    if found.value is None:
        return t.html("indicators-home.none", no=str(number), title=title, why=t(f"indicator-reason.{found.reason}"))
    return t.html(
        "indicators-home.line", no=str(number), title=title, value=words.value(t, one, found),
        target=words.target(t, one),
    )  # fmt: skip


def _numbers(t: Translator, one: Definition, found: Outcome) -> str:
    said = []
    if found.numerator is not None and found.denominator is not None:
        said.append(t.html("indicators-card.of", n=words.grouped(found.numerator), d=words.grouped(found.denominator)))
    elif found.numerator is not None:
        said.append(t.html("indicators-card.n", n=words.grouped(found.numerator)))
    said.append(t.html("indicators-card.target", target=words.target(t, one)))
    if found.average is not None:
        said.append(t.html("indicators-card.average", n=words.decimal(found.average)))
    if found.met and found.margin:
        said.append(t.html("indicators-card.spare", n=words.grouped(found.margin)))
    elif found.met:
        said.append(t("indicators-card.met"))
    elif found.met is False and found.gap:
        said.append(t.html("indicators-card.gap", n=words.grouped(found.gap)))
    return " ".join(said)


def _no_value(t: Translator, hand: AtHand, shown: Shown) -> Screen:
    one, found = shown.definition, shown.outcome
    said = [t.html("indicators-none.why", why=t(f"indicator-reason.{found.reason}"))]
    if found.numerator is not None:
        said.append(t.html("indicators-none.known", n=words.grouped(found.numerator)))
    doubts = " ".join(words.doubts(t, found))
    if doubts:
        said.append(t.html("indicators-card.doubts", doubts=cut(doubts, 220)))
    said.append(t.html("indicators-card.clause", no=one.order_no, date=date_ru(one.order_date), clause=one.clause))
    wanted = found.reason in ("no-figure", "no-denominator", "zero")
    enter = Button(t("indicators-none.who"), f"indicators:who:{one.id}") if wanted else None
    text = t.screen(
        "indicators-none", title=cut(one.title, TITLE - 8), place=_whose(t, hand.place_title),
        body=SafeHtml("\n\n".join(said)),
    )  # fmt: skip
    return Screen(text, rows(enter, _back(t, shown)))


def _back(t: Translator, shown: Shown) -> tuple[Button, ...]:
    return menu_row(t, f"indicators:home:{shown.index // SIZE}:0")


def _section(t: Translator, section: int) -> str:
    key = f"indicators-section.s{section}"
    return t(key) if t.has(key) else t("indicators-section.other", n=str(section))


def _whose(t: Translator, title: str, section: int = 0) -> SafeHtml:
    """The municipality and the direction above the numbers; nothing where they are all of the region's."""
    said = [one for one in (title, _section(t, section) if section else "") if one]
    return SafeHtml(" ".join(t.html("indicators-whose", what=one) for one in said) + "\n\n" if said else "")
