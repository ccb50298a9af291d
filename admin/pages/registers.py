"""Registers: the list of all, a register with search and any day, a record with its history, papers."""

from __future__ import annotations

import asyncio
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, day_of, form_of, number_of, page_of, render, to
from bot.errors import UserError
from bot.i18n import Translator
from bot.models import RecordState
from bot.rules import registers as rules
from bot.rules.registers import Field, FieldType, Value, WrongCell
from bot.rules.words import folded
from bot.services import audit, contests, places, registers
from bot.services.access import Right
from bot.services.documents import Column, records_list, records_sheet
from bot.services.documents.records import Cell
from bot.services.registers import Draft, Filters, Kind, Line, views
from bot.services.registers.kinds import words

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LIST = 15
"""Lines of a view on a page."""


async def listing(request: Request, staff: Staff) -> Response:
    """Every register that is open to the role."""
    async with request.app.state.db.read() as session:
        lines = await registers.listing(session, staff.scope, today=staff.today)
    return render(request, "registers.html", staff, lines=lines)


async def one(request: Request, staff: Staff) -> Response:
    """A register: a page of it, as it is or as it was."""
    slug: str = request.path_params["slug"]
    kind = registers.require(staff.scope, slug)
    filters = _filters(request)
    asked = _asked(filters)
    async with request.app.state.db.read() as session:
        standing = await registers.standing(session, staff.scope, slug, today=staff.today)
        people = await registers.keepers(session, today=staff.today) if staff.may(Right.registers_edit) else []
        if kind.is_view:
            zone = request.app.state.settings.zone
            seen = await views.view(session, staff.scope, kind, on=filters.on or staff.today, zone=zone)
            return render(
                request, "register-view.html", staff, standing=standing, kind=kind, view=seen, people=people,
                asked=asked, shown=lambda value: _shown(staff.t, value), page=page_of(request), size=LIST,
            )  # fmt: skip
        found = await registers.page(session, staff.scope, slug, filters, number=page_of(request))
        municipalities = await places.municipalities(session)
    return render(
        request,
        "register.html",
        staff,
        standing=standing,
        kind=kind,
        found=found,
        filters=filters,
        asked=asked,
        municipalities=municipalities,
        people=people,
        states=[state.value for state in RecordState if state is not RecordState.removed],
        fields=[field for field in kind.fields if field.width or field.public][:4],
        said=lambda field, line: said(staff.t, field, line.values.get(field.name)),
    )


async def confirm(request: Request, staff: Staff) -> Response:
    """«Реестр актуален»."""
    slug: str = request.path_params["slug"]
    async with request.app.state.db.begin() as session:
        await registers.confirm(session, staff.scope, slug, now=staff.now, today=staff.today)
    return to(request, f"/registers/{slug}", done="register-confirmed")


async def appoint(request: Request, staff: Staff) -> Response:
    """Who keeps it."""
    slug: str = request.path_params["slug"]
    form = await form_of(request)
    async with request.app.state.db.begin() as session:
        await registers.appoint(session, staff.scope, slug, number_of(form.get("keeper")), now=staff.now)
    return to(request, f"/registers/{slug}", done="register-keeper")


async def card(request: Request, staff: Staff) -> Response:
    """A record and how it changed."""
    slug, number = request.path_params["slug"], request.path_params["id"]
    async with request.app.state.db.read() as session:
        found = await registers.card(session, staff.scope, slug, number)
        results = asked = None
        if slug == contests.CONTESTS:
            results = await contests.results(session, staff.scope, found.line.title)
            asked = await contests.asked(session, number)
    titles = {field.name: field.title for field in found.kind.fields}
    return render(
        request,
        "register-record.html",
        staff,
        card=found,
        results=results,
        asked=asked,
        said=lambda field: said(staff.t, field, found.line.values.get(field.name)),
        changed=lambda name: titles.get(name) or staff.t(f"admin-register-change.{name}"),
    )


async def form(request: Request, staff: Staff) -> Response:
    """A new record, or one to be changed."""
    return await _form(request, staff, None, None)


async def save(request: Request, staff: Staff) -> Response:
    """What the form holds; a mistake is said above the form with everything typed kept."""
    slug: str = request.path_params["slug"]
    number: int | None = request.path_params.get("id")
    given = await form_of(request)
    kind = registers.require(staff.scope, slug, Right.registers_edit)
    try:
        async with request.app.state.db.begin() as session:
            draft = await _draft(session, staff.t, kind, given)
            since = _day(given, "since") or staff.today
            saved = await registers.save(
                session, staff.scope, slug, draft, record_id=number, since=since if number else None,
                note=given.get("note", "").strip(), now=staff.now, today=staff.today,
            )  # fmt: skip
    except UserError as error:
        return await _form(request, staff, given, error)
    return to(request, f"/registers/{slug}/{saved}", done="register-saved")


