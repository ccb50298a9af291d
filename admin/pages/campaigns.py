"""Campaigns of diagnosis: list, a new one with its group counted, progress and results, papers, difficulties."""

from __future__ import annotations

import asyncio
import calendar
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, day_of, number_of, render, to
from bot.errors import UserError
from bot.models import VersionState
from bot.services import audit, campaigns, places, region
from bot.services.access import Right
from bot.services.campaigns import Cut, Draft, Target, papers

FIELDS = 400
DEFAULT_DAYS = 30


async def listing(request: Request, staff: Staff) -> Response:
    """All campaigns, the newest first."""
    async with request.app.state.db.read() as session:
        lines = await campaigns.listing(session, staff.scope)
    return render(request, "campaigns.html", staff, lines=lines)


async def new(request: Request, staff: Staff) -> Response:
    """An empty form."""
    return await _form(request, staff, {})


async def create(request: Request, staff: Staff) -> Response:
    """«Посчитать» shows how many are in the group; «Сохранить» makes a draft."""
    given = await _given(request)
    if given.get("do", [""])[0] != "save":
        return await _form(request, staff, given)
    try:
        draft = _draft(given)
        async with request.app.state.db.begin() as session:
            number = await campaigns.create(session, staff.scope, draft, now=staff.now)
    except UserError as error:
        return await _form(request, staff, given, error=error)
    return to(request, f"/campaigns/{number}", done="campaign-saved")


async def card(request: Request, staff: Staff) -> Response:
    """One campaign: how it goes, and what it showed."""
    number = request.path_params["id"]
    cut = _cut(request.query_params.get("by", ""))
    async with request.app.state.db.read() as session:
        line = await campaigns.card(session, staff.scope, number)
        progress = await campaigns.progress(session, staff.scope, line, today=staff.today)
        results = await campaigns.results(session, staff.scope, line, cut, today=staff.today)
        expected = await campaigns.count(session, line.target, line.audience, on=staff.today)
        words = await _target_words(session, line.target, staff)
    return render(
        request,
        "campaign.html",
        staff,
        line=line,
        progress=progress,
        results=results,
        cut=cut,
        cuts=list(Cut),
        expected=expected,
        words=words,
    )


async def launch(request: Request, staff: Staff) -> Response:
    """Begin inviting."""
    number = request.path_params["id"]
    async with request.app.state.db.begin() as session:
        await campaigns.launch(session, staff.scope, number, now=staff.now)
    return to(request, f"/campaigns/{number}", done="campaign-launched")


async def finish(request: Request, staff: Staff) -> Response:
    """End before the last day."""
    number = request.path_params["id"]
    async with request.app.state.db.begin() as session:
        await campaigns.finish(session, staff.scope, number, now=staff.now)
    return to(request, f"/campaigns/{number}", done="campaign-finished")


async def paper(request: Request, staff: Staff) -> Response:
    """The note (DOCX) or its tables (XLSX); making it is recorded."""
    number, kind = request.path_params["id"], request.path_params["kind"]
    zone = request.app.state.settings.zone
    async with request.app.state.db.read() as session:
        line = await campaigns.card(session, staff.scope, number)
        report = papers.Report(
            line=line,
            verified=await campaigns.version_state(session, line) is VersionState.verified,
            progress=await campaigns.progress(session, staff.scope, line, today=staff.today),
            results=[await campaigns.results(session, staff.scope, line, cut, today=staff.today) for cut in Cut],
            difficulties=await campaigns.difficulties(
                session, staff.scope, line.since, min(line.until, staff.today), zone=zone
            ),
            made=staff.now,
        )
    build, media_type = (papers.docx, papers.DOCX) if kind == "docx" else (papers.xlsx, papers.XLSX)
    content = await asyncio.to_thread(build, staff.t, report)
    async with request.app.state.db.begin() as session:
        audit.changed(session, staff.scope, "campaign", number, "exported", now=staff.now)
    name = f"diagnostics-{number}-{staff.today:%Y-%m-%d}.{kind}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


async def difficulties(request: Request, staff: Staff) -> Response:
    """What was most often difficult, by quarter."""
    quarters = _quarters(staff.today)
    asked = request.query_params.get("quarter", "")
    since, until = quarters.get(asked) or next(iter(quarters.values()))
    municipality = number_of(request.query_params.get("municipality"))
    async with request.app.state.db.read() as session:
        found = await campaigns.difficulties(
            session,
            staff.scope,
            since,
            until,
            zone=request.app.state.settings.zone,
            municipality_id=municipality,
        )
        municipalities = await places.municipalities(session)
    return render(
        request,
        "difficulties.html",
        staff,
        found=found,
        quarters=list(quarters),
        asked=asked if asked in quarters else next(iter(quarters)),
        municipality=municipality,
        municipalities=municipalities,
    )


# --- form -----------------------------------------------------------------------------------------


