"""The measures of a pack: loaded once as a draft, in our own short words, until the centre brings its order."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Body, Roadmap
from bot.services import packs
from bot.services.access import Scope
from bot.services.data_files import Entry, read, unique
from bot.services.roadmap import Heading, Named, Row
from bot.services.roadmap.saving import store


async def load_measures(
    session: AsyncSession, name: str, *, now: datetime, today: date, folder: Path = packs.REGIONS
) -> int:
    """How many measures came; none when the pack has no roadmap or it is here already. UserError for a bad file."""
    path = folder / name / "roadmap.yaml"
    if not path.exists() or await session.scalar(select(Roadmap.id).where(Roadmap.pack == name).limit(1)):
        return 0
    plan = read(path)
    order = plan.need("order", Entry)
    directions = {number: entry.need("title", str) for number, entry in unique(plan.entries("directions"), "number")}
    known = select(Body.code, Body.id, Body.abbreviation).where(Body.municipality_id.is_(None))
    bodies = {code: Named(abbreviation, number) for code, number, abbreviation in await session.execute(known)}
    targets: dict[str, list[str]] = {}
    for entry in plan.entries("targets", optional=True):
        targets.setdefault(entry.need("measure", str), []).append(_target(entry))
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
                targets=tuple(targets.get(code, ())),
                source=f"№ {order.need('no', str)}, {clause}, {entry.need('row', int)}",
            )
        )  # fmt: skip
    heading = Heading(
        plan.need("title", str), plan.need("year", int), order.need("no", str), order.maybe("date", date, today), name
    )
    await store(session, Scope(None, ()), heading, rows, now=now, today=today)
    return len(rows)


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
