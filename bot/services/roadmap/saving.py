"""Rows of a table become measures: a new roadmap, or the next version of one; never a measure twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import Body, Measure, MeasureBody, MeasurePart, Roadmap, RoadmapSection, RoadmapState
from bot.rules.words import folded
from bot.services import audit
from bot.services.access import Right, Scope
from bot.services.roadmap import schedule
from bot.ui.screen import cut

TITLE = 200


@dataclass(frozen=True, slots=True)
class Named:
    """A body as a row names it; ``body_id`` where the region's directory knows it."""

    name: str
    body_id: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One measure of a table, every field as plain words.

    ``code`` is its number in the document, unique there; empty, one is given. ``title`` is short and ours,
    ``measure`` the order's words. ``doubts`` are sentences for whoever looks the import through.
    """

    measure: str
    deadline: str
    responsible: tuple[Named, ...] = ()
    executors: tuple[Named, ...] = ()
    result: str = ""
    result_kind: str = ""
    code: str = ""
    title: str = ""
    direction: str = ""
    direction_title: str = ""
    task: str = ""
    targets: tuple[str, ...] = ()
    quote: str = ""
    source: str = ""
    doubts: tuple[str, ...] = ()
    # None: the measure keeps what it has.
    indicators: tuple[str, ...] | None = None
    register: str | None = None
    # Parts whose bodies a person has put right just now, and parts that are the document's again.
    own: tuple[MeasurePart, ...] = ()
    released: tuple[MeasurePart, ...] = ()


@dataclass(frozen=True, slots=True)
class Heading:
    """What is known of the document itself."""

    title: str
    year: int
    order_no: str = ""
    order_date: date | None = None
    pack: str = ""
    file_id: int | None = None
    # Days before it are not asked about; the day of saving when empty.
    runs_since: date | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """What an import did."""

    roadmap_id: int
    version: int
    added: int
    changed: int
    same: int
    dropped: int


async def save(
    session: AsyncSession,
    scope: Scope,
    heading: Heading,
    rows: Sequence[Row],
    *,
    into: int | None = None,
    now: datetime,
    today: date,
) -> Saved:
    """A new roadmap (a draft), or the next version of ``into``: measures meet by code, else by their words.

    Persons, evidence, days named by people and deadlines put by hand stay. NotAllowed without the right.
    """
    scope.require(Right.roadmap_run)
    if not rows:
        raise UserError("error-roadmap-empty")
    return await store(session, scope, heading, rows, into=into, now=now, today=today)


async def store(
    session: AsyncSession,
    scope: Scope,
    heading: Heading,
    rows: Sequence[Row],
    *,
    into: int | None = None,
    now: datetime,
    today: date,
) -> Saved:
    """``save`` without the question of rights: for packs and the demonstration."""
    plan = await _plan(session, scope, heading, into, now=now, today=today)
    sections = {
        s.number: s for s in await session.scalars(select(RoadmapSection).where(RoadmapSection.roadmap_id == plan.id))
    }
    measures = list(await session.scalars(select(Measure).where(Measure.roadmap_id == plan.id).order_by(Measure.id)))
    by_code = {m.code: m for m in measures}
    by_words = {folded(m.text or m.title): m for m in measures}
    bodies = dict((await session.execute(select(Body.id, Body.abbreviation))).all())
    free = _free_codes(rows, by_code)
    seen: dict[int, Measure] = {}
    added = changed = same = 0
    for place, row in enumerate(rows, start=1):
        measure = by_code.get(row.code) if row.code else None
        if measure is None or measure.id in seen:
            measure = by_words.get(folded(row.measure or row.title))
        if measure is not None and measure.id in seen:
            measure = None
        section = await _section(session, plan.id, sections, row)
        if measure is None:
            code = row.code if row.code and row.code not in by_code else next(free)
            measure = Measure(roadmap_id=plan.id, section_id=section.id, code=code, title="", schedule={})
            session.add(measure)
            by_code[code] = measure
            _fill(measure, row, section, place, plan.year)
            await session.flush()
            await _put_bodies(session, measure, row, bodies)
            added += 1
        else:
            differs = _fill(measure, row, section, place, plan.year)
            differs = await _put_bodies(session, measure, row, bodies) or differs
            changed, same = changed + differs, same + (not differs)
        seen[measure.id] = measure
    gone = [m for m in measures if m.id not in seen and m.dropped_at is None]
    for measure in gone:
        measure.dropped_at = now
    for measure in (*seen.values(), *gone):
        if (plan.state is RoadmapState.running and measure.unfolded_until is None) or measure.dropped_at is not None:
            await schedule.unfold(session, measure, plan, today=today, now=now)
    audit.changed(
        session, scope, "roadmap", plan.id, "imported", now=now,
        after={"version": plan.version, "added": added, "changed": changed, "dropped": len(gone)},
    )  # fmt: skip
    await session.flush()
    return Saved(plan.id, plan.version, added, changed, same, len(gone))


async def start(session: AsyncSession, scope: Scope, roadmap_id: int, *, now: datetime, today: date) -> int:
    """Let a draft run: its days are written down, people are reminded from now on. How many days."""
    scope.require(Right.roadmap_run)
    plan = await session.get(Roadmap, roadmap_id)
    if plan is None:
        raise NotFound()
    plan.state = RoadmapState.running
    days = 0
    for measure in list(
        await session.scalars(select(Measure).where(Measure.roadmap_id == plan.id).order_by(Measure.id))
    ):
        days += await schedule.unfold(session, measure, plan, today=today, now=now)
    await _hand_over(session, plan, today=today, now=now)
    audit.changed(session, scope, "roadmap", plan.id, "started", now=now)
    return days


async def _hand_over(session: AsyncSession, made: Roadmap, *, today: date, now: datetime) -> None:
    """The roadmap of the year before keeps its own days: those of the new year are the new roadmap's."""
    before = await session.get(Roadmap, made.grown_from_id) if made.grown_from_id is not None else None
    if before is None:
        return
    codes = list(await session.scalars(select(Measure.code).where(Measure.roadmap_id == made.id)))
    rows = await session.scalars(select(Measure).where(Measure.roadmap_id == before.id, Measure.code.in_(codes)))
    for measure in list(rows):
        measure.schedule = {**measure.schedule, schedule.TAKEN: date(made.year, 1, 1).isoformat()}
        await schedule.unfold(session, measure, before, today=today, now=now)


