"""A Telegram Bot API server that remembers, as strict as the platform."""

from __future__ import annotations

import asyncio
import html
import itertools
import json
import re
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.health import Health

TOKEN = "123456789:TEST-token-of-the-fake-server-0000"

TAGS = {"b", "strong", "i", "em", "u", "ins", "s", "del", "code", "pre", "a", "blockquote", "tg-spoiler"}
EDITABLE = 48 * 3600
ANSWERABLE = 15 * 60
"""Seconds a message may be edited and a press answered."""

FILE_LIMIT = 20 * 2**20


@dataclass
class Shown:
    """A message as the person sees it."""

    id: int
    chat_id: int
    text: str
    from_person: bool = False
    rows: list[list[dict[str, Any]]] = field(default_factory=list)
    file: dict[str, Any] | None = None
    deleted: bool = False
    date: int = 0

    @property
    def plain(self) -> str:
        """The words without tags."""
        return html.unescape(re.sub(r"<[^>]+>", "", self.text)).replace("\u00a0", " ")

    @property
    def labels(self) -> list[str]:
        """Labels of the buttons, in order."""
        return [button["text"] for row in self.rows for button in row]


class Refused(Exception):
    """An answer of the platform that is not 200."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


class FakeTelegram:
    """Answers ``/bot<token>/<method>`` on loopback and keeps every chat."""

    def __init__(self) -> None:
        self.chats: dict[int, list[Shown]] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.uploaded = 0
        self.answered: dict[str, str] = {}
        self.asked: dict[str, float] = {}
        self.blocked: set[int] = set()
        self.files: dict[str, bytes] = {}
        self.refusals: dict[str, deque[Refused]] = defaultdict(deque)
        self.updates: list[dict[str, Any]] = []
        self.commands: list[dict[str, Any]] = []
        self.webhook: dict[str, Any] | None = None
        self.token = TOKEN
        self.delay = 0.0
        self.health = Health()
        self.clock = 0
        self._news = asyncio.Event()
        self._polls = itertools.count(1)
        self._poll = 0
        self._update = itertools.count(500)
        self._queries = itertools.count(1)
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> FakeTelegram:
        app = web.Application(client_max_size=60 * 2**20, middlewares=[self.health.middleware])
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        app.router.add_get("/file/bot{token}/{path:.+}", self._serve_file)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        self._poll = 0
        self._news.set()
        await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if request.match_info["token"] != self.token:
            return _refusal(Refused(401, "Unauthorized"))
        if request.content_type == "application/json":
            body = await request.json()
        else:
            body = dict(await request.post())
        self.calls.append((method, body))
        if self.delay:
            await asyncio.sleep(self.delay)
        try:
            if self.refusals[method]:
                raise self.refusals[method].popleft()
            if method == "getUpdates":
                return web.json_response({"ok": True, "result": await self._get_updates(body)})
            handler = getattr(self, f"do_{method}", None)
            if handler is None:
                raise Refused(404, f"Not Found: method {method}")
            result = handler(body)
        except Refused as refusal:
            return _refusal(refusal)
        return web.json_response({"ok": True, "result": result})

    async def _serve_file(self, request: web.Request) -> web.Response:
        content = self.files.get(request.match_info["path"])
        if request.match_info["token"] != self.token or content is None:
            return web.Response(status=404)
        return web.Response(body=content)

    # --- what people do ------------------------------------------------------------------------

    def refuse(self, method: str, code: int, description: str, **parameters: Any) -> None:
        """Answer the next call of a method with a refusal."""
        self.refusals[method].append(Refused(code, description, **parameters))

    def meet(self, user_id: int) -> None:
        """The person opened the chat once, so the bot may write to it."""
        self.chats.setdefault(user_id, [])

    def said(self, user_id: int, text: str, **content: Any) -> dict[str, Any]:
        """An update: the person wrote."""
        message = self.put(user_id, text, from_person=True)
        raw = {**self.as_message(message), "from": person(user_id)}
        if text.startswith("/"):
            raw["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
        if content:
            del raw["text"]
            raw.update(content)
        return self._put_update({"message": raw})

    def pressed(self, message: Shown, action: str, *, user_id: int | None = None) -> dict[str, Any]:
        """An update: the person pressed a button of a message."""
        query = self.ask()
        return self._put_update(
            {
                "callback_query": {
                    "id": query,
                    "from": person(user_id or message.chat_id),
                    "chat_instance": "1",
                    "message": self.as_message(message),
                    "data": action,
                }
            }
        )

    def membership(self, user_id: int, status: str) -> dict[str, Any]:
        """An update: the person blocked the bot (``kicked``) or came back (``member``)."""
        (self.blocked.add if status == "kicked" else self.blocked.discard)(user_id)
        bot = self.do_getMe({})
        old = "member" if status == "kicked" else "kicked"
        return self._put_update(
            {
                "my_chat_member": {
                    "chat": {"id": user_id, "type": "private", "first_name": "Педагог"},
                    "from": person(user_id),
                    "date": int(time.time()),
                    "old_chat_member": _member(bot, old),
                    "new_chat_member": _member(bot, status),
                }
            }
        )

    def ask(self) -> str:
        """A press that waits for its answer; the id of the query."""
        query = f"q{next(self._queries)}"
        self.asked[query] = time.time()
        return query

    def _put_update(self, raw: dict[str, Any]) -> dict[str, Any]:
        update = {"update_id": next(self._update), **raw}
        self.updates.append(update)
        self._news.set()
        return update

    async def _get_updates(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        if self.webhook is not None:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook first")
        mine = self._poll = next(self._polls)
        self._news.set()  # An older request ends here, with a conflict.
        offset = int(body.get("offset") or 0)
        self.updates = [update for update in self.updates if update["update_id"] >= offset]
        deadline = time.monotonic() + float(body.get("timeout") or 0)
        while True:
            self._news.clear()
            if found := self.updates[: int(body.get("limit") or 100)]:
                return found
            left = deadline - time.monotonic()
            if left <= 0 or self._poll == 0:
                return []
            try:
                await asyncio.wait_for(self._news.wait(), left)
            except TimeoutError:
                return []
            if self._poll not in (0, mine):
                raise Refused(409, "Conflict: terminated by other getUpdates request; make sure only one is running")

    # --- methods -------------------------------------------------------------------------------

    def do_getMe(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"id": int(TOKEN.split(":")[0]), "is_bot": True, "first_name": "Маршрут", "username": "marshrut_bot"}

    def do_sendMessage(self, body: dict[str, Any]) -> dict[str, Any]:
        return self._add(body, body["text"], 4096)

    def do_sendPhoto(self, body: dict[str, Any]) -> dict[str, Any]:
        return self._add(body, body.get("caption", ""), 1024, file=self._file("photo", body))

    def do_sendDocument(self, body: dict[str, Any]) -> dict[str, Any]:
        return self._add(body, body.get("caption", ""), 1024, file=self._file("document", body))

    def _file(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        """A file that comes with the message, or one that we have."""
        said = body[kind]
        if said.startswith("attach://"):
            content = body[said.removeprefix("attach://")].file.read()
            said = f"{kind}-{next(self._queries)}"
            self.files[said] = content
            self.uploaded += 1
        elif said not in self.files:
            raise Refused(400, "Bad Request: wrong file identifier/HTTP URL specified")
        return {"kind": kind, "id": said}

    def do_editMessageText(self, body: dict[str, Any]) -> dict[str, Any]:
        message = self._find(body)
        rows = self._rows(body)
        if message.file is not None:
            raise Refused(400, "Bad Request: there is no text in the message to edit")
        self._check_text(body, body["text"], 4096)
        if message.text == body["text"] and message.rows == rows:
            raise Refused(400, f"Bad Request: {NOT_MODIFIED}")
        message.text, message.rows = body["text"], rows
        return self.as_message(message)

    def do_editMessageReplyMarkup(self, body: dict[str, Any]) -> dict[str, Any]:
        message = self._find(body)
        rows = self._rows(body)
        if message.rows == rows:
            raise Refused(400, f"Bad Request: {NOT_MODIFIED}")
        message.rows = rows
        return self.as_message(message)

    def do_answerCallbackQuery(self, body: dict[str, Any]) -> bool:
        query = body["callback_query_id"]
        if query in self.answered or time.time() - self.asked.get(query, 0.0) > ANSWERABLE:
            raise Refused(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        if len(body.get("text") or "") > 200:
            raise Refused(400, "Bad Request: MESSAGE_TOO_LONG")
        self.answered[query] = body.get("text") or ""
        return True

    def do_deleteMessage(self, body: dict[str, Any]) -> bool:
        for message in self.chats.get(int(body["chat_id"]), []):
            if message.id == int(body["message_id"]) and not message.deleted:
                message.deleted = True
                return True
        raise Refused(400, "Bad Request: message to delete not found")

    def do_sendChatAction(self, body: dict[str, Any]) -> bool:
        self._check_chat(int(body["chat_id"]))
        return True

    def do_setMyCommands(self, body: dict[str, Any]) -> bool:
        for command in body["commands"]:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
                raise Refused(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                raise Refused(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands = body["commands"]
        return True

    def do_setWebhook(self, body: dict[str, Any]) -> bool:
        if not body["url"].startswith("https://"):
            raise Refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", body.get("secret_token") or "x"):
            raise Refused(400, "Bad Request: secret token contains unallowed characters")
        self.webhook = body
        return True

    def do_deleteWebhook(self, body: dict[str, Any]) -> bool:
        self.webhook = None
        return True

    def do_getFile(self, body: dict[str, Any]) -> dict[str, Any]:
        name = body["file_id"]
        if name not in self.files:
            raise Refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if len(self.files[name]) > FILE_LIMIT:
            raise Refused(400, "Bad Request: file is too big")
        return {"file_id": name, "file_unique_id": name, "file_size": len(self.files[name]), "file_path": name}

    # --- inside --------------------------------------------------------------------------------

    def _add(self, body: dict[str, Any], text: str, limit: int, file: dict[str, Any] | None = None) -> dict[str, Any]:
        chat_id = int(body["chat_id"])
        self._check_chat(chat_id)
        self._check_text(body, text, limit, may_be_empty=file is not None)
        message = self.put(chat_id, text, rows=self._rows(body), file=file)
        return self.as_message(message)

    def _check_chat(self, chat_id: int) -> None:
        if chat_id not in self.chats:
            raise Refused(400, "Bad Request: chat not found")
        if chat_id in self.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")

    def corrected(self, user: int, text: str) -> Shown:
        """The person's last message with other words."""
        message = next(one for one in reversed(self.chats[user]) if one.from_person and not one.deleted)
        message.text = text
        return message

    def put(self, chat_id: int, text: str, **more: Any) -> Shown:
        """A message in a chat, of either side."""
        chat = self.chats.setdefault(chat_id, [])
        self.clock += 1
        message = Shown(id=self.clock, chat_id=chat_id, text=text, **{"date": int(time.time()), **more})
        chat.append(message)
        return message

    def _find(self, body: dict[str, Any]) -> Shown:
        for message in self.chats.get(int(body["chat_id"]), []):
            if message.id == int(body["message_id"]) and not message.deleted:
                if message.from_person or time.time() - message.date > EDITABLE:
                    raise Refused(400, "Bad Request: message can't be edited")
                return message
        raise Refused(400, "Bad Request: message to edit not found")

    @staticmethod
    def _check_text(body: dict[str, Any], text: str, limit: int, *, may_be_empty: bool = False) -> None:
        visible = _parsed(text) if body.get("parse_mode") == "HTML" else text
        if not visible.strip() and not may_be_empty:
            raise Refused(400, "Bad Request: message text is empty")
        if len(visible.encode("utf-16-le")) // 2 > limit:
            raise Refused(400, "Bad Request: message is too long" if limit == 4096 else CAPTION_TOO_LONG)

    @staticmethod
    def _rows(body: dict[str, Any]) -> list[list[dict[str, Any]]]:
        markup = body.get("reply_markup")
        if isinstance(markup, str):
            markup = json.loads(markup)
        if not markup:
            return []
        rows: list[list[dict[str, Any]]] = markup["inline_keyboard"]
        if sum(len(row) for row in rows) > 100 or any(len(row) > 8 for row in rows):
            raise Refused(400, "Bad Request: reply markup is too long")
        for row in rows:
            for button in row:
                if not 1 <= len(button["text"]) <= 64:
                    raise Refused(400, "Bad Request: BUTTON_TEXT_INVALID")
                if ("callback_data" in button) == ("url" in button):
                    raise Refused(400, "Bad Request: BUTTON_TYPE_INVALID")
                if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
                    raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
                if "url" in button and not re.match(r"https?://|tg://", button["url"]):
                    raise Refused(400, "Bad Request: BUTTON_URL_INVALID")
        return rows

    def as_message(self, message: Shown) -> dict[str, Any]:
        """The message as the Bot API describes it."""
        raw: dict[str, Any] = {
            "message_id": message.id,
            "date": message.date,
            "chat": {"id": message.chat_id, "type": "private", "first_name": "Педагог"},
            "text": message.plain,
        }
        if not message.from_person:
            raw["from"] = self.do_getMe({})
        if message.rows:
            raw["reply_markup"] = {"inline_keyboard": message.rows}
        if message.file and message.file["kind"] == "photo":
            name = message.file["id"]
            raw["photo"] = [{"file_id": name, "file_unique_id": name, "width": 1, "height": 1}]
        if message.file and message.file["kind"] == "document":
            raw["document"] = {"file_id": message.file["id"], "file_unique_id": message.file["id"]}
        if message.file and not message.from_person:
            raw["caption"] = raw.pop("text")
        return raw


NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
CAPTION_TOO_LONG = "Bad Request: message caption is too long"


def person(user_id: int) -> dict[str, Any]:
    """A user as the Bot API describes one."""
    return {"id": user_id, "is_bot": False, "first_name": "Педагог"}


def _member(bot: dict[str, Any], status: str) -> dict[str, Any]:
    return {"user": bot, "status": status, **({"until_date": 0} if status == "kicked" else {})}


def _parsed(text: str) -> str:
    """The words of HTML as the platform reads it; refuses what the platform refuses."""
    open_tags: list[str] = []
    words: list[str] = []
    place = 0
    for match in re.finditer(r"<(/?)([^\s<>/]*)([^<>]*)>|<", text):
        words.append(text[place : match.start()])
        place = match.end()
        closing, tag = match[1], (match[2] or "").lower()
        if tag not in TAGS:
            raise Refused(400, f'Bad Request: can\'t parse entities: Unsupported start tag "{tag}"')
        if not closing:
            open_tags.append(tag)
        elif not open_tags or open_tags.pop() != tag:
            raise Refused(400, f'Bad Request: can\'t parse entities: Unmatched end tag "{tag}"')
    words.append(text[place:])
    if open_tags:
        raise Refused(
            400, f"Bad Request: can't parse entities: Can't find end tag corresponding to \"{open_tags[-1]}\""
        )
    return html.unescape("".join(words))


def _refusal(refusal: Refused) -> web.Response:
    answer: dict[str, Any] = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.parameters:
        answer["parameters"] = refusal.parameters
    return web.json_response(answer, status=refusal.code)
