"""Papers of mentoring: orders of pairs, papers of one pair, the half-year monitoring."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, day_of, number_of, page_of, render
from bot.errors import NotFound
from bot.models import PairState
from bot.services import audit
from bot.services.access import Right
from bot.services.documents.mentoring import pair_consent, pair_programme, pair_supplement, pairs_order, thanks_letter
from bot.services.documents.mentoring_report import monitoring_paper, monitoring_sheet
from bot.services.documents.mentoring_results import results_order
from bot.services.mentoring import monitoring, papers, views

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SIZE = 25
TOLD = tuple(state for state in PairState if state is not PairState.proposed)
WRITTEN = {"consent": pair_consent, "supplement": pair_supplement, "programme": pair_programme}
EMPLOYERS = ("consent", "supplement")
"""Papers of the employer: they need the right of the order."""


async def listing(request: Request, staff: Staff) -> Response:
    """What can be written: orders, papers of pairs, the monitoring."""
    page, query = page_of(request), request.query_params.get("q", "").strip()[:100]
    async with request.app.state.db.read() as session:
        orders = await papers.orders(session, staff.scope, today=staff.today)
        pairs, total = await views.board(
            session, staff.scope, states=TOLD, query=query, today=staff.today, limit=SIZE, offset=page * SIZE
        )
    return render(
        request, "mentoring-papers.html", staff, orders=orders, pairs=pairs, total=total, page=page, size=SIZE,
        query=query, halves=[half.split("-") for half in monitoring.halves(staff.today)],
        waiting=sum(not one.number for one in orders), orders_too=staff.scope.may(Right.mentoring_order),
        importing=staff.scope.may(Right.mentoring_run), years=papers.school_years(staff.today),
    )  # fmt: skip


async def order(request: Request, staff: Staff) -> Response:
    """The order of one organisation or of all, signed or a draft."""
    asked = request.query_params
    number, on = asked.get("number", "").replace("\x00", "").strip()[:64], day_of(asked.get("date", ""))
    async with request.app.state.db.read() as session:
        found = await papers.order_paper(
            session, staff.scope, staff.t, organisation_id=number_of(asked.get("place")), number=number, on=on,
            today=staff.today,
        )  # fmt: skip
    content = await asyncio.to_thread(
        pairs_order, staff.t, found.pairs, place=found.place, number=found.number, on=found.on, head=found.head
    )
    await _recorded(request, staff, pairs=len(found.pairs))
    return _file(content, DOCX, f"mentoring-order-{found.on or staff.today:%Y-%m-%d}.docx")


async def results(request: Request, staff: Staff) -> Response:
    """The draft order on the results of a school year, of one's own reach."""
    year, zone = number_of(request.query_params.get("year")), request.app.state.settings.zone
    if year is None:
        raise NotFound()
    async with request.app.state.db.read() as session:
        found = await papers.results(session, staff.scope, staff.t, year, zone=zone, today=staff.today)
    content = await asyncio.to_thread(
        results_order, staff.t, found.pairs, place=found.place, year=f"{year}/{year + 1}", head=found.head
    )
    await _recorded(request, staff, pairs=len(found.pairs))
    return _file(content, DOCX, f"mentoring-results-{year}.docx")


async def of_pair(request: Request, staff: Staff) -> Response:
    """One paper of one pair; the look is recorded as that of the pair."""
    number, name = request.path_params["id"], request.path_params["paper"]
    if name not in WRITTEN and name != "thanks":
        raise NotFound()
    staff.scope.require(Right.mentoring_order if name in EMPLOYERS else Right.mentoring_see)
    async with request.app.state.db.begin() as session:
        found = await papers.pair_paper(session, staff.scope, staff.t, number, today=staff.today)
        mentee = await papers.mentee_of(session, number)
        await audit.viewed(
            session, staff.scope, mentee, "mentoring", right=Right.mentoring_see, object_id=number, now=staff.now
        )
        audit.changed(session, staff.scope, "mentoring", number, "exported", now=staff.now, after={"paper": name})
    if name == "thanks":
        content = await asyncio.to_thread(thanks_letter, staff.t, found, on=staff.today)
    else:
        content = await asyncio.to_thread(WRITTEN[name], staff.t, found)
    return _file(content, DOCX, f"mentoring-{name}-{number}.docx")


async def half_year(request: Request, staff: Staff) -> Response:
    """The monitoring of a half as DOCX or XLSX, of one's own reach."""
    kind, state = request.path_params["kind"], request.app.state
    if kind not in ("docx", "xlsx"):
        raise NotFound()
    half = request.query_params.get("half", "") or monitoring.halves(staff.today)[0]
    async with state.db.read() as session:
        found = await monitoring.report(session, staff.scope, half, zone=state.settings.zone, today=staff.today)
    make, media = (monitoring_paper, DOCX) if kind == "docx" else (monitoring_sheet, SHEET)
    content = await asyncio.to_thread(make, staff.t, found)
    await _recorded(request, staff, organisations=len(found.lines))
    return _file(content, media, f"mentoring-{half}.{kind}")


async def _recorded(request: Request, staff: Staff, **after: int) -> None:
    async with request.app.state.db.begin() as session:
        audit.changed(
            session, staff.scope, "mentoring", 0, "exported", now=staff.now,
            after={name: str(value) for name, value in after.items()},
        )  # fmt: skip


def _file(content: bytes, media_type: str, name: str) -> Response:
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


_see = Right.mentoring_see
ROUTES = [
    Route("/mentoring/papers", for_staff(listing, _see), methods=["GET"]),
    Route("/mentoring/papers/order.docx", for_staff(order, Right.mentoring_order), methods=["GET"]),
    Route("/mentoring/papers/results.docx", for_staff(results, Right.mentoring_order), methods=["GET"]),
    Route("/mentoring/papers/monitoring.{kind}", for_staff(half_year, _see), methods=["GET"]),
    Route("/mentoring/pairs/{id:int}/{paper}.docx", for_staff(of_pair, _see), methods=["GET"]),
]
