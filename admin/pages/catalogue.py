"""The catalogue of activities: list, card, editing, archive, its sheet."""

from __future__ import annotations

import asyncio
import io
from datetime import date

import xlsxwriter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, day_of, number_of, page_of, render, to
from bot.errors import UserError
from bot.models import ActivityForm, ActivityKind
from bot.services import audit, catalogue
from bot.services.access import Right
from bot.services.catalogue import ActivityLine, Draft, Filters
from bot.services.catalogue.editing import AUDIENCES

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def listing(request: Request, staff: Staff) -> Response:
    """A page of the catalogue."""
    filters = _filters(request, staff.today)
    async with request.app.state.db.read() as session:
        found = await catalogue.page(session, staff.scope, filters, number=page_of(request))
        groups, subjects = await catalogue.lists(session)
    return render(
        request,
        "catalogue.html",
        staff,
        found=found,
        filters=filters,
        asked=_asked(filters),
        groups=groups,
        subjects=subjects,
        kinds=[kind.value for kind in ActivityKind],
    )


async def sheet(request: Request, staff: Staff) -> Response:
    """The same list as XLSX; making it is recorded."""
    filters = _filters(request, staff.today)
    async with request.app.state.db.read() as session:
        lines = await catalogue.everything(session, staff.scope, filters)
    async with request.app.state.db.begin() as session:
        audit.changed(session, staff.scope, "catalogue", 0, "exported", now=staff.now, after={"lines": str(len(lines))})
    content = await asyncio.to_thread(_xlsx, staff, lines)
    name = f"catalogue-{staff.today:%Y-%m-%d}.xlsx"
    return Response(content, media_type=SHEET, headers={"Content-Disposition": f'attachment; filename="{name}"'})


async def card(request: Request, staff: Staff) -> Response:
    """One activity."""
    async with request.app.state.db.read() as session:
        found = await catalogue.card(session, request.path_params["id"])
    return render(request, "activity.html", staff, card=found)


async def form(request: Request, staff: Staff) -> Response:
    """A new line, or one to be changed."""
    number: int | None = request.path_params.get("id")
    async with request.app.state.db.read() as session:
        found = await catalogue.card(session, number) if number is not None else None
        groups, subjects = await catalogue.lists(session)
    return render(
        request,
        "activity-form.html",
        staff,
        card=found,
        groups=groups,
        subjects=subjects,
        kinds=[kind.value for kind in ActivityKind],
        forms=[form.value for form in ActivityForm],
        audiences=AUDIENCES,
    )


async def save(request: Request, staff: Staff) -> Response:
    """What the form holds; a mistake is said in words, the browser's «назад» keeps what was typed."""
    number: int | None = request.path_params.get("id")
    async with request.form(max_files=0, max_fields=200) as raw:
        fields = {name: str(value).strip() for name, value in raw.items()}
        several = {name: tuple(str(one) for one in raw.getlist(name)) for name in ("groups", "subjects", "audiences")}
    async with request.app.state.db.begin() as session:
        old = await catalogue.card(session, number) if number is not None else None
        requires = tuple(needed for needed, _ in old.requires) if old else ()
        draft = _draft(fields, several, requires)
        saved = await catalogue.save(session, staff.scope, draft, activity_id=number, now=staff.now)
    return to(request, f"/catalogue/{saved}", done="activity")


async def archive(request: Request, staff: Staff) -> Response:
    """Out of drafts and search, or back."""
    number: int = request.path_params["id"]
    active = request.query_params.get("back") == "yes"
    async with request.app.state.db.begin() as session:
        await catalogue.archive(session, staff.scope, number, active=active, now=staff.now)
    return to(request, f"/catalogue/{number}", done="activity-back" if active else "activity-archived")


