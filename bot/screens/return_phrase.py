"""Screens of the return phrase."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.i18n import Translator
from bot.screens.menu import menu_row
from bot.ui.screen import Button, Screen, rows


def about(t: Translator, made_at: datetime | None, *, zone: ZoneInfo, today: date) -> Screen:
    if made_at is None:
        first = Button(t("phrase-about.make"), "phrase:new", primary=True)
        return Screen(t.screen("phrase-about"), rows(first, menu_row(t, "people:home")))
    text = t.screen("phrase-held", date=t.day(made_at.astimezone(zone).date(), today=today))
    return Screen(
        text,
        rows(
            Button(t("phrase-held.new"), "phrase:new"),
            Button(t("phrase-held.end"), "phrase:end"),
            menu_row(t, "people:home"),
        ),
    )


def shown(t: Translator, phrase: str, *, web: str) -> Screen:
    """Shown once; the next screen replaces it, so that it does not stay in the chat."""
    return Screen(
        t.screen("phrase-shown", phrase=phrase, address=web), rows(Button(t("phrase-shown.kept"), "people:home"))
    )


def ended(t: Translator) -> Screen:
    again = Button(t("phrase-about.make"), "phrase:new")
    return Screen(t.screen("phrase-ended"), rows(again, menu_row(t, "people:home")))


def ask(t: Translator) -> Screen:
    return Screen(
        t.screen("phrase-ask"),
        rows(Button(t("phrase-ask.lost"), "people:lost"), Button(t("button-cancel"), "menu:cancel")),
    )


def wrong(t: Translator) -> Screen:
    return Screen(
        t("phrase-wrong"),
        rows(Button(t("phrase-ask.lost"), "people:lost"), Button(t("button-cancel"), "menu:cancel")),
    )
