"""The chat in a browser: what is said becomes an update, what changes flows back by revision."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from aiogram import Dispatcher
from aiogram.methods import TelegramMethod
from aiogram.types import Update
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.clock import local_date, utcnow
from bot.config import Settings
from bot.db import Database
from bot.errors import NotFound
from bot.i18n import Texts, Translator
from bot.messengers.base import MessengerBot
from bot.messengers.web import FILE, WebSession, chat_of, markup_of
from bot.services import demo, files, menu, web_chat
from bot.services.web_chat import SEEN_EVERY, WEB, Line
from bot.web.rendering import Pages, days
from bot.web.security import Pace, Signer, is_ours

COOKIE = "chat"
COOKIE_FOR = 400 * 86400
TEXT_LIMIT = 20_000
FILE_LIMIT = 50 * 2**20
KEEP_ALIVE = 15.0
OTHERS_EVERY = 2.0
"""Seconds after which a reader looks by itself: another process may have written."""

NEWCOMERS_PER_MINUTE = 300
PRESSES_PER_MINUTE = 240


@dataclass(frozen=True, slots=True)
class Visitor:
    """The browser of a request."""

    id: int
    chat_id: int


class Wakes:
    """Readers waiting for their chat to change."""

    def __init__(self, db: Database) -> None:
        self._waiting: defaultdict[int, set[asyncio.Event]] = defaultdict(set)
        self.closing = False
        db.subscribe(WEB, self.wake)

    def wake(self, visitor_id: int) -> None:
        for event in self._waiting.get(visitor_id, ()):
            event.set()

    def close(self) -> None:
        """Let every reader go: the process stops."""
        self.closing = True
        for events in self._waiting.values():
            for event in events:
                event.set()

    @contextmanager
    def listening(self, visitor_id: int) -> Iterator[asyncio.Event]:
        """An event that is set whenever the chat changes."""
        event = asyncio.Event()
        self._waiting[visitor_id].add(event)
        try:
            yield event
        finally:
            self._waiting[visitor_id].discard(event)
            if not self._waiting[visitor_id]:
                del self._waiting[visitor_id]


class Chat:
    """Handlers of the chat's addresses."""

    def __init__(
        self, db: Database, settings: Settings, texts: Texts, dispatcher: Dispatcher, bot: MessengerBot
    ) -> None:
        if not isinstance(bot.session, WebSession):
            raise TypeError("the web chat needs its own session")
        self._db, self._settings, self._texts = db, settings, texts
        self._dispatcher, self._bot, self._session = dispatcher, bot, bot.session
        self._pages = Pages()
        self._signer = Signer(settings.secret, "chat")
        self._known: OrderedDict[str, Visitor] = OrderedDict()
        self._said: OrderedDict[tuple[int, str], None] = OrderedDict()
        self._numbers = itertools.count(int(time.time() * 1000))
        self._newcomers = Pace(NEWCOMERS_PER_MINUTE)
        self._presses = Pace(PRESSES_PER_MINUTE)
        self.wakes = Wakes(db)

    def routes(self) -> list[Route]:
        """Every address of the chat."""
        return [
            Route("/", self.page),
            Route("/chat/begin", self.begin, methods=["POST"]),
            Route("/chat/say", self.say, methods=["POST"]),
            Route("/chat/press", self.press, methods=["POST"]),
            Route("/chat/events", self.events),
            Route("/chat/messages", self.messages),
            Route("/files/{number:int}", self.file),
        ]

    # --- pages -------------------------------------------------------------------------------------

    async def page(self, request: Request) -> Response:
        """The chat as it stands, or an invitation to begin."""
        t = self._t
        visitor = await self._visitor(request)
        before = request.query_params.get("before", "")
        lines: list[Line] = []
        more, revision = False, 0
        async with self._db.read() as session:
            if visitor is not None:
                revision = await web_chat.revision_of(session, visitor.id)
                lines, more = await web_chat.page(
                    session, visitor.id, before=int(before) if before.isdigit() and len(before) < 16 else None
                )
            centre = await menu.centre_name(session)
            is_demo = await demo.mark_of(session) is not None
        today = local_date(utcnow(), self._settings.zone)
        body = self._pages.chat(
            t=t,
            days=[(t.day(day, today=today), said) for day, said in days(lines, self._settings.zone)],
            earlier=lines[0].id if more else None,
            past=bool(before) and visitor is not None,
            revision=revision,
            new=visitor is None or (not lines and not before),
            start=request.query_params.get("start", "")[:64],
            centre=centre,
            demo=is_demo,
        )
        return HTMLResponse(body, headers={"Cache-Control": "no-store"})

    async def messages(self, request: Request) -> Response:
        """What is new or changed after a revision, as JSON."""
        visitor = await self._visitor(request)
        if visitor is None:
            return JSONResponse({"revision": 0, "lines": []})
        return JSONResponse(await self._changes(visitor, _number(request.query_params.get("after"))))

    async def file(self, request: Request) -> Response:
        """A file that this browser was shown or whose owner sits before it."""
        visitor = await self._visitor(request)
        if visitor is None:
            return self._gone()
        try:
            async with self._db.read() as session:
                person = await web_chat.person_of(session, visitor.chat_id)
                found = await files.for_visitor(session, visitor.id, person, request.path_params["number"])
        except NotFound:
            return self._gone()
        path = files.blob_path(self._settings.files.dir, found.sha256)
        if not await asyncio.to_thread(path.exists):
            return self._gone()
        inline = found.media_type in ("image/png", "image/jpeg")
        way = "inline" if inline else "attachment"
        return FileResponse(
            path,
            media_type=found.media_type if inline else "application/octet-stream",
            headers={
                "Content-Disposition": f"{way}; filename*=UTF-8''{quote(found.name)}",
                "Cache-Control": "private, max-age=3600",
                "Content-Security-Policy": "sandbox; default-src 'none'",
            },
        )

    async def events(self, request: Request) -> Response:
        """Server-sent events: every change once, from the revision the reader has."""
        visitor = await self._visitor(request)
        if visitor is None:
            return Response(status_code=204)
        after = max(_number(request.query_params.get("after")), _number(request.headers.get("last-event-id")))
        return StreamingResponse(
            self._stream(request, visitor, after),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    async def _stream(self, request: Request, visitor: Visitor, after: int) -> AsyncIterator[str]:
        every = KEEP_ALIVE if self._db.is_sqlite else OTHERS_EVERY
        spoke = time.monotonic()
        yield "retry: 2000\n\n"
        with self.wakes.listening(visitor.id) as event:
            while not self.wakes.closing and not await request.is_disconnected():
                event.clear()
                found = await self._changes(visitor, after)
                if found["lines"]:
                    after, spoke = found["revision"], time.monotonic()
                    yield f"id: {after}\ndata: {json.dumps(found, ensure_ascii=False)}\n\n"
                    continue
                with suppress(TimeoutError):
                    await asyncio.wait_for(event.wait(), every)
                if time.monotonic() - spoke >= KEEP_ALIVE:
                    spoke = time.monotonic()
                    yield ": here\n\n"

    # --- what a person does ------------------------------------------------------------------------

    async def begin(self, request: Request) -> Response:
        """The first visit: a cookie, and «/start» with its link."""
        form = await self._form(request)
        if form is None:
            return self._foreign(request)
        visitor = await self._visitor(request)
        signed = ""
        if visitor is None:
            address = request.client.host if request.client else ""
            if not self._newcomers.allows(address):
                return self._message("web-busy", 429)
            async with self._db.begin() as session:
                number, token = await web_chat.new_visitor(session, now=utcnow())
            visitor = Visitor(number, chat_of(number))
            signed = self._signer.sign(token)
        start = _text(form, "start")[:64]
        await self._hear(visitor, f"/start {start}".strip(), quiet=True)
        answer = await self._answer(request, visitor, form)
        if signed:
            answer.set_cookie(
                COOKIE,
                signed,
                max_age=COOKIE_FOR,
                httponly=True,
                samesite="lax",
                secure=self._settings.public_url.startswith("https:"),
            )
        return answer

    async def say(self, request: Request) -> Response:
        """Words, a file, or both."""
        form = await self._form(request)
        if form is None:
            return self._foreign(request)
        visitor = await self._visitor(request)
        if visitor is None:
            return await self._lost(request)
        if self._is_new(visitor, form):
            text = _text(form, "text").strip()[:TEXT_LIMIT]
            upload = form.get("file")
            if isinstance(upload, UploadFile) and upload.filename:
                await self._take(visitor, upload)
            if text:
                await self._hear(visitor, text, quiet=text == "/menu")
        return await self._answer(request, visitor, form)

    async def press(self, request: Request) -> Response:
        """A button of a message of this chat."""
        form = await self._form(request)
        if form is None:
            return self._foreign(request)
        visitor = await self._visitor(request)
        if visitor is None:
            return await self._lost(request)
        action = _text(form, "action")
        toast = ""
        if action and len(action) <= 64 and self._is_new(visitor, form):
            async with self._db.read() as session:
                line = await web_chat.line_of(session, visitor.id, _number(_text(form, "message")))
            query = f"{visitor.id}-{next(self._numbers)}"
            await self._feed(
                {
                    "callback_query": {
                        "id": query,
                        "from": _user(visitor),
                        "chat_instance": str(visitor.id),
                        "message": _message(visitor, line) if line is not None and not line.from_person else None,
                        "data": action,
                    }
                }
            )
            toast = self._session.toast_of(query)
        return await self._answer(request, visitor, form, toast=toast)

    # --- inside ------------------------------------------------------------------------------------

    @property
    def _t(self) -> Translator:
        return self._texts.translator()

    async def _hear(self, visitor: Visitor, text: str, *, quiet: bool = False) -> None:
        """One message of the person; a ``quiet`` one (the page's own buttons) is not shown."""
        now = utcnow()
        clean = "".join(sign for sign in text.replace("\r\n", "\n") if sign >= " " or sign in "\n\t")
        async with self._db.begin() as session:
            number = await web_chat.add(session, visitor.id, clean, from_person=True, now=now)
            if quiet and number is not None:
                await web_chat.hide(session, number, now=now)
        if number is None or not clean:
            return
        entities = [{"type": "bot_command", "offset": 0, "length": len(clean.split()[0])}] if clean[0] == "/" else []
        await self._feed(
            {
                "message": {
                    "message_id": number,
                    "date": int(now.timestamp()),
                    "chat": _chat(visitor),
                    "from": _user(visitor),
                    "text": clean,
                    "entities": entities,
                }
            }
        )

    async def _take(self, visitor: Visitor, upload: UploadFile) -> None:
        """A file of the person: kept, shown, and told to the handlers as a document."""
        now = utcnow()
        content = await upload.read()
        blob = await files.put(self._settings, content)
        media_type = (upload.content_type or "application/octet-stream").partition(";")[0]
        async with self._db.begin() as session:
            stored = await files.add(
                session,
                blob,
                name=upload.filename or "",
                media_type=media_type,
                owner_id=await web_chat.person_of(session, visitor.chat_id),
                purpose="received",
                now=now,
            )
            number = await web_chat.add(session, visitor.id, "", from_person=True, file_id=stored.id, now=now)
        if number is None:
            return
        identity = f"{FILE}{stored.id}"
        document = {
            "file_id": identity,
            "file_unique_id": identity,
            "file_name": stored.name,
            "mime_type": media_type,
            "file_size": blob.size,
        }
        await self._feed(
            {
                "message": {
                    "message_id": number,
                    "date": int(now.timestamp()),
                    "chat": _chat(visitor),
                    "from": _user(visitor),
                    "document": document,
                }
            }
        )

    async def _feed(self, raw: dict[str, Any]) -> None:
        update = Update.model_validate({"update_id": next(self._numbers), **raw}, context={"bot": self._bot})
        result = await self._dispatcher.feed_update(self._bot, update)
        if isinstance(result, TelegramMethod):
            await self._bot(result)

    async def _visitor(self, request: Request) -> Visitor | None:
        token = self._signer.read(request.cookies.get(COOKIE, ""))
        if token is None:
            return None
        held = self._known.get(token)
        if held is not None:
            return held
        now = utcnow()
        async with self._db.read() as session:
            found = await web_chat.visitor_of(session, token)
        if found is None:
            return None
        if now - found[1] > SEEN_EVERY:
            async with self._db.begin() as session:
                await web_chat.seen(session, found[0], now=now)
        visitor = self._known[token] = Visitor(found[0], chat_of(found[0]))
        if len(self._known) > 10_000:
            self._known.popitem(last=False)
        return visitor

    async def _form(self, request: Request) -> FormData | None:
        if not is_ours(request, self._settings.public_url):
            return None
        return await request.form(max_files=1, max_fields=10, max_part_size=2 * TEXT_LIMIT * 4)

    def _is_new(self, visitor: Visitor, form: FormData) -> bool:
        """False for a form that came twice (the answer was lost on the way), and above a wild pace."""
        if not self._presses.allows(str(visitor.id)):
            return False
        nonce = _text(form, "nonce")[:32]
        if not nonce:
            return True
        key = (visitor.id, nonce)
        if key in self._said:
            return False
        self._said[key] = None
        if len(self._said) > 10_000:
            self._said.popitem(last=False)
        return True

    async def _changes(self, visitor: Visitor, after: int) -> dict[str, Any]:
        async with self._db.read() as session:
            lines = await web_chat.changes(session, visitor.id, after)
        t = self._t
        return {
            "revision": lines[-1].revision if lines else after,
            "lines": [
                {
                    "id": line.id,
                    "revision": line.revision,
                    "own": line.from_person,
                    "deleted": line.deleted,
                    "html": "" if line.deleted else self._pages.line(line, t),
                }
                for line in lines
            ],
        }

    async def _answer(self, request: Request, visitor: Visitor, form: FormData, *, toast: str = "") -> Response:
        if "application/json" not in request.headers.get("accept", ""):
            return RedirectResponse("/", status_code=303)
        changes = await self._changes(visitor, _number(_text(form, "after")))
        return JSONResponse({**changes, "toast": toast})

    async def _lost(self, request: Request) -> Response:
        """The cookie is gone: begin anew rather than fail."""
        if "application/json" in request.headers.get("accept", ""):
            return JSONResponse({"reload": True, "revision": 0, "lines": []})
        return RedirectResponse("/", status_code=303)

    def _message(self, key: str, status: int) -> Response:
        t = self._t
        return HTMLResponse(self._pages.message(t=t, title=t(f"{key}.title"), text=t(key)), status_code=status)

    def _foreign(self, request: Request) -> Response:
        return self._message("web-foreign", 403)

    def _gone(self) -> Response:
        return self._message("web-gone", 404)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() and len(text) < 16 else 0


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _user(visitor: Visitor) -> dict[str, Any]:
    return {"id": visitor.chat_id, "is_bot": False, "first_name": "-"}


def _chat(visitor: Visitor) -> dict[str, Any]:
    return {"id": visitor.chat_id, "type": "private"}


def _message(visitor: Visitor, line: Line) -> dict[str, Any]:
    made: dict[str, Any] = {
        "message_id": line.id,
        "date": int(line.sent_at.timestamp()),
        "chat": _chat(visitor),
        "text": line.text,
        "reply_markup": markup_of(line.keyboard),
    }
    if line.file is not None:
        identity = f"{FILE}{line.file.id}"
        made["document"] = {"file_id": identity, "file_unique_id": identity}
    return made
