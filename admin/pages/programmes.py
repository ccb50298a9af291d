"""Programmes of the staff: configurations, cohorts, the register members × meetings, tasks and works, XLSX."""

from __future__ import annotations

import asyncio
from datetime import datetime, time

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, day_of, form_of, number_of, render, to
from bot.errors import NotFound, UserError
from bot.models import ActivityForm, EventKind
from bot.services import audit, files
from bot.services.access import Right
from bot.services.events import lists
from bot.services.programmes import belonging, ending, keeping, papers, working
from bot.services.programmes.templates import templates
from bot.services.programmes.working import WorkLine

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NAMES = 300
WORKS = 20
"""Works shown on the page of a cohort."""


async def listing(request: Request, staff: Staff) -> Response:
    """Programmes and their cohorts."""
    async with request.app.state.db.read() as session:
        found = await keeping.listing(session, staff.scope)
    return render(
        request, "programmes.html", staff, programmes=found, templates=list(templates().values()),
        forms=[one.value for one in ActivityForm],
    )  # fmt: skip


async def create(request: Request, staff: Staff) -> Response:
    """A programme from a configuration."""
    fields = await form_of(request)
    template = templates().get(fields.get("template", ""))
    if template is None:
        raise UserError("error-stale")
    async with request.app.state.db.begin() as session:
        await keeping.begin(session, staff.scope, template, title=fields.get("title", ""), now=staff.now)
    return to(request, "/programmes", done="programme")


async def change(request: Request, staff: Staff) -> Response:
    """Words and rule of a programme."""
    fields = await form_of(request)
    activity = fields.get("activity", "").strip()
    if activity and number_of(activity) is None:
        raise UserError("programmes-wrong-activity")
    async with request.app.state.db.begin() as session:
        await keeping.change(
            session,
            staff.scope,
            request.path_params["id"],
            title=fields.get("title", ""),
            about=fields.get("about", ""),
            share=number_of(fields.get("share"), most=1000) or 0,
            tasks_share=number_of(fields.get("tasks_share"), most=1000) or 0,
            gives_certificate=bool(fields.get("certificate")),
            activity_id=number_of(activity),
            now=staff.now,
        )
    return to(request, "/programmes", done="programme")


async def gather(request: Request, staff: Staff) -> Response:
    """A cohort of a programme."""
    fields = await form_of(request)
    async with request.app.state.db.begin() as session:
        made = await keeping.gather(
            session,
            staff.scope,
            request.path_params["id"],
            title=fields.get("title", ""),
            first=_moment(staff, fields),
            form=_form(fields),
            place=fields.get("place", ""),
            link=_link(fields),
            now=staff.now,
        )
    return to(request, f"/cohorts/{made}", done="programme-open")


async def cohort(request: Request, staff: Staff) -> Response:
    """The register of a cohort."""
    number: int = request.path_params["id"]
    async with request.app.state.db.read() as session:
        page = await keeping.page(session, staff.scope, number, today=staff.today)
        works: list[WorkLine] = []
        if staff.scope.may(Right.programmes_run):
            works, _ = await working.queue(session, staff.scope, cohort_id=number, size=WORKS, today=staff.today)
        fitting = 0
        if page.by_rule and staff.scope.may(Right.programmes_edit):
            fitting = await belonging.fitting_of(session, number, on=staff.today)
    return render(
        request, "cohort.html", staff, page=page, works=works, fitting=fitting,
        unknown=request.query_params.get("unknown", "")[:500], kinds=[one.value for one in EventKind],
        forms=[one.value for one in ActivityForm],
    )  # fmt: skip