async def sheet(request: Request, staff: Staff) -> Response:
    """The register as XLSX; taking it away is recorded."""
    title, columns, rows, under = await _paper(request, staff, everything=True)
    content = await asyncio.to_thread(records_sheet, title, columns, rows, note=under)
    return await _given(request, staff, content, SHEET, "xlsx", len(rows))


async def printed(request: Request, staff: Staff) -> Response:
    """The list to print and sign."""
    slug: str = request.path_params["slug"]
    title, columns, rows, under = await _paper(request, staff, everything=False)
    async with request.app.state.db.read() as session:
        standing = await registers.standing(session, staff.scope, slug, today=staff.today)
    content = await asyncio.to_thread(records_list, staff.t, title, columns, rows, under=under, keeper=standing.owner)
    return await _given(request, staff, content, DOCX, "docx", len(rows))


def said(t: Translator, field: Field, value: Value) -> str:
    """A value in words."""
    if value is None or value == "":
        return ""
    if field.type is FieldType.flag:
        return t("registers-yes" if value else "registers-no")
    if field.options:
        return field.options[str(value)][0] if str(value) in field.options else str(value)
    if field.type is FieldType.day:
        day = rules.parse_day(str(value))
        return f"{day:%d.%m.%Y}" if day else str(value)
    return str(value)


async def _form(request: Request, staff: Staff, given: dict[str, str] | None, error: UserError | None) -> Response:
    slug: str = request.path_params["slug"]
    number: int | None = request.path_params.get("id")
    kind = registers.require(staff.scope, slug, Right.registers_edit)
    async with request.app.state.db.read() as session:
        found = await registers.card(session, staff.scope, slug, number) if number is not None else None
        municipalities = await places.municipalities(session)
        if given is None:
            given = await _as_given(session, staff, kind, found.line if found else None)
    return render(
        request,
        "register-form.html",
        staff,
        status=422 if error else 200,
        kind=kind,
        card=found,
        given=given,
        municipalities=municipalities,
        states=[state.value for state in RecordState if found or state is not RecordState.removed],
        error=staff.t(error.key, **error.args_for_text) if error else "",
        types=FieldType,
    )


async def _as_given(session: AsyncSession, staff: Staff, kind: Kind, line: Line | None) -> dict[str, str]:
    if line is None:
        return {"state": "active"}
    values = {f"f-{field.name}": said(staff.t, field, line.values.get(field.name)) for field in kind.fields}
    for field in kind.fields:
        if field.options:
            values[f"f-{field.name}"] = str(line.values.get(field.name) or "")
    place = await places.organisation(session, line.organisation_id) if line.organisation_id else None
    return values | {
        "title": line.title,
        "code": line.code,
        "state": line.state.value,
        "organisation": place.name if place else "",
        "municipality": str(line.municipality_id or ""),
        "person": str(line.person_id or ""),
        "starts_on": f"{line.starts_on:%d.%m.%Y}" if line.starts_on else "",
        "ends_on": f"{line.ends_on:%d.%m.%Y}" if line.ends_on else "",
    }


async def _draft(session: AsyncSession, t: Translator, kind: Kind, given: dict[str, str]) -> Draft:
    values: dict[str, Value] = {}
    for field in kind.fields:
        try:
            values[field.name] = rules.parse(field, given.get(f"f-{field.name}", ""), yes=words().yes, no=words().no)
        except WrongCell as error:
            raise UserError("registers-field", field=field.title, why=t(error.key, **error.args_for_text)) from error
    municipality_id = number_of(given.get("municipality"))
    organisation_id = None
    if typed := given.get("organisation", "").strip():
        found = await places.find_organisations(session, typed, municipality_id=municipality_id, limit=3)
        exact = [place for place in found if folded(place.name) == folded(typed)]
        fits = exact or found
        if len(fits) != 1:
            names = ", ".join(f"{place.name} ({place.municipality})" for place in found)
            raise UserError(
                "registers-which-organisation" if found else "registers-unknown-place", value=typed[:60], names=names
            )
        organisation_id = fits[0].id
    state = given.get("state", "")
    person = given.get("person", "").strip()
    if person and number_of(person) is None:
        raise UserError("registers-no-person")
    return Draft(
        title=" ".join(given.get("title", "").split()),
        values=values,
        state=RecordState(state) if state in set(RecordState) else RecordState.active,
        code=given.get("code", "").strip()[:64] or None,
        person_id=number_of(person),
        organisation_id=organisation_id,
        municipality_id=municipality_id,
        starts_on=_day(given, "starts_on"),
        ends_on=_day(given, "ends_on"),
    )


def _day(given: dict[str, str], name: str) -> date | None:
    typed = given.get(name, "").strip()
    if typed and day_of(typed) is None:
        raise UserError("registers-wrong-day", value=typed[:40])
    return day_of(typed) if typed else None


