"""A Telegram Bot API server that remembers, as strict as the platform."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

TOKEN = "123456789:TEST-token-of-the-fake-server-0000"


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
        self.answered: dict[str, str] = {}
        self.blocked: set[int] = set()
        self.clock = 0
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> FakeTelegram:
        app = web.Application(client_max_size=60 * 2**20)
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if request.match_info["token"] != TOKEN:
            return web.json_response({"ok": False, "error_code": 401, "description": "Unauthorized"}, status=401)
        if request.content_type == "application/json":
            body = await request.json()
        else:
            body = dict(await request.post())
        self.calls.append((method, body))
        handler = getattr(self, f"do_{method}", None)
        try:
            if handler is None:
                raise Refused(404, f"Not Found: method {method}")
            result = handler(body)
        except Refused as refusal:
            answer = {"ok": False, "error_code": refusal.code, "description": refusal.description}
            if refusal.parameters:
                answer["parameters"] = refusal.parameters
            return web.json_response(answer, status=refusal.code)
        return web.json_response({"ok": True, "result": result})

    # --- methods -------------------------------------------------------------------------------

    def do_getMe(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"id": int(TOKEN.split(":")[0]), "is_bot": True, "first_name": "Маршрут", "username": "marshrut_bot"}

    def do_sendMessage(self, body: dict[str, Any]) -> dict[str, Any]:
        return self._add(body, body["text"], 4096)

    def do_sendPhoto(self, body: dict[str, Any]) -> dict[str, Any]:
        return self._add(body, body.get("caption", ""), 1024, file={"kind": "photo"})

    def do_sendDocument(self, body: dict[str, Any]) -> dict[str, Any]:
        return self._add(body, body.get("caption", ""), 1024, file={"kind": "document"})

    def do_editMessageText(self, body: dict[str, Any]) -> dict[str, Any]:
        message = self._find(body)
        rows = self._rows(body)
        if message.text == body["text"] and message.rows == rows:
            raise Refused(400, "Bad Request: message is not modified")
        self._check_text(body["text"], 4096)
        message.text, message.rows = body["text"], rows
        return self.as_message(message)

    def do_editMessageReplyMarkup(self, body: dict[str, Any]) -> dict[str, Any]:
        message = self._find(body)
        message.rows = self._rows(body)
        return self.as_message(message)

    def do_answerCallbackQuery(self, body: dict[str, Any]) -> bool:
        query = body["callback_query_id"]
        if query in self.answered or query.startswith("old"):
            raise Refused(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        self.answered[query] = body.get("text", "")
        return True

    def do_deleteMessage(self, body: dict[str, Any]) -> bool:
        self._find(body).deleted = True
        return True

    def do_sendChatAction(self, body: dict[str, Any]) -> bool:
        return True

    def do_setMyCommands(self, body: dict[str, Any]) -> bool:
        return True

    # --- inside --------------------------------------------------------------------------------

    def _add(self, body: dict[str, Any], text: str, limit: int, file: dict[str, Any] | None = None) -> dict[str, Any]:
        chat_id = int(body["chat_id"])
        if chat_id in self.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        if not text and file is None:
            raise Refused(400, "Bad Request: message text is empty")
        self._check_text(text, limit)
        message = self.put(chat_id, text, rows=self._rows(body), file=file)
        return self.as_message(message)

    def put(self, chat_id: int, text: str, **more: Any) -> Shown:
        """A message in a chat, of either side."""
        chat = self.chats.setdefault(chat_id, [])
        self.clock += 1
        message = Shown(id=self.clock, chat_id=chat_id, text=text, **more)
        chat.append(message)
        return message

    def _find(self, body: dict[str, Any]) -> Shown:
        for message in self.chats.get(int(body["chat_id"]), []):
            if message.id == int(body["message_id"]) and not message.deleted:
                if message.from_person:
                    raise Refused(400, "Bad Request: message can't be edited")
                return message
        raise Refused(400, "Bad Request: message to edit not found")

    @staticmethod
    def _check_text(text: str, limit: int) -> None:
        visible = html.unescape(re.sub(r"<[^>]+>", "", text))
        if len(visible.encode("utf-16-le")) // 2 > limit:
            raise Refused(400, "Bad Request: message is too long")
        for tag in re.findall(r"</?([a-zA-Z0-9-]+)", text):
            if tag not in {"b", "i", "u", "a"}:
                raise Refused(400, f'Bad Request: can\'t parse entities: Unsupported start tag "{tag}"')

    @staticmethod
    def _rows(body: dict[str, Any]) -> list[list[dict[str, Any]]]:
        import json

        markup = body.get("reply_markup")
        if isinstance(markup, str):
            markup = json.loads(markup)
        if not markup:
            return []
        rows: list[list[dict[str, Any]]] = markup["inline_keyboard"]
        for row in rows:
            for button in row:
                if not 1 <= len(button["text"]) <= 64:
                    raise Refused(400, "Bad Request: BUTTON_TEXT_INVALID")
                if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
                    raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
                if "url" in button and not re.match(r"https?://|tg://", button["url"]):
                    raise Refused(400, "Bad Request: BUTTON_URL_INVALID")
        return rows

    def as_message(self, message: Shown) -> dict[str, Any]:
        """The message as the Bot API describes it."""
        import time

        raw: dict[str, Any] = {
            "message_id": message.id,
            "date": message.date or int(time.time()),
            "chat": {"id": message.chat_id, "type": "private", "first_name": "Педагог"},
            "text": message.plain,
        }
        if not message.from_person:
            raw["from"] = self.do_getMe({})
        if message.rows:
            raw["reply_markup"] = {"inline_keyboard": message.rows}
        if message.file and message.file["kind"] == "photo":
            raw["photo"] = [{"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}]
        if message.file and message.file["kind"] == "document":
            raw["document"] = {"file_id": "d", "file_unique_id": "d"}
        return raw
