"""show(): edit or send, whichever fits; every press is answered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache

from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    InaccessibleMessage,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
)

from bot.clock import utcnow
from bot.messengers.base import MessengerBot, bot_of
from bot.ui.pieces import pieces
from bot.ui.screen import KEPT, Attachment, Row, Screen

TYPED = "typed:"
"""Id of a press that was typed as a word: there is no spinner to stop."""

EDITABLE_FOR = timedelta(hours=24)


@lru_cache(maxsize=4096)
def keyboard(rows: tuple[Row, ...], per_row: int = 8) -> InlineKeyboardMarkup | None:
    """Buttons as Bot API markup; rows wider than the messenger likes are split, never merged."""
    if not rows:
        return None
    lines: list[list[InlineKeyboardButton]] = []
    for row in rows:
        made = [
            InlineKeyboardButton(text=b.label, url=b.url)
            if b.url
            else InlineKeyboardButton(text=b.label, callback_data=b.action, style="primary" if b.primary else None)
            for b in row
        ]
        lines += [made[start : start + per_row] for start in range(0, len(made), per_row)]
    return InlineKeyboardMarkup(inline_keyboard=lines)


_above: ContextVar[str] = ContextVar("above", default="")


@contextmanager
def explained(line: str) -> Iterator[None]:
    """The next screen shown stands under a line of explanation, whoever shows it."""
    token = _above.set(line)
    try:
        yield
    finally:
        _above.reset(token)


async def show(event: Message | CallbackQuery, screen: Screen) -> None:
    """Answer a press or a message with a screen."""
    bot = bot_of(event)
    if line := _above.get():
        _above.set("")
        screen = screen.above(line)
    if isinstance(event, Message):
        await send(bot, event.chat.id, screen)
        return
    await answer(event, screen.toast)
    message = event.message
    if message is None:
        await send(bot, event.from_user.id, screen)
        return
    if _editable(event, message, screen, bot) and await edit(bot, message.chat.id, message.message_id, screen):
        return
    await send(bot, message.chat.id, screen)
    if not _is_kept(event) and isinstance(message, Message):
        await _drop_keyboard(bot, message)


async def send(bot: MessengerBot, chat_id: int, screen: Screen) -> Message:
    """A new message; an attachment goes first where its caption would be too short for the words.

    Words too long for one message become several, the buttons under the last.
    """
    *before, last = pieces(screen.text, bot.limits.text)
    for text in before:
        await bot.send_message(chat_id, text)
    if before:
        screen = replace(screen, text=last)
    markup = keyboard(screen.rows, bot.limits.per_row)
    attachment = screen.attachment
    if attachment is None:
        message = await bot.send_message(chat_id, screen.text, reply_markup=markup)
    else:
        caption = screen.text if len(screen.text) <= bot.limits.caption else None
        message = await _send_file(bot, chat_id, attachment, caption, markup if caption else None)
        if caption is None:
            message = await bot.send_message(chat_id, screen.text, reply_markup=markup)
    bot.tails.shown(chat_id, message.message_id, screen.rows)
    return message


async def _send_file(
    bot: MessengerBot, chat_id: int, attachment: Attachment, caption: str | None, markup: InlineKeyboardMarkup | None
) -> Message:
    """A file; what the messenger already has is not uploaded again."""
    post = bot.send_photo if attachment.is_picture else bot.send_document
    if known := bot.uploads.find(attachment):
        try:
            return await post(chat_id, known, caption=caption, reply_markup=markup)
        except TelegramBadRequest:
            # Ids do not live for ever, and nobody says how long.
            bot.uploads.forget(attachment)
    file = BufferedInputFile(attachment.content, attachment.name)
    message = await post(chat_id, file, caption=caption, reply_markup=markup)
    bot.uploads.keep(attachment, message)
    return message


async def edit(bot: MessengerBot, chat_id: int, message_id: int, screen: Screen) -> bool:
    """Edit a message of ours; False when the messenger refuses and a new one is due."""
    if len(pieces(screen.text, bot.limits.text)) > 1:
        return False
    try:
        await bot.edit_message_text(
            screen.text,
            chat_id=chat_id,
            message_id=message_id,
            reply_markup=keyboard(screen.rows, bot.limits.per_row),
        )
    except TelegramBadRequest as refusal:
        if "message is not modified" not in refusal.message:
            return False
    bot.tails.shown(chat_id, message_id, screen.rows)
    return True


async def answer(event: CallbackQuery, toast: str = "") -> None:
    """Stop the spinner; a press too old to be answered is shown its screen all the same."""
    if event.id.startswith(TYPED):
        return
    try:
        await bot_of(event).answer_callback_query(event.id, text=toast or None)
    except TelegramBadRequest as refusal:
        if "query is too old" not in refusal.message and "query ID is invalid" not in refusal.message:
            raise


def _is_kept(event: CallbackQuery) -> bool:
    return (event.data or "").startswith(KEPT)


def _editable(event: CallbackQuery, message: Message | InaccessibleMessage, screen: Screen, bot: MessengerBot) -> bool:
    if screen.keep or screen.attachment or _is_kept(event) or event.id.startswith(TYPED):
        return False
    if not isinstance(message, Message) or message.photo or message.document:
        return False
    return utcnow() - message.date < EDITABLE_FOR and bot.tails.is_last(message.chat.id, message.message_id)


async def _drop_keyboard(bot: MessengerBot, message: Message) -> None:
    if message.reply_markup is None:
        return
    try:
        await bot.edit_message_reply_markup(chat_id=message.chat.id, message_id=message.message_id, reply_markup=None)
    except TelegramBadRequest:
        pass  # Too old or already bare: the buttons stay and are answered kindly.
