"""Instruments: the list, and each question as it stands in the chat."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Html, Staff, number_of, render
from bot.models import Purpose
from bot.screens import diagnostics as screens
from bot.services import diagnostics
from bot.services.access import Right
from bot.services.diagnostics import Step


async def listing(request: Request, staff: Staff) -> Response:
    """Every version of every instrument."""
    async with request.app.state.db.read() as session:
        lines = await diagnostics.list_instruments(session, staff.scope)
    return render(request, "instruments.html", staff, lines=lines)


async def preview(request: Request, staff: Staff) -> Response:
    """One question of a version; nothing is stored."""
    async with request.app.state.db.read() as session:
        content = await diagnostics.preview(session, staff.scope, request.path_params["version"])
    last = len(content.items) - 1
    place = min((number_of(request.query_params.get("question")) or 1) - 1, last) if last >= 0 else 0
    place = max(place, 0)
    audiences = sorted({name for item in content.items for name in item.texts})
    audience = request.query_params.get("audience", "")
    audience = audience if audience in audiences else content.audience
    step = Step(0, content, place, audience, Purpose.trial)
    screen = screens.question(staff.t, step)
    return render(
        request,
        "preview.html",
        staff,
        content=content,
        text=[Html(part.replace("\n", "<br>")) for part in screen.text.split("\n\n")],
        rows=screen.rows,
        place=place,
        total=last + 1,
        audience=audience,
        audiences=audiences,
    )


ROUTES = [
    Route("/instruments", for_staff(listing, Right.instruments_see), methods=["GET"]),
    Route("/instruments/{version:int}", for_staff(preview, Right.instruments_see), methods=["GET"]),
]
