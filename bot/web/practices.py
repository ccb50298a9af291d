"""Open pages of «Навигатор» and of the bank of practices: search, list, one practice, its files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.clock import utcnow
from bot.config import Settings
from bot.db import Database
from bot.errors import NotFound
from bot.i18n import Texts
from bot.screens.practices import face
from bot.services import files, region
from bot.services.navigator import finding, sources
from bot.services.practices import looking
from bot.web.rendering import environment, size
from bot.web.security import Pace

SIZE = 12
SEARCHES_PER_MINUTE = 60
"""Searches one address may ask for: a person types slower."""

QUERY = 100
PAGES = 40


class PracticePages:
    """Handlers of the open addresses."""

    def __init__(
        self, db: Database, settings: Settings, texts: Texts, *, clock: Callable[[], datetime] = utcnow
    ) -> None:
        self._db, self._settings, self._texts, self._clock = db, settings, texts, clock
        self._templates = environment()
        self._templates.globals.update(face=face)
        self._pace = Pace(SEARCHES_PER_MINUTE)

    def routes(self) -> list[Route]:
        """Every address."""
        return [
            Route("/navigator", self.navigator),
            Route("/practices", self.shelf),
            Route("/practices/{id:int}", self.practice),
            Route("/practices/{id:int}/files/{file:int}", self.file),
        ]

    async def navigator(self, request: Request) -> Response:
        """One search box over everything."""
        query, subject, group, number = self._asked(request)
        kind = request.query_params.get("kind", "")
        kind = kind if kind in sources.kinds() else ""
        if query and not self._allows(request):
            return self._slow()
        today = self._today
        async with self._db.read() as session:
            found = await finding.find(
                session, query, finding.Filters(kind, subject, group), today=today, number=number, size=SIZE
            )
            topics = await finding.topics(session, today=today)
            subjects = await finding.subjects(session)
            frame = await self._frame(session)
        asked = {"q": query, "kind": kind, "subject": subject, "topic": group}
        return self._page(
            "navigator.html", found=found, query=query, kind=kind, subject=subject, group=group, topics=topics,
            subjects=subjects, kinds=sources.kinds(), turn=_turns("/navigator", asked, found), **frame,
        )  # fmt: skip

    async def shelf(self, request: Request) -> Response:
        """The bank, newest first or by words."""
        query, subject, group, number = self._asked(request)
        if query and not self._allows(request):
            return self._slow()
        async with self._db.read() as session:
            found = await looking.shelf(
                session, query, subject=subject, group=group, today=self._today, number=number, size=SIZE
            )
            subjects = await finding.subjects(session)
            topics = await finding.topics(session, today=self._today)
            frame = await self._frame(session)
        asked = {"q": query, "subject": subject, "topic": group}
        return self._page(
            "practices.html", found=found, query=query, subject=subject, group=group, subjects=subjects,
            topics=topics, turn=_turns("/practices", asked, found), **frame,
        )  # fmt: skip

    async def practice(self, request: Request) -> Response:
        """One practice."""
        try:
            async with self._db.read() as session:
                card = await looking.card(session, request.path_params["id"])
                frame = await self._frame(session)
        except (NotFound, OverflowError):
            return self._gone()
        return self._page("practice.html", card=card, size=size, **frame)

    async def file(self, request: Request) -> Response:
        """A file of a published practice, offered for download only."""
        try:
            async with self._db.read() as session:
                stored = await looking.file_of(session, request.path_params["id"], request.path_params["file"])
        except (NotFound, OverflowError):
            return self._gone()
        path = files.blob_path(self._settings.files.dir, stored.sha256)
        try:
            content = await asyncio.to_thread(Path.read_bytes, path)
        except FileNotFoundError:
            return self._gone()
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(stored.name)}",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(content, media_type="application/octet-stream", headers=headers)

    @property
    def _today(self) -> Any:
        return self._clock().astimezone(self._settings.zone).date()

    def _asked(self, request: Request) -> tuple[str, str, str, int]:
        given = request.query_params
        page = given.get("page", "")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 4 else 0
        query = " ".join(given.get("q", "").split())[:QUERY]
        return query, given.get("subject", "")[:32], given.get("topic", "")[:32], min(number, PAGES)

    def _allows(self, request: Request) -> bool:
        return self._pace.allows(request.client.host if request.client else "")

    async def _frame(self, session: Any) -> dict[str, Any]:
        """What stands on every page."""
        centre = await region.centre(session)
        return {
            "region": str((await region.setting(session, "pack")).get("title", "")),
            "centre": str(centre["name"] or centre["short_name"]),
        }

    def _gone(self) -> Response:
        t = self._texts.translator()
        title, text = t("practices-page.gone-title"), t("practices-gone")
        return self._page("message.html", status=404, title=title, text=text)

    def _slow(self) -> Response:
        t = self._texts.translator()
        title, text = t("events-check-page.slow-title"), t("events-check-page.slow")
        return self._page("message.html", status=429, title=title, text=text)

    def _page(self, name: str, *, status: int = 200, **values: object) -> HTMLResponse:
        t = self._texts.translator()
        page = self._templates.get_template(name).render(t=t, **values)
        return HTMLResponse(page, status_code=status, headers={"Cache-Control": "no-store"})


def _turns(path: str, asked: dict[str, str], found: finding.Found | looking.Shelf) -> dict[str, str]:
    """Addresses of the page before and after, only those that lead somewhere."""
    given = {name: value for name, value in asked.items() if value}
    turns = {}
    if found.number:
        turns["earlier"] = f"{path}?{urlencode({**given, 'page': found.number - 1})}"
    if (found.number + 1) * found.size < found.total and found.number < PAGES:
        turns["more"] = f"{path}?{urlencode({**given, 'page': found.number + 1})}"
    return turns