async def _given(request: Request) -> dict[str, list[str]]:
    async with request.form(max_files=0, max_fields=FIELDS) as form:
        found: dict[str, list[str]] = {}
        for name, value in form.multi_items():
            if isinstance(value, str):
                found.setdefault(name, []).append(value)
        return found


async def _form(
    request: Request, staff: Staff, given: dict[str, list[str]], *, error: UserError | None = None
) -> Response:
    counted: tuple[int, int] | None = None
    async with request.app.state.db.read() as session:
        choices = await campaigns.choices(session)
        centre = await region.centre(session)
        if given and not error:
            target = _target(given)
            chosen = next((c for c in choices if str(c.version_id) == _one(given, "version")), None)
            counted = await campaigns.count(session, target, chosen.audience if chosen else "teacher", on=staff.today)
        municipalities = await places.municipalities(session)
        subjects = await places.subjects(session)
    first = staff.today + timedelta(days=1)
    defaults = {
        "organiser": str(centre["short_name"]),
        "since": f"{first:%d.%m.%Y}",
        "until": f"{first + timedelta(days=DEFAULT_DAYS):%d.%m.%Y}",
    }
    return render(
        request,
        "campaign-new.html",
        staff,
        status=422 if error else 200,
        given=given,
        one=lambda name: _one(given, name) or ("" if given else defaults.get(name, "")),
        chosen=lambda name, value: str(value) in given.get(name, []),
        choices=choices,
        municipalities=municipalities,
        subjects=subjects,
        counted=counted,
        error=staff.t(error.key, **error.args_for_text) if error else "",
    )


def _draft(given: dict[str, list[str]]) -> Draft:
    since, until = day_of(_one(given, "since")), day_of(_one(given, "until"))
    if since is None or until is None:
        raise UserError("admin-campaign-dates")
    order_date = day_of(_one(given, "order_date"))
    if _one(given, "order_date") and order_date is None:
        raise UserError("admin-campaign-order")
    return Draft(
        title=_one(given, "title"),
        version_id=number_of(_one(given, "version")) or 0,
        organiser=_one(given, "organiser"),
        since=since,
        until=until,
        target=_target(given),
        order_no=_one(given, "order_no"),
        order_date=order_date,
    )


def _target(given: dict[str, list[str]]) -> Target:
    marks = set(given.get("mark", []))
    return Target(
        subjects=tuple(sorted(given.get("subject", []))),
        municipalities=tuple(sorted(n for raw in given.get("municipality", []) if (n := number_of(raw)) is not None)),
        low_results="low_results" in marks,
        young="young" in marks,
        new="new" in marks,
    )


def _one(given: dict[str, list[str]], name: str) -> str:
    return given.get(name, [""])[0].strip()


async def _target_words(session: AsyncSession, target: Target, staff: Staff) -> list[str]:
    """The rule as a person says it."""
    towns = {place.key: place.title for place in await places.municipalities(session)}
    taught = {subject.key: subject.title for subject in await places.subjects(session)}
    words = [staff.t(f"admin-campaign-mark.{m}") for m in ("low_results", "young", "new") if getattr(target, m)]
    words += [taught.get(slug, slug) for slug in target.subjects]
    words += [towns.get(str(number), str(number)) for number in target.municipalities]
    return words or [staff.t("admin-campaign-mark.everyone")]


def _cut(raw: str) -> Cut:
    return Cut(raw) if raw in set(Cut) else Cut.municipality


def _quarters(today: date) -> dict[str, tuple[date, date]]:
    """The last five quarters, the present one first: «2026-4» → its days."""
    found: dict[str, tuple[date, date]] = {}
    year, quarter = today.year, (today.month - 1) // 3 + 1
    for _ in range(5):
        last = quarter * 3
        end = date(year, last, calendar.monthrange(year, last)[1])
        found[f"{year}-{quarter}"] = (date(year, last - 2, 1), end)
        year, quarter = (year, quarter - 1) if quarter > 1 else (year - 1, 4)
    return found


ROUTES = [
    Route("/campaigns", for_staff(listing, Right.campaigns_see), methods=["GET"]),
    Route("/campaigns/new", for_staff(new, Right.campaigns_run), methods=["GET"]),
    Route("/campaigns/new", for_staff(create, Right.campaigns_run), methods=["POST"]),
    Route("/campaigns/difficulties", for_staff(difficulties, Right.campaigns_see), methods=["GET"]),
    Route("/campaigns/{id:int}", for_staff(card, Right.campaigns_see), methods=["GET"]),
    Route("/campaigns/{id:int}/launch", for_staff(launch, Right.campaigns_run), methods=["POST"]),
    Route("/campaigns/{id:int}/finish", for_staff(finish, Right.campaigns_run), methods=["POST"]),
    Route("/campaigns/{id:int}/{kind:str}", for_staff(paper, Right.campaigns_see), methods=["GET"]),
]
