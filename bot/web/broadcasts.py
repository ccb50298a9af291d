"""``/go/…``: the address in a message, which leads to the link stored with it and counts that it was opened."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.clock import local_date, utcnow
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.models import Messenger
from bot.services.broadcasts import openings
from bot.web.rendering import environment

MACHINES = re.compile(r"(?<!cu)bot\b|crawler|spider|preview|vkshare|facebookexternalhit|whatsapp/", re.IGNORECASE)
"""Those who look at an address before a person does. CUBOT is a telephone."""

AHEAD = ("purpose", "sec-purpose", "x-moz")
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


class BroadcastLinks:
    """Only stored links are followed; no cookie is set and nothing of the asking person is kept."""

    def __init__(
        self, db: Database, settings: Settings, texts: Texts, *, clock: Callable[[], datetime] = utcnow
    ) -> None:
        self._db, self._settings, self._texts, self._clock = db, settings, texts, clock

    def routes(self) -> list[Route]:
        """The one address."""
        return [Route(openings.DOOR + "/{number}/{messenger}", self.go)]

    async def go(self, request: Request) -> Response:
        """Count and lead on; an unknown number or word leads nowhere."""
        number, word = request.path_params["number"], request.path_params["messenger"]
        link = ""
        if number.isascii() and number.isdigit() and len(number) < 16 and word in set(Messenger):
            async with self._db.read() as session:
                link = await openings.target(session, int(number))
        if not link:
            t = self._texts.translator()
            page = environment().get_template("message.html")
            text = page.render(t=t, title=t("admin-status.s404"), text=t("admin-no-page"))
            return HTMLResponse(text, status_code=404, headers={"Cache-Control": "no-store"})
        if request.method == "GET" and not _is_machine(request):
            async with self._db.begin() as session:
                today = local_date(self._clock(), self._settings.zone)
                await openings.opened(session, int(number), Messenger(word), on=today)
        return RedirectResponse(link, status_code=302, headers=HEADERS)


def _is_machine(request: Request) -> bool:
    """A preview or a browser that loads ahead."""
    if any("prefetch" in request.headers.get(name, "") for name in AHEAD):
        return True
    return MACHINES.search(request.headers.get("user-agent", "")) is not None