async def act(request: Request, staff: Staff) -> Response:
    """One step of a cohort's life."""
    number: int = request.path_params["id"]
    what: str = request.path_params["what"]
    fields = await form_of(request)
    goal, done, unknown = number, f"programme-{what}", ""
    async with request.app.state.db.begin() as session:
        match what:
            case "rule":
                await belonging.invite_by_rule(session, staff.scope, number, now=staff.now, today=staff.today)
                done = "programme-invited"
            case "list":
                names = fields.get("names", "").splitlines()[:NAMES]
                ids, lost = await lists.by_names(session, staff.scope, names, today=staff.today)
                await belonging.invite(session, staff.scope, number, ids, now=staff.now, today=staff.today)
                done, unknown = "programme-invited", "; ".join(lost)[:500]
            case "code":
                await belonging.new_code(session, staff.scope, number, on=not fields.get("off"), now=staff.now)
            case "start":
                await keeping.start(session, staff.scope, number, now=staff.now)
            case "finish":
                await ending.finish(session, staff.scope, number, now=staff.now, today=staff.today)
            case "next":
                goal = await keeping.lead_on(
                    session, staff.scope, number, title=fields.get("title", ""), first=_moment(staff, fields),
                    now=staff.now,
                )  # fmt: skip
                done = "programme-open"
            case "task":
                due = day_of(fields.get("due", ""))
                if due is None:
                    raise UserError("catalogue-wrong-day", value=fields.get("due", "")[:40])
                await working.give(
                    session, staff.scope, number, title=fields.get("title", ""), text=fields.get("text", ""),
                    due_on=due, now=staff.now,
                )  # fmt: skip
            case "meeting":
                if fields.get("kind", "") not in set(EventKind):
                    raise UserError("error-stale")
                await keeping.add_meeting(
                    session,
                    staff.scope,
                    number,
                    title=fields.get("title", ""),
                    kind=EventKind(fields["kind"]),
                    starts_at=_moment(staff, fields),
                    minutes=number_of(fields.get("minutes"), most=10_000) or 0,
                    form=_form(fields),
                    place=fields.get("place", ""),
                    link=_link(fields),
                    now=staff.now,
                )
            case "work":
                work = number_of(fields.get("work"), least=1)
                if work is None or fields.get("verdict") not in ("accept", "return"):
                    raise UserError("error-stale")
                await working.decide(
                    session, staff.scope, work, accept=fields["verdict"] == "accept",
                    comment=fields.get("comment", ""), now=staff.now, today=staff.today,
                )  # fmt: skip
            case "revoke":
                person = number_of(fields.get("person"), least=1) or 0
                await ending.revoke(
                    session, staff.scope, number, person, reason=fields.get("reason", ""), now=staff.now
                )
            case _:
                raise NotFound()
    return to(request, f"/cohorts/{goal}", done=done, unknown=unknown)


async def file(request: Request, staff: Staff) -> Response:
    """A file of a work, offered for download only; the look is recorded."""
    number: int = request.path_params["id"]
    async with request.app.state.db.begin() as session:
        stored = await working.file_for(session, staff.scope, number, now=staff.now, today=staff.today)
        path = await files.path_of(session, request.app.state.settings, stored.id)
    _, dot, ending_of = stored.name.rpartition(".")
    ending_of = ending_of if dot and ending_of.isascii() and ending_of.isalnum() and len(ending_of) <= 8 else "bin"
    headers = {"Content-Disposition": f'attachment; filename="work-{number}.{ending_of}"'}
    return FileResponse(path, media_type="application/octet-stream", headers=headers)


async def table(request: Request, staff: Staff) -> Response:
    """The register as a table."""
    number: int = request.path_params["id"]
    async with request.app.state.db.read() as session:
        page = await keeping.page(session, staff.scope, number, today=staff.today)
    async with request.app.state.db.begin() as session:
        audit.changed(session, staff.scope, "cohort", number, "exported-xlsx", now=staff.now)
    content = await asyncio.to_thread(papers.xlsx, staff.t, page)
    headers = {"Content-Disposition": f'attachment; filename="cohort-{number}.xlsx"'}
    return Response(content, media_type=XLSX, headers=headers)


def _moment(staff: Staff, fields: dict[str, str]) -> datetime:
    day = day_of(fields.get("day", ""))
    try:
        clock = time.fromisoformat(fields.get("time") or "15:00")
    except ValueError:
        raise UserError("catalogue-wrong-day", value=fields["time"][:40]) from None
    if day is None:
        raise UserError("catalogue-wrong-day", value=fields.get("day", "")[:40] or "—")
    return keeping.at(day, clock, staff.zone)


def _form(fields: dict[str, str]) -> ActivityForm:
    value = fields.get("form", "") or ActivityForm.mixed.value
    if value not in set(ActivityForm):
        raise UserError("error-stale")
    return ActivityForm(value)


def _link(fields: dict[str, str]) -> str:
    return fields.get("link", "").strip()


ROUTES = [
    Route("/programmes", for_staff(listing, Right.programmes_see), methods=["GET"]),
    Route("/programmes", for_staff(create, Right.programmes_edit), methods=["POST"]),
    Route("/programmes/{id:int}", for_staff(change, Right.programmes_edit), methods=["POST"]),
    Route("/programmes/{id:int}/gather", for_staff(gather, Right.programmes_edit), methods=["POST"]),
    Route("/cohorts/works/{id:int}/file", for_staff(file, Right.programmes_run), methods=["GET"]),
    Route("/cohorts/{id:int}", for_staff(cohort, Right.programmes_see), methods=["GET"]),
    Route("/cohorts/{id:int}/list.xlsx", for_staff(table, Right.programmes_see), methods=["GET"]),
    Route("/cohorts/{id:int}/{what}", for_staff(act, Right.programmes_run), methods=["POST"]),
]
