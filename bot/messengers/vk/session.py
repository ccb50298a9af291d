"""VK as an aiogram session: the closed list of methods, each with the whole message it wants."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from time import monotonic
from typing import Any, cast
from urllib.parse import urlsplit

import structlog
from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.client.telegram import TelegramAPIServer
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
from aiogram.types import BufferedInputFile, Chat, Document, File, Message, MessageId, User
from aiohttp import ClientError, ClientTimeout

from bot import metrics
from bot.clock import utcnow
from bot.config import VkSettings
from bot.db import Database
from bot.messengers.base import ClosedList, Limits, MessengerBot, next_random_id, take_back_random_id
from bot.messengers.markup import Words, read, units
from bot.messengers.memory import Kept, Memory
from bot.messengers.pacing import Patience
from bot.messengers.vk import wire
from bot.messengers.vk.client import VkClient, failure_of
from bot.models.people import Messenger
from bot.rules.chat_ids import coded, decoded
from bot.services import receiving

log = structlog.get_logger()

LIMITS = Limits(
    text=4096, caption=4096, buttons=10, per_row=5, label=40, file_mb=200, whole_labels=False, edits_whole=True
)

HOSTS = ("userapi.com", "vk.com", "vk.ru", "vkuserphoto.ru", "mycdn.me", "okcdn.ru")
"""Where VK keeps what people send; nothing is fetched from anywhere else."""

FETCH_LIMIT = 200 * 2**20
BELOW = "below"
"""Note of a chat whose client draws no buttons under messages."""

BELOW_LIVES = 600.0
"""Seconds after which such notes are read anew."""

SNACKBAR = 90
"""Signs of a line at the bottom."""

REST = "⋯"
"""Words above buttons that found no room under the message itself."""


class VkSession(BaseSession):
    """Keeps the real token; remembers what it sent, because VK's edits replace the whole."""

    def __init__(self, db: Database, settings: VkSettings) -> None:
        super().__init__(api=TelegramAPIServer(base="", file="{path}"))
        self.client = VkClient(settings)
        self.memory = Memory(db, Messenger.vk)
        self._group = settings.group_id
        self._own_host = urlsplit(settings.api_base).hostname
        self._db = db
        self._below: set[int] | None = None
        self._below_read = 0.0
        # Buttons left below the field of people who have a newer client now.
        self._leftover: set[int] = set()
        self.middleware(ClosedList())
        self.middleware(Patience())

    async def knows_inline(self, peer: int, known: bool) -> None:
        """What the person's client said of itself with the last message; kept, for messages we begin ourselves."""
        below, chat_id = await self._those_below(), coded(Messenger.vk, peer)
        if known is (chat_id not in below):
            return
        async with self._db.begin() as session:
            if known:
                await receiving.forget_wire(session, Messenger.vk, chat_id)
            else:
                await receiving.keep_wire(session, Messenger.vk, chat_id, 0, BELOW, now=utcnow())
        (below.discard if known else below.add)(chat_id)
        (self._leftover.add if known else self._leftover.discard)(chat_id)

    async def _those_below(self) -> set[int]:
        """Chats whose clients draw buttons below the input field only; other processes note them too."""
        if self._below is None or monotonic() - self._below_read > BELOW_LIVES:
            async with self._db.read() as session:
                self._below = await receiving.chats_noted(session, Messenger.vk, BELOW)
            self._below_read = monotonic()
        return self._below

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        return cast(TelegramType, await self._do(bot, method, timeout))

    async def close(self) -> None:
        await self.memory.close()
        await self.client.close()

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,
        timeout: int = 30,
        chunk_size: int = 65536,
        raise_for_status: bool = True,
    ) -> AsyncGenerator[bytes, None]:
        """What a person sent, from VK's own hosts only; the token does not go along."""
        host = urlsplit(url).hostname or ""
        if host != self._own_host and not any(host == own or host.endswith(f".{own}") for own in HOSTS):
            raise TelegramBadRequest(GetFile(file_id=""), "wrong file_id or the file is temporarily unavailable")
        fetched = 0
        try:
            async with self.client.session().get(url, timeout=ClientTimeout(timeout)) as response:
                response.raise_for_status()
                async for chunk in response.content.iter_chunked(chunk_size):
                    fetched += len(chunk)
                    if fetched > FETCH_LIMIT:
                        raise TelegramBadRequest(GetFile(file_id=""), "file is too big")
                    yield chunk
        except (ClientError, TimeoutError) as failure:
            raise TelegramBadRequest(GetFile(file_id=""), f"file is unavailable: {type(failure).__name__}") from None

    async def _do(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None) -> Any:
        match method:
            case SendMessage():
                return await self._send(bot, method, method.text)
            case SendDocument():
                attachment = await self._document(method, method.document)
                return _with_document(await self._send(bot, method, method.caption or "", [attachment]), attachment)
            case SendPhoto():
                attachment = await self._photo(method, method.photo)
                return _with_document(await self._send(bot, method, method.caption or "", [attachment]), attachment)
            case EditMessageText():
                return await self._edit(method, text=method.text)
            case EditMessageReplyMarkup():
                return await self._edit(method)
            case DeleteMessage():
                return await self._delete(method)
            case AnswerCallbackQuery():
                return await self._answer(method)
            case SendChatAction():
                kind = "file" if "document" in method.action else "photo" if "photo" in method.action else "typing"
                params = {"peer_id": _peer(method), "type": kind, "group_id": self._group}
                await self.client.call(method, "messages.setActivity", params)
                return True
            case GetFile():
                return _file(method)
            case CopyMessage():
                return await self._copy(bot, method)
            case GetMe():
                return await self._me(bot, method, timeout)
        raise TelegramBadRequest(method, f"{type(method).__name__} is not supported by vk")

    # --- sending -------------------------------------------------------------------------------

    async def _send(self, bot: Bot, method: Any, text: str, attachments: list[str] | None = None) -> Message:
        """One message; buttons beyond VK's limits follow in messages of their own."""
        peer, rows = _peer(method), wire.rows_of(method.reply_markup)
        first, *rest = wire.portions(rows)
        number = await self._post(method, peer, text, first, attachments or [])
        for portion in rest:
            _lost("keyboard-split")
            await self._post(method, peer, REST, portion, [])
        return message_of(bot, int(method.chat_id), number, text, method.reply_markup)

    async def _post(self, method: Any, peer: int, text: str, rows: wire.Rows, attachments: list[str]) -> int:
        words = _words(method, text)
        if not words.text.strip() and not attachments:
            raise TelegramBadRequest(method, "message text is empty")
        inline = int(method.chat_id) not in await self._those_below()
        drawn = wire.keyboard(rows, inline=inline) if rows or not inline else None
        if drawn is None and int(method.chat_id) in self._leftover:
            self._leftover.discard(int(method.chat_id))
            drawn = wire.keyboard([], inline=False)  # A message has one keyboard, so buttons of its own go first.
        try:
            items = await self.client.call(
                method,
                "messages.send",
                {
                    "peer_ids": peer,
                    "random_id": next_random_id(),
                    "message": words.text,
                    "format_data": wire.format_data(words),
                    "attachment": ",".join(attachments) or None,
                    "keyboard": drawn,
                    "dont_parse_links": 1,
                },
            )
            item = items[0] if isinstance(items, list) and items else {}
            if error := item.get("error"):
                raise failure_of(method, error)
        except TelegramBadRequest:
            take_back_random_id()
            raise
        number = int(item["conversation_message_id"])
        self.memory.keep(int(method.chat_id), number, Kept(text, rows if inline else [], attachments))
        return number

    # --- changing ------------------------------------------------------------------------------

    async def _edit(self, method: EditMessageText | EditMessageReplyMarkup, text: str | None = None) -> bool:
        """The whole desired state: what is not said again would vanish."""
        peer, chat_id, number = _peer(method), int(method.chat_id or 0), int(method.message_id or 0)
        rows = wire.rows_of(method.reply_markup)
        if len(wire.portions(rows)) > 1:
            raise TelegramBadRequest(method, "reply markup is too long")
        kept = await self.memory.find(chat_id, number)
        if kept is None and text is None:
            raise TelegramBadRequest(method, "message to edit not found")
        said = kept.text if text is None and kept is not None else text or ""
        attachments: list[str] = kept.attachments if kept is not None else []
        if _same(kept, said, rows) and _same(await self.memory.find(chat_id, number, anew=True), said, rows):
            raise TelegramBadRequest(method, "message is not modified")
        words = _words(method, said)
        await self.client.call(
            method,
            "messages.edit",
            {
                "peer_id": peer,
                "cmid": number,
                "message": words.text,
                "format_data": wire.format_data(words),
                "attachment": ",".join(attachments) or None,
                "keyboard": wire.keyboard(rows),
                "dont_parse_links": 1,
                "keep_forward_messages": 1,
            },
        )
        sent_at = kept.sent_at if kept is not None else utcnow()
        self.memory.keep(chat_id, number, Kept(said, rows, attachments, sent_at))
        return True

    async def _delete(self, method: DeleteMessage) -> bool:
        params = {"peer_id": _peer(method), "cmids": method.message_id, "delete_for_all": 1, "group_id": self._group}
        await self.client.call(method, "messages.delete", params)
        await self.memory.forget(int(method.chat_id), method.message_id)
        return True

    async def _copy(self, bot: Bot, method: CopyMessage) -> MessageId:
        kept = await self.memory.find(int(method.from_chat_id), method.message_id)
        decoded(Messenger.vk, int(method.from_chat_id))
        if kept is None:
            raise TelegramBadRequest(method, "message to copy not found")
        rows = wire.rows_of(method.reply_markup)
        return MessageId(message_id=await self._post(method, _peer(method), kept.text, rows, kept.attachments))

    # --- answers, files, self ------------------------------------------------------------------

    async def _answer(self, method: AnswerCallbackQuery) -> bool:
        """Stops the spinner; words become a line at the bottom, an alert too."""
        event_id, _, rest = method.callback_query_id.partition("|")
        user, _, peer = rest.partition("|")
        if not peer:
            raise TelegramBadRequest(method, "query is too old and response timeout expired or query ID is invalid")
        if method.text and len(method.text) > SNACKBAR:
            _lost("end-of-toast")
        data = wire.dumped({"type": "show_snackbar", "text": method.text[:SNACKBAR]}) if method.text else None
        params = {"event_id": event_id, "user_id": user, "peer_id": peer, "event_data": data}
        try:
            await self.client.call(method, "messages.sendMessageEventAnswer", params)
        except TelegramForbiddenError:
            raise
        except TelegramBadRequest:
            # Whatever VK calls it, the press can no longer be answered.
            raise TelegramBadRequest(
                method, "query is too old and response timeout expired or query ID is invalid"
            ) from None
        return True

    async def _document(self, method: SendDocument, file: Any) -> str:
        if isinstance(file, str):
            return file.partition("|")[0]
        name, content = _content(method, file)
        where = {"type": "doc", "peer_id": _peer(method)}
        server = await self.client.call(method, "docs.getMessagesUploadServer", where)
        uploaded = await self.client.upload(method, server["upload_url"], "file", name, content)
        if not uploaded.get("file"):
            raise TelegramBadRequest(method, f"the file was not taken: {str(uploaded.get('error', ''))[:100]}")
        saved = await self.client.call(method, "docs.save", {"file": uploaded["file"], "title": name})
        return attachment_of("doc", saved["doc"])

    async def _photo(self, method: SendPhoto, file: Any) -> str:
        if isinstance(file, str):
            return file.partition("|")[0]
        name, content = _content(method, file)
        server = await self.client.call(method, "photos.getMessagesUploadServer", {"peer_id": _peer(method)})
        uploaded = await self.client.upload(method, server["upload_url"], "photo", name, content)
        if uploaded.get("photo") in (None, "", "[]"):
            raise TelegramBadRequest(method, "the picture was not taken")
        params = {name: uploaded[name] for name in ("photo", "server", "hash")}
        saved = await self.client.call(method, "photos.saveMessagesPhoto", params)
        return attachment_of("photo", saved[0])

    async def _me(self, bot: Bot, method: GetMe, timeout: int | None) -> User:
        found = await self.client.call(method, "groups.getById", {}, timeout=timeout)
        groups = found["groups"] if isinstance(found, dict) else found
        own = groups[0]
        return User(id=bot.id, is_bot=True, first_name=own["name"], username=own.get("screen_name"))


