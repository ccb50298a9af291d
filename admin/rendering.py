"""Templates with ``t``, dates of the region, links that know where the admin is mounted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.i18n import NBSP, Translator
from bot.services.access import Right, Scope
from bot.services.staff import SignedIn

HERE = Path(__file__).parent

SECTIONS: tuple[tuple[str, str, Right | None], ...] = (
    ("start", "/", None),
    ("people", "/people", Right.people_see),
    ("instruments", "/instruments", Right.instruments_see),
    ("campaigns", "/campaigns", Right.campaigns_see),
    ("iom", "/iom", Right.iom_see),
    ("roadmap", "/roadmap", Right.roadmap_see),
    ("indicators", "/indicators", Right.indicators_see),
    ("hotline", "/hotline", Right.hotline_answer),
    ("broadcasts", "/broadcasts", Right.broadcasts_see),
    ("catalogue", "/catalogue", Right.catalogue_see),
    ("registers", "/registers", Right.registers_see),
    ("forms", "/forms", Right.admin_open),
    ("events", "/events", Right.events_see),
    ("wellbeing", "/wellbeing", Right.wellbeing_see),
    ("practices", "/practices", Right.practices_see),
    ("programmes", "/programmes", Right.programmes_see),
    ("mentoring", "/mentoring", Right.mentoring_see),
    ("organisations", "/organisations", Right.people_confirm),
    ("invitations", "/invitations", Right.roles_grant),
    ("texts", "/texts", Right.texts_edit),
    ("delivery", "/delivery", Right.delivery_see),
    ("journal", "/journal", Right.audit_see),
)
"""(section, path, the right it needs), as the menu shows them."""

BOTTOM = ("start", "people", "instruments", "iom", "hotline", "texts", "journal", "delivery")
"""Sections with short names: the first four that a role opens stand beside «Ещё» at the bottom of a phone."""


class Html(str):
    """Our own words with b, i, a; the values inside were escaped by the translator."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


@dataclass(frozen=True, slots=True)
class Staff:
    """The acting person: one role at a time, fresh for every request."""

    signed: SignedIn
    scope: Scope
    t: Translator
    now: datetime
    zone: ZoneInfo
    region: str
    demo: bool

    @property
    def id(self) -> int:
        """The person's id."""
        return self.signed.person_id

    @property
    def name(self) -> str:
        """Full name."""
        return self.signed.name

    @property
    def initials(self) -> str:
        """Two letters for the round sign: first name, last name."""
        parts = self.signed.name.split()
        return "".join(part[0] for part in (parts[1:2] + parts[:1])) if parts else ""

    @property
    def role(self) -> str:
        """The slug of the role in force, empty while none is chosen."""
        return self.scope.grants[0].role.value if self.scope.grants else ""

    @property
    def today(self) -> date:
        """The day of the region."""
        return self.now.astimezone(self.zone).date()

    def may(self, right: str) -> bool:
        """For templates: ``staff.may("people.edit")``."""
        return self.scope.may(Right(right))

    @property
    def bottom(self) -> list[tuple[str, str]]:
        """The sections of a phone's bottom line."""
        sections = self.sections
        return sections if len(sections) <= 4 else [section for section in sections if section[0] in BOTTOM][:4]

    @property
    def sections(self) -> list[tuple[str, str]]:
        """(section, path) that this role opens."""
        return [(name, path) for name, path, right in SECTIONS if right is None or self.scope.may(right)]


class Templates:
    """Renders pages; everything is escaped, a missing value is an error."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=select_autoescape(["html"]),
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
            auto_reload=False,
        )
        self._templates.filters.update(day=self.day, moment=self.moment, num=num, pct=pct)

    def page(self, name: str, **values: Any) -> str:
        """A page as text."""
        return self._templates.get_template(name).render(**values)

    def day(self, value: date | datetime | None) -> str:
        """22.11.2026 in the region's zone, «—» for nothing."""
        if value is None:
            return "—"
        if isinstance(value, datetime):
            value = value.astimezone(self._zone).date()
        return f"{value:%d.%m.%Y}"

    def moment(self, value: datetime | None) -> str:
        """22.11.2026, 9:05 in the region's zone, «—» for nothing."""
        if value is None:
            return "—"
        local = value.astimezone(self._zone)
        return f"{local:%d.%m.%Y}, {local.hour}:{local:%M}"


def num(value: int) -> str:
    """12 345 with no-break spaces."""
    return f"{value:,}".replace(",", NBSP)


def pct(value: float | None) -> str:
    """«65 %», «—» for nothing."""
    return "—" if value is None else f"{value:.0f}{NBSP}%"


def render(
    request: Request, name: str, staff: Staff | None = None, *, status: int = 200, **values: Any
) -> HTMLResponse:
    """A page for the acting person (or, before sign-in, for nobody)."""
    root = str(request.scope.get("root_path", ""))
    t: Translator = staff.t if staff else request.app.state.texts.translator()

    def u(path: str, **query: Any) -> str:
        return address(root, path, query)

    def th(key: str, **args: Any) -> Html:
        return Html(t.html(key, **args))

    done = request.query_params.get("done", "")
    said = t(f"admin-done.{done}") if done.isascii() and done and t.has(f"admin-done.{done}") else ""
    page = request.app.state.templates.page(name, t=t, th=th, u=u, staff=staff, toast=said, **values)
    return HTMLResponse(page, status_code=status)


def to(request: Request, path: str, **query: Any) -> Response:
    """«Done, look there»: an answer to a POST."""
    return RedirectResponse(address(str(request.scope.get("root_path", "")), path, query), status_code=303)


def address(root: str, path: str, query: Mapping[str, Any] | None = None) -> str:
    """A path of the admin; empty values are left out of the query."""
    given = {name: value for name, value in (query or {}).items() if value not in (None, "", 0, False)}
    return f"{root}{path}" + (f"?{urlencode(given)}" if given else "")


async def form_of(request: Request) -> dict[str, str]:
    """Fields of a form as text; a file in place of text is dropped."""
    async with request.form(max_files=0, max_fields=200) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def number_of(raw: str | None, *, least: int = 0, most: int = 2**62) -> int | None:
    """A whole number of a query or form; None for anything else."""
    if not raw or not raw.isascii() or not raw.isdigit() or len(raw) > 19:
        return None
    value = int(raw)
    return value if least <= value <= most else None


def page_of(request: Request) -> int:
    """The page asked for, from 0."""
    return number_of(request.query_params.get("page"), most=100_000) or 0


def day_of(raw: str) -> date | None:
    """A day typed as 22.11.2026 or chosen in a calendar; None for anything else."""
    parts = raw.strip().split(".")
    iso = "-".join(f"{part:0>2}" for part in reversed(parts)) if len(parts) == 3 else raw.strip()
    try:
        return date.fromisoformat(iso)
    except ValueError:
        return None
