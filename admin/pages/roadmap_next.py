"""Next year's roadmap: proposed from what goes on, every deadline with its days, put right, written as a draft."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, render, to
from bot.errors import NotAllowed, NotFound, UserError
from bot.services.access import Right
from bot.services.roadmap import next_year
from bot.services.roadmap.next_year import Taken

MOST = 2_000
"""Measures on one page; a roadmap has tens of them."""


async def preview(request: Request, staff: Staff) -> Response:
    """What goes on by itself is marked, what was for once may be added with a deadline of its own."""
    return await _preview(request, staff)


async def _preview(
    request: Request, staff: Staff, *, given: Mapping[int, Taken] | None = None, title: str = "",
    error: UserError | None = None,
) -> Response:  # fmt: skip
    async with request.app.state.db.read() as session:
        found = await next_year.propose(session, staff.scope, request.path_params["id"])
    return render(
        request, "roadmap-next.html", staff, status=422 if error else 200, plan=found, given=given or {},
        title=title or staff.t("admin-road-import.name-of", year=str(found.year)),
        error=staff.t(error.key, **error.args_for_text) if error else "",
    )  # fmt: skip


async def apply(request: Request, staff: Staff) -> Response:
    """Write the draft; a deadline that is not understood brings the page back with everything as it was typed."""
    number: int = request.path_params["id"]
    async with request.form(max_files=0, max_fields=MOST * 2 + 20) as form:
        fields = {name: str(value) for name, value in form.items()}
    title = " ".join(fields.get("title", "").split())[:200]
    try:
        async with request.app.state.db.begin() as session:
            found = await next_year.propose(session, staff.scope, number)
            given = {
                one.id: Taken(
                    fields.get(f"take-{one.id}") == "yes", " ".join(fields.get(f"deadline-{one.id}", "").split())[:300]
                )
                for one in found.measures
            }
            done = await next_year.apply(
                session, staff.scope, number, found.year, title, given, now=staff.now, today=staff.today
            )
    except UserError as error:
        if isinstance(error, NotFound | NotAllowed):
            raise
        return await _preview(request, staff, given=given, title=title, error=error)
    return to(request, "/roadmap", roadmap=done.roadmap_id, view="table", done="roadmap-next")


ROUTES = [
    Route("/roadmap/{id:int}/next", for_staff(preview, Right.roadmap_run), methods=["GET"]),
    Route("/roadmap/{id:int}/next", for_staff(apply, Right.roadmap_run), methods=["POST"]),
]
