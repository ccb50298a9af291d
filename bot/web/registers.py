"""Open pages of registers: the list of public ones, a register with search; internal ones are not there at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.clock import utcnow
from bot.config import Settings
from bot.db import Database
from bot.errors import NotFound
from bot.i18n import Texts, Translator
from bot.rules import registers as rules
from bot.rules.registers import Field, FieldType, Value
from bot.services import region
from bot.services.registers import public, views
from bot.web.rendering import environment

VIEW_PAGE = 20


class RegisterPages:
    """Handlers of the open addresses."""

    def __init__(
        self, db: Database, settings: Settings, texts: Texts, *, clock: Callable[[], datetime] = utcnow
    ) -> None:
        self._db, self._settings, self._texts, self._clock = db, settings, texts, clock
        self._templates = environment()

    def routes(self) -> list[Route]:
        """Every address."""
        return [Route("/registers", self.listing), Route("/registers/{slug}", self.one)]

    async def listing(self, request: Request) -> Response:
        """Every public register."""
        async with self._db.read() as session:
            lines = await public.listing(session)
            title = str((await region.setting(session, "pack")).get("title", ""))
        return self._page("registers.html", lines=lines, region=title, day=_day)

    async def one(self, request: Request) -> Response:
        """A page of one."""
        slug, query = request.path_params["slug"], request.query_params.get("q", "").replace("\x00", "")[:100].strip()
        asked = request.query_params.get("page", "")
        number = min(int(asked), 10_000) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0
        today = self._clock().astimezone(self._settings.zone).date()
        t = self._texts.translator()
        seen = None
        try:
            async with self._db.read() as session:
                found = await public.page(session, slug, query=query, number=number, today=today)
                if found.register.kind.is_view:
                    seen = await views.public(session, found.register.kind, on=today, zone=self._settings.zone)
                title = str((await region.setting(session, "pack")).get("title", ""))
        except NotFound:
            return self._page("message.html", status=404, title=t("admin-status.s404"), text=t("admin-no-page"))

        def path(page: int) -> str:
            asked = {"q": query, "page": str(page) if page else ""}
            said = urlencode({name: value for name, value in asked.items() if value})
            return f"/registers/{slug}" + (f"?{said}" if said else "")

        return self._page(
            "register.html",
            found=found,
            kind=found.register.kind,
            view=seen,
            number=number,
            size=VIEW_PAGE,
            query=query,
            region=title,
            path=path,
            day=_day,
            said=lambda field, value: said(t, field, value),
            shown=lambda value: _shown(t, value),
        )

    def _page(self, name: str, *, status: int = 200, **values: object) -> HTMLResponse:
        t = self._texts.translator()
        page = self._templates.get_template(name).render(t=t, **values)
        return HTMLResponse(page, status_code=status, headers={"Cache-Control": "no-store"})


def said(t: Translator, field: Field, value: Value) -> str:
    """A public value in words; a link is left to the template."""
    if value is None or value == "":
        return ""
    if field.type is FieldType.flag:
        return t("registers-yes" if value else "registers-no")
    if field.type is FieldType.day:
        return _day(rules.parse_day(str(value)))
    if field.options:
        return field.options[str(value)][0] if str(value) in field.options else ""
    return str(value)


def _shown(t: Translator, value: object) -> str:
    if value in ("yes", "no"):
        return t("registers-yes" if value == "yes" else "registers-no")
    return _day(value) if isinstance(value, date) else "" if value is None else str(value)


def _day(value: date | None) -> str:
    return f"{value:%d.%m.%Y}" if value else ""
