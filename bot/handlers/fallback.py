"""Old buttons and unexpected text: a kind word and the right screen. Always the last router."""

from __future__ import annotations

from typing import Any

from aiogram import Dispatcher, F, Router
from aiogram.types import CallbackQuery, Message

from bot.errors import UserError
from bot.handlers.links import LINKS
from bot.i18n import Translator
from bot.messengers.base import bot_of
from bot.middlewares.crisis import Crisis
from bot.middlewares.turn import Turn
from bot.screens import menu as screens
from bot.ui.screen import KEPT, Button, Screen, rows
from bot.ui.show import explained, show

router = Router(name="fallback")


@router.callback_query()
async def old_button(event: CallbackQuery, root: Dispatcher, **data: Any) -> None:
    """A button nobody knows any more: the home of its subject under a kind line, else the menu."""
    await open_fresh(event, {**data, "root": root})


async def open_fresh(event: CallbackQuery, data: dict[str, Any]) -> None:
    """Answer a stale press with its subject's home. Every subject has ``subject:home``; the menu is last."""
    action = (event.data or "").removeprefix(KEPT)
    subject = action.partition(":")[0]
    home = "menu:home" if is_home(action) or not subject else f"{subject}:home"
    press = event.model_copy(update={"data": home}).as_(event.bot)
    t: Translator = data["t"]
    with explained(t("error-stale")):
        await data["root"].propagate_event(update_type="callback_query", event=press, **data)


def is_home(data: str) -> bool:
    """True for ``subject:home`` alone: a garbled press that merely ends so has a home to go to."""
    return data.removeprefix(KEPT).count(":") == 1 and data.endswith(":home")


@router.message(F.text)
async def unexpected_text(message: Message, t: Translator, crisis: Crisis | None = None) -> None:
    if crisis is not None:
        crisis.unsent = True
        return
    await show(message, Screen(t.screen("menu-unexpected"), rows(screens.menu_row(t))))


@router.message(F.document | F.video | F.audio)
async def unexpected_file(message: Message, t: Translator) -> None:
    """A file where none is awaited; one that is too big is told so first (E1)."""
    limit = bot_of(message).limits.file_mb
    file = message.document or message.video or message.audio
    if file is not None and (file.file_size or 0) > limit * 2**20:
        raise UserError("error-file-big", size=str(limit))
    await unexpected_thing(message, t)


@router.message()
async def unexpected_thing(message: Message, t: Translator) -> None:
    """Sticker, voice, contact where words are expected (E4). The step that waits for them goes on waiting,
    and its buttons stay at hand."""
    shown = bot_of(message).tails.rows(message.chat.id)
    await show(message, Screen(t("error-needs-text"), shown or rows(Button(t("button-menu"), "menu:home"))))


async def open_section(turn: Turn, subject: str) -> None:
    """A link from another channel to the home of a subject."""
    await turn.go_to(f"{subject}:home")


LINKS["section"] = open_section
