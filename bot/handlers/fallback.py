"""Old buttons and unexpected text: a kind word and the right screen. Always the last router."""

from __future__ import annotations

from datetime import datetime

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from bot.db import Database
from bot.i18n import Translator
from bot.screens import errors as error_screens
from bot.screens import menu as screens
from bot.services import menu
from bot.services.identities import Caller
from bot.ui.screen import Button, Screen, rows
from bot.ui.show import show

router = Router(name="fallback")


@router.callback_query()
async def old_button(event: CallbackQuery, caller: Caller, db: Database, t: Translator, now: datetime) -> None:
    """A button nobody knows any more: the fresh menu under a kind line."""
    async with db.read() as session:
        nearest = await menu.nearest(session, caller, now=now) if caller.known else None
        centre = await menu.centre_name(session)
    fresh = screens.main_menu(t, caller, nearest) if caller.known else screens.start(t, centre=centre)
    await show(event, error_screens.stale(t, fresh))


@router.message(F.text)
async def unexpected_text(message: Message, t: Translator) -> None:
    await show(message, Screen(t.screen("menu-unexpected"), rows(screens.menu_row(t))))


@router.message()
async def unexpected_thing(message: Message, t: Translator) -> None:
    """Sticker, voice, file, contact where nothing is awaited."""
    await show(message, Screen(t("error-needs-text"), rows(Button(t("button-menu"), "menu:home"))))
