"""Next year's roadmap out of what goes on from year to year: proposed, put right by a person, then a draft."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    Measure,
    MeasureBody,
    MeasurePart,
    MeasurePerson,
    Person,
    PersonState,
    Roadmap,
    RoadmapFormat,
    RoadmapSection,
)
from bot.rules import deadlines
from bot.services.access import Right, Scope
from bot.services.roadmap.saving import Heading, Named, Row, Saved, store

LASTING = frozenset(("recurring", "recurring_window", "continuous", "mixed"))
"""Classes of the grammar that go on by themselves; the others were for once."""

SHOWN = 4


@dataclass(frozen=True, slots=True)
class Proposed:
    """A measure and what it would be next year. Without ``lasting`` it was for once and has no deadline yet."""

    id: int
    code: str
    title: str
    section: str
    was: str
    deadline: str
    days: tuple[date, ...]
    lasting: bool
    bodies: str
    # The deadline is another than the document's: its words would mean other days in the new year.
    put_right: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """The roadmap of ``year`` as it would be; ``present`` is one that was made already."""

    roadmap_id: int
    title: str
    year: int
    measures: tuple[Proposed, ...]
    present: int | None

    @property
    def lasting(self) -> int:
        """Measures that go on by themselves."""
        return sum(one.lasting for one in self.measures)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a person decided about one measure."""

    take: bool
    deadline: str


async def propose(session: AsyncSession, scope: Scope, roadmap_id: int, *, year: int | None = None) -> Proposal:
    """Every measure of a roadmap with its deadline in the next year; nothing is written."""
    scope.require(Right.roadmap_run)
    plan = await session.get(Roadmap, roadmap_id)
    if plan is None:
        raise NotFound()
    year = year or plan.year + 1
    if not plan.year < year <= plan.year + 10:
        raise NotFound()
    bodies = await _bodies(session, roadmap_id)
    rows = await session.execute(
        select(Measure, RoadmapSection.number)
        .join(RoadmapSection, RoadmapSection.id == Measure.section_id)
        .where(Measure.roadmap_id == roadmap_id, Measure.dropped_at.is_(None))
        .order_by(RoadmapSection.place, Measure.place, Measure.id)
    )
    measures = tuple(_proposed(measure, number, plan.year, year, bodies) for measure, number in rows)
    present = await session.scalar(
        select(Roadmap.id).where(Roadmap.grown_from_id == roadmap_id, Roadmap.year == year).limit(1)
    )
    return Proposal(plan.id, plan.title, year, measures, present)


async def apply(
    session: AsyncSession,
    scope: Scope,
    roadmap_id: int,
    year: int,
    title: str,
    chosen: Mapping[int, Taken],
    *,
    now: datetime,
    today: date,
) -> Saved:
    """The draft of what was chosen. UserError for a deadline that is not understood, and for a second time.

    Its days begin with 1 January; the order's own words come with the new order.
    """
    scope.require(Right.roadmap_run)
    await session.execute(select(Roadmap.id).where(Roadmap.id == roadmap_id).with_for_update())
    proposal = await propose(session, scope, roadmap_id, year=year)
    if proposal.present is not None:
        raise UserError("error-roadmap-next-present")
    taken = [(one, chosen[one.id].deadline) for one in proposal.measures if one.id in chosen and chosen[one.id].take]
    if not taken:
        raise UserError("error-roadmap-next-nothing")
    for one, phrase in taken:
        found = deadlines.read(phrase, year) if phrase else None
        if found is None or found.error or found.conflict or not found.kind:
            raise UserError("error-roadmap-next-deadline", code=one.code, text=phrase[:60])
    rows = await _rows(session, roadmap_id, [(one.id, phrase) for one, phrase in taken])
    heading = Heading(title.strip() or proposal.title, year, runs_since=date(year, 1, 1))
    done = await store(session, scope, heading, rows, now=now, today=today)
    made = await session.get_one(Roadmap, done.roadmap_id)
    made.grown_from_id = roadmap_id
    await _take_along(session, roadmap_id, made.id, now)
    await session.flush()
    return done