async def _plan(
    session: AsyncSession, scope: Scope, heading: Heading, into: int | None, *, now: datetime, today: date
) -> Roadmap:
    if into is None:
        plan = Roadmap(
            title=cut(heading.title, TITLE), year=heading.year, order_no=heading.order_no[:64],
            order_date=heading.order_date, pack=heading.pack, runs_since=heading.runs_since or today,
            file_id=heading.file_id, created_by_id=scope.person_id, created_at=now, imported_at=now,
        )  # fmt: skip
        session.add(plan)
        await session.flush()
        return plan
    found = await session.get(Roadmap, into)
    if found is None:
        raise NotFound()
    found.version += 1
    found.imported_at = now
    found.title, found.year = cut(heading.title, TITLE), heading.year
    found.order_no = heading.order_no[:64] or found.order_no
    found.order_date = heading.order_date or found.order_date
    found.file_id = heading.file_id or found.file_id
    return found


async def _section(
    session: AsyncSession, roadmap_id: int, sections: dict[str, RoadmapSection], row: Row
) -> RoadmapSection:
    number = row.direction[:32] or "0"
    section = sections.get(number)
    if section is None:
        section = RoadmapSection(
            roadmap_id=roadmap_id, number=number, title=row.direction_title, place=len(sections) + 1
        )
        session.add(section)
        await session.flush()
        sections[number] = section
    elif row.direction_title and section.title != row.direction_title:
        section.title = row.direction_title
    return section


def _fill(measure: Measure, row: Row, section: RoadmapSection, place: int, year: int) -> bool:
    """Put the row's words into the measure; True when something became different."""
    words: dict[str, object] = {
        "title": cut(row.title or measure.title or row.measure, TITLE),
        "text": row.measure,
        "quote": row.quote,
        "source": row.source[:255],
        "deadline": row.deadline,
        "result": row.result,
        "result_kind": row.result_kind[:32],
        "targets": list(row.targets),
        "doubts": list(row.doubts),
        "task": row.task,
        "section_id": section.id,
    }
    if row.indicators is not None:
        words["indicators"] = list(row.indicators)
    if row.register is not None:
        words["register"] = row.register
    differs = {name for name, value in words.items() if getattr(measure, name) != value}
    for name in differs:
        setattr(measure, name, words[name])
    measure.place = place
    if measure.dropped_at is not None:
        measure.dropped_at, measure.unfolded_until = None, None
    if "deadline" in differs or not measure.schedule:
        measure.read_confirmed_at = None
        schedule.put(measure, year)
    return bool(differs)


async def _put_bodies(session: AsyncSession, measure: Measure, row: Row, known: dict[int, str]) -> bool:
    """The bodies of the row; parts that people have put right stay theirs."""
    kept = {part for part in measure.bodies_own if part not in (*row.own, *row.released)}
    own = sorted(kept | set(row.own))
    if own != measure.bodies_own:
        measure.bodies_own = own
    rows = await session.execute(
        select(MeasureBody.part, MeasureBody.name, MeasureBody.body_id).where(MeasureBody.measure_id == measure.id)
    )
    have = {(part, name): body_id for part, name, body_id in rows}
    wanted = {key: body_id for key, body_id in have.items() if key[0] in kept}
    for part, named in ((MeasurePart.responsible, row.responsible), (MeasurePart.executor, row.executors)):
        for one in named if part not in kept else ():
            wanted[part, one.name[:255]] = one.body_id if one.body_id in known else None
    if have == wanted:
        return False
    await session.execute(delete(MeasureBody).where(MeasureBody.measure_id == measure.id))
    session.add_all(
        MeasureBody(measure_id=measure.id, part=part, name=name, body_id=body_id)
        for (part, name), body_id in wanted.items()
    )
    await session.flush()
    return True


def _free_codes(rows: Sequence[Row], taken: dict[str, Measure]) -> Iterator[str]:
    named = {row.code for row in rows if row.code}
    return (code for n in range(1, 10**6) if (code := f"{n:03d}") not in taken and code not in named)
