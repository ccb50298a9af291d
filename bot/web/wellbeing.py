"""The page of the wellbeing check: knows nobody, keeps nothing, shows a result once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.clock import local_date, utcnow
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.rules import wellbeing as rules
from bot.rules.events import BURNOUT
from bot.rules.wellbeing import Level
from bot.screens.events.wording import When
from bot.services import wellbeing
from bot.services.events import looking
from bot.services.wellbeing import Help, Instrument, Wave
from bot.services.wellbeing.waves import DIMENSIONS, UNSAID
from bot.web.events import EventWords
from bot.web.rendering import environment
from bot.web.security import Pace, is_ours

PATH = "/wellbeing"
ANSWERS_PER_MINUTE = 60
"""From one address: a whole school may stand behind it. Counted in memory only."""

NEEDED = (b"content-type", b"content-length", b"host", b"origin", b"sec-fetch-site")
"""Headers the page may see; cookies, the browser's name and the page before are not among them."""

CLASSES = 2


class WellbeingPage:
    """Handlers of the one address."""

    def __init__(
        self, db: Database, settings: Settings, texts: Texts, *, clock: Callable[[], datetime] = utcnow
    ) -> None:
        self._db, self._settings, self._texts, self._clock = db, settings, texts, clock
        self._templates = environment()
        self._pace = Pace(ANSWERS_PER_MINUTE)

    def routes(self) -> list[Route]:
        """Every address."""
        return [Route(PATH, self.form), Route(PATH, self.answer, methods=["POST"])]

    async def form(self, _request: Request) -> Response:
        """The questions, or why there are none now."""
        told, wave, choices, names = await self._standing()
        if not told.opens:
            return self._page("closed")
        return self._form(self._instrument(wave), wave, choices, names)

    async def answer(self, request: Request) -> Response:
        """The result, shown once. What is counted is counted apart from everything else."""
        request = without_person(request)
        t = self._texts.translator()
        told, wave, choices, names = await self._standing()
        if not told.opens:
            return self._page("closed")
        instrument = self._instrument(wave)
        given = await _fields(request)
        if not is_ours(request, self._settings.public_url):
            return self._form(instrument, wave, choices, names, given, status=403, trouble=t("wellbeing-page.foreign"))
        if not self._pace.allows(request.client.host if request.client else ""):
            return self._page("slow", status=429)
        answers = _answers(given, instrument)
        if answers is None:
            trouble = t("wellbeing-page.answer-all")
            return self._form(instrument, wave, choices, names, given, status=422, trouble=trouble)
        value = rules.index(answers, instrument.scale)
        level = rules.level(value, instrument.scale)
        if wave is not None:
            chosen = {name: given.get(name, UNSAID) for name in DIMENSIONS}
            await wellbeing.waves.keep(self._db, wave.id, chosen=chosen, level=level, today=self._today)
        return await self._result(instrument, told, value, level)

    async def _result(self, instrument: Instrument, told: Help, value: int, level: Level) -> Response:
        now = self._clock()
        async with self._db.read() as session:
            classes = await looking.public(session, now=now, limit=CLASSES, tag=BURNOUT)
        when = When(now, self._settings.zone)
        words = EventWords(self._texts.translator(), when)
        return self._page(
            "result", value=value, level=level.value, borders=instrument.scale.borders, told=told, classes=classes,
            words=words,
        )  # fmt: skip

    async def _standing(self) -> tuple[Help, Wave | None, dict[str, list[str]], dict[str, dict[str, str]]]:
        """Telephones, the wave of today with what it asks of oneself."""
        today = self._today
        async with self._db.read() as session:
            told = await wellbeing.contacts.help_of(session, today=today)
            wave = await wellbeing.waves.running(session, today=today)
            if wave is None:
                return told, None, {}, {}
            choices = await wellbeing.waves.choices(session, wave.id)
            return told, wave, choices, await wellbeing.waves.value_names(session)

    @property
    def _today(self) -> date:
        return local_date(self._clock(), self._settings.zone)

    @staticmethod
    def _instrument(wave: Wave | None) -> Instrument:
        return wellbeing.instruments.usable(wave.instrument) if wave else wellbeing.instruments.default()

    def _form(
        self,
        instrument: Instrument,
        wave: Wave | None,
        choices: Mapping[str, list[str]],
        names: Mapping[str, Mapping[str, str]],
        given: Mapping[str, str] | None = None,
        *,
        status: int = 200,
        trouble: str = "",
    ) -> Response:
        return self._page(
            "form", status=status, instrument=instrument, wave=wave, choices=choices, names=names, given=given or {},
            trouble=trouble, unsaid=UNSAID, dimensions=DIMENSIONS,
        )  # fmt: skip

    def _page(self, what: str, *, status: int = 200, **values: object) -> HTMLResponse:
        t = self._texts.translator()
        page = self._templates.get_template("wellbeing.html").render(t=t, what=what, path=PATH, **values)
        return HTMLResponse(page, status_code=status, headers={"Cache-Control": "no-store"})


def without_person(request: Request) -> Request:
    """The same request without anything that could say whose it is."""
    headers = [(name, value) for name, value in request.scope["headers"] if name in NEEDED]
    return Request({**request.scope, "headers": headers}, request.receive)


async def _fields(request: Request) -> dict[str, str]:
    async with request.form(max_files=0, max_fields=100) as form:
        return {name: value[:64] for name, value in form.items() if isinstance(value, str)}


def _answers(given: Mapping[str, str], instrument: Instrument) -> list[int] | None:
    """Answers in the order of the items; None when one is missing or is none of the options."""
    most = instrument.scale.most
    allowed = {str(number): number for number in range(most + 1)}
    found = [allowed.get(given.get(f"q{place}", "")) for place in range(len(instrument.items))]
    return [number for number in found if number is not None] if None not in found else None
