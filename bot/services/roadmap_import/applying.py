"""A reading becomes a roadmap: what would change is shown first, then written once; nothing is lost on a bad file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import SequenceMatcher

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import Body, MeasureBody, MeasurePart, Roadmap
from bot.models import Measure as Saved
from bot.rules import deadlines
from bot.rules.deadlines import Note
from bot.rules.roadmap_bodies import Directory, Mention, split_unknown
from bot.rules.roadmap_results import KINDS
from bot.rules.words import folded
from bot.services import roadmap
from bot.services.access import Right, Scope
from bot.services.roadmap import Heading, Named, Row, schedule
from bot.services.roadmap.saving import store
from bot.services.roadmap_import.directory import directory_of_region
from bot.services.roadmap_import.reading import Measure, Reading

LONGEST_TITLE = 200
MOST_COMPARED = 1_000_000
"""Pairs of deadlines that are looked at; a roadmap of a thousand measures is far below."""

_R, _E = MeasurePart.responsible, MeasurePart.executor

Say = Callable[[Note], str]
"""A doubt in the words of whoever asks (a page, the command)."""


@dataclass(frozen=True, slots=True)
class Fix:
    """What a person put in place of what was read. Bodies as typed: None when the field was not there."""

    title: str = ""
    deadline: str = ""
    skip: bool = False
    responsible: str | None = None
    executors: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row of the file beside the measure it is: ``new``, ``changed`` or ``same``."""

    place: int
    row: Measure
    code: str
    status: str
    title: str
    was: str = ""
    # Who stands in the fields: as read, or as a person has put it before.
    responsible: str = ""
    executors: str = ""
    own: tuple[MeasurePart, ...] = ()
    # What proves the measure, as a person has put it before; empty: by the words of the result.
    result_kind: str = ""

    @property
    def kind(self) -> str:
        """What proves the measure: chosen before, else by the words."""
        return self.result_kind or self.row.kind


@dataclass(frozen=True, slots=True)
class Plan:
    """What the file would do; ``dropped`` are measures of the present version that it does not name."""

    rows: tuple[PlannedRow, ...]
    dropped: tuple[tuple[str, str], ...]
    doubts: tuple[Note, ...] = ()

    def count(self, status: str) -> int:
        """How many rows stand so."""
        return sum(row.status == status for row in self.rows)

    @property
    def asking(self) -> list[PlannedRow]:
        """Rows that a person must look at."""
        return [row for row in self.rows if row.row.doubts]


@dataclass(frozen=True, slots=True)
class Choice:
    """A roadmap the file may be a new version of."""

    id: int
    title: str
    year: int
    version: int
    measures: int


async def choices(session: AsyncSession, scope: Scope) -> list[Choice]:
    """The roadmaps there are, the newest first."""
    scope.require(Right.roadmap_run)
    rows = await session.execute(
        select(Roadmap.id, Roadmap.title, Roadmap.year, Roadmap.version, func.count(Saved.id))
        .outerjoin(Saved, (Saved.roadmap_id == Roadmap.id) & Saved.dropped_at.is_(None))
        .group_by(Roadmap.id)
        .order_by(Roadmap.year.desc(), Roadmap.id.desc())
    )
    return [Choice(*row) for row in rows]


async def only_of(session: AsyncSession, year: int) -> int | None:
    """The one roadmap of a year, None when there is none. UserError when there are several."""
    found = list(await session.scalars(select(Roadmap.id).where(Roadmap.year == year).limit(2)))
    if len(found) > 1:
        raise UserError("road-apply-which")
    return found[0] if found else None


async def plan(session: AsyncSession, scope: Scope, reading: Reading, *, into: int | None) -> Plan:
    """The file against the present version of ``into``, or as a roadmap of its own."""
    scope.require(Right.roadmap_run)
    return await _plan(session, reading, into)


async def apply(
    session: AsyncSession,
    scope: Scope,
    reading: Reading,
    heading: Heading,
    *,
    into: int | None,
    say: Say,
    now: datetime,
    today: date,
    fixes: Mapping[int, Fix] | None = None,
    may_drop: bool = False,
) -> roadmap.Saved:
    """Write it. UserError when measures would leave the roadmap and nobody has said that they should."""
    scope.require(Right.roadmap_run)
    return await put(
        session, scope, reading, heading, into=into, say=say, now=now, today=today, fixes=fixes, may_drop=may_drop
    )


