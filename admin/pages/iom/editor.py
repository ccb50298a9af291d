"""The methodist's editor: variants compared, lines added, replaced, moved, dated, left out and brought back.

A planned route is written directly; an approved one only by a revision with a reason.
"""

from __future__ import annotations

from datetime import date

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, day_of, form_of, number_of, page_of, render, to
from bot.errors import UserError
from bot.services import catalogue, people_list
from bot.services.access import Right
from bot.services.iom import agreeing, composing, desk, drafting, reach, revising, views

WITHOUT = ("iom-their-no-diagnosis", "iom-their-no-needs")
"""Why there are no variants; the route is composed by hand then."""

FITTING = 8
"""Activities that are proposed before anything is searched for."""


async def variants(request: Request, person: Staff) -> Response:
    """Three variants for a teacher beside each other; without a diagnosis, a route line by line."""
    person_id: int = request.path_params["person"]
    why, found = "", []
    async with request.app.state.db.begin() as session:
        try:
            found = await composing.compare(session, person.scope, person_id, now=person.now, today=person.today)
        except UserError as error:
            if error.key not in WITHOUT:
                raise
            why = error.key
        teacher = await people_list.name_of(session, person_id)
        open_id = await views.open_id(session, person_id)
    return render(
        request, "iom-variants.html", person, person_id=person_id, teacher=teacher, variants=found, why=why,
        open_id=open_id,
    )  # fmt: skip


async def take(request: Request, person: Staff) -> Response:
    """One of the variants, or an empty route."""
    person_id: int = request.path_params["person"]
    form = await form_of(request)
    async with request.app.state.db.begin() as session:
        if form.get("variant"):
            iom_id = await composing.make_for(
                session, person.scope, person_id, form["variant"], now=person.now, today=person.today
            )
        else:
            iom_id = await composing.begin(session, person.scope, person_id, now=person.now, today=person.today)
    return to(request, f"/iom/{iom_id}/edit", done="iom-drafted")


async def edit(request: Request, person: Staff) -> Response:
    """The lines with what may be done to each, and the catalogue beside them."""
    iom_id: int = request.path_params["id"]
    asked = request.query_params
    query = asked.get("q", "").replace("\x00", "")[:100].strip()
    replaced_id, undo_id = number_of(asked.get("replace")), number_of(asked.get("undo"))
    async with request.app.state.db.begin() as session:
        await reach.require(session, person.scope, Right.iom_edit, iom_id, today=person.today)
        route = await reach.opened(session, person.scope, iom_id, now=person.now, today=person.today)
        clashes, gone = await desk.pitfalls(session, route)
        left_out = await desk.left_out(session, iom_id, undo_id)
        replaced = route.step(replaced_id) if replaced_id is not None else None
        found = fitting = None
        if query:
            found = await catalogue.page(session, person.scope, catalogue.Filters(query=query), number=page_of(request))
        else:
            fitting = await drafting.fitting(
                session, iom_id, replaced.id if replaced else None, today=person.today, limit=FITTING
            )
    return render(
        request,
        "iom-edit.html",
        person,
        route=route,
        groups={deficit.slug: deficit.title for deficit in route.deficits},
        clashes=clashes,
        gone=gone,
        left_out=left_out,
        undo_id=undo_id,
        replaced=replaced,
        query=query,
        found=found,
        fitting=fitting,
        held={one.activity_id for one in route.steps},
    )


async def put(request: Request, person: Staff) -> Response:
    """An activity: one more line, or in the place of one; in an approved route as a revision."""
    iom_id: int = request.path_params["id"]
    form = await form_of(request)
    activity_id, step_id = number_of(form.get("activity")) or 0, number_of(form.get("replace"))
    due = _day(form.get("due", ""))
    async with request.app.state.db.begin() as session:
        if "reason" in form:
            at_once = await revising.propose(
                session, person.scope, iom_id, step_id, activity_id=activity_id, due=due, reason=form["reason"],
                now=person.now, today=person.today,
            )  # fmt: skip
            return to(request, f"/iom/{iom_id}/edit", done="iom-changed" if at_once else "iom-proposed")
        if step_id is not None:
            await agreeing.change(
                session, person.scope, iom_id, step_id, activity_id=activity_id, due=due, now=person.now,
                today=person.today,
            )  # fmt: skip
        else:
            await agreeing.add(session, person.scope, iom_id, activity_id, due=due, now=person.now, today=person.today)
    return to(request, f"/iom/{iom_id}/edit", done="iom-changed")


