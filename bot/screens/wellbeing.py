"""Wellbeing in the chat (conversation.md §3.9): what it is, where help is, what to go to; never a question."""

from __future__ import annotations

from collections.abc import Sequence

from bot.i18n import SafeHtml, Translator, date_ru
from bot.rules.wellbeing import Contacts
from bot.screens.events import wording
from bot.screens.events.wording import When
from bot.screens.menu import menu_row
from bot.services.events.reading import EventLine
from bot.services.wellbeing.contacts import Help, Line
from bot.ui.pager import Page, digits
from bot.ui.screen import Button, Screen, cut, rows

HOME = "wellbeing:home"
ON_CARD = 2
"""Telephones for adults on the card of help; the rest is one press away."""


def home(t: Translator, *, opens: bool, page: str) -> Screen:
    """The way to the page, or why it is closed."""
    if not opens:
        return Screen(
            t.screen("wellbeing-closed"),
            rows(_help(t), Button(t("wellbeing-home.classes"), "wellbeing:classes"), menu_row(t)),
        )
    return Screen(
        t.screen("wellbeing-home"),
        rows(
            Button(t("wellbeing-home.open"), url=page),
            [_help(t), Button(t("wellbeing-home.classes"), "wellbeing:classes")],
            Button(t("wellbeing-home.kept"), "wellbeing:kept"),
            menu_row(t),
        ),
    )


def kept(t: Translator) -> Screen:
    """What becomes of answers."""
    return Screen(t.screen("wellbeing-kept"), rows(menu_row(t, HOME)))


def contacts(t: Translator, told: Help) -> Screen:
    """Telephones with the day they were checked; only 112 while nobody has checked them."""
    classes = Button(t("wellbeing-home.classes"), "wellbeing:classes")
    title = t("wellbeing-contacts.title")
    if not told.lines or told.checked_on is None:
        return Screen(f"<b>{title}</b>\n\n{t('wellbeing-contacts.bare')}", rows(classes, menu_row(t, HOME)))
    lines = [t("wellbeing-contacts.emergency"), *(_line(t, line) for line in told.lines)]
    text = t.screen("wellbeing-contacts", lines=SafeHtml("\n".join(lines)), checked=date_ru(told.checked_on))
    return Screen(text, rows(classes, menu_row(t, HOME)))


def classes(t: Translator, found: Sequence[EventLine], when: When) -> Screen:
    """The nearest events with the tag; the card of an event signs up."""
    everything = Button(t("wellbeing-classes.events"), "events:home")
    if not found:
        title, none = t("wellbeing-classes.title"), t("wellbeing-classes.none")
        return Screen(f"<b>{title}</b>\n\n{none}", rows(everything, menu_row(t, HOME)))
    lines = "\n".join(wording.numbered(t, i, line, when) for i, line in enumerate(found, start=1))
    return Screen(
        t.screen("wellbeing-classes", lines=SafeHtml(lines)),
        rows(
            digits(Page(found, 0, len(found), size=len(found)), lambda line: f"events:card:{line.id}"),
            everything,
            menu_row(t, HOME),
        ),
    )


def crisis(t: Translator, told: Help, *, unsent: bool, may_ask: bool) -> Screen:
    """The card that comes at once: living people to talk to, and what became of the words."""
    lines = [t("wellbeing-contacts.emergency"), *(_line(t, line) for line in told.adults[:ON_CARD])]
    child = f"{told.children[0].phone}, " if told.children else ""
    sent = t("wellbeing-crisis.unsent" if unsent else "wellbeing-crisis.passed")
    ask = Button(t("wellbeing-crisis.ask"), "hotline:kept") if unsent and may_ask else None
    return Screen(
        t.screen("wellbeing-crisis", lines=SafeHtml("\n".join(lines)), child=child, sent=sent),
        rows(Button(t("wellbeing-crisis.others"), "wellbeing:contacts"), ask, menu_row(t)),
    )


def notice(t: Translator, state: Contacts) -> Screen:
    """To the staff: the telephones want a check."""
    return Screen(t.screen("wellbeing-notice", why=t(f"wellbeing-notice.{state.value}")), rows(menu_row(t)))


def _help(t: Translator) -> Button:
    return Button(t("wellbeing-home.help"), "wellbeing:contacts")


def _line(t: Translator, line: Line) -> str:
    words = {"phone": line.phone, "title": cut(line.title, 60)}
    if line.about:
        return t.html("wellbeing-contacts.line-about", about=cut(line.about, 40), **words)
    return t.html("wellbeing-contacts.line", **words)
