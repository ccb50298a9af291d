"""What people hear when a methodist is appointed, and when it was undone."""

from __future__ import annotations

from bot.i18n import Translator
from bot.screens.menu import menu_row
from bot.ui.screen import Button, Screen, rows


def teacher(t: Translator, methodist: str, *, undone: bool) -> Screen:
    """Who accompanies her now."""
    key = "iom-appointed-nobody" if not methodist else "iom-appointed-back" if undone else "iom-appointed"
    return Screen(t.screen(key, methodist=methodist), rows(Button(t("iom-appointed.open"), "iom:home"), menu_row(t)))


def methodist(t: Translator, count: int, *, undone: bool) -> Screen:
    """How many teachers came, or went back."""
    key = "iom-appointed-methodist-back" if undone else "iom-appointed-methodist"
    return Screen(t.screen(key, n=count), rows(Button(t("iom-home.staff"), "iom:queue:0"), menu_row(t)))
