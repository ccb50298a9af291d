"""Wellbeing for the staff: telephones of help, waves, what of a closed wave may be seen, prevention by attendance."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, day_of, form_of, number_of, render, to
from bot.errors import UserError
from bot.rules.wellbeing import Contacts, Level, is_fresh
from bot.rules.wellbeing_tables import LEAST
from bot.services import wellbeing
from bot.services.access import Right
from bot.services.documents import wellbeing as papers
from bot.services.wellbeing import coverage
from bot.services.wellbeing.waves import DIMENSIONS

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
USUAL = timedelta(days=20)


async def home(request: Request, staff: Staff) -> Response:
    """Is the check open and why, waves, telephones, prevention, questionnaires."""
    today = staff.today
    async with request.app.state.db.read() as session:
        told = await wellbeing.contacts.help_of(session, today=today)
        lines = await wellbeing.contacts.listed(session, staff.scope)
        waves = await wellbeing.waves.listing(session, staff.scope)
        covered = await coverage.of_period(session, staff.scope, date(today.year, 1, 1), today, zone=staff.zone)
    why = told.state.value if not told.state.opens else "" if told.adults else "adults"
    return render(
        request, "wellbeing.html", staff, told=told, lines=lines, waves=waves, covered=covered, why=why,
        soon=told.opens and told.state is Contacts.soon, today=today,
        fresh=lambda line: is_fresh(line.checked_on, today=today), ends=today + USUAL,
        instruments=list(wellbeing.instruments.all_of().values()), edited=number_of(request.query_params.get("edit")),
    )  # fmt: skip


async def open_wave(request: Request, staff: Staff) -> Response:
    """A new wave."""
    form = await form_of(request)
    opens_on, closes_on = day_of(form.get("opens_on", "")), day_of(form.get("closes_on", ""))
    if opens_on is None or closes_on is None:
        raise UserError("wellbeing-wave-days", days=wellbeing.waves.LONGEST)
    async with request.app.state.db.begin() as session:
        await wellbeing.waves.open_wave(
            session, staff.scope, title=form.get("title", ""), instrument=form.get("instrument", ""),
            opens_on=opens_on, closes_on=closes_on, today=staff.today, now=staff.now,
        )  # fmt: skip
    return to(request, "/wellbeing", done="wellbeing-wave")


async def close_wave(request: Request, staff: Staff) -> Response:
    """A planned wave goes, a running one ends."""
    async with request.app.state.db.begin() as session:
        await wellbeing.waves.close_early(
            session, staff.scope, request.path_params["id"], today=staff.today, now=staff.now
        )
    return to(request, "/wellbeing", done="wellbeing-closed")


async def wave(request: Request, staff: Staff) -> Response:
    """What is published of a wave: on the page, as DOCX, as XLSX."""
    number, kind = request.path_params["id"], request.path_params.get("kind")
    async with request.app.state.db.read() as session:
        made = await wellbeing.waves.report(session, staff.scope, number, today=staff.today)
    if kind is not None:
        build, media = (papers.docx, DOCX) if kind == "docx" else (papers.xlsx, XLSX)
        content = await asyncio.to_thread(build, staff.t, made, staff.today)
        headers = {"Content-Disposition": f'attachment; filename="wellbeing-{number}.{kind}"'}
        return Response(content, media_type=media, headers=headers)
    return render(
        request, "wellbeing-wave.html", staff, made=made, tables=made.tables, dimensions=DIMENSIONS,
        levels=[level.value for level in Level], least=LEAST, notes=papers.notes(staff.t, made),
        period=papers.period(staff.t, made), number=lambda n, total: papers.number(staff.t, n, total),
        row_name=lambda dimension, row: papers.row_name(staff.t, made, dimension, row),
    )  # fmt: skip


async def save_contact(request: Request, staff: Staff) -> Response:
    """A telephone, new or put right."""
    form = await form_of(request)
    async with request.app.state.db.begin() as session:
        await wellbeing.contacts.save(
            session, staff.scope, title=form.get("title", ""), phone=form.get("phone", ""),
            about=form.get("about", ""), for_children=form.get("for_children") == "yes",
            checked_on=day_of(form.get("checked_on", "")), today=staff.today, now=staff.now,
            contact_id=request.path_params.get("id"),
        )  # fmt: skip
    return to(request, "/wellbeing", done="wellbeing-contact")


async def check_contact(request: Request, staff: Staff) -> Response:
    """Somebody has called it today."""
    async with request.app.state.db.begin() as session:
        await wellbeing.contacts.checked(
            session, staff.scope, request.path_params["id"], today=staff.today, now=staff.now
        )
    return to(request, "/wellbeing", done="wellbeing-checked")


async def remove_contact(request: Request, staff: Staff) -> Response:
    """It answers no more."""
    async with request.app.state.db.begin() as session:
        await wellbeing.contacts.remove(
            session, staff.scope, request.path_params["id"], today=staff.today, now=staff.now
        )
    return to(request, "/wellbeing", done="wellbeing-removed")


ROUTES = [
    Route("/wellbeing", for_staff(home, Right.wellbeing_see)),
    Route("/wellbeing/waves", for_staff(open_wave, Right.wellbeing_run), methods=["POST"]),
    Route("/wellbeing/waves/{id:int}", for_staff(wave, Right.wellbeing_see)),
    Route("/wellbeing/waves/{id:int}.{kind:str}", for_staff(wave, Right.wellbeing_see)),
    Route("/wellbeing/waves/{id:int}/close", for_staff(close_wave, Right.wellbeing_run), methods=["POST"]),
    Route("/wellbeing/contacts", for_staff(save_contact, Right.wellbeing_run), methods=["POST"]),
    Route("/wellbeing/contacts/{id:int}", for_staff(save_contact, Right.wellbeing_run), methods=["POST"]),
    Route("/wellbeing/contacts/{id:int}/checked", for_staff(check_contact, Right.wellbeing_run), methods=["POST"]),
    Route("/wellbeing/contacts/{id:int}/remove", for_staff(remove_contact, Right.wellbeing_run), methods=["POST"]),
]
