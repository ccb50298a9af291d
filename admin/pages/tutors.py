"""Tutors of the learners of a cohort: who has one, whether it was seen, who needs one more."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, number_of, render, to
from bot.screens import tutors as screens
from bot.services import tutors
from bot.services.access import Right
from bot.services.tutors import Mine
from bot.ui.screen import Screen


async def page(request: Request, staff: Staff) -> Response:
    """Everybody of the cohort; results are looked at only when asked for, and the look is recorded."""
    number: int = request.path_params["id"]
    low = request.query_params.get("low") == "1" and staff.scope.may(Right.results_see)
    # A look at results is written down.
    opened = request.app.state.db.begin() if low else request.app.state.db.read()
    async with opened as session:
        found = await tutors.page(session, staff.scope, number, low=low, now=staff.now)
        people = await tutors.tutors(session, staff.scope, today=staff.today)
    return render(request, "tutors.html", staff, page=found, people=people, low=low)


async def assign(request: Request, staff: Staff) -> Response:
    """A tutor for everybody marked."""
    number: int = request.path_params["id"]
    form = await request.form(max_fields=600)
    chosen = [found for value in form.getlist("person") if (found := number_of(str(value))) is not None]
    texts = request.app.state.texts

    def to_tutor(locale: str, one: Mine) -> Screen:
        return screens.given(texts.translator(locale), one)

    def to_learner(locale: str, one: Mine) -> Screen:
        return screens.has(texts.translator(locale), one)

    async with request.app.state.db.begin() as session:
        await tutors.assign(
            session, staff.scope, number, chosen, number_of(str(form.get("tutor") or "")) or 0, to_tutor, to_learner,
            now=staff.now, today=staff.today,
        )  # fmt: skip
    return to(request, f"/cohorts/{number}/tutors", done="tutors-assigned")


async def end(request: Request, staff: Staff) -> Response:
    """The learner goes on without a tutor."""
    number, person = request.path_params["id"], request.path_params["person"]
    async with request.app.state.db.begin() as session:
        await tutors.end(session, staff.scope, number, person, now=staff.now, today=staff.today)
    return to(request, f"/cohorts/{number}/tutors", done="tutors-ended")


ROUTES = [
    Route("/cohorts/{id:int}/tutors", for_staff(page, Right.programmes_edit), methods=["GET"]),
    Route("/cohorts/{id:int}/tutors", for_staff(assign, Right.programmes_edit), methods=["POST"]),
    Route("/cohorts/{id:int}/tutors/{person:int}/end", for_staff(end, Right.programmes_edit), methods=["POST"]),
]
