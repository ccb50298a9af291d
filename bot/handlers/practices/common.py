"""What the handlers of the bank share."""

from __future__ import annotations

import asyncio

from aiogram.filters import Filter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message

from bot.messengers.base import bot_of
from bot.middlewares.turn import Turn
from bot.screens.practices_experts import Says
from bot.services import files
from bot.services.identities import Caller
from bot.services.practices.looking import Content
from bot.ui.screen import KEPT, Attachment


class Telling(StatesGroup):
    """A title before «Начать», words of a step, of «получилось применить», of an expert are awaited."""

    offered = State()
    step = State()
    use = State()
    word = State()


class OnBank(Filter):
    """True while a screen of the bank is the last one, or nothing is remembered: another section takes words back."""

    async def __call__(self, message: Message, caller: Caller) -> bool:
        shown = bot_of(message).tails.rows(message.chat.id)
        actions = [button.action.removeprefix(KEPT) for row in shown for button in row]
        return caller.known and (not shown or any(action.startswith("practices:") for action in actions))


def says(turn: Turn) -> Says:
    """The bank's voice for what this turn makes it tell others."""
    return Says(turn.t, turn.today)


async def attachment_of(turn: Turn, file: Content) -> Attachment:
    """The content of a file that access allowed."""
    path = files.blob_path(turn.settings.files.dir, file.sha256)
    return Attachment(file.name, await asyncio.to_thread(path.read_bytes), file.media_type)
