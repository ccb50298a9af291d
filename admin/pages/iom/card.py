"""One route: its card, evidence with a verdict, wishes, the end."""

from __future__ import annotations

import asyncio
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, form_of, number_of, render, to
from bot.errors import NotFound
from bot.models import Advice, IomState
from bot.services import files
from bot.services.access import Right
from bot.services.iom import agreeing, closing, desk, following, reach, revising

LIFE = (IomState.draft, IomState.offered, IomState.agreed, IomState.approved, IomState.active, IomState.exit_check)
"""Stations of the line at the top; the end is the last one."""


async def card(request: Request, person: Staff) -> Response:
    """The whole route; the look is recorded."""
    iom_id: int = request.path_params["id"]
    async with request.app.state.db.begin() as session:
        route = await reach.opened(session, person.scope, iom_id, now=person.now, today=person.today)
        here = await reach.scope_here(session, person.scope)
        clashes, gone = await desk.pitfalls(session, route)
        work = await desk.work_of(session, route.person_id)
        moves, revisions = await desk.story(session, iom_id), await desk.revisions(session, iom_id)
    at = LIFE.index(IomState.active if route.state is IomState.paused else route.state) if route.state in (
        *LIFE, IomState.paused,
    ) else len(LIFE)  # fmt: skip
    return render(
        request,
        "iom-card.html",
        person,
        route=route,
        work=work,
        life=[state.value for state in LIFE],
        at=at,
        progress=route.progress(person.today),
        elapsed=_elapsed(route.starts.toordinal(), route.ends.toordinal(), person.today.toordinal()),
        groups={deficit.slug: deficit.title for deficit in route.deficits},
        clashes=clashes,
        gone=gone,
        moves=moves,
        revisions=revisions,
        may_edit=here.may(Right.iom_edit),
        may_approve=here.may(Right.iom_approve),
        exit_ready=closing.ready(route),
        advices=[advice.value for advice in Advice],
    )


async def step(request: Request, person: Staff) -> Response:
    """A step with everything that was sent for it."""
    iom_id: int = request.path_params["id"]
    async with request.app.state.db.begin() as session:
        route = await reach.opened(session, person.scope, iom_id, now=person.now, today=person.today)
        found = route.step(request.path_params["step"])
        if found is None:
            raise NotFound()
        here = await reach.scope_here(session, person.scope)
        sent = await following.sent(session, [found.id])
    return render(
        request,
        "iom-step.html",
        person,
        route=route,
        step=found,
        sent=list(reversed(sent.get(found.id, []))),
        may_edit=here.may(Right.iom_edit),
    )


async def verdict(request: Request, person: Staff) -> Response:
    """Accept, or return with words."""
    form = await form_of(request)
    async with request.app.state.db.begin() as session:
        await following.verdict(
            session, person.scope, request.path_params["id"], request.path_params["step"],
            accept=form.get("verdict") == "accept", comment=form.get("comment", ""), now=person.now, today=person.today,
        )  # fmt: skip
    return to(request, "/iom/queue", done="iom-verdict")


async def file(request: Request, person: Staff) -> Response:
    """A file of the evidence, offered for download only; the look is recorded."""
    iom_id: int = request.path_params["id"]
    async with request.app.state.db.begin() as session:
        stored = await following.file_for(
            session, person.scope, iom_id, request.path_params["file"], now=person.now, today=person.today
        )
        path = await files.path_of(session, request.app.state.settings, stored.id)
        ending = "".join(sign for sign in stored.name.rpartition(".")[2] if sign.isascii() and sign.isalnum())[:8]
    content = await asyncio.to_thread(Path.read_bytes, path)
    headers = {"Content-Disposition": f'attachment; filename="iom-{iom_id}-{stored.id}.{ending or "bin"}"'}
    return Response(content, media_type="application/octet-stream", headers=headers)


async def answer(request: Request, person: Staff) -> Response:
    """The methodist's word on what the teacher asks for."""
    iom_id: int = request.path_params["id"]
    form = await form_of(request)
    async with request.app.state.db.begin() as session:
        await revising.decide_asked(
            session, person.scope, iom_id, number_of(form.get("change")) or 0, agree=form.get("agree") == "yes",
            now=person.now, today=person.today,
        )  # fmt: skip
    return to(request, f"/iom/{iom_id}", done="iom-answered")


async def offer(request: Request, person: Staff) -> Response:
    """To the teacher, or straight to approval when she has agreed to these steps already."""
    iom_id: int = request.path_params["id"]
    async with request.app.state.db.begin() as session:
        state = await agreeing.offer(session, person.scope, iom_id, now=person.now, today=person.today)
    return to(request, f"/iom/{iom_id}", done="iom-agreed" if state is IomState.agreed else "iom-offered")


async def to_exit(request: Request, person: Staff) -> Response:
    """The end before the last step: most of the mandatory is accepted."""
    iom_id: int = request.path_params["id"]
    async with request.app.state.db.begin() as session:
        await closing.to_exit(session, person.scope, iom_id, now=person.now, today=person.today)
    return to(request, f"/iom/{iom_id}", done="iom-exit")


async def conclude(request: Request, person: Staff) -> Response:
    """The conclusion closes the route."""
    iom_id: int = request.path_params["id"]
    form = await form_of(request)
    async with request.app.state.db.begin() as session:
        await closing.conclude(
            session,
            person.scope,
            iom_id,
            form.get("conclusion", ""),
            advice=_advice(form.get("advice", "")),
            now=person.now,
            today=person.today,
        )
    return to(request, f"/iom/{iom_id}", done="iom-closed")


def _advice(raw: str) -> Advice | None:
    return Advice(raw) if raw in set(Advice) else None


def _elapsed(first: int, last: int, now: int) -> float:
    """Per cent of the period that has gone by."""
    return 100.0 * min(max(now - first, 0), last - first) / max(1, last - first)


_see = Right.iom_see
# Who may do it is decided in the services: without methodists a coordinator does their part.
ROUTES = [
    Route("/iom/{id:int}", for_staff(card, _see), methods=["GET"]),
    Route("/iom/{id:int}/steps/{step:int}", for_staff(step, _see), methods=["GET"]),
    Route("/iom/{id:int}/steps/{step:int}/verdict", for_staff(verdict, _see), methods=["POST"]),
    Route("/iom/{id:int}/files/{file:int}", for_staff(file, _see), methods=["GET"]),
    Route("/iom/{id:int}/answer", for_staff(answer, _see), methods=["POST"]),
    Route("/iom/{id:int}/offer", for_staff(offer, _see), methods=["POST"]),
    Route("/iom/{id:int}/exit", for_staff(to_exit, _see), methods=["POST"]),
    Route("/iom/{id:int}/conclude", for_staff(conclude, _see), methods=["POST"]),
]
