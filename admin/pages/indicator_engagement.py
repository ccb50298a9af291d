"""How the bot is used: weeks, the way from registration to a finished route, the line, messages."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin import charts
from admin.auth import for_staff
from admin.rendering import Staff, render
from bot.services.access import Right
from bot.services.indicators import engagement


async def page(request: Request, staff: Staff) -> Response:
    """All of it on one page; no names."""
    async with request.app.state.db.read() as session:
        found = await engagement.engagement(session, staff.scope, now=staff.now, zone=staff.zone)
    drawn = [(f"{week.first:%d.%m}", float(week.people or 0)) for week in found.weeks]
    last = found.weeks[-1].people
    chart = charts.course(drawn, target=None, said="" if last is None else str(last))
    return render(request, "indicator-engagement.html", staff, found=found, chart=chart)


ROUTES = [Route("/indicators/engagement", for_staff(page, Right.indicators_see), methods=["GET"])]
