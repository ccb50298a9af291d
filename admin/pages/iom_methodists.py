"""Methodists: their load and teachers, appointing by rules with a look first, handing over, undoing."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, day_of, form_of, number_of, page_of, render, to
from bot.errors import UserError
from bot.services import places
from bot.services.access import Right
from bot.services.iom import appointing, reach
from bot.services.iom.appointing import Group, Plan

SHOWN = 300
"""Teachers of a plan on the page; the rest are counted."""


async def listing(request: Request, staff: Staff) -> Response:
    """Methodists with their load, who has nobody, the latest orders."""
    async with request.app.state.db.read() as session:
        loads = await appointing.loads(session, today=staff.today)
        alone = await appointing.without_methodist(session, staff.scope, today=staff.today)
        made = await appointing.appointments(session, staff.scope)
        without = await reach.without_methodists(session)
    return render(
        request,
        "iom-methodists.html",
        staff,
        loads=sorted(loads, key=lambda one: one.name),
        alone=alone,
        made=made,
        without=without,
        may_switch=staff.may(Right.settings_edit),
        undo_since=staff.now - appointing.UNDO_WITHIN,
    )


async def switch(request: Request, staff: Staff) -> Response:
    """Whether the coordinators do the methodist's part."""
    on = (await form_of(request)).get("on") == "yes"
    async with request.app.state.db.begin() as session:
        await reach.set_without_methodists(session, staff.scope, on=on, now=staff.now)
    return to(request, "/iom/methodists", done="settled")


async def one(request: Request, staff: Staff) -> Response:
    """The teachers of one methodist."""
    number: int = request.path_params["id"]
    query = request.query_params.get("q", "").replace("\x00", "")[:100].strip()
    async with request.app.state.db.read() as session:
        load = await appointing.methodist(session, staff.scope, number, today=staff.today)
        found = await appointing.teachers(
            session, staff.scope, number, today=staff.today, query=query, page=page_of(request)
        )
    return render(request, "iom-methodist.html", staff, load=load, found=found, query=query)


async def choose(request: Request, staff: Staff) -> Response:
    """Whom and to whom; with an answer chosen, who would go where."""
    asked = request.query_params
    group, target = _group(request), number_of(asked.get("to"))
    looked: Plan | None = None
    async with request.app.state.db.read() as session:
        loads = await appointing.loads(session, today=staff.today)
        municipalities = await places.municipalities(session)
        subjects = await places.subjects(session)
        if asked.get("look"):
            looked = await appointing.plan(session, staff.scope, group, to=target, today=staff.today)
    return render(
        request,
        "iom-appoint.html",
        staff,
        loads=sorted(loads, key=lambda load: load.name),
        municipalities=municipalities,
        subjects=subjects,
        asked=_asked(group, target),
        plan=looked,
        shown=SHOWN,
        names={load.methodist_id: load.name for load in loads},
        titles={subject.key: subject.title for subject in subjects},
        action="/iom/methodists/appoint",
    )


async def appoint(request: Request, staff: Staff) -> Response:
    """Carry out what was looked at; a plan that is another one by now is looked at again."""
    form = await form_of(request)
    group = Group(
        subject=form.get("subject", "")[:32],
        municipality_id=number_of(form.get("municipality")),
        alone=form.get("all") != "yes",
        diagnosed=form.get("diagnosed") == "yes",
    )
    async with request.app.state.db.begin() as session:
        plan = await appointing.plan(session, staff.scope, group, to=number_of(form.get("to")), today=staff.today)
        await _carry_out(staff, session, plan, form)
    return to(request, "/iom/methodists", done="appointed")


async def leave(request: Request, staff: Staff) -> Response:
    """Where the teachers of a methodist who leaves would go."""
    number: int = request.path_params["id"]
    async with request.app.state.db.read() as session:
        load = await appointing.methodist(session, staff.scope, number, today=staff.today)
        looked = await appointing.plan_leaving(session, staff.scope, number, today=staff.today)
        subjects = await places.subjects(session)
    return render(
        request,
        "iom-leave.html",
        staff,
        load=load,
        plan=looked,
        shown=SHOWN,
        names={share.load.methodist_id: share.load.name for share in looked.shares},
        titles={subject.key: subject.title for subject in subjects},
        asked={},
        action=f"/iom/methodists/{number}/leave",
    )


async def hand_over(request: Request, staff: Staff) -> Response:
    """Carry it out."""
    number: int = request.path_params["id"]
    form = await form_of(request)
    async with request.app.state.db.begin() as session:
        plan = await appointing.plan_leaving(session, staff.scope, number, today=staff.today)
        await _carry_out(staff, session, plan, form)
    return to(request, "/iom/methodists", done="appointed")


async def undo(request: Request, staff: Staff) -> Response:
    """Give everybody back."""
    number: int = request.path_params["id"]
    async with request.app.state.db.begin() as session:
        await appointing.undo(session, staff.scope, number, now=staff.now, today=staff.today)
    return to(request, "/iom/methodists", done="unappointed")


async def _carry_out(staff: Staff, session: AsyncSession, plan: Plan, form: dict[str, str]) -> None:
    if form.get("token") != plan.token:
        raise UserError("iom-plan-moved")
    await appointing.appoint(
        session,
        staff.scope,
        plan,
        order_no=form.get("order_no", ""),
        order_date=day_of(form.get("order_date", "")),
        over_cap=form.get("over") == "yes",
        now=staff.now,
        today=staff.today,
    )


def _group(request: Request) -> Group:
    asked = request.query_params
    return Group(
        subject=asked.get("subject", "")[:32].replace("\x00", ""),
        municipality_id=number_of(asked.get("municipality")),
        alone=asked.get("all") != "yes",
        diagnosed=asked.get("diagnosed") == "yes",
    )


def _asked(group: Group, target: int | None) -> dict[str, str]:
    """The choice as fields of the form."""
    return {
        "subject": group.subject,
        "municipality": str(group.municipality_id or ""),
        "all": "" if group.alone else "yes",
        "diagnosed": "yes" if group.diagnosed else "",
        "to": str(target or ""),
    }


_assign = Right.iom_assign
ROUTES = [
    Route("/iom/methodists", for_staff(listing, _assign), methods=["GET"]),
    Route("/iom/methodists/without", for_staff(switch, Right.settings_edit), methods=["POST"]),
    Route("/iom/methodists/appoint", for_staff(choose, _assign), methods=["GET"]),
    Route("/iom/methodists/appoint", for_staff(appoint, _assign), methods=["POST"]),
    Route("/iom/methodists/undo/{id:int}", for_staff(undo, _assign), methods=["POST"]),
    Route("/iom/methodists/{id:int}", for_staff(one, _assign), methods=["GET"]),
    Route("/iom/methodists/{id:int}/leave", for_staff(leave, _assign), methods=["GET"]),
    Route("/iom/methodists/{id:int}/leave", for_staff(hand_over, _assign), methods=["POST"]),
]
