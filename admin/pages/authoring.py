"""Authoring: a version's page, editing a draft, the way to publication, experts, competence groups."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, day_of, form_of, number_of, render, to
from bot.errors import UserError
from bot.models import InstrumentKind, VersionState
from bot.questions import KINDS, Problem
from bot.services.access import Right
from bot.services.diagnostics import InstrumentRefused, drafts, editing, sheets
from bot.services.diagnostics.source import ITEM_KINDS, ItemFile, write_yaml

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ORDER = list(VersionState)


async def work(request: Request, staff: Staff) -> Response:
    """A version: where it stands, what is wrong, its questions."""
    return await _page(request, staff, request.path_params["version"])


async def _page(
    request: Request, staff: Staff, version_id: int, *, refused: tuple[Problem, ...] = (), status: int = 200
) -> Response:
    async with request.app.state.db.read() as session:
        card = await drafts.card(session, staff.scope, version_id)
        groups = await drafts.competence_groups(session)
    said = [staff.t(one.key, **one.args) for one in card.problems]
    missing = [staff.t(one.key, **one.args) for one in card.missing]
    numbers = iter(card.item_ids)
    ids = {item.code: next(numbers) for item in card.source.items}
    return render(
        request,
        "version.html",
        staff,
        status=status,
        card=card,
        problems=said,
        missing=missing,
        refused=[staff.t(one.key, **one.args) for one in refused],
        ids=ids,
        order=ORDER,
        place=ORDER.index(card.state),
        free=[group for group in groups if group.slug not in {one.slug for one in card.source.groups}],
        may_edit=staff.may(Right.instruments_edit),
        item_kinds=ITEM_KINDS[card.source.kind],
        is_test=card.source.kind is InstrumentKind.test_key,
        is_self=card.source.kind is InstrumentKind.self_likert,
    )


async def take_in(request: Request, staff: Staff) -> Response:
    """A file becomes a draft."""
    name, content = await _upload(request)
    source = await asyncio.to_thread(sheets.read_any, content, name)
    async with request.app.state.db.begin() as session:
        version_id = await drafts.take_in(session, staff.scope, source, now=staff.now)
    return to(request, f"/instruments/{version_id}/work", done="drafted")


async def replace(request: Request, staff: Staff) -> Response:
    """Put a file's content into this draft."""
    version_id: int = request.path_params["version"]
    name, content = await _upload(request)
    source = await asyncio.to_thread(sheets.read_any, content, name)
    async with request.app.state.db.begin() as session:
        await drafts.replace(session, staff.scope, version_id, source, now=staff.now)
    return to(request, f"/instruments/{version_id}/work", done="draft-saved")


async def export(request: Request, staff: Staff) -> Response:
    """The version as a file, keys included: only for those who edit."""
    version_id: int = request.path_params["version"]
    async with request.app.state.db.read() as session:
        source = await drafts.source(session, staff.scope, version_id)
    ending = request.path_params["ending"]
    name = f"{source.slug}-{source.version}.{ending}"
    if ending == "xlsx":
        content, media = await asyncio.to_thread(sheets.write_workbook, source), SHEET
    else:
        content, media = write_yaml(source), "application/yaml"
    return Response(content, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})


async def edit(request: Request, staff: Staff) -> Response:
    """To the draft of this version."""
    async with request.app.state.db.begin() as session:
        draft = await drafts.edit(session, staff.scope, request.path_params["version"], now=staff.now)
    return to(request, f"/instruments/{draft}/work")


async def drop(request: Request, staff: Staff) -> Response:
    """Throw the draft away."""
    async with request.app.state.db.begin() as session:
        await drafts.drop(session, staff.scope, request.path_params["version"], now=staff.now)
    return to(request, "/instruments", done="draft-dropped")


async def advance(request: Request, staff: Staff) -> Response:
    """One step further; what stands in the way is listed."""
    version_id: int = request.path_params["version"]
    form = await form_of(request)
    state = form.get("to", "")
    if state not in set(VersionState):
        raise UserError("diagnostics-no-such-step")
    try:
        async with request.app.state.db.begin() as session:
            await drafts.advance(
                session,
                staff.scope,
                version_id,
                VersionState(state),
                now=staff.now,
                protocol=form.get("protocol", ""),
                on=day_of(form.get("on", "")),
            )
    except InstrumentRefused as refusal:
        return await _page(request, staff, version_id, refused=refusal.problems, status=422)
    return to(request, f"/instruments/{version_id}/work", done=f"to-{state}")


