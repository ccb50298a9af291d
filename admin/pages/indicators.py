"""Indicators: the list, one number with its municipalities, organisations and people, numbers of statistics."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin import charts
from admin.auth import for_staff
from admin.pages.registers import said as words_of
from admin.rendering import Staff, day_of, form_of, number_of, page_of, render, to
from admin.uploads import read_upload
from bot.errors import NotFound, UserError
from bot.models import Snapshot
from bot.rules.indicators.model import Compare, Outcome
from bot.rules.indicators.periods import Period, academic_year_of, period_of, quarter_of
from bot.services import places
from bot.services.access import Right
from bot.services.indicators import (
    completeness,
    counting,
    definitions,
    drilling,
    evidence,
    figures,
    figures_import,
    freezing,
    prospects,
    trend,
)
from bot.services.indicators import wording as words
from bot.services.indicators.counting import Line, Report
from bot.services.indicators.figures import Entry
from bot.services.indicators.trend import Point
from bot.services.places import Choice

LACKING = 5
"""Municipalities named where people are missing."""
COLUMNS = 10
"""Indicators beside each other."""
HEAT = 0.25
"""Share of the target that changes the shade."""
WRONG = 20
"""Rows of a table with mistakes that are shown."""


async def listing(request: Request, staff: Staff) -> Response:
    """Plan, fact and gap of every indicator."""
    period, as_of = asked(request, staff)
    async with request.app.state.db.read() as session:
        reach = await drilling.reach_of(session, staff.scope)
        report = await counting.report(session, period, as_of=as_of, now=staff.now, zone=staff.zone)
        handed = completeness.next_date(staff.today, await completeness.dates(session))
        areas = [one for one in await places.municipalities(session) if reach.sees(int(one.key))]
        area = _area(request, areas)
        here = await drilling.heat(session, report.lines, reach) if area is not None else []
    # Numbers of one municipality instead of the region; small ones stay hidden.
    ids = [line.definition.id for line in report.lines]
    only = next((dict(zip(ids, found, strict=True)) for row, found in here if row.id == area), None)
    groups = {line.definition.id: line for line in report.lines}
    lines = [line for line in report.lines if only is None or line.has_places]
    alike = [line for line in lines if line.definition.near]
    return render(
        request, "indicators.html", staff, report=report, lines=lines, alike=alike,
        without=len(report.lines) - len(lines), groups=groups, reach=reach,
        handed=handed, w=words, areas=areas, area=area, only=only, **_period_values(report, staff),
    )  # fmt: skip


def _area(request: Request, areas: Sequence[Choice]) -> int | None:
    """The municipality the numbers are of; None is the whole region. NotFound for one out of reach."""
    raw = request.query_params.get("municipality", "")
    if not raw:
        return None
    number = number_of(raw)
    if str(number) not in {one.key for one in areas}:
        raise NotFound()
    return number


async def card(request: Request, staff: Staff) -> Response:
    """One number: how it is made, where it is high and low, what makes one doubt it."""
    period, as_of = asked(request, staff)
    async with request.app.state.db.read() as session:
        reach = await drilling.reach_of(session, staff.scope)
        report = await counting.report(session, period, as_of=as_of, now=staff.now, zone=staff.zone)
        line = report.line(request.path_params["id"])
        rows = await drilling.municipalities(session, line, reach)
        ahead = await prospects.ahead(session, report, line, reach, now=staff.now, zone=staff.zone)
        kept = [row for row in await freezing.listing(session, staff.scope) if row.period == period.name]
        handed = completeness.next_date(staff.today, await completeness.dates(session))
    points = await asyncio.to_thread(trend.course, report, line)
    # A pace is of today: of a report of the past nothing is foretold.
    until = min(handed, period.last)
    foretold = trend.forecast(line, points, until) if report.as_of == staff.today else None
    near = [one for one in report.lines if one.definition.id in line.definition.near]
    # Where most is missing comes first; then those without a percentage.
    rows.sort(key=lambda row: (line.places[row.id].margin is None, line.places[row.id].margin or 0, row.title))
    # Nobody and nothing there: a line of zeros for each would only hide the others.
    told = [row for row in rows if (line.places[row.id].numerator, line.places[row.id].denominator) != (0, 0)]
    empty, rows = len(rows) - len(told), told
    lacking = [row for row in rows if row.count is not None and (line.places[row.id].gap or 0) > 0][:LACKING]
    return render(
        request, "indicator.html", staff, report=report, line=line, one=line.definition, found=line.outcome, rows=rows,
        near=near, how=words.how(staff.t, line.definition), reach=reach, w=words, points=points, ahead=ahead,
        opens=evidence.opens(staff.scope, line), foretold=foretold, until=until, empty=empty,
        chart=_chart(staff, report, line, points, kept), lacking=lacking, **_period_values(report, staff),
    )  # fmt: skip


def _chart(
    staff: Staff, report: Report, line: Line, points: Sequence[Point], kept: Sequence[Snapshot]
) -> charts.Course | None:
    """The course of a number as a line; frozen snapshots of the period are points on it."""
    drawn = [(f"{one.day:%d.%m}", float(one.outcome.value)) for one in points if one.outcome.value is not None]
    if len(drawn) < 2:
        return None
    first, last = points[0].day, points[-1].day
    marks = []
    for row in kept:
        value = next(
            (one.outcome.value for one in freezing.lines_of(row) if one.definition.id == line.definition.id), None
        )
        if value is not None and first <= row.as_of <= last:
            marks.append(
                ((row.as_of - first) / (last - first), float(value), staff.t("admin-snapshots.no", no=str(row.id)))
            )
    one = line.definition
    # A target in people is no height of a share; growth has none.
    fits = one.target is not None and one.compare not in (Compare.growth, Compare.yes)
    return charts.course(
        drawn, target=float(one.target) if fits and one.target is not None else None,
        said=words.value(staff.t, one, points[-1].outcome), kept=marks,
    )  # fmt: skip


async def districts(request: Request, staff: Staff) -> Response:
    """Municipalities beside each other: shares of a direction with what is missing in people."""
    period, as_of = asked(request, staff)
    async with request.app.state.db.read() as session:
        reach = await drilling.reach_of(session, staff.scope)
        report = await counting.report(session, period, as_of=as_of, now=staff.now, zone=staff.zone)
        known = [line for line in report.lines if _is_heat(line)]
        sections = sorted({line.definition.section for line in known})
        section = number_of(request.query_params.get("section"))
        chosen = [line for line in known if section in (None, 0, line.definition.section)][:COLUMNS]
        rows = await drilling.heat(session, chosen, reach)
    sort = next((n for n, line in enumerate(chosen) if line.definition.id == request.query_params.get("sort")), None)
    rows.sort(key=lambda row: (_lack(row[1], sort), row[0].title))
    return render(
        request, "indicator-districts.html", staff, report=report, lines=chosen, rows=rows, sections=sections,
        section=section, sort=chosen[sort].definition.id if sort is not None else "", reach=reach, w=words,
        heat=_heat, **_period_values(report, staff),
    )  # fmt: skip


def _is_heat(line: Line) -> bool:
    """A share that some municipality has a number for."""
    one = line.definition
    return one.is_share and one.target is not None and any(there.value is not None for there in line.places.values())


def _lack(found: Sequence[Outcome | None], column: int | None) -> int:
    """People who are missing there, as a negative number: the most come first."""
    chosen = found if column is None else [found[column]]
    return sum(min(0, one.margin) for one in chosen if one is not None and one.margin is not None)


def _heat(found: Outcome) -> str:
    """The shade: far from the target, near it, met, well above."""
    if found.margin is None or not found.needed:
        return ""
    share = found.margin / found.needed
    return "n2" if share < -HEAT else "n1" if share < 0 else "p1" if share < HEAT else "p2"


async def place(request: Request, staff: Staff) -> Response:
    """Organisations of a municipality."""
    period, as_of = asked(request, staff)
    municipality: int = request.path_params["place"]
    async with request.app.state.db.read() as session:
        reach = await drilling.reach_of(session, staff.scope)
        report = await counting.report(session, period, as_of=as_of, now=staff.now, zone=staff.zone)
        line = report.line(request.path_params["id"])
        if municipality not in line.places:
            raise NotFound()
        rows = await drilling.organisations(session, line, municipality, reach)
        here = await drilling.heat(session, [line], reach)
        title = next(one.title for one in await places.municipalities(session) if one.key == str(municipality))
    return render(
        request, "indicator-place.html", staff, report=report, line=line, one=line.definition,
        found=line.places[municipality], rows=rows, title=title, place=municipality, reach=reach, w=words,
        opens=evidence.opens(staff.scope, line), few=_few(here, municipality), **_period_values(report, staff),
    )  # fmt: skip


def _few(here: Sequence[tuple[drilling.Place, Sequence[Outcome | None]]], municipality: int) -> bool:
    """The number of the municipality is a small one that is not published; its share would tell it."""
    return any(row.id == municipality and found[0] is None for row, found in here)


@dataclass(frozen=True, slots=True)
class _Behind:
    """Whose list behind a number is asked for; ``title`` is the municipality's name, empty for the region."""

    report: Report
    line: Line
    municipality: int | None
    organisation: int | None
    title: str


