"""Totals of a form given to the indicators: chosen, looked at, entered by a press."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, form_of, number_of, render, to
from bot.errors import NotFound, UserError
from bot.rules.form_totals import ANSWERED
from bot.rules.indicators.periods import period_of
from bot.services.access import Right
from bot.services.forms import feeding
from bot.services.forms.feeding import Feedable, Wanted
from bot.services.indicators import definitions


async def look(request: Request, staff: Staff) -> Response:
    """What adds up; once it is chosen, what would be entered."""
    return await _page(request, staff, dict(request.query_params), None)


async def give(request: Request, staff: Staff) -> Response:
    """Enter it; another source is replaced only when that was ticked."""
    given = await form_of(request)
    number = request.path_params["id"]
    try:
        wanted = _wanted(given)
        async with request.app.state.db.begin() as session:
            staff.scope.require(Right.indicators_figures)
            found = await feeding.feedable(session, staff.scope, number)
            await feeding.give(
                session, staff.scope, number, wanted,
                source=_source(staff, number, found), document=_document(staff, found),
                seen=number_of(given.get("seen")), replace=given.get("replace") == "yes",
                now=staff.now, today=staff.today,
            )  # fmt: skip
    except NotFound:
        raise
    except UserError as error:
        return await _page(request, staff, given, error)
    return to(request, f"/forms/{number}", done="form-figures")


async def _page(request: Request, staff: Staff, given: Mapping[str, str], error: UserError | None) -> Response:
    number = request.path_params["id"]
    made = None
    async with request.app.state.db.read() as session:
        staff.scope.require(Right.indicators_figures)
        found = await feeding.feedable(session, staff.scope, number)
        if given.get("key"):
            try:
                wanted = _wanted(given)
                made = await feeding.offer(session, staff.scope, number, wanted, source=_source(staff, number, found))
            except UserError as wrong:
                error = error or wrong
    return render(
        request,
        "form-figures.html",
        staff,
        status=422 if error else 200,
        number=number,
        form=found,
        offer=made,
        given={"period": str(staff.today.year), "key": ANSWERED, "figure": "", "places": "", **given},
        titles=[(slug, entry.need("title", str)) for slug, entry in definitions.figures().items()],
        source=_source(staff, number, found),
        document=_document(staff, found),
        error=staff.t(error.key, **error.args_for_text) if error else "",
    )


def _wanted(given: Mapping[str, str]) -> Wanted:
    period = period_of(given.get("period", ""))
    if period is None:
        raise UserError("indicator-period-wrong")
    places = given.get("places") == "yes"
    return Wanted(given.get("key", ""), given.get("figure", ""), period.first, period.last, places)


def _source(staff: Staff, number: int, form: Feedable) -> str:
    """With the number of the form: two of one title are two sources."""
    return staff.t("admin-form-figures.source-text", number=str(number), title=form.title)


def _document(staff: Staff, form: Feedable) -> str:
    return staff.t("admin-form-figures.document-text", n=form.sent, total=form.total)


_figures = Right.indicators_figures
ROUTES = [
    Route("/forms/{id:int}/figures", for_staff(look, _figures), methods=["GET"]),
    Route("/forms/{id:int}/figures", for_staff(give, _figures), methods=["POST"]),
]
