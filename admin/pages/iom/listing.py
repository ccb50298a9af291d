"""The list of routes, what waits for the methodist, what waits for an order."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, day_of, number_of, page_of, render, to
from bot.errors import UserError
from bot.models import IomState
from bot.services import places
from bot.services.access import Right
from bot.services.iom import agreeing, desk, reach, staff
from bot.services.iom.desk import Filters

TASKS = 20
BATCH = 100
"""Routes of one order on one page."""


async def listing(request: Request, person: Staff) -> Response:
    """A page of routes: states and progress, no results."""
    filters = _filters(request)
    async with request.app.state.db.read() as session:
        here = await reach.scope_here(session, person.scope)
        found = await desk.page(session, person.scope, filters, today=person.today, number=page_of(request))
        methodists = await desk.methodists(session, person.scope, today=person.today)
        municipalities = await places.municipalities(session)
    return render(
        request,
        "iom-list.html",
        person,
        found=found,
        filters=filters,
        asked=_asked(filters),
        methodists=methodists,
        municipalities=municipalities,
        states=[state.value for state in IomState],
        may_open=here.may(Right.iom_open),
        may_edit=here.may(Right.iom_edit),
    )


async def queue(request: Request, person: Staff) -> Response:
    """Evidence, wishes, conclusions, drafts: one door each."""
    page = page_of(request)
    async with request.app.state.db.read() as session:
        tasks, total = await staff.queue(session, person.scope, today=person.today, page=page, size=TASKS)
    return render(request, "iom-queue.html", person, tasks=tasks, total=total, page=page, size=TASKS)


async def to_approve(request: Request, person: Staff) -> Response:
    """Agreed routes with the form of the order."""
    page = page_of(request)
    async with request.app.state.db.read() as session:
        lines, total = await staff.to_approve(session, person.scope, today=person.today, page=page, size=BATCH)
        barred = await desk.without_consent(session, [line.person_id for line in lines])
    return render(request, "iom-approve.html", person, lines=lines, total=total, page=page, size=BATCH, barred=barred)


async def approve(request: Request, person: Staff) -> Response:
    """All that are ticked under one order, or none of them."""
    async with request.form(max_files=0, max_fields=BATCH + 5) as form:
        ids = [number for raw in form.getlist("id") if isinstance(raw, str) and (number := number_of(raw))]
        order_no, order_date = str(form.get("order_no", "")), day_of(str(form.get("order_date", "")))
    if not ids:
        return to(request, "/iom/approve", done="nobody")
    if order_date is None:
        raise UserError("iom-order-needed")
    async with request.app.state.db.begin() as session:
        await agreeing.approve(
            session, person.scope, ids[:BATCH], order_no=order_no, order_date=order_date, now=person.now,
            today=person.today,
        )  # fmt: skip
    return to(request, "/iom/approve", done="iom-approved")


def _filters(request: Request) -> Filters:
    asked = request.query_params
    state = asked.get("state", "")
    return Filters(
        query=asked.get("q", "").replace("\x00", "")[:100].strip(),
        state=IomState(state) if state in set(IomState) else None,
        methodist_id=number_of(asked.get("methodist")),
        municipality_id=number_of(asked.get("municipality")),
        overdue=asked.get("overdue") == "yes",
    )


def _asked(filters: Filters) -> dict[str, str]:
    """The filters as a query, for the pager."""
    return {
        "q": filters.query,
        "state": filters.state.value if filters.state else "",
        "methodist": str(filters.methodist_id or ""),
        "municipality": str(filters.municipality_id or ""),
        "overdue": "yes" if filters.overdue else "",
    }


ROUTES = [
    Route("/iom", for_staff(listing, Right.iom_see), methods=["GET"]),
    Route("/iom/queue", for_staff(queue, Right.iom_see), methods=["GET"]),
    Route("/iom/approve", for_staff(to_approve, Right.iom_approve), methods=["GET"]),
    Route("/iom/approve", for_staff(approve, Right.iom_approve), methods=["POST"]),
]
