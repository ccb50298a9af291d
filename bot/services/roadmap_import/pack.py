"""The measures of a pack: loaded once as a draft, in our own short words, until the centre brings its order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Body, Measure, Roadmap, RoadmapFormat
from bot.services import packs
from bot.services.access import Scope
from bot.services.data_files import Entry, read, unique
from bot.services.roadmap import Heading, Named, Row
from bot.services.roadmap.saving import store


async def load_measures(
    session: AsyncSession, name: str, *, now: datetime, today: date, folder: Path = packs.REGIONS
) -> int:
    """How many measures came; none when the pack has no roadmap or it is here already. UserError for a bad file.

    A roadmap that is here from before formats and indicators were kept gets them.
    """
    path = folder / name / "roadmap.yaml"
    if not path.exists():
        return 0
    plan = read(path)
    present = await session.scalar(select(Roadmap.id).where(Roadmap.pack == name).order_by(Roadmap.id).limit(1))
    if present is not None:
        await _complete(session, present, plan)
        return 0
    order = plan.need("order", Entry)
    directions = {number: entry.need("title", str) for number, entry in unique(plan.entries("directions"), "number")}
    known = select(Body.code, Body.id, Body.abbreviation).where(Body.municipality_id.is_(None))
    bodies = {code: Named(abbreviation, number) for code, number, abbreviation in await session.execute(known)}
    targets: dict[str, list[str]] = {}
    for entry in plan.entries("targets", optional=True):
        targets.setdefault(entry.need("measure", str), []).append(_target(entry))
    indicators = _indicators(plan)
    rows = []
    for code, entry in unique(plan.entries("measures"), "id"):
        clause = entry.need("clause", str)
        direction = clause.partition(".")[0]
        rows.append(
            Row(
                measure="", deadline=entry.need("deadline", str), responsible=_named(entry, "responsible", bodies),
                executors=_named(entry, "executors", bodies), result_kind=entry.maybe("kind", str, ""), code=code,
                title=entry.need("title", str), direction=direction,
                direction_title=directions.get(direction, ""), task=entry.maybe("task", str, ""),
                targets=tuple(targets.get(code, ())), indicators=indicators.get(code, ()),
                source=f"№ {order.need('no', str)}, {clause}, {entry.need('row', int)}",
            )
        )  # fmt: skip
    formats = list(_formats(plan))
    heading = Heading(
        plan.need("title", str), plan.need("year", int), order.need("no", str), order.maybe("date", date, today), name
    )
    done = await store(session, Scope(None, ()), heading, rows, now=now, today=today)
    session.add_all(RoadmapFormat(roadmap_id=done.roadmap_id, **one) for one in formats)
    await session.flush()
    return len(rows)


async def _complete(session: AsyncSession, roadmap_id: int, plan: Entry) -> None:
    if await session.scalar(select(RoadmapFormat.id).where(RoadmapFormat.roadmap_id == roadmap_id).limit(1)):
        return
    session.add_all(RoadmapFormat(roadmap_id=roadmap_id, **one) for one in _formats(plan))
    indicators = _indicators(plan)
    for measure in list(await session.scalars(select(Measure).where(Measure.roadmap_id == roadmap_id))):
        if not measure.indicators and measure.code in indicators:
            measure.indicators = list(indicators[measure.code])
    await session.flush()


def _formats(plan: Entry) -> Iterator[dict[str, Any]]:
    """Formats that people know by name, in the order of the file."""
    for place, (title, entry) in enumerate(unique(plan.entries("formats", optional=True), "title"), start=1):
        yield {
            "place": place, "title": title, "period": entry.maybe("period", str, ""),
            "audience": entry.maybe("audience", str, ""), "measures": list(entry.need("measures", list)),
        }  # fmt: skip


def _indicators(plan: Entry) -> dict[str, tuple[str, ...]]:
    """Measure → indicators that slip with it: the official ones the pack names, then the measure's own numbers."""
    found: dict[str, list[str]] = {}
    for entry in (*plan.entries("indicators", optional=True), *plan.entries("targets", optional=True)):
        for code in entry.maybe("measures", list, []) or [entry.need("measure", str)]:
            found.setdefault(code, []).append(entry.need("id", str))
    return {code: tuple(dict.fromkeys(ids)) for code, ids in found.items()}


def _named(entry: Entry, field: str, bodies: dict[str, Named]) -> tuple[Named, ...]:
    found = []
    for code in entry.maybe(field, list, []):
        if code not in bodies:
            entry.wrong(field, allowed=", ".join(sorted(bodies)))
        found.append(bodies[code])
    return tuple(dict.fromkeys(found))


def _target(entry: Entry) -> str:
    """«Охват диагностикой: ≥ 15 %»; a sign the order does not name is not written."""
    sign = {">=": "≥ ", "<=": "≤ ", "=": "= "}.get(entry.maybe("compare", str, ""), "")
    value = entry.get("value")
    return f"{entry.need('title', str)}: {sign}{'…' if value is None else value} {entry.maybe('unit', str, '')}".strip()
