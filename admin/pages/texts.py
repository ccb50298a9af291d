"""«Тексты»: every wording of the product; staff may put their own in its place."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, form_of, page_of, render, to
from bot.services import people_list, texts
from bot.services.access import Right
from bot.services.texts import Wording, WordingRefused

SIZE = 25


async def listing(request: Request, staff: Staff) -> Response:
    """A page of texts."""
    asked = request.query_params
    query, subject = asked.get("q", "").replace("\x00", "")[:100].strip(), asked.get("subject", "")
    changed = asked.get("changed") == "1"
    wordings = request.app.state.texts
    async with request.app.state.db.read() as session:
        found = await texts.listed(session, staff.scope, wordings, query=query, subject=subject, changed_only=changed)
    page = page_of(request)
    return render(
        request,
        "texts.html",
        staff,
        lines=found[page * SIZE : (page + 1) * SIZE],
        total=len(found),
        page=page,
        size=SIZE,
        query=query,
        subject=subject,
        changed=changed,
        subjects=texts.subjects(wordings),
    )


async def edit(request: Request, staff: Staff) -> Response:
    """One text: shipped beside one's own."""
    key: str = request.path_params["key"]
    async with request.app.state.db.read() as session:
        found = await texts.one(session, staff.scope, request.app.state.texts, key)
    return await _page(request, staff, found, found.now)


async def save(request: Request, staff: Staff) -> Response:
    """Keep one's own wording, when it keeps to the rules of a screen."""
    key: str = request.path_params["key"]
    form = await form_of(request)
    text = form.get("text", "")
    wordings = request.app.state.texts
    try:
        async with request.app.state.db.begin() as session:
            await texts.save(session, staff.scope, wordings, key, text, now=staff.now)
    except WordingRefused as refusal:
        async with request.app.state.db.read() as session:
            found = await texts.one(session, staff.scope, wordings, key)
        problems = [staff.t(f"admin-wording.{one.kind}", **one.args) for one in refusal.problems]
        return await _page(request, staff, found, text, problems=problems)
    await texts.refresh(request.app.state.db, wordings)
    return to(request, f"/texts/{key}", done="saved")


async def restore(request: Request, staff: Staff) -> Response:
    """The shipped wording again."""
    key: str = request.path_params["key"]
    async with request.app.state.db.begin() as session:
        await texts.restore(session, staff.scope, request.app.state.texts, key, now=staff.now)
    await texts.refresh(request.app.state.db, request.app.state.texts)
    return to(request, f"/texts/{key}", done="restored")


async def _page(
    request: Request, staff: Staff, found: Wording, text: str, *, problems: list[str] | None = None
) -> Response:
    async with request.app.state.db.read() as session:
        names = await people_list.names_of(session, [found.changed_by_id or 0])
    return render(
        request,
        "text.html",
        staff,
        status=422 if problems else 200,
        found=found,
        text=text,
        rows=min(20, max(3, text.count("\n") + len(text) // 60 + 2)),
        problems=problems or [],
        changed_by=names.get(found.changed_by_id or 0, ""),
    )


ROUTES = [
    Route("/texts", for_staff(listing, Right.texts_edit), methods=["GET"]),
    Route("/texts/{key}", for_staff(edit, Right.texts_edit), methods=["GET"]),
    Route("/texts/{key}", for_staff(save, Right.texts_edit), methods=["POST"]),
    Route("/texts/{key}/restore", for_staff(restore, Right.texts_edit), methods=["POST"]),
]