async def put(
    session: AsyncSession,
    scope: Scope,
    reading: Reading,
    heading: Heading,
    *,
    into: int | None,
    say: Say,
    now: datetime,
    today: date,
    fixes: Mapping[int, Fix] | None = None,
    may_drop: bool = False,
) -> roadmap.Saved:
    """``apply`` without the question of rights: for the command."""
    fixes = fixes or {}
    planned = await _plan(session, reading, into)
    kept = [one for one in planned.rows if not fixes.get(one.place, Fix()).skip]
    if not kept:
        raise UserError("road-apply-nothing")
    skipped = [one for one in planned.rows if one not in kept and one.status != "new"]
    if (planned.dropped or skipped) and not may_drop:
        raise UserError("road-apply-drops", count=len(planned.dropped) + len(skipped))
    for one in kept:
        phrase = fixes.get(one.place, Fix()).deadline
        if phrase and not _reads(phrase, heading.year):
            raise UserError("road-apply-deadline", text=phrase[:60])
    if into is not None and not heading.title:
        heading = replace(heading, title=(await session.get_one(Roadmap, into)).title)
    known = select(Body.code, Body.id, Body.abbreviation)
    bodies = {code: (number, name) for code, number, name in await session.execute(known)}
    directory = await directory_of_region(session)
    rows = [_row(one, fixes.get(one.place, Fix()), bodies, directory, say) for one in kept]
    done = await store(session, scope, heading, rows, into=into, now=now, today=today)
    own = {one.code: fixes[one.place].deadline for one in kept if one.place in fixes and fixes[one.place].deadline}
    if own:
        road = await session.get_one(Roadmap, done.roadmap_id)
        chosen = select(Saved).where(Saved.roadmap_id == done.roadmap_id, Saved.code.in_(own))
        for measure in list(await session.scalars(chosen)):
            measure.deadline_own, measure.read_confirmed_at = own[measure.code], now
            schedule.put(measure, road.year)
            await schedule.unfold(session, measure, road, today=today, now=now)
    return done


async def _plan(session: AsyncSession, reading: Reading, into: int | None) -> Plan:
    present: list[Saved] = []
    year = 0
    if into is not None:
        found = await session.get(Roadmap, into)
        if found is None:
            raise NotFound()
        year = found.year
        present = list(
            await session.scalars(
                select(Saved)
                .where(Saved.roadmap_id == into, Saved.dropped_at.is_(None))
                .order_by(Saved.place, Saved.id)
            )
        )
    pairs = _pairs(reading.measures, present, year)
    bodies: dict[tuple[int, str], list[str]] = defaultdict(list)
    put_right = [measure.id for measure in present if measure.bodies_own]
    named = select(MeasureBody.measure_id, MeasureBody.part, MeasureBody.name).order_by(MeasureBody.id)
    for measure_id, part, name in await session.execute(named.where(MeasureBody.measure_id.in_(put_right))):
        bodies[measure_id, part].append(name)
    taken = {measure.code for measure in present}
    free = (code for number in range(1, 10**6) if (code := f"{number:03d}") not in taken)
    rows = []
    for place, row in enumerate(reading.measures):
        measure = pairs.get(place)
        read = {_R: _texts(row.responsible), _E: _texts(row.executors)}
        if measure is None:
            title = row.measure[:LONGEST_TITLE]
            rows.append(PlannedRow(place, row, next(free), "new", title, "", read[_R], read[_E]))
            continue
        if measure.result_kind:
            row.doubts = [note for note in row.doubts if note.key != "road-read-kind-from-title"]
        own = tuple(MeasurePart(part) for part in measure.bodies_own)
        names = {**read, **{part: "; ".join(bodies[measure.id, part]) for part in own}}
        same = (measure.text, measure.deadline, measure.result) == (row.measure, row.deadline_raw, row.result)
        moved = _meaning(measure.deadline, year) != _meaning(row.deadline_raw, year)
        was = measure.deadline if moved else ""
        status = "same" if same else "changed"
        rows.append(
            PlannedRow(
                place, row, measure.code, status, measure.title, was, names[_R], names[_E], own, measure.result_kind
            )
        )  # fmt: skip
    met = {measure.id for measure in pairs.values()}
    dropped = tuple((measure.code, measure.title) for measure in present if measure.id not in met)
    return Plan(tuple(rows), dropped, tuple(reading.doubts))


