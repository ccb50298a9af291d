"""Results of a person within the scope; each look is recorded and shown to that person."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, form_of, render
from bot.rules import scoring
from bot.services import diagnostics, people_list
from bot.services.access import Right
from bot.services.diagnostics import Result


@dataclass(frozen=True, slots=True)
class Shown:
    """A result with what changed since the one before it of the same version, by group."""

    result: Result
    changes: dict[int, scoring.Change]


async def listing(request: Request, staff: Staff) -> Response:
    """All counted results, newest first."""
    person_id: int = request.path_params["id"]
    async with request.app.state.db.begin() as session:
        results = await diagnostics.results_of(session, staff.scope, person_id, now=staff.now)
        person = await people_list.card(session, staff.scope, person_id, today=staff.today)
        pairs = await diagnostics.both(session, person_id)
        given = await diagnostics.external.given_of(session, [result.attempt_id for result in results])
        marks = staff.may(Right.results_mark)
        sheets = await diagnostics.marking.sheets(session, staff.scope) if marks else []
    shown = [Shown(result, _changes(result, results[number + 1 :])) for number, result in enumerate(results)]
    return render(
        request,
        "results.html",
        staff,
        person=person,
        shown=shown,
        may_answers=staff.may(Right.answers_see),
        wide=[pair for pair in pairs.values() if pair.wide],
        given=given,
        sheets=sheets,
    )


async def answers(request: Request, staff: Staff) -> Response:
    """Item answers; the reason is asked for and the person can read it."""
    person_id: int = request.path_params["id"]
    attempt_id: int = request.path_params["attempt"]
    form = await form_of(request)
    async with request.app.state.db.begin() as session:
        given = await diagnostics.answers_of(
            session, staff.scope, person_id, attempt_id, reason=form.get("reason", ""), now=staff.now
        )
        person = await people_list.card(session, staff.scope, person_id, today=staff.today)
    return render(request, "answers.html", staff, person=person, given=given, reason=form["reason"].strip())


def _changes(after: Result, older: list[Result]) -> dict[int, scoring.Change]:
    before = next((one for one in older if one.content.version_id == after.content.version_id), None)
    if before is None:
        return {}
    return diagnostics.changes_between(before, after)


ROUTES = [
    Route("/people/{id:int}/results", for_staff(listing, Right.results_see), methods=["GET"]),
    Route("/people/{id:int}/results/{attempt:int}/answers", for_staff(answers, Right.answers_see), methods=["POST"]),
]