async def change(request: Request, person: Staff) -> Response:
    """Day of a line, mandatory or not."""
    iom_id, step_id = request.path_params["id"], request.path_params["step"]
    form = await form_of(request)
    due = _day(form.get("due", ""))
    async with request.app.state.db.begin() as session:
        if "reason" in form:
            at_once = await revising.propose(
                session, person.scope, iom_id, step_id, due=due, drop=form.get("do") == "drop", reason=form["reason"],
                now=person.now, today=person.today,
            )  # fmt: skip
            return to(request, f"/iom/{iom_id}/edit", done="iom-changed" if at_once else "iom-proposed")
        await agreeing.change(
            session, person.scope, iom_id, step_id, due=due, mandatory=form.get("mandatory") == "yes",
            now=person.now, today=person.today,
        )  # fmt: skip
    return to(request, f"/iom/{iom_id}/edit", done="iom-changed")


async def shift(request: Request, person: Staff) -> Response:
    """A line up or down."""
    iom_id, step_id = request.path_params["id"], request.path_params["step"]
    form = await form_of(request)
    async with request.app.state.db.begin() as session:
        await agreeing.shift(
            session, person.scope, iom_id, step_id, -1 if form.get("by") == "up" else 1, now=person.now,
            today=person.today,
        )  # fmt: skip
    return to(request, f"/iom/{iom_id}/edit")


async def order(request: Request, person: Staff) -> Response:
    """Lines as they were dragged."""
    iom_id: int = request.path_params["id"]
    form = await form_of(request)
    ids = [number for raw in form.get("order", "").split(",")[:100] if (number := number_of(raw))]
    async with request.app.state.db.begin() as session:
        await agreeing.order(session, person.scope, iom_id, ids, now=person.now, today=person.today)
    return to(request, f"/iom/{iom_id}/edit")


async def drop(request: Request, person: Staff) -> Response:
    """A line less; the answer offers to bring it back."""
    iom_id, step_id = request.path_params["id"], request.path_params["step"]
    async with request.app.state.db.begin() as session:
        await agreeing.drop(session, person.scope, iom_id, step_id, now=person.now, today=person.today)
    return to(request, f"/iom/{iom_id}/edit", undo=step_id)


async def restore(request: Request, person: Staff) -> Response:
    """«Вернуть»."""
    iom_id, step_id = request.path_params["id"], request.path_params["step"]
    async with request.app.state.db.begin() as session:
        await agreeing.restore(session, person.scope, iom_id, step_id, now=person.now, today=person.today)
    return to(request, f"/iom/{iom_id}/edit", done="iom-restored")


def _day(raw: str) -> date | None:
    """A day that was typed; UserError for something that is none."""
    if not raw.strip():
        return None
    found = day_of(raw)
    if found is None:
        raise UserError("catalogue-wrong-day", value=raw.strip()[:40])
    return found


_see = Right.iom_see
# Who may do it is decided in the services: without methodists a coordinator does their part.
ROUTES = [
    Route("/iom/for/{person:int}", for_staff(variants, _see), methods=["GET"]),
    Route("/iom/for/{person:int}", for_staff(take, _see), methods=["POST"]),
    Route("/iom/{id:int}/edit", for_staff(edit, _see), methods=["GET"]),
    Route("/iom/{id:int}/put", for_staff(put, _see), methods=["POST"]),
    Route("/iom/{id:int}/order", for_staff(order, _see), methods=["POST"]),
    Route("/iom/{id:int}/steps/{step:int}", for_staff(change, _see), methods=["POST"]),
    Route("/iom/{id:int}/steps/{step:int}/shift", for_staff(shift, _see), methods=["POST"]),
    Route("/iom/{id:int}/steps/{step:int}/drop", for_staff(drop, _see), methods=["POST"]),
    Route("/iom/{id:int}/steps/{step:int}/restore", for_staff(restore, _see), methods=["POST"]),
]
