"""Forms: made and watched by the centre, filled in by districts, schools and whoever else was asked."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, day_of, form_of, number_of, render, to
from bot.errors import NotFound, UserError
from bot.i18n import Translator
from bot.models import FormAudience, Role
from bot.rules.forms import MOST_QUESTIONS, TYPES
from bot.rules.registers import FieldType
from bot.screens.forms import said
from bot.services import audit, forms, places
from bot.services.access import Right, scope_of
from bot.services.documents import Column, records_sheet
from bot.services.forms import FormCard, FormDraft, samples
from bot.services.forms.samples import Sample

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LINES = 10


async def listing(request: Request, staff: Staff) -> Response:
    """What waits for me, and (for the centre) every form."""
    async with request.app.state.db.read() as session:
        scope = await scope_of(session, staff.id, today=staff.today)
        mine = await forms.mine(session, scope, today=staff.today)
        every = await forms.listing(session, staff.scope) if staff.may(Right.forms_run) else []
    return render(request, "forms.html", staff, mine=mine, every=every)


async def new(request: Request, staff: Staff) -> Response:
    """An empty form, or a ready-made one to be changed."""
    slug = request.query_params.get("sample", "")
    return await _form(request, staff, _given(samples.sample(slug)) if slug else {}, None)


async def create(request: Request, staff: Staff) -> Response:
    """A draft of what was typed; a mistake keeps it."""
    given = await form_of(request)
    asked = [
        (
            given.get(f"text{n}", ""), given.get(f"type{n}", ""), given.get(f"options{n}", ""),
            bool(given.get(f"required{n}")),
        )
        for n in range(MOST_QUESTIONS)
    ]  # fmt: skip
    audience = given.get("audience", "")
    try:
        typed = given.get("due_on", "").strip()
        if typed and day_of(typed) is None:
            raise UserError("registers-wrong-day", value=typed[:40])
        if audience not in set(FormAudience):
            raise UserError("error-stale")
        draft = FormDraft(
            title=given.get("title", ""),
            about=given.get("about", ""),
            questions=asked,
            audience=FormAudience(audience),
            role=given.get("role", ""),
            municipality_id=number_of(given.get("municipality")),
            due_on=day_of(typed) if typed else None,
            occurrence_id=number_of(given.get("occurrence")),
        )
        async with request.app.state.db.begin() as session:
            number = await forms.create(session, staff.scope, draft, now=staff.now, today=staff.today)
    except UserError as error:
        return await _form(request, staff, given, error)
    return to(request, f"/forms/{number}", done="form-created")


async def card(request: Request, staff: Staff) -> Response:
    """Progress, replies, totals."""
    async with request.app.state.db.read() as session:
        found = await forms.card(session, staff.scope, request.path_params["id"])
    return render(
        request,
        "form.html",
        staff,
        card=found,
        said=lambda field, value: said(staff.t, field, value),
        named=lambda word: _named(staff.t, word),
        shown=request.query_params.get("all") == "yes",
    )


async def act(request: Request, staff: Staff) -> Response:
    """Open (or add those who came since), close."""
    number, what = request.path_params["id"], request.path_params["what"]
    async with request.app.state.db.begin() as session:
        if what == "open":
            await forms.opened(session, staff.scope, number, now=staff.now, today=staff.today)
        elif what == "close":
            await forms.close(session, staff.scope, number, now=staff.now)
        else:
            raise NotFound()
    return to(request, f"/forms/{number}", done=f"form-{what}")


async def sheet(request: Request, staff: Staff) -> Response:
    """Every reply as XLSX; taking it away is recorded."""
    number = request.path_params["id"]
    async with request.app.state.db.read() as session:
        found = await forms.card(session, staff.scope, number)
    content = await asyncio.to_thread(_xlsx, staff.t, found)
    async with request.app.state.db.begin() as session:
        audit.changed(session, staff.scope, "form", number, "exported", now=staff.now)
    name = f"form-{number}-{staff.today:%Y-%m-%d}.xlsx"
    return Response(content, media_type=SHEET, headers={"Content-Disposition": f'attachment; filename="{name}"'})


async def reply(request: Request, staff: Staff) -> Response:
    """A reply to fill in."""
    return await _reply(request, staff, None, None)


async def fill(request: Request, staff: Staff) -> Response:
    """Keep it, or send it in."""
    given = await form_of(request)
    number = request.path_params["id"]
    answers = {name.removeprefix("f-"): value for name, value in given.items() if name.startswith("f-")}
    sending = given.get("do") == "send"
    try:
        async with request.app.state.db.begin() as session:
            scope = await scope_of(session, staff.id, today=staff.today)
            await forms.put(session, scope, number, answers, now=staff.now, today=staff.today)
            if sending:
                await forms.send(session, scope, number, now=staff.now, today=staff.today)
    except NotFound:
        raise
    except UserError as error:
        return await _reply(request, staff, given, error)
    return to(
        request, "/forms" if sending else f"/forms/replies/{number}", done="form-sent" if sending else "form-kept"
    )


async def _reply(request: Request, staff: Staff, given: dict[str, str] | None, error: UserError | None) -> Response:
    async with request.app.state.db.read() as session:
        scope = await scope_of(session, staff.id, today=staff.today)
        filling = await forms.open_reply(session, scope, request.path_params["id"], today=staff.today)
    if given is None:
        given = {}
        for field in filling.fields:
            value = filling.answers.get(field.name)
            plain = str(value or "") if field.options else said(staff.t, field, value)
            if field.type is FieldType.flag and value is not None:
                plain = staff.t("registers-yes" if value else "registers-no")
            given[f"f-{field.name}"] = plain
    return render(
        request,
        "form-reply.html",
        staff,
        status=422 if error else 200,
        filling=filling,
        given=given,
        error=staff.t(error.key, **error.args_for_text) if error else "",
    )


async def _form(request: Request, staff: Staff, given: dict[str, str], error: UserError | None) -> Response:
    async with request.app.state.db.read() as session:
        municipalities = await places.municipalities(session)
        days = await forms.terms(session, staff.scope, today=staff.today)
    filled = [n for n in range(MOST_QUESTIONS) if given.get(f"text{n}")]
    return render(
        request,
        "form-new.html",
        staff,
        status=422 if error else 200,
        given=given,
        lines=min(MOST_QUESTIONS, max([LINES, *(n + 3 for n in filled)])),
        types=[kind.value for kind in TYPES],
        audiences=[one.value for one in FormAudience],
        roles=[role.value for role in Role],
        municipalities=municipalities,
        days=days,
        samples=list(samples.samples().values()),
        error=staff.t(error.key, **error.args_for_text) if error else "",
    )


def _given(of: Sample) -> dict[str, str]:
    """A ready-made form as the page would send it."""
    given = {"title": of.title, "about": of.about, "audience": of.audience.value, "role": of.role}
    for n, (text, kind, options, required) in enumerate(of.questions):
        given |= {f"text{n}": text, f"type{n}": kind, f"options{n}": options, f"required{n}": "yes" if required else ""}
    return given


def _named(t: Translator, word: str) -> str:
    return t(f"registers-{word}") if word in ("yes", "no") else word


def _xlsx(t: Translator, found: FormCard) -> bytes:
    columns = [Column(t("admin-form.who"), 60), Column(t("admin-form.state"), 24), Column(t("admin-form.sent-at"), 24)]
    columns += [Column(field.title, 40) for field in found.fields]
    rows: list[list[str | int]] = []
    for one in found.replies:
        row: list[str | int] = [
            one.name, t(f"forms-reply.{one.state.value}"), f"{one.sent_at:%d.%m.%Y}" if one.sent_at else "",
        ]  # fmt: skip
        for field in found.fields:
            value = one.answers.get(field.name) if one.state.value == "sent" else None
            row.append(value if field.type is FieldType.number and isinstance(value, int) else said(t, field, value))
        rows.append(row)
    return records_sheet(
        found.line.title, columns, rows, note=t("admin-form.of", n=found.line.sent, total=found.line.total)
    )


_run, _open = Right.forms_run, Right.admin_open
ROUTES = [
    Route("/forms", for_staff(listing, _open), methods=["GET"]),
    Route("/forms/new", for_staff(new, _run), methods=["GET"]),
    Route("/forms/new", for_staff(create, _run), methods=["POST"]),
    Route("/forms/replies/{id:int}", for_staff(reply, _open), methods=["GET"]),
    Route("/forms/replies/{id:int}", for_staff(fill, _open), methods=["POST"]),
    Route("/forms/{id:int}", for_staff(card, _run), methods=["GET"]),
    Route("/forms/{id:int}.xlsx", for_staff(sheet, _run), methods=["GET"]),
    Route("/forms/{id:int}/{what}", for_staff(act, _run), methods=["POST"]),
]
