"""MAX as an aiogram session: the closed list of methods, each with the whole message it wants."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any, cast
from urllib.parse import quote, urlsplit

import structlog
from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramServerError
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
    SetMyCommands,
    TelegramMethod,
)
from aiogram.methods.base import TelegramType
from aiogram.types import BufferedInputFile, Chat, Document, File, Message, MessageId, User
from aiohttp import ClientError, ClientTimeout

from bot import metrics
from bot.clock import utcnow
from bot.config import MaxSettings
from bot.db import Database
from bot.messengers.base import ClosedList, Limits, MessengerBot
from bot.messengers.markup import Words, read, units
from bot.messengers.max import wire
from bot.messengers.max.client import MaxClient
from bot.messengers.memory import Kept, Memory
from bot.messengers.pacing import Patience
from bot.models.people import Messenger
from bot.rules.chat_ids import coded
from bot.services import receiving

log = structlog.get_logger()

LIMITS = Limits(text=4000, caption=4000, buttons=210, per_row=7, label=128, file_mb=50, edits_whole=True)

NUMBER = 0
"""The bot's own number is not in its token and is learned later; nobody in MAX has this one."""

HOSTS = ("max.ru", "oneme.ru", "okcdn.ru", "mycdn.me")
"""Where MAX keeps what people send; nothing is fetched from anywhere else."""

FETCH_LIMIT = 50 * 2**20
REST = "⋯"
"""Words above buttons that MAX did not take together with a file."""

PRESS_LIVES = 30.0
"""Seconds after a press in which its message is changed by the answer to it."""

ACTIONS = {"photo": "sending_photo", "video": "sending_video", "voice": "sending_audio", "document": "sending_file"}


@dataclass(frozen=True, slots=True)
class Press:
    """A button that was pressed and waits; the event said what is attached to its message."""

    callback_id: str
    at: float
    media: list[dict[str, Any]]


@dataclass(slots=True)
class State:
    """A message as it should stand."""

    text: str
    rows: wire.Rows
    media: list[dict[str, Any]]

    @property
    def attachments(self) -> list[dict[str, Any]]:
        """Everything that is attached; what is not said again would vanish."""
        return [*self.media, *([wire.keyboard(self.rows)] if self.rows else [])]


