"""«Хочу такой курс» in the chat."""

from __future__ import annotations

from datetime import date

from bot.i18n import Translator, date_ru
from bot.screens.menu import menu_row
from bot.services.wishes import Topic, Wish
from bot.ui.screen import Button, Screen, cut, rows

BACK = "navigator:home"


def want(t: Translator, wish: Wish) -> Screen:
    """What is wanted, how many wait; nothing is written before the press."""
    text = t.screen("wishes-want", topic=cut(wish.topic, 40), n=wish.count)
    return Screen(text, rows(Button(t("wishes-want.put"), "wishes:put", primary=True), menu_row(t, BACK)))


def written(t: Translator, wish: Wish) -> Screen:
    """It is written down; one press takes it back."""
    text = t.screen("wishes-written", topic=cut(wish.topic, 80), n=wish.count)
    undo = Button(t("wishes-written.undo"), f"wishes:undo:{wish.id}") if wish.id else None
    return Screen(text, rows(undo, menu_row(t, BACK)), toast=t("wishes-written.toast"))


def withdrawn(t: Translator, topic: str) -> Screen:
    return Screen(t.screen("wishes-withdrawn", topic=cut(topic, 80)), rows(menu_row(t, BACK)))


def invited(t: Translator, topic: str, *, event_id: int, title: str, day: date) -> Screen:
    """An event came of it."""
    text = t.screen("wishes-invited", topic=cut(topic, 80), event=cut(title, 120), date=date_ru(day))
    open_ = Button(t("wishes-invited.open"), f"events:card:{event_id}", primary=True)
    return Screen(text, rows(open_, menu_row(t))).kept()


def gathered(t: Translator, topic: Topic) -> Screen:
    """To those who hold events: a group may be opened."""
    text = t.screen("wishes-gathered", topic=cut(topic.topic, 80), n=topic.count, date=date_ru(topic.since.date()))
    return Screen(text, rows(menu_row(t))).kept()
