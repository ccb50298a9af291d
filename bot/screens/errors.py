"""Failures in words: what happened, what to do, a button (conversation.md §4)."""

from __future__ import annotations

from bot.errors import UserError
from bot.i18n import Translator
from bot.ui.screen import Button, Screen, rows

MENU = ("button-menu", "menu:home")


def user_error(t: Translator, error: UserError) -> Screen:
    offered = error.buttons
    if len(offered) < 2 and MENU[1] not in {action for _, action in offered}:
        offered = (*offered, MENU)  # One door is no choice.
    buttons = [Button(t(label), action) for label, action in offered]
    return Screen(t.html(error.key, **error.args_for_text), rows(*buttons))


def our_failure(t: Translator, number: str) -> Screen:
    return Screen(t.html("error-ours", number=number), rows(Button(t("button-menu"), "menu:home")))


def stale(t: Translator, fresh: Screen) -> Screen:
    """A kind line above the screen as it is now."""
    return fresh.above(t("error-stale"))