class MaxSession(BaseSession):
    """Keeps the real token; remembers what it sent, because MAX's edits replace all attachments."""

    def __init__(self, db: Database, settings: MaxSettings) -> None:
        super().__init__(api=TelegramAPIServer(base="", file="{path}"))
        self.client = MaxClient(settings)
        self.token = settings.token.strip()
        self._db = db
        self._own_host = urlsplit(settings.api_base).hostname
        self._own_id = 0
        self._dialogs: OrderedDict[int, int] = OrderedDict()
        self.memory = Memory(db, Messenger.max)
        self._mids: OrderedDict[tuple[int, int], str] = OrderedDict()
        self._presses: OrderedDict[tuple[int, int], Press] = OrderedDict()
        self._answered: OrderedDict[str, None] = OrderedDict()
        self.middleware(ClosedList((SetMyCommands,)))
        self.middleware(Patience())

    # --- what events tell ----------------------------------------------------------------------

    async def met(self, user: int, dialog: int, own_id: int = 0) -> None:
        """Which chat is the dialogue with a person: said by every event, kept where it does not follow."""
        self._own_id = own_id or self._own_id
        if self._dialogs.get(user) == dialog:
            return
        _keep(self._dialogs, user, dialog)
        if self._own_id and user ^ self._own_id == dialog:
            return
        chat_id = coded(Messenger.max, user)
        async with self._db.begin() as session:
            await receiving.keep_wire(session, Messenger.max, chat_id, 0, str(dialog), now=utcnow())

    def pressed(self, chat_id: int, seq: int, callback_id: str, attachments: list[dict[str, Any]]) -> None:
        """A press that waits: the change of its message is the answer to it."""
        _keep(self._presses, (chat_id, seq), Press(callback_id, monotonic(), wire.media_of(attachments)))

    async def named(self, chat_id: int, chat: int, seq: int, mid: str) -> None:
        """Check a message's name against the formula; keep the one that does not follow it."""
        if self._mids.get((chat_id, seq)) == mid:
            return
        _keep(self._mids, (chat_id, seq), mid)
        if mid == wire.mid_of(chat, seq):
            return
        log.warning("mid-unforeseen", messenger="max")
        async with self._db.begin() as session:
            await receiving.keep_wire(session, Messenger.max, chat_id, seq, mid, now=utcnow())

    # --- methods -------------------------------------------------------------------------------

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        return cast(TelegramType, await self._do(bot, method, timeout))

    async def close(self) -> None:
        await self.memory.close()
        await self.client.close()

    async def _do(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None) -> Any:
        match method:
            case SendMessage():
                return await self._send(bot, method, method.text)
            case SendDocument():
                return await self._send_file(bot, method, await self._file("file", method))
            case SendPhoto():
                return await self._send_file(bot, method, await self._file("image", method))
            case EditMessageText():
                return await self._edit(bot, method, method.text)
            case EditMessageReplyMarkup():
                return await self._edit(bot, method)
            case DeleteMessage():
                return await self._delete(method)
            case AnswerCallbackQuery():
                return await self._answer(method)
            case SendChatAction():
                return await self._act(method)
            case GetFile():
                return _file(method)
            case CopyMessage():
                return await self._copy(bot, method)
            case GetMe():
                return await self._me(bot, method, timeout)
            case SetMyCommands():
                commands = [{"name": c.command, "description": c.description[:128]} for c in method.commands]
                await self.client.call(method, "PATCH", "/me", body={"commands": commands}, timeout=timeout)
                return True
        raise TelegramBadRequest(method, f"{type(method).__name__} is not supported by max")

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,
        timeout: int = 30,
        chunk_size: int = 65536,
        raise_for_status: bool = True,
    ) -> AsyncGenerator[bytes, None]:
        """What a person sent, from MAX's own hosts only; the token does not go along."""
        host = urlsplit(url).hostname or ""
        if host != self._own_host and not any(host == own or host.endswith(f".{own}") for own in HOSTS):
            raise TelegramBadRequest(GetFile(file_id=""), "wrong file_id or the file is temporarily unavailable")
        fetched = 0
        limits = ClientTimeout(timeout)
        try:
            async with self.client.session().get(url, timeout=limits, allow_redirects=False) as response:
                if response.status != 200:
                    raise TelegramBadRequest(GetFile(file_id=""), f"file is unavailable: {response.status}")
                async for chunk in response.content.iter_chunked(chunk_size):
                    fetched += len(chunk)
                    if fetched > FETCH_LIMIT:
                        raise TelegramBadRequest(GetFile(file_id=""), "file is too big")
                    yield chunk
        except (ClientError, OSError) as failure:
            raise TelegramBadRequest(GetFile(file_id=""), f"file is unavailable: {type(failure).__name__}") from None

    # --- sending -------------------------------------------------------------------------------

    async def _send(self, bot: Bot, method: Any, text: str, media: dict[str, Any] | None = None) -> Message:
        where = wire.target(int(method.chat_id))
        text = _html(bot, method, text)
        state = State(text, wire.rows_of(method.reply_markup), [media] if media else [])
        try:
            return await self._post(bot, method, where, state)
        except TelegramBadRequest as refusal:
            if not media or not state.rows or type(refusal) is not TelegramBadRequest:
                raise
            # The description lets a file stand alone only; whether buttons count there nobody has said.
            _lost("file-with-buttons")
        await self._post(bot, method, where, State(text, [], state.media))
        return await self._post(bot, method, where, State(REST, state.rows, []))

    async def _send_file(self, bot: Bot, method: SendDocument | SendPhoto, media: dict[str, Any]) -> Message:
        """A file; the message names it so that it can be sent again."""
        message = await self._send(bot, method, method.caption or "", media)
        made = f"{media['type']}|{media['payload']['token']}"
        return message.model_copy(update={"document": Document(file_id=made, file_unique_id=made[-100:])})

    async def _post(self, bot: Bot, method: Any, where: dict[str, str], state: State) -> Message:
        words = read(state.text)
        body = _body(method, words, state)
        if reply := getattr(method, "reply_parameters", None):
            mid = await self._mid(method, int(method.chat_id), reply.message_id)
            body["link"] = {"type": "reply", "mid": mid}
        if getattr(method, "disable_notification", None):
            body["notify"] = False
        params = {**where, "disable_link_preview": "true"}
        answer = await self.client.send(method, "POST", "/messages", params, body)
        try:
            made = answer["message"]
            chat, seq = int(made["recipient"]["chat_id"]), int(made["body"]["seq"])
            mid, moment = str(made["body"]["mid"]), datetime.fromtimestamp(int(made["timestamp"]) / 1000, UTC)
        except (KeyError, TypeError, ValueError):
            raise TelegramServerError(method, "MAX answered without the message") from None
        chat_id = int(method.chat_id)
        if "user_id" in where:
            await self.met(int(where["user_id"]), chat)
        await self.named(chat_id, chat, seq, mid)
        self._remember(chat_id, seq, state)
        made_of = Chat(id=chat_id, type="private" if "user_id" in where else "group")
        message = Message(
            message_id=seq, date=moment, chat=made_of, text=words.text, reply_markup=_inline(method.reply_markup)
        )
        return message.as_(bot)

    async def _copy(self, bot: Bot, method: CopyMessage) -> MessageId:
        source = int(method.from_chat_id)
        wire.target(source)
        kept = await self.memory.find(source, method.message_id)
        if kept is not None:
            state = State(kept.text, [], kept.attachments)
        else:
            body = await self._asked(method, source, method.message_id)
            plain = wire.marked(Words(str(body.get("text") or "")))
            state = State(plain, [], wire.media_of(body.get("attachments") or []))
        state.rows = wire.rows_of(method.reply_markup)
        sent = await self._post(bot, method, wire.target(int(method.chat_id)), state)
        return MessageId(message_id=sent.message_id)

    # --- changing ------------------------------------------------------------------------------

    async def _edit(self, bot: Bot, method: EditMessageText | EditMessageReplyMarkup, text: str | None = None) -> bool:
        """The whole desired state: what is not said again would vanish."""
        chat_id, seq = int(method.chat_id or 0), int(method.message_id or 0)
        wire.target(chat_id)
        rows = wire.rows_of(method.reply_markup)
        kept, press = await self.memory.find(chat_id, seq), self._presses.pop((chat_id, seq), None)
        text = None if text is None else _html(bot, method, text)
        if kept is not None:
            state = State(kept.text if text is None else text, rows, kept.attachments)
            if _same(kept, state) and _same(await self.memory.find(chat_id, seq, anew=True), state):
                raise TelegramBadRequest(method, "message is not modified")
        elif press is not None:
            state = State(text or "", rows, press.media)
        else:
            # Too long ago to be remembered: MAX itself says what is attached.
            body = await self._asked(method, chat_id, seq)
            state = State(text or "", rows, wire.media_of(body.get("attachments") or []))
        words = read(state.text)
        body = _body(method, words, state, with_text=text is not None)
        if text is None or press is None or not await self._edit_by_answer(method, press, body):
            params = {"message_id": await self._mid(method, chat_id, seq)}
            await self.client.send(method, "PUT", "/messages", params, body)
        if kept is not None or text is not None:
            self._remember(chat_id, seq, state, kept)
        return True

    async def _edit_by_answer(self, method: Any, press: Press, body: dict[str, Any]) -> bool:
        """A change of the message just pressed answers the press in the same call; False when MAX refuses that."""
        if press.callback_id in self._answered or monotonic() - press.at > PRESS_LIVES:
            return False
        try:
            await self.client.send(method, "POST", "/answers", {"callback_id": press.callback_id}, {"message": body})
        except TelegramBadRequest:
            return False  # Surely not done; the plain way says why, or does it.
        return True

    async def _delete(self, method: DeleteMessage) -> bool:
        chat_id = int(method.chat_id)
        wire.target(chat_id)
        mid = await self._mid(method, chat_id, method.message_id)
        await self.client.call(method, "DELETE", "/messages", {"message_id": mid})
        await self.memory.forget(chat_id, method.message_id)
        return True

    # --- answers, actions, files, self ---------------------------------------------------------

    async def _answer(self, method: AnswerCallbackQuery) -> bool:
        """Words at the top of the chat, an alert too. MAX refuses an empty answer, so none is given."""
        if not method.text:
            return True
        _keep(self._answered, method.callback_query_id, None)  # Its message is changed the plain way.
        params = {"callback_id": method.callback_query_id}
        await self.client.call(method, "POST", "/answers", params, {"notification": method.text})
        return True

    async def _act(self, method: SendChatAction) -> bool:
        action = next((ours for word, ours in ACTIONS.items() if word in method.action), "typing_on")
        chat = await self._chat(method, int(method.chat_id))
        await self.client.call(method, "POST", f"/chats/{chat}/actions", body={"action": action})
        return True

    async def _file(self, kind: str, method: SendDocument | SendPhoto) -> dict[str, Any]:
        wire.target(int(method.chat_id))
        file = method.document if isinstance(method, SendDocument) else method.photo
        if isinstance(file, str):
            known, token, _ = wire.file_of(file)
            if not token:
                raise TelegramBadRequest(method, "wrong file_id or the file is temporarily unavailable")
            return {"type": known, "payload": {"token": token}}
        if not isinstance(file, BufferedInputFile):
            raise TelegramBadRequest(method, "max takes files by content")
        token = await self.client.upload(method, kind, file.filename or "file", file.data)
        return {"type": kind, "payload": {"token": token}}

    async def _me(self, bot: Bot, method: GetMe, timeout: int | None) -> User:
        own = await self._own(method, timeout)
        name = str(own.get("first_name") or own.get("name") or "MAX")
        return User(id=bot.id, is_bot=True, first_name=name, username=own.get("username"))

    async def _own(self, method: TelegramMethod[Any], timeout: float | None = None) -> dict[str, Any]:
        """The bot as MAX knows it, its number among it."""
        own = await self.client.call(method, "GET", "/me", timeout=timeout)
        try:
            self._own_id = int(own["user_id"])
        except (KeyError, TypeError, ValueError):
            raise TelegramServerError(method, "MAX answered without the bot") from None
        return own

    # --- names and memory ----------------------------------------------------------------------

    async def _chat(self, method: TelegramMethod[Any], chat_id: int) -> int:
        """MAX's own number of a chat: from an event, from the table, else by the rule."""
        where = wire.target(chat_id)
        if "chat_id" in where:
            return int(where["chat_id"])
        user = int(where["user_id"])
        if (dialog := self._dialogs.get(user)) is not None:
            return dialog
        async with self._db.read() as session:
            kept = await receiving.wires(session, Messenger.max, chat_id, [0])
        if not kept and not self._own_id:
            await self._own(method)
        dialog = int(kept[0]) if kept else user ^ self._own_id
        _keep(self._dialogs, user, dialog)
        return dialog

    async def _mid(self, method: TelegramMethod[Any], chat_id: int, seq: int) -> str:
        if (mid := self._mids.get((chat_id, seq))) is not None:
            return mid
        async with self._db.read() as session:
            kept = await receiving.wires(session, Messenger.max, chat_id, [seq])
        return kept[seq] if kept else wire.mid_of(await self._chat(method, chat_id), seq)

    async def _asked(self, method: TelegramMethod[Any], chat_id: int, seq: int) -> dict[str, Any]:
        """A message as MAX has it."""
        mid = await self._mid(method, chat_id, seq)
        found = await self.client.call(method, "GET", f"/messages/{quote(mid, safe='')}")
        body = found.get("body")
        return body if isinstance(body, dict) else {}

    def _remember(self, chat_id: int, seq: int, state: State, before: Kept | None = None) -> None:
        sent_at = before.sent_at if before is not None else utcnow()
        self.memory.keep(chat_id, seq, Kept(state.text, state.rows, state.media, sent_at))