def _pairs(rows: Sequence[Measure], present: Sequence[Saved], year: int) -> dict[int, Saved]:
    """Which row is which measure: by the order's words; where none were loaded yet, by the run of deadlines."""
    pairs: dict[int, Saved] = {}
    by_words: dict[str, list[Saved]] = {}
    for measure in present:
        if measure.text:
            by_words.setdefault(folded(measure.text), []).append(measure)
    for place, row in enumerate(rows):
        same = by_words.get(folded(row.measure), []) if row.measure else []
        if same:
            pairs[place] = same.pop(0)
    taken = {measure.id for measure in pairs.values()}
    rest = [place for place in range(len(rows)) if place not in pairs]
    left = [measure for measure in present if measure.id not in taken]
    mine = [_meaning(rows[place].deadline_raw, year) for place in rest]
    its = [_meaning(measure.deadline, year) for measure in left]
    if len(mine) * len(its) > MOST_COMPARED:
        return pairs
    for block in SequenceMatcher(None, mine, its, autojunk=False).get_matching_blocks():
        for step in range(block.size):
            pairs[rest[block.a + step]] = left[block.b + step]
    return pairs


def _meaning(phrase: str, year: int) -> str:
    """Two spellings of one deadline mean the same."""
    found = deadlines.read(phrase, year or 2000) if phrase else None
    if found is None or found.error is not None:
        return folded(phrase)
    return f"{found.kind} {found.occurrences[:12]} {found.rrule} {found.start} {found.end} {found.date_source}"


def _reads(phrase: str, year: int) -> bool:
    found = deadlines.read(phrase, year)
    return bool(found.kind) and found.error is None and found.conflict is None


def _row(
    one: PlannedRow, fix: Fix, bodies: Mapping[str, tuple[int, str]], directory: Directory | None, say: Say
) -> Row:
    row = one.row
    title = fix.title[:LONGEST_TITLE]
    if not title and not row.measure and not one.title:
        title = say(Note("road-read-untitled"))
    mentions = {MeasurePart.responsible: row.responsible, MeasurePart.executor: row.executors}
    own: list[MeasurePart] = []
    released: list[MeasurePart] = []
    for part, typed, shown in (
        (MeasurePart.responsible, fix.responsible, one.responsible),
        (MeasurePart.executor, fix.executors, one.executors),
    ):
        if typed is None or folded(typed) == folded(shown):
            continue
        if typed.strip():
            mentions[part] = directory.find([typed]) if directory is not None else split_unknown([typed])
            own.append(part)
        else:
            released.append(part)
    return Row(
        measure=row.measure, deadline=row.deadline_raw, responsible=_named(mentions[MeasurePart.responsible], bodies),
        executors=_named(mentions[MeasurePart.executor], bodies), result=row.result,
        result_kind=fix.kind if fix.kind in KINDS and fix.kind != (one.kind or "other") else one.kind,
        code=one.code, title=title,
        direction=row.direction, direction_title=row.direction_title, task=row.task, targets=tuple(row.targets),
        quote=row.quote, source=say(Note("road-read-source", {"places": ", ".join(map(str, row.places))})),
        doubts=tuple(say(note) for note in row.doubts), own=tuple(own), released=tuple(released),
    )  # fmt: skip


def _texts(mentions: Sequence[Mention]) -> str:
    return "; ".join(mention.text for mention in mentions)


def _named(mentions: Sequence[Mention], bodies: Mapping[str, tuple[int, str]]) -> tuple[Named, ...]:
    """The bodies as they are saved: a name in brackets is a body of its own."""
    found: dict[str, Named] = {}
    for mention in mentions:
        first = next((bodies[code][0] for code in mention.codes[:1] if code in bodies), None)
        found.setdefault(mention.text, Named(mention.text, first))
        for code in mention.codes[1:]:
            if code in bodies:
                found.setdefault(bodies[code][1], Named(bodies[code][1], bodies[code][0]))
    return tuple(found.values())