async def _behind(request: Request, staff: Staff) -> _Behind:
    period, as_of = asked(request, staff)
    municipality = number_of(request.query_params.get("municipality"))
    async with request.app.state.db.read() as session:
        report = await counting.report(session, period, as_of=as_of, now=staff.now, zone=staff.zone)
        known = await places.municipalities(session)
    line = report.line(request.path_params["id"])
    title = next((one.title for one in known if one.key == str(municipality)), "")
    return _Behind(report, line, municipality, number_of(request.query_params.get("organisation")), title)


def _behind_values(behind: _Behind, staff: Staff, **more: str) -> dict[str, Any]:
    """What both lists show and ask for on the next page."""
    place = {"municipality": behind.municipality, "organisation": behind.organisation}
    return {
        "report": behind.report, "line": behind.line, "one": behind.line.definition, "title": behind.title, **place,
        "asked": {**kept_of(behind.report, staff), **more, **place}, **_period_values(behind.report, staff),
    }  # fmt: skip


async def people(request: Request, staff: Staff) -> Response:
    """Who is counted, page by page, with what proves it; the opening is written down."""
    query = request.query_params.get("q", "").replace("\x00", "")[:100].strip()
    behind = await _behind(request, staff)
    async with request.app.state.db.begin() as session:
        found = await drilling.people(
            session, staff.scope, behind.report, behind.line, municipality=behind.municipality,
            organisation=behind.organisation, query=query, page=page_of(request), now=staff.now,
        )  # fmt: skip
    return render(
        request, "indicator-people.html", staff, found=found, query=query, w=words,
        **_behind_values(behind, staff, q=query),
    )  # fmt: skip


