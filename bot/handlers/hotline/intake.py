"""What comes with a message: its words, its file fetched at once and kept with us, the name it is known by."""

from __future__ import annotations

import io

from aiogram import F
from aiogram.types import Audio, Document, Message, PhotoSize, Video, Voice

from bot.errors import UserError
from bot.messengers.base import bot_of
from bot.middlewares.turn import Turn
from bot.screens.hotline_notices import Says
from bot.services import files

CONTENT = F.text | F.document | F.photo | F.voice | F.video | F.audio
"""What may be a part of a question."""


def source_of(turn: Turn, message: Message) -> str:
    """``messenger:chat:message``: the same message told twice is one."""
    return f"{turn.caller.messenger.value}:{message.chat.id}:{message.message_id}"


def says(turn: Turn) -> Says:
    """The line's voice for what this turn makes it tell others."""
    return Says(turn.t, turn.zone, turn.today)


async def file_of(message: Message, turn: Turn) -> tuple[int, ...]:
    """The file of a message, stored; nothing for plain words. UserError when it is too big."""
    found: PhotoSize | Document | Voice | Video | Audio
    name: str | None
    media: str | None
    if message.photo:
        found, name, media = message.photo[-1], "foto.jpg", "image/jpeg"
    elif message.document:
        found, name, media = message.document, message.document.file_name, message.document.mime_type
    elif message.voice:
        found, name, media = message.voice, "golos.ogg", message.voice.mime_type
    elif message.video:
        found, name, media = message.video, message.video.file_name or "video.mp4", message.video.mime_type
    elif message.audio:
        found, name, media = message.audio, message.audio.file_name or "audio.mp3", message.audio.mime_type
    else:
        return ()
    limit = bot_of(message).limits.file_mb
    if (found.file_size or 0) > limit * 2**20:
        raise UserError("error-file-big", size=str(limit))
    buffer = io.BytesIO()
    await bot_of(message).download(found, destination=buffer)
    blob = await files.put(turn.settings, buffer.getvalue())
    async with turn.db.begin() as session:
        stored = await files.add(
            session,
            blob,
            name=name or "file",
            media_type=media or "application/octet-stream",
            owner_id=turn.caller.id,
            purpose="hotline",
            now=turn.now,
        )
        return (stored.id,)


def words_of(message: Message) -> str:
    """Text or caption, whole."""
    return message.text or message.caption or ""
