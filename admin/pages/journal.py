"""The log: who changed what, who looked at whose results."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, number_of, page_of, render
from bot.services import people_list, staff_overview
from bot.services.access import Right

ENTITIES = (
    "person", "people", "role", "invitation", "staff", "attempt", "text", "organisation", "outbox", "request",
    "settings",
)  # fmt: skip
"""What changes are about; keys of ``admin-entity``."""


async def changes(request: Request, staff: Staff) -> Response:
    """Changes, newest first."""
    entity = request.query_params.get("about", "")
    entity = entity if entity in ENTITIES else ""
    page = page_of(request)
    async with request.app.state.db.read() as session:
        lines, more = await staff_overview.changes(session, staff.scope, entity=entity, page=page)
        waiting = await staff_overview.attention(session, staff.scope, now=staff.now)
        ids = [line.actor_id or 0 for line in lines] + [one.person_id or 0 for one in waiting.requests]
        names = await people_list.names_of(session, ids)
    return render(
        request,
        "journal.html",
        staff,
        lines=lines,
        more=more,
        page=page,
        about=entity,
        entities=ENTITIES,
        names=names,
        requests=waiting.requests,
        asked=number_of(request.query_params.get("request")),
    )


async def looks(request: Request, staff: Staff) -> Response:
    """Looks at results, newest first."""
    page = page_of(request)
    async with request.app.state.db.read() as session:
        lines, more = await staff_overview.views(session, staff.scope, page=page)
        ids = [number for line in lines for number in (line.viewer_id or 0, line.person_id)]
        names = await people_list.names_of(session, ids)
    return render(request, "looks.html", staff, lines=lines, more=more, page=page, names=names)


ROUTES = [
    Route("/journal", for_staff(changes, Right.audit_see), methods=["GET"]),
    Route("/journal/looks", for_staff(looks, Right.audit_see), methods=["GET"]),
]
