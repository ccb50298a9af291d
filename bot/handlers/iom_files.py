"""Evidence from a message: words, a photo or a file, fetched on receipt and kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from aiogram.types import Message
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.messengers.base import bot_of
from bot.middlewares.turn import Turn
from bot.screens import iom as screens
from bot.services import files
from bot.services.iom import following
from bot.ui.screen import Screen


@dataclass(frozen=True, slots=True)
class Piece:
    """What was sent; the blob lies on disk already, its row comes with the transaction."""

    text: str
    blob: files.Blob | None = None
    name: str = ""
    media_type: str = ""

    async def keep(self, session: AsyncSession, owner_id: int, *, now: datetime) -> int:
        """The row of the file."""
        assert self.blob is not None
        stored = await files.add(
            session,
            self.blob,
            name=self.name,
            media_type=self.media_type,
            owner_id=owner_id,
            purpose="evidence",
            now=now,
        )
        return stored.id


async def evidence_of(message: Message, turn: Turn, step_id: int) -> Piece | None:
    """The piece for a step of a route (``piece_of``)."""
    size = bot_of(message).limits.file_mb
    big = screens.file_big(turn.t, step_id, size=size, web=turn.settings.public_url)
    return await piece_of(message, turn, back=f"iom:step:{step_id}", big=big)


async def piece_of(message: Message, turn: Turn, *, back: str, big: Screen) -> Piece | None:
    """The piece; None when the file is too big and the person was told where to upload it (``big``).

    UserError, with a way ``back``, for a sticker, a voice message, a kind of file nobody can open.
    """
    text = message.text or message.caption or ""
    file = message.document or (message.photo[-1] if message.photo else None)
    if file is None:
        if not message.text:
            raise UserError("iom-proof-empty", buttons=(("button-cancel", back),))
        return Piece(text)
    bot = bot_of(message)
    name, media_type = "photo.jpg", "image/jpeg"
    if message.document is not None:
        name = message.document.file_name or "file"
        media_type = message.document.mime_type or "application/octet-stream"
    if not following.suits(media_type):
        raise UserError("iom-file-type", buttons=(("button-cancel", back),))
    if (file.file_size or 0) > bot.limits.file_mb * 2**20:
        await turn.show(big)
        return None
    content = BytesIO()
    await bot.download(file, content)
    blob = await files.put(turn.settings, content.getvalue())
    return Piece(text, blob, name, media_type)
