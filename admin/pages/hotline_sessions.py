"""Sessions of questions: begun with a theme and a term, answered by one post."""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.pages.hotline import says
from admin.rendering import Staff, form_of, number_of, page_of, render, to
from bot.errors import UserError
from bot.models import TicketTheme
from bot.services.access import Right
from bot.services.hotline import roster, sessions

SIZE = 20


async def listed(request: Request, staff: Staff) -> Response:
    """Open ones first, and a form for a new one."""
    page = page_of(request)
    async with request.app.state.db.read() as session:
        found, total = await sessions.listed(session, staff.scope, page, size=SIZE)
        line = await roster.staff(session, today=staff.today)
    return render(
        request, "hotline-sessions.html", staff, found=found, total=total, page=page, size=SIZE, line=line,
        themes=list(TicketTheme),
    )  # fmt: skip


async def one(request: Request, staff: Staff) -> Response:
    """What was asked, the post, the form for changing it."""
    number: int = request.path_params["id"]
    async with request.app.state.db.read() as session:
        found = await sessions.one(session, number)
        asked = await sessions.questions(session, staff.scope, number)
        line = await roster.staff(session, today=staff.today)
    return render(
        request, "hotline-session.html", staff, one=found, asked=asked, line=line, themes=list(TicketTheme),
        takes=found.takes(staff.now), zone=staff.zone,
    )  # fmt: skip


async def save(request: Request, staff: Staff) -> Response:
    """Begin, change, call off, answer, make a ready answer."""
    number: int | None = request.path_params.get("id")
    form = await form_of(request)
    do = form.get("do", "save")
    scope, zone, now, speak = staff.scope, staff.zone, staff.now, says(staff)
    async with request.app.state.db.begin() as session:
        if do == "save":
            theme = form.get("theme", "")
            number = await sessions.save(
                session, scope, title=form.get("title", ""),
                theme=TicketTheme(theme) if theme in {one.value for one in TicketTheme} else TicketTheme.other,
                closes_at=_moment(form.get("closes_at", ""), staff),
                answer_by=_moment(form.get("answer_by", ""), staff),
                methodist_id=number_of(form.get("methodist")), now=now, speak=speak, number=number,
            )  # fmt: skip
        elif number is None:
            raise UserError("error-stale")
        elif do == "answer":
            await sessions.answer(session, scope, number, form.get("text", ""), zone=zone, now=now, speak=speak)
        elif do == "cancel":
            await sessions.cancel(session, scope, number, zone=zone, now=now)
        elif do == "ready":
            entry = await sessions.ready(session, scope, number, now=now)
            return to(request, f"/hotline/answers/{entry}")
        else:
            raise UserError("error-stale")
    return to(request, f"/hotline/sessions/{number}", done=f"hotline-session-{do}")


def _moment(text: str, staff: Staff) -> datetime | None:
    """What an input of day and time gives, in the region's zone."""
    try:
        made = datetime.fromisoformat(text)
    except ValueError:
        return None
    return made.replace(tzinfo=staff.zone) if made.tzinfo is None else None


ROUTES = [
    Route("/hotline/sessions", for_staff(listed, Right.hotline_answer)),
    Route("/hotline/sessions", for_staff(save, Right.hotline_answer), methods=["POST"]),
    Route("/hotline/sessions/{id:int}", for_staff(one, Right.hotline_answer)),
    Route("/hotline/sessions/{id:int}", for_staff(save, Right.hotline_answer), methods=["POST"]),
]
