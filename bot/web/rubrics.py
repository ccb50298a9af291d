"""The open archive of rubrics."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.clock import utcnow
from bot.config import Settings
from bot.db import Database
from bot.errors import NotFound
from bot.i18n import Texts
from bot.services import region
from bot.services.broadcasts import archive
from bot.web.rendering import environment


class RubricPages:
    """Handlers of the open addresses."""

    def __init__(
        self, db: Database, settings: Settings, texts: Texts, *, clock: Callable[[], datetime] = utcnow
    ) -> None:
        self._db, self._settings, self._texts, self._clock = db, settings, texts, clock
        self._templates = environment()

    def routes(self) -> list[Route]:
        """Every address."""
        return [Route("/rubrics", self.listing), Route("/rubrics/{slug}", self.one)]

    async def listing(self, request: Request) -> Response:
        """Every rubric."""
        async with self._db.read() as session:
            shelves = await archive.shelves(session, now=self._clock())
            title = str((await region.setting(session, "pack")).get("title", ""))
        return self._page("rubrics.html", shelves=shelves, region=title)

    async def one(self, request: Request) -> Response:
        """Posts of one."""
        asked = request.query_params.get("page", "")
        number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0
        try:
            async with self._db.read() as session:
                page = await archive.posts(session, request.path_params["slug"], number=number, now=self._clock())
                title = str((await region.setting(session, "pack")).get("title", ""))
        except NotFound:
            t = self._texts.translator()
            return self._page("message.html", status=404, title=t("admin-status.s404"), text=t("admin-no-page"))
        return self._page("rubric.html", page=page, region=title)

    def _page(self, name: str, *, status: int = 200, **values: object) -> HTMLResponse:
        t = self._texts.translator()
        zone = self._settings.zone

        def day(moment: datetime | None) -> str:
            return f"{moment.astimezone(zone):%d.%m.%Y}" if moment else ""

        page = self._templates.get_template(name).render(t=t, day=day, **values)
        return HTMLResponse(page, status_code=status, headers={"Cache-Control": "no-store"})
