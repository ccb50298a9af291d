"""Papers of routes: the route card, the register with its filters, the lists that go with orders."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, day_of, number_of, render
from bot.errors import UserError
from bot.models import IomState
from bot.services import audit, places
from bot.services.access import Right
from bot.services.documents import order_list, register, route_card
from bot.services.iom import appointing, papers
from bot.services.iom.papers import RegisterFilters

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def listing(request: Request, staff: Staff) -> Response:
    """What can be written: the register as it is narrowed, orders with their lists."""
    filters = _filters(request)
    async with request.app.state.db.read() as session:
        size = await papers.register_size(session, staff.scope, filters, today=staff.today)
        orders = await papers.orders(session, staff.scope, today=staff.today)
        municipalities = await places.municipalities(session)
        methodists = await appointing.loads(session, today=staff.today)
    return render(
        request,
        "iom-papers.html",
        staff,
        size=size,
        orders=orders,
        asked=_asked(filters),
        states=[state.value for state in IomState],
        municipalities=municipalities,
        methodists=sorted(methodists, key=lambda one: one.name),
    )


async def register_sheet(request: Request, staff: Staff) -> Response:
    """The register as XLSX; making it is recorded."""
    filters, zone = _filters(request), request.app.state.settings.zone
    async with request.app.state.db.read() as session:
        lines = await papers.register(session, staff.scope, staff.t, filters, zone=zone, today=staff.today)
    content = await asyncio.to_thread(register, staff.t, lines, on=staff.today)
    async with request.app.state.db.begin() as session:
        audit.changed(session, staff.scope, "iom", 0, "exported", now=staff.now, after={"lines": str(len(lines))})
    return _file(content, SHEET, f"iom-register-{staff.today:%Y-%m-%d}.xlsx")


async def order(request: Request, staff: Staff) -> Response:
    """The list of one order, or a draft of the list for the routes that wait."""
    number = request.query_params.get("number", "").replace("\x00", "").strip()[:64]
    on = day_of(request.query_params.get("date", ""))
    async with request.app.state.db.read() as session:
        found = await papers.annex(session, staff.scope, number, on, today=staff.today)
    content = await asyncio.to_thread(
        order_list, staff.t, found.lines, number=found.number, on=found.on, head=found.head
    )
    async with request.app.state.db.begin() as session:
        audit.changed(session, staff.scope, "iom", 0, "exported", now=staff.now, after={"lines": str(len(found.lines))})
    day = found.on or staff.today
    return _file(content, DOCX, f"iom-order-{day:%Y-%m-%d}.docx")


async def card(request: Request, staff: Staff) -> Response:
    """The route card as DOCX; the look is recorded as that of the route."""
    number: int = request.path_params["id"]
    zone = request.app.state.settings.zone
    async with request.app.state.db.begin() as session:
        found = await papers.card(session, staff.scope, staff.t, number, zone=zone, now=staff.now, today=staff.today)
    content = await asyncio.to_thread(route_card, staff.t, found)
    return _file(content, DOCX, f"iom-{number}.docx")


def _file(content: bytes, media_type: str, name: str) -> Response:
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _filters(request: Request) -> RegisterFilters:
    asked = request.query_params
    state = asked.get("state", "")
    days = {name: day_of(asked.get(name, "")) for name in ("since", "until")}
    for name, day in days.items():
        if asked.get(name) and day is None:
            raise UserError("catalogue-wrong-day", value=asked[name][:40])
    return RegisterFilters(
        state=IomState(state) if state in set(IomState) else None,
        municipality_id=number_of(asked.get("municipality")),
        methodist_id=number_of(asked.get("methodist")),
        since=days["since"],
        until=days["until"],
    )


def _asked(filters: RegisterFilters) -> dict[str, str]:
    """The filters as a query, for the form and the sheet."""
    return {
        "state": filters.state.value if filters.state else "",
        "municipality": str(filters.municipality_id or ""),
        "methodist": str(filters.methodist_id or ""),
        "since": filters.since.isoformat() if filters.since else "",
        "until": filters.until.isoformat() if filters.until else "",
    }


ROUTES = [
    Route("/iom/papers", for_staff(listing, Right.iom_see), methods=["GET"]),
    Route("/iom/papers/register.xlsx", for_staff(register_sheet, Right.iom_see), methods=["GET"]),
    Route("/iom/papers/order.docx", for_staff(order, Right.iom_see), methods=["GET"]),
    Route("/iom/{id:int}/card.docx", for_staff(card, Right.iom_open), methods=["GET"]),
]