def _draft(fields: dict[str, str], several: dict[str, tuple[str, ...]], requires: tuple[int, ...]) -> Draft:
    def number(name: str) -> int | None:
        value = fields.get(name, "")
        if value and number_of(value, most=10**6) is None:
            raise UserError("catalogue-wrong-number", value=value[:40])
        return number_of(value)

    def day(name: str) -> date | None:
        value = fields.get(name, "")
        if value and day_of(value) is None:
            raise UserError("catalogue-wrong-day", value=value[:40])
        return day_of(value) if value else None

    kind, way = fields.get("kind", ""), fields.get("form", "")
    if kind not in set(ActivityKind) or way not in set(ActivityForm):
        raise UserError("error-stale")
    return Draft(
        kind=ActivityKind(kind),
        title=" ".join(fields.get("title", "").split()),
        form=ActivityForm(way),
        hours=number("hours") or 0,
        groups=several["groups"],
        code=fields.get("code", "")[:64] or None,
        about=fields.get("about", "")[:2000],
        organiser=fields.get("organiser", "")[:255],
        subjects=several["subjects"],
        audiences=several["audiences"],
        starts_on=day("starts_on"),
        ends_on=day("ends_on"),
        seats=number("seats"),
        link=fields.get("link", "")[:500],
        in_register=bool(fields.get("register_number")),
        register_number=fields.get("register_number", "")[:64],
        register_until=day("register_until"),
        requires=requires,
    )


def _filters(request: Request, today: date) -> Filters:
    asked = request.query_params
    kind = asked.get("kind", "")
    return Filters(
        query=asked.get("q", "").replace("\x00", "")[:100].strip(),
        kind=ActivityKind(kind) if kind in set(ActivityKind) else None,
        group=asked.get("group", "")[:32].replace("\x00", ""),
        subject=asked.get("subject", "")[:32].replace("\x00", ""),
        archived=asked.get("archived") == "yes",
        broken_on=today if asked.get("broken") == "yes" else None,
    )


def _asked(filters: Filters) -> dict[str, str]:
    """The filters as a query, for the pager and the sheet."""
    return {
        "q": filters.query,
        "kind": filters.kind.value if filters.kind else "",
        "group": filters.group,
        "subject": filters.subject,
        "archived": "yes" if filters.archived else "",
        "broken": "yes" if filters.broken_on else "",
    }


def _xlsx(staff: Staff, lines: list[ActivityLine]) -> bytes:
    t = staff.t
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet(t("admin-catalogue.sheet"))
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    when = book.add_format({"num_format": "dd.mm.yyyy"})
    columns = (
        ("code", 12), ("kind", 30), ("name", 56), ("organiser", 34), ("form", 20), ("hours", 10), ("groups", 34),
        ("subjects", 30), ("starts", 14), ("ends", 14), ("seats", 10),
    )  # fmt: skip
    for column, (name, width) in enumerate(columns):
        page.set_column(column, column, width)
        page.write_string(0, column, t(f"admin-catalogue.{name}"), head)
    for row, line in enumerate(lines, start=1):
        words = {
            0: line.code,
            1: t(f"catalogue-kind.{line.kind.value}"),
            2: line.title,
            3: line.organiser,
            4: t(f"catalogue-form.{line.form.value}"),
            6: ", ".join(line.groups),
            7: ", ".join(line.subjects),
        }
        for column, text in words.items():
            page.write_string(row, column, text)
        page.write_number(row, 5, line.hours)
        for column, value in ((8, line.starts_on), (9, line.ends_on)):
            if value is not None:
                page.write_datetime(row, column, value, when)
        if line.seats is not None:
            page.write_number(row, 10, line.seats)
    page.freeze_panes(1, 3)
    page.autofilter(0, 0, max(1, len(lines)), len(columns) - 1)
    book.close()
    return out.getvalue()


ROUTES = [
    Route("/catalogue", for_staff(listing, Right.catalogue_see), methods=["GET"]),
    Route("/catalogue.xlsx", for_staff(sheet, Right.catalogue_see), methods=["GET"]),
    Route("/catalogue/new", for_staff(form, Right.catalogue_edit), methods=["GET"]),
    Route("/catalogue/new", for_staff(save, Right.catalogue_edit), methods=["POST"]),
    Route("/catalogue/{id:int}", for_staff(card, Right.catalogue_see), methods=["GET"]),
    Route("/catalogue/{id:int}/edit", for_staff(form, Right.catalogue_edit), methods=["GET"]),
    Route("/catalogue/{id:int}/edit", for_staff(save, Right.catalogue_edit), methods=["POST"]),
    Route("/catalogue/{id:int}/archive", for_staff(archive, Right.catalogue_edit), methods=["POST"]),
]
