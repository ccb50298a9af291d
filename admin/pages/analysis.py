"""Item analysis of a version: each question judged in words, reliability of the groups."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, form_of, number_of, render, to
from bot.errors import NotFound
from bot.i18n import NBSP
from bot.rules import item_analysis as rules
from bot.rules.item_analysis import Band
from bot.services import audit
from bot.services.access import Right
from bot.services.diagnostics import analysis, shortening
from bot.services.diagnostics import analysis_papers as papers
from bot.services.diagnostics.analysis import Analysis, ItemLine

SIGN = {Band.green: "ok", Band.look: "ask", Band.red: "bad"}
TONE = {Band.green: "", Band.look: "warn", Band.red: "bad"}
STATES = ("draft", "review", "trial", "verified", "archived")


async def page(request: Request, staff: Staff) -> Response:
    """One group of items at a time; the others are tabs."""
    async with request.app.state.db.read() as session:
        found = await analysis.analyse(session, staff.scope, request.path_params["version"])
        short = await shortening.standing(session, staff.scope, found.version_id, n=found.n)
    place = min(number_of(request.query_params.get("group")) or 0, max(0, len(found.groups) - 1))
    group = found.groups[place] if found.groups else None
    return render(
        request,
        "analysis.html",
        staff,
        found=found,
        short=short if found.is_test else None,
        group=group,
        place=place,
        reasons={item.item_id: _reasons(staff, found, item) for item in (group.items if group else ())},
        missing=max(0, rules.HIDDEN_BELOW - found.n),
        states=STATES,
        sign=SIGN,
        tone=TONE,
        coefficient=coefficient,
        share=share,
    )


async def shorten(request: Request, staff: Staff) -> Response:
    """Compute, simulate and switch on; or, with ``on=no``, switch off."""
    version_id, now = request.path_params["version"], staff.now
    form = await form_of(request)
    db = request.app.state.db
    if form.get("on") == "no":
        async with db.begin() as session:
            await shortening.switch_off(session, staff.scope, version_id, now=now)
        return to(request, f"/instruments/{version_id}/analysis", done="whole")
    async with db.read() as session:
        answers = await shortening.gather(session, staff.scope, version_id)
    computed = await asyncio.to_thread(shortening.compute, answers)
    async with db.begin() as session:
        found = await shortening.keep(session, staff.scope, computed, now=now)
    done = "shortened" if found.keeps_its_promise else "no-gain"
    return to(request, f"/instruments/{version_id}/analysis", done=done)


async def report(request: Request, staff: Staff) -> Response:
    """The whole analysis as a paper; making it is recorded."""
    kind = request.path_params["kind"]
    if kind not in ("docx", "xlsx"):
        raise NotFound()
    async with request.app.state.db.read() as session:
        found = await analysis.analyse(session, staff.scope, request.path_params["version"])
    reasons = {item.item_id: _reasons(staff, found, item) for group in found.groups for item in group.items}
    if kind == "docx":
        content = await asyncio.to_thread(papers.docx, staff.t, found, reasons, made=staff.now)
    else:
        content = await asyncio.to_thread(papers.xlsx, staff.t, found, reasons)
    async with request.app.state.db.begin() as session:
        audit.changed(session, staff.scope, "instrument", found.version_id, "exported", now=staff.now)
    name = f"analysis-{found.version_id}-{staff.today:%Y-%m-%d}.{kind}"
    media_type = papers.DOCX if kind == "docx" else papers.XLSX
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def coefficient(value: float | None) -> str:
    """«0,74», «−0,12», «—» for nothing."""
    return "—" if value is None else f"{value:.2f}".replace(".", ",").replace("-", "−")


def share(value: float | None) -> str:
    """0.714 as «71 %»."""
    return "—" if value is None else f"{value * 100:.0f}{NBSP}%"


def _reasons(staff: Staff, found: Analysis, item: ItemLine) -> str:
    """Why the item is worth a look, in words."""
    one = item.statistics
    told = []
    for flag in one.flags:
        option = ""
        if one.piled is not None:
            place = one.piled[0] - 1
            option = found.scale[place] if place < len(found.scale) else str(one.piled[0])
        told.append(
            staff.t(
                f"analysis-flag.{flag.value}",
                share=share(one.piled[1] if one.piled else one.skipped),
                skipped=share(one.skipped),
                option=option,
                options=", ".join(str(d.option) for d in one.distractors if d.band is not Band.green),
                alpha=coefficient(one.alpha_without),
            )
        )
    return ". ".join(told)


ROUTES = [
    Route("/instruments/{version:int}/analysis", for_staff(page, Right.instruments_see), methods=["GET"]),
    Route("/instruments/{version:int}/shorten", for_staff(shorten, Right.instruments_edit), methods=["POST"]),
    Route("/instruments/{version:int}/analysis.{kind:str}", for_staff(report, Right.instruments_see), methods=["GET"]),
]