async def rate(request: Request, staff: Staff) -> Response:
    """Ratings of one expert."""
    version_id: int = request.path_params["version"]
    form = await form_of(request)
    ratings = {
        number: int(value)
        for name, value in form.items()
        if name.startswith("item") and (number := number_of(name[4:])) and value in ("1", "2", "3", "4")
    }
    async with request.app.state.db.begin() as session:
        await drafts.rate(session, staff.scope, version_id, form.get("expert", ""), ratings, now=staff.now)
    return to(request, f"/instruments/{version_id}/work", done="rated")


async def head(request: Request, staff: Staff) -> Response:
    """Title, subject, time, instruction of a draft."""
    version_id: int = request.path_params["version"]
    form = await form_of(request)
    changes: dict[str, Any] = {
        name: form[name].strip() for name in ("title", "instruction", "subject", "form") if name in form
    }
    changes["minutes"] = number_of(form.get("minutes"), least=1, most=240) or 7
    changes["time_limit"] = number_of(form.get("time_limit"), least=1, most=600)
    if "scale" in form:
        changes["scale"] = [line.strip() for line in form["scale"].splitlines() if line.strip()]
    async with request.app.state.db.begin() as session:
        await editing.save_head(session, staff.scope, version_id, changes, now=staff.now)
    return to(request, f"/instruments/{version_id}/work", done="draft-saved")


async def add_group(request: Request, staff: Staff) -> Response:
    """A group of the reference into the draft."""
    version_id: int = request.path_params["version"]
    slug = (await form_of(request)).get("group", "")
    async with request.app.state.db.begin() as session:
        found = next((one for one in await drafts.competence_groups(session) if one.slug == slug), None)
        if found is None:
            raise UserError("diagnostics-group-title")
        await editing.add_group(session, staff.scope, version_id, found.slug, found.title, now=staff.now)
    return to(request, f"/instruments/{version_id}/work", done="draft-saved")


async def drop_group(request: Request, staff: Staff) -> Response:
    """A group out of the draft, with its questions."""
    version_id: int = request.path_params["version"]
    slug = (await form_of(request)).get("group", "")
    async with request.app.state.db.begin() as session:
        await editing.drop_group(session, staff.scope, version_id, slug, now=staff.now)
    return to(request, f"/instruments/{version_id}/work", done="draft-saved")


async def item(request: Request, staff: Staff) -> Response:
    """One question of a draft, or a new one."""
    version_id: int = request.path_params["version"]
    code = request.query_params.get("code", "")
    async with request.app.state.db.read() as session:
        card = await drafts.card(session, staff.scope, version_id)
    group = next((one for one in card.source.groups for old in one.items if old.code == code and code), None)
    found = next((old for old in card.source.items if old.code == code and code), None)
    made = found or ItemFile.model_construct(code="", text="", kind=ITEM_KINDS[card.source.kind][0])
    values = _values(made) | {"group": group.slug if group else request.query_params.get("group", "")}
    return _item_page(request, staff, card, code if found else "", values)


async def save_item(request: Request, staff: Staff) -> Response:
    """Keep one question; what is wrong with its key is said on the version's page, what cannot be read at once."""
    version_id: int = request.path_params["version"]
    form = await form_of(request)
    code = form.get("old", "")
    try:
        async with request.app.state.db.begin() as session:
            await editing.save_item(
                session, staff.scope, version_id, code, form.get("group", ""), _item_of(form), now=staff.now
            )
    except UserError as failure:
        if failure.key in ("error-no-access", "error-not-found", "diagnostics-published"):
            raise
        async with request.app.state.db.read() as session:
            card = await drafts.card(session, staff.scope, version_id)
        said = staff.t(failure.key, **failure.args_for_text)
        return _item_page(request, staff, card, code, form, said=said)
    return to(request, f"/instruments/{version_id}/work", done="draft-saved")


async def change_item(request: Request, staff: Staff) -> Response:
    """Up, down or out."""
    version_id: int = request.path_params["version"]
    form = await form_of(request)
    code, verb = form.get("code", ""), form.get("do", "")
    async with request.app.state.db.begin() as session:
        if verb == "drop":
            await editing.drop_item(session, staff.scope, version_id, code, now=staff.now)
        else:
            by = -1 if verb == "up" else 1
            await editing.move_item(session, staff.scope, version_id, code, by, now=staff.now)
    return to(request, f"/instruments/{version_id}/work", done="draft-saved")


