"""Instruments: the list, and each question as it stands in the chat."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Html, Staff, number_of, render
from bot.i18n import escape
from bot.models import InstrumentKind, Purpose
from bot.questions import SCALE
from bot.screens import diagnostics as screens
from bot.screens import tasks
from bot.services import diagnostics
from bot.services.access import Right
from bot.services.diagnostics import Step
from bot.ui.screen import Button, Screen, rows


async def listing(request: Request, staff: Staff) -> Response:
    """Every version of every instrument."""
    async with request.app.state.db.read() as session:
        lines = await diagnostics.list_instruments(session, staff.scope)
    return render(
        request,
        "instruments.html",
        staff,
        lines=lines,
        may_edit=staff.may(Right.instruments_edit),
        may_mark=staff.may(Right.results_mark),
        may_import=staff.may(Right.results_import),
    )


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
    screen = _as_in_chat(staff, step)
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


def _as_in_chat(staff: Staff, step: Step) -> Screen:
    """The question as its kind is asked; of a case, the case and its criteria."""
    item = step.item
    if item is None:
        return Screen(staff.t("admin-preview.empty"))
    if item.kind == SCALE:
        return screens.question(staff.t, step)
    if step.content.kind is InstrumentKind.test_key:
        return tasks.task(staff.t, step, [], zone=staff.zone)
    levels = rows(*(Button(option, "-") for option in item.options))
    return Screen(f"<b>{escape(step.content.group_of(item).title)}</b>\n\n{escape(item.text)}", levels)


ROUTES = [
    Route("/instruments", for_staff(listing, Right.instruments_see), methods=["GET"]),
    Route("/instruments/{version:int}", for_staff(preview, Right.instruments_see), methods=["GET"]),
]
