"""Results from elsewhere: a table is read, matched to people, taken in by portions; doubts wait for a person.

What came is kept as it was given and is read-only; a second import of the same rows doubles nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import Database
from bot.errors import NotFound, UserError
from bot.models import (
    Attempt,
    AttemptState,
    CompetenceGroup,
    Employment,
    ExternalDoubt,
    ExternalImport,
    ExternalResult,
    FactKind,
    GroupResult,
    Instrument,
    InstrumentKind,
    InstrumentVersion,
    Organisation,
    Person,
    PersonState,
    Purpose,
    VersionGroup,
    VersionState,
)
from bot.rules import scoring
from bot.rules.words import folded
from bot.services import audit, facts
from bot.services.access import Right, Scope
from bot.services.diagnostics.external_reading import Reader, Record, group_titles, layout
from bot.services.importing import Problem, Progress, read_table
from bot.services.people_import.matching import Candidate, Status
from bot.services.people_import.reading import load_known

PORTION = 200
"""Rows of one transaction: the chats wait for it no longer than a blink."""

READ_PORTION = 500


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file: who it is, or why that is not certain, or what is wrong with it."""

    number: int
    status: Status
    record: Record | None
    person_id: int | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class ExternalPreview:
    """The file as it would be taken in. ``new`` has no meaning here: nobody is made from a result."""

    lines: tuple[Line, ...]
    unknown: tuple[str, ...]
    digest: str

    def count(self, status: Status) -> int:
        """Rows of a status."""
        return sum(line.status is status for line in self.lines)

    def of(self, status: Status, limit: int = 20) -> list[Line]:
        """The first rows of a status."""
        return [line for line in self.lines if line.status is status][:limit]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A row that waits: the record and whom it may be about."""

    id: int
    row: int
    record: Record
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One import in the list."""

    id: int
    source: str
    at: datetime
    total: int
    done: int
    saved: int
    repeated: int
    doubts: int
    finished: bool


async def preview(
    session: AsyncSession, scope: Scope, content: bytes, *, name: str, today: date, progress: Progress | None = None
) -> ExternalPreview:
    """Read, check and match a table. UserError when it cannot be used at all."""
    scope.require(Right.results_import)
    rules = layout()
    _, table = await asyncio.to_thread(read_table, content, name, {"external": rules.columns}, progress=progress)
    if not {"code", "full_name", "last_name"} & set(table.columns):
        expected = ", ".join(column.title for column in rules.columns)
        raise UserError("import-columns", missing=rules.title("full_name"), expected=expected)
    if not {"pct", "points"} & set(table.columns):
        expected = ", ".join(column.title for column in rules.columns)
        raise UserError("import-columns", missing=rules.title("pct"), expected=expected)
    reader = Reader(await load_known(session), await group_titles(session), today)
    lines: list[Line] = []
    for row in table.rows:
        record = None if row.problems else reader.read(row.values)
        problems = row.problems or tuple(reader.problems)
        lines.append(Line(row.number, Status.wrong, record, problems=problems))
        if len(lines) % READ_PORTION == 0:
            await asyncio.sleep(0)
            if progress is not None:
                progress(len(lines), len(table.rows))
    matched: list[Line] = []
    for start in range(0, len(lines), READ_PORTION):
        portion = lines[start : start + READ_PORTION]
        found = iter(await match(session, [line.record for line in portion if line.record is not None]))
        for line in portion:
            if line.record is None:
                matched.append(line)
                continue
            person_id, _ = next(found)
            status = Status.doubt if person_id is None else Status.same
            matched.append(Line(line.number, status, line.record, person_id))
    return ExternalPreview(tuple(matched), table.unknown, hashlib.sha256(content).hexdigest())