async def _paper(
    request: Request, staff: Staff, *, everything: bool
) -> tuple[str, list[Column], list[list[Cell]], str]:
    """Title, columns, rows, the line that says on which day it is right."""
    slug: str = request.path_params["slug"]
    kind = registers.require(staff.scope, slug)
    filters = _filters(request)
    t, zone = staff.t, request.app.state.settings.zone
    on = filters.on or staff.today
    async with request.app.state.db.read() as session:
        standing = await registers.standing(session, staff.scope, slug, today=staff.today)
        if kind.is_view:
            seen = await views.view(session, staff.scope, kind, on=on, zone=zone)
            columns = [Column(t(f"registers-column.{name}"), 40) for name in seen.columns]
            rows: list[list[Cell]] = [
                [value if isinstance(value, date | int) else _shown(t, value) for value in row] for row in seen.rows
            ]
            return kind.title, columns, rows, t("registers-paper.on", date=f"{on:%d.%m.%Y}")
        lines = await registers.everything(session, staff.scope, slug, filters)
    shown = [column for column in registers.columns(kind) if everything or column.name not in ("code",)]
    fields = {f"f-{field.name}": field for field in kind.fields}
    widths = {"title": 60, "organisation": 45, "municipality": 35, "starts_on": 22, "ends_on": 22}
    columns = [
        Column(column.title, fields[column.name].width if column.name in fields else widths.get(column.name, 0))
        for column in shown
    ]
    rows = [[_cell(t, column.name, fields, line) for column in shown] for line in lines]
    key = "registers-paper.on" if filters.on or standing.checked_on is None else "registers-paper.checked"
    checked = standing.checked_on or staff.today
    return kind.title, columns, rows, t(key, date=f"{on:%d.%m.%Y}", checked=f"{checked:%d.%m.%Y}")


def _cell(t: Translator, name: str, fields: dict[str, Field], line: Line) -> Cell:
    field = fields.get(name)
    if field is None:
        value = getattr(line, name)
        return t(f"registers-state.{value.value}") if isinstance(value, RecordState) else value
    value = line.values.get(field.name)
    if field.type is FieldType.number:
        return int(value) if isinstance(value, int) else None
    if field.type is FieldType.day:
        return rules.parse_day(str(value or ""))
    return said(t, field, value)


async def _given(request: Request, staff: Staff, content: bytes, media_type: str, ending: str, lines: int) -> Response:
    slug: str = request.path_params["slug"]
    after = {"register": slug, "lines": str(lines)}
    async with request.app.state.db.begin() as session:
        audit.changed(session, staff.scope, "register", 0, "exported", now=staff.now, after=after)
    name = f"{slug}-{staff.today:%Y-%m-%d}.{ending}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _shown(t: Translator, value: object) -> str:
    if value in ("yes", "no"):
        return t(f"registers-{value}")
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    return "" if value is None else str(value)


def _filters(request: Request) -> Filters:
    asked = request.query_params
    state = asked.get("state", "")
    typed = asked.get("on", "")
    on = day_of(typed) if typed else None
    if typed and on is None:
        raise UserError("registers-wrong-day", value=typed[:40])
    return Filters(
        query=asked.get("q", "").replace("\x00", "")[:100].strip(),
        state=RecordState(state) if state in set(RecordState) else None,
        municipality_id=number_of(asked.get("municipality")),
        broken=asked.get("broken") == "yes",
        on=on,
    )


def _asked(filters: Filters) -> dict[str, str]:
    """The filters as a query, for the pager and the papers."""
    return {
        "q": filters.query,
        "state": filters.state.value if filters.state else "",
        "municipality": str(filters.municipality_id or ""),
        "broken": "yes" if filters.broken else "",
        "on": filters.on.isoformat() if filters.on else "",
    }


_see, _edit = Right.registers_see, Right.registers_edit
ROUTES = [
    Route("/registers", for_staff(listing, _see), methods=["GET"]),
    Route("/registers/{slug}", for_staff(one, _see), methods=["GET"]),
    Route("/registers/{slug}/confirm", for_staff(confirm, _edit), methods=["POST"]),
    Route("/registers/{slug}/keeper", for_staff(appoint, _edit), methods=["POST"]),
    Route("/registers/{slug}/list.xlsx", for_staff(sheet, _see), methods=["GET"]),
    Route("/registers/{slug}/list.docx", for_staff(printed, _see), methods=["GET"]),
    Route("/registers/{slug}/new", for_staff(form, _edit), methods=["GET"]),
    Route("/registers/{slug}/new", for_staff(save, _edit), methods=["POST"]),
    Route("/registers/{slug}/{id:int}", for_staff(card, _see), methods=["GET"]),
    Route("/registers/{slug}/{id:int}/edit", for_staff(form, _edit), methods=["GET"]),
    Route("/registers/{slug}/{id:int}/edit", for_staff(save, _edit), methods=["POST"]),
]
