"""Invitations to a diagnosis: begin, tomorrow, no; and that the term is over."""

from __future__ import annotations

from datetime import date

from bot.i18n import Translator
from bot.screens.menu import menu_row
from bot.services.campaigns import Invitation
from bot.ui.screen import Button, Screen, rows


def invite(t: Translator, told: Invitation, *, today: date) -> Screen:
    """Pushed, and shown again in the section."""
    given = {"date": t.day(told.until, today=today), "n": told.questions, "min": told.minutes}
    if told.is_test:
        text = t.screen("campaigns-invite-test", organiser=told.organiser, limit=told.limit or 0, **given)
    else:
        text = t.screen("campaigns-invite", organiser=told.organiser, **given)
    return Screen(
        text,
        rows(
            Button(t("campaigns-invite.begin"), f"diagnostics:join:{told.id}", primary=True),
            Button(t("campaigns-invite.tomorrow"), f"diagnostics:join-later:{told.id}"),
            Button(t("campaigns-invite.decline"), f"diagnostics:join-not:{told.id}"),
        ),
    )


def declined(t: Translator, told: Invitation, *, today: date) -> Screen:
    text = t.screen("campaigns-declined", date=t.day(told.until, today=today))
    return Screen(text, rows(menu_row(t)))


def tomorrow(t: Translator, told: Invitation, *, today: date) -> Screen:
    text = t.screen("campaigns-tomorrow", date=t.day(told.until, today=today))
    return Screen(
        text, rows(Button(t("campaigns-invite.begin"), f"diagnostics:join:{told.id}", primary=True), menu_row(t))
    )


def closed(t: Translator, told: Invitation, *, today: date) -> Screen:
    text = t.screen("campaigns-closed", date=t.day(told.until, today=today))
    return Screen(text, rows(Button(t("campaigns-closed.own"), "diagnostics:begin", primary=True), menu_row(t)))
