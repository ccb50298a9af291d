"""A MAX Bot API server that remembers, as strict as the platform."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import html
import itertools
import json
import re
import ssl
import time
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.fakes.health import Health
from tests.fakes.telegram import Shown

TOKEN = "f9LHodD0cOIr-TEST-token-of-the-fake-max"
BOT = 277639678
DAY = 24 * 3600
EDITABLE = 7 * DAY
KINDS = {
    "message_created", "message_callback", "message_edited", "message_removed", "bot_started", "bot_stopped",
    "bot_added", "bot_removed", "dialog_removed", "dialog_cleared", "dialog_muted", "dialog_unmuted",
}  # fmt: skip
TAGS = {"i", "em", "b", "strong", "del", "s", "ins", "u", "a", "pre", "code", "mark", "h1"}
CLOSED = ("chat.denied", "Key: error.dialog.suspended")


class MaxError(Exception):
    """An answer of the platform that is not 200."""

    def __init__(self, status: int, code: str, message: str = "error") -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class FakeMax:
    """Answers the methods of the Bot API on loopback and keeps every dialogue by its person."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.chats: dict[int, list[Shown]] = {}
        self.calls: list[tuple[str, dict[str, str], Any]] = []
        self.presses: dict[str, Shown] = {}
        self.notified: dict[str, str] = {}
        self.actions: list[tuple[int, str]] = []
        self.blocked: set[int] = set()
        self.errors: dict[str, deque[MaxError]] = defaultdict(deque)
        self.faults: deque[str] = deque()
        self.files: dict[str, bytes] = {}
        self.commands: list[dict[str, str]] = []
        self.subscriptions: list[dict[str, Any]] = []
        self.feed: list[dict[str, Any]] = []
        self.refused: list[int] = []
        self.token = TOKEN
        self.url = ""
        self.per_second = 0
        """Calls a second above which everything is refused; 0: as many as you like."""
        self.not_ready = 0
        """How many messages with a file fresh from the upload are refused."""
        self.file_alone = False
        self.dialog_of: Callable[[int], int] = BOT.__xor__
        self.name_of: Callable[[int, int], str] = _mid
        self.delay = 0.0
        self.health = Health()
        self._tls = tls
        self._uploads: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self._called: deque[float] = deque()
        self._asked = 0.0
        self._news = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> FakeMax:
        app = web.Application(client_max_size=60 * 2**20, middlewares=[self.health.middleware])
        app.router.add_post("/put/{number}", self._put_file)
        app.router.add_get("/kept/{token}", self._kept_file)
        app.router.add_route("*", "/{path:.+}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._tls).start()
        scheme = "https" if self._tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        self._news.set()
        await self._runner.cleanup()

    # --- the wire ------------------------------------------------------------------------------

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        name = f"{request.method} /{request.match_info['path']}"
        query = dict(request.query)
        assert "access_token" not in query, "the token belongs into the header"
        raw = await request.text()
        fault = self.faults.popleft() if self.faults else ""
        if fault == "500":
            return web.Response(status=500, text="oops")
        if fault == "503":
            return web.json_response({"code": "service.unavailable", "message": "later"}, status=503)
        if fault == "html":
            return web.Response(text="<html>Доступ ограничен</html>", content_type="text/html")
        if fault == "drop":
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if fault == "silent":
            await asyncio.sleep(2)
        if self.delay:
            await asyncio.sleep(self.delay)
        try:
            body = json.loads(raw) if raw else None
            self.calls.append((name, query, body))
            if request.headers.get("Authorization") != self.token:
                raise MaxError(401, "verify.token", "Invalid access_token")
            self._count()
            if self.errors[name]:
                raise self.errors[name].popleft()
            result = await self._route(request.method, request.match_info["path"], query, body)
        except MaxError as error:
            self.refused.append(error.status)
            return web.json_response({"code": error.code, "message": error.message}, status=error.status)
        except (KeyError, TypeError, ValueError) as failure:
            return web.json_response({"code": "proto.payload", "message": repr(failure)}, status=400)
        if fault == "lost":
            assert request.transport is not None
            request.transport.close()
        return web.json_response(result)

    async def _route(self, verb: str, path: str, query: dict[str, str], body: Any) -> dict[str, Any]:
        head, _, rest = path.partition("/")
        match verb, head:
            case "GET", "me":
                return self._me()
            case "PATCH", "me":
                return self._patch_me(body)
            case "GET", "messages" if rest:
                return self._message_of(self._find(rest))
            case "POST", "messages":
                return self._send(query, body)
            case "PUT", "messages":
                self._edit(self._find(query["message_id"]), body)
                return {"success": True}
            case "DELETE", "messages":
                self._find(query["message_id"]).deleted = True
                return {"success": True}
            case "POST", "answers":
                return self._answer(query, body)
            case "POST", "chats" if rest.endswith("/actions"):
                return self._act(int(rest.partition("/")[0]), body)
            case "POST", "uploads":
                return self._place(query)
            case _, "subscriptions":
                return self._subscribe(verb, query, body)
            case "GET", "updates":
                return await self._updates(query)
        raise MaxError(404, "not.found", f"Unknown path {path}")

    def _count(self) -> None:
        now = time.monotonic()
        while self._called and now - self._called[0] >= 1:
            self._called.popleft()
        if self.per_second and len(self._called) >= self.per_second:
            raise MaxError(429, "too.many.requests", f"Limit is: {self.per_second} calls per second")
        self._called.append(now)

    # --- methods -------------------------------------------------------------------------------

    def _me(self) -> dict[str, Any]:
        return {
            "user_id": BOT,
            "first_name": "Маршрут",
            "username": "id6700000000_bot",
            "is_bot": True,
            "last_activity_time": _moment(),
            "commands": self.commands,
        }

    def _patch_me(self, body: Any) -> dict[str, Any]:
        for command in body["commands"]:
            if not re.fullmatch(r"[a-z0-9_]{1,64}", command["name"]) or not 1 <= len(command["description"]) <= 128:
                raise MaxError(400, "proto.payload", "commands")
        self.commands = body["commands"]
        return self._me()

    def _send(self, query: dict[str, str], body: Any) -> dict[str, Any]:
        if ("user_id" in query) == ("chat_id" in query):
            raise MaxError(400, "proto.payload", "Either user_id or chat_id")
        user = int(query["user_id"]) if "user_id" in query else int(query["chat_id"]) ^ BOT
        if user in self.blocked:
            raise MaxError(403, *CLOSED)
        if user not in self.chats:
            raise MaxError(404, "not.found", f"User {user} not found")
        self._check(body, body.get("text"), body.get("attachments") or [])
        if link := body.get("link"):
            self._find(link["mid"])
        message = self.put(user, "")
        self._change(message, body)
        return {"message": self._message_of(message)}

    def _edit(self, message: Shown, body: Any) -> None:
        if message.from_person:
            raise MaxError(403, "access.denied", "Only own messages")
        if message.chat_id in self.blocked:
            raise MaxError(403, *CLOSED)
        if not message.rows and time.time() - message.date > EDITABLE:
            raise MaxError(400, "proto.payload", "Message is too old")
        text = message.text if body.get("text") is None else body["text"]
        attachments = body.get("attachments")
        if attachments is None:
            attachments = self._attached(message)
        self._check(body, text, attachments)
        self._change(message, body)

    def _answer(self, query: dict[str, str], body: Any) -> dict[str, Any]:
        body = body or {}
        if body.get("message") is None and not body.get("notification"):
            raise MaxError(400, "proto.payload", "message or notification is required")
        message = self.presses.get(query["callback_id"])
        if message is None:
            raise MaxError(404, "not.found", "callback_id is unknown")
        if body.get("message") is not None:
            self._edit(message, body["message"])
        if body.get("notification"):
            self.notified[query["callback_id"]] = body["notification"]
        return {"success": True}

    def _act(self, chat: int, body: Any) -> dict[str, Any]:
        if body["action"] not in ("typing_on", "sending_photo", "sending_video", "sending_audio", "sending_file"):
            raise MaxError(400, "proto.payload", "action")
        if chat not in {self.dialog_of(user) for user in self.chats}:
            raise MaxError(404, "chat.not.found", f"Chat {chat} not found")
        self.actions.append((chat, body["action"]))
        return {"success": True}

    def _place(self, query: dict[str, str]) -> dict[str, Any]:
        if query["type"] not in ("image", "video", "audio", "file"):
            raise MaxError(400, "proto.payload", "type")
        number = str(next(self._numbers))
        self._uploads[number] = query["type"]
        return {"url": f"{self.url}/put/{number}"}

    async def _put_file(self, request: web.Request) -> web.Response:
        assert "Authorization" not in request.headers, "the token is not for the host of files"
        kind = self._uploads.pop(request.match_info["number"], "")
        field = (await request.post()).get("data")
        if not kind or not isinstance(field, web.FileField):
            return web.Response(status=415)
        content = field.file.read()
        if not content:
            return web.json_response({"error_code": 3, "error_data": "empty file"})  # A refusal with status 200.
        token = f"{kind}-{next(self._numbers)}"
        self.files[token] = content
        return web.json_response({"photos": {"p1": {"token": token}}} if kind == "image" else {"token": token})

    async def _kept_file(self, request: web.Request) -> web.Response:
        assert "Authorization" not in request.headers
        content = self.files.get(request.match_info["token"])
        return web.Response(status=404) if content is None else web.Response(body=content)

    def _subscribe(self, verb: str, query: dict[str, str], body: Any) -> dict[str, Any]:
        if verb == "GET":
            return {"subscriptions": [{name: s[name] for name in ("url", "time")} for s in self.subscriptions]}
        url = query["url"] if verb == "DELETE" else body["url"]
        if verb == "POST":
            if not re.fullmatch(r"https://[^:/]+(/.*)?", url):
                raise MaxError(400, "proto.payload", "https on port 443 is required")
            if not re.fullmatch(r"[a-zA-Z0-9_-]{5,256}", body.get("secret", "12345")):
                raise MaxError(400, "proto.payload", "secret")
            if set(body.get("update_types") or []) - KINDS:
                raise MaxError(400, "proto.payload", "update_types")
        self.subscriptions = [s for s in self.subscriptions if s["url"] != url]
        if verb == "POST":
            self.subscriptions.append({**body, "time": _moment()})
        return {"success": True}

    async def _updates(self, query: dict[str, str]) -> dict[str, Any]:
        if self.subscriptions:
            raise MaxError(405, "not.allowed", "Long polling is off while subscribed")
        if not 0 <= int(query["timeout"]) <= 90 or not 1 <= int(query["limit"]) <= 1000:
            raise MaxError(400, "proto.payload", "timeout or limit")
        now, before = time.monotonic(), self._asked
        self._asked = now
        if now - before < 0.45:
            raise MaxError(429, "too.many.requests", "Limit is: 2 calls per second")
        kinds = set(query["types"].split(",")) if query.get("types") else KINDS
        place = int(query["marker"]) if "marker" in query else max(0, len(self.feed) - 1)
        deadline = now + min(float(query["timeout"]), 0.3)
        while len(self.feed) <= place and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        found = self.feed[place : place + int(query["limit"])]
        updates = [event for event in found if event["update_type"] in kinds]
        return {"updates": updates, "marker": place + len(found)}

    # --- what people do ------------------------------------------------------------------------

    def meet(self, user: int) -> None:
        """The person pressed «Начать» once, so the bot may write to her."""
        self.chats.setdefault(user, [])

    def wrote(self, user: int, text: str, attachments: list[dict[str, Any]] | None = None) -> dict[str, Any]:
        """An event: the person wrote, or sent something."""
        message = self.put(user, text, from_person=True)
        return self._happened("message_created", message=self._written(message, attachments), user_locale="ru")

    def corrected(self, user: int, text: str) -> dict[str, Any]:
        """An event: the person changed her last message."""
        message = self._last_of(user)
        message.text = text
        return self._happened("message_edited", message=self._written(message, None))

    def removed(self, user: int) -> dict[str, Any]:
        """An event: the person deleted her last message; its name is all that is told."""
        message = self._last_of(user)
        message.deleted = True
        mid = self._mid_of(message)
        return self._happened("message_removed", message_id=mid, chat_id=self.dialog_of(user), user_id=user)

    def _last_of(self, user: int) -> Shown:
        return next(one for one in reversed(self.chats[user]) if one.from_person and not one.deleted)

    def _written(self, message: Shown, attachments: list[dict[str, Any]] | None) -> dict[str, Any]:
        user, text = message.chat_id, message.text
        body = {"mid": self._mid_of(message), "seq": message.id, "text": text}
        return {
            "recipient": {"chat_id": self.dialog_of(user), "chat_type": "dialog", "user_id": BOT},
            "timestamp": message.date * 1000,
            "body": {**body, **({"attachments": attachments} if attachments else {})},
            "sender": person(user),
        }

    def pressed(self, message: Shown, payload: str) -> dict[str, Any]:
        """An event: the person pressed a button of a message."""
        query = f"cb-{next(self._numbers)}"
        self.presses[query] = message
        moment = _moment()
        user = person(message.chat_id)
        callback = {"timestamp": moment, "callback_id": query, "user": user, "payload": payload}
        return self._happened("message_callback", callback=callback, message=self._message_of(message))

    def started(self, user: int, payload: str | None = None) -> dict[str, Any]:
        """An event: the person pressed «Начать», perhaps from a deep link."""
        self.meet(user)
        self.blocked.discard(user)
        return self._happened("bot_started", chat_id=self.dialog_of(user), user=person(user), payload=payload)

    def stopped(self, user: int, kind: str = "bot_stopped") -> dict[str, Any]:
        """An event: the person stopped the bot."""
        self.blocked.add(user)
        return self._happened(kind, chat_id=self.dialog_of(user), user=person(user))

    def contact(self, user: int, phone: str, *, token: str = TOKEN) -> dict[str, Any]:
        """A card as the button «share my number» sends it."""
        card = f"BEGIN:VCARD\r\nVERSION:3.0\r\nTEL;TYPE=cell:{phone}\r\nFN:Анна Ильина\r\nEND:VCARD\r\n"
        signed = hmac.new(token.encode(), card.encode(), hashlib.sha256).hexdigest()
        return {"type": "contact", "payload": {"vcf_info": card, "hash": signed, "max_info": person(user)}}

    def file(self, name: str, content: bytes, kind: str = "file") -> dict[str, Any]:
        """A file as an event brings it."""
        token = f"{kind}-{next(self._numbers)}"
        self.files[token] = content
        payload = {"url": f"{self.url}/kept/{token}", "token": token}
        about = {"filename": name, "size": len(content)} if kind == "file" else {}
        return {"type": kind, "payload": payload, **about}

    def _happened(self, kind: str, **event: Any) -> dict[str, Any]:
        made = {"update_type": kind, "timestamp": _moment(), **event}
        self.feed.append(made)
        return made

    # --- inside --------------------------------------------------------------------------------

    def put(self, user: int, text: str, **more: Any) -> Shown:
        """A message in a dialogue, of either side."""
        chat = self.chats.setdefault(user, [])
        seq = (_moment() << 16) + next(self._numbers)
        message = Shown(id=seq, chat_id=user, text=text, **{"date": int(time.time()), **more})
        chat.append(message)
        return message

    def _mid_of(self, message: Shown) -> str:
        return self.name_of(self.dialog_of(message.chat_id), message.id)

    def _find(self, mid: str) -> Shown:
        for chat in self.chats.values():
            for message in chat:
                if self._mid_of(message) == mid and not message.deleted:
                    return message
        raise MaxError(404, "not.found", f"Message {mid} not found")

    def _message_of(self, message: Shown) -> dict[str, Any]:
        attachments = self._attached(message)
        body = {"mid": self._mid_of(message), "seq": message.id, "text": message.plain, "attachments": attachments}
        return {
            "recipient": {
                "chat_id": self.dialog_of(message.chat_id), "chat_type": "dialog", "user_id": message.chat_id,
            },
            "timestamp": message.date * 1000,
            "body": body,
            "sender": {"user_id": BOT, "first_name": "Маршрут", "is_bot": True},
        }  # fmt: skip

    @staticmethod
    def _attached(message: Shown) -> list[dict[str, Any]]:
        attached = []
        if message.file:
            attached.append({"type": message.file["kind"], "payload": {"token": message.file["id"]}})
        if message.rows:
            attached.append({"type": "inline_keyboard", "payload": {"buttons": [
                [
                    {"type": "callback", "text": b["text"], "payload": b["callback_data"]}
                    if "callback_data" in b
                    else {"type": b.get("kind", "link"), "text": b["text"], **({"url": b["url"]} if "url" in b else {})}
                    for b in row
                ]
                for row in message.rows
            ]}})  # fmt: skip
        return attached

    def _check(self, body: dict[str, Any], text: str | None, attachments: list[dict[str, Any]]) -> None:
        if not (text or "").strip() and not any(a["type"] != "inline_keyboard" for a in attachments):
            raise MaxError(400, "proto.payload", "Message cannot be empty")
        if len((text or "").encode("utf-16-le", "surrogatepass")) // 2 > 4000:
            raise MaxError(400, "proto.payload", "text: size must be between 0 and 4000")
        if body.get("format") not in (None, "html", "markdown"):
            raise MaxError(400, "proto.payload", "format")
        if body.get("format") == "html":
            _check_html(text or "")
        media = [a for a in attachments if a["type"] != "inline_keyboard"]
        if len(attachments) - len(media) > 1:
            raise MaxError(400, "proto.payload", "one keyboard")
        lonely = any(a["type"] in ("file", "audio", "contact", "sticker") for a in media)
        if lonely and (len(media) > 1 or (self.file_alone and len(attachments) > 1)):
            raise MaxError(400, "proto.payload", "Must be the only attachment in message")
        for one in media:
            if one["payload"]["token"] not in self.files:
                raise MaxError(400, "proto.payload", "token is unknown")
        if media and self.not_ready:
            self.not_ready -= 1
            raise MaxError(400, "attachment.not.ready", "Key: errors.process.attachment.file.not.processed")
        for one in attachments:
            if one["type"] == "inline_keyboard":
                _check_buttons(one["payload"]["buttons"])

    @staticmethod
    def _change(message: Shown, body: dict[str, Any]) -> None:
        if body.get("text") is not None:
            message.text = body["text"] if body.get("format") == "html" else html.escape(body["text"], quote=False)
        if body.get("attachments") is None:
            return
        message.rows, message.file = [], None
        for one in body["attachments"]:
            if one["type"] == "inline_keyboard":
                message.rows = [[_button(button) for button in row] for row in one["payload"]["buttons"]]
            else:
                message.file = {"kind": one["type"], "id": one["payload"]["token"]}


def person(user: int) -> dict[str, Any]:
    """A person as MAX describes her."""
    return {"user_id": user, "first_name": "Педагог", "last_name": "", "is_bot": False, "name": "Педагог"}


def _mid(chat: int, seq: int) -> str:
    return f"mid.{chat % 2**64:016x}{seq % 2**64:016x}"


def _moment() -> int:
    return int(time.time() * 1000)


def _button(button: dict[str, Any]) -> dict[str, Any]:
    shown = {"text": button["text"]}
    if button["type"] == "callback":
        shown["callback_data"] = button["payload"]
    elif button["type"] == "link":
        shown["url"] = button["url"]
    else:
        shown["kind"] = button["type"]
    return shown


def _check_buttons(rows: list[list[dict[str, Any]]]) -> None:
    if not 1 <= len(rows) <= 30 or sum(map(len, rows)) > 210:
        raise MaxError(400, "proto.payload", "buttons: rows")
    for row in rows:
        narrow = any(b["type"] in ("link", "open_app", "request_contact", "request_geo_location") for b in row)
        if not 1 <= len(row) <= (3 if narrow else 7):
            raise MaxError(400, "proto.payload", "buttons: row")
        for button in row:
            if not 1 <= len(button["text"]) <= 128:
                raise MaxError(400, "proto.payload", "buttons: text")
            if set(button) - {"type", "text", "payload", "url"}:
                raise MaxError(400, "proto.payload", "buttons: unknown field")
            match button["type"]:
                case "callback":
                    if not 1 <= len(button["payload"]) <= 1024:
                        raise MaxError(400, "proto.payload", "buttons: payload")
                case "link":
                    if not re.match(r"https?://|max://", button["url"]) or len(button["url"]) > 2048:
                        raise MaxError(400, "proto.payload", "buttons: url")
                case "request_contact" | "message":
                    pass
                case _:
                    raise MaxError(400, "proto.payload", "buttons: type")


def _check_html(text: str) -> None:
    opened: list[str] = []
    for closing, tag, _ in re.findall(r"<(/?)([a-z0-9]*)([^<>]*)>", text):
        if tag not in TAGS:
            raise MaxError(400, "proto.payload", f"markup: {tag}")
        if not closing:
            opened.append(tag)
        elif not opened or opened.pop() != tag:
            raise MaxError(400, "proto.payload", f"markup: {tag} is not open")
    if opened or re.search(r"<(?!/?[a-z0-9]+[^<>]*>)|&(?![a-z]+;|#\d+;|#x[0-9a-f]+;)", text):
        raise MaxError(400, "proto.payload", "markup")
