"""The staff's pages: one Starlette application, mounted at /admin."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from admin.pages import (
    analysis,
    authoring,
    broadcasts,
    campaigns,
    catalogue,
    catalogue_import,
    certificates,
    delivery,
    event_quiz,
    events,
    events_import,
    events_list,
    external,
    form_figures,
    forms,
    hotline,
    hotline_sessions,
    indicator_engagement,
    indicator_papers,
    indicator_snapshots,
    indicators,
    instruments,
    invitations,
    iom,
    iom_candidates,
    iom_drafts,
    iom_methodists,
    iom_papers,
    journal,
    marking,
    mentoring,
    mentoring_import,
    mentoring_papers,
    organisations,
    people,
    practices,
    programmes,
    registers,
    registers_import,
    results,
    roadmap,
    roadmap_import,
    roadmap_next,
    roles,
    signin,
    start,
    texts,
    tutorials,
    tutors,
    wellbeing,
    wishes,
)
from admin.rendering import HERE, Templates, render
from admin.security import TRIES_PER_MINUTE, Guard, TooFast
from bot.clock import utcnow
from bot.config import Settings
from bot.db import Database
from bot.errors import NotAllowed, NotFound, UserError
from bot.i18n import Texts
from bot.services.staff import LockedOut
from bot.web.security import Pace

log = structlog.get_logger()

PAGES = (
    signin, start, people, roles, results, marking, external, authoring, instruments, analysis, campaigns,
    broadcasts, certificates, iom_methodists, iom_drafts, iom_papers, iom_candidates, iom, catalogue_import, catalogue,
    hotline_sessions, hotline, events_import, events_list, tutorials, event_quiz, events, roadmap_import, roadmap_next,
    roadmap, organisations, invitations, texts, delivery, journal, registers_import, registers,
    indicator_snapshots, indicator_engagement, indicator_papers, indicators, wellbeing, practices, tutors,
    programmes, mentoring_import, mentoring_papers, mentoring, form_figures, forms, wishes,
)  # fmt: skip


def build_admin(db: Database, settings: Settings, texts: Texts, *, clock: Callable[[], datetime] = utcnow) -> Starlette:
    """Every page of the admin; the styles come from the site's own ``/static/style.css``."""
    app = Starlette(
        routes=[
            *(route for page in PAGES for route in page.ROUTES),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[Middleware(Guard, public_url=settings.public_url, refusal=texts.translator()("admin-foreign"))],
        exception_handlers={UserError: _explain, HTTPException: _explain_http, Exception: _apologise},
    )
    app.state.db, app.state.settings, app.state.texts, app.state.clock = db, settings, texts, clock
    app.state.brand = app.state.places = None
    app.state.pace = Pace(TRIES_PER_MINUTE)
    app.state.templates = Templates(settings.zone)
    return app


STATUS: tuple[tuple[type[UserError], int], ...] = ((NotAllowed, 403), (NotFound, 404), (LockedOut, 429), (TooFast, 429))


async def _explain(request: Request, error: Exception) -> Response:
    assert isinstance(error, UserError)
    status = next((code for kind, code in STATUS if isinstance(error, kind)), 422)
    return _message(request, status, error.key, **error.args_for_text)


async def _explain_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _message(request, error.status_code, "admin-no-page" if error.status_code < 500 else "error-ours", number="")


async def _apologise(request: Request, error: Exception) -> Response:
    number = secrets.token_hex(2)
    log.error("admin-failed", number=number, path=request.url.path, exc_info=error)
    return _message(request, 500, "error-ours", number=number)


def _message(request: Request, status: int, key: str, **args: object) -> Response:
    t = request.app.state.texts.translator()
    known = f"admin-status.s{status}"
    title = t(known) if t.has(known) else t("admin-status.other")
    staff = getattr(request.state, "staff", None)
    return render(request, "message.html", staff, status=status, title=title, said=t(key, **args))