async def match(session: AsyncSession, records: Sequence[Record]) -> list[tuple[int | None, tuple[Candidate, ...]]]:
    """(person, namesakes) for each record. A name alone never decides: a namesake is another person.

    Certain is the code, or a name together with the school or the year of birth where nothing contradicts.
    """
    p, e, o = Person, Employment, Organisation
    names = sorted({folded(record.name) for record in records if record.name})
    codes = sorted({record.code for record in records if record.code})
    rows = await session.execute(
        select(p.id, p.sort, p.last_name, p.first_name, p.middle_name, p.birth_year, p.import_key,
               o.id.label("place_id"), o.short_name)
        .outerjoin(e, (e.person_id == p.id) & e.is_main & e.until.is_(None))
        .outerjoin(o, o.id == e.organisation_id)
        .where(or_(p.sort.in_(names), p.import_key.in_(codes)), p.state == PersonState.active)
        .order_by(p.id)
    )  # fmt: skip
    by_name: dict[str, dict[int, Any]] = defaultdict(dict)
    by_code: dict[str, int] = {}
    for row in rows:
        by_name[row.sort][row.id] = row
        if row.import_key:
            by_code[row.import_key] = row.id
    found: list[tuple[int | None, tuple[Candidate, ...]]] = []
    for record in records:
        here = list(by_name.get(folded(record.name), {}).values())
        coded = by_code.get(record.code) if record.code else None
        # A code that belongs to somebody of another name is a mistake of the table, not an answer.
        if coded is not None and (not record.name or any(row.id == coded for row in here)):
            found.append((coded, ()))
            continue
        fitting = [row for row in here if _agrees(record, row)]
        sure = [row for row in fitting if _confirms(record, row)]
        candidates = tuple(
            Candidate(
                row.id,
                " ".join(part for part in (row.last_name, row.first_name, row.middle_name) if part),
                row.short_name or "",
                row.birth_year,
            )
            for row in here
        )
        found.append((sure[0].id if len(sure) == 1 == len(fitting) else None, candidates))
    return found


def _agrees(record: Record, row: Any) -> bool:
    """Nothing that both know contradicts."""
    years = record.birth_year is None or row.birth_year is None or record.birth_year == row.birth_year
    return years and (record.organisation_id is None or row.place_id is None or record.organisation_id == row.place_id)


def _confirms(record: Record, row: Any) -> bool:
    """Something besides the name is the same."""
    if record.organisation_id is not None and record.organisation_id == row.place_id:
        return True
    return record.birth_year is not None and record.birth_year == row.birth_year


async def begin(session: AsyncSession, scope: Scope, looked: ExternalPreview, *, source: str, now: datetime) -> int:
    """Open an import of a previewed file (or the one of this file that has not ended); its id."""
    scope.require(Right.results_import)
    if source not in layout().sources:
        raise UserError("external-source")
    going = await session.scalar(
        select(ExternalImport.id).where(
            ExternalImport.digest == looked.digest,
            ExternalImport.source == source,
            ExternalImport.finished_at.is_(None),
        )
    )
    if going is not None:
        return going
    row = ExternalImport(source=source, digest=looked.digest, by_id=scope.person_id, at=now, total=len(looked.lines))
    session.add(row)
    await session.flush()
    audit.changed(session, scope, "external-import", row.id, "begun", now=now, after={"rows": len(looked.lines)})
    return row.id


