"""Open pages of events: the calendar and its feed, the check of a certificate, a personal way into a meeting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.clock import utcnow
from bot.config import Settings
from bot.db import Database
from bot.errors import NotFound
from bot.i18n import Texts, Translator
from bot.rules.events import BURNOUT
from bot.screens.events import wording
from bot.screens.events.wording import When
from bot.services import region
from bot.services.documents.certificate import hours
from bot.services.events import after, feed, joining, looking
from bot.services.events.reading import EventLine
from bot.services.practices import looking as practices
from bot.services.programmes import ending
from bot.web.rendering import environment
from bot.web.security import CSP_DOOR, Pace, is_ours

CHECKS_PER_MINUTE = 20
"""Numbers one address may try: fifty random bits cannot be searched through at this pace."""

FILTERS = ("all", "young", "live", "burnout")
FEED = 300


class EventPages:
    """Handlers of the open addresses."""

    def __init__(
        self, db: Database, settings: Settings, texts: Texts, *, clock: Callable[[], datetime] = utcnow
    ) -> None:
        self._db, self._settings, self._texts, self._clock = db, settings, texts, clock
        self._templates = environment()
        self._pace = Pace(CHECKS_PER_MINUTE)

    def routes(self) -> list[Route]:
        """Every address."""
        return [
            Route("/events", self.calendar),
            Route("/events.ics", self.ics),
            Route("/check", self.check),
            Route("/check/{number}", self.check),
            Route("/e/{token}", self.door),
            Route("/e/{token}", self.enter, methods=["POST"]),
        ]

    async def calendar(self, request: Request) -> Response:
        """What will be in the region, by day."""
        chosen = request.query_params.get("show", "all")
        chosen = chosen if chosen in FILTERS else "all"
        when = self._when()
        async with self._db.read() as session:
            lines = await looking.public(
                session,
                now=when.now,
                tag=BURNOUT if chosen == "burnout" else "",
                young=chosen == "young",
                live=chosen == "live",
            )
            title = str((await region.setting(session, "pack")).get("title", ""))
            centre = await region.centre(session)
        t = self._texts.translator()
        days = [(day, list(found)) for day, found in groupby(lines, key=lambda line: line.local(when.zone)[0].date())]
        return self._page(
            "events.html",
            days=days,
            lines=lines,
            chosen=chosen,
            filters=FILTERS,
            when=when,
            words=EventWords(t, when),
            weeks=_weeks(when.today, {day for day, _ in days}),
            region=title,
            centre=str(centre["name"] or centre["short_name"]),
            demo=any(line.is_demo for line in lines),
        )

    async def ics(self, request: Request) -> Response:
        """The feed for calendars: nobody's names, no rooms."""
        now = self._clock()
        async with self._db.read() as session:
            lines = await looking.public(session, now=now - timedelta(days=1), limit=FEED)
        url = self._settings.public_url
        content = feed.calendar(
            lines,
            name=self._texts.translator()("events-public.title"),
            host=url.partition("://")[2] or "marshrut",
            now=now,
            url=f"{url}/?start=event_",
        )
        return Response(content, media_type="text/calendar; charset=utf-8", headers={"Cache-Control": "max-age=900"})

    async def check(self, request: Request) -> Response:
        """A number, what it stands for. A stranger sees a masked name."""
        typed = request.path_params.get("number") or request.query_params.get("number", "")
        when = self._when()
        host = request.client.host if request.client else ""
        if typed and not self._pace.allows(host):
            return self._page(
                "check.html", status=429, paper=None, author=None, typed=typed[:40], slow=True, when=when, hours=""
            )
        paper = author = None
        if typed:
            async with self._db.read() as session:
                paper = await after.check(session, typed[:40]) or await ending.check(session, typed[:40])
                author = await practices.check(session, typed[:40]) if paper is None else None
        return self._page(
            "check.html",
            status=404 if typed and paper is None and author is None else 200,
            paper=paper,
            author=author,
            typed=typed[:40],
            slow=False,
            when=when,
            hours=hours(paper.hours) if paper else "",
        )

    async def door(self, request: Request) -> Response:
        """The page before the room: a messenger that looks at links walks into nothing."""
        when = self._when()
        try:
            async with self._db.read() as session:
                found = await joining.door(session, request.path_params["token"], now=when.now)
        except NotFound:
            return self._gone()
        t = self._texts.translator()
        page = self._page("door.html", door=found, words=EventWords(t, when), when=when)
        page.headers["Content-Security-Policy"] = CSP_DOOR
        return page

    async def enter(self, request: Request) -> Response:
        """Into the room."""
        if not is_ours(request, self._settings.public_url):
            return self._gone()
        try:
            async with self._db.begin() as session:
                room = await joining.enter(session, request.path_params["token"], now=self._clock())
        except NotFound:
            return self._gone()
        return RedirectResponse(room, status_code=303, headers={"Referrer-Policy": "no-referrer"})

    def _gone(self) -> Response:
        t = self._texts.translator()
        return self._page("message.html", status=404, title=t("events-door.gone-title"), text=t("events-door.gone"))

    def _when(self) -> When:
        return When(self._clock(), self._settings.zone)

    def _page(self, name: str, *, status: int = 200, **values: object) -> HTMLResponse:
        t = self._texts.translator()
        page = self._templates.get_template(name).render(t=t, **values)
        return HTMLResponse(page, status_code=status, headers={"Cache-Control": "no-store"})


class EventWords:
    """What the template says of an event."""

    def __init__(self, t: Translator, when: When) -> None:
        self._t, self._when = t, when

    def day_of(self, line: EventLine) -> str:
        """The day of an event."""
        return self.day(line.local(self._when.zone)[0].date())

    def day(self, day: date) -> str:
        """«сегодня», «вт, 1 декабря»."""
        return self._t.day(day, today=self._when.today)

    def time(self, line: EventLine) -> str:
        """15:00."""
        return wording.time(line, self._when)

    def about(self, line: EventLine) -> str:
        """«1 час 30 минут, дистанционно»."""
        return f"{wording.length(self._t, line)}, {wording.form(self._t, line)}"

    def seats(self, line: EventLine) -> str:
        """Free seats in words."""
        return wording.seats(self._t, line, self._when)

    def look(self, line: EventLine) -> str:
        """The colour of the seats."""
        if not line.takes(self._when.now):
            return "plan"
        left = line.left(self._when.now)
        return "ask" if left == 0 else "run" if left is not None and left <= wording.FEW else "ok"


def _weeks(today: date, busy: set[date]) -> Sequence[Sequence[tuple[date, bool]]]:
    """Five weeks from this one: day, and whether something takes place."""
    monday = today - timedelta(days=today.weekday())
    return [
        [(day, day in busy) for day in (monday + timedelta(days=7 * week + n) for n in range(7))] for week in range(5)
    ]
