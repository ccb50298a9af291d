"""Snapshots of indicators and what changed: taking, freezing by an order, opening again, the ledger of changes."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.pages.indicators import asked, kept_of
from admin.rendering import Staff, day_of, form_of, number_of, render, to
from bot.errors import UserError
from bot.rules.indicators.periods import period_of
from bot.services import people_list
from bot.services.access import Right
from bot.services.indicators import changes, completeness, counting, drilling, freezing, papers
from bot.services.indicators import wording as words


async def listing(request: Request, staff: Staff) -> Response:
    """What was kept, what is missing before the next one."""
    async with request.app.state.db.read() as session:
        rows = await freezing.listing(session, staff.scope)
        period = period_of(str(staff.today.year))
        assert period is not None
        report = await counting.report(session, period, now=staff.now, zone=staff.zone)
        gaps = await completeness.gaps(session, report)
        dates = await completeness.dates(session)
    return render(
        request, "indicator-snapshots.html", staff, rows=rows, next=completeness.next_date(staff.today, dates),
        dates=", ".join(f"{day:02}.{month:02}" for month, day in dates),
        gaps=[words.missing(staff.t, one.key, dict(one.args)) for one in gaps],
    )  # fmt: skip


async def take(request: Request, staff: Staff) -> Response:
    """Keep the numbers as they stand."""
    form = await form_of(request)
    period, on = period_of(form.get("period", "")), form.get("on", "").strip()
    as_of = day_of(on) if on else None
    if period is None:
        raise UserError("indicator-period-wrong")
    if on and (as_of is None or as_of > staff.today):
        raise UserError("indicator-day-wrong")
    async with request.app.state.db.read() as session:
        # Counted before, so that nobody waits for the writer meanwhile.
        await counting.report(session, period, as_of=as_of, now=staff.now, zone=staff.zone)
    async with request.app.state.db.begin() as session:
        row = await freezing.take(session, staff.scope, period, as_of=as_of, now=staff.now, zone=staff.zone)
    return to(request, f"/indicators/snapshots/{row.id}", done="snapshot")


async def card(request: Request, staff: Staff) -> Response:
    """One snapshot: its numbers, whether it is intact, what came after."""
    async with request.app.state.db.read() as session:
        row = await freezing.need(session, staff.scope, request.path_params["snapshot"])
        intact = await freezing.is_intact(session, row)
        since = await freezing.changes_since(session, row, now=staff.now, zone=staff.zone)
        names = await people_list.names_of(session, [row.approved_by_id or 0, row.reopened_by_id or 0])
    return render(
        request, "indicator-snapshot.html", staff, row=row, intact=intact, changes=since, names=names, w=words,
        signed=words.signed,
    )  # fmt: skip


async def dates(request: Request, staff: Staff) -> Response:
    """The region's days of snapshots."""
    form = await form_of(request)
    wanted = completeness.read_dates(form.get("dates", ""))
    if wanted is None:
        raise UserError("snapshot-dates")
    async with request.app.state.db.begin() as session:
        await completeness.set_dates(session, staff.scope, wanted, now=staff.now)
    return to(request, "/indicators/snapshots", done="snapshot-dates")


async def approve(request: Request, staff: Staff) -> Response:
    """Freeze by an order."""
    form = await form_of(request)
    day = day_of(form.get("order_date", ""))
    if day is None:
        raise UserError("snapshot-order")
    number: int = request.path_params["snapshot"]
    async with request.app.state.db.begin() as session:
        await papers.approve(
            session, staff.scope, number, staff.t, order_no=form.get("order_no", ""), order_date=day, now=staff.now,
            today=staff.today,
        )  # fmt: skip
    return to(request, f"/indicators/snapshots/{number}", done="snapshot-frozen")


async def reopen(request: Request, staff: Staff) -> Response:
    """Open again, with a reason."""
    form = await form_of(request)
    number: int = request.path_params["snapshot"]
    async with request.app.state.db.begin() as session:
        await freezing.reopen(session, staff.scope, number, form.get("reason", ""), now=staff.now)
    return to(request, f"/indicators/snapshots/{number}", done="snapshot-reopened")


async def ledger(request: Request, staff: Staff) -> Response:
    """Why a number changed between two days, or since a snapshot."""
    period, on = asked(request, staff)
    query = request.query_params
    indicator: str = request.path_params["id"]
    snapshot = number_of(query.get("snapshot"))
    was = day_of(query.get("was", "")) if query.get("was") else max(period.first, staff.today.replace(day=1))
    if was is None or was > (on or staff.today):
        raise UserError("indicator-day-wrong")
    async with request.app.state.db.read() as session:
        await drilling.reach_of(session, staff.scope)
        if snapshot is not None:
            row = await freezing.need(session, staff.scope, snapshot)
            was = row.as_of
            found = await freezing.changes_since(session, row, now=staff.now, zone=staff.zone)
            one, change = next(
                ((kept.definition, made) for kept, made in found if kept.definition.id == indicator), (None, None)
            )
            if one is None or change is None:
                raise UserError("indicator-none", id=indicator)
            period = period_of(row.period) or period
            after = await counting.report(session, period, now=staff.now, zone=staff.zone)
        else:
            before = await counting.report(session, period, as_of=was, now=staff.now, zone=staff.zone)
            after = await counting.report(session, period, as_of=on, now=staff.now, zone=staff.zone)
            one = after.line(indicator).definition
            change = changes.between(before, after, indicator)
    hundredths = change.hundredths() or (0,) * len(change.parts)
    shown = ["—" if part.value is None else _two(n) for part, n in zip(change.parts, hundredths, strict=True)]
    return render(
        request, "indicator-changes.html", staff, one=one, change=change, was=was, on=after.as_of,
        parts=list(zip(change.parts, shown, strict=True)), total=_two(sum(hundredths)), two=two, signed=words.signed,
        kept=kept_of(after, staff),
    )  # fmt: skip


def two(value: Fraction | None) -> str:
    """Two decimals: «14,21»."""
    return "—" if value is None else _two(floor(value * 100 + Fraction(1, 2)), plus="")


def _two(hundredths: int, plus: str = "+") -> str:
    sign = "−" if hundredths < 0 else plus if hundredths else ""
    return f"{sign}{words.grouped(abs(hundredths) // 100)},{abs(hundredths) % 100:02}"


_see = Right.indicators_see
_freeze = Right.indicators_freeze
ROUTES = [
    Route("/indicators/snapshots", for_staff(listing, _see), methods=["GET"]),
    Route("/indicators/snapshots", for_staff(take, _freeze), methods=["POST"]),
    Route("/indicators/snapshots/dates", for_staff(dates, _freeze), methods=["POST"]),
    Route("/indicators/snapshots/{snapshot:int}", for_staff(card, _see), methods=["GET"]),
    Route("/indicators/snapshots/{snapshot:int}/approve", for_staff(approve, _freeze), methods=["POST"]),
    Route("/indicators/snapshots/{snapshot:int}/reopen", for_staff(reopen, _freeze), methods=["POST"]),
    Route("/indicators/{id}/changes", for_staff(ledger, _see), methods=["GET"]),
]
