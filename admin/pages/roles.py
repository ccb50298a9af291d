"""Roles on a person's card: give, take back, a link to sign in, a lost phone."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, day_of, form_of, number_of, render, to
from bot.errors import UserError
from bot.models import Role, ScopeKind
from bot.services import invitations, people_list, staff
from bot.services.access import Right

PLACED = (ScopeKind.municipality, ScopeKind.organisation, ScopeKind.body)
"""Kinds of scope that name a place."""


async def give(request: Request, person: Staff) -> Response:
    """Give a role at once."""
    person_id: int = request.path_params["id"]
    form = await form_of(request)
    role, kind, scope_id = role_of(form)
    until = day_of(form["until"]) if form.get("until", "").strip() else None
    if form.get("until", "").strip() and until is None:
        raise UserError("admin-role-day")
    async with request.app.state.db.begin() as session:
        await people_list.card(session, person.scope, person_id, today=person.today)
        await staff.grant_role(session, person.scope, person_id, role, kind, scope_id, until=until, now=person.now)
    return to(request, f"/people/{person_id}", done="granted")


async def take(request: Request, person: Staff) -> Response:
    """Take a role back at once."""
    form = await form_of(request)
    async with request.app.state.db.begin() as session:
        await invitations.revoke(session, person.scope, number_of(form.get("role")) or 0, now=person.now)
    return to(request, f"/people/{request.path_params['id']}", done="revoked")


async def link(request: Request, person: Staff) -> Response:
    """A one-time link for a colleague, shown once."""
    person_id: int = request.path_params["id"]
    public_url = request.app.state.settings.public_url
    async with request.app.state.db.begin() as session:
        found = await people_list.card(session, person.scope, person_id, today=person.today)
        url = await staff.link_for(session, person.scope, person_id, now=person.now, public_url=public_url)
    return render(request, "signin-link.html", person, person=found, url=url)


async def reset(request: Request, person: Staff) -> Response:
    """Forget password and authenticator of a colleague."""
    person_id: int = request.path_params["id"]
    async with request.app.state.db.begin() as session:
        await people_list.card(session, person.scope, person_id, today=person.today)
        await staff.reset_signin(session, person.scope, person_id, now=person.now)
    return to(request, f"/people/{person_id}", done="reset")


def role_of(form: dict[str, str]) -> tuple[Role, ScopeKind, int | None]:
    """Role and reach of a form: ``where`` is ``region``, ``assigned`` or ``kind:id``. UserError for anything else."""
    role = form.get("role", "")
    kind, _, number = form.get("where", "").partition(":")
    scope_id = number_of(number)
    if role not in set(Role) or kind not in set(ScopeKind):
        raise UserError("admin-role-what")
    found = ScopeKind(kind)
    if (found in PLACED) != (scope_id is not None):
        raise UserError("admin-role-what")
    return Role(role), found, scope_id


ROUTES = [
    Route("/people/{id:int}/roles", for_staff(give, Right.roles_grant), methods=["POST"]),
    Route("/people/{id:int}/roles/end", for_staff(take, Right.roles_grant), methods=["POST"]),
    Route("/people/{id:int}/link", for_staff(link, Right.roles_grant), methods=["POST"]),
    Route("/people/{id:int}/reset", for_staff(reset, Right.roles_grant), methods=["POST"]),
]
