"""Papers of a route in the chat, and the button that asks for them."""

from __future__ import annotations

from bot.i18n import Translator
from bot.screens.menu import menu_row
from bot.ui.screen import Attachment, Button, Screen, rows

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def card_button(t: Translator) -> Button:
    """«Маршрутная карта»."""
    return Button(t("iom-card.button"), "iom:card")


def card(t: Translator, content: bytes) -> Screen:
    """The route card as a file."""
    file = Attachment(t("iom-card.file"), content, DOCX)
    return Screen(t.screen("iom-card"), rows(menu_row(t, "iom:home")), attachment=file).kept()