async def records(request: Request, staff: Staff) -> Response:
    """Records of a register behind a number, as they stood on the day; the opening is written down."""
    behind = await _behind(request, staff)
    async with request.app.state.db.begin() as session:
        found = await evidence.records(
            session, staff.scope, behind.report, behind.line, municipality=behind.municipality,
            organisation=behind.organisation, page=page_of(request), now=staff.now,
        )  # fmt: skip
    return render(
        request, "indicator-records.html", staff, found=found, said=_said(staff), **_behind_values(behind, staff)
    )


def _said(staff: Staff) -> Callable[[evidence.Records, evidence.Record], list[tuple[str, str]]]:
    """What a record says, field by field."""

    def said(found: evidence.Records, row: evidence.Record) -> list[tuple[str, str]]:
        if found.kind is None:
            return [("", staff.t("admin-indicators.reviewed"))] if row.values.get("reviewed") else []
        told = ((field.title, words_of(staff.t, field, row.values.get(field.name))) for field in found.kind.fields)
        return [(title, text) for title, text in told if text]

    return said


async def numbers(request: Request, staff: Staff) -> Response:
    """Numbers of statistics that are used now, and the form for one more."""
    return await _numbers(request, staff)


async def _numbers(request: Request, staff: Staff, **more: Any) -> Response:
    async with request.app.state.db.read() as session:
        lines = await figures.listing(session, staff.scope, on=staff.today)
        known = await places.municipalities(session)
    titles = [(slug, entry.need("title", str)) for slug, entry in definitions.figures().items()]
    values = {"taken": None, "wrong": (), **more}
    return render(
        request, "indicator-figures.html", staff, lines=lines, places=known, titles=titles, year=str(staff.today.year),
        columns=", ".join(column.title for column in figures_import.columns()), **values,
    )  # fmt: skip