def _words(method: TelegramMethod[Any], text: str) -> Words:
    """Words and marks; what VK has no mark for is counted."""
    words = read(text)
    if units(words.text) > LIMITS.text:
        raise TelegramBadRequest(method, "message is too long")
    for _ in words.lost:
        metrics.lost.labels("vk", "tag").inc()
    return words


def _lost(what: str) -> None:
    metrics.lost.labels("vk", what).inc()
    log.warning("degraded", messenger="vk", what=what)


def _same(kept: Kept | None, text: str, rows: wire.Rows) -> bool:
    return kept is not None and kept.text == text and kept.keyboard == rows


def attachment_of(kind: str, thing: dict[str, Any]) -> str:
    """A file of VK as messages name it."""
    key = f"_{thing['access_key']}" if thing.get("access_key") else ""
    return f"{kind}{thing['owner_id']}_{thing['id']}{key}"


def message_of(bot: Bot, chat_id: int, number: int, text: str, markup: Any) -> Message:
    """A message of ours as handlers know it."""
    chat = Chat(id=chat_id, type="private")
    made = Message(message_id=number, date=utcnow(), chat=chat, text=read(text).text, reply_markup=markup)
    return made.as_(bot)


def _with_document(message: Message, attachment: str) -> Message:
    """The message with VK's name of its file, by which it can be sent again."""
    return message.model_copy(update={"document": Document(file_id=attachment, file_unique_id=attachment)})


def vk_bot(db: Database, settings: VkSettings) -> MessengerBot:
    """The bot of the configured community."""
    return MessengerBot(
        Messenger.vk,
        settings.group_id,
        VkSession(db, settings),
        limits=LIMITS,
        policy=settings.policy,
        link=f"https://vk.me/club{settings.group_id}",
    )


def _peer(method: Any) -> int:
    """The person's own number; a chat of another messenger is refused before anything is asked."""
    return decoded(Messenger.vk, int(method.chat_id or 0))


def _content(method: TelegramMethod[Any], file: Any) -> tuple[str, bytes]:
    if not isinstance(file, BufferedInputFile):
        raise TelegramBadRequest(method, "vk takes files by content")
    return file.filename or "file", file.data


def _file(method: GetFile) -> File:
    """An id of ours carries the attachment and the address it came with."""
    attachment, _, url = method.file_id.partition("|")
    if not url:
        raise TelegramBadRequest(method, "wrong file_id or the file is temporarily unavailable")
    return File(file_id=method.file_id, file_unique_id=attachment, file_path=url)
