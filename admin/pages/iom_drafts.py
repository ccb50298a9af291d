"""Drafts for many teachers at once: a group counted, a run with progress, going on after a stop."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.aside import Aside
from admin.auth import for_staff
from admin.rendering import Staff, form_of, number_of, render, to
from bot.rules.iom_draft import VARIANTS
from bot.services import places
from bot.services.access import Right
from bot.services.iom import bulk
from bot.services.iom.bulk import Target

_aside = Aside("iom-drafts-stopped")


async def listing(request: Request, staff: Staff) -> Response:
    """Whose drafts, how many they would be, the latest runs."""
    asked = request.query_params
    target = Target(number_of(asked.get("municipality")), asked.get("subject", "")[:32].replace("\x00", ""))
    async with request.app.state.db.read() as session:
        size = await bulk.count(session, staff.scope, target, today=staff.today)
        runs = await bulk.runs(session, staff.scope)
        municipalities = await places.municipalities(session)
        subjects = await places.subjects(session)
    return render(
        request,
        "iom-drafts.html",
        staff,
        size=size,
        runs=runs,
        asked={"municipality": str(target.municipality_id or ""), "subject": target.subject},
        municipalities=municipalities,
        subjects=subjects,
        variants={name: budget.hours for name, budget in VARIANTS.items()},
    )


async def start(request: Request, staff: Staff) -> Response:
    """Begin; the page of the run shows how far it is."""
    form = await form_of(request)
    target = Target(number_of(form.get("municipality")), form.get("subject", "")[:32])
    async with request.app.state.db.begin() as session:
        run_id = await bulk.begin(
            session, staff.scope, form.get("variant", ""), target, now=staff.now, today=staff.today
        )
    _go(request, staff, run_id)
    return to(request, f"/iom/drafts/{run_id}")


async def one(request: Request, staff: Staff) -> Response:
    """One run: how far."""
    run_id: int = request.path_params["id"]
    async with request.app.state.db.read() as session:
        run = await bulk.one(session, staff.scope, run_id)
    return render(request, "iom-draft-run.html", staff, run=run, going=_aside.is_going(run_id))


async def go_on(request: Request, staff: Staff) -> Response:
    """After a stop, from where it was."""
    run_id: int = request.path_params["id"]
    async with request.app.state.db.read() as session:
        await bulk.one(session, staff.scope, run_id)
    _go(request, staff, run_id)
    return to(request, f"/iom/drafts/{run_id}")


def _go(request: Request, staff: Staff, run_id: int) -> None:
    work = bulk.run_all(request.app.state.db, staff.scope, run_id, now=staff.now, today=staff.today)
    _aside.begin(run_id, work)


_edit = Right.iom_edit
ROUTES = [
    Route("/iom/drafts", for_staff(listing, _edit), methods=["GET"]),
    Route("/iom/drafts", for_staff(start, _edit), methods=["POST"]),
    Route("/iom/drafts/{id:int}", for_staff(one, _edit), methods=["GET"]),
    Route("/iom/drafts/{id:int}", for_staff(go_on, _edit), methods=["POST"]),
]