def _item_page(
    request: Request, staff: Staff, card: drafts.VersionCard, code: str, values: dict[str, str], *, said: str = ""
) -> Response:
    return render(
        request,
        "item.html",
        staff,
        status=422 if said else 200,
        card=card,
        code=code,
        values=values,
        said=said,
        kinds=ITEM_KINDS[card.source.kind],
        is_test=card.source.kind is InstrumentKind.test_key,
    )


def _values(item: ItemFile) -> dict[str, str]:
    kind = KINDS.get(item.kind)
    key: Any = kind.written(kind.key(item.key)) if kind and kind.has_key else None
    tolerance = ""
    if isinstance(key, dict):
        key, tolerance = key.get("value"), f"{key.get('tolerance'):g}"
    words = "\n".join(key) if item.kind == "text" and isinstance(key, list) else None
    plain = words if words is not None else ", ".join(map(str, key)) if isinstance(key, list) else key
    return {
        "code": item.code,
        "kind": item.kind,
        "text": item.text,
        "short": getattr(item, "short", ""),
        "preschool": getattr(item, "preschool", ""),
        "texts": "\n".join(f"{name}: {text}" for name, text in getattr(item, "texts", {}).items()),
        "options": "\n".join(getattr(item, "options", [])),
        "key": "" if plain is None else f"{plain:g}" if isinstance(plain, float) else str(plain),
        "tolerance": tolerance,
        "points": f"{item.points:g}" if item.points else "",
    }


def _item_of(form: dict[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = {name: form.get(name, "").strip() for name in ("code", "kind", "text", "short", "preschool")}
    made["options"] = [line.strip() for line in form.get("options", "").splitlines() if line.strip()]
    key = form.get("key", "").strip()
    tolerance = form.get("tolerance", "").strip()
    if key:
        made["key"] = {"value": key, "tolerance": tolerance} if made["kind"] == "number" and tolerance else key
    points = form.get("points", "").strip().replace(",", ".")
    if points:
        made["points"] = points
    texts = [line.partition(":") for line in form.get("texts", "").splitlines() if ":" in line]
    made["texts"] = {name.strip(): text.strip() for name, _, text in texts if name.strip() and text.strip()}
    return made


async def groups(request: Request, staff: Staff) -> Response:
    """The reference of competence groups."""
    async with request.app.state.db.read() as session:
        found = await drafts.competence_groups(session)
    return render(request, "competences.html", staff, groups=found, may_edit=staff.may(Right.instruments_edit))


async def save_group(request: Request, staff: Staff) -> Response:
    """Add or rename a group."""
    form = await form_of(request)
    async with request.app.state.db.begin() as session:
        await drafts.save_group(
            session, staff.scope, form.get("slug", "").strip(), form.get("title", ""), now=staff.now
        )
    return to(request, "/competences", done="group-saved")


async def _upload(request: Request) -> tuple[str, bytes]:
    async with request.form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise UserError("admin-no-file")
        return file.filename, await file.read(sheets.MAX_BYTES + 1)


_see, _edit = Right.instruments_see, Right.instruments_edit
ROUTES = [
    Route("/instruments/import", for_staff(take_in, _edit), methods=["POST"]),
    Route("/instruments/{version:int}/work", for_staff(work, _see), methods=["GET"]),
    Route("/instruments/{version:int}/export.{ending:str}", for_staff(export, _edit), methods=["GET"]),
    Route("/instruments/{version:int}/edit", for_staff(edit, _edit), methods=["POST"]),
    Route("/instruments/{version:int}/replace", for_staff(replace, _edit), methods=["POST"]),
    Route("/instruments/{version:int}/drop", for_staff(drop, _edit), methods=["POST"]),
    Route("/instruments/{version:int}/advance", for_staff(advance, _edit), methods=["POST"]),
    Route("/instruments/{version:int}/rate", for_staff(rate, _edit), methods=["POST"]),
    Route("/instruments/{version:int}/head", for_staff(head, _edit), methods=["POST"]),
    Route("/instruments/{version:int}/groups", for_staff(add_group, _edit), methods=["POST"]),
    Route("/instruments/{version:int}/groups/drop", for_staff(drop_group, _edit), methods=["POST"]),
    Route("/instruments/{version:int}/item", for_staff(item, _edit), methods=["GET"]),
    Route("/instruments/{version:int}/item", for_staff(save_item, _edit), methods=["POST"]),
    Route("/instruments/{version:int}/item/change", for_staff(change_item, _edit), methods=["POST"]),
    Route("/competences", for_staff(groups, _see), methods=["GET"]),
    Route("/competences", for_staff(save_group, _edit), methods=["POST"]),
]