def max_bot(db: Database, settings: MaxSettings) -> MessengerBot:
    """The bot of the configured token; where it is opened is learned when MAX answers."""
    return MessengerBot(Messenger.max, NUMBER, MaxSession(db, settings), limits=LIMITS, policy=settings.policy)


def _body(method: TelegramMethod[Any], words: Words, state: State, *, with_text: bool = True) -> dict[str, Any]:
    """What MAX is told; words whose marks do not fit go without them rather than not at all."""
    if units(words.text) > LIMITS.text:
        raise TelegramBadRequest(method, "message is too long")
    if with_text and not words.text.strip() and not state.media:
        raise TelegramBadRequest(method, "message text is empty")
    if not wire.fits(state.rows):
        raise TelegramBadRequest(method, "reply markup is too long")
    for _ in words.lost:
        metrics.lost.labels("max", "tag").inc()
    body: dict[str, Any] = {"attachments": state.attachments}
    if with_text:
        marked = wire.marked(words)
        if units(marked) <= LIMITS.text:
            body |= {"text": marked, "format": "html"}
        else:
            _lost("marks")
            body |= {"text": words.text}
    return body


def _html(bot: Bot, method: Any, text: str) -> str:
    """Words as HTML, whichever way they were given."""
    mode = getattr(method, "parse_mode", None)
    if mode is not None and not isinstance(mode, str):
        mode = bot.default[mode.name]
    return text if str(mode).upper().endswith("HTML") else wire.marked(Words(text))


def _inline(markup: Any) -> Any:
    return markup if hasattr(markup, "inline_keyboard") else None


def _file(method: GetFile) -> File:
    """An id of ours carries the token and the address the file came with."""
    _, token, url = wire.file_of(method.file_id)
    if not url:
        raise TelegramBadRequest(method, "wrong file_id or the file is temporarily unavailable")
    return File(file_id=method.file_id, file_unique_id=token[:64] or url[-64:], file_path=url)


def _same(kept: Kept | None, state: State) -> bool:
    return kept is not None and kept.text == state.text and kept.keyboard == state.rows


def _lost(what: str) -> None:
    metrics.lost.labels("max", what).inc()
    log.warning("degraded", messenger="max", what=what)


def _keep(kept: OrderedDict[Any, Any], key: Any, value: Any, size: int = 10_000) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > size:
        kept.popitem(last=False)
