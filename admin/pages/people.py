"""People: the list, its sheet, one card, confirming, suspected duplicates and merging."""

from __future__ import annotations

import asyncio
import io
from time import monotonic

import xlsxwriter
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, form_of, number_of, page_of, render, to
from bot.models import Role
from bot.services import audit, merging, people, people_list, places
from bot.services.access import RIGHTS, Right
from bot.services.people_list import Filters, PersonLine
from bot.services.places import Place

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CONFIRM_AT_ONCE = 50
PLACES_FOR = 60.0


async def listing(request: Request, staff: Staff) -> Response:
    """A page of people."""
    filters = _filters(request)
    async with request.app.state.db.read() as session:
        found = await people_list.page(session, staff.scope, filters, number=page_of(request), today=staff.today)
        municipalities = await _municipalities(request, session)
        place: Place | None = None
        if filters.organisation_id is not None:
            place = await places.organisation(session, filters.organisation_id)
    may_confirm = filters.confirmed is False and staff.may(Right.people_confirm)
    return render(
        request,
        "people.html",
        staff,
        found=found,
        filters=filters,
        asked=_asked(filters),
        place=place,
        municipalities=municipalities,
        roles=[role.value for role in Role],
        may_confirm=may_confirm,
    )


async def sheet(request: Request, staff: Staff) -> Response:
    """The same list as XLSX; making it is recorded."""
    filters = _filters(request)
    async with request.app.state.db.read() as session:
        lines = await people_list.everyone(session, staff.scope, filters, today=staff.today)
    async with request.app.state.db.begin() as session:
        audit.changed(session, staff.scope, "people", 0, "exported", now=staff.now, after={"lines": str(len(lines))})
    content = await asyncio.to_thread(_xlsx, staff, lines)
    name = f"people-{staff.today:%Y-%m-%d}.xlsx"
    return Response(content, media_type=SHEET, headers={"Content-Disposition": f'attachment; filename="{name}"'})


async def card(request: Request, staff: Staff) -> Response:
    """One person."""
    person_id: int = request.path_params["id"]
    async with request.app.state.db.read() as session:
        found = await people_list.card(session, staff.scope, person_id, today=staff.today)
        municipalities = await places.municipalities(session) if staff.may(Right.roles_grant) else []
        bodies = await people_list.bodies(session) if staff.may(Right.roles_grant) else []
    return render(
        request,
        "person.html",
        staff,
        person=found,
        municipalities=municipalities,
        bodies=bodies,
        roles=[role.value for role in Role if role is not Role.teacher],
        may_confirm=staff.may(Right.people_confirm) and found.line.confirmed_at is None,
        opens_admin=any(Right.admin_open in RIGHTS[held.role] for held in found.roles),
    )


async def confirm(request: Request, staff: Staff) -> Response:
    """Confirm one person from the card."""
    person_id: int = request.path_params["id"]
    async with request.app.state.db.begin() as session:
        await people.confirm(session, staff.scope, person_id, how="staff", now=staff.now)
    return to(request, f"/people/{person_id}", done="confirmed")


async def confirm_many(request: Request, staff: Staff) -> Response:
    """Confirm those who were ticked in the list."""
    async with request.form(max_files=0, max_fields=CONFIRM_AT_ONCE + 5) as form:
        ids = [number for raw in form.getlist("id") if isinstance(raw, str) and (number := number_of(raw))]
    async with request.app.state.db.begin() as session:
        for person_id in ids[:CONFIRM_AT_ONCE]:
            await people.confirm(session, staff.scope, person_id, how="staff", now=staff.now)
    return to(request, "/people", confirmed="no", done="confirmed" if ids else "nobody")


async def doubles(request: Request, staff: Staff) -> Response:
    """Rows that may be one person."""
    async with request.app.state.db.read() as session:
        found = await merging.doubles(session, staff.scope, now=staff.now)
        pairs = await people_list.pairs(session, staff.scope, found, today=staff.today)
    return render(request, "doubles.html", staff, pairs=pairs)


