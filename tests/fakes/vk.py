"""A VK API server that remembers, as strict as the platform."""

from __future__ import annotations

import asyncio
import html
import itertools
import json
import time
from collections import defaultdict, deque
from typing import Any

from aiohttp import web

from tests.fakes.health import Health
from tests.fakes.telegram import Shown

TOKEN = "vk1.a.TEST-token-of-the-fake-community"
GROUP = 222
EVENT_LIVES = 60
EDITABLE = 24 * 3600
OFFSET = 2 * 10**15


class VkError(Exception):
    """An error in the platform's own numbers."""

    def __init__(self, code: int, message: str = "error") -> None:
        super().__init__(message)
        self.code, self.message = code, message


class FakeVk:
    """Answers ``/method/<name>`` and the upload hosts on loopback, and keeps every dialogue by its peer."""

    def __init__(self) -> None:
        self.chats: dict[int, list[Shown]] = {}
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.events: dict[str, tuple[float, int]] = {}
        self.answered: dict[str, str] = {}
        self.blocked: set[int] = set()
        self.errors: dict[str, deque[VkError]] = defaultdict(deque)
        self.faults: deque[str] = deque()
        self.attachments: dict[str, bytes] = {}
        self.below: dict[int, list[list[dict[str, Any]]]] = {}
        self.token = TOKEN
        self.url = ""
        self.delay = 0.0
        self.health = Health()
        self._known: dict[tuple[int, int], dict[str, Any]] = {}
        self._numbers = itertools.count(1)
        self._uploads: dict[str, bytes] = {}
        self._runner: web.AppRunner | None = None
        self.feed: list[dict[str, Any]] = []
        self.failed: deque[dict[str, Any]] = deque()
        self.key = "k1"
        self.code = "c0ff33"
        self.servers: list[dict[str, Any]] = []
        self.wanted: dict[int, set[str]] = {}
        self.may_manage = True
        self.polls = 0
        self.poll_faults: deque[str] = deque()

    async def __aenter__(self) -> FakeVk:
        app = web.Application(client_max_size=60 * 2**20, middlewares=[self.health.middleware])
        app.router.add_post("/method/{name}", self._serve)
        app.router.add_post("/upload/{part}", self._upload)
        app.router.add_get("/poll", self._poll)
        app.router.add_get("/doc/{number}", self._doc)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        assert not request.query, "nothing of a call belongs into its address"
        name = request.match_info["name"]
        body = {key: str(value) for key, value in (await request.post()).items()}
        self.calls.append((name, body))
        fault = self.faults.popleft() if self.faults else ""
        if fault == "500":
            return web.Response(status=500, text="oops")
        if fault == "html":
            return web.Response(text="<html>Доступ ограничен</html>", content_type="text/html")
        if fault == "drop" and request.transport is not None:
            request.transport.close()
        if fault == "silent":
            await asyncio.sleep(2)
        try:
            if body.get("access_token") != self.token:
                raise VkError(5, "User authorization failed")
            if not body.get("v"):
                raise VkError(8, "v is required")
            if self.errors[name]:
                raise self.errors[name].popleft()
            handler = getattr(self, "do_" + name.replace(".", "_"), None)
            if handler is None:
                raise VkError(3, "Unknown method passed")
            result = handler(body)
        except VkError as error:
            return web.json_response({"error": {"error_code": error.code, "error_msg": error.message}})
        except KeyError as missing:
            return web.json_response({"error": {"error_code": 100, "error_msg": f"{missing} is undefined"}})
        if self.delay:
            await asyncio.sleep(self.delay)
        if fault == "lost":
            assert request.transport is not None
            request.transport.close()
        return web.json_response({"response": result})

    async def _poll(self, request: web.Request) -> web.Response:
        """``a_check``: what happened after ``ts``, which counts the events."""
        query = request.query
        self.polls += 1
        match self.poll_faults.popleft() if self.poll_faults else "":
            case "500":
                return web.Response(status=500, text="oops")
            case "html":
                return web.Response(text="<html>Доступ ограничен</html>", content_type="text/html")
            case "drop" if request.transport is not None:
                request.transport.close()
        assert query["act"] == "a_check"
        assert 0 < int(query["wait"]) <= 90
        if self.failed:
            return web.json_response(self.failed.popleft())
        if query["key"] != self.key:
            return web.json_response({"failed": 2})
        for _ in range(20):
            if len(self.feed) > int(query["ts"]):
                break
            await asyncio.sleep(0.02)
        return web.json_response({"ts": str(len(self.feed)), "updates": self.feed[int(query["ts"]) :]})

    async def _doc(self, request: web.Request) -> web.Response:
        return web.Response(body=self.attachments[request.match_info["number"]])

    def file(self, peer: int, name: str, content: bytes) -> dict[str, Any]:
        """What a person attaches to a message."""
        number = next(self._numbers)
        self.attachments[f"{number}"] = self.attachments[f"doc{peer}_{number}_k"] = content
        doc = {"id": number, "owner_id": peer, "title": name, "size": len(content), "access_key": "k"}
        return {"type": "doc", "doc": {**doc, "url": f"{self.url}/doc/{number}"}}

    async def _upload(self, request: web.Request) -> web.Response:
        part = request.match_info["part"]
        field = (await request.post()).get(part)
        if not isinstance(field, web.FileField):
            return web.Response(text='{"error":"no file"}', content_type="text/html")
        mark = f"u{next(self._numbers)}"
        self._uploads[mark] = field.file.read()
        answer = {"file": mark} if part == "file" else {"photo": mark, "server": 1, "hash": "h"}
        return web.Response(text=json.dumps(answer), content_type="text/html")

    # --- methods -------------------------------------------------------------------------------

    def do_groups_getById(self, body: dict[str, str]) -> dict[str, Any]:
        return {"groups": [{"id": GROUP, "name": "Маршрут", "screen_name": "marshrut"}], "profiles": []}

    def do_groups_getLongPollServer(self, body: dict[str, str]) -> dict[str, str]:
        if int(body["group_id"]) != GROUP:
            raise VkError(100, "group_id is invalid")
        return {"server": f"{self.url}/poll", "key": self.key, "ts": str(len(self.feed))}

    def do_groups_getCallbackConfirmationCode(self, body: dict[str, str]) -> dict[str, str]:
        self._check_manager(body)
        return {"code": self.code}

    def do_groups_getCallbackServers(self, body: dict[str, str]) -> dict[str, Any]:
        self._check_manager(body)
        return {"count": len(self.servers), "items": [dict(one) for one in self.servers]}

    def do_groups_addCallbackServer(self, body: dict[str, str]) -> dict[str, int]:
        self._check_manager(body)
        if len(self.servers) == 10:
            raise VkError(2000, "Servers number limit is reached")
        number = max([0, *(int(one["id"]) for one in self.servers)]) + 1
        self.servers.append({"id": number, "creator_id": 1, "status": "wait", **self._server_of(body)})
        return {"server_id": number}

    def do_groups_editCallbackServer(self, body: dict[str, str]) -> int:
        self._check_manager(body)
        self._own_server(body).update(self._server_of(body), status="wait")
        return 1

    def do_groups_setCallbackSettings(self, body: dict[str, str]) -> int:
        self._check_manager(body)
        assert body["api_version"] == "5.199"
        self.wanted[self._own_server(body)["id"]] = {name for name, on in body.items() if on == "1"} - {"server_id"}
        return 1

    def _check_manager(self, body: dict[str, str]) -> None:
        if int(body["group_id"]) != GROUP:
            raise VkError(100, "group_id is invalid")
        if not self.may_manage:
            raise VkError(15, "Access denied: no access to call this method")

    @staticmethod
    def _server_of(body: dict[str, str]) -> dict[str, str]:
        if not body["url"].startswith("http") or not 1 <= len(body["title"]) <= 14 or len(body["secret_key"]) > 50:
            raise VkError(100, "One of the parameters specified was missing or invalid")
        return {"url": body["url"], "title": body["title"], "secret_key": body["secret_key"]}

    def _own_server(self, body: dict[str, str]) -> dict[str, Any]:
        found = next((one for one in self.servers if one["id"] == int(body["server_id"])), None)
        if found is None:
            raise VkError(2001, "Server not found")
        return found

    def do_users_get(self, body: dict[str, str]) -> list[dict[str, Any]]:
        return [
            {"id": int(number), "first_name": "Анна", "last_name": "Ильина"} for number in body["user_ids"].split(",")
        ]

    def do_messages_send(self, body: dict[str, str]) -> list[dict[str, Any]]:
        peer, random_id = int(body["peer_ids"]), int(body["random_id"])
        if random_id and (peer, random_id) in self._known:
            return [self._known[peer, random_id]]
        self._check_message(body)
        inline, rows = self._keyboard(body)
        if peer in self.blocked or peer not in self.chats:
            return [{"peer_id": peer, "message_id": 0, "error": {"code": 901, "description": "no permission"}}]
        number = self.put(peer, _plain(body), rows=rows if inline else [], **_looks(body)).id
        if not inline:
            self.below[peer] = rows
        item = {"peer_id": peer, "message_id": number + 5000, "conversation_message_id": number}
        if random_id:
            self._known[peer, random_id] = item
        return [item]

    def do_messages_edit(self, body: dict[str, str]) -> int:
        self._check_message(body)
        message = self._find(int(body["peer_id"]), int(body["cmid"]))
        if message.from_person:
            raise VkError(920, "Can't edit this kind of message")
        if time.time() - message.date > EDITABLE:
            raise VkError(909, "Can't edit this message, because it's too old")
        message.text = _plain(body)
        message.file = _looks(body)["file"]
        if "keyboard" in body:
            message.rows = self._keyboard(body)[1]
        return 1

    def do_messages_delete(self, body: dict[str, str]) -> list[dict[str, Any]]:
        message = self._find(int(body["peer_id"]), int(body["cmids"]))
        message.deleted = True
        return [{"peer_id": message.chat_id, "conversation_message_id": message.id, "response": 1}]

    def do_messages_sendMessageEventAnswer(self, body: dict[str, str]) -> int:
        began, user = self.events.get(body["event_id"], (0.0, 0))
        spent = body["event_id"] in self.answered or time.time() - began > EVENT_LIVES
        if spent or user != int(body["user_id"]) or user != int(body["peer_id"]):
            raise VkError(100, "event_id is invalid")
        if len(body.get("event_data", "")) > 1000:
            raise VkError(100, "event_data is too long")
        self.answered[body["event_id"]] = body.get("event_data", "")
        return 1

    def do_messages_setActivity(self, body: dict[str, str]) -> int:
        if body["type"] not in ("typing", "audiomessage", "file", "photo", "video"):
            raise VkError(100, "type is invalid")
        return int(body["peer_id"] != "")

    def do_docs_getMessagesUploadServer(self, body: dict[str, str]) -> dict[str, str]:
        return {"upload_url": f"{self.url}/upload/file", "peer": body["peer_id"]}

    def do_photos_getMessagesUploadServer(self, body: dict[str, str]) -> dict[str, str]:
        return {"upload_url": f"{self.url}/upload/photo", "peer": body["peer_id"]}

    def do_docs_save(self, body: dict[str, str]) -> dict[str, Any]:
        number = next(self._numbers)
        self.attachments[f"doc-{GROUP}_{number}_k"] = self._uploads.pop(body["file"])
        return {"type": "doc", "doc": {"id": number, "owner_id": -GROUP, "title": body["title"], "access_key": "k"}}

    def do_photos_saveMessagesPhoto(self, body: dict[str, str]) -> list[dict[str, Any]]:
        number = next(self._numbers)
        assert body["server"]
        assert body["hash"]
        self.attachments[f"photo-{GROUP}_{number}_k"] = self._uploads.pop(body["photo"])
        return [{"id": number, "owner_id": -GROUP, "access_key": "k"}]

    # --- inside --------------------------------------------------------------------------------

    def meet(self, user_id: int) -> None:
        """The person wrote once, so the community may write to her."""
        self.chats.setdefault(user_id, [])

    def ask(self, user_id: int) -> str:
        """A press that waits for its answer; the id of the event."""
        event = f"e{next(self._numbers)}"
        self.events[event] = (time.time(), user_id)
        return event

    def corrected(self, peer: int, text: str) -> Shown:
        """The person's last message with other words."""
        message = next(one for one in reversed(self.chats[peer]) if one.from_person and not one.deleted)
        message.text = text
        return message

    def put(self, peer: int, text: str, **more: Any) -> Shown:
        """A message in a dialogue, of either side; numbers run through each dialogue."""
        chat = self.chats.setdefault(peer, [])
        message = Shown(id=len(chat) + 1, chat_id=peer, text=text, **{"date": int(time.time()), **more})
        chat.append(message)
        return message

    def _find(self, peer: int, number: int) -> Shown:
        for message in self.chats.get(peer, []):
            if message.id == number and not message.deleted:
                return message
        raise VkError(100, "message not found")

    def _check_message(self, body: dict[str, str]) -> None:
        text, attachment = body.get("message", ""), body.get("attachment", "")
        if not text.strip() and not attachment:
            raise VkError(100, "message is empty or invalid")
        size = len(text.encode("utf-16-le", "surrogatepass")) // 2
        if size > 4096:
            raise VkError(914, "Message is too long")
        if attachment and any(part not in self.attachments for part in attachment.split(",")):
            raise VkError(100, "attachment is invalid")
        for item in json.loads(body.get("format_data") or '{"items":[]}')["items"]:
            if item["type"] not in ("bold", "italic", "underline", "url") or item["offset"] + item["length"] > size:
                raise VkError(100, "format_data is invalid")
            if item["type"] == "url" and not item.get("url"):
                raise VkError(100, "format_data is invalid: url")

    @staticmethod
    def _keyboard(body: dict[str, str]) -> tuple[bool, list[list[dict[str, Any]]]]:
        """Inline or not, and the rows as a person sees them; strict about every limit."""
        if "keyboard" not in body:
            return True, []
        raw = json.loads(body["keyboard"])
        inline, rows = bool(raw.get("inline")), raw["buttons"]
        if inline and (len(rows) > 6 or sum(map(len, rows)) > 10):
            raise VkError(911, "Keyboard format is invalid: too much buttons")
        if any(not 1 <= len(row) <= 5 for row in rows) or len(rows) > 10:
            raise VkError(911, "Keyboard format is invalid: rows")
        shown = []
        for row in rows:
            made = []
            for button in row:
                action = button["action"]
                if not 1 <= len(action["label"]) <= 40 or len(action.get("payload", "")) > 255:
                    raise VkError(911, "Keyboard format is invalid: label or payload")
                if action["type"] == "open_link":
                    if "color" in button:
                        raise VkError(911, "Keyboard format is invalid: color of a link")
                    made.append({"text": action["label"], "url": action["link"]})
                elif action["type"] == ("callback" if inline else "text"):
                    made.append({"text": action["label"], "callback_data": json.loads(action["payload"])["d"]})
                else:
                    raise VkError(911, "Keyboard format is invalid: type")
            shown.append(made)
        return inline, shown


def _plain(body: dict[str, str]) -> str:
    """Words as other chats keep them: no sign of them is a tag."""
    return html.escape(body.get("message", ""), quote=False)


def _looks(body: dict[str, str]) -> dict[str, Any]:
    attachment = body.get("attachment")
    return {"file": {"kind": attachment.rstrip("0123456789_-k"), "id": attachment} if attachment else None}
