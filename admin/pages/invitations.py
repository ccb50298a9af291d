"""Codes that open roles: made here, shown once, entered by a colleague in the chat."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.pages.roles import role_of
from admin.rendering import Staff, day_of, form_of, render
from bot.errors import UserError
from bot.models import Invitation, Role
from bot.services import invitations, people_list, places, staff_overview
from bot.services.access import Right


async def listing(request: Request, staff: Staff) -> Response:
    """Codes made so far, without the codes themselves: only their hashes are kept."""
    return await _page(request, staff)


async def create(request: Request, staff: Staff) -> Response:
    """A new code, shown on this page and never again."""
    form = await form_of(request)
    role, kind, scope_id = role_of(form)
    until = day_of(form.get("until", ""))
    if until is None:
        raise UserError("admin-role-day")
    async with request.app.state.db.begin() as session:
        code = await invitations.invite(
            session,
            role,
            kind,
            scope_id,
            until,
            secret=request.app.state.settings.secret,
            now=staff.now,
            by=staff.scope,
        )
    return await _page(request, staff, code=code, made_role=role.value)


async def _page(request: Request, staff: Staff, *, code: str = "", made_role: str = "") -> Response:
    async with request.app.state.db.read() as session:
        rows = await staff_overview.invitations(session, staff.scope)
        names = await people_list.names_of(session, [row.created_by_id or 0 for row in rows])
        where = await people_list.places_of(session, [(row.scope_kind, row.scope_id) for row in rows])
        municipalities = await places.municipalities(session)
        bodies = await people_list.bodies(session)
    return render(
        request,
        "invitations.html",
        staff,
        rows=[(row, _state(row, staff), where.get(f"{row.scope_kind.value}:{row.scope_id}", "")) for row in rows],
        names=names,
        municipalities=municipalities,
        bodies=bodies,
        roles=[role.value for role in Role if role is not Role.teacher],
        code=code,
        made_role=made_role,
    )


def _state(row: Invitation, staff: Staff) -> str:
    if row.used_at is not None:
        return "used"
    return "over" if row.expires_at < staff.now or row.until < staff.today else "waits"


ROUTES = [
    Route("/invitations", for_staff(listing, Right.roles_grant), methods=["GET"]),
    Route("/invitations", for_staff(create, Right.roles_grant), methods=["POST"]),
]