async def enter(request: Request, staff: Staff) -> Response:
    """One number from the form."""
    form = await form_of(request)
    period = period_of(form.get("period", ""))
    raw = form.get("value", "").replace(" ", "").replace("\u00a0", "")
    value = number_of(raw)
    if period is None:
        raise UserError("indicator-period-wrong")
    if value is None:
        raise UserError("figure-value")
    state = form.get("state", "").strip()
    if state and day_of(state) is None:
        raise UserError("figure-state")
    entry = Entry(
        form.get("slug", ""), number_of(form.get("municipality")), period.first, period.last, value,
        form.get("source", "").strip()[:255], form.get("document", "").strip()[:255], day_of(state) if state else None,
    )  # fmt: skip
    async with request.app.state.db.begin() as session:
        await figures.enter(session, staff.scope, [entry], now=staff.now)
    return to(request, "/indicators/figures", done="figure")


async def upload(request: Request, staff: Staff) -> Response:
    """A table of numbers: what is right is taken, rows with mistakes are named."""
    sent = await read_upload(request, most=figures_import.MAX_BYTES)
    async with request.app.state.db.begin() as session:
        reading = await figures_import.read_figures(session, sent.content, sent.name)
        taken = await figures.enter(session, staff.scope, reading.entries, now=staff.now)
    return await _numbers(request, staff, taken=taken, wrong=reading.wrong[:WRONG])


async def withdraw(request: Request, staff: Staff) -> Response:
    """Take a number back."""
    async with request.app.state.db.begin() as session:
        await figures.withdraw(session, staff.scope, request.path_params["figure"], now=staff.now)
    return to(request, "/indicators/figures", done="figure-gone")


def asked(request: Request, staff: Staff) -> tuple[Period, date | None]:
    """The period (this year by default) and the day whose knowledge is shown."""
    given = request.query_params
    raw = given.get("period", "").strip()
    if raw == "dates" or (not raw and given.get("from")):
        first, last = day_of(given.get("from", "")), day_of(given.get("to", ""))
        raw = f"{first.isoformat()}..{last.isoformat()}" if first and last else "?"
    period = period_of(raw or str(staff.today.year))
    if period is None:
        raise UserError("indicator-period-wrong")
    on = given.get("on", "").strip()
    as_of = day_of(on) if on else None
    if on and (as_of is None or as_of > staff.today):
        raise UserError("indicator-day-wrong")
    return period, as_of


def kept_of(report: Report, staff: Staff) -> dict[str, str]:
    """The period and the day as a query; what is usual is left out."""
    usual = report.period.name == str(staff.today.year)
    on = f"{report.as_of:%d.%m.%Y}" if report.as_of < staff.today else ""
    return {"period": "" if usual else report.period.name, "on": on}


def _period_values(report: Report, staff: Staff) -> dict[str, Any]:
    year = staff.today.year
    choices = [
        str(year), str(year - 1), academic_year_of(staff.today).name, quarter_of(staff.today).name,
        quarter_of(staff.today).before().name,
    ]  # fmt: skip
    if report.period.name not in choices:
        choices.append(report.period.name)
    return {"period": report.period, "choices": choices, "kept": kept_of(report, staff)}


_see = Right.indicators_see
_figures = Right.indicators_figures
ROUTES = [
    Route("/indicators", for_staff(listing, _see), methods=["GET"]),
    Route("/indicators/districts", for_staff(districts, _see), methods=["GET"]),
    Route("/indicators/figures", for_staff(numbers, _see), methods=["GET"]),
    Route("/indicators/figures", for_staff(enter, _figures), methods=["POST"]),
    Route("/indicators/figures/import", for_staff(upload, _figures), methods=["POST"]),
    Route("/indicators/figures/{figure:int}/withdraw", for_staff(withdraw, _figures), methods=["POST"]),
    Route("/indicators/{id}", for_staff(card, _see), methods=["GET"]),
    Route("/indicators/{id}/records", for_staff(records, _see), methods=["GET"]),
    Route("/indicators/{id}/people", for_staff(people, Right.people_see), methods=["GET"]),
    Route("/indicators/{id}/places/{place:int}", for_staff(place, _see), methods=["GET"]),
]