def _proposed(
    measure: Measure, section: str, before: int, year: int, bodies: Mapping[tuple[int, MeasurePart], list[Named]]
) -> Proposed:
    phrase = measure.deadline_own or measure.deadline
    names = ", ".join(named.name for named in bodies.get((measure.id, MeasurePart.responsible), []))
    found = deadlines.read(phrase, before, until=date(year, 12, 31))
    goes_on = not (found.error or found.conflict) and found.kind in LASTING
    days = tuple(due for _, due in found.occurrences if due.year == year)
    ended = found.end is not None and found.end < date(year, 1, 1)
    # Every third year and the like: nothing is due in this one.
    rests = not days and (bool(found.occurrences) or found.kind in ("recurring", "recurring_window"))
    if not goes_on or ended or rests:
        return Proposed(measure.id, measure.code, measure.title, section, phrase, "", (), lasting=False, bodies=names)
    anew = deadlines.read(phrase, year, until=date(year, 12, 31))
    same = tuple(due for _, due in anew.occurrences if due.year == year) == days and anew.kind == found.kind
    said = phrase if same else ", ".join(f"до {day:%d.%m.%Y}" for day in days)
    return Proposed(
        measure.id, measure.code, measure.title, section, phrase, said, days[:SHOWN], lasting=True, bodies=names,
        put_right=not same,
    )  # fmt: skip


async def _bodies(session: AsyncSession, roadmap_id: int) -> dict[tuple[int, MeasurePart], list[Named]]:
    found: dict[tuple[int, MeasurePart], list[Named]] = defaultdict(list)
    rows = await session.execute(
        select(MeasureBody.measure_id, MeasureBody.part, MeasureBody.name, MeasureBody.body_id)
        .join(Measure, Measure.id == MeasureBody.measure_id)
        .where(Measure.roadmap_id == roadmap_id)
        .order_by(MeasureBody.id)
    )
    for measure_id, part, name, body_id in rows:
        found[measure_id, part].append(Named(name, body_id))
    return found


async def _rows(session: AsyncSession, roadmap_id: int, taken: list[tuple[int, str]]) -> list[Row]:
    bodies = await _bodies(session, roadmap_id)
    chosen = select(Measure, RoadmapSection).join(RoadmapSection, RoadmapSection.id == Measure.section_id)
    rows = await session.execute(chosen.where(Measure.id.in_([number for number, _ in taken])))
    known = {measure.id: (measure, section) for measure, section in rows}
    made = []
    for number, phrase in taken:
        measure, section = known[number]
        made.append(
            Row(
                measure="", deadline=phrase, responsible=tuple(bodies.get((number, MeasurePart.responsible), ())),
                executors=tuple(bodies.get((number, MeasurePart.executor), ())), result=measure.result,
                result_kind=measure.result_kind, code=measure.code, title=measure.title, direction=section.number,
                direction_title=section.title, task=measure.task, targets=tuple(measure.targets),
                indicators=tuple(measure.indicators), register=measure.register,
            )
        )  # fmt: skip
    return made


async def _take_along(session: AsyncSession, before: int, after: int, now: datetime) -> None:
    """Persons appointed to a measure, its bodies put right and the named formats go on with it."""
    codes = dict((await session.execute(select(Measure.code, Measure.id).where(Measure.roadmap_id == after))).all())
    rows = await session.execute(
        select(Measure.code, MeasurePerson.part, MeasurePerson.person_id)
        .join(Measure, Measure.id == MeasurePerson.measure_id)
        .join(Person, Person.id == MeasurePerson.person_id)
        .where(Measure.roadmap_id == before, Person.state == PersonState.active)
        .order_by(MeasurePerson.id)
    )
    session.add_all(
        MeasurePerson(measure_id=codes[code], part=part, person_id=person_id, at=now)
        for code, part, person_id in rows
        if code in codes
    )
    formats = await session.scalars(select(RoadmapFormat).where(RoadmapFormat.roadmap_id == before))
    for one in list(formats):
        measures = [code for code in one.measures if code in codes]
        if measures:
            session.add(
                RoadmapFormat(
                    roadmap_id=after, place=one.place, title=one.title, period="", audience=one.audience,
                    measures=measures,
                )
            )  # fmt: skip
