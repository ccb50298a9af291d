"""The web chat as a messenger: its wire is our own tables."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any, cast

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.methods import (
    AnswerCallbackQuery,
    CopyMessage,
    DeleteMessage,
    EditMessageReplyMarkup,
    EditMessageText,
    GetFile,
    GetMe,
    SendChatAction,
    SendDocument,
    SendMessage,
    SendPhoto,
    TelegramMethod,
)
from aiogram.methods.base import TelegramType
from aiogram.types import (
    BufferedInputFile,
    Chat,
    File,
    InlineKeyboardMarkup,
    Message,
    MessageId,
    User,
)

from bot.clock import utcnow
from bot.config import Settings
from bot.db import Database
from bot.messengers.base import ClosedList, Limits, MessengerBot
from bot.models.people import Messenger
from bot.rules.chat_ids import coded, decoded
from bot.services import files, web_chat

LIMITS = Limits(text=4000, caption=4000, buttons=30, per_row=6, label=60, file_mb=50)
NUMBER = 1
FILE = "web"
"""Prefix of our file ids, as handlers see them in a document."""

MEDIA_TYPES = {
    "png": "image/png",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ics": "text/calendar",
    "json": "application/json",
    "zip": "application/zip",
}


class WebSession(BaseSession):
    """Translates the closed list of methods into lines of the chat."""

    def __init__(self, db: Database, settings: Settings) -> None:
        super().__init__()
        self._db = db
        self._settings = settings
        self._toasts: dict[str, str] = {}
        self.middleware(ClosedList())

    def toast_of(self, query_id: str) -> str:
        """What a press was answered with, once."""
        return self._toasts.pop(query_id, "")

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        return cast(TelegramType, await self._do(bot, method))

    async def _do(self, bot: Bot, method: TelegramMethod[Any]) -> Any:
        match method:
            case SendMessage():
                return await self._send(bot, method, method.text)
            case SendDocument():
                return await self._send(bot, method, method.caption or "", method.document)
            case SendPhoto():
                return await self._send(bot, method, method.caption or "", method.photo)
            case EditMessageText():
                return await self._change(method, text=method.text, keyboard=_rows(method.reply_markup))
            case EditMessageReplyMarkup():
                return await self._change(method, keyboard=_rows(method.reply_markup))
            case DeleteMessage():
                return await self._change(method, deleted_at=utcnow())
            case CopyMessage():
                return await self._copy(method)
            case AnswerCallbackQuery():
                if method.text:
                    self._toasts[method.callback_query_id] = method.text
                return True
            case SendChatAction():
                return True
            case GetFile():
                return File(file_id=method.file_id, file_unique_id=method.file_id, file_path=method.file_id)
            case GetMe():
                return User(id=bot.id, is_bot=True, first_name="Маршрут")
        raise TelegramBadRequest(method, f"{type(method).__name__} has no meaning in the web chat")

    async def close(self) -> None:
        """Nothing is held open."""

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,
        timeout: int = 30,
        chunk_size: int = 65536,
        raise_for_status: bool = True,
    ) -> AsyncGenerator[bytes, None]:
        """Content of a file by its path (``GetFile``)."""
        number = int(url.rpartition("/")[2].removeprefix(FILE))
        async with self._db.read() as session:
            path = await files.path_of(session, self._settings, number)
        content = await asyncio.to_thread(path.read_bytes)
        for start in range(0, len(content), chunk_size):
            yield content[start : start + chunk_size]

    async def _send(self, bot: Bot, method: Any, text: str, file: Any = None) -> Message:
        visitor, now = decoded(Messenger.web, int(method.chat_id)), utcnow()
        name = ""
        blob: files.Blob | None = None
        if file is not None:
            if not isinstance(file, BufferedInputFile):
                raise TelegramBadRequest(method, "the web chat takes files by content")
            name = file.filename or ""
            blob = await files.put(self._settings, file.data)
        async with self._db.begin() as session:
            file_id = None
            if blob is not None:
                ending = name.rpartition(".")[2].lower()
                owner = await web_chat.person_of(session, int(method.chat_id))
                stored = await files.add(
                    session,
                    blob,
                    name=name,
                    media_type=MEDIA_TYPES.get(ending, "application/octet-stream"),
                    owner_id=owner,
                    purpose="chat",
                    now=now,
                )
                file_id = stored.id
            rows = _rows(method.reply_markup)
            number = await web_chat.add(session, visitor, text, keyboard=rows, file_id=file_id, now=now)
        if number is None:
            raise TelegramForbiddenError(method, "the browser was forgotten")
        return message(bot, int(method.chat_id), number, text, now, method.reply_markup)

    async def _change(self, method: Any, **values: Any) -> bool:
        visitor = decoded(Messenger.web, int(method.chat_id))
        async with self._db.begin() as session:
            changed = await web_chat.change(session, visitor, int(method.message_id), **values)
        if not changed:
            raise TelegramBadRequest(method, "message to edit not found")
        return True

    async def _copy(self, method: CopyMessage) -> MessageId:
        source = decoded(Messenger.web, int(method.from_chat_id))
        target = decoded(Messenger.web, int(method.chat_id))
        async with self._db.begin() as session:
            line = await web_chat.line_of(session, source, method.message_id)
            if line is None:
                raise TelegramBadRequest(method, "message to copy not found")
            number = await web_chat.add(
                session, target, line.text, file_id=line.file.id if line.file else None, now=utcnow()
            )
        if number is None:
            raise TelegramForbiddenError(method, "the browser was forgotten")
        return MessageId(message_id=number)


def message(
    bot: Bot, chat_id: int, number: int, text: str, sent_at: datetime, markup: InlineKeyboardMarkup | None = None
) -> Message:
    """A line of ours as handlers know it."""
    made = Message(
        message_id=number,
        date=sent_at,
        chat=Chat(id=chat_id, type="private"),
        text=text,
        reply_markup=markup,
    )
    return made.as_(bot)


def markup_of(rows: Any) -> dict[str, Any] | None:
    """A stored keyboard as Bot API markup."""
    if not rows:
        return None
    lines = [
        [
            {"text": button["label"], "url": button["url"]}
            if button.get("url")
            else {"text": button["label"], "callback_data": button["action"]}
            for button in row
        ]
        for row in rows
    ]
    return {"inline_keyboard": lines}


def _rows(markup: Any) -> list[list[dict[str, Any]]]:
    if not isinstance(markup, InlineKeyboardMarkup):
        return []
    return [
        [
            {"label": button.text, "url": button.url}
            if button.url
            else {"label": button.text, "action": button.callback_data, "primary": button.style == "primary"}
            for button in row
        ]
        for row in markup.inline_keyboard
    ]


def web_bot(db: Database, settings: Settings) -> MessengerBot:
    """The web chat of this installation."""
    return MessengerBot(Messenger.web, NUMBER, WebSession(db, settings), limits=LIMITS, link=settings.public_url)


def chat_of(visitor_id: int) -> int:
    """The coded user and chat id of a visitor."""
    return coded(Messenger.web, visitor_id)