async def merge_preview(request: Request, staff: Staff) -> Response:
    """What stays and what goes, before anything is done."""
    keep_id, gone_id = _pair(request.query_params.get("keep"), request.query_params.get("gone"))
    async with request.app.state.db.read() as session:
        for person_id in (keep_id, gone_id):
            await people.require(session, staff.scope, Right.people_edit, person_id, today=staff.today)
        keep = await people_list.card(session, staff.scope, keep_id, today=staff.today)
        gone = await people_list.card(session, staff.scope, gone_id, today=staff.today)
    return render(request, "merge.html", staff, keep=keep, gone=gone)


async def merge(request: Request, staff: Staff) -> Response:
    """Make one person of two."""
    form = await form_of(request)
    keep_id, gone_id = _pair(form.get("keep"), form.get("gone"))
    async with request.app.state.db.begin() as session:
        await merging.merge(session, staff.scope, keep_id, gone_id, now=staff.now)
    return to(request, f"/people/{keep_id}", done="merged")


async def _municipalities(request: Request, session: AsyncSession) -> list[places.Choice]:
    """They change once in years: read once in PLACES_FOR seconds."""
    held: tuple[float, list[places.Choice]] | None = request.app.state.places
    if held is None or held[0] < monotonic():
        held = request.app.state.places = (monotonic() + PLACES_FOR, await places.municipalities(session))
    return held[1]


def _pair(keep: str | None, gone: str | None) -> tuple[int, int]:
    return number_of(keep) or 0, number_of(gone) or 0


def _filters(request: Request) -> Filters:
    asked = request.query_params
    role = asked.get("role", "")
    return Filters(
        query=asked.get("q", "").replace("\x00", "")[:100].strip(),
        municipality_id=number_of(asked.get("municipality")),
        organisation_id=number_of(asked.get("organisation")),
        confirmed={"yes": True, "no": False}.get(asked.get("confirmed", "")),
        role=Role(role) if role in set(Role) else None,
    )


def _asked(filters: Filters) -> dict[str, str]:
    """The filters as a query, for the pager and the sheet."""
    return {
        "q": filters.query,
        "municipality": str(filters.municipality_id or ""),
        "organisation": str(filters.organisation_id or ""),
        "confirmed": "" if filters.confirmed is None else "yes" if filters.confirmed else "no",
        "role": filters.role.value if filters.role else "",
    }


def _xlsx(staff: Staff, lines: list[PersonLine]) -> bytes:
    t, zone = staff.t, staff.zone
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet(t("admin-people.sheet"))
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    columns = (
        ("name", 36),
        ("position", 28),
        ("organisation", 36),
        ("municipality", 28),
        ("confirmed", 16),
        ("diagnosed", 16),
    )
    for column, (name, width) in enumerate(columns):
        page.set_column(column, column, width)
        page.write_string(0, column, t(f"admin-people.{name}"), head)
    for row, line in enumerate(lines, start=1):
        for column, text in enumerate((line.name, line.position, line.organisation, line.municipality)):
            page.write_string(row, column, text)
        for column, moment in ((4, line.confirmed_at), (5, line.diagnosed_at)):
            if moment is not None:
                page.write_datetime(row, column, moment.astimezone(zone).replace(tzinfo=None), day)
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, max(1, len(lines)), len(columns) - 1)
    book.close()
    return out.getvalue()


ROUTES = [
    Route("/people", for_staff(listing, Right.people_see), methods=["GET"]),
    Route("/people.xlsx", for_staff(sheet, Right.people_see), methods=["GET"]),
    Route("/people/confirm", for_staff(confirm_many, Right.people_confirm), methods=["POST"]),
    Route("/people/doubles", for_staff(doubles, Right.people_edit), methods=["GET"]),
    Route("/people/merge", for_staff(merge_preview, Right.people_edit), methods=["GET"]),
    Route("/people/merge", for_staff(merge, Right.people_edit), methods=["POST"]),
    Route("/people/{id:int}", for_staff(card, Right.people_see), methods=["GET"]),
    Route("/people/{id:int}/confirm", for_staff(confirm, Right.people_confirm), methods=["POST"]),
]
