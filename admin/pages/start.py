"""«Сегодня»: what waits, whose it is, one button each."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, form_of, render, to
from bot import metrics
from bot.config import Policy, Settings
from bot.models import Messenger
from bot.services import iom, staff_overview
from bot.services.access import Right
from bot.services.staff_overview import Attention


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that waits: the key of its words, where it is settled; ``late`` ones stand first."""

    key: str
    path: str
    count: int = 0
    late: bool = False
    query: dict[str, str] = field(default_factory=dict)
    args: dict[str, str] = field(default_factory=dict)


async def today(request: Request, person: Staff) -> Response:
    """The first page."""
    settings: Settings = request.app.state.settings
    async with request.app.state.db.read() as session:
        waiting = await staff_overview.attention(session, person.scope, now=person.now)
        institution = await staff_overview.institution(session)
        tasks, agreed = await iom.staff.waiting(session, person.scope, today=person.today)
    return render(
        request,
        "start.html",
        person,
        matters=_matters(waiting, person, tasks=tasks, agreed=agreed),
        channels=states(settings) if person.may(Right.delivery_see) else [],
        ask_institution=institution is None and person.may(Right.settings_edit),
        propose_info=institution is True
        and person.may(Right.settings_edit)
        and bool(settings.telegram.token)
        and settings.telegram.policy is Policy.full,
    )


async def answer(request: Request, person: Staff) -> Response:
    """«Государственное учреждение?»"""
    form = await form_of(request)
    if form.get("state") in ("yes", "no"):
        async with request.app.state.db.begin() as session:
            await staff_overview.set_institution(session, person.scope, state=form["state"] == "yes", now=person.now)
    return to(request, "/", done="institution")


async def close_request(request: Request, person: Staff) -> Response:
    """A request about data was answered."""
    async with request.app.state.db.begin() as session:
        await staff_overview.close_request(session, person.scope, request.path_params["id"], now=person.now)
    return to(request, "/", done="closed")


CHANNEL_STATES = {
    "working": "works", "starting": "silent", "unreachable": "silent", "stopped": "silent",
    "token-refused": "refused", "taken-by-another": "taken", "": "elsewhere",
}  # fmt: skip
"""State of a receiver → its words in the admin."""


def states(settings: Settings) -> list[tuple[Messenger, str, Policy]]:
    """(messenger, works / silent / off, what it may carry) as this process knows it."""
    return [
        (messenger, state_of(messenger, on=on), policy) for messenger, on, policy in staff_overview.installed(settings)
    ]


def state_of(messenger: Messenger, *, on: bool) -> str:
    """«works», «off», what is wrong, or «elsewhere» when another process receives."""
    if not on:
        return "off"
    if messenger is Messenger.web:
        return "works"
    return CHANNEL_STATES[metrics.receiver_state(messenger.value)]


def _matters(waiting: Attention, person: Staff, *, tasks: int, agreed: int) -> list[Matter]:
    found = [
        Matter(
            "request",
            "/journal",
            late=asked.due_at <= person.now,
            args={"number": str(asked.id)},
            query={"request": str(asked.id)},
        )
        for asked in waiting.requests
    ]
    if waiting.unknown:
        found.append(Matter("unknown", "/delivery", waiting.unknown))
    if waiting.late:
        found.append(Matter("late", "/delivery", waiting.late, late=True))
    if tasks:
        found.append(Matter("iom", "/iom/queue", tasks))
    if agreed:
        found.append(Matter("iom-approve", "/iom/approve", agreed))
    if waiting.to_confirm:
        found.append(Matter("confirm", "/people", waiting.to_confirm, query={"confirmed": "no"}))
    if waiting.doubles:
        found.append(Matter("doubles", "/people/doubles", waiting.doubles))
    if waiting.organisations:
        found.append(Matter("organisations", "/organisations", waiting.organisations))
    if waiting.links:
        found.append(Matter("links", "/catalogue", waiting.links, query={"broken": "yes"}))
    if waiting.deleting:
        found.append(Matter("deleting", "/journal", waiting.deleting))
    return sorted(found, key=lambda matter: not matter.late)


ROUTES = [
    Route("/", for_staff(today), methods=["GET"]),
    Route("/institution", for_staff(answer, Right.settings_edit), methods=["POST"]),
    Route("/requests/{id:int}/close", for_staff(close_request, Right.audit_see), methods=["POST"]),
]
