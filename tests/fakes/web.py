"""The web chat over its real addresses: what a browser without scripts would do."""

from __future__ import annotations

import html
import itertools
import re
from html.parser import HTMLParser
from typing import Any

import httpx
from starlette.applications import Starlette

from bot.clock import utcnow
from bot.config import Settings
from bot.db import Database
from bot.messengers.web import chat_of
from bot.services import web_chat
from bot.web.security import Signer
from tests.chat import Talk
from tests.fakes.telegram import Shown

_nonces = itertools.count(1)


class WebTalk(Talk):
    """One browser: a cookie jar, forms, and the lines as the page shows them."""

    messenger = "web"

    def __init__(self, app: Starlette, *, start: str = "") -> None:
        transport = httpx.ASGITransport(app=app)
        self.http = httpx.AsyncClient(
            transport=transport, base_url="http://testserver", headers={"Origin": "http://testserver"}
        )
        self.lines: dict[int, Shown] = {}
        self.revision = 0
        self.toast = ""
        self.start = start
        self.user_id = 0

    async def opens(self, db: Database, settings: Settings) -> None:
        """A browser that has been here before: the cookie is there, nothing was said yet."""
        async with db.begin() as session:
            visitor, token = await web_chat.new_visitor(session, now=utcnow())
        self.user_id = chat_of(visitor)
        self.http.cookies.set("chat", Signer(settings.secret, "chat").sign(token))

    async def close(self) -> None:
        await self.http.aclose()

    @property
    def messages(self) -> list[Shown]:
        return [self.lines[number] for number in sorted(self.lines)]

    async def says(self, text: str) -> None:
        if not self.http.cookies:
            if text.startswith("/start"):
                await self._post("/chat/begin", start=text.partition(" ")[2])
                return
            await self._post("/chat/begin", start="")
        await self._post("/chat/say", text=text)

    async def sends(self, **content: Any) -> None:
        """What a browser cannot send arrives as a file."""
        await self.sends_file("voice.ogg", b"OggS", "audio/ogg")

    async def sends_file(self, name: str, content: bytes, media_type: str = "application/pdf") -> None:
        await self._post("/chat/say", files={"file": (name, content, media_type)})

    async def presses(self, label: str, *, of: Shown | None = None) -> None:
        for message in [of] if of else reversed(self.messages):
            for row in message.rows:
                for button in row:
                    if button["text"] == label and "callback_data" in button:
                        await self.press_action(button["callback_data"], of=message)
                        return
        raise AssertionError(f"no button {label!r}; the screen has {self.buttons}: {self.text!r}")

    async def press_action(self, action: str, *, of: Shown | None = None) -> None:
        message = of or self.screen
        await self._post("/chat/press", message=str(message.id), action=action)

    async def reloads(self) -> str:
        """The page as a fresh browser window gets it; lines are read from it."""
        page = await self.http.get("/")
        assert page.status_code == 200
        return page.text

    async def _post(self, url: str, *, files: Any = None, **fields: str) -> None:
        fields |= {"after": str(self.revision), "nonce": str(next(_nonces))}
        answer = await self.http.post(url, data=fields, files=files, headers={"Accept": "application/json"})
        assert answer.status_code == 200, answer.text
        self.take(answer.json())

    def take(self, changes: dict[str, Any]) -> None:
        """Apply what the server says has changed."""
        self.toast = changes.get("toast", "")
        self.revision = max(self.revision, changes["revision"])
        for line in changes["lines"]:
            if line["deleted"]:
                self.lines.pop(line["id"], None)
            else:
                self.lines[line["id"]] = _shown(line["id"], line["html"], own=line["own"])


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.rows: list[list[dict[str, Any]]] = []
        self.file: dict[str, Any] | None = None
        self._button: dict[str, Any] | None = None
        self._quiet = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "br":
            self.words.append("\n")
        elif tag == "p" and self.words:
            self.words.append("\n\n")
        elif tag == "button":
            self._button = {"text": "", "callback_data": values["value"]}
        elif tag == "a" and "btn" in values.get("class", ""):
            self._button = {"text": "", "url": values["href"]}
        elif tag == "img":
            self.file = {"kind": "photo", "url": values["src"]}
        elif tag == "script":
            raise AssertionError("a script in a line")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("button", "a") and self._button is not None:
            self._button["text"] = self._button["text"].strip()
            if self._button.get("url", "").startswith("/files/"):
                self.file = {"kind": "document", "url": self._button["url"], "name": self._button["text"]}
            else:
                self.rows.append([self._button])
            self._button = None

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            self._button["text"] += data
        else:
            self.words.append(data)


def _shown(number: int, source: str, *, own: bool) -> Shown:
    reader = _Reader()
    reader.feed(source)
    text = re.sub(r"\n{3,}", "\n\n", "".join(reader.words)).strip()
    return Shown(
        id=number,
        chat_id=0,
        text=html.escape(text, quote=False),
        from_person=own,
        rows=reader.rows,
        file=reader.file,
    )
