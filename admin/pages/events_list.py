"""The annotated list of events an ИОМ is made of: a page by groups of competences, DOCX, XLSX."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, day_of, render
from bot.errors import NotFound, UserError
from bot.services import catalogue
from bot.services.access import Right
from bot.services.events import annotated

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AHEAD = timedelta(days=92)
"""A quarter: so the list is drawn up in the roadmaps."""


async def listing(request: Request, staff: Staff) -> Response:
    """What is ahead, by groups; what is asked for goes into the papers too."""
    since, until, group = _asked(request, staff)
    async with request.app.state.db.read() as session:
        found = await annotated.collect(
            session, staff.scope, since=since, until=until, now=staff.now, zone=staff.zone, group=group
        )
        groups, _ = await catalogue.lists(session)
    return render(
        request,
        "events-annotated.html",
        staff,
        groups=[(str(one.key), one.title) for one in groups],
        parts=annotated.by_group(found),
        total=len(found),
        asked={"since": since.isoformat(), "until": until.isoformat(), "group": group},
        row=lambda one: annotated.row(staff.t, one, ""),
    )


async def paper(request: Request, staff: Staff) -> Response:
    """The same as DOCX or XLSX."""
    since, until, group = _asked(request, staff)
    async with request.app.state.db.read() as session:
        found = await annotated.collect(
            session, staff.scope, since=since, until=until, now=staff.now, zone=staff.zone, group=group
        )
    url = f"{request.app.state.settings.public_url}/?start=event_"
    kind: str = request.path_params["kind"]
    match kind:
        case "docx":
            content, media = await asyncio.to_thread(annotated.docx, staff.t, found, since, until, url), DOCX
        case "xlsx":
            content, media = await asyncio.to_thread(annotated.xlsx, staff.t, found, since, until, url), XLSX
        case _:
            raise NotFound()
    name = f"events-for-iom-{since}.{kind}"
    return Response(content, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _asked(request: Request, staff: Staff) -> tuple[date, date, str]:
    asked = request.query_params
    days = []
    for name, otherwise in (("since", staff.today), ("until", staff.today + AHEAD)):
        typed = asked.get(name, "").strip()
        day = day_of(typed) if typed else otherwise
        if day is None or not 2000 <= day.year <= 2100:
            raise UserError("catalogue-wrong-day", value=typed[:40])
        days.append(day)
    if days[1] < days[0]:
        raise UserError("catalogue-wrong-days")
    return days[0], days[1], asked.get("group", "").replace("\x00", "")[:40]


_see = Right.events_see
ROUTES = [
    Route("/events/annotated", for_staff(listing, _see), methods=["GET"]),
    Route("/events/annotated.{kind}", for_staff(paper, _see), methods=["GET"]),
]