async def apply_all(
    db: Database,
    scope: Scope,
    import_id: int,
    looked: ExternalPreview,
    *,
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Take the file in, a transaction a portion. A stop in the middle goes on with a repeat and doubles nothing."""
    async with db.read() as session:
        row = await session.get(ExternalImport, import_id)
        done = row.done if row is not None else len(looked.lines)
    for start in range(done, len(looked.lines), PORTION):
        async with db.begin() as session:
            await apply(session, scope, import_id, looked.lines[start : start + PORTION], now=now)
        if progress is not None:
            progress(min(start + PORTION, len(looked.lines)), len(looked.lines))
        await asyncio.sleep(0)
    async with db.begin() as session:
        await session.execute(
            update(ExternalImport)
            .where(ExternalImport.id == import_id, ExternalImport.finished_at.is_(None))
            .values(finished_at=now)
        )


async def apply(session: AsyncSession, scope: Scope, import_id: int, lines: Sequence[Line], *, now: datetime) -> None:
    """Take a portion in, matched anew; doubtful rows are put aside, wrong ones were shown in the preview."""
    scope.require(Right.results_import)
    running = await session.get_one(ExternalImport, import_id, with_for_update=True)
    asked = [line for line in lines if line.record is not None]
    matches = await match(session, [line.record for line in asked if line.record is not None])
    sure: list[tuple[int, Record]] = []
    doubts: list[dict[str, Any]] = []
    for line, (person_id, _) in zip(asked, matches, strict=True):
        assert line.record is not None
        if person_id is not None:
            sure.append((person_id, line.record))
        else:
            doubts.append({"import_id": import_id, "row": line.number, "record": line.record.as_json()})
    saved = await _save(session, running.source, import_id, sure, now=now)
    if doubts:
        await session.execute(insert(ExternalDoubt), doubts)
    running.done += len(lines)
    running.saved += saved
    running.repeated += len(sure) - saved
    await session.flush()


async def imports(session: AsyncSession, scope: Scope, *, limit: int = 20) -> list[ImportLine]:
    """The latest imports with how many doubts wait in each."""
    scope.require(Right.results_import)
    waiting = select(ExternalDoubt.import_id, func.count().label("n")).group_by(ExternalDoubt.import_id).subquery()
    rows = await session.execute(
        select(ExternalImport, waiting.c.n)
        .outerjoin(waiting, waiting.c.import_id == ExternalImport.id)
        .order_by(ExternalImport.id.desc())
        .limit(limit)
    )
    return [_line(row, doubts) for row, doubts in rows]


async def one(session: AsyncSession, scope: Scope, import_id: int) -> ImportLine:
    """One import as it stands."""
    scope.require(Right.results_import)
    row = await session.get(ExternalImport, import_id)
    if row is None:
        raise NotFound()
    doubts = await session.scalar(
        select(func.count()).select_from(ExternalDoubt).where(ExternalDoubt.import_id == import_id)
    )
    return _line(row, doubts)


def _line(row: ExternalImport, doubts: int | None) -> ImportLine:
    title = layout().sources.get(row.source, row.source)
    return ImportLine(
        row.id, title, row.at, row.total, row.done, row.saved, row.repeated, doubts or 0, row.finished_at is not None
    )


async def doubts_of(session: AsyncSession, scope: Scope, import_id: int, *, limit: int = 20) -> list[Doubt]:
    """Rows that wait for a decision, with those they may be about."""
    scope.require(Right.results_import)
    rows = (
        await session.scalars(
            select(ExternalDoubt).where(ExternalDoubt.import_id == import_id).order_by(ExternalDoubt.row).limit(limit)
        )
    ).all()
    records = [Record.from_json(row.record) for row in rows]
    matches = await match(session, records)
    return [
        Doubt(row.id, row.row, record, candidates)
        for row, record, (_, candidates) in zip(rows, records, matches, strict=True)
    ]


async def decide(session: AsyncSession, scope: Scope, doubt_id: int, person_id: int | None, *, now: datetime) -> None:
    """Say whom a doubtful row is about, or None: nobody of ours. The row's data go with the decision."""
    scope.require(Right.results_import)
    doubt = await session.get(ExternalDoubt, doubt_id)
    if doubt is None:
        raise NotFound("external-decided")
    record = Record.from_json(doubt.record)
    if person_id is not None:
        _, candidates = (await match(session, [record]))[0]
        if person_id not in {candidate.id for candidate in candidates}:
            raise UserError("external-not-a-candidate")
        running = await session.get_one(ExternalImport, doubt.import_id)
        saved = await _save(session, running.source, running.id, [(person_id, record)], now=now)
        running.saved += saved
        running.repeated += 1 - saved
    await session.execute(delete(ExternalDoubt).where(ExternalDoubt.id == doubt_id))
    audit.changed(
        session, scope, "external-import", doubt.import_id, "decided", now=now, after={"person": person_id or 0}
    )


@dataclass(frozen=True, slots=True)
class Given:
    """Where a result came from, for whoever sees the result."""

    source: str
    title: str
    subject: str
    taken_on: date
    level: str


async def given_of(session: AsyncSession, attempt_ids: Sequence[int]) -> dict[int, Given]:
    """By attempt: the source, the day and the words of the source."""
    if not attempt_ids:
        return {}
    e = ExternalResult
    sources = layout().sources
    return {
        row.attempt_id: Given(sources.get(row.source, row.source), row.title, row.subject, row.taken_on, row.level)
        for row in await session.scalars(select(e).where(e.attempt_id.in_(attempt_ids)))
    }


# --- inside ----------------------------------------------------------------------------------------


async def _save(
    session: AsyncSession, source: str, import_id: int, found: Sequence[tuple[int, Record]], *, now: datetime
) -> int:
    """Attempts, group results and facts of certain rows; how many were new."""
    prints = {_fingerprint(source, person_id, record): (person_id, record) for person_id, record in found}
    known = set(await session.scalars(select(ExternalResult.fingerprint).where(ExternalResult.fingerprint.in_(prints))))
    fresh = {mark: pair for mark, pair in prints.items() if mark not in known}
    if not fresh:
        return 0
    version_id, groups = await _version(session, source, {record.group for _, record in fresh.values()}, now=now)
    attempts: list[tuple[Attempt, str, Record]] = []
    for mark, (person_id, record) in fresh.items():
        moment = datetime.combine(record.taken_on, time(12), UTC)
        attempts.append(
            (
                Attempt(
                    person_id=person_id,
                    version_id=version_id,
                    purpose=Purpose.official,
                    state=AttemptState.finished,
                    started_at=moment,
                    touched_at=now,
                    finished_at=moment,
                    total_pct=record.pct,
                ),
                mark,
                record,
            )
        )
    session.add_all(attempt for attempt, _, _ in attempts)
    await session.flush()
    levels = [scoring.level_of(record.pct, scoring.TEST_CUTS) for _, _, record in attempts]
    await session.execute(
        insert(GroupResult),
        [
            {
                "attempt_id": attempt.id,
                "group_id": groups[record.group],
                "pct": record.pct,
                "sem": None,
                "deficit_level": level,
                "is_deficit": level in scoring.DEFICITS,
                "answered": 0,
                "total": 0,
            }
            for (attempt, _, record), level in zip(attempts, levels, strict=True)
        ],
    )
    await session.execute(
        insert(ExternalResult),
        [
            {
                "attempt_id": attempt.id,
                "import_id": import_id,
                "source": source,
                "title": record.title,
                "subject": record.subject,
                "taken_on": record.taken_on,
                "level": record.level,
                "fingerprint": mark,
            }
            for attempt, mark, record in attempts
        ],
    )
    evidence = {"version": version_id, "kind": InstrumentKind.external.value, "source": source}
    await facts.add_many(
        session,
        FactKind.diagnosed,
        [(attempt.person_id, record.taken_on, ("attempt", attempt.id), evidence) for attempt, _, record in attempts],
        now=now,
    )
    return len(fresh)


def _fingerprint(source: str, person_id: int, record: Record) -> str:
    words = (source, str(person_id), record.taken_on.isoformat(), folded(record.title), folded(record.subject))
    return hashlib.sha256("|".join((*words, record.group)).encode()).hexdigest()


async def _version(
    session: AsyncSession, source: str, groups: set[str], *, now: datetime
) -> tuple[int, dict[str, int]]:
    """The version that stands for a source; groups it has not met make the next one."""
    slug = f"external-{source}"
    instrument = await session.scalar(select(Instrument).where(Instrument.slug == slug))
    if instrument is None:
        instrument = Instrument(
            slug=slug, title=layout().sources[source], audience="teacher", kind=InstrumentKind.external
        )
        session.add(instrument)
        await session.flush()
    version = await session.scalar(
        select(InstrumentVersion)
        .where(InstrumentVersion.instrument_id == instrument.id)
        .order_by(InstrumentVersion.number.desc())
        .limit(1)
    )
    rows = (
        await session.execute(
            select(VersionGroup.slug, VersionGroup.id).where(VersionGroup.version_id == (version.id if version else 0))
        )
    ).all()
    known = {row.slug: row.id for row in rows}
    if version is not None and groups <= set(known):
        return version.id, known
    titles = {
        row.slug: row.title for row in await session.scalars(select(CompetenceGroup).order_by(CompetenceGroup.place))
    }
    made = InstrumentVersion(
        instrument_id=instrument.id,
        number=version.number + 1 if version else 1,
        # Verified by whoever made it: the protocol is not ours to show.
        state=VersionState.verified,
        cuts=dict(scoring.TEST_CUTS),
        scale=[],
        content_hash=slug,
        published_at=now,
    )
    session.add(made)
    await session.flush()
    wanted = [*titles, *sorted(groups - set(titles))]
    rows_made = [
        VersionGroup(version_id=made.id, slug=one, title=titles.get(one, one), place=place)
        for place, one in enumerate(wanted)
    ]
    session.add_all(rows_made)
    await session.flush()
    return made.id, {row.slug: row.id for row in rows_made}
